import { mmsiKinds } from '@porttrack/ais/mmsi'
import { longestPage, pageQuery, PageOf } from '@porttrack/shared/http/pagination'
import { type Static, type TSchema, Type } from 'typebox'
import { format } from '../geography/geojson-format.ts'
import { told } from '../told.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const Mmsi = Type.String({
  pattern: String.raw`^\d{9}$`,
  minLength: 9,
  maxLength: 9,
  description: 'MMSI (ITU-R M.585-9)',
})

export const TargetKind = Type.Union([
  Type.Literal('vessel'),
  Type.Literal('base-station'),
  Type.Literal('aid-to-navigation'),
])
export type TargetKind = Static<typeof TargetKind>

export const TargetState = Type.Union(
  [Type.Literal('ACTIVE'), Type.Literal('STALE'), Type.Literal('LOST')],
  { description: 'By the time since the last message arrived' },
)
export type TargetState = Static<typeof TargetState>

export const Coordinates = Type.Object({
  lat: Type.Number({ minimum: -90, maximum: 90, description: 'Degrees, WGS 84' }),
  lon: Type.Number({ minimum: -180, maximum: 180, description: 'Degrees, WGS 84' }),
})

const Dimensions = Type.Object(
  {
    bow: Type.Integer({ minimum: 0, maximum: 511 }),
    stern: Type.Integer({ minimum: 0, maximum: 511 }),
    port: Type.Integer({ minimum: 0, maximum: 63 }),
    starboard: Type.Integer({ minimum: 0, maximum: 63 }),
  },
  { description: 'Metres from the position’s reference point to the ends and sides, as declared' },
)
export type Dimensions = Static<typeof Dimensions>

const DeclaredEta = Type.Object(
  {
    month: nullable(Type.Integer({ minimum: 1, maximum: 12 })),
    day: nullable(Type.Integer({ minimum: 1, maximum: 31 })),
    hour: nullable(Type.Integer({ minimum: 0, maximum: 23 })),
    minute: nullable(Type.Integer({ minimum: 0, maximum: 59 })),
  },
  { description: 'Estimated arrival in UTC as typed in aboard; it has no year' },
)
export type DeclaredEta = Static<typeof DeclaredEta>

const speed = nullable(
  Type.Number({ minimum: 0, maximum: 102.2, description: 'Knots over ground' }),
)
const course = nullable(
  Type.Number({ minimum: 0, exclusiveMaximum: 360, description: 'Degrees over ground' }),
)
const heading = nullable(Type.Integer({ minimum: 0, maximum: 359, description: 'Degrees, true' }))
const navigationStatus = nullable(
  Type.Integer({
    minimum: 0,
    maximum: 15,
    description: 'As set aboard (ITU-R M.1371-5, table 45)',
  }),
)

const targetProperties = {
  mmsi: Mmsi,
  mmsiKind: Type.Enum([...mmsiKinds], {
    description: 'Kind of station by the form of the MMSI; unknown for a form that none has',
  }),
  kind: TargetKind,
  stationClass: Type.Union([Type.Literal('A'), Type.Literal('B'), Type.Null()]),
  state: TargetState,
  name: nullable(Type.String({ ...told.shipName, description: 'As declared' })),
  nameConfirmed: Type.Boolean({ description: 'Whether two messages have agreed on the name' }),
  callSign: nullable(told.callSign),
  imo: nullable(
    Type.String({
      pattern: String.raw`^\d{7}$`,
      description: 'IMO number as declared; null when its check digit is wrong',
    }),
  ),
  imoValid: nullable(
    Type.Boolean({ description: 'Whether the declared number’s check digit is right' }),
  ),
  shipType: nullable(Type.Integer({ minimum: 1, maximum: 255 })),
  category: Type.String({
    ...told.code,
    description: 'Of the ship type: cargo, tanker, passenger, tug…',
  }),
  position: nullable(Coordinates),
  speed,
  course,
  heading,
  navigationStatus,
  dimensions: nullable(Dimensions),
  draught: nullable(Type.Number({ minimum: 0, maximum: 25.5, description: 'Metres, as declared' })),
  destination: nullable(Type.String({ ...told.destination, description: 'As typed in aboard' })),
  declaredEta: nullable(DeclaredEta),
  eta: nullable(
    Type.String({
      format: 'date-time',
      description: 'The declared arrival, in the year that makes it the nearest one to come',
    }),
  ),
  lastSeen: nullable(
    Type.String({ format: 'date-time', description: 'Time of the fix that `position` is from' }),
  ),
  receivedAt: Type.String({
    format: 'date-time',
    description: 'When the last message of any kind arrived',
  }),
}

