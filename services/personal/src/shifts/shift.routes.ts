import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act, change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import { shiftLifecycle } from './shift.ts'
import { Cancellation, NewShift, ShiftParams, ShiftQuery } from './shift.schema.ts'
import type { ShiftStore } from './shift.store.ts'

type ShiftRouteOptions = { database: PersonalDatabase; shifts: ShiftStore }

const tags = ['shifts']

export const shiftRoutes: FastifyPluginAsyncTypebox<ShiftRouteOptions> = async (
  app,
  { database, shifts },
) => {
  app.get(
    '',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'listShifts',
        summary: 'Shifts by time, state and port call',
        tags,
        querystring: ShiftQuery,
        response: { 200: PageOf(Type.Ref('Shift')) },
      },
    },
    async (request) => shifts.list(request.query),
  )

  app.post(
    '',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'createShift',
        summary: 'Plan a shift',
        description: 'It begins as a draft, of which nobody outside hears.',
        tags,
        body: NewShift,
        response: { 201: Type.Ref('Shift'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const shift = await shifts.create(unit, { caller: request.caller, given: request.body })
        return created(reply, `/v1/shifts/${shift.id}`, shift)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'getShift',
        summary: 'One shift',
        tags,
        params: ShiftParams,
        response: {
          200: Type.Ref('Shift'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) => sendVersioned(request, reply, await shifts.find(request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'replaceShift',
        summary: 'Replace a draft to which nobody is assigned',
        tags,
        params: ShiftParams,
        body: NewShift,
        response: { 200: Type.Ref('Shift'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) => {
        const { caller, params, body: given } = request
        return shifts.replace(unit, { caller, id: params.id, version, given })
      }),
  )

  for (const action of ['publish', 'start', 'close'] as const) {
    const { meaning } = shiftLifecycle.actions[action]
    app.post(
      `/:id/${action}`,
      {
        config: access.permit('shift:write'),
        schema: {
          operationId: `${action}Shift`,
          summary: `${action[0]?.toUpperCase()}${action.slice(1)} a shift: ${meaning}`,
          tags,
          params: ShiftParams,
          response: { 200: Type.Ref('Shift'), ...errors(404, 409, 412, 422) },
        },
      },
      async (request, reply) =>
        act({ request, reply, database }, (unit, version) => {
          const { caller, params } = request
          return shifts.advance(unit, { caller, id: params.id, version, action })
        }),
    )
  }

  app.post(
    '/:id/cancel',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'cancelShift',
        summary: 'Give a shift up',
        description: 'Its assignments are withdrawn for the same reason.',
        tags,
        params: ShiftParams,
        body: Cancellation,
        response: { 200: Type.Ref('Shift'), ...errors(404, 409, 412, 422) },
      },
    },
    async (request, reply) =>
      act({ request, reply, database }, (unit, version) => {
        const { caller, params, body } = request
        return shifts.cancel(unit, { caller, id: params.id, version, reason: body.reason })
      }),
  )
}
