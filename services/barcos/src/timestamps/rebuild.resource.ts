import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { decisionStore } from '../port-calls/decision.store.ts'
import { rebuildRoutes } from './rebuild.routes.ts'
import { Rebuild } from './rebuild.schema.ts'
import { rebuildStore } from './rebuild.store.ts'

export const rebuild = defineResource({
  schemas: [Rebuild],
  routes: (app, { database, config }: BarcosContext) => {
    const decisions = decisionStore(config)
    app.register(rebuildRoutes, { database, rebuild: rebuildStore({ database, decisions }) })
  },
})
