import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Caller } from '@porttrack/shared/auth/caller'
import { act } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { ProblemError } from '@porttrack/shared/http/problem'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { ContainerVisitParams } from '../container-visits/container-visit.schema.ts'
import type { ContainerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaDatabase } from '../database.ts'
import { Reasoned } from '../reason.schema.ts'
import { visibilityOf } from '../visibility.ts'
import { type HoldAuthority, holdErrors, speaksFor } from './hold.ts'
import { HoldParams, NewHold } from './hold.schema.ts'
import { findHold, listHolds, placeHold, releaseHold } from './hold.store.ts'

type HoldRouteOptions = { database: CargaDatabase; containerVisits: ContainerVisitStore }

const tags = ['holds']

export const holdRoutes: FastifyPluginAsyncTypebox<HoldRouteOptions> = async (
  app,
  { database, containerVisits },
) => {
  app.get(
    '',
    {
      config: access.permit('container-visit:read'),
      schema: {
        operationId: 'listHolds',
        summary: 'Holds of a container visit',
        description: 'The earliest first, those released with them.',
        tags,
        params: ContainerVisitParams,
        response: { 200: Type.Object({ items: Type.Array(Type.Ref('Hold')) }), ...errors(404) },
      },
    },
    async ({ params: { id }, caller }) => {
      await containerVisits.find(id, visibilityOf(caller, 'container-visit:read'))
      return { items: await listHolds(database.client, id) }
    },
  )

  app.post(
    '',
    {
      config: access.permit('hold:decide'),
      schema: {
        operationId: 'placeHold',
        summary: 'Place a hold on a container visit',
        description:
          'The container is neither loaded nor let out of the gate until it is released. 403 where you do not speak for the authority.',
        tags,
        params: ContainerVisitParams,
        body: NewHold,
        response: { 201: Type.Ref('Hold'), ...errors(404, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { params, body, caller } = request
        const visibility = visibilityOf(caller, 'hold:decide')
        const visit = await containerVisits.lock(unit, params.id, visibility)
        requireSpeaker(caller, body.authority)
        const hold = await placeHold(unit, visit, { given: body, by: caller.subject })
        return created(reply, `/v1/container-visits/${visit.id}/holds/${hold.id}`, hold)
      }),
  )

  app.post(
    '/:holdId/release',
    {
      config: access.permit('hold:decide'),
      schema: {
        operationId: 'releaseHold',
        summary: 'Release a hold',
        description: 'Only for the authority that placed it; 403 for any other.',
        tags,
        params: HoldParams,
        body: Reasoned,
        response: { 200: Type.Ref('Hold'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, async (unit, version) => {
        const { params, body, caller } = request
        const visibility = visibilityOf(caller, 'hold:decide')
        const visit = await containerVisits.lock(unit, params.id, visibility)
        const hold = await findHold(unit.tx, params)
        requireSpeaker(caller, hold.authority)
        return releaseHold(unit, visit, {
          hold,
          version,
          reason: body.reason,
          by: caller.subject,
        })
      }),
  )
}

const requireSpeaker = (caller: Caller, authority: HoldAuthority): void => {
  if (speaksFor(caller, authority)) return
  throw new ProblemError(holdErrors.HOLD_OF_ANOTHER_AUTHORITY)
}
