import { defineResource } from '@porttrack/shared/service/define-resource'
import type { RutasContext } from '../context.ts'
import { liveRoutes } from './live.routes.ts'
import { LiveChanges } from './live.schema.ts'

export const live = defineResource({
  schemas: [LiveChanges],
  routes: (app, { liveChanges, zones, metrics, config }: RutasContext) => {
    const patience = config.LIVE_PATIENCE_SECONDS * 1_000
    app.register(liveRoutes, { prefix: '/live', store: liveChanges, zones, metrics, patience })
  },
})
