import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import {
  clockSkew,
  type EventType,
  type Phase,
  type ServiceType,
} from '../timestamps/port-call-matrix.ts'
import { authorities, type Authority, type ClearanceState } from '../clearances/clearance.ts'
import { conflictOf, type Obstacle, takenText } from '../reservations/reservation.ts'
import {
  type PortCallAction,
  type PortCallCondition,
  portCallLifecycle,
  type PortCallState,
} from './port-call.ts'

/** A reservation of a berth, as far as a step needs to know it. */
export type Reservation = {
  id: string
  berthId: string
  berthName: string
  berthState: string
  /** SMDG or BIC code of the berth, where it has one. */
  facilityCode: string | null
  /** Of the quay. */
  fromMetre: number
  toMetre: number
  startsAt: Date
  endsAt: Date
  /** Null until the ship lies there. */
  alongsideFrom: Date | null
  /** Null until it has left. */
  alongsideTo: Date | null
}

/** A service order, as far as a step needs to know it. */
type OutstandingOrder = {
  portCallServiceTypeCode: string
  providerOrganization: string
  state: string
  hindersDeparture: boolean
}

/** What the conditions of a step, and of a departure, are judged by. */
export type Situation = {
  state: PortCallState
  vesselState: string
  clearances: readonly { authority: Authority; state: ClearanceState }[]
  departureAuthorizedAt: Date | null
  /** The service orders of which something is still to come. */
  orders: readonly OutstandingOrder[]
  /** The reservation whose berth the ship lies at, or null. */
  lyingAt: Reservation | null
  /** The reservation that a step goes to, or null where there is none to go to. */
  goingTo: Reservation | null
  /** What the ship has come to break at the berth that it goes to. */
  misfits: readonly Fault[]
  /** What keeps the ship from the metres that it goes to, as the caller may know it. */
  inTheWay: readonly Obstacle[]
}

const atBerth: ReadonlySet<PortCallState> = new Set(['ALONGSIDE', 'WORKING', 'COMPLETED'])

/** How long before its window a ship may come to its berth, in milliseconds. */
const earliest = 86_400_000

/**
 * Of a call's reservations, in the order of their windows, the one whose berth the ship lies at and
 * the one that a step goes to: the one that is named, or the next one at another berth. A call that is
 * at a berth by its state, and whose ship is known to have left it, is still at the last one.
 *
 * @param at when the ship comes there: a window that has gone by, or is more than a day ahead, leads
 *   nowhere
 */
export const berthsOf = (
  reservations: readonly Reservation[],
  { state, named, at }: { state: PortCallState; named?: string | undefined; at: Date },
): Pick<Situation, 'lyingAt' | 'goingTo'> => {
  const lain = reservations
    .filter(({ alongsideFrom }) => alongsideFrom !== null)
    .toSorted((a, b) => Number(a.alongsideFrom) - Number(b.alongsideFrom))
  const lyingAt =
    lain.find(({ alongsideTo }) => alongsideTo === null) ??
    (atBerth.has(state) ? lain.at(-1) : undefined) ??
    null
  const ahead = reservations.filter(
    ({ alongsideFrom, startsAt, endsAt }) =>
      alongsideFrom === null && endsAt > at && startsAt.getTime() - earliest <= at.getTime(),
  )
  const next = ahead.find(({ berthId }) => berthId !== lyingAt?.berthId)
  const goingTo = named === undefined ? next : ahead.find(({ id }) => id === named)
  return { lyingAt, goingTo: goingTo ?? null }
}

/** What is to be said of a condition that is not met. */
type Unmet = Pick<Fault, 'detail' | 'conflictsWith'>

const unmet = (met: boolean, detail: Text): Unmet[] => (met ? [] : [{ detail }])

const outstanding = (order: OutstandingOrder): Unmet => {
  const { portCallServiceTypeCode: service, providerOrganization: provider, state } = order
  return {
    detail: {
      en: `the order of ${service} of ${provider} is ${state}`,
      es: `el pedido de ${service} a ${provider} está en ${state}`,
    },
  }
}

