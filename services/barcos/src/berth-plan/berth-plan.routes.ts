import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { attachment } from '@porttrack/shared/http/attachment'
import { csvStream } from '@porttrack/shared/http/csv'
import { errors } from '@porttrack/shared/http/errors'
import { csvAnswer, fileAnswer } from '@porttrack/shared/http/file-content'
import { languageOf } from '@porttrack/shared/http/language'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import { BerthPlanQuery } from './berth-plan.schema.ts'
import type { BerthPlanStore } from './berth-plan.store.ts'
import { SuggestionQuery } from './berth-suggestion.schema.ts'
import type { SuggestionStore } from './berth-suggestion.store.ts'
import { planCalendar } from './plan-calendar.ts'
import { planColumns, planLines } from './plan-table.ts'

type BerthPlanRouteOptions = { plans: BerthPlanStore; suggestions: SuggestionStore }

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['berth plan']

export const berthPlanRoutes: FastifyPluginAsyncTypebox<BerthPlanRouteOptions> = async (
  app,
  { plans, suggestions },
) => {
  app.get(
    '/berth-plan',
    {
      config: access.permit('berth-plan:read'),
      schema: {
        operationId: 'getBerthPlan',
        summary: 'What is planned at every berth of a port',
        description:
          'On some days of the port’s own calendar, with reservations and blocks that reach into them. By `Accept` as JSON; as CSV, a line for each reservation and block and for each berth without any; or as a calendar (iCalendar) whose events keep their identity. Of another organisation’s ships an agent sees the metres and no names.',
        tags,
        querystring: BerthPlanQuery,
        response: {
          200: {
            description: 'JSON, CSV or iCalendar',
            content: {
              'application/json': { schema: Type.Ref('BerthPlan') },
              'text/csv': { schema: csvAnswer(planColumns) },
              'text/calendar': { schema: fileAnswer('calendar') },
            },
          },
          ...errors(406),
        },
      },
    },
    async (request, reply) => {
      const type = mediaTypeFor(request, ['application/json', 'text/csv', 'text/calendar'])
      const plan = await plans.plan(request.query, {
        visibility: visibilityOf(request.caller, 'berth-plan:read'),
        now: new Date(),
      })
      reply.header('vary', type === 'text/calendar' ? 'accept, accept-language' : 'accept')
      if (type === 'application/json') return plan
      const file = `berth-plan-${plan.UNLocationCode}-${plan.date}`
      if (type === 'text/csv') {
        reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', attachment(`${file}.csv`))
        return reply.send(csvStream(planLines(plan), planColumns))
      }
      const language = languageOf(request)
      reply.type('text/calendar; charset=utf-8').headers({
        'content-disposition': attachment(`${file}.ics`),
        'content-language': language,
      })
      return reply.send(planCalendar(plan, language))
    },
  )

  app.get(
    '/port-calls/:id/berth-suggestions',
    {
      config: access.permit('berth-plan:read'),
      schema: {
        operationId: 'suggestBerths',
        summary: 'Where and when the ship of a call fits next',
        description:
          'The soonest window of each berth of the port, beside everything that is planned there, and for each other berth every condition that keeps the ship from it.',
        tags,
        params: Params,
        querystring: SuggestionQuery,
        response: { 200: Type.Ref('BerthSuggestions'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      reply.header('vary', 'accept-language')
      return suggestions.suggest(request.params.id, {
        query: request.query,
        visibility: visibilityOf(request.caller, 'berth-plan:read'),
        language: languageOf(request),
        now: new Date(),
      })
    },
  )
}
