import { cutAtAntimeridian } from '../geography/lines.ts'
import type { Target, TargetFeatures, TrackFeatures, TrackPosition } from './target.schema.ts'

/** Targets as features, each with its MMSI as id. */
export const targetFeatures = (items: readonly Target[], next: string | null): TargetFeatures => ({
  type: 'FeatureCollection',
  features: items.map(({ position, ...properties }) => ({
    type: 'Feature',
    id: properties.mmsi,
    geometry: position && { type: 'Point', coordinates: [position.lon, position.lat] },
    properties,
  })),
  next,
})

/** A track as one line; a single position is a point, and none is no feature. */
export const trackFeatures = (
  mmsi: string,
  items: readonly TrackPosition[],
  next: string | null,
): TrackFeatures => {
  const lines = cutAtAntimeridian(items.map(({ position }) => position))
  const [first, second] = lines
  const point = items[0]?.position
  const geometry: TrackFeatures['features'][number]['geometry'] | null = second
    ? { type: 'MultiLineString', coordinates: lines }
    : first
      ? { type: 'LineString', coordinates: first }
      : point
        ? { type: 'Point', coordinates: [point.lon, point.lat] }
        : null
  return {
    type: 'FeatureCollection',
    features: geometry
      ? [{ type: 'Feature', geometry, properties: { mmsi, times: items.map(({ time }) => time) } }]
      : [],
    next,
  }
}
