import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { CallAtPortQuery } from './voyage.schema.ts'
import type { VoyageStore } from './voyage.store.ts'

export const transportCallRoutes: FastifyPluginAsyncTypebox<{ store: VoyageStore }> = async (
  app,
  { store },
) => {
  app.get(
    '',
    {
      config: access.permit('voyage:read'),
      schema: {
        operationId: 'listTransportCalls',
        summary: 'Which voyages call at a port, in the order in which ships are expected',
        description:
          'By the arrival as it is known best: actual, else estimated, else planned; of a first call without one, the departure.',
        tags: ['voyages'],
        querystring: CallAtPortQuery,
        response: { 200: PageOf(Type.Ref('CallAtPort')) },
      },
    },
    async ({ query }) => store.listAtPort(query),
  )
}
