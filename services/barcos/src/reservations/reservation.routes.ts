import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import { reporterOf } from '../reporter.ts'
import { reservationErrors } from './reservation.ts'
import { ReservationRequest, Reservations } from './reservation.schema.ts'
import type { ReservationStore } from './reservation.store.ts'

type ReservationRouteOptions = {
  database: BarcosDatabase
  reservations: ReservationStore
  metrics: Metrics<typeof metrics>
}

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['berth plan']

const whoOf = ({ caller }: FastifyRequest) => ({
  visibility: visibilityOf(caller, 'berth-plan:write'),
  reporter: reporterOf(caller),
})

export const reservationRoutes: FastifyPluginAsyncTypebox<ReservationRouteOptions> = async (
  app,
  { database, reservations, metrics },
) => {
  /** Counts how a request for metres ended, and passes its answer or error on. */
  const counted = async <T>(outcome: 'reserved' | 'moved', work: Promise<T>): Promise<T> => {
    try {
      const answer = await work
      metrics.reservationRequests.inc({ outcome })
      return answer
    } catch (error) {
      const kind = error instanceof ProblemError ? error.kind : null
      if (kind === reservationErrors.BERTH_TAKEN)
        metrics.reservationRequests.inc({ outcome: 'taken' })
      if (kind === reservationErrors.BERTH_DOES_NOT_FIT) {
        metrics.reservationRequests.inc({ outcome: 'misfit' })
      }
      throw error
    }
  }

  app.get(
    '/port-calls/:id/reservations',
    {
      config: access.permit('berth-plan:read'),
      schema: {
        operationId: 'listReservations',
        summary: 'Berth reservations of a call, released ones too',
        tags,
        params: Params,
        response: { 200: Reservations, ...errors(404) },
      },
    },
    async (request) => {
      const visibility = visibilityOf(request.caller, 'berth-plan:read')
      return { items: await reservations.list(request.params.id, visibility) }
    },
  )

  app.post(
    '/port-calls/:id/reservations',
    {
      config: access.permit('berth-plan:write'),
      schema: {
        operationId: 'reserveBerth',
        summary: 'Reserve metres of a berth for a call',
        description:
          'By metres, by bollards, or by the berth alone: then the first free metres are taken. A ship that does not fit is refused with each unmet condition (422), metres that are taken with each reservation and block in the way (409).',
        tags,
        params: Params,
        body: ReservationRequest,
        response: { 201: Type.Ref('Reservation'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { body, params } = request
      const who = whoOf(request)
      const work = write({ request, reply, database }, async (unit) => {
        const made = await reservations.reserve(unit, {
          portCallId: params.id,
          request: body,
          who,
        })
        return created(reply, `/v1/reservations/${made.id}`, made)
      }).catch((error: unknown) =>
        reservations.nameConflict(error, {
          request: body,
          visibility: who.visibility,
          portCallId: params.id,
          id: null,
        }),
      )
      return counted('reserved', work)
    },
  )

  app.get(
    '/reservations/:id',
    {
      config: access.permit('berth-plan:read'),
      schema: {
        operationId: 'getReservation',
        summary: 'One berth reservation',
        tags,
        params: Params,
        response: { 200: Type.Ref('Reservation'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const visibility = visibilityOf(request.caller, 'berth-plan:read')
      return sendVersioned(request, reply, await reservations.find(request.params.id, visibility))
    },
  )

  app.put(
    '/reservations/:id',
    {
      config: access.permit('berth-plan:write'),
      schema: {
        operationId: 'moveReservation',
        summary: 'Move or resize a reservation',
        description:
          'To other metres, another berth or another window, with everything asked that was asked when it was made. Without metres it keeps its own where they are free then, else takes the first free ones. Once the ship lies there it stays at its berth.',
        tags,
        params: Params,
        body: ReservationRequest,
        response: { 200: Type.Ref('Reservation'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) => {
      const { body, params } = request
      const who = whoOf(request)
      const work = change({ request, reply, database }, (unit, version) =>
        reservations.change(unit, { id: params.id, version, request: body, who }),
      ).catch((error: unknown) =>
        reservations.nameConflict(error, {
          request: body,
          visibility: who.visibility,
          portCallId: null,
          id: params.id,
        }),
      )
      return counted('moved', work)
    },
  )

  app.delete(
    '/reservations/:id',
    {
      config: access.permit('berth-plan:write'),
      schema: {
        operationId: 'releaseReservation',
        summary: 'Give a reservation up',
        description: 'Its metres are free. It remains readable, with the time of its release.',
        tags,
        params: Params,
        response: { 204: Type.Null(), ...errors(404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const version = requiredVersion(request)
      await write({ request, reply, database }, async (unit) => {
        await reservations.release(unit, { id: request.params.id, version, who: whoOf(request) })
        return null
      })
      metrics.reservationRequests.inc({ outcome: 'released' })
      return reply.code(204).send(null)
    },
  )
}
