import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import {
  serviceOrderConditions,
  serviceOrderErrors,
  serviceOrderLifecycle,
} from './service-order.ts'
import { serviceOrderRoutes } from './service-order.routes.ts'
import { ServiceOrder } from './service-order.schema.ts'
import { serviceOrderStore } from './service-order.store.ts'

export const serviceOrders = defineResource({
  errors: [serviceOrderErrors],
  lifecycles: [serviceOrderLifecycle],
  conditions: [serviceOrderConditions],
  schemas: [ServiceOrder],
  routes: (app, { database, cursors, metrics }: BarcosContext) => {
    const orders = serviceOrderStore({ database, cursors })
    app.register(serviceOrderRoutes, { database, orders, metrics })
  },
})
