import { nextState, type PortCallAction, type PortCallState } from '../port-calls/port-call.ts'
import type { Source } from '../reporter.ts'
import { endsOfStays } from './berth-stays.ts'
import { occurrenceOf } from './occurrences.ts'
import type { EventType, Phase, ServiceTimestamp, ServiceType } from './port-call-matrix.ts'
import { effectiveOf } from './timestamp.ts'

/** A raw timestamp of a call. */
type Raw = ServiceTimestamp & {
  id: string
  portCallPhaseTypeCode: Phase | null
  portCallServiceId: string | null
  serviceLocation: { locationName: string | null; facilityCode: string | null }
  source: Source
  recordedAt: string
  breaches: readonly string[]
}

/** The steps of a call that its timestamps can tell of. */
export const toldSteps = [
  'arrive',
  'berth',
  'shift',
  'start',
  'complete',
  'depart',
] as const satisfies readonly PortCallAction[]
type ToldStep = (typeof toldSteps)[number]

/** A step that the timestamps tell of. */
export type HistoryStep = {
  action: ToldStep
  /** RFC 3339 in UTC. */
  occurredAt: string
  /** Of a shift, when the ship left the berth before, as far as that was told. */
  departedAt: string | null
  timestampId: string
  source: Source
}

/** When a step is taken: a shift begins as the ship leaves the berth before. */
export const takenAt = ({ occurredAt, departedAt }: HistoryStep): string => departedAt ?? occurredAt

/** One stay of the ship at a berth. */
type BerthStay = {
  arrivedAt: string | null
  departedAt: string | null
  locationName: string | null
  facilityCode: string | null
}

/** What a call went through, by its timestamps alone. */
export type CallHistory = {
  /** The state that the steps lead to from an approved call. */
  state: PortCallState
  /** In the order in which they happened; those that no state allows are left out. */
  steps: HistoryStep[]
  /** Steps that the timestamps tell of and that no state of the call allowed when they happened. */
  impossible: HistoryStep[]
  stays: BerthStay[]
}

/** Of equal times, what comes first. */
const rank: Readonly<Record<ToldStep, number>> = {
  arrive: 0,
  berth: 1,
  shift: 1,
  start: 2,
  complete: 3,
  depart: 4,
}

/**
 * What a call went through, derived from its raw timestamps and nothing else. Of the actual ones that
 * count, the ship arrives with the end of its sea passage, or with the first that has it in port; it
 * is at a berth with each berth arrival, the first by berthing and every later one by shifting; cargo
 * operations start and complete; and it departs with the last berth departure, or with the beginning
 * of its sea passage when it was at no berth. The order in which timestamps were recorded or are
 * given makes no difference, apart from the rule that of one source the last recorded counts.
 */
