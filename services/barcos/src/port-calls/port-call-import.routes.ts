import { mostLines } from '@porttrack/shared/http/csv'
import { csvImport } from '@porttrack/shared/http/csv-import'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { FastifyPluginAsync } from 'fastify'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { reporterOf } from '../reporter.ts'
import { importCalls } from './port-call-import.store.ts'
import { Imported, PortCallLine } from './port-call.schema.ts'
import { visibilityOf } from './visibility.ts'

type ImportRouteOptions = { database: BarcosDatabase; metrics: Metrics<typeof metrics> }

export const portCallImportRoutes: FastifyPluginAsync<ImportRouteOptions> = async (
  app,
  { database, metrics },
) =>
  csvImport(app, {
    database,
    config: access.permit('port-call:announce'),
    operationId: 'importPortCalls',
    summary: 'Announce a season’s calls by a table, all or none',
    description: `At most ${mostLines} lines. A ship is named by IMO number, MMSI or both; several purposes are separated by blanks.`,
    tags: ['port calls'],
    line: PortCallLine,
    imported: Imported,
    importTable: async (unit, table, { caller }) => {
      const imported = await importCalls(unit, table, {
        visibility: visibilityOf(caller, 'port-call:announce'),
        reporter: reporterOf(caller),
        organization: caller.organization,
      })
      metrics.portCallsAnnounced.inc(imported.imported)
      return imported
    },
  })