export const Target = Type.Object(targetProperties, { $id: 'Target' })
export type Target = Static<typeof Target>

export const TargetList = PageOf(Type.Ref('Target'))

export const geometryOf = <T extends string, C extends TSchema>(type: T, coordinates: C) =>
  Type.Object({ type: Type.Literal(type), coordinates })

export const LonLat = Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })

const next = nullable(
  Type.String({ ...told.cursor, description: 'Cursor of the page that follows' }),
)

const { position: _position, ...featureProperties } = targetProperties

/** Targets without a position are features without a geometry (RFC 7946 §3.2). */
export const TargetFeatures = Type.Object(
  {
    type: Type.Literal('FeatureCollection'),
    features: Type.Array(
      Type.Object({
        type: Type.Literal('Feature'),
        id: Mmsi,
        geometry: nullable(geometryOf('Point', LonLat)),
        properties: Type.Object(featureProperties),
      }),
      { maxItems: longestPage },
    ),
    next,
  },
  { $id: 'TargetFeatures' },
)
export type TargetFeatures = Static<typeof TargetFeatures>

export const TargetListQuery = Type.Object(
  {
    ...pageQuery,
    bbox: Type.Optional(
      Type.String({
        minLength: 7,
        maxLength: 100,
        description: 'west,south,east,north in degrees; west over east crosses the antimeridian',
      }),
    ),
    state: Type.Optional(TargetState),
    kind: Type.Optional(TargetKind),
    name: Type.Optional(
      Type.String({ minLength: 1, maxLength: 34, description: 'How the name begins' }),
    ),
    format,
  },
  { additionalProperties: false },
)
export type TargetListQuery = Static<typeof TargetListQuery>

export const NearTargetQuery = Type.Object(
  {
    ...pageQuery,
    to: Type.String({
      minLength: 3,
      maxLength: 60,
      description: 'The place, as longitude,latitude in degrees',
    }),
    withinNauticalMiles: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 1_000, default: 50 }),
    ),
    state: TargetListQuery.properties.state,
    kind: TargetListQuery.properties.kind,
  },
  { additionalProperties: false },
)
export type NearTargetQuery = Static<typeof NearTargetQuery>

export const NearTarget = Type.Object(
  {
    ...targetProperties,
    distance: Type.Number({ minimum: 0, description: 'Nautical miles from the place' }),
  },
  { $id: 'NearTarget' },
)

export const NearTargetList = PageOf(Type.Ref('NearTarget'))

export const TargetParams = Type.Object({ mmsi: Mmsi }, { additionalProperties: false })

export const TrackPosition = Type.Object(
  {
    time: Type.String({ format: 'date-time' }),
    position: Coordinates,
    speed,
    course,
    heading,
    navigationStatus,
    source: nullable(Type.String({ maxLength: 64, description: 'Station that received it' })),
    quarantined: Type.Boolean({ description: 'The ship cannot have come there' }),
  },
  { $id: 'TrackPosition' },
)
export type TrackPosition = Static<typeof TrackPosition>

const mostPositions = 1_000

export const Track = PageOf(Type.Ref('TrackPosition'), mostPositions)

/** A piece of a way with a point on the antimeridian at either end, if it is cut there. */
const TrackLine = Type.Array(LonLat, { maxItems: mostPositions + 2 })

/** The way as one line, cut where it crosses the antimeridian (RFC 7946 §3.1.9). */
export const TrackFeatures = Type.Object(
  {
    type: Type.Literal('FeatureCollection'),
    features: Type.Array(
      Type.Object({
        type: Type.Literal('Feature'),
        geometry: Type.Union([
          geometryOf('Point', LonLat),
          geometryOf('LineString', TrackLine),
          geometryOf('MultiLineString', Type.Array(TrackLine, { maxItems: mostPositions })),
        ]),
        properties: Type.Object({
          mmsi: Mmsi,
          times: Type.Array(Type.String({ format: 'date-time' }), {
            maxItems: mostPositions,
            description: 'Of the positions, in order; points on the antimeridian have none',
          }),
        }),
      }),
      { maxItems: 1 },
    ),
    next,
  },
  { $id: 'TrackFeatures' },
)
export type TrackFeatures = Static<typeof TrackFeatures>

const moment = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description }))

export const TrackQuery = Type.Object(
  {
    cursor: pageQuery.cursor,
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: mostPositions,
        default: 200,
        description: 'Positions a page',
      }),
    ),
    from: moment('First time, included'),
    to: moment('Last time, excluded'),
    quarantined: Type.Optional(
      Type.Boolean({ default: false, description: 'Whether to give quarantined fixes too' }),
    ),
    format,
  },
  { additionalProperties: false },
)
export type TrackQuery = Static<typeof TrackQuery>
