import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { holds } from '@porttrack/shared/auth/access'
import { errors, kitErrors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import { PageOf } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { ContainerVisitParams } from '../container-visits/container-visit.schema.ts'
import type { CargaDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { containerVisitEventErrors } from './container-visit-event.ts'
import {
  ContainerVisitEventParams,
  ContainerVisitEventQuery,
  eventIn,
  NewContainerVisitEvent,
  Retraction,
} from './container-visit-event.schema.ts'
import { visibilityOf } from '../visibility.ts'
import { countRecorded } from './count-recorded.ts'
import type { ContainerVisitEventStore } from './container-visit-event.store.ts'

type ContainerVisitEventRouteOptions = {
  database: CargaDatabase
  containerVisitEvents: ContainerVisitEventStore
  metrics: Metrics<typeof metrics>
}

const tags = ['container visits']

export const containerVisitEventRoutes: FastifyPluginAsyncTypebox<
  ContainerVisitEventRouteOptions
> = async (app, options) => {
  const { database, containerVisitEvents, metrics } = options

  app.get(
    '',
    {
      config: access.permit('container-visit:read'),
      schema: {
        operationId: 'listContainerVisitEvents',
        summary: 'Events of a container visit',
        description: 'In the order in which they were recorded, with what has become of each.',
        tags,
        params: ContainerVisitParams,
        querystring: ContainerVisitEventQuery,
        response: { 200: PageOf(Type.Ref('ContainerVisitEvent')), ...errors(404) },
      },
    },
    async (request) => {
      const { items, next } = await containerVisitEvents.list(
        request.params.id,
        request.query,
        visibilityOf(request.caller, 'container-visit:read'),
      )
      const language = languageOf(request)
      return { items: items.map((event) => eventIn(event, language)), next }
    },
  )

  app.post(
    '',
    {
      config: access.permit('container-visit-event:record'),
      schema: {
        operationId: 'recordContainerVisitEvent',
        summary: 'Record an event of a container visit',
        description:
          'Actual events make the state. Export: GTIN → GATED_IN, YARD → IN_YARD, LOAD → LOADED, DEPA → DEPARTED. Import: DISC → DISCHARGED, YARD → IN_YARD, CUSR and RELS (at any time) → RELEASED, GTOT → GATED_OUT. Transshipment: DISC → DISCHARGED, YARD → IN_YARD, LOAD → LOADED. One that cannot follow is answered 409 with everything that is missing; a LOAD, and a GTOT of an import, also with every condition of loading or leaving that is not met, and a YARD with the dangerous goods that would stand too near; a YARD with an `override` stands there all the same. A GTIN of an export and a GTOT of an import belong to an appointment of the gate. `warnings` tells what was let pass. With `updates` it replaces an earlier one.',
        tags,
        params: ContainerVisitParams,
        body: NewContainerVisitEvent,
        response: { 201: Type.Ref('ContainerVisitEvent'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { eventCode, override } = request.body
      if (override !== undefined && !holds(request.caller, access.grants['segregation:override'])) {
        throw new ProblemError(kitErrors.FORBIDDEN, {
          detail: {
            en: 'Only those who may override the rules of segregation give `override`',
            es: 'Solo quien puede exceptuar las reglas de segregación indica `override`',
          },
        })
      }
      try {
        return await write({ request, reply, database }, async (unit) => {
          const recording = {
            id,
            given: request.body,
            by: request.caller.subject,
            visibility: visibilityOf(request.caller, 'container-visit-event:record'),
          }
          const event = await containerVisitEvents.record(unit, recording)
          countRecorded(metrics, [event])
          reply.code(201).header('location', `/v1/container-visits/${id}/events/${event.id}`)
          return eventIn(event, languageOf(request))
        })
      } catch (error) {
        const { CONTAINER_VISIT_EVENT_CANNOT_FOLLOW } = containerVisitEventErrors
        if (error instanceof ProblemError && error.kind === CONTAINER_VISIT_EVENT_CANNOT_FOLLOW) {
          metrics.containerVisitEventsRefused.inc({ event_code: eventCode })
        }
        throw error
      }
    },
  )

  app.get(
    '/:eventId',
    {
      config: access.permit('container-visit:read'),
      schema: {
        operationId: 'getContainerVisitEvent',
        summary: 'One event of a container visit',
        tags,
        params: ContainerVisitEventParams,
        response: { 200: Type.Ref('ContainerVisitEvent'), ...errors(404) },
      },
    },
    async (request) =>
      eventIn(
        await containerVisitEvents.find(
          request.params,
          visibilityOf(request.caller, 'container-visit:read'),
        ),
        languageOf(request),
      ),
  )

  app.post(
    '/:eventId/retract',
    {
      config: access.permit('container-visit-event:record'),
      schema: {
        operationId: 'retractContainerVisitEvent',
        summary: 'Retract an event',
        description:
          'With it go the events that it updated or that updated it. State and position are computed anew; what followed it has no effect until it is recorded again.',
        tags,
        params: ContainerVisitEventParams,
        body: Retraction,
        response: { 200: Type.Ref('ContainerVisitEvent'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { reason } = request.body
        const retraction = {
          ...request.params,
          reason,
          by: request.caller.subject,
          visibility: visibilityOf(request.caller, 'container-visit-event:record'),
        }
        return eventIn(await containerVisitEvents.retract(unit, retraction), languageOf(request))
      }),
  )
}
