import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import { BlockQuery, NewBlock } from './block.schema.ts'
import type { BlockStore } from './block.store.ts'

type BlockRouteOptions = { database: BarcosDatabase; blocks: BlockStore }

const BerthParams = Type.Object({ id: Type.String({ format: 'uuid' }) })
const Params = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The berth' }),
  blockId: Type.String({ format: 'uuid' }),
})
const tags = ['berths']

export const blockRoutes: FastifyPluginAsyncTypebox<BlockRouteOptions> = async (app, options) => {
  const { database, blocks } = options

  app.get(
    '',
    {
      config: access.permit('berth:read'),
      schema: {
        operationId: 'listBlocks',
        summary: 'Blocks of a berth',
        description: 'In the order of their beginnings.',
        tags,
        params: BerthParams,
        querystring: BlockQuery,
        response: { 200: PageOf(Type.Ref('Block')), ...errors(404) },
      },
    },
    async (request) => blocks.list(request.params.id, request.query),
  )

  app.post(
    '',
    {
      config: access.permit('berth:block'),
      schema: {
        operationId: 'blockBerth',
        summary: 'Block metres of a berth for a time',
        description:
          'No ship is planned to them then. Metres are given as such or by two bollards, in either order; without, the whole quay is blocked. Where ships lie there or are planned to it, 409 names their reservations, the first 100.',
        tags,
        params: BerthParams,
        body: NewBlock,
        response: { 201: Type.Ref('Block'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { params, body, caller } = request
      return write({ request, reply, database }, async (unit) => {
        const block = await blocks.create(unit, {
          berthId: params.id,
          given: body,
          by: caller.subject,
        })
        return created(reply, `/v1/berths/${params.id}/blocks/${block.id}`, block)
      })
    },
  )

  app.get(
    '/:blockId',
    {
      config: access.permit('berth:read'),
      schema: {
        operationId: 'getBlock',
        summary: 'One block of a berth',
        tags,
        params: Params,
        response: {
          200: Type.Ref('Block'),
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
      config: access.permit('berth:block'),
      schema: {
        operationId: 'liftBlock',
        summary: 'Lift a block',
        description: 'Its metres are free from now on. It is kept, and found with `lifted`.',
        tags,
        params: Params,
        response: { 204: Type.Null({ description: 'Lifted' }), ...errors(404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const version = requiredVersion(request)
      const { id: berthId, blockId: id } = request.params
      await database.transaction((unit) => blocks.lift(unit, { berthId, id, version }))
      return reply.code(204).send(null)
    },
  )
}
