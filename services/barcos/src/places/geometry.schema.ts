import { Type } from 'typebox'
import { mostVertices } from './geometry.ts'

const Position = Type.Array(Type.Number(), {
  minItems: 2,
  maxItems: 2,
  description: 'Longitude and latitude, degrees (WGS 84)',
})

export const Point = Type.Object(
  { type: Type.Literal('Point'), coordinates: Position },
  { additionalProperties: false, description: 'GeoJSON point (RFC 7946 §3.1.2)' },
)

export const LineString = Type.Object(
  {
    type: Type.Literal('LineString'),
    coordinates: Type.Array(Position, { minItems: 2, maxItems: mostVertices }),
  },
  { additionalProperties: false, description: 'GeoJSON line (RFC 7946 §3.1.4)' },
)

export const Polygon = Type.Object(
  {
    type: Type.Literal('Polygon'),
    coordinates: Type.Array(Type.Array(Position, { minItems: 4, maxItems: mostVertices }), {
      minItems: 1,
      maxItems: 10,
      description: 'The outline, then holes in it',
    }),
  },
  {
    additionalProperties: false,
    description: `GeoJSON polygon (RFC 7946 §3.1.6), ${mostVertices} positions at most. Rings may turn either way and are kept by the right-hand rule. An edge goes the shorter way round the globe, over the antimeridian where that is shorter`,
  },
)
