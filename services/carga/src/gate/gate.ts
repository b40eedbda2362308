import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'

/** What a truck comes for. */
export const gatePurposes = ['DELIVERY', 'PICK_UP'] as const

export const gateAppointmentLifecycle = defineLifecycle({
  of: 'gate appointment',
  states: {
    BOOKED: 'the truck is expected',
    ARRIVED: 'the truck is at the gate or inside',
    COMPLETED: 'the truck has left',
    CANCELLED: 'the truck does not come; its place is free again',
  },
  actions: {
    arrive: { from: ['BOOKED'], to: 'ARRIVED', meaning: 'the truck has come to the gate' },
    complete: { from: ['ARRIVED'], to: 'COMPLETED', meaning: 'the truck has left' },
    cancel: {
      from: ['BOOKED'],
      to: 'CANCELLED',
      meaning: 'the truck does not come, with a reason',
    },
  },
})
export type GateAction = (typeof gateAppointmentLifecycle.actionNames)[number]

export const gateErrors = defineErrors({
  GATE_SLOT_FULL: {
    status: 409,
    title: { en: 'The slot has no place left', es: 'La franja no tiene plazas libres' },
  },
  GATE_SLOT_EXISTS: {
    status: 409,
    title: {
      en: 'A slot begins at this time already',
      es: 'Ya hay una franja que empieza a esa hora',
    },
  },
  GATE_SLOT_OVER: {
    status: 409,
    title: { en: 'The slot is over', es: 'La franja ya pasó' },
  },
  GATE_SLOT_BELOW_BOOKED: {
    status: 409,
    title: {
      en: 'More places are booked than would be left',
      es: 'Hay más plazas reservadas de las que quedarían',
    },
  },
  GATE_APPOINTMENT_OPEN: {
    status: 409,
    title: {
      en: 'The container has an appointment already',
      es: 'El contenedor ya tiene una cita',
    },
  },
  GATE_APPOINTMENT_STATE: {
    status: 409,
    title: {
      en: 'The appointment’s state does not allow this',
      es: 'El estado de la cita no lo permite',
    },
  },
  GATE_SLOT_INVALID: {
    status: 422,
    title: { en: 'The slot breaks a rule', es: 'La franja incumple una regla' },
  },
})

/** What breaks a rule in a slot that is to be opened: the country of its port, and its end. */
export const gateSlotFaults = (slot: {
  UNLocationCode: string
  startsAt: string
  endsAt: string
}): Fault[] => {
  const place = unLocationCodeFault(slot.UNLocationCode)
  const late = { en: 'must be after startsAt', es: 'debe ser posterior a startsAt' }
  return [
    ...(place === null ? [] : [{ pointer: '#/UNLocationCode', detail: place }]),
    ...(Date.parse(slot.endsAt) > Date.parse(slot.startsAt)
      ? []
      : [{ pointer: '#/endsAt', detail: late }]),
  ]
}
