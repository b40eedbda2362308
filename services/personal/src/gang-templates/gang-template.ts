import { defineErrors } from '@porttrack/shared/http/errors'

export const gangTemplateErrors = defineErrors({
  GANG_TEMPLATE_EXISTS: {
    status: 409,
    title: {
      en: 'Another gang template has this name',
      es: 'Otra plantilla de mano tiene este nombre',
    },
  },
  GANG_TEMPLATE_IN_USE: {
    status: 409,
    title: {
      en: 'Rotations or demand rules use the gang template',
      es: 'Hay rotaciones o reglas de demanda que usan la plantilla de mano',
    },
  },
})
