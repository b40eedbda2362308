import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { crewRoutes } from './crew.routes.ts'
import { CrewsOfCall } from './crew.schema.ts'
import { crewStore } from './crew.store.ts'

export const crews = defineResource({
  schemas: [CrewsOfCall],
  routes: (app, { database }: BarcosContext) => {
    app.register(crewRoutes, { prefix: '/port-calls', crews: crewStore({ database }) })
  },
})
