import { distanceMetres, type Place } from '../geography/geodesy.ts'
import type { Vector } from '../geography/sphere.ts'

/** Cells of the chart in a degree: each is three minutes of latitude and longitude. */
export const cellsPerDegree = 20
export const columns = 360 * cellsPerDegree
export const rows = 180 * cellsPerDegree

/** The cell that a place lies in: rows from the south pole up, each from 180° W to the east. */
export const cellAt = ({ lat, lon }: Place): number => {
  const row = Math.min(rows - 1, Math.floor((lat + 90) * cellsPerDegree))
  const column = Math.floor((lon + 180) * cellsPerDegree) % columns
  return row * columns + column
}

/** The middle of a cell. */
export const middleOf = (cell: number): Place => ({
  lat: (Math.floor(cell / columns) + 0.5) / cellsPerDegree - 90,
  lon: ((cell % columns) + 0.5) / cellsPerDegree - 180,
})

/** The cell some columns east and rows north of another, over the antimeridian too; null past a pole. */
export const cellBeside = (cell: number, east: number, north: number): number | null => {
  const row = Math.floor(cell / columns) + north
  if (row < 0 || row >= rows) return null
  return row * columns + (((cell % columns) + east + columns) % columns)
}

const degree = Math.PI / 180

/**
 * Where ships can sail, by cells of which one bit each says that it is land, at least in part.
 * Memory: 3.2 MB, and 0.5 MB for what is derived from it.
 */
export const seaChart = (land: Uint8Array) => {
  const isLand = (cell: number): boolean => (((land[cell >> 3] ?? 0xff) >> (cell & 7)) & 1) === 1
  const strides = stridesOf(isLand)

  return {
    isSea: (place: Place): boolean => !isLand(cellAt(place)),

    /**
     * Whether a ship can sail straight from one place to another, on the great circle. It is looked at
     * every 0.4 of a cell near land, and far from it no more often than land can lie in between; at
     * the same places there and back.
     */
    isClear: (a: Vector, b: Vector): boolean => {
      const [from, to] = a[2] < b[2] || (a[2] === b[2] && a[0] < b[0]) ? [a, b] : [b, a]
      const cosine = from[0] * to[0] + from[1] * to[1] + from[2] * to[2]
      const angle = Math.acos(Math.min(1, Math.max(-1, cosine)))
      const sine = Math.sin(angle)
      if (sine < 1e-12) return true
      // The direction at `from`, as a unit vector.
      const x = (to[0] - from[0] * cosine) / sine
      const y = (to[1] - from[1] * cosine) / sine
      const z = (to[2] - from[2] * cosine) / sine
      for (let gone = 0; gone < angle;) {
        const along = Math.cos(gone)
        const aside = Math.sin(gone)
        const lat = Math.asin(Math.min(1, Math.max(-1, from[2] * along + z * aside))) / degree
        const lon = Math.atan2(from[1] * along + y * aside, from[0] * along + x * aside) / degree
        if (isLand(cellAt({ lat, lon }))) return false
        gone += strides[squareAt(lat, lon)] ?? 0
      }
      return true
    },

    /** The middles of the sea cells within some metres of a place, the nearest first. */
    seasAround: (place: Place, withinMetres: number): Place[] => {
      const centre = cellAt(place)
      const cellMetres = distanceMetres({ lat: 0, lon: 0 }, { lat: 1 / cellsPerDegree, lon: 0 })
      const high = Math.ceil(withinMetres / cellMetres)
      const wide = Math.ceil(high / Math.max(0.1, Math.cos(place.lat * degree)))
      const found: { middle: Place; metres: number }[] = []
      for (let north = -high; north <= high; north += 1) {
        for (let east = -wide; east <= wide; east += 1) {
          const cell = cellBeside(centre, east, north)
          if (cell === null || isLand(cell)) continue
          const middle = middleOf(cell)
          const metres = distanceMetres(place, middle)
          if (metres <= withinMetres) found.push({ middle, metres })
        }
      }
      return found.toSorted((a, b) => a.metres - b.metres).map(({ middle }) => middle)
    },
  }
}

export type SeaChart = ReturnType<typeof seaChart>

const squareAt = (lat: number, lon: number): number =>
  360 * Math.min(179, Math.floor(lat + 90)) + (Math.floor(lon + 180) % 360)

/** How far, in radians, one may go from anywhere in each square of one degree and not pass over land. */
const stridesOf = (isLand: (cell: number) => boolean): Float64Array => {
  const rings = ringsOfSea(isLand)
  return Float64Array.from(rings, (ring, square) => {
    const south = Math.floor(square / 360) - 90
    const steepest = Math.cos(Math.max(Math.abs(south - ring), Math.abs(south + 1 + ring)) * degree)
    const cell = 0.4 / cellsPerDegree
    const narrowest = Math.cos(Math.max(Math.abs(south), Math.abs(south + 1)) * degree)
    return degree * Math.max(cell * Math.max(0.05, narrowest), ring * steepest)
  })
}

/** How many rings of squares without land lie around each square of one degree; 0 at land. */
const ringsOfSea = (isLand: (cell: number) => boolean): Int16Array => {
  const distance = new Int16Array(360 * 180).fill(-1)
  let edge: number[] = []
  for (let square = 0; square < distance.length; square += 1) {
    if (!holdsLand(square, isLand)) continue
    distance[square] = 0
    edge.push(square)
  }
  for (let ring = 1; edge.length > 0; ring += 1) {
    const next: number[] = []
    for (const square of edge) {
      const row = Math.floor(square / 360)
      for (const north of [-1, 0, 1]) {
        if (row + north < 0 || row + north > 179) continue
        for (const east of [-1, 0, 1]) {
          const beside = (row + north) * 360 + (((square % 360) + east + 360) % 360)
          if (distance[beside] !== -1) continue
          distance[beside] = ring
          next.push(beside)
        }
      }
    }
    edge = next
  }
  // A square at distance n has n − 1 rings of sea around itself.
  return distance.map((ring) => Math.max(0, ring - 1))
}

const holdsLand = (square: number, isLand: (cell: number) => boolean): boolean => {
  const south = Math.floor(square / 360) * cellsPerDegree
  const west = (square % 360) * cellsPerDegree
  for (let row = south; row < south + cellsPerDegree; row += 1) {
    for (let column = west; column < west + cellsPerDegree; column += 1) {
      if (isLand(row * columns + column)) return true
    }
  }
  return false
}
