import { defineErrors } from '@porttrack/shared/http/errors'

export const gangErrors = defineErrors({
  GANG_EXISTS: {
    status: 409,
    title: { en: 'Another gang has this name', es: 'Otra mano tiene este nombre' },
  },
  GANG_INVALID: {
    status: 422,
    title: { en: 'The gang breaks a rule', es: 'La mano incumple una regla' },
  },
})
