import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors, kitErrors } from '@porttrack/shared/http/errors'
import { created, etagOf, requiredVersion, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { reporterOf } from '../reporter.ts'
import { type PortCallAction, portCallErrors } from './port-call.ts'
import {
  Announcement,
  Decision,
  type PortCall,
  PortCallQuery,
  type Redeclared,
  Rejection,
  Resubmission,
} from './port-call.schema.ts'
import type { PortCallStore } from './port-call.store.ts'
import { sees, visibilityOf } from './visibility.ts'

type PortCallRouteOptions = {
  database: BarcosDatabase
  portCalls: PortCallStore
  metrics: Metrics<typeof metrics>
}

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['port calls']

export const portCallRoutes: FastifyPluginAsyncTypebox<PortCallRouteOptions> = async (
  app,
  options,
) => {
  const { database, portCalls, metrics } = options

  app.get(
    '',
    {
      config: access.permit('port-call:read'),
      schema: {
        operationId: 'listPortCalls',
        summary: 'Search port calls',
        description: 'An agent finds the calls of its own organisation only.',
        tags,
        querystring: PortCallQuery,
        response: { 200: PageOf(Type.Ref('PortCall')) },
      },
    },
    async (request) =>
      portCalls.list(request.query, visibilityOf(request.caller, 'port-call:read')),
  )

  app.post(
    '',
    {
      config: access.permit('port-call:announce'),
      schema: {
        operationId: 'announcePortCall',
        summary: 'Announce a port call',
        description:
          'An agent announces for its own organisation; others name the agent’s organisation.',
        tags,
        body: Announcement,
        response: { 201: Type.Ref('PortCall'), ...errors(409, 422) },
      },
    },
    async (request, reply) => {
      const { body, caller } = request
      const agentOrganization = announcedFor(request, body.agentOrganization)
      return write({ request, reply, database }, async (unit) => {
        const announcement = { ...body, agentOrganization }
        const call = await portCalls.announce(unit, announcement, reporterOf(caller))
        metrics.portCallsAnnounced.inc()
        return created(reply, `/v1/port-calls/${call.id}`, call)
      })
    },
  )

  app.get(
    '/:id',
    {
      config: access.permit('port-call:read'),
      schema: {
        operationId: 'getPortCall',
        summary: 'One port call',
        tags,
        params: Params,
        response: { 200: Type.Ref('PortCall'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const call = await portCalls.find(
        request.params.id,
        visibilityOf(request.caller, 'port-call:read'),
      )
      return sendVersioned(request, reply, call)
    },
  )

  /** What every decision has in common. */
  const decide = (
    request: FastifyRequest<{ Params: { id: string } }>,
    reply: FastifyReply,
    given: {
      permission: 'port-call:decide' | 'port-call:amend'
      action: PortCallAction
      reason?: string | undefined
      redeclared?: Redeclared
    },
  ): Promise<PortCall> => {
    const { permission, ...decision } = given
    const version = request.headers['if-match'] === undefined ? '*' : requiredVersion(request)
    return write({ request, reply, database }, async (unit) => {
      const call = await portCalls.decide(unit, {
        ...decision,
        id: request.params.id,
        version,
        visibility: visibilityOf(request.caller, permission),
        reporter: reporterOf(request.caller),
      })
      reply.header('etag', etagOf(call.version))
      return call
    })
  }

  const decided = { 200: Type.Ref('PortCall'), ...errors(404, 409, 412, 422) }

  app.post(
    '/:id/approve',
    {
      config: access.permit('port-call:decide'),
      schema: {
        operationId: 'approvePortCall',
        summary: 'Approve an announced call',
        tags,
        params: Params,
        body: Decision,
        response: decided,
      },
    },
    (request, reply) =>
      decide(request, reply, {
        permission: 'port-call:decide',
        action: 'approve',
        reason: request.body?.reason,
      }),
  )

  app.post(
    '/:id/reject',
    {
      config: access.permit('port-call:decide'),
      schema: {
        operationId: 'rejectPortCall',
        summary: 'Reject an announced call, with a reason',
        tags,
        params: Params,
        body: Rejection,
        response: decided,
      },
    },
    (request, reply) =>
      decide(request, reply, {
        permission: 'port-call:decide',
        action: 'reject',
        reason: request.body.reason,
      }),
  )

  app.post(
    '/:id/resubmit',
    {
      config: access.permit('port-call:amend'),
      schema: {
        operationId: 'resubmitPortCall',
        summary: 'Announce a rejected call again',
        description: 'With what is declared anew, such as another ETA; the rest stays as it was.',
        tags,
        params: Params,
        body: Resubmission,
        response: decided,
      },
    },
    (request, reply) => {
      const { reason, ...redeclared } = request.body ?? {}
      return decide(request, reply, {
        permission: 'port-call:amend',
        action: 'resubmit',
        reason,
        redeclared,
      })
    },
  )

  app.post(
    '/:id/cancel',
    {
      config: access.permit('port-call:amend'),
      schema: {
        operationId: 'cancelPortCall',
        summary: 'Cancel a call before the ship arrives',
        description: 'Irreversible: later changes are answered 409.',
        tags,
        params: Params,
        body: Decision,
        response: decided,
      },
    },
    (request, reply) =>
      decide(request, reply, {
        permission: 'port-call:amend',
        action: 'cancel',
        reason: request.body?.reason,
      }),
  )

  app.post(
    '/:id/omit',
    {
      config: access.permit('port-call:amend'),
      schema: {
        operationId: 'omitPortCall',
        summary: 'Omit a call: the ship passes the port by',
        description: 'Irreversible: later changes are answered 409.',
        tags,
        params: Params,
        body: Decision,
        response: decided,
      },
    },
    (request, reply) =>
      decide(request, reply, {
        permission: 'port-call:amend',
        action: 'omit',
        reason: request.body?.reason,
      }),
  )
}

/** @throws ProblemError 403 for another organisation than one's own, 422 when none is named */
const announcedFor = ({ caller }: FastifyRequest, requested: string | undefined): string => {
  const organization = requested ?? caller.organization
  const visibility = visibilityOf(caller, 'port-call:announce')
  if (visibility !== 'all' && (organization === null || !sees(visibility, organization))) {
    throw new ProblemError(kitErrors.FORBIDDEN, {
      detail: 'Calls can be announced for your own organisation only',
    })
  }
  if (organization === null) {
    throw new ProblemError(portCallErrors.PORT_CALL_INVALID, {
      errors: [{ pointer: '#/agentOrganization', detail: 'is needed' }],
    })
  }
  return organization
}
