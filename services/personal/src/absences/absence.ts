import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import type { TimeWindow } from '@porttrack/shared/time/local-time'
import { days, windowFaults } from '../time-window.ts'

/** Why someone does not work. Only those of the staff office know. */
export const absenceKinds = ['LEAVE', 'SICKNESS', 'TRAINING', 'OTHER'] as const

export const absenceErrors = defineErrors({
  ABSENCE_INVALID: {
    status: 422,
    title: { en: 'The absence breaks a rule', es: 'La ausencia incumple una regla' },
  },
  ABSENCE_WITHDRAWN: {
    status: 409,
    title: { en: 'The absence is withdrawn', es: 'La ausencia está retirada' },
  },
})

/** The longest absence that is registered at a time. */
const longest = days(1_100)

/** Which rules the window of an absence breaks. */
export const absenceFaults = (window: TimeWindow): Fault[] =>
  windowFaults(window, { longest, pointer: '#/endsAt' })
