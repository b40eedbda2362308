import { createHash } from 'node:crypto'
import { voyageKey } from '@porttrack/shared/tracing/voyage-trace'
import type { VoyageStretch } from '@porttrack/shared/tracing/voyage-spans'
import type { CallProgress, Deviation, Entry, Journey } from './journey.ts'

/** What of a voyage stands in its spans. */
export type TracedVoyage = {
  id: string
  mmsi: string | null
  imo: string | null
  vesselName: string | null
  carrierVoyageNumber: string
}

/** A stretch before it is known how often it was exported. */
export type Stretch = Omit<VoyageStretch, 'revision'>

/** An entry, and the trace context that it came with. */
export type TracedEntry = { entry: Entry; traceparent: string | null }

/** Links of a span at most: those of the last that touched it. */
const mostLinks = 100

/**
 * The stretches of a voyage that have ended: each stay and each leg whose beginning and end are known, and
 * the whole once the voyage has ended. Deviations are events of the stretch in which they began or ended,
 * and of the whole.
 */
export const stretchesOf = (
  voyage: TracedVoyage,
  { journey, history }: { journey: Journey; history: readonly TracedEntry[] },
): Stretch[] => {
  const ship = shipAttributes(voyage)
  const visited = journey.calls.filter(
    ({ arrivedAt, departedAt }) => arrivedAt !== null || departedAt !== null,
  )
  const parts = [
    ...visited.flatMap(stayOf),
    ...visited.slice(1).flatMap((call, n) => legOf(visited[n], call)),
  ]
    // Times that contradict each other, such as a report of an arrival after the departure, make none.
    .filter(({ from, to }) => from <= to)
    .map((part): Stretch => ({
      ...part,
      attributes: { ...ship, ...part.attributes },
      events: deviationEvents(journey.deviations).filter(
        ({ time }) => time >= part.from && time <= part.to,
      ),
      traceparents: linksOf(history.filter(({ entry }) => isOfStretch(entry, part))),
    }))
  const whole = wholeOf(voyage, journey, parts)
  return [
    ...parts,
    ...(whole
      ? [
          {
            ...whole,
            attributes: { ...ship, ...whole.attributes },
            events: deviationEvents(journey.deviations),
            traceparents: linksOf(history),
          },
        ]
      : []),
  ]
}

/**
 * Tells whether a stretch says something else than when it was exported. Links do not count: a request
 * that touches a voyage later does not correct it.
 */
export const digestOf = ({ name, from, to, attributes, events }: Stretch): string =>
  createHash('sha256')
    .update(JSON.stringify([name, from, to, attributes, events]))
    .digest('hex')

/** What takes the place of a stretch that was exported and is none any more. */
export const withdrawnStretch = (voyage: TracedVoyage, key: string, now: number): Stretch => ({
  key,
  name: `withdrawn: ${key}`,
  from: now,
  to: now,
  attributes: { ...shipAttributes(voyage), 'porttrack.span.withdrawn': true },
  events: [],
  traceparents: [],
})

type Part = Pick<Stretch, 'key' | 'name' | 'from' | 'to' | 'attributes'>

const stayOf = (call: CallProgress): Part[] => {
  const { transportCallReference, UNLocationCode, arrivedAt, departedAt } = call
  if (arrivedAt === null || departedAt === null) return []
  return [
    {
      key: `stay ${transportCallReference}`,
      name: `stay ${UNLocationCode}`,
      from: arrivedAt,
      to: departedAt,
      attributes: defined({
        'porttrack.call.reference': transportCallReference,
        'porttrack.call.un_location_code': UNLocationCode,
        'porttrack.call.facility': call.facilityCode,
        'porttrack.call.status': call.statusCode,
        'porttrack.call.planned_arrival': isoTime(call.plannedArrival),
        'porttrack.call.planned_departure': isoTime(call.plannedDeparture),
        'porttrack.call.arrival_source': call.arrivalSource,
        'porttrack.call.departure_source': call.departureSource,
        'porttrack.port_call.id': call.portCallId,
      }),
    },
  ]
}

const legOf = (from: CallProgress | undefined, to: CallProgress): Part[] => {
  if (!from || from.departedAt === null || to.arrivedAt === null) return []
  return [
    {
      key: `leg ${from.transportCallReference} ${to.transportCallReference}`,
      name: `leg ${from.UNLocationCode} → ${to.UNLocationCode}`,
      from: from.departedAt,
      to: to.arrivedAt,
      attributes: defined({
        'porttrack.leg.from': from.UNLocationCode,
        'porttrack.leg.to': to.UNLocationCode,
        'porttrack.leg.planned_departure': isoTime(from.plannedDeparture),
        'porttrack.leg.planned_arrival': isoTime(to.plannedArrival),
        'porttrack.leg.departure_source': from.departureSource,
        'porttrack.leg.arrival_source': to.arrivalSource,
      }),
    },
  ]
}

/** The whole voyage, over all its parts; none while it goes on, or when it was called off before it began. */
const wholeOf = (
  { carrierVoyageNumber }: TracedVoyage,
  { state, startedAt, endedAt }: Journey,
  parts: readonly Part[],
): Part | null => {
  if (endedAt === null) return null
  const from = Math.min(startedAt ?? endedAt, ...parts.map((part) => part.from))
  const to = Math.max(endedAt, ...parts.map((part) => part.to))
  const attributes = { 'porttrack.voyage.state': state }
  return { key: voyageKey, name: `voyage ${carrierVoyageNumber}`, from, to, attributes }
}

const shipAttributes = (voyage: TracedVoyage) =>
  defined({
    'porttrack.voyage.id': voyage.id,
    'porttrack.voyage.number': voyage.carrierVoyageNumber,
    'porttrack.vessel.name': voyage.vesselName,
    'porttrack.vessel.imo': voyage.imo,
    'porttrack.vessel.mmsi': voyage.mmsi,
  })

const deviationEvents = (deviations: readonly Deviation[]): Stretch['events'] =>
  deviations.flatMap((deviation) => {
    const { kind, since, until, transportCallReference, minutes, nauticalMiles } = deviation
    const attributes = defined({
      'porttrack.call.reference': transportCallReference,
      'porttrack.deviation.minutes': minutes,
      'porttrack.deviation.nautical_miles': nauticalMiles,
    })
    const ended = until !== null && until > since
    return [
      { name: kind, time: since, attributes },
      ...(ended ? [{ name: `${kind} ended`, time: until, attributes }] : []),
    ]
  })

/** Whether an entry tells of a stretch: what was planned, tied or retracted is of the whole. */
const isOfStretch = ({ kind, time }: Entry, { from, to }: Part): boolean =>
  !ofTheWhole.has(kind) && time >= from && time <= to

const ofTheWhole: ReadonlySet<Entry['kind']> = new Set([
  'SCHEDULED',
  'TIED',
  'UNTIED',
  'REQUESTED',
  'CANCELLED',
  'RETRACTED',
])

const linksOf = (entries: readonly TracedEntry[]): string[] => {
  const all = entries.flatMap(({ traceparent }) => traceparent ?? [])
  return [...new Set(all)].slice(-mostLinks)
}

const defined = (given: Record<string, string | number | null>): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(given).filter((pair): pair is [string, string | number] => pair[1] !== null),
  )

const isoTime = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString()
