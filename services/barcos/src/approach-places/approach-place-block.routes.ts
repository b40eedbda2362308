import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { BlockQuery } from '../berths/block.schema.ts'
import type { BarcosDatabase } from '../database.ts'
import type { ApproachPlaceKind } from './approach-place.ts'
import { approachPlaceRoutesOf } from './approach-place.routes.ts'
import { NewApproachPlaceBlock } from './approach-place-block.schema.ts'
import type { ApproachPlaceBlockStore } from './approach-place-block.store.ts'

type ApproachPlaceBlockRouteOptions = {
  kind: ApproachPlaceKind
  database: BarcosDatabase
  blocks: ApproachPlaceBlockStore
}

const PlaceParams = Type.Object({ id: Type.String({ format: 'uuid' }) })
const Params = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The place' }),
  blockId: Type.String({ format: 'uuid' }),
})

export const approachPlaceBlockRoutes: FastifyPluginAsyncTypebox<
  ApproachPlaceBlockRouteOptions
> = async (app, { kind, database, blocks }) => {
  const { path, tags, operation, one } = approachPlaceRoutesOf[kind]

  app.get(
    '',
    {
      config: access.permit('approach-place:read'),
      schema: {
        operationId: `list${operation}Blocks`,
        summary: `Blocks of ${one}`,
        description: 'In the order of their beginnings.',
        tags,
        params: PlaceParams,
        querystring: BlockQuery,
        response: { 200: PageOf(Type.Ref('ApproachPlaceBlock')), ...errors(404) },
      },
    },
    async (request) => blocks.list(request.params.id, request.query),
  )

  app.post(
    '',
    {
      config: access.permit('approach-place:write'),
      schema: {
        operationId: `block${operation}`,
        summary: `Block ${one} for a time, with a reason`,
        description: 'No ship is sent there then.',
        tags,
        params: PlaceParams,
        body: NewApproachPlaceBlock,
        response: { 201: Type.Ref('ApproachPlaceBlock'), ...errors(404, 422) },
      },
    },
    async (request, reply) => {
      const { params, body, caller } = request
      return write({ request, reply, database }, async (unit) => {
        const block = await blocks.create(unit, {
          placeId: params.id,
          given: body,
          by: caller.subject,
        })
        return created(reply, `${path}/${params.id}/blocks/${block.id}`, block)
      })
    },
  )

  app.get(
    '/:blockId',
    {
      config: access.permit('approach-place:read'),
      schema: {
        operationId: `get${operation}Block`,
        summary: `One block of ${one}`,
        tags,
        params: Params,
        response: {
          200: Type.Ref('ApproachPlaceBlock'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) => {
      const { id, blockId } = request.params
      return sendVersioned(request, reply, await blocks.find(id, blockId))
    },
  )

  app.delete(
    '/:blockId',
    {
      config: access.permit('approach-place:write'),
      schema: {
        operationId: `lift${operation}Block`,
        summary: `Lift a block of ${one}`,
        description: 'Ships are sent there from now on. It is kept, and found with `lifted`.',
        tags,
        params: Params,
        response: { 204: Type.Null({ description: 'Lifted' }), ...errors(404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const version = requiredVersion(request)
      const { id: placeId, blockId: id } = request.params
      await database.transaction((unit) => blocks.lift(unit, { placeId, id, version }))
      return reply.code(204).send(null)
    },
  )
}
