import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { berthFitConditions } from './berth-fit.ts'
import { marginsOf } from './margins.ts'
import { occupancyConditions, reservationErrors, reservationLifecycle } from './reservation.ts'
import { reservationRoutes } from './reservation.routes.ts'
import { Reservation } from './reservation.schema.ts'
import { reservationStore } from './reservation.store.ts'

export const reservations = defineResource({
  errors: [reservationErrors],
  lifecycles: [reservationLifecycle],
  conditions: [berthFitConditions, occupancyConditions],
  schemas: [Reservation],
  routes: (app, { database, config, timeZoneAt, metrics }: BarcosContext) => {
    const reservations = reservationStore({ database, margins: marginsOf(config), timeZoneAt })
    app.register(reservationRoutes, { database, reservations, metrics })
  },
})
