import { shortWay } from '../geography/geodesy.ts'
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
  const lines = linesOf(items)
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

/** The way in pieces that do not cross the antimeridian: one ends there, the next begins there. */
const linesOf = (items: readonly TrackPosition[]): number[][][] => {
  if (items.length < 2) return []
  const lines: number[][][] = [[]]
  for (const [n, { position }] of items.entries()) {
    const before = items[n - 1]?.position
    if (before && Math.abs(position.lon - before.lon) > 180) {
      const side = Math.sign(before.lon) * 180
      const way = shortWay(position.lon - before.lon)
      const share = way === 0 ? 0 : (side - before.lon) / way
      const lat = before.lat + share * (position.lat - before.lat)
      lines.at(-1)?.push([side, lat])
      lines.push([[-side, lat]])
    }
    lines.at(-1)?.push([position.lon, position.lat])
  }
  return lines
}
