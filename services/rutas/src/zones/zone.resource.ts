import { defineResource } from '@porttrack/shared/service/define-resource'
import type { RutasContext } from '../context.ts'
import { zoneRoutes } from './zone.routes.ts'
import { Zone } from './zone.schema.ts'

export const zones = defineResource({
  schemas: [Zone],
  routes: (app, { zones, cursors }: RutasContext) => {
    app.register(zoneRoutes, { prefix: '/zones', store: zones, cursors })
  },
})
