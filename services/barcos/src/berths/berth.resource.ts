import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { berthConditions, berthErrors, berthLifecycle } from './berth.ts'
import { berthRoutes } from './berth.routes.ts'
import { Berth, BerthReservation, ClosedBerth } from './berth.schema.ts'
import { berthStore } from './berth.store.ts'

export const berths = defineResource({
  errors: [berthErrors],
  lifecycles: [berthLifecycle],
  conditions: [berthConditions],
  schemas: [Berth, BerthReservation, ClosedBerth],
  routes: (app, { database, cursors, timeZoneAt }: BarcosContext) => {
    const berths = berthStore({ database, cursors, timeZoneAt })
    app.register(berthRoutes, { prefix: '/berths', database, berths })
  },
})
