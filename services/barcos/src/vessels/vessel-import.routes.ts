import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { acceptCsv } from '@porttrack/shared/http/csv'
import { errors } from '@porttrack/shared/http/errors'
import { write } from '@porttrack/shared/http/idempotency'
import { languageOf } from '@porttrack/shared/http/language'
import { faultIn } from '@porttrack/shared/http/problem'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { reporterOf } from '../reporter.ts'
import { importVessels, mostLines } from './vessel-import.store.ts'
import { Imported, NewVessel } from './vessel.schema.ts'

type ImportRouteOptions = { database: BarcosDatabase; metrics: Metrics<typeof metrics> }

/** Bytes of a table. The gateway allows as much. */
const bodyLimit = 4_194_304

const columns = Object.keys(NewVessel.properties).join(', ')

/** A scope of its own: nothing else of vessels takes tables. */
export const vesselImportRoutes: FastifyPluginAsyncTypebox<ImportRouteOptions> = async (
  app,
  { database, metrics },
) => {
  app.removeAllContentTypeParsers()
  acceptCsv(app)

  app.post(
    '/import',
    {
      bodyLimit,
      config: access.permit('vessel:write'),
      schema: {
        operationId: 'importVessels',
        summary: 'Register vessels by a table, all or none',
        description: `Columns in any order: ${columns}. At most ${mostLines} lines. Vessels that are registered already are faults. An import changes no vessel. 422 names the first hundred faults by row and column.`,
        tags: ['vessels'],
        consumes: ['text/csv'],
        body: { content: { 'text/csv': { schema: Type.String() } } },
        response: { 201: Imported, ...errors(409, 413, 415, 422) },
      },
    },
    async (request, reply) =>
      write({ request, reply, database }, async (unit) => {
        // What comes without a body is an empty table.
        const table = typeof request.body === 'string' ? request.body : ''
        const by = { reporter: reporterOf(request.caller), database }
        const { warnings, ...imported } = await importVessels(unit, table, by)
        metrics.vesselsRegistered.inc(imported.imported)
        reply.code(201)
        const language = languageOf(request)
        return { ...imported, warnings: warnings.map((warning) => faultIn(warning, language)) }
      }),
  )
}
