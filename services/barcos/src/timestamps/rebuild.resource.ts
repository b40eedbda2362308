import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { requiredAuthorities } from '../clearances/clearance.ts'
import { decisionStore } from '../port-calls/decision.store.ts'
import { marginsOf } from '../reservations/margins.ts'
import { rebuildRoutes } from './rebuild.routes.ts'
import { Rebuild } from './rebuild.schema.ts'
import { rebuildStore } from './rebuild.store.ts'

export const rebuild = defineResource({
  schemas: [Rebuild],
  routes: (app, { database, config }: BarcosContext) => {
    const clearances = requiredAuthorities(config.REQUIRED_CLEARANCES)
    const decisions = decisionStore({ clearances, margins: marginsOf(config) })
    app.register(rebuildRoutes, { database, rebuild: rebuildStore({ database, decisions }) })
  },
})
