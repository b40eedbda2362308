import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions, defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import type { BerthFitCondition } from '../reservations/berth-fit.ts'

/** Why a ship calls: names of the codes of UN/EDIFACT 8025, means of transport call purpose. */
export const portCallPurposes = [
  'LOADING',
  'DISCHARGING',
  'CARGO_OPERATIONS',
  'PASSENGERS',
  'BUNKERING',
  'SUPPLIES',
  'CREW_CHANGE',
  'REPAIR',
  'DRY_DOCK',
  'TANK_CLEANING',
  'WASTE_DISPOSAL',
  'AWAITING_ORDERS',
  'LAY_UP',
  'REFUGE',
  'GOODWILL_VISIT',
  'OTHER',
] as const

export const portCallErrors = defineErrors({
  PORT_CALL_INVALID: {
    status: 422,
    title: { en: 'The port call breaks a rule', es: 'La escala incumple una regla' },
  },
  PORT_CALL_NOT_IN_STATE: {
    status: 409,
    title: {
      en: 'The port call’s state does not allow this',
      es: 'El estado de la escala no lo permite',
    },
  },
  PORT_CALL_ENDED: {
    status: 409,
    title: {
      en: 'The port call has ended and takes no change',
      es: 'La escala ha terminado y no admite cambios',
    },
  },
  PORT_CALLS_NOT_IMPORTED: {
    status: 422,
    title: {
      en: 'The table of port calls has faults',
      es: 'La tabla de escalas tiene errores',
    },
  },
  PORT_CALL_CONDITIONS_UNMET: {
    status: 409,
    title: {
      en: 'Conditions of this step are not met',
      es: 'No se cumplen las condiciones de este paso',
    },
  },
})

/** What a step of a call may ask for, by the code with which a refusal names it. */
export const portCallConditions = defineConditions({
  VESSEL_NOT_SCRAPPED: 'the vessel is not scrapped',
  VESSEL_NOT_DETAINED: 'the vessel is not detained',
  BERTH_RESERVED:
    'the call has a reservation of a berth that the ship has not lain at yet, whose window has not ended and begins within a day',
  BERTH_RESERVED_ELSEWHERE:
    'the call has such a reservation at another berth than the one the ship lies at',
  SHIP_STILL_FITS:
    'the ship, as it is registered and declared now, fits the berth and the metres that were reserved for it',
  METRES_CLEAR:
    'no other ship lies at the metres that the ship goes to, and where it comes before its window nothing else takes them until then',
  CARGO_COMPLETED: 'the ship has completed its cargo operations, or has only anchored',
  CLEARANCES_GRANTED: 'every authority that was asked has granted its clearance',
  DEPARTURE_AUTHORIZED: 'the departure is authorised',
  SERVICES_COMPLETED:
    'no ordered service is being provided, other than one that goes out with the ship',
  ORDERS_SETTLED: 'every service order is completed, denied or cancelled',
})
/** The berth being open is asked for by reservations as well, and stands with their conditions. */
export type PortCallCondition =
  keyof typeof portCallConditions | Extract<BerthFitCondition, 'BERTH_OPEN'>

const conditions = <const C extends PortCallCondition>(...codes: C[]): readonly C[] => codes

