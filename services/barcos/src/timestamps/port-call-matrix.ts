import type { Fault } from '@porttrack/shared/http/problem'

/**
 * The matrix of DCSA Just in Time 2.0 and Port Call 2.0: which timestamps a port call service has.
 */

export const eventTypes = ['ARRI', 'DEPA', 'STRT', 'CMPL'] as const
export type EventType = (typeof eventTypes)[number]

export const phases = ['INBD', 'ALGS', 'SHIF', 'OUTB'] as const
export type Phase = (typeof phases)[number]

export const classifiers = ['EST', 'REQ', 'PLN', 'ACT'] as const
export type Classifier = (typeof classifiers)[number]

type Rules = {
  classifiers: readonly Classifier[]
  eventTypes: readonly EventType[]
  /** Whether the service has a phase at all. */
  phased: boolean
}

const whole = ['STRT', 'CMPL'] as const
const arrival = ['ARRI'] as const
const negotiated = (events: readonly EventType[], phased = true): Rules => ({
  classifiers,
  eventTypes: events,
  phased,
})
const actual = (events: readonly EventType[], phased = true): Rules => ({
  classifiers: ['ACT'],
  eventTypes: events,
  phased,
})

const matrix = {
  BERTH: negotiated(['ARRI', 'DEPA']),
  CARGO_OPERATIONS: negotiated(whole),
  PILOTAGE: negotiated(whole),
  TOWAGE: negotiated(whole),
  MOORING: negotiated(whole),
  BUNKERING: negotiated(whole),
  PILOT_BOARDING_PLACE: negotiated(arrival),
  ANCHORAGE: negotiated(whole, false),
  SLUDGE: negotiated(whole, false),
  SEA_PASSAGE: actual(whole),
  ALL_FAST: actual(arrival),
  GANGWAY_DOWN_AND_SECURE: actual(arrival),
  VESSEL_READY_FOR_CARGO_OPERATIONS: actual(arrival),
  VESSEL_READY_TO_SAIL: actual(arrival),
  DISCHARGE_CARGO_OPERATIONS: actual(whole),
  LOADING_CARGO_OPERATIONS: actual(whole),
  LASHING: actual(whole),
  SAFETY: actual(['DEPA']),
  ANCHORAGE_OPERATIONS: actual(whole, false),
  SHORE_POWER: actual(whole),
  MOVES: { classifiers: [], eventTypes: arrival, phased: false },
} as const satisfies Record<string, Rules>

export type ServiceType = keyof typeof matrix
export const serviceTypes = Object.keys(matrix) as ServiceType[]

/** What a timestamp says: of which service, what of it, and when. */
export type ServiceTimestamp = {
  portCallServiceTypeCode: ServiceType
  portCallServiceEventTypeCode: EventType
  portCallPhaseTypeCode?: Phase | null | undefined
  classifierCode: Classifier
  /** RFC 3339. */
  serviceDateTime: string
}

/** Clocks of callers may be ahead by this much, in milliseconds. */
const clockSkew = 60_000

/**
 * Every way in which a timestamp of a service's provider breaks the matrix, with its place; none for
 * one that may be recorded.
 *
 * @param now milliseconds since 1970
 */
