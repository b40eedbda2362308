import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { dcsaEventRoutes } from './dcsa-event.routes.ts'
import { DcsaEvent } from './dcsa-event.schema.ts'
import { dcsaEventStore } from './dcsa-event.store.ts'
import { dcsaConditions } from './incoming-event.ts'

export const dcsaEvents = defineResource({
  conditions: [dcsaConditions],
  schemas: [DcsaEvent],
  routes: (app, { database, cursors, metrics }: BarcosContext) => {
    const events = dcsaEventStore({ database, cursors })
    app.register(dcsaEventRoutes, { database, events, metrics })
  },
})