/** What a port call goes through, from its announcement to its closing. */
export const portCallLifecycle = defineLifecycle({
  of: 'port call',
  states: {
    ANNOUNCED: 'its agent has announced it, the port has not decided',
    APPROVED: 'the port expects the ship',
    REJECTED: 'the port has refused it; it may be announced again',
    ARRIVED: 'the ship is in the port area, not yet at a berth',
    ALONGSIDE: 'the ship lies at a berth',
    WORKING: 'cargo operations are under way',
    COMPLETED: 'cargo operations are over, the ship is still alongside',
    DEPARTED: 'the ship has left the port',
    CLOSED: 'the accounts are closed',
    OMITTED: 'the ship passed the port by',
    CANCELLED: 'the call was called off',
  },
  actions: {
    approve: {
      from: ['ANNOUNCED'],
      to: 'APPROVED',
      meaning: 'the port accepts the call',
      conditions: conditions('VESSEL_NOT_SCRAPPED'),
    },
    reject: { from: ['ANNOUNCED'], to: 'REJECTED', meaning: 'the port refuses it, with a reason' },
    resubmit: {
      from: ['REJECTED'],
      to: 'ANNOUNCED',
      meaning: 'announce a rejected call again',
      conditions: conditions('VESSEL_NOT_SCRAPPED'),
    },
    cancel: {
      from: ['ANNOUNCED', 'APPROVED'],
      to: 'CANCELLED',
      meaning: 'call it off before the ship arrives; irreversible',
    },
    omit: {
      from: ['ANNOUNCED', 'APPROVED'],
      to: 'OMITTED',
      meaning: 'the ship passes the port by; irreversible',
    },
    arrive: {
      from: ['APPROVED'],
      to: 'ARRIVED',
      meaning: 'the ship enters the port area',
      conditions: conditions('VESSEL_NOT_SCRAPPED'),
    },
    berth: {
      from: ['ARRIVED'],
      to: 'ALONGSIDE',
      meaning: 'the ship is made fast at a berth',
      conditions: conditions(
        'VESSEL_NOT_SCRAPPED',
        'BERTH_RESERVED',
        'BERTH_OPEN',
        'SHIP_STILL_FITS',
        'METRES_CLEAR',
      ),
    },
    shift: {
      from: ['ALONGSIDE', 'WORKING', 'COMPLETED'],
      to: 'ALONGSIDE',
      meaning: 'the ship moves to another berth',
      conditions: conditions(
        'VESSEL_NOT_SCRAPPED',
        'BERTH_RESERVED_ELSEWHERE',
        'BERTH_OPEN',
        'SHIP_STILL_FITS',
        'METRES_CLEAR',
      ),
    },
    start: {
      from: ['ALONGSIDE'],
      to: 'WORKING',
      meaning: 'cargo operations begin',
      conditions: conditions('VESSEL_NOT_SCRAPPED'),
    },
    complete: {
      from: ['WORKING'],
      to: 'COMPLETED',
      meaning: 'cargo operations end',
      conditions: conditions('VESSEL_NOT_SCRAPPED'),
    },
    depart: {
      from: ['ARRIVED', 'COMPLETED'],
      to: 'DEPARTED',
      meaning: 'the ship leaves the port; one that only anchored as it arrived',
      conditions: conditions(
        'VESSEL_NOT_SCRAPPED',
        'VESSEL_NOT_DETAINED',
        'CLEARANCES_GRANTED',
        'DEPARTURE_AUTHORIZED',
        'SERVICES_COMPLETED',
      ),
    },
    close: {
      from: ['DEPARTED'],
      to: 'CLOSED',
      meaning: 'close the accounts of the call',
      conditions: conditions('ORDERS_SETTLED'),
    },
  },
})

export const portCallStates = portCallLifecycle.stateNames
export type PortCallState = (typeof portCallStates)[number]
export const portCallActions = portCallLifecycle.actionNames
export type PortCallAction = (typeof portCallActions)[number]

/** The state an action leads to, or null when the present state does not allow it. */
export const { nextState } = portCallLifecycle

/** Whether a call has ended: no action leads on from here. */
export const { hasEnded } = portCallLifecycle

/** Whether a call still waits for its ship or has it in port, so that what AIS sees belongs to it. */
export const isOpen = (state: PortCallState): boolean => !hasEnded(state) && state !== 'DEPARTED'

/** The states of a call whose ship is in port. */
export const inPort: readonly PortCallState[] = ['ARRIVED', 'ALONGSIDE', 'WORKING', 'COMPLETED']

type Particulars = {
  UNLocationCode: string
  previousPort?: string | null | undefined
  nextPort?: string | null | undefined
  eta?: string | null | undefined
  etd?: string | null | undefined
}

/** Shape of a universal service reference (DCSA): SR, five digits and a check letter. */
export const universalServiceReferencePattern = String.raw`^SR\d{5}[A-Z]$`
/** Shape of a universal voyage reference (DCSA): year, number within it, direction. */
export const universalVoyageReferencePattern = String.raw`^\d{2}[0-9A-Z]{2}[NEWSR]$`

/** States in which all that is declared of a call may be amended: before the ship arrives. */
const beforeArrival: readonly PortCallState[] = ['ANNOUNCED', 'APPROVED']

/** What is still to come of a call whose ship is in port, and may be amended until it departs. */
const stillToCome: ReadonlySet<string> = new Set([
  'purposes',
  'carrierOrganization',
  'terminalOrganization',
  'etd',
  'nextPort',
  'declaredDepartureDraft',
  'carrierExportVoyageNumber',
  'universalExportVoyageReference',
])

/** The states in which some of what is declared may be amended. */
export const amendableStates = (properties: readonly string[]): readonly PortCallState[] =>
  properties.every((property) => stillToCome.has(property))
    ? [...beforeArrival, ...inPort]
    : beforeArrival