export const matrixBreaches = (given: ServiceTimestamp, now: number): Fault[] => {
  const service = given.portCallServiceTypeCode
  const rules: Rules = matrix[service]
  const breaches: Fault[] = []
  const breach = (property: keyof ServiceTimestamp, detail: string) =>
    breaches.push({ pointer: `#/${property}`, detail })

  if (rules.classifiers.length === 0) {
    breach('portCallServiceTypeCode', `${service} has no timestamp`)
  } else if (!rules.classifiers.includes(given.classifierCode)) {
    breach('classifierCode', `must be ${rules.classifiers.join(' or ')} for ${service}`)
  } else if (given.classifierCode === 'REQ') {
    breach('classifierCode', 'REQ comes only from the consumer of the service, as a request')
  }
  if (!rules.eventTypes.includes(given.portCallServiceEventTypeCode)) {
    const allowed = rules.eventTypes.join(' or ')
    breach('portCallServiceEventTypeCode', `must be ${allowed} for ${service}`)
  }
  if (given.portCallPhaseTypeCode && !rules.phased) {
    breach('portCallPhaseTypeCode', `must be left out: ${service} has no phase`)
  }
  if (given.classifierCode === 'ACT' && Date.parse(given.serviceDateTime) > now + clockSkew) {
    breach('serviceDateTime', 'is in the future, while ACT says that it has happened')
  }
  return breaches
}

/** The steps of one berth stay, in the order in which they happen. */
const steps: readonly (readonly [service: ServiceType, event: EventType])[] = [
  ['PILOT_BOARDING_PLACE', 'ARRI'],
  ['BERTH', 'ARRI'],
  ['ALL_FAST', 'ARRI'],
  ['CARGO_OPERATIONS', 'STRT'],
  ['CARGO_OPERATIONS', 'CMPL'],
  ['VESSEL_READY_TO_SAIL', 'ARRI'],
  ['BERTH', 'DEPA'],
]

const stepOf = (timestamp: ServiceTimestamp): number =>
  steps.findIndex(
    ([service, event]) =>
      service === timestamp.portCallServiceTypeCode &&
      event === timestamp.portCallServiceEventTypeCode,
  )

/**
 * The places where an actual timestamp contradicts those recorded of the same berth stay: pilot
 * boarding ≤ berth arrival ≤ ALL_FAST ≤ cargo start ≤ cargo completion ≤ READY_TO_SAIL ≤ berth
 * departure. A stay ends at a berth departure that a berth arrival follows, so that after a shift
 * the order begins anew.
 *
 * @param recorded the actual timestamps that count, one for each step and phase at most
 * @param berthing every actual timestamp of BERTH, by which stays are told apart
 */
export const orderBreaches = (
  given: ServiceTimestamp,
  { recorded, berthing }: Record<'recorded' | 'berthing', readonly ServiceTimestamp[]>,
): Fault[] => {
  const step = stepOf(given)
  if (given.classifierCode !== 'ACT' || step < 0) return []
  const time = timeOf(given)
  const ends = endsOfStays([...berthing, given])
  const stay = stayAt(ends, time)
  return recorded.flatMap((other) => {
    const otherStep = stepOf(other)
    const otherTime = timeOf(other)
    if (otherStep < 0 || otherStep === step || stayAt(ends, otherTime) !== stay) return []
    const late = otherStep > step && otherTime < time
    const early = otherStep < step && otherTime > time
    if (!late && !early) return []
    const name = `${other.portCallServiceTypeCode} ${other.portCallServiceEventTypeCode}`
    const detail = `must not be ${late ? 'after' : 'before'} ${name} at ${new Date(otherTime).toISOString()}`
    return [{ pointer: '#/serviceDateTime', detail }]
  })
}

const timeOf = ({ serviceDateTime }: ServiceTimestamp): number => Date.parse(serviceDateTime)

/** Times of the departures that an arrival follows, in order. */
const endsOfStays = (timestamps: readonly ServiceTimestamp[]): number[] => {
  const berthing = timestamps
    .filter(({ portCallServiceTypeCode }) => portCallServiceTypeCode === 'BERTH')
    .toSorted((a, b) => timeOf(a) - timeOf(b))
  return berthing.flatMap((each, index) => {
    const next = berthing[index + 1]
    const ends =
      each.portCallServiceEventTypeCode === 'DEPA' && next?.portCallServiceEventTypeCode === 'ARRI'
    return ends ? [timeOf(each)] : []
  })
}

const stayAt = (ends: readonly number[], time: number): number =>
  ends.filter((end) => end < time).length
