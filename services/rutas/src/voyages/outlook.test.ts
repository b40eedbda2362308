import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alongArc, angleBetween, angleToArc, vectorOf } from '../geography/sphere.ts'
import type { Fix } from '../targets/fix.ts'
import { type Entry, journeyOf, type ScheduledCall } from './journey.ts'
import { detourChange, overdueCall, seenFromPosition } from './outlook.ts'

const hour = 3_600_000
const begin = Date.UTC(2026, 9, 1)
const rules = { lateMinutes: 60 }
const ports = new Map([
  ['ESALG', { lat: 36.13, lon: -5.43 }],
  ['NLRTM', { lat: 51.95, lon: 4.1 }],
])

const calls = ['ESALG', 'NLRTM'].map((UNLocationCode, n): ScheduledCall => ({
  transportCallReference: UNLocationCode,
  UNLocationCode,
  facilityCode: null,
  statusCode: null,
  plannedArrival: n === 0 ? null : begin + 96 * hour,
  plannedDeparture: n === 0 ? begin : null,
  watched: false,
}))
const scheduled = (given: readonly ScheduledCall[] = calls): Entry => ({
  id: 'schedule',
  number: 1,
  kind: 'SCHEDULED',
  time: begin,
  source: 'REPORT',
  content: { calls: given },
})
const seen = (kind: 'ARRIVAL' | 'DEPARTURE', port: string, time: number): Entry => ({
  id: `${kind} ${port}`,
  number: 2,
  kind,
  time,
  source: 'POSITION',
  content: {
    UNLocationCode: port,
    facilityCode: null,
    transportCallReference: null,
    portCallId: null,
  },
})
const fix = (lat: number, lon: number, speed: number, time = begin): Fix => ({
  time,
  ownTime: true,
  lat,
  lon,
  speed,
  course: null,
  heading: null,
  status: null,
})
const planned = journeyOf([scheduled()], rules)

describe('a position near a port', () => {
  const sightings = (journey: Parameters<typeof seenFromPosition>[0], at: Fix) =>
    seenFromPosition(journey, at, ports).map(({ kind, call }) => `${kind} ${call.UNLocationCode}`)

  it('is an arrival of a ship that has slowed down', () => {
    expect(sightings(planned, fix(36.12, -5.42, 0.2))).toEqual(['ARRIVAL ESALG'])
    expect(sightings(planned, fix(36.12, -5.42, 12))).toEqual([])
    expect(sightings(planned, fix(36.3, -5.42, 0.2))).toEqual([])
  })

  it('is a departure when the ship that was there is far from it', () => {
    const there = journeyOf([scheduled(), seen('ARRIVAL', 'ESALG', begin)], rules)
    expect(sightings(there, fix(36.0, -5.9, 14, begin + hour))).toEqual(['DEPARTURE ESALG'])
    expect(sightings(there, fix(36.1, -5.5, 14, begin + hour))).toEqual([])
    // Older than the arrival: where she came from.
    expect(sightings(there, fix(36.0, -5.9, 14, begin - hour))).toEqual([])
  })

  it('says nothing of a port that zones watch', () => {
    const watched = calls.map((call) => ({ ...call, watched: true }))
    const journey = journeyOf([scheduled(watched)], rules)
    expect(sightings(journey, fix(36.12, -5.42, 0.2))).toEqual([])
  })
})

describe('a call that is overdue', () => {
  const of = (journey: typeof planned, hours: number) =>
    overdueCall(journey, { now: begin + hours * hour, ...rules })?.UNLocationCode

  it('is the first one until the ship leaves it, then the next', () => {
    expect(of(planned, 0.9)).toBeUndefined()
    expect(of(planned, 1.1)).toBe('ESALG')
    const left = journeyOf([scheduled(), seen('DEPARTURE', 'ESALG', begin)], rules)
    expect(of(left, 96.9)).toBeUndefined()
    expect(of(left, 97.1)).toBe('NLRTM')
  })

  it('is told once', () => {
    const told: Entry = {
      id: 'overdue',
      number: 3,
      kind: 'OVERDUE',
      time: begin + 1.1 * hour,
      source: 'WATCH',
      content: { transportCallReference: 'ESALG' },
    }
    expect(of(journeyOf([scheduled(), told], rules), 5)).toBeUndefined()
  })
})

describe('a detour', () => {
  it('ends well within the distance at which it began', () => {
    const off: Entry = {
      id: 'off',
      number: 3,
      kind: 'OFF_ROUTE',
      time: begin + hour,
      source: 'WATCH',
      content: { nauticalMiles: 61 },
    }
    const left = [scheduled(), seen('DEPARTURE', 'ESALG', begin)]
    const onIt = journeyOf(left, rules)
    const offIt = journeyOf([...left, off], rules)
    expect([59, 61].map((miles) => detourChange(onIt, miles, 60))).toEqual([null, 'OFF_ROUTE'])
    expect([61, 55, 47].map((miles) => detourChange(offIt, miles, 60))).toEqual([
      null,
      null,
      'ON_ROUTE',
    ])
  })
})

describe('the distance from an arc', () => {
  const place = fc.record({
    lat: fc.double({ min: -80, max: 80, noNaN: true }),
    lon: fc.double({ min: -180, max: 180, noNaN: true }),
  })
  it('is that of the nearest of many places along it', () => {
    fc.assert(
      fc.property(place, place, place, (here, from, to) => {
        const [p, a, b] = [here, from, to].map(vectorOf) as [
          ReturnType<typeof vectorOf>,
          ReturnType<typeof vectorOf>,
          ReturnType<typeof vectorOf>,
        ]
        const length = angleBetween(a, b)
        fc.pre(length > 0.01 && length < 2.5)
        const step = 0.002
        const nearest = Math.min(...alongArc(a, b, step).map((each) => angleBetween(p, each)))
        const angle = angleToArc(p, [a, b])
        expect(angle).toBeLessThanOrEqual(nearest + 1e-9)
        expect(angle).toBeGreaterThan(nearest - step)
      }),
      { numRuns: 200 },
    )
  })
})
