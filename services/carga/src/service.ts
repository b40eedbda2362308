import { defineService } from '@porttrack/shared/service/define-service'
import { Type } from 'typebox'
import { access } from './access.ts'
import { containerVisitEventErrors } from './container-visit-events/container-visit-event.ts'
import { containerVisitEventRoutes } from './container-visit-events/container-visit-event.routes.ts'
import { ContainerVisitEvent } from './container-visit-events/container-visit-event.schema.ts'
import { containerVisitEventStore } from './container-visit-events/container-visit-event.store.ts'
import { containerVisitErrors } from './container-visits/container-visit.ts'
import { containerVisitRoutes } from './container-visits/container-visit.routes.ts'
import { ContainerVisit } from './container-visits/container-visit.schema.ts'
import { containerVisitStore } from './container-visits/container-visit.store.ts'
import { openDatabase } from './database.ts'
import { events } from './events.ts'
import { metrics } from './metrics.ts'

export const carga = defineService({
  name: 'carga',
  title: 'Carga',
  description: 'Cargo: container visits and what happens to them',
  env: { DATABASE_URL: Type.String({ description: 'PostgreSQL database of this service' }) },
  access,
  metrics,
  errors: [containerVisitErrors, containerVisitEventErrors],
  events,
  migrations: new URL('../prisma/migrations/', import.meta.url),
  open: ({ config, log }) => ({ database: openDatabase({ url: config.DATABASE_URL, log }) }),
  database: ({ database }) => database,
  routes: (app, { database, cursors, metrics: measured }) => {
    const containerVisits = containerVisitStore({ database, cursors })
    const containerVisitEvents = containerVisitEventStore({ database, cursors, containerVisits })
    for (const schema of [ContainerVisit, ContainerVisitEvent]) app.addSchema(schema)
    app.register(containerVisitRoutes, {
      prefix: '/container-visits',
      database,
      containerVisits,
      metrics: measured,
    })
    app.register(containerVisitEventRoutes, {
      prefix: '/container-visits/:id/events',
      database,
      containerVisitEvents,
      metrics: measured,
    })
  },
})
