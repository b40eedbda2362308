import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { csvStream } from '@porttrack/shared/http/csv'
import { errors } from '@porttrack/shared/http/errors'
import { csvAnswer } from '@porttrack/shared/http/file-content'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { access } from '../access.ts'
import { WorkReport, WorkReportQuery } from './work-report.schema.ts'
import type { WorkReportStore } from './work-report.store.ts'
import { workReportColumns } from './work-report-table.ts'

type WorkReportRouteOptions = { report: WorkReportStore }

export const workReportRoutes: FastifyPluginAsyncTypebox<WorkReportRouteOptions> = async (
  app,
  { report },
) => {
  app.get(
    '',
    {
      config: access.permit('work:read'),
      schema: {
        operationId: 'reportWork',
        summary: 'Planned and worked hours, overtime and utilisation by person and week',
        description:
          'Weeks begin on Monday by the port’s clock. JSON in pages of people, or CSV of everyone with `Accept: text/csv`.',
        tags: ['work'],
        querystring: WorkReportQuery,
        response: {
          200: {
            description: 'JSON or CSV',
            content: {
              'application/json': { schema: WorkReport },
              'text/csv': { schema: csvAnswer(workReportColumns) },
            },
          },
          ...errors(406),
        },
      },
    },
    async (request, reply) => {
      const { caller, query } = request
      const type = mediaTypeFor(request, ['application/json', 'text/csv'])
      reply.header('vary', 'accept')
      if (type === 'application/json') return report.page(caller, query)
      const lines = report.whole(caller, query)
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', 'attachment; filename="work.csv"')
      return reply.send(csvStream(lines, workReportColumns))
    },
  )
}
