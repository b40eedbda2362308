import { defineResource } from '@porttrack/shared/service/define-resource'
import type { CargaContext } from '../context.ts'
import { figuresRoutes } from './figures.routes.ts'
import { Figures } from './figures.schema.ts'
import { figuresStore } from './figures.store.ts'

export const figures = defineResource({
  schemas: [Figures],
  routes: (app, { database }: CargaContext) => {
    app.register(figuresRoutes, { prefix: '/figures', figures: figuresStore({ database }) })
  },
})
