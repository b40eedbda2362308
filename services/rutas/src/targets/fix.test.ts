import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fix, isOlder, judge, plausible, type Suspect } from './fix.ts'

const fix = (given: Partial<Fix>): Fix => ({
  time: 0,
  ownTime: true,
  lat: 0,
  lon: 0,
  speed: null,
  course: null,
  heading: null,
  status: null,
  ...given,
})
const miles = (count: number) => count / 60

describe('what a ship can do', () => {
  it('is 60 knots between two fixes with their own time', () => {
    const minute = 60_000
    expect(plausible(fix({}), fix({ lat: miles(0.99), time: minute }))).toBe(true)
    expect(plausible(fix({}), fix({ lat: miles(1.01), time: minute }))).toBe(false)
  })

  it('is 10 nautical miles when the time of either is not its own', () => {
    for (const ownTime of [
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      const from = fix({ ownTime: ownTime[0] })
      const to = { ownTime: ownTime[1], time: 1 }
      expect(plausible(from, fix({ ...to, lat: miles(9.9) }))).toBe(true)
      expect(plausible(from, fix({ ...to, lat: miles(10.1) }))).toBe(false)
    }
  })

  it('allows two fixes in one second', () => {
    expect(plausible(fix({}), fix({ lat: miles(0.01) }))).toBe(true)
    expect(plausible(fix({}), fix({ lat: miles(1) }))).toBe(false)
  })
})

describe('a new fix', () => {
  const arrival = 10_000_000
  const last = fix({ time: 1_000_000 })
  const suspect: Suspect = { time: 1_010_000, ownTime: true, lat: 5, lon: 5, messageId: '1' }

  it('moves a ship that was nowhere', () => {
    expect(judge(fix({ lat: 80 }), { last: null, suspect: null, arrival })).toBe('moves')
  })

  it('is late when it is older than the last', () => {
    expect(judge(fix({ time: 999_999 }), { last, suspect, arrival })).toBe('late')
    expect(judge(fix({ time: 1_000_000 }), { last, suspect, arrival })).toBe('moves')
  })

  it('is not late for a last fix whose clock was ahead, and moves the ship from there', () => {
    const hour = 3_600_000
    const ahead = fix({ time: arrival + 20 * hour })
    const known = { last: ahead, suspect: null, arrival }
    expect(judge(fix({ time: arrival, lat: miles(9) }), known)).toBe('moves')
    expect(judge(fix({ time: arrival, lat: miles(11) }), known)).toBe('quarantined')
    // Of two that are both ahead the older is late, as everywhere.
    expect(judge(fix({ time: arrival + hour }), known)).toBe('late')
    expect(isOlder({ time: 0, arrival: 0 }, 60_000)).toBe(true)
    expect(isOlder({ time: 0, arrival: 0 }, 60_001)).toBe(false)
  })

  it('is quarantined when the ship cannot have come there, until a second agrees', () => {
    const there = fix({ time: 1_020_000, lat: 5.0001, lon: 5 })
    expect(judge(there, { last, suspect: null, arrival })).toBe('quarantined')
    expect(judge(there, { last, suspect, arrival })).toBe('confirms')
    expect(judge(fix({ time: 1_020_000, lat: -5 }), { last, suspect, arrival })).toBe('quarantined')
  })

  it('never moves a ship faster than it can go without a second fix that agrees', () => {
    const near = fc.record({
      time: fc.integer({ min: 1_000_000, max: 5_000_000 }),
      lat: fc.double({ min: -2, max: 2, noNaN: true }),
      lon: fc.double({ min: -2, max: 2, noNaN: true }),
      ownTime: fc.boolean(),
    })
    fc.assert(
      fc.property(near, (given) => {
        const verdict = judge(fix(given), { last, suspect: null, arrival })
        expect(verdict).toBe(plausible(last, fix(given)) ? 'moves' : 'quarantined')
      }),
    )
  })
})
