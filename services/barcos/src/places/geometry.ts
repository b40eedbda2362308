import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'

/** Positions of all rings of a polygon, or of a line, at most. */
export const mostVertices = 500

/** A polygon of less is taken for a slip of the hand; square metres. */
const leastArea = 1

/** Length of a degree of latitude: 60 nautical miles. */
const metresPerDegree = 60 * 1_852

/** Longitude, latitude; degrees, WGS 84. */
type Position = number[]
type Ring = Position[]

/** The shapes of GeoJSON (RFC 7946) that places of a port have. */
export type Geometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'LineString'; coordinates: Position[] }
  | { type: 'Polygon'; coordinates: Ring[] }

/**
 * Everything that is wrong with a shape: positions that are not on the globe, rings that are not
 * closed, cross themselves or enclose nothing (RFC 7946 §3.1.6), too many positions. Which way a ring
 * turns is no fault: see `rightHanded`. Of two positions more than half a turn of longitude apart the
 * shorter way over the antimeridian is meant.
 *
 * @param pointer JSON pointer of the shape
 */
export const geometryFaults = (geometry: Geometry, pointer: string): Fault[] => {
  const at = `${pointer}/coordinates`
  if (geometry.type === 'Point') return positionFaults(geometry.coordinates, at)
  const lines = geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates
  const vertices = lines.reduce((sum, line) => sum + line.length, 0)
  const pointerOf = (n: number) => (geometry.type === 'LineString' ? at : `${at}/${n}`)
  if (vertices > mostVertices) return [{ pointer: at, detail: tooMany(vertices) }]
  const faults = lines.flatMap((line, n) =>
    line.flatMap((position, m) => positionFaults(position, `${pointerOf(n)}/${m}`)),
  )
  if (faults.length > 0) return faults
  return lines.flatMap((line, n) => {
    const fault = geometry.type === 'LineString' ? lineFault(line) : ringFault(line)
    return fault === null ? [] : [{ pointer: pointerOf(n), detail: fault }]
  })
}

/**
 * A shape without faults with its outline anticlockwise and its holes clockwise, as RFC 7946 §3.1.6
 * wants them written and lets readers expect them.
 */
export const rightHanded = <G extends Geometry>(geometry: G): G => {
  if (geometry.type !== 'Polygon') return geometry
  return {
    ...geometry,
    coordinates: geometry.coordinates.map((ring, n) =>
      areaOf(onPlane(ring)) > 0 === (n === 0) ? ring : ring.toReversed(),
    ),
  }
}

const positionFaults = ([longitude = NaN, latitude = NaN]: Position, pointer: string): Fault[] => [
  ...(Math.abs(longitude) <= 180
    ? []
    : [
        {
          pointer: `${pointer}/0`,
          detail: {
            en: 'longitude must be from -180 to 180',
            es: 'la longitud debe estar entre -180 y 180',
          },
        },
      ]),
  ...(Math.abs(latitude) <= 90
    ? []
    : [
        {
          pointer: `${pointer}/1`,
          detail: {
            en: 'latitude must be from -90 to 90',
            es: 'la latitud debe estar entre -90 y 90',
          },
        },
      ]),
]

const tooMany = (vertices: number): Text => ({
  en: `must have ${mostVertices} positions at most, has ${vertices}`,
  es: `debe tener ${mostVertices} posiciones como máximo, tiene ${vertices}`,
})

const lineFault = (line: readonly Position[]): Text | null =>
  line.every(([longitude, latitude]) => longitude === line[0]?.[0] && latitude === line[0]?.[1])
    ? { en: 'must have a length', es: 'debe tener longitud' }
    : null

const ringFault = (ring: Ring): Text | null => {
  const [first, last] = [ring[0], ring.at(-1)]
  if (first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) {
    return {
      en: 'must be closed: the last position is the first again',
      es: 'debe estar cerrado: la última posición repite la primera',
    }
  }
  const points = onPlane(ring)
  const eastings = points.map(({ x }) => x)
  const [start, end] = [eastings[0] ?? 0, eastings.at(-1) ?? 0]
  const halfTurn = 180 * metresPerLongitude(ring)
  if (
    Math.abs(end - start) > halfTurn ||
    Math.max(...eastings) - Math.min(...eastings) >= halfTurn
  ) {
    return {
      en: 'must not be wider than half the globe',
      es: 'no debe ser más ancho que medio globo',
    }
  }
  if (crossesItself(points)) {
    return { en: 'must not cross itself', es: 'no debe cruzarse a sí mismo' }
  }
  return Math.abs(areaOf(points)) < leastArea
    ? { en: 'must enclose an area', es: 'debe encerrar un área' }
    : null
}

/** Metres east and north. */
type PlanePoint = { x: number; y: number }

/**
 * A ring on a plane that touches the globe at its first position. Each longitude is taken within half
 * a turn of the one before, so that a ring over the antimeridian is in one piece: from 179 to -179 are
 * two degrees, not 358.
 */
const onPlane = (ring: Ring): PlanePoint[] => {
  const [originLongitude = 0, originLatitude = 0] = ring[0] ?? []
  const scale = metresPerLongitude(ring)
  let before = originLongitude
  return ring.map(([longitude = 0, latitude = 0]) => {
    before += shorterWay(longitude - before)
    return {
      x: (before - originLongitude) * scale,
      y: (latitude - originLatitude) * metresPerDegree,
    }
  })
}

/** At a pole a degree of longitude has no length: a metre keeps what is drawn there from folding up. */
const metresPerLongitude = ([first]: Ring): number =>
  Math.max(1, metresPerDegree * Math.cos(((first?.[1] ?? 0) * Math.PI) / 180))

/** A difference of longitude by the shorter way round, from -180 to 180 degrees. */
const shorterWay = (degrees: number): number => degrees - 360 * Math.round(degrees / 360)

/** Square metres; positive when the ring turns anticlockwise. */
const areaOf = (points: readonly PlanePoint[]): number =>
  points.reduce((sum, point, n) => {
    const next = points[(n + 1) % points.length] ?? point
    return sum + (point.x * next.y - next.x * point.y) / 2
  }, 0)

/** Whether two edges of a closed ring that are not neighbours have a point in common. */
const crossesItself = (points: readonly PlanePoint[]): boolean => {
  // A position given twice in a row is an edge without length, and no fault.
  const corners = points.filter(({ x, y }, n) => x !== points[n - 1]?.x || y !== points[n - 1]?.y)
  const edges = corners.slice(1).map((to, n) => [corners[n] ?? to, to] as const)
  return edges.some((edge, n) =>
    edges.some(
      (other, m) => m > n + 1 && !(n === 0 && m === edges.length - 1) && meet(edge, other),
    ),
  )
}

type Edge = readonly [PlanePoint, PlanePoint]

const meet = ([a, b]: Edge, [c, d]: Edge): boolean =>
  side(a, b, c) * side(a, b, d) <= 0 &&
  side(c, d, a) * side(c, d, b) <= 0 &&
  // Of edges on one line, those that overlap.
  Math.max(Math.min(a.x, b.x), Math.min(c.x, d.x)) <=
    Math.min(Math.max(a.x, b.x), Math.max(c.x, d.x)) &&
  Math.max(Math.min(a.y, b.y), Math.min(c.y, d.y)) <=
    Math.min(Math.max(a.y, b.y), Math.max(c.y, d.y))

/** On which side of the line through `a` and `b` a point lies: -1 or 1, 0 on it. */
const side = (a: PlanePoint, b: PlanePoint, point: PlanePoint): number =>
  Math.sign((b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x))
