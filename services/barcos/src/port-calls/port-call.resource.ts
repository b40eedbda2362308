import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { decisionRoutes } from './decision.routes.ts'
import { decisionStore } from './decision.store.ts'
import { portCallConditions, portCallErrors, portCallLifecycle } from './port-call.ts'
import { portCallImportRoutes } from './port-call-import.routes.ts'
import { portCallRoutes } from './port-call.routes.ts'
import { PortCall } from './port-call.schema.ts'
import { portCallStore } from './port-call.store.ts'

export const portCalls = defineResource({
  errors: [portCallErrors],
  lifecycles: [portCallLifecycle],
  conditions: [portCallConditions],
  schemas: [PortCall],
  routes: (app, { database, cursors, config, metrics }: BarcosContext) => {
    const portCalls = portCallStore({ database, cursors })
    const decisions = decisionStore(config)
    app.register(portCallRoutes, { prefix: '/port-calls', database, portCalls, metrics })
    app.register(portCallImportRoutes, { prefix: '/port-calls', database, metrics })
    app.register(decisionRoutes, { prefix: '/port-calls', database, decisions, metrics })
  },
})
