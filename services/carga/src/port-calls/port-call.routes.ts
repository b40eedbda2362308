import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { visibilityOf } from '../visibility.ts'
import { PortCallParams, PortCallQuery } from './port-call.schema.ts'
import type { PortCallStore } from './port-call.store.ts'

const tags = ['port calls']

export const portCallRoutes: FastifyPluginAsyncTypebox<{ portCalls: PortCallStore }> = async (
  app,
  { portCalls },
) => {
  app.get(
    '',
    {
      config: access.permit('port-call:read'),
      schema: {
        operationId: 'listKnownPortCalls',
        summary: 'Search what is known of port calls',
        description:
          'Learnt from the events of barcos, those told of last first. `knowledge` says how old it is.',
        tags,
        querystring: PortCallQuery,
        response: { 200: PageOf(Type.Ref('PortCall')) },
      },
    },
    async (request) =>
      portCalls.list(request.query, visibilityOf(request.caller, 'port-call:read')),
  )

  app.get(
    '/:id',
    {
      config: access.permit('port-call:read'),
      schema: {
        operationId: 'getKnownPortCall',
        summary: 'What is known of one port call',
        tags,
        params: PortCallParams,
        response: { 200: Type.Ref('PortCall'), ...errors(404) },
      },
    },
    async (request) =>
      portCalls.find(request.params.id, visibilityOf(request.caller, 'port-call:read')),
  )
}