/** What is to be said of each condition that a situation does not meet. */
const judges: Readonly<Record<PortCallCondition, (situation: Situation) => readonly Unmet[]>> = {
  VESSEL_NOT_SCRAPPED: ({ vesselState }) =>
    unmet(vesselState !== 'SCRAPPED', {
      en: 'the vessel is scrapped',
      es: 'el buque está desguazado',
    }),
  VESSEL_NOT_DETAINED: ({ vesselState }) =>
    unmet(vesselState !== 'DETAINED', {
      en: 'the vessel is detained',
      es: 'el buque está retenido',
    }),
  BERTH_RESERVED: ({ goingTo }) =>
    unmet(goingTo !== null, {
      en: 'no berth is reserved for the call at this time',
      es: 'la escala no tiene ningún atraque reservado en este momento',
    }),
  BERTH_RESERVED_ELSEWHERE: ({ goingTo, lyingAt }) =>
    unmet(goingTo !== null && goingTo.berthId !== lyingAt?.berthId, {
      en: 'no other berth is reserved for the call at this time',
      es: 'la escala no tiene reservado otro atraque en este momento',
    }),
  BERTH_OPEN: ({ goingTo }) =>
    unmet(goingTo === null || goingTo.berthState === 'OPEN', {
      en: `berth ${goingTo?.berthName} is closed`,
      es: `el atraque ${goingTo?.berthName} está cerrado`,
    }),
  SHIP_STILL_FITS: ({ misfits }) => misfits.map(({ detail }) => ({ detail })),
  METRES_CLEAR: ({ inTheWay }) =>
    inTheWay.map((each) => ({ detail: takenText(each), conflictsWith: conflictOf(each) })),
  CARGO_COMPLETED: ({ state }) =>
    unmet(state === 'COMPLETED' || state === 'ARRIVED', {
      en: 'cargo operations are not completed',
      es: 'las operaciones de carga no han terminado',
    }),
  CLEARANCES_GRANTED: ({ clearances }) =>
    clearances
      .filter(({ state }) => state !== 'GRANTED')
      .map(({ authority, state }) => {
        const { en, es } = authorities[authority]
        return {
          detail: {
            en: `the clearance of ${en} (${authority}) is ${state}`,
            es: `el despacho de ${es} (${authority}) está en ${state}`,
          },
        }
      }),
  DEPARTURE_AUTHORIZED: ({ departureAuthorizedAt }) =>
    unmet(departureAuthorizedAt !== null, {
      en: 'the departure is not authorised',
      es: 'la salida no está autorizada',
    }),
  SERVICES_COMPLETED: ({ orders }) =>
    orders.filter(({ hindersDeparture }) => hindersDeparture).map(outstanding),
  ORDERS_SETTLED: ({ orders }) => orders.map(outstanding),
}

/** The conditions that an action asks for. */
export const conditionsOf = (action: PortCallAction): readonly PortCallCondition[] =>
  (portCallLifecycle.actions[action].conditions ?? []) as readonly PortCallCondition[]

/** Every one of some conditions that a situation does not meet, each by its code. */
export const unmetConditions = (
  codes: readonly PortCallCondition[],
  situation: Situation,
): Fault[] =>
  codes.flatMap((code) => judges[code](situation).map((each) => ({ pointer: '#', code, ...each })))

/** Whether the ship lies at another berth after an action. */
export const goesToBerth = (action: PortCallAction): boolean =>
  action === 'berth' || action === 'shift'

/** The actual timestamp that a step is, and by which property its time is given. */
export type StepTimestamp = {
  property: 'occurredAt' | 'arrivedAt'
  portCallServiceTypeCode: ServiceType
  portCallServiceEventTypeCode: EventType
  portCallPhaseTypeCode: Phase
  /** Which berth it is about. */
  berth: 'lyingAt' | 'goingTo' | null
}

const stamp = (
  portCallServiceTypeCode: ServiceType,
  portCallServiceEventTypeCode: EventType,
  rest: Pick<StepTimestamp, 'portCallPhaseTypeCode' | 'berth'> & Partial<StepTimestamp>,
): StepTimestamp => ({
  property: 'occurredAt',
  portCallServiceTypeCode,
  portCallServiceEventTypeCode,
  ...rest,
})

const alongside = { portCallPhaseTypeCode: 'ALGS', berth: 'lyingAt' } as const

