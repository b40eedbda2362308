import type { Text } from '@porttrack/shared/http/language'
import { metresPerDegree, normalLongitude, type Place } from './geodesy.ts'

/** Degrees; with `west` over `east` the box crosses the antimeridian. */
export type BoundingBox = { west: number; south: number; east: number; north: number }

/**
 * Reads `west,south,east,north` (GeoJSON's order, RFC 7946 §5).
 *
 * @returns the box, or every fault of the text
 */
export const readBoundingBox = (text: string): BoundingBox | { faults: Text[] } => {
  const parts = text.split(',')
  if (parts.length !== 4)
    return {
      faults: [
        {
          en: 'must be four numbers: west,south,east,north',
          es: 'deben ser cuatro números: oeste,sur,este,norte',
        },
      ],
    }
  const [west = NaN, south = NaN, east = NaN, north = NaN] = parts.map(numberOf)
  const faults = [
    ...degreesFault({ en: 'west', es: 'el oeste' }, west, 180),
    ...degreesFault({ en: 'south', es: 'el sur' }, south, 90),
    ...degreesFault({ en: 'east', es: 'el este' }, east, 180),
    ...degreesFault({ en: 'north', es: 'el norte' }, north, 90),
    ...(south > north
      ? [{ en: 'south must not be over north', es: 'el sur no debe estar sobre el norte' }]
      : []),
  ]
  return faults.length > 0 ? { faults } : { west, south, east, north }
}

const numberOf = (text: string): number =>
  /^[+-]?\d{1,3}(?:\.\d{1,15})?$/.test(text.trim()) ? Number(text) : NaN

const degreesFault = ({ en, es }: Text, value: number, limit: number): Text[] => {
  if (Number.isNaN(value)) {
    return [{ en: `${en} must be a number`, es: `${es} debe ser un número` }]
  }
  if (Math.abs(value) <= limit) return []
  const range = `${-limit} to ${limit}`
  return [{ en: `${en} must be from ${range}`, es: `${es} va de ${-limit} a ${limit}` }]
}

/** Whether a place lies in a box, or on its border. */
export const isInBox = (
  { lat, lon }: Place,
  { west, south, east, north }: BoundingBox,
): boolean => {
  if (lat < south || lat > north) return false
  return west <= east ? lon >= west && lon <= east : lon >= west || lon <= east
}

/** A box that holds every place within some metres of another, over the antimeridian or a pole too. */
export const boxAround = ({ lat, lon }: Place, metres: number): BoundingBox => {
  const high = metres / metresPerDegree
  const south = Math.max(-90, lat - high)
  const north = Math.min(90, lat + high)
  const round = Math.cos((Math.max(Math.abs(lat - high), Math.abs(lat + high)) * Math.PI) / 180)
  // A great circle bulges, so the box is a little wider than its parallels ask for.
  const wide = (1.01 * high) / round
  if (Math.abs(lat) + high >= 89 || wide >= 179) return { west: -180, south, east: 180, north }
  return { west: normalLongitude(lon - wide), south, east: normalLongitude(lon + wide), north }
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
