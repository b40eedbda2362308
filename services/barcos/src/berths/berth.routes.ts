import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act, change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import { PlaceOpening, PlaceQuery } from '../places/place.schema.ts'
import { BerthInput, Closing } from './berth.schema.ts'
import type { BerthStore } from './berth.store.ts'

type BerthRouteOptions = { database: BarcosDatabase; berths: BerthStore }

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['berths']

export const berthRoutes: FastifyPluginAsyncTypebox<BerthRouteOptions> = async (app, options) => {
  const { database, berths } = options

  app.get(
    '',
    {
      config: access.permit('berth:read'),
      schema: {
        operationId: 'listBerths',
        summary: 'Search berths',
        tags,
        querystring: PlaceQuery,
        response: { 200: PageOf(Type.Ref('Berth')) },
      },
    },
    async (request) => berths.list(request.query),
  )

  app.post(
    '',
    {
      config: access.permit('berth:write'),
      schema: {
        operationId: 'createBerth',
        summary: 'Make a berth',
        description: 'It is open at once. 409 names the berth that has the code already.',
        tags,
        body: BerthInput,
        response: { 201: Type.Ref('Berth'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const berth = await berths.create(unit, request.body)
        return created(reply, `/v1/berths/${berth.id}`, berth)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('berth:read'),
      schema: {
        operationId: 'getBerth',
        summary: 'One berth',
        tags,
        params: Params,
        response: {
          200: Type.Ref('Berth'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) => sendVersioned(request, reply, await berths.find(request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('berth:write'),
      schema: {
        operationId: 'replaceBerth',
        summary: 'Replace what is known of a berth',
        description:
          'What is left out becomes no limit, or unknown; the port and the state stay. A quay is not made shorter than the ships that lie there or are still planned to it need: 409 names them.',
        tags,
        params: Params,
        body: BerthInput,
        response: { 200: Type.Ref('Berth'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) =>
        berths.replace(unit, { id: request.params.id, version, given: request.body }),
      ),
  )

  app.delete(
    '/:id',
    {
      config: access.permit('berth:write'),
      schema: {
        operationId: 'deleteBerth',
        summary: 'Remove a berth that was made by mistake',
        description: 'One where anything was ever reserved or blocked is kept; close it instead.',
        tags,
        params: Params,
        response: {
          204: Type.Null({ description: 'Removed' }),
          ...errors(404, 409, 412, 428),
        },
      },
    },
    async (request, reply) => {
      const wanted = { id: request.params.id, version: requiredVersion(request) }
      await database.transaction((unit) => berths.remove(unit, wanted))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/close',
    {
      config: access.permit('berth:block'),
      schema: {
        operationId: 'closeBerth',
        summary: 'Close a berth, with a reason',
        description:
          'Nothing can be planned to it until it is opened again. Where ships lie there or are still planned to it, 409 names their reservations; with `force` it is closed all the same, they are kept, and the answer names them, since they have to be planned elsewhere. An answer names the first 100.',
        tags,
        params: Params,
        body: Closing,
        response: { 200: Type.Ref('ClosedBerth'), ...errors(404, 409, 412) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, (unit, version) => {
        const { params, body, caller } = request
        const { reason, force = false } = body
        return berths.close(unit, { id: params.id, version, by: caller.subject, reason, force })
      }),
  )

  app.post(
    '/:id/open',
    {
      config: access.permit('berth:block'),
      schema: {
        operationId: 'openBerth',
        summary: 'Open a closed berth',
        tags,
        params: Params,
        body: PlaceOpening,
        response: { 200: Type.Ref('Berth'), ...errors(404, 409, 412) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, (unit, version) => {
        const { params, body, caller } = request
        return berths.open(unit, {
          id: params.id,
          version,
          by: caller.subject,
          reason: body?.reason,
        })
      }),
  )
}
