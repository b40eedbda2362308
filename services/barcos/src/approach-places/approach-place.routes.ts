import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import { PlaceClosing, PlaceOpening, PlaceQuery } from '../places/place.schema.ts'
import type { ApproachPlaceKind } from './approach-place.ts'
import { AnchorageInput, PilotBoardingPlaceInput } from './approach-place.schema.ts'
import type { ApproachPlaceStore } from './approach-place.store.ts'

type ApproachPlaceRouteOptions = {
  kind: ApproachPlaceKind
  database: BarcosDatabase
  approachPlaces: ApproachPlaceStore
}

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** What the routes of the two kinds differ in. */
const kinds = {
  ANCHORAGE: {
    path: '/v1/anchorages',
    tags: ['anchorages'],
    operation: 'Anchorage',
    one: 'an anchorage',
    many: 'anchorages',
    input: AnchorageInput,
    place: Type.Ref('Anchorage'),
  },
  PILOT_BOARDING_PLACE: {
    path: '/v1/pilot-boarding-places',
    tags: ['pilot boarding places'],
    operation: 'PilotBoardingPlace',
    one: 'a pilot boarding place',
    many: 'pilot boarding places',
    input: PilotBoardingPlaceInput,
    place: Type.Ref('PilotBoardingPlace'),
  },
} satisfies Record<ApproachPlaceKind, object>

export const approachPlaceRoutes: FastifyPluginAsyncTypebox<ApproachPlaceRouteOptions> = async (
  app,
  { kind, database, approachPlaces },
) => {
  const { path, tags, operation, one, many, input, place } = kinds[kind]

  app.get(
    '',
    {
      config: access.permit('approach-place:read'),
      schema: {
        operationId: `list${operation}s`,
        summary: `Search ${many}`,
        tags,
        querystring: PlaceQuery,
        response: { 200: PageOf(place) },
      },
    },
    async (request) => approachPlaces.list(request.query),
  )

  app.post(
    '',
    {
      config: access.permit('approach-place:write'),
      schema: {
        operationId: `create${operation}`,
        summary: `Make ${one}`,
        description: 'It is open at once. 409 names the one that has the code already.',
        tags,
        body: input,
        response: { 201: place, ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const made = await approachPlaces.create(unit, request.body)
        return created(reply, `${path}/${made.id}`, made)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('approach-place:read'),
      schema: {
        operationId: `get${operation}`,
        summary: `Read ${one}`,
        tags,
        params: Params,
        response: {
          200: place,
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) =>
      sendVersioned(request, reply, await approachPlaces.find(request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('approach-place:write'),
      schema: {
        operationId: `replace${operation}`,
        summary: `Replace what is known of ${one}`,
        description: 'What is left out becomes no limit, or unknown; the port and the state stay.',
        tags,
        params: Params,
        body: input,
        response: { 200: place, ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      const version = requiredVersion(request)
      return write({ request, reply, database }, async (unit) => {
        const change = { id: request.params.id, version, given: request.body }
        return sendVersioned(request, reply, await approachPlaces.replace(unit, change))
      })
    },
  )

  app.delete(
    '/:id',
    {
      config: access.permit('approach-place:write'),
      schema: {
        operationId: `delete${operation}`,
        summary: `Remove ${one}`,
        tags,
        params: Params,
        response: { 204: Type.Null({ description: 'Removed' }), ...errors(404, 412, 428) },
      },
    },
    async (request, reply) => {
      const wanted = { id: request.params.id, version: requiredVersion(request) }
      await database.transaction((unit) => approachPlaces.remove(unit, wanted))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/close',
    {
      config: access.permit('approach-place:write'),
      schema: {
        operationId: `close${operation}`,
        summary: `Close ${one}, with a reason`,
        tags,
        params: Params,
        body: PlaceClosing,
        response: { 200: place, ...errors(404, 409, 412) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { reason } = request.body
        const closing = { ...wantedBy(request), action: 'close' as const, reason }
        return sendVersioned(request, reply, await approachPlaces.enter(unit, closing))
      }),
  )

  app.post(
    '/:id/open',
    {
      config: access.permit('approach-place:write'),
      schema: {
        operationId: `open${operation}`,
        summary: `Open ${one} that is closed`,
        tags,
        params: Params,
        body: PlaceOpening,
        response: { 200: place, ...errors(404, 409, 412) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const reason = request.body?.reason
        const opening = { ...wantedBy(request), action: 'open' as const, reason }
        return sendVersioned(request, reply, await approachPlaces.enter(unit, opening))
      }),
  )
}

/** What an action is for, and who takes it; `If-Match` may be left out. */
const wantedBy = (request: FastifyRequest<{ Params: { id: string } }>) => ({
  id: request.params.id,
  version: request.headers['if-match'] === undefined ? ('*' as const) : requiredVersion(request),
  by: request.caller.subject,
})
