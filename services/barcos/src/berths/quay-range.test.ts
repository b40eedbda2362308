import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bollard, metreOfBollard, metresOfBollards, metresOfRange } from './quay-range.ts'

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
    expect(pointersOf({ fromBollard: '1', fromMetre: 5 })).toEqual(['#/toBollard', '#/fromBollard'])
    expect(pointersOf({ fromBollard: '1', toBollard: '2', toMetre: 5 })).toEqual(['#/fromBollard'])
    expect(pointersOf({ fromMetre: 100, toMetre: 100 })).toEqual(['#/toMetre'])
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
