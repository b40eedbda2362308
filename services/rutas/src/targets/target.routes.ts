import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { errors, kitErrors } from '@porttrack/shared/http/errors'
import type { Cursors } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { boxAsked } from '../geography/bounding-box-query.ts'
import { geoJson, inEitherFormat, wantsGeoJson } from '../geography/geojson-format.ts'
import { assertTimeRange } from '../time-range.ts'
import { targetFeatures, trackFeatures } from './geojson.ts'
import { metresPerNauticalMile, type Place, readPlace } from '../geography/geodesy.ts'
import {
  NearTargetList,
  NearTargetQuery,
  TargetList,
  TargetListQuery,
  TargetParams,
  Track,
  TrackQuery,
} from './target.schema.ts'
import type { TargetStore } from './target.store.ts'
import { describeTarget, type StateRules } from './target.ts'

type TargetRouteOptions = { store: TargetStore; cursors: Cursors; rules: StateRules }

const tags = ['targets']

export const targetRoutes: FastifyPluginAsyncTypebox<TargetRouteOptions> = async (
  app,
  { store, cursors, rules },
) => {
  app.get(
    '',
    {
      config: access.permit('target:read'),
      schema: {
        operationId: 'listTargets',
        summary: 'Where ships are now',
        description:
          'Ships, base stations and aids to navigation heard by AIS, in order of MMSI. JSON, or GeoJSON with `Accept: application/geo+json` or `format=geojson`.',
        tags,
        querystring: TargetListQuery,
        response: { 200: inEitherFormat(TargetList, 'TargetFeatures') },
      },
    },
    async (request, reply) => {
      const { query } = request
      const box = query.bbox === undefined ? null : boxAsked(query.bbox)
      const clock = { now: Date.now(), rules }
      const after = cursors.read('targets', query)
      const limit = (query.limit ?? 50) + 1
      const found = await store.list(query, { box, clock, after, limit })
      const { items, next } = cursors.page('targets', query, {
        found,
        positionOf: ({ mmsi }) => [Number(mmsi)],
      })
      const targets = items.map((target) => describeTarget(target, clock))
      reply.header('vary', 'accept')
      if (!wantsGeoJson(request, query.format)) return { items: targets, next }
      reply.type(geoJson)
      return targetFeatures(targets, next)
    },
  )

  app.get(
    '/nearest',
    {
      config: access.permit('target:read'),
      schema: {
        operationId: 'listNearestTargets',
        summary: 'Who is near a place, the nearest first',
        description: 'By the last position of each, over the antimeridian too.',
        tags,
        querystring: NearTargetQuery,
        response: { 200: NearTargetList },
      },
    },
    async ({ query }) => {
      const clock = { now: Date.now(), rules }
      const found = await store.nearest(query, {
        place: placeOf(query.to),
        withinMetres: (query.withinNauticalMiles ?? 50) * metresPerNauticalMile,
        clock,
        after: cursors.read('nearest targets', query),
        limit: (query.limit ?? 50) + 1,
      })
      const { items, next } = cursors.page('nearest targets', query, {
        found,
        positionOf: ({ distance, mmsi }) => [distance, Number(mmsi)],
      })
      return {
        items: items.map((target) => ({
          ...describeTarget(target, clock),
          distance: Math.round((100 * target.distance) / metresPerNauticalMile) / 100,
        })),
        next,
      }
    },
  )

  app.get(
    '/:mmsi',
    {
      config: access.permit('target:read'),
      schema: {
        operationId: 'getTarget',
        summary: 'A ship by its MMSI',
        tags,
        params: TargetParams,
        response: { 200: Type.Ref('Target'), ...errors(404) },
      },
    },
    async ({ params }) => describeTarget(await store.find(params.mmsi), { now: Date.now(), rules }),
  )

  app.get(
    '/:mmsi/track',
    {
      config: access.permit('target:read'),
      schema: {
        operationId: 'getTrack',
        summary: 'Where a ship has been',
        description:
          'Stored positions in order of time, 200 a page unless asked otherwise and 1,000 at most. Quarantined fixes are left out unless asked for. GeoJSON gives each page as one line.',
        tags,
        params: TargetParams,
        querystring: TrackQuery,
        response: { 200: inEitherFormat(Track, 'TrackFeatures'), ...errors(404) },
      },
    },
    async (request, reply) => {
      const { query } = request
      const { mmsi } = request.params
      assertTimeRange(query)
      const list = `track of ${mmsi}`
      const after = cursors.read(list, query)
      const found = await store.track(mmsi, query, { after, limit: (query.limit ?? 200) + 1 })
      const { items, next } = cursors.page(list, query, {
        found,
        positionOf: ({ time, messageId }) => [time, messageId],
      })
      reply.header('vary', 'accept')
      if (!wantsGeoJson(request, query.format)) return { items, next }
      reply.type(geoJson)
      return trackFeatures(mmsi, items, next)
    },
  )
}

const placeOf = (text: string): Place => {
  const place = readPlace(text)
  if (place) return place
  throw new ProblemError(kitErrors.VALIDATION_FAILED, {
    errors: [
      {
        pointer: '?to',
        detail: {
          en: 'must be longitude,latitude such as -5.43,36.13',
          es: 'debe ser longitud,latitud, como -5.43,36.13',
        },
      },
    ],
  })
}
