import { defineResource } from '@porttrack/shared/service/define-resource'
import type { CargaContext } from '../context.ts'
import { leavingConditions, loadingConditions, movingConditions } from './check.ts'
import { checkRoutes } from './check.routes.ts'
import { Check } from './check.schema.ts'
import { checkStore } from './check.store.ts'

export const checks = defineResource({
  conditions: [movingConditions, loadingConditions, leavingConditions],
  schemas: [Check],
  routes: (app, { database, cursors, distances }: CargaContext) => {
    app.register(checkRoutes, { checks: checkStore({ database, cursors, distances }) })
  },
})
