import { describe, expect, it } from 'vitest'
import { berthFaults, reservationFaults } from './berth.ts'
import type { Bollard } from './quay-range.ts'

const bollards: Bollard[] = [
  { number: '1', metre: 0 },
  { number: '2', metre: 25 },
  { number: '3A', metre: 50.5 },
  { number: '4', metre: 400 },
]
const quay = { quayLength: 400, bollards }
describe('a berth', () => {
  it('has bollards on its quay, each with a number of its own, further than the one before', () => {
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
