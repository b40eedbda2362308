import { defineResource } from '@porttrack/shared/service/define-resource'
import type { BarcosContext } from '../context.ts'
import { marginsOf } from '../reservations/margins.ts'
import { berthPlanRoutes } from './berth-plan.routes.ts'
import { BerthPlan } from './berth-plan.schema.ts'
import { berthPlanStore } from './berth-plan.store.ts'
import { BerthSuggestions } from './berth-suggestion.schema.ts'
import { suggestionStore } from './berth-suggestion.store.ts'

export const berthPlan = defineResource({
  schemas: [BerthPlan, BerthSuggestions],
  routes: (app, { database, config, timeZoneAt }: BarcosContext) => {
    const margins = marginsOf(config)
    app.register(berthPlanRoutes, {
      plans: berthPlanStore({ database, margins, timeZoneAt }),
      suggestions: suggestionStore({ database, margins, timeZoneAt }),
    })
  },
})
