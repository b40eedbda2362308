import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { nightInAt } from '../rest/night.ts'
import { assignmentConditions, assignmentErrors } from './assignment.ts'
import { assignmentRoutes } from './assignment.routes.ts'
import { Assignment, Suggestion } from './assignment.schema.ts'
import { assignmentStore } from './assignment.store.ts'

export const assignments = defineResource({
  errors: [assignmentErrors],
  conditions: [assignmentConditions],
  schemas: [Assignment, Suggestion],
  routes: (app, { database, cursors, config, metrics }: PersonalContext) => {
    const terms = {
      timeZone: config.TIME_ZONE,
      nightIn: nightInAt(config.TIME_ZONE),
      referenceWeeks: config.REST_REFERENCE_WEEKS,
    }
    const assignments = assignmentStore({ database, cursors, terms })
    app.register(assignmentRoutes, { prefix: '/shifts/:id', database, assignments, metrics })
  },
})
