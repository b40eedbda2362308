import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { act } from '@porttrack/shared/http/change'
import { errors } from '@porttrack/shared/http/errors'
import { created, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import { reporterOf } from '../reporter.ts'
import { speakerOf } from '../timestamps/service-parties.ts'
import { type ServiceOrderAction, serviceOrderActions, sideOf } from './service-order.ts'
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

/** What the routes of the steps differ in: `POST /service-orders/:id/<step>` each. */
const steps = {
  confirm: {
    summary: 'Plan a requested service, or plan it anew',
    description: 'Records the planned time (PLN), as the answer to the request when it agrees.',
    body: Confirmation,
  },
  deny: {
    summary: 'Refuse an order or withdraw from it, with a reason',
    description: 'Irreversible: another provider gets an order of its own.',
    body: Refusal,
  },
  start: {
    summary: 'Begin to provide a service',
    description: 'Records the actual start (ACT STRT).',
    body: Progress,
  },
  complete: {
    summary: 'A service has been provided',
    description: 'Records the actual completion (ACT CMPL).',
    body: Progress,
  },
  cancel: {
    summary: 'Call an order off, with a reason',
    description: 'Irreversible: later steps are answered 409.',
    body: Refusal,
  },
} satisfies Record<ServiceOrderAction, object>

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

  for (const action of serviceOrderActions) {
    const permission = permissionOf[sideOf[action]]
    app.post(
      `/service-orders/:id/${action}`,
      {
        config: access.permit(permission),
        schema: {
          operationId: `${action}ServiceOrder`,
          tags,
          ...steps[action],
          params: Params,
          response: { 200: Type.Ref('ServiceOrder'), ...errors(404, 409, 412, 422) },
        },
      },
      async (request, reply) =>
        act({ request, reply, database }, async (unit, version) => {
          const order = await orders.step(unit, {
            ...request.body,
            id: request.params.id,
            action,
            version,
            visibility: visibilityOf(request.caller, permission),
            reporter: reporterOf(request.caller),
            speaker: speakerOf(request.caller),
          })
          count(action, order)
          return order
        }),
    )
  }
}
