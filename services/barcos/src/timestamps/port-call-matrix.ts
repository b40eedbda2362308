import { listed, type Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions } from '@porttrack/shared/states/lifecycle'
import { endsOfStays } from './berth-stays.ts'
import { occurrenceOf } from './occurrences.ts'

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

/** What a timestamp must meet by itself and beside the others of its call. */
export const matrixConditions = defineConditions({
  SERVICE_HAS_TIMESTAMPS: 'the service has timestamps at all: MOVES has forecasts only',
  CLASSIFIER_OF_SERVICE: 'the service has timestamps of this classifier',
  EVENT_TYPE_OF_SERVICE: 'the service has events of this type',
  PHASE_OF_SERVICE: 'a service without phases is given none',
  ACTUAL_HAS_HAPPENED: 'an actual time is not in the future, a minute aside',
  ORDER_OF_STAY:
    'within a berth stay: pilot boarding ≤ berth arrival ≤ all fast ≤ cargo start ≤ cargo completion ≤ ready to sail ≤ berth departure',
})

/** Clocks of callers may be ahead by this much, in milliseconds. */
export const clockSkew = 60_000

/**
 * Every way in which a timestamp breaks the matrix by itself, with its place; none for one that may
 * be recorded.
 *
 * @param now milliseconds since 1970
 */
export const matrixBreaches = (given: ServiceTimestamp, now: number): Fault[] => {
  const service = given.portCallServiceTypeCode
  const rules: Rules = matrix[service]
  const breaches: Fault[] = []
  const breach = (
    property: keyof ServiceTimestamp,
    code: keyof typeof matrixConditions,
    detail: Text,
  ) => breaches.push({ pointer: `#/${property}`, code, detail })

  if (rules.classifiers.length === 0) {
    breach('portCallServiceTypeCode', 'SERVICE_HAS_TIMESTAMPS', {
      en: `${service} has no timestamp`,
      es: `${service} no tiene marcas de tiempo`,
    })
  } else if (!rules.classifiers.includes(given.classifierCode)) {
    breach('classifierCode', 'CLASSIFIER_OF_SERVICE', mustBe(rules.classifiers, service))
  }
  if (!rules.eventTypes.includes(given.portCallServiceEventTypeCode)) {
    breach(
      'portCallServiceEventTypeCode',
      'EVENT_TYPE_OF_SERVICE',
      mustBe(rules.eventTypes, service),
    )
  }
  if (given.portCallPhaseTypeCode && !rules.phased) {
    breach('portCallPhaseTypeCode', 'PHASE_OF_SERVICE', {
      en: `must be left out: ${service} has no phase`,
      es: `no debe indicarse: ${service} no tiene fase`,
    })
  }
  if (given.classifierCode === 'ACT' && timeOf(given) > now + clockSkew) {
    breach('serviceDateTime', 'ACTUAL_HAS_HAPPENED', {
      en: 'is in the future, while ACT says that it has happened',
      es: 'está en el futuro, mientras que ACT dice que ya ha ocurrido',
    })
  }
  return breaches
}

const mustBe = (allowed: readonly string[], service: ServiceType): Text => {
  const { en, es } = listed(allowed, 'or')
  return { en: `must be ${en} for ${service}`, es: `debe ser ${es} para ${service}` }
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
 * @param recorded the actual timestamps that count, one for each step, stay and phase at most
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
  const stay = occurrenceOf(ends, given)
  return recorded.flatMap((other) => {
    const otherStep = stepOf(other)
    const otherTime = timeOf(other)
    if (otherStep < 0 || otherStep === step || occurrenceOf(ends, other) !== stay) return []
    const late = otherStep > step && otherTime < time
    const early = otherStep < step && otherTime > time
    if (!late && !early) return []
    const name = `${other.portCallServiceTypeCode} ${other.portCallServiceEventTypeCode}`
    const at = new Date(otherTime).toISOString()
    const detail = late
      ? {
          en: `must not be after ${name} at ${at}`,
          es: `no puede ser después de ${name}, a las ${at}`,
        }
      : {
          en: `must not be before ${name} at ${at}`,
          es: `no puede ser antes de ${name}, a las ${at}`,
        }
    return [{ pointer: '#/serviceDateTime', code: 'ORDER_OF_STAY', detail }]
  })
}

const timeOf = ({ serviceDateTime }: ServiceTimestamp): number => Date.parse(serviceDateTime)
