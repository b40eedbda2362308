import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { demandErrors } from './demand.ts'
import { demandRoutes } from './demand.routes.ts'
import { Demand } from './demand.schema.ts'
import { demandStore } from './demand.store.ts'

export const demand = defineResource({
  errors: [demandErrors],
  schemas: [Demand],
  routes: (app, { database, cursors }: PersonalContext) => {
    app.register(demandRoutes, {
      prefix: '/demand',
      database,
      demand: demandStore({ database, cursors }),
    })
  },
})
