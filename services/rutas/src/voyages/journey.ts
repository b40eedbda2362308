import { type CallStatusCode, isMade, type TransportCallState, type VoyageState } from './voyage.ts'

/** A call as scheduled; times in milliseconds since 1970. */
export type ScheduledCall = {
  readonly transportCallReference: string
  readonly UNLocationCode: string
  readonly facilityCode: string | null
  readonly statusCode: CallStatusCode | null
  readonly plannedArrival: number | null
  readonly plannedDeparture: number | null
  /** Whether a zone of the port would show a ship that comes. */
  readonly watched: boolean
}

/**
 * Who tells of an arrival or a departure, the one that counts most first: a person or machine of the
 * API, the port by `barcos`, a zone, a position near the port.
 */
export const sightingSources = ['REPORT', 'BARCOS', 'ZONE', 'POSITION'] as const
type SightingSource = (typeof sightingSources)[number]

/** Where an entry comes from; `WATCH` is what follows from positions and the clock. */
export const entrySources = [...sightingSources, 'WATCH'] as const
export type EntrySource = (typeof entrySources)[number]

/** What an entry of a voyage's history says, by kind. */
export type EntryContent = {
  SCHEDULED: { calls: readonly ScheduledCall[] }
  CANCELLED: { reason: string }
  /** At a call where it is named, else at the port. */
  ARRIVAL: Sighting
  DEPARTURE: Sighting
  /** The port says that the ship passes it by. */
  OMISSION: Sighting
  /** A port call of `barcos` is this voyage's. */
  TIED: { transportCallReference: string; portCallId: string }
  UNTIED: { portCallId: string }
  /** The port wants the ship at another time. */
  REQUESTED: { portCallId: string; arrival: number }
  ESTIMATED: { transportCallReference: string; arrival: number }
  /** The planned time has gone by without the ship. */
  OVERDUE: { transportCallReference: string }
  OFF_ROUTE: { nauticalMiles: number }
  ON_ROUTE: { nauticalMiles: number }
  /** An earlier entry is not true. */
  RETRACTED: { entryId: string; reason: string }
}
export type EntryKind = keyof EntryContent

/** The kinds of entry, in the order in which those of one time are taken. */
export const entryKinds = [
  'SCHEDULED',
  'TIED',
  'UNTIED',
  'REQUESTED',
  'ARRIVAL',
  'DEPARTURE',
  'OMISSION',
  'ESTIMATED',
  'OVERDUE',
  'OFF_ROUTE',
  'ON_ROUTE',
  'CANCELLED',
  'RETRACTED',
] as const satisfies readonly EntryKind[]

type Sighting = {
  UNLocationCode: string
  facilityCode: string | null
  transportCallReference: string | null
  portCallId: string | null
}

/** An entry of a voyage's history. */
export type Entry<K extends EntryKind = EntryKind> = {
  [Kind in K]: {
    readonly id: string
    /** Its place in the order of recording: 1, 2, 3 of each voyage. */
    readonly number: number
    readonly kind: Kind
    /** When it happened, in milliseconds since 1970. */
    readonly time: number
    readonly source: EntrySource
    readonly content: EntryContent[Kind]
  }
}[K]

/** Minutes that decide what is late. */
export type JourneyRules = { lateMinutes: number }

export type CallProgress = ScheduledCall & {
  readonly state: TransportCallState
  readonly portCallId: string | null
  readonly requestedArrival: number | null
  readonly estimatedArrival: number | null
  readonly arrivedAt: number | null
  readonly arrivalSource: SightingSource | null
  readonly departedAt: number | null
  readonly departureSource: SightingSource | null
}

export const deviationKinds = ['LATE', 'OFF_ROUTE', 'SKIPPED_CALL'] as const
type DeviationKind = (typeof deviationKinds)[number]

/** What is not as scheduled; times in milliseconds since 1970. */
export type Deviation = {
  readonly kind: DeviationKind
  /** The call that the ship is late for, has skipped, or was on its way to. */
  readonly transportCallReference: string | null
  readonly since: number
  /** Null while it lasts. */
  readonly until: number | null
  /** Minutes behind the plan at last; null of other kinds. */
  readonly minutes: number | null
  /** Nautical miles from the route when it was noticed; null of other kinds. */
  readonly nauticalMiles: number | null
}

