import { type Static, Type } from 'typebox'
import { TrackQuery } from '../targets/target.schema.ts'

const { from, to, quarantined } = TrackQuery.properties

/** Media types of a track's file by the name of their format; the first is given to who asks for none. */
export const trackFileTypes = {
  geojson: 'application/geo+json',
  gpx: 'application/gpx+xml',
  kml: 'application/vnd.google-earth.kml+xml',
  csv: 'text/csv',
} as const
export type TrackFileFormat = keyof typeof trackFileTypes

export const trackFileFormats = Object.keys(trackFileTypes) as TrackFileFormat[]

export const TrackFileQuery = Type.Object(
  {
    from,
    to,
    quarantined,
    toleranceMetres: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10_000,
        default: 0,
        description: 'How far the line may lie from what was heard; 0 keeps every position',
      }),
    ),
    gapMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_080,
        default: 60,
        description: 'Minutes without a position after which the line is broken, and begins anew',
      }),
    ),
    format: Type.Optional(
      Type.Enum([...trackFileFormats], { description: 'Instead of the Accept header' }),
    ),
  },
  { additionalProperties: false },
)
export type TrackFileQuery = Static<typeof TrackFileQuery>
