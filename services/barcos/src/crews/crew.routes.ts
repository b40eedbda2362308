import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import type { CrewStore } from './crew.store.ts'

type CrewRouteOptions = { crews: CrewStore }

export const crewRoutes: FastifyPluginAsyncTypebox<CrewRouteOptions> = async (app, { crews }) => {
  app.get(
    '/:id/crews',
    {
      config: access.permit('crew:read'),
      schema: {
        operationId: 'listCrewsOfCall',
        summary: 'The shifts that serve a call, and whether their crews are complete',
        description:
          'Learnt from the events of personal. `knowledge` says how old it is, also where personal has told nothing yet. Names nobody. A service provider finds the crews of its own orders.',
        tags: ['port calls'],
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
        response: { 200: Type.Ref('CrewsOfCall'), ...errors(404) },
      },
    },
    async (request) => crews.list(request.params.id, visibilityOf(request.caller, 'crew:read')),
  )
}
