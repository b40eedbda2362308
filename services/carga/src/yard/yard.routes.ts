import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { CargaDatabase } from '../database.ts'
import { NewYardBlock, YardBlockParams, YardParams } from './yard.schema.ts'
import { clearBlock, layOutBlock, listBlocks } from './yard.store.ts'

const tags = ['yard']

export const yardRoutes: FastifyPluginAsyncTypebox<{ database: CargaDatabase }> = async (
  app,
  { database },
) => {
  app.get(
    '/:UNLocationCode/blocks',
    {
      config: access.permit('yard:read'),
      schema: {
        operationId: 'listYardBlocks',
        summary: 'The blocks of a yard, and how full each is',
        tags,
        params: YardParams,
        response: { 200: Type.Object({ items: Type.Array(Type.Ref('YardBlock')) }) },
      },
    },
    async ({ params }) => ({ items: await listBlocks(database.sql, params.UNLocationCode) }),
  )

  app.post(
    '/:UNLocationCode/blocks/:code',
    {
      config: access.permit('yard:write'),
      schema: {
        operationId: 'layOutYardBlock',
        summary: 'Lay out a block of a yard',
        description:
          'Containers are set down in slots of blocks that are laid out, and nowhere else.',
        tags,
        params: YardBlockParams,
        body: NewYardBlock,
        response: { 201: Type.Ref('YardBlock'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        reply.code(201)
        return layOutBlock(unit, request.params, request.body)
      }),
  )

  app.delete(
    '/:UNLocationCode/blocks/:code',
    {
      config: access.permit('yard:write'),
      schema: {
        operationId: 'clearYardBlock',
        summary: 'Clear away a block in which no container stands',
        tags,
        params: YardBlockParams,
        response: { 204: Type.Null(), ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      await write({ request, reply, database }, (unit) => clearBlock(unit, request.params))
      return reply.code(204).send(null)
    },
  )
}
