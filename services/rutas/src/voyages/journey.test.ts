import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Entry,
  type EntryContent,
  type EntryKind,
  type EntrySource,
  type Journey,
  journeyOf,
  type ScheduledCall,
  spentEstimates,
} from './journey.ts'
import { voyageLifecycle } from './voyage.ts'

const hour = 3_600_000
const day = 24 * hour
const begin = Date.UTC(2026, 9, 1)
const rules = { lateMinutes: 120 }

/** Calls two days apart, half a day long. */
const schedule = (ports: readonly string[], given: Partial<ScheduledCall>[] = []) =>
  ports.map((UNLocationCode, n): ScheduledCall => ({
    transportCallReference: `${UNLocationCode}-${n}`,
    UNLocationCode,
    facilityCode: null,
    statusCode: null,
    plannedArrival: n === 0 ? null : begin + n * 2 * day,
    plannedDeparture: n === ports.length - 1 ? null : begin + n * 2 * day + day / 2,
    watched: true,
    ...given[n],
  }))

let recorded = 0
const entry = <K extends EntryKind>(
  kind: K,
  content: EntryContent[K],
  { time = begin, source = 'ZONE' }: { time?: number; source?: EntrySource } = {},
): Entry => {
  recorded += 1
  return { id: `entry ${recorded}`, number: recorded, kind, time, source, content } as Entry
}
const planned = (calls: readonly ScheduledCall[]) => entry('SCHEDULED', { calls })
const seen = (
  kind: 'ARRIVAL' | 'DEPARTURE' | 'OMISSION',
  port: string,
  time: number,
  {
    source = 'ZONE',
    ...given
  }: { source?: EntrySource; facilityCode?: string; call?: string } = {},
) =>
  entry(
    kind,
    {
      UNLocationCode: port,
      facilityCode: given.facilityCode ?? null,
      transportCallReference: given.call ?? null,
      portCallId: null,
    },
    { time, source },
  )
const estimated = (call: string, arrival: number, time: number) =>
  entry('ESTIMATED', { transportCallReference: call, arrival }, { time, source: 'WATCH' })

const rotation = schedule(['ESALG', 'PTSIE', 'NLRTM'])
const replay = (...entries: Entry[]) => {
  const history = [planned(rotation), ...entries].map((each, number) => ({ ...each, number }))
  return journeyOf(history, rules)
}
const states = ({ calls }: Journey) => calls.map(({ state }) => state)

const left = seen('DEPARTURE', 'ESALG', begin + day / 2)
const reached = seen('ARRIVAL', 'PTSIE', begin + 2 * day)
const gone = seen('DEPARTURE', 'PTSIE', begin + 2.5 * day)
const landed = seen('ARRIVAL', 'NLRTM', begin + 4 * day)
const over = seen('DEPARTURE', 'NLRTM', begin + 5 * day)

describe('a voyage that goes as planned', () => {
  it.each([
    [[], 'PLANNED', ['EXPECTED', 'EXPECTED', 'EXPECTED'], 0],
    [[left], 'UNDERWAY', ['DEPARTED', 'EXPECTED', 'EXPECTED'], 1],
    [[left, reached], 'IN_PORT', ['DEPARTED', 'IN_PORT', 'EXPECTED'], 2],
    [[left, reached, gone], 'UNDERWAY', ['DEPARTED', 'DEPARTED', 'EXPECTED'], 2],
    [[left, reached, gone, landed], 'IN_PORT', ['DEPARTED', 'DEPARTED', 'IN_PORT'], null],
    [[left, reached, gone, landed, over], 'COMPLETED', ['DEPARTED', 'DEPARTED', 'DEPARTED'], null],
  ])('is after %# sightings %s', (entries, state, calls, next) => {
    const journey = replay(...entries)
    expect(journey.state).toBe(state)
    expect(states(journey)).toEqual(calls)
    expect(journey.next).toBe(next)
    expect(journey.deviations).toEqual([])
  })

  it('has its times from what was seen', () => {
    const journey = replay(left, reached, gone, landed, over)
    expect(journey).toMatchObject({ startedAt: left.time, endedAt: over.time })
    expect(journey.calls[1]).toMatchObject({
      arrivedAt: reached.time,
      arrivalSource: 'ZONE',
      departedAt: gone.time,
    })
  })

  it('begins where the ship lies: it is planned until she leaves', () => {
    expect(replay(seen('ARRIVAL', 'ESALG', begin - day)).state).toBe('PLANNED')
  })
})

