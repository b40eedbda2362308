import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'

export const blockErrors = defineErrors({
  BLOCK_INVALID: {
    status: 422,
    title: { en: 'The block breaks a rule', es: 'El bloqueo incumple una regla' },
  },
  BLOCK_RESERVED: {
    status: 409,
    title: {
      en: 'Reservations have metres of the block in its window',
      es: 'Hay reservas en los metros y el intervalo del bloqueo',
    },
  },
  BLOCK_LIFTED: {
    status: 409,
    title: { en: 'The block is lifted already', es: 'El bloqueo ya está levantado' },
  },
})

/** What is wrong with the window of a new block; what is over blocks nothing. */
export const blockWindowFaults = (
  { startsAt, endsAt }: { startsAt: Date; endsAt: Date },
  now: Date,
): Fault[] => {
  if (endsAt <= startsAt) {
    const detail = { en: 'must be after startsAt', es: 'debe ser posterior a startsAt' }
    return [{ pointer: '#/endsAt', detail }]
  }
  if (endsAt > now) return []
  return [{ pointer: '#/endsAt', detail: { en: 'is over already', es: 'ya ha pasado' } }]
}
