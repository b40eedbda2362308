import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { attachment } from '@porttrack/shared/http/attachment'
import { csvStream } from '@porttrack/shared/http/csv'
import { errors } from '@porttrack/shared/http/errors'
import { csvAnswer, pdfAnswer } from '@porttrack/shared/http/file-content'
import { languageOf } from '@porttrack/shared/http/language'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { TimeZoneAt } from '../places/time-zone.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import { statementDocument } from './statement-document.ts'
import { statementOfFacts } from './statement-of-facts.ts'
import { timelineColumns } from './timeline-table.ts'
import { TimelineQuery } from './timeline.schema.ts'
import type { TimelineStore } from './timeline.store.ts'

type TimelineRouteOptions = { timeline: TimelineStore; timeZoneAt: TimeZoneAt }

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['timestamps']

export const timelineRoutes: FastifyPluginAsyncTypebox<TimelineRouteOptions> = async (
  app,
  { timeline, timeZoneAt },
) => {
  app.get(
    '/port-calls/:id/timeline',
    {
      config: access.permit('port-call:read'),
      schema: {
        operationId: 'getTimeline',
        summary: 'What was decided and reported about a call, in order',
        description:
          'Decisions about the call, its clearances, orders, reservations and attachments, what carga tells of finished lists and personal of complete crews, and timestamps of every source; `effective` marks the one that counts for its service, event type, phase and classifier. By `Accept` as JSON in pages; as CSV, the whole timeline, with the port’s local time beside UTC; or as PDF, a statement of facts to be signed, with the actual events that count and the lists that are done, in English and Spanish, the one that `Accept-Language` prefers first.',
        tags,
        params: Params,
        querystring: TimelineQuery,
        response: {
          200: {
            description: 'JSON, CSV or PDF',
            content: {
              'application/json': { schema: PageOf(Type.Ref('TimelineEntry')) },
              'text/csv': { schema: csvAnswer(timelineColumns('UTC')) },
              'application/pdf': { schema: pdfAnswer() },
            },
          },
          ...errors(404, 406),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const visibility = visibilityOf(request.caller, 'port-call:read')
      const type = mediaTypeFor(request, ['application/json', 'text/csv', 'application/pdf'])
      reply.header('vary', type === 'application/pdf' ? 'accept, accept-language' : 'accept')
      if (type === 'application/json') return timeline.page(id, request.query, visibility)
      reply.type(type === 'text/csv' ? 'text/csv; charset=utf-8' : type)
      if (type === 'text/csv') {
        const { UNLocationCode, entries } = await timeline.whole(id, visibility)
        reply.header('content-disposition', attachment(`timeline-${UNLocationCode}-${id}.csv`))
        return reply.send(csvStream(entries, timelineColumns(timeZoneAt(UNLocationCode))))
      }
      const facts = await timeline.facts(id, visibility)
      const language = languageOf(request)
      const file = `statement-of-facts-${facts.UNLocationCode}-${id}.pdf`
      reply.headers({ 'content-disposition': attachment(file), 'content-language': language })
      return reply.send(await statementDocument(statementOfFacts(facts, language), new Date()))
    },
  )
}
