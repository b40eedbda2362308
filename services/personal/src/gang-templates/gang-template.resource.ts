import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { gangTemplateErrors } from './gang-template.ts'
import { gangTemplateRoutes } from './gang-template.routes.ts'
import { GangTemplate } from './gang-template.schema.ts'
import { gangTemplateStore } from './gang-template.store.ts'

export const gangTemplates = defineResource({
  errors: [gangTemplateErrors],
  schemas: [GangTemplate],
  routes: (app, { database, cursors }: PersonalContext) => {
    const gangTemplates = gangTemplateStore({ database, cursors })
    app.register(gangTemplateRoutes, { prefix: '/gang-templates', database, gangTemplates })
  },
})
