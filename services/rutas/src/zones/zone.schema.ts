import { pageQuery, PageOf } from '@porttrack/shared/http/pagination'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { type Static, Type } from 'typebox'
import { told } from '../told.ts'

const kindDescription =
  'What the zone is for; barcos derives timestamps from it (port-area SEA_PASSAGE, anchorage ANCHORAGE, pilot-boarding PILOT_BOARDING_PLACE, berth BERTH)'

const ZoneKind = Type.Union(
  [
    Type.Literal('port-area'),
    Type.Literal('anchorage'),
    Type.Literal('pilot-boarding'),
    Type.Literal('berth'),
    Type.Literal('custom'),
  ],
  { description: kindDescription },
)

const coordinates = { minItems: 2, maxItems: 2, description: 'Longitude, latitude in degrees' }

const Polygon = Type.Object(
  {
    type: Type.Literal('Polygon'),
    coordinates: Type.Array(
      Type.Array(Type.Array(Type.Number(), coordinates), { minItems: 4, maxItems: 1_000 }),
      { minItems: 1, maxItems: 100, description: 'Outer ring, then holes; 1,000 vertices in all' },
    ),
  },
  { additionalProperties: false, description: 'GeoJSON (RFC 7946 §3.1.6)' },
)

const CirclePoint = Type.Object(
  { type: Type.Literal('Point'), coordinates: Type.Array(Type.Number(), coordinates) },
  { additionalProperties: false, description: 'GeoJSON: the centre of a circle of radiusMetres' },
)

const Line = Type.Object(
  {
    type: Type.Literal('LineString'),
    coordinates: Type.Array(Type.Array(Type.Number(), coordinates), {
      minItems: 2,
      maxItems: 1_000,
    }),
  },
  { additionalProperties: false, description: 'GeoJSON: a line that ships cross' },
)

const Geometry = Type.Union([Polygon, CirclePoint, Line])

const nullable = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(
  schema: T,
) => Type.Union([schema, Type.Null()])

const UNLocationCode = Type.String({
  pattern: unLocationCodePattern,
  minLength: 5,
  maxLength: 5,
  description:
    'UN/LOCODE of the port; without it barcos ties what ships do in the zone to no port call, and rutas to no voyage',
})
const facilityCode = Type.String({
  minLength: 1,
  maxLength: 6,
  pattern: '^[A-Z0-9]+$',
  description: 'SMDG or BIC code of the facility',
})
const stillMinutes = {
  minimum: 1,
  maximum: 1_440,
  description: 'Minutes below 0.5 knots after which a ship counts as stopped in a berth',
}
const dwellMinutes = Type.Integer({
  minimum: 1,
  maximum: 525_600,
  description: 'Minutes in the zone after which a ship is told of as one that dwells',
})
const speedLimitKnots = Type.Number({
  minimum: 0.1,
  maximum: 102,
  description: 'Knots over ground above which a ship in the zone is told of',
})
const radiusMetres = Type.Number({ minimum: 1, maximum: 200_000 })

/** Body of POST and PUT. */
export const ZoneInput = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: String.raw`^\S(?:.*\S)?$` }),
    kind: ZoneKind,
    geometry: Geometry,
    radiusMetres: Type.Optional(nullable(radiusMetres)),
    UNLocationCode: Type.Optional(nullable(UNLocationCode)),
    facilityCode: Type.Optional(nullable(facilityCode)),
    stillMinutes: Type.Optional(Type.Integer({ ...stillMinutes, default: 5 })),
    dwellMinutes: Type.Optional(Type.Union([dwellMinutes, Type.Null()])),
    speedLimitKnots: Type.Optional(nullable(speedLimitKnots)),
  },
  { additionalProperties: false },
)
export type ZoneInput = Static<typeof ZoneInput>

export const Zone = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    name: told.placeName,
    kind: ZoneKind,
    geometry: Geometry,
    radiusMetres: nullable(radiusMetres),
    UNLocationCode: nullable(UNLocationCode),
    facilityCode: nullable(facilityCode),
    stillMinutes: Type.Integer(stillMinutes),
    dwellMinutes: Type.Union([dwellMinutes, Type.Null()]),
    speedLimitKnots: nullable(speedLimitKnots),
    version: Type.Integer({ minimum: 1 }),
    createdAt: Type.String({ format: 'date-time' }),
    changedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Zone' },
)
export type Zone = Static<typeof Zone>

export const ZoneList = PageOf(Type.Ref('Zone'))

export const ZoneListQuery = Type.Object(
  {
    ...pageQuery,
    kind: Type.Optional(ZoneKind),
    UNLocationCode: Type.Optional(UNLocationCode),
  },
  { additionalProperties: false },
)
export type ZoneListQuery = Static<typeof ZoneListQuery>

export const ZoneParams = Type.Object(
  { id: Type.String({ format: 'uuid' }) },
  { additionalProperties: false },
)
