import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions } from '@porttrack/shared/states/lifecycle'
import type { Source } from '../reporter.ts'
import type {
  Classifier,
  EventType,
  Phase,
  ServiceTimestamp,
  ServiceType,
} from './port-call-matrix.ts'

export const portCallServiceErrors = defineErrors({
  SERVICE_ENDED: {
    status: 409,
    title: {
      en: 'The service was cancelled or declined and takes no timestamp',
      es: 'El servicio fue anulado o rechazado y no admite marcas de tiempo',
    },
  },
})

/** What tells the services of a call apart. */
export type ServiceKey = {
  portCallServiceTypeCode: ServiceType
  portCallServiceEventTypeCode: EventType
  portCallPhaseTypeCode: Phase | null
}

type Service = ServiceKey & {
  id: string
  occurrence: number
  /** Cancelled or declined. */
  ended: boolean
}

/** What happens between two occurrences of an event: a ship that arrives twice has left meanwhile. */
const opposites: Readonly<Record<EventType, EventType>> = {
  ARRI: 'DEPA',
  DEPA: 'ARRI',
  STRT: 'CMPL',
  CMPL: 'STRT',
}

/** By what else than its own opposite a service comes about once more: by the berth that is left. */
const stayBound: ReadonlySet<ServiceType> = new Set([
  'PILOT_BOARDING_PLACE',
  'ALL_FAST',
  'GANGWAY_DOWN_AND_SECURE',
  'VESSEL_READY_FOR_CARGO_OPERATIONS',
  'VESSEL_READY_TO_SAIL',
  'SAFETY',
])

type Of = {
  services: readonly Service[]
  actual: readonly (ServiceTimestamp & { serviceId: string | null })[]
}

/**
 * The service of a call that a timestamp tells of, or null when it is the first to tell of it: the
 * latest of its type, event type and phase. A timestamp without a phase tells of the latest whatever
 * its phase. It is a new one when that one was cancelled or declined, when it has happened and
 * another is estimated, requested or planned for later, and when its opposite lies between: a ship
 * that arrives once more has departed meanwhile.
 */
export const serviceToldOf = (
  given: ServiceTimestamp,
  { services, actual }: Of,
): Service | null => {
  const phase = given.portCallPhaseTypeCode ?? null
  const ofKind = services
    .filter(
      (each) =>
        each.portCallServiceTypeCode === given.portCallServiceTypeCode &&
        each.portCallServiceEventTypeCode === given.portCallServiceEventTypeCode &&
        (phase === null || each.portCallPhaseTypeCode === phase),
    )
    .toSorted((a, b) => b.occurrence - a.occurrence || (a.id < b.id ? 1 : -1))
  const [latest] = ofKind
  if (!latest || latest.ended) return null
  const time = timeOf(given)
  const happenedOf = ({ id }: Service) =>
    actual.filter(({ serviceId }) => serviceId === id).map(timeOf)
  const happened = happenedOf(latest)
  if (happened.length === 0) return latest
  if (given.classifierCode !== 'ACT') {
    return happened.every((each) => each < time) ? null : latest
  }
  const between = actual.filter((each) => parts(each, given)).map(timeOf)
  const apart = (one: number) =>
    between.some((each) => Math.min(one, time) < each && each < Math.max(one, time))
  // A correction may come after it was begun anew.
  return ofKind.find((each) => !each.ended && happenedOf(each).some((one) => !apart(one))) ?? null
}

/**
 * Of the services that were ordered of a provider, the one that its timestamp tells of: the first that
 * has not happened, or else the last, which it corrects. Null when none was ordered.
 */
export const orderedServiceOf = (
  given: ServiceTimestamp,
  { services, actual }: Of,
): Service | null => {
  const phase = given.portCallPhaseTypeCode ?? null
  const ordered = services
    .filter(
      (each) =>
        !each.ended &&
        each.portCallServiceEventTypeCode === given.portCallServiceEventTypeCode &&
        // What was ordered without a phase is of every phase.
        (phase === null || [phase, null].includes(each.portCallPhaseTypeCode)),
    )
    .toSorted((a, b) => a.occurrence - b.occurrence)
  const open = ordered.find(({ id }) => !actual.some(({ serviceId }) => serviceId === id))
  return open ?? ordered.at(-1) ?? null
}

const parts = (other: ServiceTimestamp, given: ServiceTimestamp): boolean => {
  const { portCallServiceTypeCode: type, portCallServiceEventTypeCode: event } = given
  return stayBound.has(type)
    ? other.portCallServiceTypeCode === 'BERTH' && other.portCallServiceEventTypeCode === 'DEPA'
    : other.portCallServiceTypeCode === type &&
        other.portCallServiceEventTypeCode === opposites[event]
}

