import { defineResource } from '@porttrack/shared/service/define-resource'
import type { CargaContext } from '../context.ts'
import { containerVisitStore } from '../container-visits/container-visit.store.ts'
import { TrackAndTraceEvent } from './dcsa-event.schema.ts'
import { trackedEventRoutes } from './tracked-event.routes.ts'
import { trackedEventStore } from './tracked-event.store.ts'

export const trackedEvents = defineResource({
  schemas: [TrackAndTraceEvent],
  routes: (app, { database, cursors, metrics, distances, gateRule }: CargaContext) => {
    app.register(trackedEventRoutes, {
      database,
      containerVisits: containerVisitStore({ database, cursors }),
      events: trackedEventStore({ database, cursors }),
      metrics,
      distances,
      gateRule,
    })
  },
})
