import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { languageOf } from '@porttrack/shared/http/language'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { ContainerVisitParams } from '../container-visits/container-visit.schema.ts'
import { PortCallParams } from '../port-calls/port-call.schema.ts'
import { visibilityOf } from '../visibility.ts'
import type { Purpose } from './check.ts'
import { checkIn, ChecksQuery } from './check.schema.ts'
import type { CheckStore } from './check.store.ts'

const tags = ['checks']

const asked: Readonly<Record<Purpose, { name: string; question: string; list: string }>> = {
  loading: {
    name: 'Loading',
    question: 'May this container be loaded?',
    list: 'May the containers that leave by this port call be loaded?',
  },
  leaving: {
    name: 'Leaving',
    question: 'May this container leave by the gate?',
    list: 'May the containers that came by this port call leave by the gate?',
  },
}

export const checkRoutes: FastifyPluginAsyncTypebox<{ checks: CheckStore }> = async (
  app,
  { checks },
) => {
  for (const purpose of ['loading', 'leaving'] as const) {
    const { name, question, list } = asked[purpose]

    app.get(
      `/container-visits/:id/${purpose}-check`,
      {
        config: access.permit('container-visit:read'),
        schema: {
          operationId: `check${name}`,
          summary: question,
          description: 'Every condition that is not met is named by its code.',
          tags,
          params: ContainerVisitParams,
          response: { 200: Type.Ref('Check'), ...errors(404) },
        },
      },
      async (request) => {
        const visibility = visibilityOf(request.caller, 'container-visit:read')
        const result = await checks.check(purpose, request.params.id, visibility)
        return checkIn(result, languageOf(request))
      },
    )

    app.get(
      `/port-calls/:id/${purpose}-checks`,
      {
        config: access.permit('port-call:read'),
        schema: {
          operationId: `check${name}OfCall`,
          summary: list,
          description: 'Every condition that is not met is named by its code.',
          tags,
          params: PortCallParams,
          querystring: ChecksQuery,
          response: { 200: PageOf(Type.Ref('Check')), ...errors(404) },
        },
      },
      async (request) => {
        const visibility = visibilityOf(request.caller, 'port-call:read')
        const { items, next } = await checks.checksOfCall(purpose, request.params.id, {
          query: request.query,
          visibility,
        })
        const language = languageOf(request)
        return { items: items.map((each) => checkIn(each, language)), next }
      },
    )
  }
}
