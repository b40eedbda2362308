import { defineResource } from '@porttrack/shared/service/define-resource'
import type { RutasContext } from '../context.ts'
import { seaRouteRoutes } from './sea-route.routes.ts'
import { SeaRoute, SeaRouteFeature } from './sea-route.schema.ts'
import { seaRouteErrors } from './sea-route.ts'

export const seaRoutes = defineResource({
  errors: [seaRouteErrors],
  schemas: [SeaRoute, SeaRouteFeature],
  routes: (app, { seaNetwork, metrics }: RutasContext) => {
    app.register(seaRouteRoutes, { prefix: '/sea-routes', seaNetwork, metrics })
  },
})
