import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'
import { unLocationCodeFault } from '../places/un-location-code.ts'

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
    approve: { from: ['ANNOUNCED'], to: 'APPROVED', meaning: 'the port accepts the call' },
    reject: { from: ['ANNOUNCED'], to: 'REJECTED', meaning: 'the port refuses it, with a reason' },
    resubmit: { from: ['REJECTED'], to: 'ANNOUNCED', meaning: 'announce a rejected call again' },
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
    arrive: { from: ['APPROVED'], to: 'ARRIVED', meaning: 'the ship enters the port area' },
    berth: { from: ['ARRIVED'], to: 'ALONGSIDE', meaning: 'the ship is made fast at a berth' },
    shift: {
      from: ['ALONGSIDE', 'WORKING', 'COMPLETED'],
      to: 'ALONGSIDE',
      meaning: 'the ship moves to another berth',
    },
    start: { from: ['ALONGSIDE'], to: 'WORKING', meaning: 'cargo operations begin' },
    complete: { from: ['WORKING'], to: 'COMPLETED', meaning: 'cargo operations end' },
    depart: {
      from: ['ARRIVED', 'COMPLETED'],
      to: 'DEPARTED',
      meaning: 'the ship leaves the port; one that only anchored as it arrived',
    },
    close: { from: ['DEPARTED'], to: 'CLOSED', meaning: 'close the accounts of the call' },
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
    faults.push({
      pointer: '#/etd',
      detail: { en: 'must be after eta', es: 'debe ser posterior a eta' },
    })
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
