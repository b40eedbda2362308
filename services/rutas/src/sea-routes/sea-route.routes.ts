import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { languageOf } from '@porttrack/shared/http/language'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { geoJson, inEitherFormat, wantsGeoJson } from '../geography/geojson-format.ts'
import type { RutasMetrics } from '../metrics.ts'
import type { SeaNetwork } from './sea-network.ts'
import { SeaRouteQuery } from './sea-route.schema.ts'
import { planSeaRoute, readRouteEnd, seaRouteFeature } from './sea-route.ts'

type SeaRouteOptions = { seaNetwork: () => Promise<SeaNetwork>; metrics: RutasMetrics }

export const seaRouteRoutes: FastifyPluginAsyncTypebox<SeaRouteOptions> = async (
  app,
  { seaNetwork, metrics },
) => {
  app.get(
    '',
    {
      config: access.permit('route:read'),
      schema: {
        operationId: 'getSeaRoute',
        summary: 'The shortest way by sea between two places',
        description:
          'With its legs and the passages it goes through. The Northern Sea Route, the Northwest Passage and the Corinth Canal are closed unless opened. JSON, or GeoJSON with `Accept: application/geo+json` or `format=geojson`. Not for navigation.',
        tags: ['routes'],
        querystring: SeaRouteQuery,
        response: {
          200: inEitherFormat(Type.Ref('SeaRoute'), 'SeaRouteFeature'),
          ...errors(422),
        },
      },
    },
    async (request, reply) => {
      const { query } = request
      const network = await seaNetwork()
      const from = readRouteEnd(network, { text: query.from, pointer: '?from' })
      const to = readRouteEnd(network, { text: query.to, pointer: '?to' })
      const measure = metrics.seaRouteDuration.startTimer()
      const route = planSeaRoute(network, { ...query, from, to }, languageOf(request))
      measure()
      reply.header('vary', 'accept, accept-language')
      if (!wantsGeoJson(request, query.format)) return route
      reply.type(geoJson)
      return seaRouteFeature(route)
    },
  )
}
