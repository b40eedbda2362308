import { defineResource } from '@porttrack/shared/service/define-resource'
import type { PersonalContext } from '../context.ts'
import { restAssessmentRoutes } from './rest-assessment.routes.ts'
import { NonConformity } from './rest-assessment.schema.ts'
import { restAssessmentStore } from './rest-assessment.store.ts'
import { restTermsOf } from './rest-terms.ts'

export const restAssessments = defineResource({
  schemas: [NonConformity],
  routes: (app, { database, config }: PersonalContext) => {
    const assessments = restAssessmentStore({ database, terms: restTermsOf(config) })
    app.register(restAssessmentRoutes, {
      prefix: '/rest-assessment',
      assessments,
      timeZone: config.TIME_ZONE,
    })
  },
})
