import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { unLocationCodeFault } from '../places/un-location-code.ts'

export const portCallStates = [
  'ANNOUNCED',
  'APPROVED',
  'REJECTED',
  'ARRIVED',
  'ALONGSIDE',
  'WORKING',
  'COMPLETED',
  'DEPARTED',
  'CLOSED',
  'OMITTED',
  'CANCELLED',
] as const
export type PortCallState = (typeof portCallStates)[number]

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
  PORT_CALL_INVALID: { status: 422, title: 'The port call breaks a rule' },
  PORT_CALL_NOT_IN_STATE: { status: 409, title: 'The port call’s state does not allow this' },
  PORT_CALL_ENDED: { status: 409, title: 'The port call has ended and takes no change' },
})

/** What can be done to a port call: from which states, and what it is afterwards. */
const transitions = {
  approve: { from: ['ANNOUNCED'], to: 'APPROVED' },
  reject: { from: ['ANNOUNCED'], to: 'REJECTED' },
  resubmit: { from: ['REJECTED'], to: 'ANNOUNCED' },
  cancel: { from: ['ANNOUNCED', 'APPROVED'], to: 'CANCELLED' },
  omit: { from: ['ANNOUNCED', 'APPROVED'], to: 'OMITTED' },
  arrive: { from: ['APPROVED'], to: 'ARRIVED' },
  berth: { from: ['ARRIVED'], to: 'ALONGSIDE' },
  // To another berth.
  shift: { from: ['ALONGSIDE', 'WORKING', 'COMPLETED'], to: 'ALONGSIDE' },
  start: { from: ['ALONGSIDE'], to: 'WORKING' },
  complete: { from: ['WORKING'], to: 'COMPLETED' },
  // A call that only anchors departs as it arrived.
  depart: { from: ['ARRIVED', 'COMPLETED'], to: 'DEPARTED' },
  close: { from: ['DEPARTED'], to: 'CLOSED' },
} as const satisfies Record<string, { from: readonly PortCallState[]; to: PortCallState }>

export type PortCallAction = keyof typeof transitions
export const portCallActions = Object.keys(transitions) as PortCallAction[]

/** The state an action leads to, or null when the present state does not allow it. */
export const nextState = (state: PortCallState, action: PortCallAction): PortCallState | null => {
  const { from, to }: { from: readonly PortCallState[]; to: PortCallState } = transitions[action]
  return from.includes(state) ? to : null
}

/** Whether a call has ended: no action leads on from here. */
export const hasEnded = (state: PortCallState): boolean =>
  portCallActions.every((action) => nextState(state, action) === null)

/** Whether a call still waits for its ship or has it in port, so that what AIS sees belongs to it. */
export const isOpen = (state: PortCallState): boolean => !hasEnded(state) && state !== 'DEPARTED'

type Particulars = {
  UNLocationCode: string
  previousPort?: string | null | undefined
  nextPort?: string | null | undefined
  eta?: string | null | undefined
  etd?: string | null | undefined
}

/** What breaks a rule in a port call, with its place. */
export const portCallFaults = (call: Particulars): Fault[] => {
  const faults = (['UNLocationCode', 'previousPort', 'nextPort'] as const).flatMap((name) => {
    const fault = call[name] ? unLocationCodeFault(call[name]) : null
    return fault === null ? [] : [{ pointer: `#/${name}`, detail: fault }]
  })
  if (call.eta && call.etd && Date.parse(call.etd) <= Date.parse(call.eta)) {
    faults.push({ pointer: '#/etd', detail: 'must be after eta' })
  }
  return faults
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
