import { type Place, shortWay } from './geodesy.ts'

/** A way in pieces that do not cross the antimeridian: one ends there, the next begins there. */
export const cutAtAntimeridian = (places: readonly Place[]): number[][][] => {
  if (places.length < 2) return []
  const lines: number[][][] = [[]]
  for (const [n, place] of places.entries()) {
    const before = places[n - 1]
    if (before && Math.abs(place.lon - before.lon) > 180) {
      const side = Math.sign(before.lon) * 180
      const way = shortWay(place.lon - before.lon)
      const share = way === 0 ? 0 : (side - before.lon) / way
      const lat = before.lat + share * (place.lat - before.lat)
      lines.at(-1)?.push([side, lat])
      lines.push([[-side, lat]])
    }
    lines.at(-1)?.push([place.lon, place.lat])
  }
  return lines
}
