import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act, change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import { PlaceClosing, PlaceOpening, PlaceQuery } from '../places/place.schema.ts'
import {
  type ApproachPlaceAction,
  type ApproachPlaceKind,
  approachPlaceLifecycle,
} from './approach-place.ts'
import { AnchorageInput, PilotBoardingPlaceInput } from './approach-place.schema.ts'
import type { ApproachPlaceStore } from './approach-place.store.ts'

type ApproachPlaceRouteOptions = {
  kind: ApproachPlaceKind
  database: BarcosDatabase
  approachPlaces: ApproachPlaceStore
}

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })

/** What the routes of the two kinds differ in. */
export const approachPlaceRoutesOf = {
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

/** What the routes of the actions differ in: `POST /:id/<action>` each. */
const actions = {
  close: { summary: (one: string) => `Close ${one}, with a reason`, body: PlaceClosing },
  open: { summary: (one: string) => `Open ${one} that is closed`, body: PlaceOpening },
} satisfies Record<ApproachPlaceAction, object>

export const approachPlaceRoutes: FastifyPluginAsyncTypebox<ApproachPlaceRouteOptions> = async (
  app,
  { kind, database, approachPlaces },
) => {
  const { path, tags, operation, one, many, input, place } = approachPlaceRoutesOf[kind]

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
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) =>
        approachPlaces.replace(unit, { id: request.params.id, version, given: request.body }),
      ),
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

  for (const action of approachPlaceLifecycle.actionNames) {
    const { summary, body } = actions[action]
    app.post(
      `/:id/${action}`,
      {
        config: access.permit('approach-place:write'),
        schema: {
          operationId: `${action}${operation}`,
          summary: summary(one),
          tags,
          params: Params,
          body,
          response: { 200: place, ...errors(404, 409, 412) },
        },
      },
      async (request, reply) =>
        act({ request, reply, database }, (unit, version) =>
          approachPlaces.enter(unit, {
            id: request.params.id,
            version,
            action,
            by: request.caller.subject,
            reason: request.body?.reason,
          }),
        ),
    )
  }
}
