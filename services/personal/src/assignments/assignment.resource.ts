import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { restTermsOf } from '../rest/rest-terms.ts'
import { assignmentConditions, assignmentErrors } from './assignment.ts'
import { assignmentRoutes } from './assignment.routes.ts'
import { Assignment, Suggestion } from './assignment.schema.ts'
import { assignmentStore } from './assignment.store.ts'

export const assignments = defineResource({
  errors: [assignmentErrors],
  conditions: [assignmentConditions],
  schemas: [Assignment, Suggestion],
  routes: (app, { database, cursors, config, metrics }: PersonalContext) => {
    const terms = { ...restTermsOf(config), timeZone: config.TIME_ZONE }
    const assignments = assignmentStore({ database, cursors, terms })
    app.register(assignmentRoutes, { prefix: '/shifts/:id', database, assignments, metrics })
  },
})
