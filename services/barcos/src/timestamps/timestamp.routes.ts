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
import { NewTimestamp, TimestampQuery } from './timestamp.schema.ts'
import type { TimestampStore } from './timestamp.store.ts'

type TimestampRouteOptions = {
  database: BarcosDatabase
  timestamps: TimestampStore
  metrics: Metrics<typeof metrics>
}

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const tags = ['timestamps']

export const timestampRoutes: FastifyPluginAsyncTypebox<TimestampRouteOptions> = async (
  app,
  options,
) => {
  const { database, timestamps, metrics } = options

  app.get(
    '/timestamps',
    {
      config: access.permit('timestamp:read'),
      schema: {
        operationId: 'listTimestamps',
        summary: 'Search raw timestamps, such as orphans',
        tags,
        querystring: TimestampQuery,
        response: { 200: PageOf(Type.Ref('Timestamp')) },
      },
    },
    async (request) =>
      timestamps.list(request.query, visibilityOf(request.caller, 'timestamp:read')),
  )

  app.post(
    '/port-calls/:id/timestamps',
    {
      config: access.permit('timestamp:record'),
      schema: {
        operationId: 'recordTimestamp',
        summary: 'Record an estimated, planned or actual time of a service',
        description: '422 names each breach of the DCSA matrix and of the order of a berth stay.',
        tags,
        params: Params,
        body: NewTimestamp,
        response: { 201: Type.Ref('Timestamp'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        const timestamp = await timestamps.record(unit, request.body, {
          portCallId: request.params.id,
          visibility: visibilityOf(request.caller, 'timestamp:record'),
          reporter: reporterOf(request.caller),
        })
        metrics.timestampsRecorded.inc({
          source: timestamp.source,
          service_type: timestamp.portCallServiceTypeCode,
        })
        reply.code(201)
        return timestamp
      }),
  )
}
