import { defineResource } from '@porttrack/shared/service/define-resource'
import { containerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaContext } from '../context.ts'
import { cutOffRoutes } from './cut-off.routes.ts'
import { CutOffOverride, CutOffs } from './cut-off.schema.ts'

export const cutOffs = defineResource({
  schemas: [CutOffs, CutOffOverride],
  routes: (app, { database, cursors }: CargaContext) => {
    const containerVisits = containerVisitStore({ database, cursors })
    app.register(cutOffRoutes, { database, containerVisits })
  },
})
