import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { created, etagOf, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import { reporterOf } from '../reporter.ts'
import { speakerOf } from '../timestamps/service-parties.ts'
import { type ServiceOrderAction, sideOf } from './service-order.ts'
import {
  Confirmation,
  NewServiceOrder,
  Progress,
  Refusal,
  type ServiceOrder,
  ServiceOrderQuery,
} from './service-order.schema.ts'
import type { ServiceOrderStore } from './service-order.store.ts'

type ServiceOrderRouteOptions = {
  database: BarcosDatabase
  orders: ServiceOrderStore
  metrics: Metrics<typeof metrics>
}

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['service orders']

/** The permission that a step asks for, by who takes it. */
const permissionOf = {
  PROVIDER: 'service-order:serve',
  CONSUMER: 'service-order:request',
} as const

export const serviceOrderRoutes: FastifyPluginAsyncTypebox<ServiceOrderRouteOptions> = async (
  app,
  options,
) => {
  const { database, orders, metrics } = options

  app.get(
    '/service-orders',
    {
      config: access.permit('service-order:read'),
      schema: {
        operationId: 'listServiceOrders',
        summary: 'Search service orders',
        description:
          'An agent finds the orders of its own calls, a service provider those that are ordered of it.',
        tags,
        querystring: ServiceOrderQuery,
        response: { 200: PageOf(Type.Ref('ServiceOrder')) },
      },
    },
    async (request) =>
      orders.list(request.query, visibilityOf(request.caller, 'service-order:read')),
  )

  app.get(
    '/service-orders/:id',
    {
      config: access.permit('service-order:read'),
      schema: {
        operationId: 'getServiceOrder',
        summary: 'One service order',
        tags,
        params: Params,
        response: { 200: Type.Ref('ServiceOrder'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const visibility = visibilityOf(request.caller, 'service-order:read')
      return sendVersioned(request, reply, await orders.find(request.params.id, visibility))
    },
  )

  app.get(
    '/port-calls/:id/service-orders',
    {
      config: access.permit('service-order:read'),
      schema: {
        operationId: 'listServiceOrdersOfCall',
        summary: 'The service orders of a call',
        tags,
        params: Params,
        querystring: ServiceOrderQuery,
        response: { 200: PageOf(Type.Ref('ServiceOrder')), ...errors(404) },
      },
    },
    async (request) =>
      orders.list(
        request.query,
        visibilityOf(request.caller, 'service-order:read'),
        request.params.id,
      ),
  )

  app.post(
    '/port-calls/:id/service-orders',
    {
      config: access.permit('service-order:request'),
      schema: {
        operationId: 'requestService',
        summary: 'Order a service for a call: a pilot, tugs, mooring, bunkers',
        description: 'Records the requested time (REQ) as well.',
        tags,
        params: Params,
        body: NewServiceOrder,
        response: { 201: Type.Ref('ServiceOrder'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const order = await orders.request(unit, request.body, {
          portCallId: request.params.id,
          visibility: visibilityOf(request.caller, 'service-order:request'),
          reporter: reporterOf(request.caller),
          speaker: speakerOf(request.caller),
        })
        count('request', order)
        return created(reply, `/v1/service-orders/${order.id}`, order)
      }),
  )

  const count = (action: ServiceOrderAction | 'request', order: ServiceOrder): void =>
    metrics.serviceOrderDecisions.inc({ action, service_type: order.portCallServiceTypeCode })

  type Given = {
    action: ServiceOrderAction
    reason?: string | undefined
    plannedDateTime?: string | undefined
    occurredAt?: string | undefined
  }

  /** What every step of an order has in common. */
  const take = (
    request: FastifyRequest<{ Params: { id: string } }>,
    reply: FastifyReply,
    given: Given,
  ): Promise<ServiceOrder> => {
    const version = request.headers['if-match'] === undefined ? '*' : requiredVersion(request)
    return write({ request, reply, database }, async (unit) => {
      const order = await orders.step(unit, {
        ...given,
        id: request.params.id,
        version,
        visibility: visibilityOf(request.caller, permissionOf[sideOf[given.action]]),
        reporter: reporterOf(request.caller),
        speaker: speakerOf(request.caller),
      })
      count(given.action, order)
      reply.header('etag', etagOf(order.version))
      return order
    })
  }

  const taken = { 200: Type.Ref('ServiceOrder'), ...errors(404, 409, 412, 422) }

  app.post(
    '/service-orders/:id/confirm',
    {
      config: access.permit('service-order:serve'),
      schema: {
        operationId: 'confirmServiceOrder',
        summary: 'Plan a requested service, or plan it anew',
        description: 'Records the planned time (PLN), as the answer to the request when it agrees.',
        tags,
        params: Params,
        body: Confirmation,
        response: taken,
      },
    },
    (request, reply) => take(request, reply, { action: 'confirm', ...request.body }),
  )

  app.post(
    '/service-orders/:id/deny',
    {
      config: access.permit('service-order:serve'),
      schema: {
        operationId: 'denyServiceOrder',
        summary: 'Refuse an order or withdraw from it, with a reason',
        description: 'Irreversible: another provider gets an order of its own.',
        tags,
        params: Params,
        body: Refusal,
        response: taken,
      },
    },
    (request, reply) => take(request, reply, { action: 'deny', reason: request.body.reason }),
  )

  app.post(
    '/service-orders/:id/start',
    {
      config: access.permit('service-order:serve'),
      schema: {
        operationId: 'startServiceOrder',
        summary: 'Begin to provide a service',
        description: 'Records the actual start (ACT STRT).',
        tags,
        params: Params,
        body: Progress,
        response: taken,
      },
    },
    (request, reply) => take(request, reply, { action: 'start', ...request.body }),
  )

  app.post(
    '/service-orders/:id/complete',
    {
      config: access.permit('service-order:serve'),
      schema: {
        operationId: 'completeServiceOrder',
        summary: 'A service has been provided',
        description: 'Records the actual completion (ACT CMPL).',
        tags,
        params: Params,
        body: Progress,
        response: taken,
      },
    },
    (request, reply) => take(request, reply, { action: 'complete', ...request.body }),
  )

  app.post(
    '/service-orders/:id/cancel',
    {
      config: access.permit('service-order:request'),
      schema: {
        operationId: 'cancelServiceOrder',
        summary: 'Call an order off, with a reason',
        description: 'Irreversible: later steps are answered 409.',
        tags,
        params: Params,
        body: Refusal,
        response: taken,
      },
    },
    (request, reply) => take(request, reply, { action: 'cancel', reason: request.body.reason }),
  )
}