/** What a voyage's history comes to. */
export type Journey = {
  readonly state: VoyageState
  readonly calls: readonly CallProgress[]
  readonly deviations: readonly Deviation[]
  /** When the ship left the first call, or was first seen after it. */
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** The call that the ship reached last; -1 before the first. */
  readonly at: number
  /** The next call that is made; null when none follows. */
  readonly next: number | null
  /** Ids of the arrivals, departures and omissions that say something of a call. */
  readonly used: ReadonlySet<string>
}

const minute = 60_000
const day = 24 * 60 * minute

/** How long before its planned time a call may be reached. */
const earliest = 7 * day

/** How long before its planned departure a ship may leave its first call: earlier ones are another voyage's. */
const earliestStart = day

/** A ship that is back within this time had not departed: it waited outside, or shifted. */
const returnsWithin = day

/**
 * Replays a voyage's history. Pure, and the same in whatever order the entries came in: what was
 * planned, tied and retracted counts in the order of recording, what was seen in the order of time.
 */
export const journeyOf = (history: readonly Entry[], rules: JourneyRules): Journey => {
  const retracted = new Set(of(history, 'RETRACTED').map(({ content }) => content.entryId))
  const recorded = history
    .filter(({ id }) => !retracted.has(id))
    .toSorted((a, b) => a.number - b.number)
  const schedule = of(recorded, 'SCHEDULED').at(-1)?.content.calls ?? []
  const ties = tiesOf(recorded)
  const cancelled = of(recorded, 'CANCELLED').at(-1)
  const seen = recorded.toSorted(byTime)
  const passage = followSightings(schedule, of(seen, 'ARRIVAL', 'DEPARTURE', 'OMISSION'), ties)

  const calls = passage.stages.map((stage, n): CallProgress => {
    const { call } = stage
    const portCallId = ties.get(call.transportCallReference) ?? null
    const arrival = best(stage.arrivals, n === 0 ? 'last' : 'first')
    const departure = best(stage.departures, 'last')
    return {
      ...call,
      state: stateOfCall(stage, { n, at: passage.at, tied: portCallId !== null }),
      portCallId,
      requestedArrival:
        of(seen, 'REQUESTED').findLast(({ content }) => content.portCallId === portCallId)?.content
          .arrival ?? null,
      estimatedArrival:
        of(seen, 'ESTIMATED').findLast(
          ({ content }) => content.transportCallReference === call.transportCallReference,
        )?.content.arrival ?? null,
      arrivedAt: arrival?.time ?? null,
      arrivalSource: sourceOf(arrival),
      departedAt: departure?.time ?? null,
      departureSource: sourceOf(departure),
    }
  })
  const next = calls.findIndex(({ state }, n) => n > passage.at && state === 'EXPECTED')
  const state = cancelled ? 'CANCELLED' : stateOfVoyage(calls, passage.at)
  const endedAt = cancelled?.time ?? (state === 'COMPLETED' ? lastTime(calls) : null)
  return {
    state,
    calls,
    deviations: deviationsOf({ calls, seen, passage, endedAt, rules }),
    startedAt: state === 'PLANNED' ? null : firstTime(calls),
    endedAt,
    at: passage.at,
    next: next < 0 || endedAt !== null ? null : next,
    used: passage.used,
  }
}

/** The entries of some kinds. */
const of = <K extends EntryKind>(history: readonly Entry[], ...kinds: K[]): Entry<K>[] =>
  // The compiler does not see that the kind decides the rest.
  history.filter(({ kind }) => (kinds as EntryKind[]).includes(kind)) as unknown as Entry<K>[]

const byTime = (a: Entry, b: Entry): number =>
  a.time - b.time || entryKinds.indexOf(a.kind) - entryKinds.indexOf(b.kind) || a.number - b.number

/** The port call that each transport call is, by its reference; a later tie replaces an earlier one. */
const tiesOf = (recorded: readonly Entry[]): Map<string, string> => {
  const ties = new Map<string, string>()
  for (const { kind, content } of of(recorded, 'TIED', 'UNTIED')) {
    const present = [...ties].find(([, portCallId]) => portCallId === content.portCallId)
    if (present) ties.delete(present[0])
    if (kind === 'TIED') ties.set(content.transportCallReference, content.portCallId)
  }
  return ties
}

