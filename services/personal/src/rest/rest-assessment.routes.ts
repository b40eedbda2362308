import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { csvStream } from '@porttrack/shared/http/csv'
import { errors } from '@porttrack/shared/http/errors'
import { csvAnswer, pdfAnswer } from '@porttrack/shared/http/file-content'
import { languageOf } from '@porttrack/shared/http/language'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { access } from '../access.ts'
import { nonConformityPaper } from './non-conformity-paper.ts'
import { RestAssessment, RestQuery } from './rest-assessment.schema.ts'
import type { RestAssessmentStore } from './rest-assessment.store.ts'
import { nonConformityColumns } from './rest-assessment-table.ts'

type RestAssessmentRouteOptions = {
  assessments: RestAssessmentStore
  /** IANA zone of the port, by whose clock times are printed. */
  timeZone: string
}

export const restAssessmentRoutes: FastifyPluginAsyncTypebox<RestAssessmentRouteOptions> = async (
  app,
  { assessments, timeZone },
) => {
  app.get(
    '',
    {
      config: access.permit('rest:read'),
      schema: {
        operationId: 'assessRest',
        summary: 'Where what is assigned and worked does not keep the rules of rest',
        description:
          'Over recorded hours, and planned ones where nothing is recorded. By person and window, for one or for everyone: STCW A-VIII/1 and MLC A2.3, or Directive 2003/88/EC, as each person’s rest profile says. By `Accept` as JSON, as CSV, or as PDF to be filed, in English and Spanish, the one that `Accept-Language` prefers first.',
        tags: ['shifts'],
        querystring: RestQuery,
        response: {
          200: {
            description: 'JSON, CSV or PDF',
            content: {
              'application/json': { schema: RestAssessment },
              'text/csv': { schema: csvAnswer(nonConformityColumns) },
              'application/pdf': { schema: pdfAnswer() },
            },
          },
          ...errors(404, 406),
        },
      },
    },
    async (request, reply) => {
      const { caller, query } = request
      const type = mediaTypeFor(request, ['application/json', 'text/csv', 'application/pdf'])
      reply.header('vary', 'accept, accept-language')
      const language = languageOf(request)
      const found = await assessments.assess({ caller, language }, query)
      if (type === 'application/json') return found
      const { from, to } = query
      const ending = type === 'text/csv' ? 'csv' : 'pdf'
      const file = `rest-${from.slice(0, 10)}-${to.slice(0, 10)}.${ending}`
      reply.header('content-disposition', `attachment; filename="${file}"`)
      if (type === 'text/csv') {
        reply.type('text/csv; charset=utf-8')
        return reply.send(csvStream(found.items, nonConformityColumns))
      }
      reply.type(type).header('content-language', language)
      const paper = { ...found, language, timeZone, from, to }
      return reply.send(await nonConformityPaper(paper, new Date()))
    },
  )
}
