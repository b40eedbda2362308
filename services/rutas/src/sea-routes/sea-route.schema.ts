import { type Static, type TSchema, Type } from 'typebox'
import { format } from '../geography/geojson-format.ts'
import { Coordinates, geometryOf, LonLat } from '../targets/target.schema.ts'
import { passageCodes } from './passage.ts'
import { told } from '../told.ts'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

const PassageCodes = (description: string) =>
  Type.Optional(
    Type.Array(Type.Enum([...passageCodes]), { maxItems: passageCodes.length, description }),
  )

/** A UN/LOCODE, or longitude and latitude. */
export const RoutePlace = (description: string) =>
  Type.String({
    minLength: 3,
    maxLength: 60,
    description: `${description}: UN/LOCODE of a port, or longitude,latitude in degrees`,
  })

/** What a caller says of passages. */
export const passageChoice = {
  closed: PassageCodes('Passages to keep out of: `closed=suez&closed=panama`'),
  opened: PassageCodes('Passages to let in that are closed unless opened'),
}
export type PassageChoice = Partial<Record<keyof typeof passageChoice, Passage['code'][]>>

export const SeaRouteQuery = Type.Object(
  {
    from: RoutePlace('Where it begins'),
    to: RoutePlace('Where it ends'),
    ...passageChoice,
    format,
  },
  { additionalProperties: false },
)

const Passage = Type.Object({
  code: Type.Enum([...passageCodes]),
  name: told.placeName,
})
type Passage = Static<typeof Passage>

const distance = Type.Number({ minimum: 0, description: 'Nautical miles, to a tenth' })

const RouteEnd = Type.Object({
  UNLocationCode: nullable(told.unLocationCode),
  position: Coordinates,
})

const SeaRouteLeg = Type.Object({
  kind: Type.Union([Type.Literal('sea'), Type.Literal('approach')], {
    description:
      'sea: on the great circle, over water; approach: between a port and the sea of the chart, as the crow flies',
  }),
  from: Coordinates,
  to: Coordinates,
  distance,
  course: Type.Number({
    minimum: 0,
    exclusiveMaximum: 360,
    description: 'Degrees, true, at its beginning',
  }),
  passages: Type.Array(Type.Enum([...passageCodes]), { maxItems: passageCodes.length }),
  speedLimit: nullable(Type.Number({ description: 'Knots that a canal allows' })),
})
export type SeaRouteLeg = Static<typeof SeaRouteLeg>

const routeProperties = {
  from: RouteEnd,
  to: RouteEnd,
  distance,
  passages: Type.Array(Passage, {
    maxItems: passageCodes.length,
    description: 'Passages it goes through, in order',
  }),
  closed: Type.Array(Type.Enum([...passageCodes]), {
    maxItems: passageCodes.length,
    description: 'Passages it was kept out of',
  }),
  legs: Type.Array(SeaRouteLeg),
}

export const SeaRoute = Type.Object(routeProperties, { $id: 'SeaRoute' })
export type SeaRoute = Static<typeof SeaRoute>

/** The route as a line that follows its great circles, cut at the antimeridian (RFC 7946 §3.1.9). */
export const SeaRouteFeature = Type.Object(
  {
    type: Type.Literal('Feature'),
    geometry: Type.Union([
      geometryOf('LineString', Type.Array(LonLat)),
      geometryOf('MultiLineString', Type.Array(Type.Array(LonLat))),
    ]),
    properties: Type.Object(routeProperties),
  },
  { $id: 'SeaRouteFeature' },
)
export type SeaRouteFeature = Static<typeof SeaRouteFeature>
