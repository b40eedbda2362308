import { defineResource } from '@porttrack/shared/service/define-resource'
import { containerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaContext } from '../context.ts'
import { holdErrors, holdLifecycle } from './hold.ts'
import { holdRoutes } from './hold.routes.ts'
import { Hold } from './hold.schema.ts'

export const holds = defineResource({
  errors: [holdErrors],
  lifecycles: [holdLifecycle],
  schemas: [Hold],
  routes: (app, { database, cursors }: CargaContext) => {
    const containerVisits = containerVisitStore({ database, cursors })
    app.register(holdRoutes, {
      prefix: '/container-visits/:id/holds',
      database,
      containerVisits,
    })
  },
})
