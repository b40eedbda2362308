import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { defineConditions, defineLifecycle } from '@porttrack/shared/states/lifecycle'
import type { PortCallState } from '../port-calls/port-call.ts'
import type { Phase, ServiceType } from '../timestamps/port-call-matrix.ts'

/** The services that are ordered of who provides them. */
export const orderedServiceTypes = [
  'PILOTAGE',
  'TOWAGE',
  'MOORING',
  'BUNKERING',
  'SLUDGE',
] as const satisfies readonly ServiceType[]

export const serviceOrderErrors = defineErrors({
  SERVICE_ORDER_NOT_IN_STATE: {
    status: 409,
    title: {
      en: 'The order’s state does not allow this',
      es: 'El estado del pedido de servicio no lo permite',
    },
  },
  SERVICE_ORDER_CONDITIONS_UNMET: {
    status: 409,
    title: {
      en: 'Conditions of this step of the order are not met',
      es: 'No se cumplen las condiciones de este paso del pedido de servicio',
    },
  },
})

/** What a step of an order asks for, by the code with which a refusal names it. */
export const serviceOrderConditions = defineConditions({
  CALL_EXPECTS_SHIP:
    'the port has not rejected the call, and its ship has not departed before the service is provided',
  CALL_APPROVED: 'the port has approved the call',
  COMPLETED_AFTER_START: 'a service is not completed before it was started',
})
type Condition = keyof typeof serviceOrderConditions

const conditions = <const C extends Condition>(...codes: C[]): readonly C[] => codes

/** What an order of a service goes through, from its request to its completion. */
export const serviceOrderLifecycle = defineLifecycle({
  of: 'service order',
  states: {
    REQUESTED: 'it is asked of its provider, who has not answered',
    CONFIRMED: 'its provider has planned it',
    DENIED: 'its provider does not carry it out',
    STARTED: 'the service is being provided',
    COMPLETED: 'the service was provided',
    CANCELLED: 'it was called off by who ordered it, or with its call',
  },
  actions: {
    confirm: {
      from: ['REQUESTED', 'CONFIRMED'],
      to: 'CONFIRMED',
      meaning: 'plan it, or plan it anew; the time is the requested one unless another is given',
      conditions: conditions('CALL_EXPECTS_SHIP'),
    },
    deny: {
      from: ['REQUESTED', 'CONFIRMED'],
      to: 'DENIED',
      meaning: 'refuse it, or withdraw from it, with a reason; irreversible',
    },
    start: {
      from: ['CONFIRMED'],
      to: 'STARTED',
      meaning: 'begin to provide the service',
      conditions: conditions('CALL_APPROVED', 'CALL_EXPECTS_SHIP'),
    },
    complete: {
      from: ['STARTED'],
      to: 'COMPLETED',
      meaning: 'the service is provided; also when the ship has departed meanwhile',
      conditions: conditions('COMPLETED_AFTER_START'),
    },
    cancel: {
      from: ['REQUESTED', 'CONFIRMED', 'STARTED'],
      to: 'CANCELLED',
      meaning: 'call it off or break it off, with a reason; irreversible',
    },
  },
})

export const serviceOrderStates = serviceOrderLifecycle.stateNames
export type ServiceOrderState = (typeof serviceOrderStates)[number]
export const serviceOrderActions = serviceOrderLifecycle.actionNames
export type ServiceOrderAction = (typeof serviceOrderActions)[number]

/** States in which something is still to come of an order. */
export const outstandingStates = serviceOrderStates.filter(
  (state) => !serviceOrderLifecycle.hasEnded(state),
)

/** Who may take which step: the provider of the order, or who ordered it. */
export const sideOf: Readonly<Record<ServiceOrderAction, 'PROVIDER' | 'CONSUMER'>> = {
  confirm: 'PROVIDER',
  deny: 'PROVIDER',
  start: 'PROVIDER',
  complete: 'PROVIDER',
  cancel: 'CONSUMER',
}

type Situation = {
  callState: PortCallState
  /** When the ship departed, and when the service is planned or was begun; RFC 3339. */
  departedAt?: string | null
  providedAt?: string | null
  /** When the service was started, and when it is said to have been completed; RFC 3339. */
  startedAt?: string | null
  completedAt?: string | null
}

const isMet: Readonly<Record<Condition, (situation: Situation) => boolean>> = {
  CALL_EXPECTS_SHIP: ({ callState, departedAt, providedAt }) =>
    callState !== 'REJECTED' &&
    // What went out with the ship is often told when it has gone.
    (callState !== 'DEPARTED' ||
      (!!departedAt && !!providedAt && Date.parse(providedAt) <= Date.parse(departedAt))),
  CALL_APPROVED: ({ callState }) => callState !== 'ANNOUNCED' && callState !== 'REJECTED',
  COMPLETED_AFTER_START: ({ startedAt, completedAt }) =>
    !startedAt || !completedAt || Date.parse(startedAt) <= Date.parse(completedAt),
}

const faultOf = (code: Condition, { callState, startedAt }: Situation): Fault => {
  const faults: Record<Condition, Fault> = {
    CALL_EXPECTS_SHIP: {
      pointer: '#',
      code,
      detail: {
        en: `the call is ${callState}: no service is provided to it`,
        es: `la escala está en ${callState}: no se le presta ningún servicio`,
      },
    },
    CALL_APPROVED: {
      pointer: '#',
      code,
      detail: {
        en: `the call is ${callState}: the port has not approved it`,
        es: `la escala está en ${callState}: el puerto no la ha autorizado`,
      },
    },
    COMPLETED_AFTER_START: {
      pointer: '#/occurredAt',
      code,
      detail: {
        en: `must not be before the start at ${startedAt}`,
        es: `no puede ser antes del comienzo, a las ${startedAt}`,
      },
    },
  }
  return faults[code]
}

/** The conditions of a step, or of a request, that are not met: all at once. */
export const unmetConditions = (
  action: ServiceOrderAction | 'request',
  situation: Situation,
): Fault[] => {
  const asked: readonly Condition[] =
    action === 'request'
      ? ['CALL_EXPECTS_SHIP']
      : ((serviceOrderLifecycle.actions[action].conditions ?? []) as readonly Condition[])
  return asked.filter((code) => !isMet[code](situation)).map((code) => faultOf(code, situation))
}

type Outstanding = { state: ServiceOrderState; portCallPhaseTypeCode: Phase | null }

/**
 * Whether an order keeps a ship from departing: a service that is being provided to it, other than
 * one that goes out with it.
 */
export const hindersDeparture = ({ state, portCallPhaseTypeCode }: Outstanding): boolean =>
  state === 'STARTED' && portCallPhaseTypeCode !== 'OUTB'
