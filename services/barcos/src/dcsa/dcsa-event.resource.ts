import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { decisionStore } from '../port-calls/decision.store.ts'
import { dcsaEventRoutes } from './dcsa-event.routes.ts'
import { DcsaEvent } from './dcsa-event.schema.ts'
import { dcsaEventStore } from './dcsa-event.store.ts'
import { dcsaConditions } from './incoming-event.ts'

export const dcsaEvents = defineResource({
  conditions: [dcsaConditions],
  schemas: [DcsaEvent],
  routes: (app, { database, cursors, config, metrics }: BarcosContext) => {
    const events = dcsaEventStore({ database, cursors })
    const decisions = decisionStore(config)
    app.register(dcsaEventRoutes, { database, events, decisions, metrics })
  },
})
