import { defineResource } from '@porttrack/shared/service/define-resource'
import { containerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaContext } from '../context.ts'
import { dangerousGoodsErrors, dangerousGoodsLifecycle } from './dangerous-goods.ts'
import { dangerousGoodsRoutes } from './dangerous-goods.routes.ts'
import {
  DangerousGoods,
  Segregation,
  SegregationConfirmation,
  SegregationConflict,
} from './dangerous-goods.schema.ts'

export const dangerousGoods = defineResource({
  errors: [dangerousGoodsErrors],
  lifecycles: [dangerousGoodsLifecycle],
  schemas: [DangerousGoods, SegregationConflict, Segregation, SegregationConfirmation],
  routes: (app, { database, cursors, distances }: CargaContext) => {
    const containerVisits = containerVisitStore({ database, cursors })
    app.register(dangerousGoodsRoutes, { database, containerVisits, distances })
  },
})
