import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inTheWay } from '../reservations/free-quay.ts'
import type { Margins } from '../reservations/margins.ts'
import { bySoonest, soonestOpening, stayOf } from './berth-suggestion.ts'

const margins: Margins = {
  gap: 3,
  gapShare: 0.1,
  underKeel: 0,
  underKeelShare: 0.1,
  overhead: 1,
  tide: 0,
}
const at = (hour: number) => new Date(hour * 3_600_000)
const hours = (n: number) => n * 3_600_000
const taken = (metres: [number, number], window: [number, number]) => ({
  fromMetre: metres[0],
  toMetre: metres[1],
  startsAt: at(window[0]),
  endsAt: at(window[1]),
  lengthOverall: metres[1] - metres[0],
})
const sought = { lengthOverall: 40, quayLength: 100, margins }
const stay = (from: number, until: number, length: number) => ({
  from: at(from),
  until: at(until),
  milliseconds: hours(length),
})

describe('the soonest opening at a berth', () => {
  it('is at once on an empty quay, and for as long as nobody comes', () => {
    expect(soonestOpening(sought, [], stay(5, 100, 10))).toEqual({
      fromMetre: 4,
      toMetre: 44,
      leftover: 52,
      startsAt: at(5),
      endsAt: at(15),
      freeUntil: null,
    })
    const later = taken([0, 100], [20, 30])
    expect(soonestOpening(sought, [later], stay(5, 100, 10))?.freeUntil).toEqual(at(20))
  })

  it('is when the first one leaves whose metres suffice', () => {
    const first = taken([0, 45], [0, 12])
    const second = taken([52, 100], [0, 9])
    expect(soonestOpening(sought, [first, second], stay(5, 100, 10))).toMatchObject({
      fromMetre: 49.5,
      startsAt: at(9),
    })
  })

  it('is not between two ships when the stay is longer', () => {
    const both = [taken([0, 100], [0, 10]), taken([0, 100], [19, 30])]
    expect(soonestOpening(sought, both, stay(5, 100, 10))?.startsAt).toEqual(at(30))
    expect(soonestOpening(sought, both, stay(5, 100, 9))?.startsAt).toEqual(at(10))
    expect(soonestOpening(sought, both, stay(5, 39, 10))).toBeNull()
  })

  it('is in the place that leaves least over', () => {
    const wide = { ...sought, quayLength: 300 }
    const middle = taken([100, 150], [0, 20])
    expect(soonestOpening(wide, [middle], stay(5, 100, 10))).toMatchObject({
      fromMetre: 4,
      leftover: 51,
    })
  })

  it('is missed by no hour, and free, on any small quay', () => {
    const occupancies = fc.array(
      fc.record({
        from: fc.integer({ min: 0, max: 90 }),
        length: fc.integer({ min: 1, max: 60 }),
        starts: fc.integer({ min: 0, max: 40 }),
        lasts: fc.integer({ min: 1, max: 15 }),
        isBlock: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    const own = fc.integer({ min: 10, max: 60 })
    const days = fc.record({
      from: fc.integer({ min: 0, max: 20 }),
      look: fc.integer({ min: 1, max: 50 }),
      length: fc.integer({ min: 1, max: 20 }),
    })
    fc.assert(
      fc.property(own, occupancies, days, (lengthOverall, given, { from, look, length }) => {
        const ship = { lengthOverall, quayLength: 100, margins }
        const all = given.map((each) => ({
          ...taken([each.from, each.from + each.length], [each.starts, each.starts + each.lasts]),
          ...(each.isBlock ? { lengthOverall: null } : {}),
        }))
        const until = from + look
        const isFree = (tenth: number, begin: number): boolean => {
          const hull = { fromMetre: tenth / 10, toMetre: tenth / 10 + lengthOverall }
          const gap = Math.max(3, lengthOverall / 10)
          const onQuay = hull.fromMetre >= gap - 1e-6 && hull.toMetre + gap <= 100 + 1e-6
          const within = all.filter(
            ({ startsAt, endsAt }) => startsAt < at(begin + length) && at(begin) < endsAt,
          )
          return onQuay && inTheWay(hull, within, ship).length === 0
        }
        // Everything begins and ends at a whole hour, and every bound is a multiple of a tenth.
        let soonest: number | null = null
        for (let begin = from; begin + length <= until && soonest === null; begin++) {
          for (let tenth = 0; tenth <= 1_000 && soonest === null; tenth++) {
            if (isFree(tenth, begin)) soonest = begin
          }
        }
        const within = all.filter(
          ({ startsAt, endsAt }) => startsAt < at(until) && at(from) < endsAt,
        )
        const found = soonestOpening(ship, within, stay(from, until, length))
        expect(found?.startsAt ?? null).toEqual(soonest === null ? null : at(soonest))
        if (found && soonest !== null) {
          expect(isFree(Math.round(found.fromMetre * 10), soonest)).toBe(true)
          const metres = found.toMetre - found.fromMetre
          expect(metres).toBeCloseTo(lengthOverall, 3)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('the order of suggestions', () => {
  it('is by time, then by what is left over, then by code', () => {
    const opening = { fromMetre: 0, toMetre: 1, endsAt: at(9), freeUntil: null }
    const each = (code: string, hour: number, leftover: number) => ({
      berth: { code },
      opening: { ...opening, startsAt: at(hour), leftover },
    })
    const given = [each('D', 2, 1), each('C', 1, 9), each('B', 1, 5), each('A', 1, 9)]
    expect(given.toSorted(bySoonest).map(({ berth }) => berth.code)).toEqual(['B', 'A', 'C', 'D'])
  })
})

describe('the stay that is looked for', () => {
  const now = at(100)

  it('is the declared one unless another is asked for', () => {
    const declared = { eta: at(110), etd: at(130), now }
    expect(stayOf({}, declared)).toEqual({
      stay: { from: at(110), until: at(110 + 14 * 24), milliseconds: hours(20) },
      faults: [],
    })
    const asked = { from: at(10).toISOString(), until: at(40).toISOString(), hours: 0.5 }
    expect(stayOf(asked, declared)).toEqual({
      stay: { from: at(10), until: at(40), milliseconds: hours(0.5) },
      faults: [],
    })
    expect(stayOf({}, { ...declared, eta: at(90) }).stay).toMatchObject({
      from: now,
      milliseconds: hours(40),
    })
  })

  it('needs a length, and time enough', () => {
    const pointersOf = (...given: Parameters<typeof stayOf>) =>
      stayOf(...given).faults.map(({ pointer }) => pointer)
    expect(pointersOf({}, { eta: null, etd: null, now })).toEqual(['?hours'])
    const past = { from: at(200).toISOString(), until: at(150).toISOString() }
    expect(pointersOf(past, { eta: null, etd: null, now })).toEqual(['?until', '?hours'])
    const brief = { from: at(200).toISOString(), until: at(201).toISOString(), hours: 2 }
    expect(pointersOf(brief, { eta: null, etd: null, now })).toEqual(['?hours'])
    const long = { until: at(100 + 93 * 24).toISOString(), hours: 2 }
    expect(pointersOf(long, { eta: null, etd: null, now })).toEqual(['?until'])
  })
})
