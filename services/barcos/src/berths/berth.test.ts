import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  berthFaults,
  type Bollard,
  metreOfBollard,
  metresOfBollards,
  metresOfRange,
  reservationFaults,
} from './berth.ts'

const bollards: Bollard[] = [
  { number: '1', metre: 0 },
  { number: '2', metre: 25 },
  { number: '3A', metre: 50.5 },
  { number: '4', metre: 400 },
]
const quay = { quayLength: 400, bollards }
const pointersOf = (range: object) => {
  const result = metresOfRange(quay, range)
  return 'faults' in result ? result.faults.map(({ pointer }) => pointer) : result
}

describe('bollards', () => {
  it('are found by their number', () => {
    expect(metreOfBollard(bollards, '3A')).toBe(50.5)
    expect(metreOfBollard(bollards, '3')).toBeNull()
  })

  it('mark a stretch in either order', () => {
    const metres = { fromMetre: 25, toMetre: 50.5 }
    expect(metresOfBollards(quay, { from: '2', to: '3A' })).toEqual({ metres })
    expect(metresOfBollards(quay, { from: '3A', to: '2' })).toEqual({ metres })
  })

  it('mark none when one is not there, each being named', () => {
    expect(metresOfBollards(quay, { from: '9', to: '10' })).toEqual({
      faults: [
        {
          pointer: '#/fromBollard',
          detail: { en: 'the berth has no bollard 9', es: 'el atraque no tiene la bita 9' },
        },
        {
          pointer: '#/toBollard',
          detail: { en: 'the berth has no bollard 10', es: 'el atraque no tiene la bita 10' },
        },
      ],
    })
  })

  it('mark none when both are the same', () => {
    expect(metresOfBollards(quay, { from: '2', to: '2' })).toMatchObject({
      faults: [{ pointer: '#/toBollard' }],
    })
  })

  it('are on the quay, each with a number of its own, further than the one before', () => {
    const wrong = [
      { number: '1', metre: 10 },
      { number: '2', metre: 10 },
      { number: '1', metre: 401 },
    ]
    const faults = berthFaults({ UNLocationCode: 'ESALG', quayLength: 400, bollards: wrong })
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '#/bollards/1/metre',
      '#/bollards/2/number',
      '#/bollards/2/metre',
    ])
    expect(berthFaults({ UNLocationCode: 'ESALG', ...quay })).toEqual([])
  })
})

describe('a stretch of a quay', () => {
  it('is the whole quay unless something is said of it', () => {
    expect(metresOfRange(quay, {})).toEqual({ metres: { fromMetre: 0, toMetre: 400 } })
    expect(metresOfRange(quay, { fromMetre: 100 })).toEqual({
      metres: { fromMetre: 100, toMetre: 400 },
    })
    expect(metresOfRange(quay, { toMetre: 100 })).toEqual({
      metres: { fromMetre: 0, toMetre: 100 },
    })
  })

  it('is given by bollards as well', () => {
    expect(metresOfRange(quay, { fromBollard: '4', toBollard: '2' })).toEqual({
      metres: { fromMetre: 25, toMetre: 400 },
    })
  })

  it('is not given by half, by both, backwards or off the quay', () => {
    expect(pointersOf({ fromBollard: '1' })).toEqual(['#/toBollard'])
    expect(pointersOf({ toBollard: '1' })).toEqual(['#/fromBollard'])
    expect(pointersOf({ fromBollard: '1', toBollard: '2', toMetre: 5 })).toEqual(['#'])
    expect(pointersOf({ fromMetre: 100, toMetre: 100 })).toEqual(['#/fromMetre'])
    expect(pointersOf({ fromMetre: 500 })).toEqual(['#/fromMetre'])
    expect(pointersOf({ toMetre: 400.1 })).toEqual(['#/toMetre'])
  })

  it('lies on the quay and has a length whatever is asked for', () => {
    const metre = fc.option(fc.double({ min: 0, max: 10_000, noNaN: true }), { nil: undefined })
    const number = fc.option(fc.constantFrom('1', '2', '3A', '4', '9'), { nil: undefined })
    fc.assert(
      fc.property(metre, metre, number, number, (fromMetre, toMetre, fromBollard, toBollard) => {
        const result = metresOfRange(quay, { fromMetre, toMetre, fromBollard, toBollard })
        if ('faults' in result) {
          expect(result.faults.length).toBeGreaterThan(0)
          return
        }
        expect(result.metres.fromMetre).toBeGreaterThanOrEqual(0)
        expect(result.metres.toMetre).toBeLessThanOrEqual(quay.quayLength)
        expect(result.metres.fromMetre).toBeLessThan(result.metres.toMetre)
      }),
    )
  })
})

describe('a berth', () => {
  it('has a facility code with the provider of its list, or neither', () => {
    const berth = { UNLocationCode: 'ESALG', quayLength: 400, bollards: [] }
    expect(berthFaults({ ...berth, facilityCode: 'JC1' })).toMatchObject([
      { pointer: '#/facilityCodeListProvider' },
    ])
    expect(berthFaults({ ...berth, facilityCodeListProvider: 'SMDG' })).toMatchObject([
      { pointer: '#/facilityCode' },
    ])
    expect(
      berthFaults({ ...berth, facilityCode: 'JC1', facilityCodeListProvider: 'SMDG' }),
    ).toEqual([])
  })
})

describe('a reservation in the way', () => {
  it('is named with its metres, and its window on the port’s clocks', () => {
    const reserved = {
      id: '0193',
      berthId: '0195',
      portCallId: '0194',
      vesselName: 'Algeciras Star',
      fromMetre: 0,
      toMetre: 200.5,
      // The night the clocks go back: two o'clock comes twice.
      startsAt: new Date('2026-10-25T00:30:00Z'),
      endsAt: new Date('2026-10-25T01:30:00Z'),
    }
    const place = { pointer: '#', timeZone: 'Europe/Madrid' }
    const [fault] = reservationFaults([reserved], 'BLOCK_CLEAR_OF_RESERVATIONS', place)
    expect(fault).toMatchObject({
      pointer: '#',
      code: 'BLOCK_CLEAR_OF_RESERVATIONS',
      detail: {
        en: '0 m to 200.5 m is reserved for Algeciras Star from 2026-10-25T02:30:00+02:00[Europe/Madrid] to 2026-10-25T02:30:00+01:00[Europe/Madrid]',
        es: expect.stringContaining('de 0 m a 200,5 m está reservado para Algeciras Star de 2026'),
      },
      conflictsWith: {
        kind: 'RESERVATION',
        id: '0193',
        berthId: '0195',
        portCallId: '0194',
        fromMetre: 0,
        toMetre: 200.5,
        startsAt: '2026-10-25T00:30:00.000Z',
        endsAt: '2026-10-25T01:30:00.000Z',
      },
    })
  })
})