/** What breaks a rule in a port call, with its place. */
export const portCallFaults = (call: Particulars): Fault[] => {
  const faults: Fault[] = (['UNLocationCode', 'previousPort', 'nextPort'] as const).flatMap(
    (name) => {
      const fault = call[name] ? unLocationCodeFault(call[name]) : null
      return fault === null ? [] : [{ pointer: `#/${name}`, detail: fault }]
    },
  )
  if (call.eta && call.etd && Date.parse(call.etd) <= Date.parse(call.eta)) {
    const detail = { en: 'must be after eta', es: 'debe ser posterior a eta' }
    faults.push({ pointer: '#/etd', detail })
  }
  return faults
}

type Value = string | number | readonly string[] | null

/** What differs between two descriptions of a call, by property. */
export const changesBetween = <T extends Readonly<Record<string, Value>>>(
  before: T,
  after: T,
): Record<string, { from: Value; to: Value }> =>
  Object.fromEntries(
    Object.keys(after).flatMap((name) => {
      const [from, to] = [before[name] ?? null, after[name] ?? null]
      return JSON.stringify(from) === JSON.stringify(to) ? [] : [[name, { from, to }]]
    }),
  )

const day = 86_400_000

/** How far outside of a call's declared times what happened to its ship may belong to it, milliseconds. */
const margin = 3 * day

/** How long after its departure what tells of leaving still belongs to a call, milliseconds. */
const afterDeparture = day

/** The times between which what is seen of a ship may belong to a call; open where nothing is declared. */
export const seenWindow = ({
  eta,
  etd,
}: Record<'eta' | 'etd', Date | null>): { gte?: Date; lte?: Date } => {
  const last = etd ?? eta
  return {
    ...(eta === null ? {} : { gte: new Date(eta.getTime() - margin) }),
    ...(last === null ? {} : { lte: new Date(last.getTime() + margin) }),
  }
}

type Seen = Expected & {
  etd: Date | null
  /** When the ship departed, of a call that is DEPARTED. */
  departedAt: Date | null
}

/**
 * Of the calls of one ship at one place, the one that what happened there belongs to: the call whose ship
 * is in port; of what tells of leaving also one that has departed within the day before; and else the
 * expected one that is nearest, within three days of its declared times. Null where there is none.
 *
 * @param leaves whether the ship leaves a place by it
 */
export const callSeen = <C extends Seen>(
  calls: readonly C[],
  { time, leaves }: { time: Date; leaves: boolean },
): C | null => {
  const present = calls.filter(({ state }) => inPort.includes(state as PortCallState))
  if (present.length > 0) return nearestCall(present, time)
  const departed = calls
    .filter(({ departedAt }) => {
      const since = departedAt === null ? Infinity : time.getTime() - departedAt.getTime()
      return leaves && Math.abs(since) <= afterDeparture
    })
    .toSorted((a, b) => (b.departedAt?.getTime() ?? 0) - (a.departedAt?.getTime() ?? 0))[0]
  if (departed) return departed
  const expected = calls.filter(
    (call) => isOpen(call.state as PortCallState) && isSeenWithin(call, time),
  )
  return nearestCall(expected, time)
}

/** Whether a time lies in the window of `seenWindow`. */
export const isSeenWithin = (declared: Record<'eta' | 'etd', Date | null>, time: Date): boolean => {
  const { gte, lte } = seenWindow(declared)
  return !(gte && time < gte) && !(lte && time > lte)
}

type Expected = { id: string; state: string; eta: Date | null }

/**
 * Of several open calls of one ship at one place, the one whose ETA is nearest to `time`: what
 * happened then belongs to it. Calls without an ETA come last, and behind them those that the port
 * has rejected; of equals, the one announced first.
 */
export const nearestCall = <C extends Expected>(calls: readonly C[], time: Date): C | null => {
  const rejected = ({ state }: C): number => (state === 'REJECTED' ? 1 : 0)
  const distance = ({ eta }: C): number =>
    eta === null ? Number.POSITIVE_INFINITY : Math.abs(eta.getTime() - time.getTime())
  const compare = (a: C, b: C): number => {
    if (rejected(a) !== rejected(b)) return rejected(a) - rejected(b)
    const [left, right] = [distance(a), distance(b)]
    if (left !== right) return left < right ? -1 : 1
    return a.id < b.id ? -1 : 1
  }
  return calls.toSorted(compare)[0] ?? null
}
