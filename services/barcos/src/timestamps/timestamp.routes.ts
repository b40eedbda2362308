import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { PageOf } from '@porttrack/shared/http/pagination'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { visibilityOf } from '../port-calls/visibility.ts'
import { reporterOf } from '../reporter.ts'
import { PortCallServiceQuery } from './port-call-service.schema.ts'
import type { PortCallServiceStore } from './port-call-service.store.ts'
import { speakerOf } from './service-parties.ts'
import { followService } from '../service-orders/service-order.store.ts'
import { attachTimestamp, detachTimestamp } from './timestamp-attachment.store.ts'
import { recordTimestamp } from './timestamp-recording.store.ts'
import { Attachment, NewTimestamp, TimestampQuery } from './timestamp.schema.ts'
import type { TimestampStore } from './timestamp.store.ts'

type TimestampRouteOptions = {
  database: BarcosDatabase
  timestamps: TimestampStore
  services: PortCallServiceStore
  metrics: Metrics<typeof metrics>
}

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['timestamps']

export const timestampRoutes: FastifyPluginAsyncTypebox<TimestampRouteOptions> = async (
  app,
  options,
) => {
  const { database, timestamps, services, metrics } = options

  app.get(
    '/timestamps',
    {
      config: access.permit('timestamp:read'),
      schema: {
        operationId: 'listTimestamps',
        summary: 'Search raw timestamps, such as orphans',
        tags,
        querystring: TimestampQuery,
        response: { 200: PageOf(Type.Ref('Timestamp')), ...errors(404) },
      },
    },
    async (request) =>
      timestamps.list(request.query, visibilityOf(request.caller, 'timestamp:read')),
  )

  app.get(
    '/port-calls/:id/services',
    {
      config: access.permit('port-call:read'),
      schema: {
        operationId: 'listPortCallServices',
        summary: 'The services of a call, and where the negotiation of each stands',
        description:
          'Made of the raw timestamps: EST → REQ → PLN → ACT, and the time that counts of each.',
        tags,
        params: Params,
        querystring: PortCallServiceQuery,
        response: { 200: PageOf(Type.Ref('PortCallService')), ...errors(404) },
      },
    },
    async (request) =>
      services.list(
        request.params.id,
        request.query,
        visibilityOf(request.caller, 'port-call:read'),
      ),
  )

  app.post(
    '/timestamps/:id/attachment',
    {
      config: access.permit('timestamp:attach'),
      schema: {
        operationId: 'attachTimestamp',
        summary: 'Attach an orphan timestamp to a call',
        description:
          'It must be of the call’s ship and place, or be forced with a reason. Who attached it and when is kept.',
        tags,
        params: Params,
        body: Attachment,
        response: { 200: Type.Ref('Timestamp'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, (unit) =>
        attachTimestamp(unit, request.params.id, {
          ...request.body,
          reporter: reporterOf(request.caller),
        }),
      ),
  )

  app.delete(
    '/timestamps/:id/attachment',
    {
      config: access.permit('timestamp:attach'),
      schema: {
        operationId: 'detachTimestamp',
        summary: 'Make an orphan again of a timestamp that AIS reported or someone attached',
        tags,
        params: Params,
        response: { 200: Type.Ref('Timestamp'), ...errors(404, 409) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, (unit) =>
        detachTimestamp(unit, request.params.id, reporterOf(request.caller)),
      ),
  )

  app.post(
    '/port-calls/:id/timestamps',
    {
      config: access.permit('timestamp:record'),
      schema: {
        operationId: 'recordTimestamp',
        summary: 'Record an estimated, requested, planned or actual time of a service',
        description:
          'EST, PLN and ACT come from who provides the service, REQ from who consumes it. 422 names each breach of the DCSA matrix, of the sides, of the reply and of the order of a berth stay.',
        tags,
        params: Params,
        body: NewTimestamp,
        response: { 201: Type.Ref('Timestamp'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const { timestamp } = await recordTimestamp(unit, request.body, {
          portCallId: request.params.id,
          visibility: visibilityOf(request.caller, 'timestamp:record'),
          reporter: reporterOf(request.caller),
          speaker: speakerOf(request.caller),
          breaches: 'refuse',
        })
        await followService(unit, timestamp, reporterOf(request.caller))
        metrics.timestampsRecorded.inc({
          source: timestamp.source,
          service_type: timestamp.portCallServiceTypeCode,
        })
        reply.code(201)
        return timestamp
      }),
  )
}
