import { Knowledge } from '@porttrack/shared/events/knowledge'
import { defineResource } from '@porttrack/shared/service/define-resource'
import type { CargaContext } from '../context.ts'
import { portCallRoutes } from './port-call.routes.ts'
import { PortCall } from './port-call.schema.ts'
import { portCallStore } from './port-call.store.ts'

export const portCalls = defineResource({
  schemas: [Knowledge, PortCall],
  routes: (app, { database, cursors }: CargaContext) => {
    const portCalls = portCallStore({ database, cursors })
    app.register(portCallRoutes, { prefix: '/port-calls', portCalls })
  },
})
