import { type TSchema, Type } from 'typebox'

/** The media type of GeoJSON (RFC 7946 §12). */
export const geoJson = 'application/geo+json'

/** The query parameter by which a caller who cannot set headers chooses. */
export const format = Type.Optional(
  Type.Union([Type.Literal('json'), Type.Literal('geojson')], {
    description: 'Instead of the Accept header',
  }),
)

/** An answer that is JSON, or GeoJSON by a schema's `$id`. */
export const inEitherFormat = (json: TSchema, geoJsonSchema: string) => ({
  description: 'JSON or GeoJSON',
  content: {
    'application/json': { schema: json },
    [geoJson]: { schema: Type.Ref(geoJsonSchema) },
  },
})

export const wantsGeoJson = (
  request: { headers: { accept?: string | undefined } },
  format: 'json' | 'geojson' | undefined,
): boolean =>
  format === undefined ? (request.headers.accept ?? '').includes(geoJson) : format === 'geojson'
