import { defineErrors } from '@porttrack/shared/http/errors'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'
import type { PortCallCondition } from '../port-calls/port-call.ts'

export const departureErrors = defineErrors({
  DEPARTURE_NOT_POSSIBLE: {
    status: 409,
    title: {
      en: 'Departure cannot be authorised yet',
      es: 'Todavía no se puede autorizar la salida',
    },
  },
  DEPARTURE_AUTHORIZED_ALREADY: {
    status: 409,
    title: { en: 'Departure is authorised already', es: 'La salida ya está autorizada' },
  },
})

/** What must hold for a ship to be let go. */
export const departureConditions = [
  'VESSEL_NOT_SCRAPPED',
  'VESSEL_NOT_DETAINED',
  'CARGO_COMPLETED',
  'CLEARANCES_GRANTED',
  'SERVICES_COMPLETED',
] as const satisfies readonly PortCallCondition[]

/** The port's word that a ship may leave. */
export const departureLifecycle = defineLifecycle({
  of: 'departure authorization',
  states: {
    NONE: 'the ship may not leave',
    AUTHORIZED: 'the ship may leave; judged again when it does',
  },
  actions: {
    authorize: {
      from: ['NONE'],
      to: 'AUTHORIZED',
      meaning: 'the harbour master lets the ship go',
      conditions: departureConditions,
    },
    withdraw: {
      from: ['AUTHORIZED'],
      to: 'NONE',
      meaning:
        'of itself, when a clearance is refused, the vessel is detained or scrapped, or the ship goes to a berth',
    },
  },
})
