import { defineResource } from '@porttrack/shared/service/define-resource'
import { containerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaContext } from '../context.ts'
import { DcsaVgmDeclaration } from './dcsa-vgm.schema.ts'
import { dcsaVgmStore } from './dcsa-vgm.store.ts'
import { dcsaVgmRoutes, vgmRoutes } from './vgm.routes.ts'
import { VgmDeclaration } from './vgm.schema.ts'
import { vgmErrors } from './vgm.store.ts'

export const vgm = defineResource({
  errors: [vgmErrors],
  schemas: [VgmDeclaration],
  routes: (app, { database, cursors }: CargaContext) => {
    const containerVisits = containerVisitStore({ database, cursors })
    app.register(vgmRoutes, {
      prefix: '/container-visits/:id/vgm-declarations',
      database,
      containerVisits,
    })
  },
})

export const dcsaVgm = defineResource({
  schemas: [DcsaVgmDeclaration],
  routes: (app, { database, cursors }: CargaContext) => {
    app.register(dcsaVgmRoutes, { database, declarations: dcsaVgmStore({ database, cursors }) })
  },
})
