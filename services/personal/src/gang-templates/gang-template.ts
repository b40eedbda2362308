import { defineErrors } from '@porttrack/shared/http/errors'

export const gangTemplateErrors = defineErrors({
  GANG_TEMPLATE_EXISTS: {
    status: 409,
    title: {
      en: 'Another gang template has this name, or serves these orders',
      es: 'Otra plantilla de mano tiene este nombre, o atiende estos pedidos',
    },
  },
  GANG_TEMPLATE_IN_USE: {
    status: 409,
    title: {
      en: 'Rotations use the gang template',
      es: 'Hay rotaciones que usan la plantilla de mano',
    },
  },
})
