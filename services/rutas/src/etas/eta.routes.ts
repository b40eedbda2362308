import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors } from '@porttrack/shared/http/errors'
import { languageOf } from '@porttrack/shared/http/language'
import { ProblemError } from '@porttrack/shared/http/problem'
import { Type } from 'typebox'
import { access } from '../access.ts'
import type { RutasMetrics } from '../metrics.ts'
import type { SeaNetwork } from '../sea-routes/sea-network.ts'
import { endAt, type KnownEnd, planSeaRoute, readRouteEnd } from '../sea-routes/sea-route.ts'
import { TargetParams } from '../targets/target.schema.ts'
import type { TargetStore } from '../targets/target.store.ts'
import type { KnownTarget } from '../targets/target.ts'
import { EtaQuery } from './eta.schema.ts'
import { compareArrival, declaredArrival, declaredPort, estimateArrival, etaErrors } from './eta.ts'

type EtaOptions = {
  store: TargetStore
  seaNetwork: () => Promise<SeaNetwork>
  metrics: RutasMetrics
  toleranceMinutes: number
}

export const etaRoutes: FastifyPluginAsyncTypebox<EtaOptions> = async (
  app,
  { store, seaNetwork, metrics, toleranceMinutes },
) => {
  app.get(
    '',
    {
      config: access.permit('target:read'),
      schema: {
        operationId: 'getEta',
        summary: 'When a ship will arrive, and why',
        description:
          'From its last position and speed, by the shortest way at sea; compared with the arrival that it has declared, and with one that the port wants.',
        tags: ['targets'],
        params: TargetParams,
        querystring: EtaQuery,
        response: { 200: Type.Ref('Eta'), ...errors(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { query } = request
      const network = await seaNetwork()
      const { mmsi } = request.params
      const language = languageOf(request)
      const target = await store.find(mmsi)
      const { fix } = target
      if (!fix) throw new ProblemError(etaErrors.POSITION_UNKNOWN)
      const position = { lat: fix.lat, lon: fix.lon }
      const from = endAt(network, { UNLocationCode: null, position }, '{mmsi}')
      const to = destinationOf(target, { network, to: query.to })
      const measure = metrics.seaRouteDuration.startTimer()
      const route = planSeaRoute(network, { ...query, from, to }, language)
      measure()
      const { speed, arrival, reasons } = estimateArrival({
        fix,
        route,
        speed: query.speed,
        declaredDestination: query.to === undefined ? target.destination : null,
        now: Date.now(),
      })
      const compared = (time: number | null) =>
        arrival === null || time === null ? null : compareArrival(arrival, time, toleranceMinutes)
      reply.header('vary', 'accept-language')
      return {
        mmsi,
        position,
        positionAt: new Date(fix.time).toISOString(),
        destination: route.to,
        distance: route.distance,
        speed,
        arrival: arrival === null ? null : new Date(arrival).toISOString(),
        reasons: reasons.map(({ code, detail }) => ({ code, detail: detail[language] })),
        declared: compared(declaredArrival(target)),
        requested: compared(query.requested === undefined ? null : Date.parse(query.requested)),
        route,
      }
    },
  )
}

/** @throws ProblemError 422 when neither the caller nor the ship names a place that is known */
const destinationOf = (
  { destination }: KnownTarget,
  { network, to }: { network: SeaNetwork; to: string | undefined },
): KnownEnd => {
  if (to !== undefined) return readRouteEnd(network, { text: to, pointer: '?to' })
  const port = declaredPort(destination)
  if (port !== null && network.ports.has(port)) {
    return readRouteEnd(network, { text: port, pointer: '?to' })
  }
  const declared = destination ?? ''
  throw new ProblemError(etaErrors.DESTINATION_UNKNOWN, {
    errors: [
      {
        pointer: '?to',
        detail:
          declared === ''
            ? {
                en: 'is needed, since the ship declares no destination',
                es: 'hace falta, porque el barco no declara destino',
              }
            : {
                en: `is needed, since "${declared}" is no UN/LOCODE of a known port`,
                es: `hace falta, porque «${declared}» no es el UN/LOCODE de un puerto conocido`,
              },
      },
    ],
  })
}
