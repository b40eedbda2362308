import { defineResource } from '@porttrack/shared/service/define-resource'
import type { RutasContext } from '../context.ts'
import { etaRoutes } from './eta.routes.ts'
import { Eta } from './eta.schema.ts'
import { etaErrors } from './eta.ts'

export const etas = defineResource({
  errors: [etaErrors],
  schemas: [Eta],
  routes: (app, { targets: store, seaNetwork, metrics, config }: RutasContext) => {
    app.register(etaRoutes, {
      prefix: '/targets/:mmsi/eta',
      store,
      seaNetwork,
      metrics,
      toleranceMinutes: config.ETA_TOLERANCE_MINUTES,
    })
  },
})
