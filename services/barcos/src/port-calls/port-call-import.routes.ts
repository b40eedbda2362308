import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { acceptCsv } from '@porttrack/shared/http/csv'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { reporterOf } from '../reporter.ts'
import { importCalls } from './port-call-import.store.ts'
import { Imported, PortCallLine } from './port-call.schema.ts'
import { visibilityOf } from './visibility.ts'

type ImportRouteOptions = { database: BarcosDatabase; metrics: Metrics<typeof metrics> }

/** Bytes of a table: some 20,000 lines. The gateway allows as much. */
const bodyLimit = 4_194_304

const columns = Object.keys(PortCallLine.properties).join(', ')

/** A scope of its own: nothing else of port calls takes tables. */
export const portCallImportRoutes: FastifyPluginAsyncTypebox<ImportRouteOptions> = async (
  app,
  { database, metrics },
) => {
  app.removeAllContentTypeParsers()
  acceptCsv(app)

  app.post(
    '/import',
    {
      bodyLimit,
      config: access.permit('port-call:announce'),
      schema: {
        operationId: 'importPortCalls',
        summary: 'Announce a season’s calls by a table, all or none',
        description: `Columns in any order: ${columns}. A ship is named by IMO number, MMSI or both; several purposes are separated by blanks. 422 names the first hundred faults by row and column.`,
        tags: ['port calls'],
        consumes: ['text/csv'],
        body: { content: { 'text/csv': { schema: Type.String() } } },
        response: { 201: Imported, ...errors(409, 413, 415, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        // What comes without a body is an empty table.
        const table = typeof request.body === 'string' ? request.body : ''
        const imported = await importCalls(unit, table, {
          visibility: visibilityOf(request.caller, 'port-call:announce'),
          reporter: reporterOf(request.caller),
          organization: request.caller.organization,
        })
        metrics.portCallsAnnounced.inc(imported.imported)
        reply.code(201)
        return imported
      }),
  )
}