type Seen = Entry<'ARRIVAL' | 'DEPARTURE' | 'OMISSION'>

/** A call and what was seen of it. */
type Stage = { call: ScheduledCall; arrivals: Seen[]; departures: Seen[]; omitted: boolean }

type Passage = { stages: readonly Stage[]; at: number; used: Set<string> }

const followSightings = (
  schedule: readonly ScheduledCall[],
  sightings: readonly Seen[],
  ties: ReadonlyMap<string, string>,
): Passage => {
  const stages = schedule.map((call): Stage => ({
    call,
    arrivals: [],
    departures: [],
    omitted: !isMade(call.statusCode),
  }))
  const passage: Passage = { stages, at: -1, used: new Set() }
  for (const seen of sightings) {
    const n = namedCall(seen, stages, ties) ?? nextCallAt(seen, passage)
    const stage = n === null ? undefined : stages[n]
    if (n === null || !stage) continue
    passage.used.add(seen.id)
    if (seen.kind === 'OMISSION') {
      stage.omitted = stage.arrivals.length === 0 && stage.departures.length === 0
      continue
    }
    stage.omitted = false
    if (seen.kind === 'ARRIVAL') {
      if (n === passage.at && isSeenOnly(stage.departures)) stage.departures = []
      stage.arrivals.push(seen)
    } else stage.departures.push(seen)
    passage.at = Math.max(passage.at, n)
  }
  return passage
}

const isSeenOnly = (sightings: readonly Seen[]): boolean =>
  sightings.every(({ source }) => source === 'ZONE' || source === 'POSITION')

/** The call that a sighting names, by its reference or its port call; null where it names none. */
const namedCall = (
  { content }: Seen,
  stages: readonly Stage[],
  ties: ReadonlyMap<string, string>,
): number | null => {
  const { transportCallReference, portCallId } = content
  const found = stages.findIndex(
    ({ call }) =>
      call.transportCallReference === transportCallReference ||
      (portCallId !== null && ties.get(call.transportCallReference) === portCallId),
  )
  return found < 0 ? null : found
}

/** The call at a port that a sighting belongs to: the present one, or the first to come. */
const nextCallAt = (seen: Seen, { stages, at }: Passage): number | null => {
  const { UNLocationCode, facilityCode } = seen.content
  // A sighting that names a call names one that is not of this schedule.
  if (seen.content.transportCallReference !== null) return null
  const there = stages.flatMap(({ call, omitted }, n) =>
    n >= at && call.UNLocationCode === UNLocationCode && (!omitted || seen.kind === 'OMISSION')
      ? [n]
      : [],
  )
  const fits = (n: number): boolean => {
    const stage = stages[n]
    if (!stage) return false
    return n === at ? stillThere(stage, seen) : seen.time >= earliestTime(stage.call, seen.kind, n)
  }
  // Terminals of one port are told apart where it is known at which the ship is.
  const first = there.findIndex(fits)
  if (first < 0) return null
  const beside = there
    .slice(first)
    .filter((n, index) => n === (there[first] ?? 0) + index && fits(n))
  const sameTerminal = beside.find(
    (n) => facilityCode !== null && stages[n]?.call.facilityCode === facilityCode,
  )
  return sameTerminal ?? there[first] ?? null
}

const stillThere = ({ departures }: Stage, seen: Seen): boolean => {
  if (seen.kind === 'OMISSION') return false
  const left = best(departures, 'last')
  return left === null || seen.time - left.time <= returnsWithin
}

const earliestTime = (call: ScheduledCall, kind: Seen['kind'], n: number): number => {
  if (n === 0 && kind === 'DEPARTURE') return (call.plannedDeparture ?? 0) - earliestStart
  return (call.plannedArrival ?? call.plannedDeparture ?? 0) - earliest
}

