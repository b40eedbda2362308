import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { PersonalDatabase } from '../database.ts'
import {
  NewShiftRotation,
  PlannedDays,
  PlanSpan,
  ShiftRotationParams,
  ShiftRotationQuery,
} from './shift-rotation.schema.ts'
import type { ShiftRotationStore } from './shift-rotation.store.ts'

type ShiftRotationRouteOptions = { database: PersonalDatabase; rotations: ShiftRotationStore }

const tags = ['shifts']

export const shiftRotationRoutes: FastifyPluginAsyncTypebox<ShiftRotationRouteOptions> = async (
  app,
  { database, rotations },
) => {
  app.get(
    '',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'listShiftRotations',
        summary: 'Rotations by name',
        tags,
        querystring: ShiftRotationQuery,
        response: { 200: PageOf(Type.Ref('ShiftRotation')) },
      },
    },
    async ({ query }) => rotations.list(query),
  )

  app.post(
    '',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'createShiftRotation',
        summary: 'Describe a shift that recurs',
        tags,
        body: NewShiftRotation,
        response: { 201: Type.Ref('ShiftRotation'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { caller, body: given } = request
        const rotation = await rotations.create(unit, { caller, given })
        return created(reply, `/v1/shift-rotations/${rotation.id}`, rotation)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('shift:read'),
      schema: {
        operationId: 'getShiftRotation',
        summary: 'One rotation',
        tags,
        params: ShiftRotationParams,
        response: {
          200: Type.Ref('ShiftRotation'),
          304: Type.Null({ description: 'The caller has this version' }),
          ...errors(404),
        },
      },
    },
    async (request, reply) =>
      sendVersioned(request, reply, await rotations.find(request.params.id)),
  )

  app.put(
    '/:id',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'replaceShiftRotation',
        summary: 'Replace a rotation',
        description:
          'Shifts that it has made stay as they are, and no other is made for their days.',
        tags,
        params: ShiftRotationParams,
        body: NewShiftRotation,
        response: { 200: Type.Ref('ShiftRotation'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) =>
        rotations.replace(unit, { id: request.params.id, version, given: request.body }),
      ),
  )

  app.delete(
    '/:id',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'deleteShiftRotation',
        summary: 'Remove a rotation',
        description: 'Shifts that it has made stay.',
        tags,
        params: ShiftRotationParams,
        response: { 204: Type.Null({ description: 'Removed' }), ...errors(404, 412, 428) },
      },
    },
    async (request, reply) => {
      const wanted = { id: request.params.id, version: requiredVersion(request) }
      await database.transaction((unit) => rotations.remove(unit, wanted))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/plan',
    {
      config: access.permit('shift:write'),
      schema: {
        operationId: 'planShiftRotation',
        summary: 'Make the shifts of a rotation for a span of days',
        description:
          'Drafts, by the positions of its gang template. Asked again it makes only what is not there: one shift a day, also where that was cancelled since.',
        tags,
        params: ShiftRotationParams,
        body: PlanSpan,
        response: { 200: PlannedDays, ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, (unit) => {
        const { caller, params, body: span } = request
        return rotations.plan(unit, { caller, id: params.id, span })
      }),
  )
}
