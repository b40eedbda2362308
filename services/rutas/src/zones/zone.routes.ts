import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors, kitErrors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import type { Cursors } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { ZoneInput, ZoneList, ZoneListQuery, ZoneParams } from './zone.schema.ts'
import type { ZoneStore } from './zone.store.ts'
import { zoneFaults } from './zone.ts'

const tags = ['zones']

export const zoneRoutes: FastifyPluginAsyncTypebox<{ store: ZoneStore; cursors: Cursors }> = async (
  app,
  { store, cursors },
) => {
  const { database } = store

  app.post(
    '',
    {
      config: access.permit('zone:write'),
      schema: {
        operationId: 'createZone',
        summary: 'Draw a zone',
        description:
          'A GeoJSON polygon, a circle: a Point with radiusMetres, or a line that ships cross. Ships that are in it already are found to have entered at their next fix.',
        tags,
        body: ZoneInput,
        response: { 201: Type.Ref('Zone'), ...errors(409, 422) },
      },
    },
    async (request, reply) => {
      refuseFaulty(request.body)
      return write({ request, reply, database }, async (unit) => {
        const zone = await store.create(unit, request.body)
        return created(reply, `/v1/zones/${zone.id}`, zone)
      })
    },
  )

  app.get(
    '',
    {
      config: access.permit('zone:read'),
      schema: {
        operationId: 'listZones',
        summary: 'Zones in the order they were drawn',
        tags,
        querystring: ZoneListQuery,
        response: { 200: ZoneList },
      },
    },
    async ({ query }) => {
      const after = cursors.read('zones', query)
      const found = await store.list(query, { after, limit: (query.limit ?? 50) + 1 })
      return cursors.page('zones', query, { found, positionOf: ({ id }) => [id] })
    },
  )

  app.get(
    '/:id',
    {
      config: access.permit('zone:read'),
      schema: {
        operationId: 'getZone',
        summary: 'A zone',
        tags,
        params: ZoneParams,
        response: {
          200: Type.Ref('Zone'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) => sendVersioned(request, reply, await store.find(request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('zone:write'),
      schema: {
        operationId: 'replaceZone',
        summary: 'Change a zone',
        description: 'Where its shape changes, ships are judged anew at their next fix.',
        tags,
        params: ZoneParams,
        body: ZoneInput,
        response: { 200: Type.Ref('Zone'), ...errors(404, 412, 428) },
      },
    },
    async (request, reply) => {
      const version = requiredVersion(request)
      refuseFaulty(request.body)
      const { id } = request.params
      const zone = await database.transaction((unit) =>
        store.replace(unit, id, { input: request.body, version }),
      )
      return sendVersioned(request, reply, zone)
    },
  )

  app.delete(
    '/:id',
    {
      config: access.permit('zone:write'),
      schema: {
        operationId: 'deleteZone',
        summary: 'Remove a zone',
        description: 'Ships in it are not said to leave it.',
        tags,
        params: ZoneParams,
        response: { 204: Type.Null({ description: 'Removed' }), ...errors(404, 412, 428) },
      },
    },
    async (request, reply) => {
      const version = requiredVersion(request)
      await database.transaction((unit) => store.remove(unit, request.params.id, version))
      return reply.code(204).send(null)
    },
  )
}

const refuseFaulty = (input: ZoneInput): void => {
  const faults = zoneFaults(input)
  if (faults.length > 0) throw new ProblemError(kitErrors.VALIDATION_FAILED, { errors: faults })
}
