import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import { GangParams, GangQuery, NewGang } from './gang.schema.ts'
import type { GangStore } from './gang.store.ts'

type GangRouteOptions = { database: PersonalDatabase; gangs: GangStore }

const tags = ['shifts']

export const gangRoutes: FastifyPluginAsyncTypebox<GangRouteOptions> = async (
  app,
  { database, gangs },
) => {
  app.get(
    '',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'listGangs',
        summary: 'Standing gangs by name',
        tags,
        querystring: GangQuery,
        response: { 200: PageOf(Type.Ref('Gang')) },
      },
    },
    async ({ caller, query }) => gangs.list(caller, query),
  )

  app.post(
    '',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'createGang',
        summary: 'Name people who work together',
        tags,
        body: NewGang,
        response: { 201: Type.Ref('Gang'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, body: given } = request
        const gang = await gangs.create(unit, { caller, given })
        return created(reply, `/v1/gangs/${gang.id}`, gang)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'getGang',
        summary: 'One standing gang',
        tags,
        params: GangParams,
        response: {
          200: Type.Ref('Gang'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) =>
      sendVersioned(
        request,
        reply,
        await gangs.find({ caller: request.caller, id: request.params.id }),
      ),
  )

  app.put(
    '/:id',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'replaceGang',
        summary: 'Replace a standing gang',
        description: 'Assignments that were made of it stay as they are.',
        tags,
        params: GangParams,
        body: NewGang,
        response: { 200: Type.Ref('Gang'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) =>
        gangs.replace(unit, {
          caller: request.caller,
          id: request.params.id,
          version,
          given: request.body,
        }),
      ),
  )

  app.delete(
    '/:id',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'deleteGang',
        summary: 'Remove a standing gang',
        tags,
        params: GangParams,
        response: { 204: Type.Null({ description: 'Removed' }), ...errors(404, 412, 428) },
      },
    },
    async (request, reply) => {
      const { caller, params } = request
      const wanted = { caller, id: params.id, version: requiredVersion(request) }
      await database.transaction((unit) => gangs.remove(unit, wanted))
      return reply.code(204).send(null)
    },
  )
}
