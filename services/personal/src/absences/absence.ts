import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import type { TimeWindow } from '@porttrack/shared/time/local-time'

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

const dayMs = 86_400_000

/** The longest absence that is registered at a time, days. */
const longestAbsence = 1_100

/** Which rules the window of an absence breaks. */
export const absenceFaults = ({ from, to }: TimeWindow): Fault[] => {
  if (to <= from) {
    const detail = { en: 'is not after the beginning', es: 'no es posterior al comienzo' }
    return [{ pointer: '#/endsAt', detail }]
  }
  if (to.getTime() - from.getTime() <= longestAbsence * dayMs) return []
  return [
    {
      pointer: '#/endsAt',
      detail: {
        en: `is more than ${longestAbsence} days after the beginning`,
        es: `está más de ${longestAbsence} días después del comienzo`,
      },
    },
  ]
}