const stepTimestamps: Readonly<Partial<Record<PortCallAction, readonly StepTimestamp[]>>> = {
  arrive: [stamp('SEA_PASSAGE', 'CMPL', { portCallPhaseTypeCode: 'INBD', berth: null })],
  berth: [stamp('BERTH', 'ARRI', { portCallPhaseTypeCode: 'INBD', berth: 'goingTo' })],
  shift: [
    stamp('BERTH', 'DEPA', { portCallPhaseTypeCode: 'SHIF', berth: 'lyingAt' }),
    stamp('BERTH', 'ARRI', {
      property: 'arrivedAt',
      portCallPhaseTypeCode: 'SHIF',
      berth: 'goingTo',
    }),
  ],
  start: [stamp('CARGO_OPERATIONS', 'STRT', alongside)],
  complete: [stamp('CARGO_OPERATIONS', 'CMPL', alongside)],
  depart: [stamp('BERTH', 'DEPA', { portCallPhaseTypeCode: 'OUTB', berth: 'lyingAt' })],
}

const anchoredDeparture = [
  stamp('SEA_PASSAGE', 'STRT', { portCallPhaseTypeCode: 'OUTB', berth: null }),
]

/** The actual timestamps that a step is; a ship that only anchored departs from no berth. */
export const timestampsOf = (
  action: PortCallAction,
  { lyingAt }: Pick<Situation, 'lyingAt'>,
): readonly StepTimestamp[] =>
  action === 'depart' && lyingAt === null ? anchoredDeparture : (stepTimestamps[action] ?? [])

/** What AIS sees a ship do, and at which facility. */
export type Sighting = {
  portCallServiceTypeCode: ServiceType
  portCallServiceEventTypeCode: EventType
  facilityCode: string | null
}

/**
 * The step that a ship has taken by what AIS saw, or null when that is none. Of a ship at a berth AIS
 * cannot tell that it has come to another, unless the facility says so; and one that leaves its
 * berth departs only where it may, which the conditions of departing see to.
 */
export const stepSeen = (
  sighting: Sighting,
  { state, reservations }: { state: PortCallState; reservations: readonly Reservation[] },
): { action: PortCallAction; reservationId?: string } | null => {
  const { portCallServiceTypeCode: service, portCallServiceEventTypeCode: event } = sighting
  const ahead = reservations.filter(({ alongsideFrom }) => alongsideFrom === null)
  const there = ahead.find(
    ({ facilityCode }) => facilityCode !== null && facilityCode === sighting.facilityCode,
  )
  const anywhere = ahead.find(
    ({ facilityCode }) => facilityCode === null || sighting.facilityCode === null,
  )
  switch (`${service} ${event}`) {
    case 'SEA_PASSAGE CMPL':
      return { action: 'arrive' }
    case 'BERTH ARRI': {
      const reservation = there ?? (atBerth.has(state) ? undefined : anywhere)
      if (!reservation) return null
      return { action: atBerth.has(state) ? 'shift' : 'berth', reservationId: reservation.id }
    }
    case 'BERTH DEPA':
      return atBerth.has(state) ? { action: 'depart' } : null
    case 'SEA_PASSAGE STRT':
      return { action: 'depart' }
    default:
      return null
  }
}

type StepTimes = { occurredAt?: string | undefined; arrivedAt?: string | undefined }

/**
 * What is wrong with the times of a step: they are past, and none is before the step that came
 * before it.
 *
 * @param now milliseconds since 1970
 */
export const timeFaults = (
  { occurredAt, arrivedAt }: StepTimes,
  { now, latest }: { now: number; latest: Date | null },
): Fault[] => {
  const faults: Fault[] = []
  for (const [property, time] of Object.entries({ occurredAt, arrivedAt })) {
    if (time !== undefined && Date.parse(time) > now + clockSkew) {
      const detail = { en: 'is in the future', es: 'está en el futuro' }
      faults.push({ pointer: `#/${property}`, detail })
    }
    if (time !== undefined && latest !== null && Date.parse(time) < latest.getTime()) {
      const at = latest.toISOString()
      const detail = {
        en: `must not be before the step before it, at ${at}`,
        es: `no debe ser anterior al paso precedente, de ${at}`,
      }
      faults.push({ pointer: `#/${property}`, detail })
    }
  }
  if (arrivedAt && occurredAt && Date.parse(arrivedAt) < Date.parse(occurredAt)) {
    const detail = { en: 'must not be before occurredAt', es: 'no debe ser anterior a occurredAt' }
    faults.push({ pointer: '#/arrivedAt', detail })
  }
  return faults
}

/** The latest of some times, of which each may not be known. */
export const latestOf = (times: readonly (Date | null)[]): Date | null =>
  times.reduce((latest, time) => (time && (!latest || time > latest) ? time : latest), null)