/** Of what several tell, what counts: the best source; of what was reported, the last word. */
const best = (sightings: readonly Seen[], ofSeen: 'first' | 'last'): Seen | null => {
  const rank = ({ source }: Seen): number => (sightingSources as readonly string[]).indexOf(source)
  const [leading] = sightings.toSorted((a, b) => rank(a) - rank(b))
  if (!leading) return null
  const same = sightings.filter(({ source }) => source === leading.source)
  if (!isSeenOnly([leading])) return same.toSorted((a, b) => b.number - a.number)[0] ?? null
  return (ofSeen === 'first' ? same[0] : same.at(-1)) ?? null
}

const sourceOf = (seen: Seen | null): SightingSource | null =>
  seen === null || seen.source === 'WATCH' ? null : seen.source

const stateOfCall = (
  { call, arrivals, departures, omitted }: Stage,
  { n, at, tied }: { n: number; at: number; tied: boolean },
): TransportCallState => {
  if (omitted) return 'OMITTED'
  if (departures.length > 0) return 'DEPARTED'
  if (arrivals.length > 0) return n < at ? 'DEPARTED' : 'IN_PORT'
  if (n > at) return 'EXPECTED'
  // A ship need not be seen before its voyage begins.
  return n > 0 && (call.watched || tied) ? 'SKIPPED' : 'PASSED'
}

const stateOfVoyage = (calls: readonly CallProgress[], at: number): VoyageState => {
  const present = calls[at]
  if (!present || (at === 0 && present.state === 'IN_PORT')) return 'PLANNED'
  if (present.state === 'IN_PORT') return 'IN_PORT'
  const isMore = calls.some(({ state }, n) => n > at && state === 'EXPECTED')
  return isMore ? 'UNDERWAY' : 'COMPLETED'
}

const firstTime = (calls: readonly CallProgress[]): number | null => {
  const [first, ...others] = calls
  if (first && first.departedAt !== null) return first.departedAt
  const times = others.flatMap(({ arrivedAt, departedAt }) => arrivedAt ?? departedAt ?? [])
  return times.length === 0 ? null : Math.min(...times)
}

const lastTime = (calls: readonly CallProgress[]): number | null => {
  const times = calls.flatMap(({ arrivedAt, departedAt }) => departedAt ?? arrivedAt ?? [])
  return times.length === 0 ? null : Math.max(...times)
}

type Told = {
  calls: readonly CallProgress[]
  seen: readonly Entry[]
  passage: Passage
  endedAt: number | null
  rules: JourneyRules
}

const deviationsOf = (told: Told): Deviation[] => {
  const { calls, endedAt } = told
  const reachedAfter = (n: number): number =>
    Math.min(
      ...calls.slice(n + 1).flatMap(({ arrivedAt, departedAt }) => arrivedAt ?? departedAt ?? []),
    )
  const skipped = calls.flatMap(({ state, transportCallReference }, n): Deviation[] => {
    if (state !== 'SKIPPED') return []
    const since = reachedAfter(n)
    return [{ ...plain, kind: 'SKIPPED_CALL', transportCallReference, since, until: since }]
  })
  const late = calls.flatMap((call, n) => lateness(call, { ...told, n }))
  const all = [...skipped, ...late, ...detours(told)].map((deviation) =>
    deviation.until === null && endedAt !== null ? { ...deviation, until: endedAt } : deviation,
  )
  return all.toSorted((a, b) => a.since - b.since || (a.kind < b.kind ? -1 : 1))
}

const plain = { transportCallReference: null, until: null, minutes: null, nauticalMiles: null }

/** What an entry says of when a ship comes to a call, against its plan. */
type Opinion = { entry: Entry<'ESTIMATED' | 'OVERDUE'>; minutes: number }

/** When a ship was to be at a call, or to leave its first one; null where that was not said. */
const plannedTime = (call: CallProgress, n: number): number | null =>
  n === 0 ? (call.plannedDeparture ?? call.plannedArrival) : call.plannedArrival

const reachedTime = (call: CallProgress, n: number): number | null =>
  n === 0 ? call.departedAt : (call.arrivedAt ?? call.departedAt)

const minutesBehind = (planned: number, expected: number): number =>
  Math.round((expected - planned) / minute)

