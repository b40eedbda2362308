import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import { TimelineQuery } from './timeline.schema.ts'
import type { TimelineStore } from './timeline.store.ts'

type TimelineRouteOptions = { timeline: TimelineStore }

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['timestamps']

export const timelineRoutes: FastifyPluginAsyncTypebox<TimelineRouteOptions> = async (
  app,
  { timeline },
) => {
  app.get(
    '/port-calls/:id/timeline',
    {
      config: access.permit('port-call:read'),
      schema: {
        operationId: 'getTimeline',
        summary: 'What was decided and reported about a call, in order',
        description:
          'Timestamps of every source are shown; `effective` marks the one that counts for its service, event type, phase and classifier.',
        tags,
        params: Params,
        querystring: TimelineQuery,
        response: { 200: PageOf(Type.Ref('TimelineEntry')), ...errors(404) },
      },
    },
    async (request) =>
      timeline.page(
        request.params.id,
        request.query,
        visibilityOf(request.caller, 'port-call:read'),
      ),
  )
}
