import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import { defineLifecycle } from '@porttrack/shared/states/lifecycle'
import type { TimeWindow } from '@porttrack/shared/time/local-time'
import { hours, windowFaults } from '../time-window.ts'

export const shiftErrors = defineErrors({
  SHIFT_INVALID: {
    status: 422,
    title: { en: 'The shift breaks a rule', es: 'El turno incumple una regla' },
  },
  SHIFT_NOT_IN_STATE: {
    status: 409,
    title: {
      en: 'The shift’s state does not allow this',
      es: 'El estado del turno no lo permite',
    },
  },
  SHIFT_HAS_ASSIGNMENTS: {
    status: 409,
    title: {
      en: 'People are assigned to the shift; withdraw them first',
      es: 'El turno tiene personas asignadas; retírelas antes',
    },
  },
})

export const shiftLifecycle = defineLifecycle({
  of: 'shift',
  states: {
    DRAFT: 'it is being planned; what it is can change, and nobody outside hears of it',
    PUBLISHED: 'its people are told',
    RUNNING: 'the work goes on',
    CLOSED: 'the work is done',
    CANCELLED: 'it does not take place; its people are free',
  },
  actions: {
    replace: { from: ['DRAFT'], to: 'DRAFT', meaning: 'another time, place or positions' },
    publish: {
      from: ['DRAFT'],
      to: 'PUBLISHED',
      meaning: 'tell its people, who are confirmed by it',
    },
    start: { from: ['PUBLISHED'], to: 'RUNNING', meaning: 'the work begins' },
    close: { from: ['RUNNING'], to: 'CLOSED', meaning: 'the work has ended' },
    cancel: {
      from: ['DRAFT', 'PUBLISHED'],
      to: 'CANCELLED',
      meaning: 'give it up, with the reason; its assignments are withdrawn',
    },
  },
})
export type ShiftState = (typeof shiftLifecycle.stateNames)[number]
export type ShiftAction = (typeof shiftLifecycle.actionNames)[number]

/** The longest shift. Nobody may work as long, but watches aboard are planned by the day. */
export const longestShift = hours(24)

/** Which rules the window of a shift breaks. */
export const shiftFaults = (window: TimeWindow): Fault[] =>
  windowFaults(window, { longest: longestShift, pointer: '#/endsAt' })

/** Whether a port is in a country that exists. */
export const portFaults = (UNLocationCode: string): Fault[] => {
  const detail = unLocationCodeFault(UNLocationCode)
  return detail === null ? [] : [{ pointer: '#/UNLocationCode', detail }]
}
