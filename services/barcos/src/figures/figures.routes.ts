import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { attachment } from '@porttrack/shared/http/attachment'
import { csvStream } from '@porttrack/shared/http/csv'
import { errors, kitErrors } from '@porttrack/shared/http/errors'
import { csvAnswer } from '@porttrack/shared/http/file-content'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { ProblemError } from '@porttrack/shared/http/problem'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { TimeZoneAt } from '../places/time-zone.ts'
import { sees, type Visibility, visibilityOf } from '../port-calls/visibility.ts'
import { figuresColumns } from './figures-table.ts'
import { figuresOf, portDays, spanFaults } from './figures.ts'
import { FiguresQuery } from './figures.schema.ts'
import type { FiguresStore } from './figures.store.ts'

type FiguresRouteOptions = {
  figures: FiguresStore
  timeZoneAt: TimeZoneAt
  onTimeToleranceSeconds: number
}

export const figuresRoutes: FastifyPluginAsyncTypebox<FiguresRouteOptions> = async (
  app,
  { figures, timeZoneAt, onTimeToleranceSeconds },
) => {
  app.get(
    '',
    {
      config: access.permit('figures:read'),
      schema: {
        operationId: 'getFigures',
        summary: 'Berth occupancy, waiting, idle time and punctuality by day and berth',
        description:
          'Days begin and end by the port’s own clock. JSON, or CSV with `Accept: text/csv`. An agent’s figures are those of its own organisation’s calls.',
        tags: ['figures'],
        querystring: FiguresQuery,
        response: {
          200: {
            description: 'JSON or CSV',
            content: {
              'application/json': { schema: Type.Ref('Figures') },
              'text/csv': { schema: csvAnswer(figuresColumns) },
            },
          },
          ...errors(406),
        },
      },
    },
    async (request, reply) => {
      const { UNLocationCode, from, to, agentOrganization } = request.query
      const type = mediaTypeFor(request, ['application/json', 'text/csv'])
      const faults = spanFaults({ from, to })
      if (faults.length > 0) throw new ProblemError(kitErrors.VALIDATION_FAILED, { errors: faults })
      const timeZone = timeZoneAt(UNLocationCode)
      const days = portDays(timeZone, { from, to })
      const visibility = narrowed(visibilityOf(request.caller, 'figures:read'), agentOrganization)
      const [berthDays, callDays] = await Promise.all([
        figures.berthDays(days, { UNLocationCode, visibility }),
        figures.callDays(days, {
          UNLocationCode,
          visibility,
          toleranceSeconds: onTimeToleranceSeconds,
        }),
      ])
      const found = figuresOf(berthDays, callDays)
      reply.header('vary', 'accept')
      if (type === 'application/json') {
        return { UNLocationCode, timeZone, onTimeToleranceSeconds, ...found }
      }
      const file = `figures-${UNLocationCode}-${from}-${to}.csv`
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', attachment(file))
      return reply.send(csvStream(found.items, figuresColumns))
    },
  )
}

/** Of the organisations that a caller sees, the one that is asked for. */
const narrowed = (visibility: Visibility, organization: string | undefined): Visibility => {
  if (organization === undefined) return visibility
  return sees(visibility, organization) ? [organization] : []
}