describe('what is not of a voyage', () => {
  it.each([
    ['another port', seen('ARRIVAL', 'MAPTM', begin + day)],
    ['a departure days before it begins', seen('DEPARTURE', 'ESALG', begin - 3 * day)],
    ['an arrival weeks before it is planned', seen('ARRIVAL', 'NLRTM', begin - 30 * day)],
  ])('%s changes nothing', (_, sighting) => {
    const journey = replay(sighting)
    expect(journey.state).toBe('PLANNED')
    expect(journey.used).toEqual(new Set())
  })
})

describe('who is believed', () => {
  const arrivedAt = (...entries: Entry[]) => {
    const [, call] = replay(left, ...entries).calls
    return [call?.arrivalSource, call?.arrivedAt]
  }
  const byPort = seen('ARRIVAL', 'PTSIE', begin + 2 * day + hour, { source: 'BARCOS' })
  const byPosition = seen('ARRIVAL', 'PTSIE', begin + 2 * day - hour, { source: 'POSITION' })
  const byHand = seen('ARRIVAL', 'PTSIE', begin + 2 * day + 2 * hour, {
    source: 'REPORT',
    call: 'PTSIE-1',
  })
  const corrected = seen('ARRIVAL', 'PTSIE', begin + 2 * day - 2 * hour, {
    source: 'REPORT',
    call: 'PTSIE-1',
  })

  it('is first a report, then the port, then a zone, then a position', () => {
    expect(arrivedAt(byPosition)).toEqual(['POSITION', byPosition.time])
    expect(arrivedAt(byPosition, reached)).toEqual(['ZONE', reached.time])
    expect(arrivedAt(byPosition, reached, byPort)).toEqual(['BARCOS', byPort.time])
    expect(arrivedAt(byPosition, reached, byPort, byHand)).toEqual(['REPORT', byHand.time])
  })

  it('is of two reports the one that was recorded last, whenever they say it was', () => {
    expect(arrivedAt(byHand, corrected)).toEqual(['REPORT', corrected.time])
  })

  it('is the next one when a report is retracted', () => {
    const retraction = entry('RETRACTED', { entryId: byHand.id, reason: 'another ship' })
    expect(arrivedAt(reached, byHand, retraction)).toEqual(['ZONE', reached.time])
  })
})

describe('a ship that comes back within a day', () => {
  it('had not departed', () => {
    const back = seen('ARRIVAL', 'PTSIE', gone.time + 5 * hour)
    expect(replay(left, reached, gone, back)).toMatchObject({ state: 'IN_PORT' })
    const leaves = seen('DEPARTURE', 'PTSIE', gone.time + 9 * hour)
    expect(replay(left, reached, gone, back, leaves).calls[1]).toMatchObject({
      arrivedAt: reached.time,
      departedAt: leaves.time,
    })
  })
})

describe('two terminals of one port', () => {
  const calls = schedule(
    ['ESALG', 'NLRTM', 'NLRTM', 'DEHAM'],
    [{}, { facilityCode: 'ECTD' }, { facilityCode: 'APMR' }],
  )
  it('are told apart by the berth that the ship stops in', () => {
    const at = (facilityCode: string, time: number) =>
      seen('ARRIVAL', 'NLRTM', time, { facilityCode })
    const entries = [planned(calls), left, at('ECTD', begin + 2 * day)]
    expect(states(journeyOf(entries, rules))).toEqual([
      'DEPARTED',
      'IN_PORT',
      'EXPECTED',
      'EXPECTED',
    ])
    entries.push(at('APMR', begin + 4 * day))
    expect(states(journeyOf(entries, rules))).toEqual([
      'DEPARTED',
      'DEPARTED',
      'IN_PORT',
      'EXPECTED',
    ])
  })
})

