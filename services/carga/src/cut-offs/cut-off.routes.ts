import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { ContainerVisitParams } from '../container-visits/container-visit.schema.ts'
import type { ContainerVisitStore } from '../container-visits/container-visit.store.ts'
import type { CargaDatabase } from '../database.ts'
import { PortCallParams } from '../port-calls/port-call.schema.ts'
import { visibilityOf } from '../visibility.ts'
import { CutOffTimes, NewCutOffOverride } from './cut-off.schema.ts'
import { findCutOffs, listOverrides, overrideCutOff, setCutOffs } from './cut-off.store.ts'

type CutOffRouteOptions = { database: CargaDatabase; containerVisits: ContainerVisitStore }

const tags = ['cut-offs']

export const cutOffRoutes: FastifyPluginAsyncTypebox<CutOffRouteOptions> = async (
  app,
  { database, containerVisits },
) => {
  app.get(
    '/port-calls/:id/cut-offs',
    {
      config: access.permit('port-call:read'),
      schema: {
        operationId: 'getCutOffs',
        summary: 'Until when cargo must come for a port call',
        tags,
        params: PortCallParams,
        response: { 200: Type.Ref('CutOffs'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const visibility = visibilityOf(request.caller, 'port-call:read')
      const found = await findCutOffs(database.client, request.params.id, visibility)
      return sendVersioned(request, reply, found)
    },
  )

  app.put(
    '/port-calls/:id/cut-offs',
    {
      config: access.permit('cut-off:set'),
      schema: {
        operationId: 'setCutOffs',
        summary: 'Set until when cargo must come for a port call',
        description: 'Null lifts a cut-off. The call must be known from barcos.',
        tags,
        params: PortCallParams,
        body: CutOffTimes,
        response: { 200: Type.Ref('CutOffs'), ...errors(404, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) =>
        setCutOffs(unit, request.params.id, { version, times: request.body }),
      ),
  )

  app.get(
    '/container-visits/:id/cut-off-overrides',
    {
      config: access.permit('container-visit:read'),
      schema: {
        operationId: 'listCutOffOverrides',
        summary: 'Which cut-offs a container may miss, and why',
        tags,
        params: ContainerVisitParams,
        response: {
          200: Type.Object({ items: Type.Array(Type.Ref('CutOffOverride')) }),
          ...errors(404),
        },
      },
    },
    async ({ params: { id }, caller }) => {
      await containerVisits.find(id, visibilityOf(caller, 'container-visit:read'))
      return { items: await listOverrides(database.client, id) }
    },
  )

  app.post(
    '/container-visits/:id/cut-off-overrides',
    {
      config: access.permit('cut-off:override'),
      schema: {
        operationId: 'overrideCutOff',
        summary: 'Let a container miss a cut-off',
        description: 'Who and why is kept. An override that there is stays as it is.',
        tags,
        params: ContainerVisitParams,
        body: NewCutOffOverride,
        response: { 201: Type.Ref('CutOffOverride'), ...errors(404, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { params, body, caller } = request
        const visibility = visibilityOf(caller, 'cut-off:override')
        const { id } = await containerVisits.lock(unit, params.id, visibility)
        reply.code(201)
        return overrideCutOff(unit, id, { given: body, by: caller.subject })
      }),
  )
}