/** What was thought of a call before the ship reached it, in the order of time. */
const opinionsOf = (call: CallProgress, n: number, seen: readonly Entry[]): Opinion[] => {
  const planned = plannedTime(call, n)
  const reached = reachedTime(call, n)
  if (planned === null) return []
  return of(seen, 'ESTIMATED', 'OVERDUE').flatMap((entry): Opinion[] => {
    if (entry.content.transportCallReference !== call.transportCallReference) return []
    if (reached !== null && entry.time >= reached) return []
    const expected = entry.kind === 'ESTIMATED' ? entry.content.arrival : entry.time
    return [{ entry, minutes: minutesBehind(planned, expected) }]
  })
}

/** The stretches in which a ship was expected late for a call, or overdue; the last ends with the call. */
const lateness = (
  call: CallProgress,
  { n, seen, rules, passage }: Told & { n: number },
): Deviation[] => {
  const planned = plannedTime(call, n)
  if (planned === null || call.state === 'OMITTED') return []
  const reached = reachedTime(call, n)
  const found: Deviation[] = []
  const tell = (time: number, minutes: number): void => {
    const last = found.at(-1)
    const lasting = last?.until === null ? last : undefined
    if (minutes > rules.lateMinutes) {
      if (lasting) found.splice(-1, 1, { ...lasting, minutes })
      else {
        const { transportCallReference } = call
        found.push({ ...plain, kind: 'LATE', transportCallReference, since: time, minutes })
      }
    } else if (lasting) found.splice(-1, 1, { ...lasting, until: time })
  }
  for (const { entry, minutes } of opinionsOf(call, n, seen)) tell(entry.time, minutes)
  if (reached !== null) tell(reached, minutesBehind(planned, reached))
  const last = found.at(-1)
  // A ship is not away from its first call because it has come there.
  const isOver = reached !== null || n < passage.at || (n > 0 && n === passage.at)
  if (last?.until === null && isOver) found.splice(-1, 1, { ...last, until: reached ?? last.since })
  return found
}

/**
 * The estimates without which a history comes to the same: not the last one of a call, nor one with
 * which the ship was no longer, or not yet, expected late.
 *
 * @returns numbers of entries
 */
export const spentEstimates = (history: readonly Entry[], rules: JourneyRules): number[] => {
  const { calls } = journeyOf(history, rules)
  const seen = history.toSorted(byTime)
  const estimates = of(seen, 'ESTIMATED')
  const kept = new Set(
    calls.map(({ transportCallReference }) =>
      estimates.findLast(
        ({ content }) => content.transportCallReference === transportCallReference,
      ),
    ),
  )
  for (const [n, call] of calls.entries()) {
    const opinions = opinionsOf(call, n, seen)
    const isLate = (place: number): boolean | null => {
      const opinion = opinions[place]
      return opinion === undefined ? null : opinion.minutes > rules.lateMinutes
    }
    for (const [place, { entry }] of opinions.entries()) {
      const turns = isLate(place) !== isLate(place - 1) || isLate(place) !== isLate(place + 1)
      if (turns && entry.kind === 'ESTIMATED') kept.add(entry)
    }
  }
  return estimates.flatMap((entry) => (kept.has(entry) ? [] : [entry.number]))
}

/** The stretches in which a ship was away from its route; the next arrival ends one. */
const detours = ({ calls, seen, passage }: Told): Deviation[] => {
  const found: Deviation[] = []
  const end = (time: number): void => {
    const last = found.at(-1)
    if (last?.until === null) found.splice(-1, 1, { ...last, until: time })
  }
  for (const entry of of(seen, 'OFF_ROUTE', 'ON_ROUTE', 'ARRIVAL')) {
    if (entry.kind === 'OFF_ROUTE') {
      if (found.at(-1)?.until === null) continue
      const towards = calls.find(
        ({ arrivedAt, state }, n) =>
          n > 0 &&
          state !== 'OMITTED' &&
          (arrivedAt === null ? n > passage.at : arrivedAt > entry.time),
      )
      found.push({
        ...plain,
        kind: 'OFF_ROUTE',
        transportCallReference: towards?.transportCallReference ?? null,
        since: entry.time,
        nauticalMiles: entry.content.nauticalMiles,
      })
    } else if (entry.kind === 'ON_ROUTE' || passage.used.has(entry.id)) end(entry.time)
  }
  return found
}