export const historyOf = (timestamps: readonly Raw[]): CallHistory => {
  const actual = effectiveOf(timestamps.filter(({ classifierCode }) => classifierCode === 'ACT'))
  const counting = timestamps.filter(({ breaches }) => breaches.length === 0)
  const ends = endsOfStays(counting)
  const stays = Map.groupBy(
    actual.filter(({ portCallServiceTypeCode }) => portCallServiceTypeCode === 'BERTH'),
    (each) => occurrenceOf(ends, each),
  )
  const numbers = [...stays.keys()].toSorted((a, b) => a - b)
  const at = (number: number, event: EventType) =>
    (stays.get(number) ?? []).filter(
      ({ portCallServiceEventTypeCode }) => portCallServiceEventTypeCode === event,
    )
  const of = (service: ServiceType, event: EventType) =>
    actual.filter(
      (each) =>
        each.portCallServiceTypeCode === service && each.portCallServiceEventTypeCode === event,
    )

  const berthings = numbers.flatMap((number) => firstOf(at(number, 'ARRI')) ?? [])
  const arrival =
    firstOf(of('SEA_PASSAGE', 'CMPL')) ?? firstOf([...of('ANCHORAGE', 'STRT'), ...berthings])
  const lastStay = numbers.at(-1)
  const departure =
    lastStay === undefined ? lastOf(of('SEA_PASSAGE', 'STRT')) : lastOf(at(lastStay, 'DEPA'))
  const told = [
    ...stepsOf('arrive', arrival ? [arrival] : []),
    ...stepsOf('berth', berthings.slice(0, 1)),
    ...stepsOf('shift', berthings.slice(1), (time) =>
      lastOf(
        of('BERTH', 'DEPA').filter(({ serviceDateTime }) => Date.parse(serviceDateTime) <= time),
      ),
    ),
    ...stepsOf('start', perStay(of('CARGO_OPERATIONS', 'STRT'), ends, firstOf)),
    ...stepsOf('complete', perStay(of('CARGO_OPERATIONS', 'CMPL'), ends, lastOf)),
    ...stepsOf('depart', departure ? [departure] : []),
  ].toSorted(
    (a, b) =>
      compare(a.occurredAt, b.occurredAt) ||
      rank[a.action] - rank[b.action] ||
      compare(a.timestampId, b.timestampId),
  )

  const steps: HistoryStep[] = []
  const impossible: HistoryStep[] = []
  let state: PortCallState = 'APPROVED'
  for (const step of told) {
    const next = nextState(state, step.action)
    ;(next === null ? impossible : steps).push(step)
    state = next ?? state
  }
  return {
    state,
    steps,
    impossible,
    stays: numbers.map((number) => stayOf(firstOf(at(number, 'ARRI')), lastOf(at(number, 'DEPA')))),
  }
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

/** By time and, of equals, by id: so that nothing depends on the order in which they are given. */
const inOrder = (timestamps: readonly Raw[]): Raw[] =>
  timestamps.toSorted(
    (a, b) => Date.parse(a.serviceDateTime) - Date.parse(b.serviceDateTime) || compare(a.id, b.id),
  )

const firstOf = (timestamps: readonly Raw[]): Raw | undefined => inOrder(timestamps)[0]
const lastOf = (timestamps: readonly Raw[]): Raw | undefined => inOrder(timestamps).at(-1)

const perStay = (
  timestamps: readonly Raw[],
  ends: readonly number[],
  choose: (of: readonly Raw[]) => Raw | undefined,
): Raw[] => {
  const stays = Map.groupBy(timestamps, (each) => occurrenceOf(ends, each))
  return [...stays.values()].flatMap((each) => choose(each) ?? [])
}

const stepsOf = (
  action: ToldStep,
  timestamps: readonly Raw[],
  leaving: (time: number) => Raw | undefined = () => undefined,
): HistoryStep[] =>
  timestamps.map(({ id, serviceDateTime, source }) => {
    const time = Date.parse(serviceDateTime)
    const left = leaving(time)
    return {
      action,
      occurredAt: new Date(time).toISOString(),
      departedAt: left ? new Date(left.serviceDateTime).toISOString() : null,
      timestampId: id,
      source,
    }
  })

const stayOf = (arrival: Raw | undefined, departure: Raw | undefined): BerthStay => {
  const place = (arrival ?? departure)?.serviceLocation
  return {
    arrivedAt: arrival ? new Date(arrival.serviceDateTime).toISOString() : null,
    departedAt: departure ? new Date(departure.serviceDateTime).toISOString() : null,
    locationName: place?.locationName ?? null,
    facilityCode: place?.facilityCode ?? null,
  }
}

/** A step that was recorded by a decision. */
export type DecidedStep = { action: string; occurredAt: string | null }

export const contradictionCodes = [
  'STEP_NOT_TAKEN',
  'STEP_WITHOUT_TIMESTAMP',
  'STEP_AT_OTHER_TIME',
  'STEP_IMPOSSIBLE',
  'STATE_DIFFERS',
] as const

/** Where what is recorded of a call and what its timestamps tell differ. */
export type Contradiction = {
  code: (typeof contradictionCodes)[number]
  action: ToldStep | null
  /** What the timestamps tell: a time, or for STATE_DIFFERS a state. */
  told: string | null
  /** What is recorded: a time, or for STATE_DIFFERS a state. */
  recorded: string | null
}

const contradiction = (
  code: Contradiction['code'],
  action: ToldStep | null,
  { told = null, recorded = null }: Partial<Pick<Contradiction, 'told' | 'recorded'>>,
): Contradiction => ({ code, action, told, recorded })

type Recorded = { state: PortCallState; decisions: readonly DecidedStep[] }

/** Steps of the history that no decision has taken, in order: each action as often as it was told. */
export const stepsNotTaken = (
  { steps }: Pick<CallHistory, 'steps'>,
  decisions: readonly DecidedStep[],
): HistoryStep[] =>
  toldSteps
    .flatMap((action) =>
      steps
        .filter((step) => step.action === action)
        .slice(decisions.filter((decision) => decision.action === action).length),
    )
    .toSorted((a, b) => steps.indexOf(a) - steps.indexOf(b))

/** Every contradiction between a call's record and its history; none when they agree. */
export const contradictionsOf = (
  history: CallHistory,
  { state, decisions }: Recorded,
): Contradiction[] => {
  const found = toldSteps.flatMap((action): Contradiction[] => {
    const told = history.steps.filter((step) => step.action === action)
    const taken = decisions.filter((decision) => decision.action === action)
    return Array.from({ length: Math.max(told.length, taken.length) }, (_, index) => {
      const [step, decision] = [told[index], taken[index]]
      if (!step) {
        return contradiction('STEP_WITHOUT_TIMESTAMP', action, {
          recorded: decision?.occurredAt ?? null,
        })
      }
      if (!decision) return contradiction('STEP_NOT_TAKEN', action, { told: step.occurredAt })
      const toldAt = takenAt(step)
      const differs = decision.occurredAt !== null && decision.occurredAt !== toldAt
      return differs
        ? contradiction('STEP_AT_OTHER_TIME', action, {
            told: toldAt,
            recorded: decision.occurredAt,
          })
        : null
    }).filter((each) => each !== null)
  })
  // Closing says nothing of the ship, and neither do the states before it arrives.
  const shipIs: PortCallState = state === 'CLOSED' ? 'DEPARTED' : beforeArrival(state)
  return [
    ...found,
    ...history.impossible.map(({ action, occurredAt }) =>
      contradiction('STEP_IMPOSSIBLE', action, { told: occurredAt }),
    ),
    ...(shipIs === history.state
      ? []
      : [contradiction('STATE_DIFFERS', null, { told: history.state, recorded: state })]),
  ]
}

const beforeArrival = (state: PortCallState): PortCallState =>
  ['ANNOUNCED', 'REJECTED', 'OMITTED', 'CANCELLED'].includes(state) ? 'APPROVED' : state
