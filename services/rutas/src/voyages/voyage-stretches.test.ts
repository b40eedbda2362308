import { describe, expect, it } from 'vitest'
import { type Entry, journeyOf, type ScheduledCall } from './journey.ts'
import { digestOf, stretchesOf, withdrawnStretch } from './voyage-stretches.ts'

const hour = 3_600_000
const begin = Date.UTC(2026, 9, 1)
const rules = { lateMinutes: 120 }
const voyage = {
  id: '019b0c5e-6f7a-7c3d-8e21-4a5b6c7d8e9f',
  mmsi: '224000001',
  imo: null,
  vesselName: 'TRACED',
  carrierVoyageNumber: '017W',
}
const calls = ['ESALG', 'PTSIE'].map((UNLocationCode, n): ScheduledCall => ({
  transportCallReference: UNLocationCode,
  UNLocationCode,
  facilityCode: null,
  statusCode: null,
  plannedArrival: begin + n * 24 * hour,
  plannedDeparture: begin + n * 24 * hour + 10 * hour,
  watched: true,
}))
const traceparentOf = (n: number) =>
  `00-${String(n).padStart(32, 'a')}-${String(n).padStart(16, 'b')}-01`
const traced = (entry: Omit<Entry, 'id' | 'number'>, n: number) => ({
  entry: { ...entry, id: `entry ${n}`, number: n } as Entry,
  traceparent: traceparentOf(n),
})
const scheduled = traced(
  { kind: 'SCHEDULED', time: begin - 240 * hour, source: 'REPORT', content: { calls } },
  1,
)
const seen = (kind: 'ARRIVAL' | 'DEPARTURE', port: string, hours: number, n: number) =>
  traced(
    {
      kind,
      time: begin + hours * hour,
      source: 'ZONE',
      content: {
        UNLocationCode: port,
        facilityCode: null,
        transportCallReference: null,
        portCallId: null,
      },
    },
    n,
  )
const stretches = (...history: ReturnType<typeof traced>[]) =>
  stretchesOf(voyage, {
    journey: journeyOf(
      history.map(({ entry }) => entry),
      rules,
    ),
    history,
  })

const came = seen('ARRIVAL', 'ESALG', 0, 2)
const left = seen('DEPARTURE', 'ESALG', 10, 3)
const reached = seen('ARRIVAL', 'PTSIE', 30, 4)
const over = seen('DEPARTURE', 'PTSIE', 40, 5)

describe('the stretches of a voyage', () => {
  it('are those that have ended', () => {
    const keys = (...history: ReturnType<typeof traced>[]) =>
      stretches(scheduled, ...history).map(({ key }) => key)
    expect(keys()).toEqual([])
    expect(keys(came)).toEqual([])
    expect(keys(came, left)).toEqual(['stay ESALG'])
    expect(keys(came, left, reached)).toEqual(['stay ESALG', 'leg ESALG PTSIE'])
    expect(keys(came, left, reached, over)).toEqual([
      'stay ESALG',
      'stay PTSIE',
      'leg ESALG PTSIE',
      'voyage',
    ])
    // Nobody saw when she left: there is no telling where the leg begins.
    expect(keys(reached, over)).toEqual(['stay PTSIE', 'voyage'])
  })

  it('link to what touched them; what concerns the plan is of the whole', () => {
    const links = Object.fromEntries(
      stretches(scheduled, came, left, reached, over).map(({ key, traceparents }) => [
        key,
        traceparents,
      ]),
    )
    expect(links).toEqual({
      'stay ESALG': [2, 3].map(traceparentOf),
      'leg ESALG PTSIE': [3, 4].map(traceparentOf),
      'stay PTSIE': [4, 5].map(traceparentOf),
      voyage: [1, 2, 3, 4, 5].map(traceparentOf),
    })
  })

  it('have deviations where they began', () => {
    const events = Object.fromEntries(
      stretches(scheduled, came, left, reached, over).map(({ key, events: own }) => [
        key,
        own.map(({ name, time }) => `${name} ${(time - begin) / hour}`),
      ]),
    )
    expect(events).toEqual({
      'stay ESALG': [],
      'leg ESALG PTSIE': ['LATE 30'],
      'stay PTSIE': ['LATE 30'],
      voyage: ['LATE 30'],
    })
  })

  it('leave out times that contradict each other', () => {
    expect(
      stretches(scheduled, seen('ARRIVAL', 'ESALG', 5, 2), seen('DEPARTURE', 'ESALG', 2, 3)),
    ).toEqual([])
  })
})

describe('a digest', () => {
  it('changes with what a stretch says, and not with who touched it', () => {
    const [stay] = stretches(scheduled, came, left)
    if (!stay) throw new Error('there is a stay')
    const digest = digestOf(stay)
    expect(digestOf({ ...stay, traceparents: [] })).toBe(digest)
    expect(digestOf({ ...stay, to: stay.to + 1 })).not.toBe(digest)
    expect(digestOf(withdrawnStretch(voyage, stay.key, stay.to))).not.toBe(digest)
  })
})
