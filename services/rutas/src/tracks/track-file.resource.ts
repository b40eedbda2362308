import { defineResource } from '@porttrack/shared/service/define-resource'
import type { RutasContext } from '../context.ts'
import { trackFileRoutes } from './track-file.routes.ts'

export const trackFiles = defineResource({
  routes: (app, { targets: store }: RutasContext) => {
    app.register(trackFileRoutes, { prefix: '/targets/:mmsi/track-file', store })
  },
})
