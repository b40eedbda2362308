import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act, change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { ContainerVisitParams } from '../container-visits/container-visit.schema.ts'
import type { ContainerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaDatabase } from '../database.ts'
import { visibilityOf } from '../visibility.ts'
import { gateAppointmentLifecycle } from './gate.ts'
import {
  GateAppointmentParams,
  GateDecision,
  GateSlotAppointmentsQuery,
  GateSlotChange,
  GateSlotParams,
  GateSlotQuery,
  NewGateAppointment,
  NewGateSlot,
} from './gate.schema.ts'
import type { GateStore } from './gate.store.ts'

type GateRouteOptions = {
  database: CargaDatabase
  containerVisits: ContainerVisitStore
  gate: GateStore
}

const tags = ['gate']

export const gateRoutes: FastifyPluginAsyncTypebox<GateRouteOptions> = async (
  app,
  { database, containerVisits, gate },
) => {
  app.get(
    '/gate-slots',
    {
      config: access.permit('gate-slot:read'),
      schema: {
        operationId: 'listGateSlots',
        summary: 'Slots of a gate, with how many places are taken',
        tags,
        querystring: GateSlotQuery,
        response: { 200: PageOf(Type.Ref('GateSlot')) },
      },
    },
    async (request) => gate.slots(request.query),
  )

  app.post(
    '/gate-slots',
    {
      config: access.permit('gate-slot:write'),
      schema: {
        operationId: 'openGateSlot',
        summary: 'Open a slot in which trucks can come',
        tags,
        body: NewGateSlot,
        response: { 201: Type.Ref('GateSlot'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const slot = await gate.openSlot(unit, request.body)
        return created(reply, `/v1/gate-slots/${slot.id}`, slot)
      }),
  )

  app.get(
    '/gate-slots/:id',
    {
      config: access.permit('gate-slot:read'),
      schema: {
        operationId: 'getGateSlot',
        summary: 'One slot of a gate',
        tags,
        params: GateSlotParams,
        response: { 200: Type.Ref('GateSlot'), ...errors(404) },
      },
    },
    async (request, reply) => sendVersioned(request, reply, await gate.slot(request.params.id)),
  )

  app.put(
    '/gate-slots/:id',
    {
      config: access.permit('gate-slot:write'),
      schema: {
        operationId: 'resizeGateSlot',
        summary: 'Give a slot more or fewer places',
        description: 'Not fewer than are booked.',
        tags,
        params: GateSlotParams,
        body: GateSlotChange,
        response: { 200: Type.Ref('GateSlot'), ...errors(404, 409, 412, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) =>
        gate.resizeSlot(unit, { id: request.params.id, version, ...request.body }),
      ),
  )

  app.get(
    '/gate-slots/:id/appointments',
    {
      config: access.permit('gate-appointment:handle'),
      schema: {
        operationId: 'listAppointmentsOfGateSlot',
        summary: 'Which trucks come in a slot of a gate',
        description: 'In the order in which they were booked, those that were cancelled as well.',
        tags,
        params: GateSlotParams,
        querystring: GateSlotAppointmentsQuery,
        response: { 200: PageOf(Type.Ref('GateAppointment')), ...errors(404) },
      },
    },
    async (request) => gate.appointmentsOf(request.params.id, request.query),
  )

  app.get(
    '/container-visits/:id/gate-appointments',
    {
      config: access.permit('container-visit:read'),
      schema: {
        operationId: 'listGateAppointments',
        summary: 'Appointments of a container, the earliest first',
        tags,
        params: ContainerVisitParams,
        response: {
          200: Type.Object({ items: Type.Array(Type.Ref('GateAppointment')) }),
          ...errors(404),
        },
      },
    },
    async ({ params: { id }, caller }) => {
      const visit = await containerVisits.find(id, visibilityOf(caller, 'container-visit:read'))
      return { items: await gate.appointments(visit.id) }
    },
  )

  app.post(
    '/container-visits/:id/gate-appointments',
    {
      config: access.permit('gate-appointment:book'),
      schema: {
        operationId: 'bookGateAppointment',
        summary: 'Book a place in a slot for the truck of a container',
        description: 'Of several who reach for the last place, one gets it.',
        tags,
        params: ContainerVisitParams,
        body: NewGateAppointment,
        response: { 201: Type.Ref('GateAppointment'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { params, body, caller } = request
        const visibility = visibilityOf(caller, 'gate-appointment:book')
        const visit = await containerVisits.lock(unit, params.id, visibility)
        const appointment = await gate.book(unit, visit, { given: body, by: caller.subject })
        const place = `/v1/container-visits/${visit.id}/gate-appointments`
        return created(reply, place, appointment)
      }),
  )

  for (const action of gateAppointmentLifecycle.actionNames) {
    const permission = action === 'cancel' ? 'gate-appointment:book' : 'gate-appointment:handle'
    app.post(
      `/container-visits/:id/gate-appointments/:appointmentId/${action}`,
      {
        config: access.permit(permission),
        schema: {
          operationId: `${action}GateAppointment`,
          summary: `Of an appointment: ${gateAppointmentLifecycle.actions[action].meaning}`,
          tags,
          params: GateAppointmentParams,
          body: GateDecision,
          response: { 200: Type.Ref('GateAppointment'), ...errors(404, 409, 412, 422) },
        },
      },
      async (request, reply) =>
        act({ request, reply, database }, async (unit, version) => {
          const { params, body, caller } = request
          const visibility = visibilityOf(caller, permission)
          const visit = await containerVisits.lock(unit, params.id, visibility)
          return gate.act(unit, action, {
            containerVisitId: visit.id,
            appointmentId: params.appointmentId,
            version,
            reason: body.reason ?? null,
          })
        }),
    )
  }
}
