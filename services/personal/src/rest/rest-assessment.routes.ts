import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { csvStream } from '@porttrack/shared/http/csv'
import { errors } from '@porttrack/shared/http/errors'
import { languageOf } from '@porttrack/shared/http/language'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { RestAssessment, RestQuery } from './rest-assessment.schema.ts'
import type { RestAssessmentStore } from './rest-assessment.store.ts'
import { nonConformityColumns } from './rest-assessment-table.ts'

type RestAssessmentRouteOptions = { assessments: RestAssessmentStore }

export const restAssessmentRoutes: FastifyPluginAsyncTypebox<RestAssessmentRouteOptions> = async (
  app,
  { assessments },
) => {
  app.get(
    '',
    {
      config: access.permit('rest:read'),
      schema: {
        operationId: 'assessRest',
        summary: 'Where what is assigned and worked does not keep the rules of rest',
        description:
          'Over recorded hours, and planned ones where nothing is recorded. By person and window, for one or for everyone: STCW A-VIII/1 and MLC A2.3, or Directive 2003/88/EC, as each person’s rest profile says. JSON, or CSV with `Accept: text/csv`.',
        tags: ['shifts'],
        querystring: RestQuery,
        response: {
          200: {
            description: 'JSON or CSV',
            content: {
              'application/json': { schema: RestAssessment },
              'text/csv': { schema: Type.String() },
            },
          },
          ...errors(404, 406),
        },
      },
    },
    async (request, reply) => {
      const { caller, query } = request
      const type = mediaTypeFor(request, ['application/json', 'text/csv'])
      reply.header('vary', 'accept, accept-language')
      const found = await assessments.assess({ caller, language: languageOf(request) }, query)
      if (type === 'application/json') return found
      const file = `rest-${query.from.slice(0, 10)}-${query.to.slice(0, 10)}.csv`
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', `attachment; filename="${file}"`)
      return reply.send(csvStream(found.items, nonConformityColumns))
    },
  )
}
