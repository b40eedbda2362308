import { defineResource } from '@porttrack/shared/service/define-resource'
import type { RutasContext } from '../context.ts'
import { stayRoutes } from './stay.routes.ts'
import { ZoneStay } from './stay.schema.ts'
import { stayStore } from './stay.store.ts'

export const stays = defineResource({
  schemas: [ZoneStay],
  routes: (app, { zones, database, cursors }: RutasContext) => {
    app.register(stayRoutes, {
      prefix: '/zones/:id/stays',
      zones,
      stays: stayStore(database),
      cursors,
    })
  },
})