describe('deviations', () => {
  it('has a call that the ship passed by, where she would have been seen', () => {
    const journey = replay(left, landed)
    expect(states(journey)).toEqual(['DEPARTED', 'SKIPPED', 'IN_PORT'])
    expect(journey.deviations).toMatchObject([
      { kind: 'SKIPPED_CALL', transportCallReference: 'PTSIE-1', since: landed.time },
    ])
  })

  it('does not claim so of a port that nobody watches', () => {
    const unwatched = schedule(['ESALG', 'PTSIE', 'NLRTM'], [{}, { watched: false }])
    const journey = journeyOf([planned(unwatched), left, landed], rules)
    expect(states(journey)).toEqual(['DEPARTED', 'PASSED', 'IN_PORT'])
    expect(journey.deviations).toEqual([])
  })

  it.each([
    [
      'the schedule',
      [planned(schedule(['ESALG', 'PTSIE', 'NLRTM'], [{}, { statusCode: 'OMIT' }]))],
    ],
    ['the port', [seen('OMISSION', 'PTSIE', begin + day, { source: 'BARCOS' })]],
  ])('has no call that %s gives up', (_, entries) => {
    const journey = replay(left, ...entries, landed)
    expect(states(journey)).toEqual(['DEPARTED', 'OMITTED', 'IN_PORT'])
    expect(journey.deviations).toEqual([])
  })

  it('tells for how long a ship was expected late', () => {
    const late = estimated('PTSIE-1', begin + 2 * day + 5 * hour, begin + day)
    const later = estimated('PTSIE-1', begin + 2 * day + 8 * hour, begin + 1.2 * day)
    const inTime = estimated('PTSIE-1', begin + 2 * day + hour, begin + 1.5 * day)
    expect(replay(left, late).deviations).toMatchObject([
      {
        kind: 'LATE',
        transportCallReference: 'PTSIE-1',
        since: late.time,
        until: null,
        minutes: 300,
      },
    ])
    expect(replay(left, late, later).deviations).toMatchObject([
      { since: late.time, until: null, minutes: 480 },
    ])
    expect(replay(left, late, later, inTime).deviations).toMatchObject([
      { since: late.time, until: inTime.time },
    ])
  })

  it('tells of a late arrival, and of one that is overdue', () => {
    const arrival = seen('ARRIVAL', 'PTSIE', begin + 2 * day + 3 * hour)
    expect(replay(left, arrival).deviations).toMatchObject([
      { kind: 'LATE', since: arrival.time, until: arrival.time, minutes: 180 },
    ])
    const overdue = entry(
      'OVERDUE',
      { transportCallReference: 'PTSIE-1' },
      { time: begin + 2 * day + 2.5 * hour, source: 'WATCH' },
    )
    expect(replay(left, overdue).deviations).toMatchObject([{ kind: 'LATE', until: null }])
    expect(replay(left, overdue, arrival).deviations).toMatchObject([
      { since: overdue.time, until: arrival.time, minutes: 180 },
    ])
  })

  it('tells when a ship was off its route; the next arrival ends it', () => {
    const off = entry('OFF_ROUTE', { nauticalMiles: 90 }, { time: begin + day, source: 'WATCH' })
    expect(replay(left, off).deviations).toMatchObject([
      { kind: 'OFF_ROUTE', transportCallReference: 'PTSIE-1', nauticalMiles: 90, until: null },
    ])
    expect(replay(left, off, reached).deviations).toMatchObject([{ until: reached.time }])
  })
})

