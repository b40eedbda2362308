import type { Place } from './geodesy.ts'

/** Degrees; with `west` over `east` the box crosses the antimeridian. */
export type BoundingBox = { west: number; south: number; east: number; north: number }

/**
 * Reads `west,south,east,north` (GeoJSON's order, RFC 7946 §5).
 *
 * @returns the box, or every fault of the text
 */
export const readBoundingBox = (text: string): BoundingBox | { faults: string[] } => {
  const parts = text.split(',')
  if (parts.length !== 4) return { faults: ['must be four numbers: west,south,east,north'] }
  const [west = NaN, south = NaN, east = NaN, north = NaN] = parts.map(numberOf)
  const faults = [
    ...degreesFault('west', west, 180),
    ...degreesFault('south', south, 90),
    ...degreesFault('east', east, 180),
    ...degreesFault('north', north, 90),
    ...(south > north ? ['south must not be over north'] : []),
  ]
  return faults.length > 0 ? { faults } : { west, south, east, north }
}

const numberOf = (text: string): number =>
  /^[+-]?\d{1,3}(?:\.\d{1,15})?$/.test(text.trim()) ? Number(text) : NaN

const degreesFault = (name: string, value: number, limit: number): string[] => {
  if (Number.isNaN(value)) return [`${name} must be a number`]
  return Math.abs(value) > limit ? [`${name} must be from ${-limit} to ${limit}`] : []
}

/** The square of one degree that a place lies in: 360 rows from the south pole up. */
export const cellOf = ({ lat, lon }: Place): number =>
  360 * Math.floor(lat + 90) + (Math.floor(lon + 180) % 360)

/** Boxes over more squares than this are searched without them. */
const mostCells = 2_000

/** The squares a box touches; null when they are too many to be of use. */
export const cellsOf = ({ west, south, east, north }: BoundingBox): number[] | null => {
  const width = Math.floor((west > east ? east + 360 : east) + 180) - Math.floor(west + 180) + 1
  const rows = Math.floor(north + 90) - Math.floor(south + 90) + 1
  if (width * rows > mostCells) return null
  const columns = Array.from(
    { length: Math.min(width, 360) },
    (_, n) => (Math.floor(west + 180) + n) % 360,
  )
  return Array.from({ length: rows }, (_, n) => 360 * (Math.floor(south + 90) + n)).flatMap((row) =>
    columns.map((column) => row + column),
  )
}
