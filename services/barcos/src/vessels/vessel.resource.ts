import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { vesselConditions, vesselErrors, vesselLifecycle } from './vessel.ts'
import { vesselImportRoutes } from './vessel-import.routes.ts'
import { vesselRoutes } from './vessel.routes.ts'
import { Vessel, VesselRecord } from './vessel.schema.ts'
import { vesselStore } from './vessel.store.ts'

export const vessels = defineResource({
  errors: [vesselErrors],
  lifecycles: [vesselLifecycle],
  conditions: [vesselConditions],
  schemas: [Vessel, VesselRecord],
  routes: (app, { database, cursors, metrics }: BarcosContext) => {
    const vessels = vesselStore({ database, cursors })
    app.register(vesselRoutes, { prefix: '/vessels', database, vessels, metrics })
    app.register(vesselImportRoutes, { prefix: '/vessels', database, metrics })
  },
})
