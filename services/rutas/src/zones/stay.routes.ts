import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import type { Cursors } from '@porttrack/shared/http/pagination'
import { access } from '../access.ts'
import { assertTimeRange } from '../time-range.ts'
import { ZoneStayList, ZoneStayQuery } from './stay.schema.ts'
import type { StayStore } from './stay.store.ts'
import { ZoneParams } from './zone.schema.ts'
import type { ZoneStore } from './zone.store.ts'

type StayOptions = { zones: ZoneStore; stays: StayStore; cursors: Cursors }

export const stayRoutes: FastifyPluginAsyncTypebox<StayOptions> = async (
  app,
  { zones, stays, cursors },
) => {
  app.get(
    '',
    {
      config: access.permit('zone:read'),
      schema: {
        operationId: 'listZoneStays',
        summary: 'Who was in a zone',
        description:
          'Ships that were in the zone at some time between `from` and `to`, in the order in which they entered; those that are still there too. Known since the zone was drawn, and for as long as tracks are kept.',
        tags: ['zones'],
        params: ZoneParams,
        querystring: ZoneStayQuery,
        response: { 200: ZoneStayList, ...errors(404) },
      },
    },
    async ({ params, query }) => {
      assertTimeRange(query)
      const { id, geometry } = await zones.find(params.id)
      const list = `stays of ${id}`
      const after = cursors.read(list, query)
      // A ship near a line is not in it.
      const found =
        geometry.type === 'LineString'
          ? []
          : await stays.list(id, query, { after, limit: (query.limit ?? 50) + 1 })
      return cursors.page(list, query, {
        found,
        positionOf: ({ enteredAt, mmsi }) => [enteredAt, Number(mmsi)],
      })
    },
  )
}
