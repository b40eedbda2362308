import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { clearanceErrors, clearanceLifecycle } from './clearance.ts'
import { clearanceRoutes } from './clearance.routes.ts'
import { Clearance } from './clearance.schema.ts'
import { clearanceStore } from './clearance.store.ts'
import { departureErrors, departureLifecycle } from './departure.ts'

export const clearances = defineResource({
  errors: [clearanceErrors, departureErrors],
  lifecycles: [clearanceLifecycle, departureLifecycle],
  schemas: [Clearance],
  routes: (app, { database }: BarcosContext) => {
    const clearances = clearanceStore({ database })
    app.register(clearanceRoutes, { prefix: '/port-calls', database, clearances })
  },
})
