import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { change } from '@porttrack/shared/http/change'
import { errors, kitErrors } from '@porttrack/shared/http/errors'
import { created, sendVersioned } from '@porttrack/shared/http/etag'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { reporterOf } from '../reporter.ts'
import { portCallErrors } from './port-call.ts'
import { Amendment, Announcement, PortCallQuery } from './port-call.schema.ts'
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

  app.patch(
    '/:id',
    {
      config: access.permit('port-call:amend'),
      schema: {
        operationId: 'amendPortCall',
        summary: 'Amend what is declared of a call',
        description:
          'All of it before the ship arrives; until it departs its purposes, etd, next port, departure draft and export voyage. null takes back what was declared. What was changed is kept with who and when.',
        tags,
        params: Params,
        body: Amendment,
        response: { 200: Type.Ref('PortCall'), ...errors(404, 409, 412, 422, 428) },
      },
    },
    async (request, reply) =>
      change({ request, reply, database }, (unit, version) =>
        portCalls.amend(unit, {
          id: request.params.id,
          version,
          visibility: visibilityOf(request.caller, 'port-call:amend'),
          reporter: reporterOf(request.caller),
          amendment: request.body,
        }),
      ),
  )
}

/** @throws ProblemError 403 for another organisation than one's own, 422 when none is named */
const announcedFor = ({ caller }: FastifyRequest, requested: string | undefined): string => {
  const organization = requested ?? caller.organization
  const visibility = visibilityOf(caller, 'port-call:announce')
  if (visibility !== 'all' && (organization === null || !sees(visibility, organization))) {
    throw new ProblemError(kitErrors.FORBIDDEN, {
      detail: {
        en: 'Calls can be announced for your own organisation only',
        es: 'Solo se pueden anunciar escalas para la propia organización',
      },
    })
  }
  if (organization === null) {
    throw new ProblemError(portCallErrors.PORT_CALL_INVALID, {
      errors: [{ pointer: '#/agentOrganization', detail: { en: 'is needed', es: 'es necesaria' } }],
    })
  }
  return organization
}
