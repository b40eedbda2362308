import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { gangErrors } from './gang.ts'
import { gangRoutes } from './gang.routes.ts'
import { Gang } from './gang.schema.ts'
import { gangStore } from './gang.store.ts'

export const gangs = defineResource({
  errors: [gangErrors],
  schemas: [Gang],
  routes: (app, { database, cursors }: PersonalContext) => {
    app.register(gangRoutes, {
      prefix: '/gangs',
      database,
      gangs: gangStore({ database, cursors }),
    })
  },
})
