import { defineResource } from '@porttrack/shared/service/define-resource'
import type { CargaContext } from '../context.ts'
import { containerVisitStore } from '../container-visits/container-visit.store.ts'
import { containerVisitEventErrors } from './container-visit-event.ts'
import { containerVisitEventRoutes } from './container-visit-event.routes.ts'
import { ContainerVisitEvent } from './container-visit-event.schema.ts'
import { containerVisitEventStore } from './container-visit-event.store.ts'

export const containerVisitEvents = defineResource({
  errors: [containerVisitEventErrors],
  schemas: [ContainerVisitEvent],
  routes: (app, { database, cursors, metrics, distances, gateRule }: CargaContext) => {
    const containerVisits = containerVisitStore({ database, cursors })
    const containerVisitEvents = containerVisitEventStore({
      database,
      cursors,
      containerVisits,
      distances,
      gateRule,
    })
    app.register(containerVisitEventRoutes, {
      prefix: '/container-visits/:id/events',
      database,
      containerVisitEvents,
      metrics,
    })
  },
})
