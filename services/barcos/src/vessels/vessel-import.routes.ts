import { mostLines } from '@porttrack/shared/http/csv'
import { csvImport } from '@porttrack/shared/http/csv-import'
import { languageOf } from '@porttrack/shared/http/language'
import { faultIn } from '@porttrack/shared/http/problem'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { FastifyPluginAsync } from 'fastify'
import { access } from '../access.ts'
import type { BarcosDatabase } from '../database.ts'
import type { metrics } from '../metrics.ts'
import { reporterOf } from '../reporter.ts'
import { importVessels } from './vessel-import.store.ts'
import { Imported, NewVessel } from './vessel.schema.ts'

type ImportRouteOptions = { database: BarcosDatabase; metrics: Metrics<typeof metrics> }

export const vesselImportRoutes: FastifyPluginAsync<ImportRouteOptions> = async (
  app,
  { database, metrics },
) =>
  csvImport(app, {
    database,
    config: access.permit('vessel:write'),
    operationId: 'importVessels',
    summary: 'Register vessels by a table, all or none',
    description: `At most ${mostLines} lines. Vessels that are registered already are faults. An import changes no vessel.`,
    tags: ['vessels'],
    line: NewVessel,
    imported: Imported,
    importTable: async (unit, table, request) => {
      const by = { reporter: reporterOf(request.caller), database }
      const { warnings, ...imported } = await importVessels(unit, table, by)
      metrics.vesselsRegistered.inc(imported.imported)
      const language = languageOf(request)
      return { ...imported, warnings: warnings.map((warning) => faultIn(warning, language)) }
    },
  })
