import { defineResource } from '@porttrack/shared/service/define-resource'
import type { CargaContext } from '../context.ts'
import { containerVisitErrors } from './container-visit.ts'
import { containerVisitRoutes } from './container-visit.routes.ts'
import { ContainerVisit } from './container-visit.schema.ts'
import { containerVisitStore } from './container-visit.store.ts'

export const containerVisits = defineResource({
  errors: [containerVisitErrors],
  schemas: [ContainerVisit],
  routes: (app, { database, cursors, metrics, distances, gateRule }: CargaContext) => {
    const containerVisits = containerVisitStore({ database, cursors })
    app.register(containerVisitRoutes, {
      prefix: '/container-visits',
      database,
      containerVisits,
      metrics,
      distances,
      gateRule,
    })
  },
})