const timeOf = ({ serviceDateTime }: ServiceTimestamp): number => Date.parse(serviceDateTime)

export const replyConditions = defineConditions({
  REPLY_TO_SAME_SERVICE: 'a reply names a timestamp of the same service of the same call',
  REPLY_TO_REQUEST_AGREES: 'a PLN that answers a REQ has the time that was requested',
  LOCATION_ONLY_REQUESTED: 'only a REQ names another location than the service has',
})

type Answered = ServiceTimestamp & { portCallId: string | null }

/**
 * What a reply breaks (DCSA Just in Time 2.0): it names a timestamp of the same service, and a PLN
 * that answers a REQ has the same time.
 *
 * @param answered the timestamp that is named, null when there is none
 */
export const replyBreaches = (
  given: ServiceTimestamp,
  answered: Answered | null,
  portCallId: string,
): Fault[] => {
  const phase = given.portCallPhaseTypeCode ?? null
  const same =
    answered?.portCallId === portCallId &&
    answered.portCallServiceTypeCode === given.portCallServiceTypeCode &&
    answered.portCallServiceEventTypeCode === given.portCallServiceEventTypeCode &&
    (phase === null || [phase, null].includes(answered.portCallPhaseTypeCode ?? null))
  if (!answered || !same) {
    return [
      {
        pointer: '#/replyTo',
        code: 'REPLY_TO_SAME_SERVICE',
        detail: {
          en: 'names no timestamp of this service of the call',
          es: 'no nombra una marca de tiempo de este servicio de la escala',
        },
      },
    ]
  }
  const plans = given.classifierCode === 'PLN' && answered.classifierCode === 'REQ'
  if (!plans || timeOf(answered) === timeOf(given)) return []
  const requested = new Date(timeOf(answered)).toISOString()
  return [
    {
      pointer: '#/serviceDateTime',
      code: 'REPLY_TO_REQUEST_AGREES',
      detail: {
        en: `must be the requested ${requested}; another time is an EST`,
        es: `debe ser lo solicitado, ${requested}; otra hora es un EST`,
      },
    },
  ]
}

/** How far the two sides of a service have come. */
export const negotiationStates = [
  'OPEN',
  'ESTIMATED',
  'REQUESTED',
  'PLANNED',
  'DONE',
  'DECLINED',
  'CANCELLED',
] as const
type NegotiationState = (typeof negotiationStates)[number]

type Counted = ServiceTimestamp & {
  id: string
  source: Source
  /** RFC 3339 in UTC. */
  recordedAt: string
}

type Negotiation = {
  state: NegotiationState
  /** Whose turn it is to answer, if anyone’s. */
  awaits: 'PROVIDER' | 'CONSUMER' | null
  /** The time that counts for now: what happened, or else what was said last. */
  serviceDateTime: string | null
}

const stateOf: Readonly<Record<Exclude<Classifier, 'ACT'>, NegotiationState>> = {
  EST: 'ESTIMATED',
  REQ: 'REQUESTED',
  PLN: 'PLANNED',
}

const turnAfter: Readonly<Partial<Record<NegotiationState, Negotiation['awaits']>>> = {
  ESTIMATED: 'CONSUMER',
  REQUESTED: 'PROVIDER',
}

/**
 * Where a negotiation stands: EST → REQ → PLN → ACT, in which either side may speak again before it
 * is done (IMO FAL.5-Circ.52). What was said last is what counts, in whatever order it is given here.
 * What AIS estimates is nobody's word: it counts until one of the sides has spoken.
 *
 * @param effective the timestamps of one service that count, one for each classifier
 */
export const negotiationOf = (
  effective: readonly Counted[],
  { cancelled, declined }: { cancelled: boolean; declined: boolean },
): Negotiation => {
  const isSpoken = ({ source, classifierCode }: Counted): boolean =>
    source !== 'AIS' || classifierCode === 'ACT'
  const spoken = effective.filter(isSpoken)
  const inOrder = (spoken.length > 0 ? spoken : effective).toSorted((a, b) =>
    a.recordedAt === b.recordedAt ? (a.id < b.id ? -1 : 1) : a.recordedAt < b.recordedAt ? -1 : 1,
  )
  const actual = inOrder.findLast(({ classifierCode }) => classifierCode === 'ACT')
  const said = actual ?? inOrder.at(-1)
  const state = ((): NegotiationState => {
    if (actual) return 'DONE'
    if (cancelled) return 'CANCELLED'
    if (declined) return 'DECLINED'
    return said && said.classifierCode !== 'ACT' ? stateOf[said.classifierCode] : 'OPEN'
  })()
  return {
    state,
    awaits: turnAfter[state] ?? null,
    serviceDateTime: said?.serviceDateTime ?? null,
  }
}
