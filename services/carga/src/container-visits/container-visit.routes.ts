import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { change } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { countRecorded } from '../container-visit-events/count-recorded.ts'
import type { CargaDatabase } from '../database.ts'
import type { SegregationDistances } from '../dangerous-goods/segregation.store.ts'
import type { GateRule } from '../gate/gate-passage.ts'
import type { metrics } from '../metrics.ts'
import { adoptEvents } from '../track-and-trace/reception.store.ts'
import {
  ContainerVisitParams,
  ContainerVisitQuery,
  NewContainerVisit,
} from './container-visit.schema.ts'
import { visibilityOf } from '../visibility.ts'
import type { ContainerVisitStore } from './container-visit.store.ts'

type ContainerVisitRouteOptions = {
  database: CargaDatabase
  containerVisits: ContainerVisitStore
  metrics: Metrics<typeof metrics>
  distances: SegregationDistances
  gateRule: GateRule
}

const tags = ['container visits']

export const containerVisitRoutes: FastifyPluginAsyncTypebox<ContainerVisitRouteOptions> = async (
  app,
  options,
) => {
  const { database, containerVisits, metrics, distances, gateRule } = options

  app.get(
    '',
    {
      config: access.permit('container-visit:read'),
      schema: {
        operationId: 'listContainerVisits',
        summary: 'Search container visits',
        tags,
        querystring: ContainerVisitQuery,
        response: { 200: PageOf(Type.Ref('ContainerVisit')) },
      },
    },
    async (request) =>
      containerVisits.list(request.query, visibilityOf(request.caller, 'container-visit:read')),
  )

  app.post(
    '',
    {
      config: access.permit('container-visit:write'),
      schema: {
        operationId: 'announceContainerVisit',
        summary: 'Announce a container visit',
        description:
          'The check digit of the equipment reference must be right, unless a shipper-owned container’s reason is given. 409 names the visit of the container that is open at this place. What DCSA’s interface was told of the container in the thirty days before is recorded on the visit, and its verified gross mass tied to it.',
        tags,
        body: NewContainerVisit,
        response: { 201: Type.Ref('ContainerVisit'), ...errors(409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const visibility = visibilityOf(request.caller, 'container-visit:write')
        const announced = await containerVisits.announce(unit, request.body, visibility)
        metrics.containerVisitsAnnounced.inc({ flow: announced.flow })
        const rules = { containerVisits, distances, gateRule }
        countRecorded(metrics, await adoptEvents(unit, announced, rules))
        const visit = await containerVisits.lock(unit, announced.id, 'all')
        return created(reply, `/v1/container-visits/${visit.id}`, visit)
      }),
  )

  app.get(
    '/:id',
    {
      config: access.permit('container-visit:read'),
      schema: {
        operationId: 'getContainerVisit',
        summary: 'One container visit',
        tags,
        params: ContainerVisitParams,
        response: { 200: Type.Ref('ContainerVisit'), ...errors(404) },
      },
    },
    async (request, reply) =>
      sendVersioned(
        request,
        reply,
        await containerVisits.find(
          request.params.id,
          visibilityOf(request.caller, 'container-visit:read'),
        ),
      ),
  )

  app.put(
    '/:id',
    {
      config: access.permit('container-visit:write'),
      schema: {
        operationId: 'replaceContainerVisit',
        summary: 'Replace a container visit’s attributes',
        description:
          'Equipment reference, flow and place stay as they are: another container is another visit. State and position come from the events.',
        tags,
        params: ContainerVisitParams,
        body: NewContainerVisit,
        response: { 200: Type.Ref('ContainerVisit'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) =>
        containerVisits.replace(unit, {
          id: request.params.id,
          version,
          given: request.body,
          visibility: visibilityOf(request.caller, 'container-visit:write'),
        }),
      ),
  )
}
