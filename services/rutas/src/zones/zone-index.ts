import { metresPerDegree, type Place, shortWay } from '../geography/geodesy.ts'
import type { ZoneShape } from './zone.ts'

/** Side of a square of the grid, in degrees: about the size of a port. */
const square = 0.1
const columns = Math.round(360 / square)

/** What touches more squares than this is not looked up by square. */
const mostSquares = 400

/** All zones, and how far outside one a ship must be to have left it, in metres. */
export type ZoneRules = {
  readonly marginMetres: number
  readonly shapes: ReadonlyMap<string, ZoneShape>
  /** The zones that the way between two places may come near, and perhaps some more. */
  readonly near: (from: Place, to: Place) => Iterable<ZoneShape>
}

/** Prepares zones so that a ship is compared with those around it, however many there are. */
export const zoneRules = (all: readonly ZoneShape[], marginMetres: number): ZoneRules => {
  const shapes = new Map(all.map((shape) => [shape.zone.id, shape]))
  const grid = new Map<number, ZoneShape[]>()
  const wide: ZoneShape[] = []
  for (const shape of all) {
    const { centre, halfHeight, metresPerLongitude } = shape
    const height = halfHeight + marginMetres / metresPerDegree
    const width = shape.halfWidth + marginMetres / metresPerLongitude
    const squares = squaresOf({
      south: centre.lat - height,
      north: centre.lat + height,
      west: centre.lon - width,
      width: 2 * width,
    })
    if (!squares) wide.push(shape)
    for (const key of squares ?? []) {
      const held = grid.get(key)
      if (held) held.push(shape)
      else grid.set(key, [shape])
    }
  }
  return {
    marginMetres,
    shapes,
    near: (from, to) => {
      const way = shortWay(to.lon - from.lon)
      const squares = squaresOf({
        south: Math.min(from.lat, to.lat),
        north: Math.max(from.lat, to.lat),
        west: way < 0 ? from.lon + way : from.lon,
        width: Math.abs(way),
      })
      if (!squares) return all
      const [only] = squares
      if (squares.length === 1 && only !== undefined && wide.length === 0) {
        return grid.get(only) ?? []
      }
      return new Set([...wide, ...squares.flatMap((key) => grid.get(key) ?? [])])
    },
  }
}

type Extent = { south: number; north: number; west: number; width: number }

/** Squares that an extent touches, by number; null when they are too many. */
const squaresOf = ({ south, north, west, width }: Extent): number[] | null => {
  const [bottom, top] = [Math.floor(south / square), Math.floor(north / square)]
  const [left, right] = [Math.floor(west / square), Math.floor((west + width) / square)]
  if ((top - bottom + 1) * (right - left + 1) > mostSquares) return null
  const squares: number[] = []
  for (let row = bottom; row <= top; row++) {
    for (let column = left; column <= right; column++) {
      squares.push(row * columns + (((column % columns) + columns) % columns))
    }
  }
  return squares
}
