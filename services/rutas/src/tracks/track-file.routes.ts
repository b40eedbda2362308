import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { csvStream } from '@porttrack/shared/http/csv'
import { errors } from '@porttrack/shared/http/errors'
import { csvAnswer, fileAnswer } from '@porttrack/shared/http/file-content'
import { mediaTypeFor } from '@porttrack/shared/http/media-type'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { TargetParams } from '../targets/target.schema.ts'
import type { TargetStore } from '../targets/target.store.ts'
import { assertTimeRange } from '../time-range.ts'
import { piecesOf, type TrackPiece } from './stretches.ts'
import {
  type TrackFileFormat,
  trackFileFormats,
  TrackFileQuery,
  trackFileTypes,
} from './track-file.schema.ts'
import {
  trackColumns,
  trackGeoJson,
  trackGpx,
  trackKml,
  type TrackOwner,
  trackRows,
} from './track-formats.ts'

const minute = 60_000

export const trackFileRoutes: FastifyPluginAsyncTypebox<{ store: TargetStore }> = async (
  app,
  { store },
) => {
  app.get(
    '',
    {
      config: access.permit('target:read'),
      schema: {
        operationId: 'getTrackFile',
        summary: 'Where a ship has been, as one file',
        description:
          'The whole track between two times as GeoJSON, GPX, KML or CSV, by Accept or `format`. It is broken at gaps, and simplified when `toleranceMetres` is given.',
        tags: ['targets'],
        params: TargetParams,
        querystring: TrackFileQuery,
        response: {
          200: {
            description: 'GeoJSON, GPX, KML or CSV',
            content: {
              [trackFileTypes.geojson]: {
                schema: Type.Object(
                  { type: Type.Literal('FeatureCollection'), features: Type.Array(Type.Unknown()) },
                  { description: 'A line for at most 1,000 positions; those of a stretch join' },
                ),
              },
              [trackFileTypes.gpx]: { schema: fileAnswer('gpx') },
              [trackFileTypes.kml]: { schema: fileAnswer('kml') },
              [trackFileTypes.csv]: { schema: csvAnswer(trackColumns) },
            },
          },
          ...errors(404, 406),
        },
      },
    },
    async (request, reply) => {
      const { query } = request
      const { mmsi } = request.params
      assertTimeRange(query)
      const { geojson, gpx, kml, csv } = trackFileTypes
      const type = query.format
        ? trackFileTypes[query.format]
        : mediaTypeFor(request, [geojson, gpx, kml, csv])
      const format = trackFileFormats.find((each) => trackFileTypes[each] === type) ?? 'geojson'
      const { name } = await store.find(mmsi)
      const pieces = piecesOf(store.wholeTrack(mmsi, query), {
        gap: (query.gapMinutes ?? 60) * minute,
        toleranceMetres: query.toleranceMetres ?? 0,
      })
      reply
        .type(format === 'csv' ? `${type}; charset=utf-8` : type)
        .header('vary', 'accept')
        .header('content-disposition', `attachment; filename="${mmsi}.${format}"`)
      return reply.send(fileOf(format, { mmsi, name }, pieces))
    },
  )
}

const fileOf = (
  format: TrackFileFormat,
  owner: TrackOwner,
  pieces: AsyncIterable<TrackPiece>,
): Readable => {
  switch (format) {
    case 'geojson':
      return Readable.from(trackGeoJson(owner, pieces))
    case 'gpx':
      return Readable.from(trackGpx(owner, pieces))
    case 'kml':
      return Readable.from(trackKml(owner, pieces))
    case 'csv':
      return csvStream(trackRows(pieces), trackColumns)
  }
}
