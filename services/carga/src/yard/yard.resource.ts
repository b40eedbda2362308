import { defineResource } from '@porttrack/shared/service/define-resource'
import type { CargaContext } from '../context.ts'
import { neighbourConditions, placeConditions, yardErrors } from './yard.ts'
import { yardRoutes } from './yard.routes.ts'
import { YardBlock } from './yard.schema.ts'

export const yard = defineResource({
  errors: [yardErrors],
  conditions: [placeConditions, neighbourConditions],
  schemas: [YardBlock],
  routes: (app, { database }: CargaContext) => {
    app.register(yardRoutes, { prefix: '/yards', database })
  },
})