describe('a replay', () => {
  const ports = ['ESALG', 'PTSIE', 'NLRTM', 'DEHAM', 'ESALG']
  const calls = schedule(ports)
  const sighting = fc.record({
    kind: fc.constantFrom('ARRIVAL' as const, 'DEPARTURE' as const),
    port: fc.constantFrom(...ports, 'MAPTM'),
    hours: fc.integer({ min: -100, max: 400 }),
    source: fc.constantFrom('ZONE' as const, 'POSITION' as const),
  })
  const history = fc
    .array(sighting, { maxLength: 25 })
    .map((all) =>
      all.map(({ kind, port, hours, source }) =>
        seen(kind, port, begin + hours * hour, { source }),
      ),
    )

  it('gives one state in whatever order late data came in', () => {
    fc.assert(
      fc.property(
        history.chain((entries) =>
          fc.tuple(
            fc.constant(entries),
            fc.shuffledSubarray(entries, { minLength: entries.length }),
          ),
        ),
        ([entries, shuffled]) => {
          const numbered = (list: readonly Entry[]) => [
            planned(calls),
            ...list.map((each, n) => ({ ...each, number: 1_000_000 + n })),
          ]
          // Sightings of one moment have no order but that of recording.
          fc.pre(new Set(entries.map(({ time }) => time)).size === entries.length)
          expect(journeyOf(numbered(shuffled), rules)).toEqual(journeyOf(numbered(entries), rules))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives what it gave without an entry that is retracted', () => {
    fc.assert(
      fc.property(history, sighting, (entries, { kind, port, hours, source }) => {
        const wrong = seen(kind, port, begin + hours * hour, { source })
        const retraction = entry('RETRACTED', { entryId: wrong.id, reason: 'not this ship' })
        const first = planned(calls)
        expect(journeyOf([first, ...entries, wrong, retraction], rules)).toEqual(
          journeyOf([first, ...entries], rules),
        )
      }),
    )
  })

  it('goes forward: the ship is at one call at most, and nothing before it is awaited', () => {
    fc.assert(
      fc.property(history, (entries) => {
        const journey = journeyOf([planned(calls), ...entries], rules)
        const present = journey.calls.filter(({ state }) => state === 'IN_PORT')
        expect(present.length).toBeLessThanOrEqual(1)
        expect(states(journey).slice(0, journey.at + 1)).not.toContain('EXPECTED')
        expect(journey.next === null).toBe(
          journey.endedAt !== null || !states(journey).includes('EXPECTED'),
        )
        expect(voyageLifecycle.hasEnded(journey.state)).toBe(journey.endedAt !== null)
      }),
      { numRuns: 300 },
    )
  })

  it('reaches a state that the table of states allows, entry by entry in the order of time', () => {
    const reachable = (from: string): Set<string> => {
      const found = new Set([from])
      for (const state of found) {
        for (const { from: before, to } of Object.values(voyageLifecycle.actions)) {
          if ((before as readonly string[]).includes(state)) found.add(to)
        }
      }
      return found
    }
    fc.assert(
      fc.property(history, (entries) => {
        const inTime = entries.toSorted((a, b) => a.time - b.time)
        let state = 'PLANNED'
        for (const n of inTime.keys()) {
          const next = journeyOf([planned(calls), ...inTime.slice(0, n + 1)], rules).state
          // A ship that comes back within a day had not departed, so that the last leaving was none.
          const before = state === 'COMPLETED' && next === 'IN_PORT' ? 'UNDERWAY' : state
          const isBack = next === 'PLANNED' && state === 'UNDERWAY'
          expect(isBack || reachable(before).has(next)).toBe(true)
          state = next
        }
      }),
    )
  })
})

describe('estimates that say nothing any more', () => {
  const inTime = begin + 2 * day
  const late = inTime + 3 * hour

  it('are all but the last of a call, and those around the times when the ship was late', () => {
    const arrivals = [inTime, inTime, inTime, late, late, late, inTime, inTime, inTime]
    const estimates = arrivals.map((arrival, n) =>
      estimated('PTSIE-1', arrival, begin + day + n * hour),
    )
    const history = [planned(rotation), left, ...estimates, reached]
    const spent = new Set(spentEstimates(history, rules))
    const isKept = estimates.map(({ number }) => !spent.has(number))
    expect(isKept.map((kept) => (kept ? 'x' : '-')).join('')).toBe('x-xx-xx-x')
    expect(journeyOf(history, rules).deviations).toHaveLength(1)
  })

  it('change nothing of any voyage when they are gone', () => {
    const time = fc.integer({ min: 0, max: 6 * 24 }).map((hours) => begin + hours * hour)
    const call = fc.constantFrom('ESALG-0', 'PTSIE-1', 'NLRTM-2')
    const expected = fc.tuple(fc.constant('ESTIMATED' as const), call, time, time)
    const overdue = fc.tuple(fc.constant('OVERDUE' as const), call, time, time)
    const port = fc.constantFrom('ESALG', 'PTSIE', 'NLRTM')
    const sighting = fc.tuple(
      fc.constantFrom('ARRIVAL' as const, 'DEPARTURE' as const),
      port,
      time,
      time,
    )
    const entries = fc.array(fc.oneof({ weight: 6, arbitrary: expected }, overdue, sighting), {
      maxLength: 40,
    })
    let dropped = 0
    fc.assert(
      fc.property(entries, (all) => {
        const history = [
          planned(rotation),
          ...all.map(([kind, what, at, arrival]) => {
            if (kind === 'ESTIMATED') return estimated(what, arrival, at)
            if (kind !== 'OVERDUE') return seen(kind, what, at)
            return entry('OVERDUE', { transportCallReference: what }, { time: at, source: 'WATCH' })
          }),
        ]
        const spent = new Set(spentEstimates(history, rules))
        dropped += spent.size
        const thinned = history.filter(({ number }) => !spent.has(number))
        expect(journeyOf(thinned, rules)).toEqual(journeyOf(history, rules))
        expect(spentEstimates(thinned, rules)).toEqual([])
      }),
    )
    expect(dropped).toBeGreaterThan(0)
  })
})
