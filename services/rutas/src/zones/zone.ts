import type { Text } from '@porttrack/shared/http/language'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import { metresPerDegree, normalLongitude, type Place, shortWay } from '../geography/geodesy.ts'
import type { Zone, ZoneInput } from './zone.schema.ts'

/** Vertices of all rings of a polygon together, at most. */
const mostVertices = 1_000

/** Metres by which lines that cross do so: less is a touch, or an error of arithmetic. */
const touching = 0.01

/** A polygon of less is taken for a slip of the hand, in square metres. */
const leastArea = 1

type Geometry = Zone['geometry']
type Ring = readonly (readonly number[])[]
type Fault = { pointer: string; detail: Text }

/** Everything that is wrong with a zone: its shape, and the country of its port. */
export const zoneFaults = (zone: ZoneInput): Fault[] => {
  const place = zone.UNLocationCode ? unLocationCodeFault(zone.UNLocationCode) : null
  return [
    ...shapeFaults(zone),
    ...(place === null ? [] : [{ pointer: '#/UNLocationCode', detail: place }]),
  ]
}

/**
 * Everything that is wrong with the shape of a zone: radius, coordinates, rings (RFC 7946 §3.1.6:
 * closed, four positions at least), number of vertices, area, extent, and the kind of a line.
 */
const shapeFaults = ({ geometry, radiusMetres = null, kind }: ZoneInput): Fault[] => {
  if (geometry.type === 'Point') {
    return [
      ...coordinateFaults(geometry.coordinates, '#/geometry/coordinates'),
      ...(radiusMetres === null
        ? [
            {
              pointer: '#/radiusMetres',
              detail: {
                en: 'is needed with a Point: the zone is a circle',
                es: 'hace falta con un Point: la zona es un círculo',
              },
            },
          ]
        : []),
    ]
  }
  const radiusFaults = radiusMetres === null ? [] : [radiusWithoutPoint]
  if (geometry.type === 'LineString') {
    const places = geometry.coordinates.flatMap((place, n) =>
      coordinateFaults(place, `#/geometry/coordinates/${n}`),
    )
    const faults = [...radiusFaults, ...(kind === 'custom' ? [] : [kindOfLine]), ...places]
    return faults.length > 0 ? faults : lineFaults(geometry.coordinates)
  }
  const rings = geometry.coordinates
  const vertices = rings.reduce((sum, ring) => sum + ring.length, 0)
  const faults = [
    ...radiusFaults,
    ...(vertices > mostVertices
      ? [
          {
            pointer: '#/geometry/coordinates',
            detail: {
              en: `must have ${mostVertices} vertices at most, has ${vertices}`,
              es: `debe tener ${mostVertices} vértices como máximo y tiene ${vertices}`,
            },
          },
        ]
      : []),
    ...rings.flatMap((ring, n) =>
      ring.flatMap((place, m) => coordinateFaults(place, `#/geometry/coordinates/${n}/${m}`)),
    ),
  ]
  if (faults.length > 0) return faults
  const ofRings = rings.flatMap((ring, n) => ringFaults(ring, `#/geometry/coordinates/${n}`))
  return ofRings.length > 0 ? ofRings : tangleFaults(outlineOf(geometry, 0))
}

const tangles = {
  itself: { en: 'must not cross itself', es: 'no debe cruzarse a sí mismo' },
  another: { en: 'must not cross another ring', es: 'no debe cruzar otro anillo' },
  outside: {
    en: 'must lie within the first ring, as a hole in it',
    es: 'debe estar dentro del primer anillo, como un hueco en él',
  },
} satisfies Record<string, Text>

/** Rings that cross themselves or each other, and holes that lie outside. */
const tangleFaults = ({ rings }: Outline): Fault[] => {
  const outer = { rings: rings.slice(0, 1), radius: 0, isLine: false }
  return rings.flatMap((ring, n): Fault[] => {
    const pointer = `#/geometry/coordinates/${n}`
    if (edgesCross(ring, ring)) return [{ pointer, detail: tangles.itself }]
    if (rings.slice(0, n).some((before) => edgesCross(ring, before))) {
      return [{ pointer, detail: tangles.another }]
    }
    const points = Array.from({ length: ring.length / 2 }, (_, m) => ({
      x: ring[2 * m] ?? 0,
      y: ring[2 * m + 1] ?? 0,
    }))
    const isHole = points.every(
      (point) => inside(outer, point) || borderDistance(outer, point) <= touching,
    )
    return n === 0 || isHole ? [] : [{ pointer, detail: tangles.outside }]
  })
}

const radiusWithoutPoint: Fault = {
  pointer: '#/radiusMetres',
  detail: {
    en: 'is only for a Point, the centre of a circle',
    es: 'es solo para un Point, el centro de un círculo',
  },
}

const kindOfLine: Fault = {
  pointer: '#/kind',
  detail: {
    en: 'must be custom for a line, which is crossed and not entered',
    es: 'debe ser custom para una línea, que se cruza y en la que no se entra',
  },
}

const lineFaults = (line: Ring): Fault[] => {
  const places = unroll(line)
  const lons = places.map(({ lon }) => lon)
  const wide = Math.max(...lons) - Math.min(...lons)
  const pointer = '#/geometry/coordinates'
  if (wide >= 180) return [{ pointer, detail: widerThanHalf }]
  const [first] = places
  const apart = places.some(({ lat, lon }) => lat !== first?.lat || lon !== first.lon)
  return apart
    ? []
    : [{ pointer, detail: { en: 'must have a length', es: 'debe tener una longitud' } }]
}

const widerThanHalf: Text = {
  en: 'must not be wider than half the globe',
  es: 'no debe ser más ancho que medio globo',
}

const coordinateFaults = ([lon = NaN, lat = NaN]: readonly number[], pointer: string): Fault[] => [
  ...(Math.abs(lon) <= 180
    ? []
    : [
        {
          pointer: `${pointer}/0`,
          detail: { en: 'longitude must be from -180 to 180', es: 'la longitud va de -180 a 180' },
        },
      ]),
  ...(Math.abs(lat) <= 90
    ? []
    : [
        {
          pointer: `${pointer}/1`,
          detail: { en: 'latitude must be from -90 to 90', es: 'la latitud va de -90 a 90' },
        },
      ]),
]

const ringFaults = (ring: Ring, pointer: string): Fault[] => {
  const [first, last] = [ring[0], ring.at(-1)]
  if (first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) {
    return [
      {
        pointer,
        detail: {
          en: 'must be closed: the last position is the first again',
          es: 'debe cerrarse: la última posición es la primera otra vez',
        },
      },
    ]
  }
  const places = unroll(ring)
  const start = places[0]
  const end = places.at(-1)
  if (!start || !end) return []
  if (Math.abs(end.lon - start.lon) > 1) {
    return [
      {
        pointer,
        detail: { en: 'must not go round the globe', es: 'no debe dar la vuelta al globo' },
      },
    ]
  }
  const lons = places.map(({ lon }) => lon)
  if (Math.max(...lons) - Math.min(...lons) >= 180) {
    return [{ pointer, detail: widerThanHalf }]
  }
  return Math.abs(areaOf(places)) < leastArea
    ? [{ pointer, detail: { en: 'must enclose an area', es: 'debe encerrar una superficie' } }]
    : []
}

/**
 * The positions of a ring with each longitude within half a turn of the one before, so that a ring
 * over the antimeridian is in one piece: from 179 to -179 are two degrees, not 358.
 */
const unroll = (ring: Ring): Place[] => {
  let before: number | null = null
  return ring.map(([lon = 0, lat = 0]) => {
    before = before === null ? lon : before + shortWay(lon - before)
    return { lat, lon: before }
  })
}

/** Square metres on a plane that touches the ring; its sign tells the direction. */
const areaOf = (places: readonly Place[]): number => {
  const origin = places[0]
  if (!origin) return 0
  const narrowing = Math.cos((origin.lat * Math.PI) / 180)
  const sum = places.reduce((total, { lat, lon }, n) => {
    const next = places[(n + 1) % places.length] ?? origin
    return (
      total +
      (lon - origin.lon) * (next.lat - origin.lat) -
      (next.lon - origin.lon) * (lat - origin.lat)
    )
  }, 0)
  return (sum / 2) * narrowing * metresPerDegree * metresPerDegree
}

/**
 * A zone on a plane of its own, metres east and north of its centre: quick to ask, and straight in
 * longitude and latitude as GeoJSON wants its edges (RFC 7946 §3.1.1).
 */
export type ZoneShape = {
  readonly zone: Zone
  readonly centre: Place
  /** Metres a degree of longitude at the centre's latitude. */
  readonly metresPerLongitude: number
  /** Whether it is a line: it has no inside. */
  readonly isLine: boolean
  /** x, y in turn, of a ring the first position again at the end; none for a circle. */
  readonly rings: readonly Float64Array[]
  /** Metres; 0 for a polygon. */
  readonly radius: number
  /** Half the extent in degrees. */
  readonly halfWidth: number
  readonly halfHeight: number
}

type Outline = Omit<ZoneShape, 'zone'>

/** Prepares a zone of valid shape for `inside`, `borderDistance` and `crossings`. */
export const shapeOf = (zone: Zone): ZoneShape => ({
  zone,
  ...outlineOf(zone.geometry, zone.radiusMetres ?? 0),
})

const outlineOf = (geometry: Geometry, radius: number): Outline => {
  const rings = ringsOf(geometry)
  const places = geometry.type === 'Point' ? [pointOf(geometry)] : unroll(rings[0] ?? [])
  const lats = places.map(({ lat }) => lat)
  const lons = places.map(({ lon }) => lon)
  const [south, north] = [Math.min(...lats), Math.max(...lats)]
  const [west, east] = [Math.min(...lons), Math.max(...lons)]
  const middle = { lat: (south + north) / 2, lon: (west + east) / 2 }
  const centre = { lat: middle.lat, lon: normalLongitude(middle.lon) }
  const metresPerLongitude = Math.max(1, metresPerDegree * Math.cos((centre.lat * Math.PI) / 180))
  return {
    centre,
    metresPerLongitude,
    isLine: geometry.type === 'LineString',
    rings: rings.map((ring) => {
      const points = unroll(ring)
      // A hole may begin on the other side of the antimeridian than the outer ring.
      const shift = Math.round((middle.lon - (points[0]?.lon ?? 0)) / 360) * 360
      return Float64Array.from(
        points.flatMap(({ lat, lon }) => [
          (lon + shift - middle.lon) * metresPerLongitude,
          (lat - middle.lat) * metresPerDegree,
        ]),
      )
    }),
    radius,
    halfWidth: (east - west) / 2 + radius / metresPerLongitude,
    halfHeight: (north - south) / 2 + radius / metresPerDegree,
  }
}

const pointOf = ({ coordinates: [lon = 0, lat = 0] }: Extract<Geometry, { type: 'Point' }>) => ({
  lat,
  lon,
})

const ringsOf = (geometry: Geometry): readonly Ring[] => {
  if (geometry.type === 'Point') return []
  return geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates
}

/** Metres east and north of a shape's centre. */
export type PlanePoint = { x: number; y: number }

/** Where a place lies on the plane of a shape. */
export const onPlane = (shape: ZoneShape, { lat, lon }: Place): PlanePoint => ({
  x: shortWay(lon - shape.centre.lon) * shape.metresPerLongitude,
  y: (lat - shape.centre.lat) * metresPerDegree,
})

/** Whether a point lies in a shape; holes are outside, and nothing is inside a line. */
export const inside = (
  { rings, radius, isLine }: Pick<ZoneShape, 'rings' | 'radius' | 'isLine'>,
  { x, y }: PlanePoint,
): boolean => {
  if (isLine) return false
  if (radius > 0) return x * x + y * y <= radius * radius
  let odd = false
  for (const ring of rings) {
    for (let n = 0; n + 3 < ring.length; n += 2) {
      const [x1, y1, x2, y2] = edge(ring, n)
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) odd = !odd
    }
  }
  return odd
}

/** Metres from a point to the nearest place on the border of a shape. */
export const borderDistance = (
  { rings, radius }: Pick<ZoneShape, 'rings' | 'radius'>,
  { x, y }: PlanePoint,
): number => {
  if (radius > 0) return Math.abs(Math.hypot(x, y) - radius)
  let nearest = Infinity
  for (const ring of rings) {
    for (let n = 0; n + 3 < ring.length; n += 2) {
      const [x1, y1, x2, y2] = edge(ring, n)
      const [dx, dy] = [x2 - x1, y2 - y1]
      const square = dx * dx + dy * dy
      const along = square === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / square
      const t = Math.min(1, Math.max(0, along))
      nearest = Math.min(nearest, Math.hypot(x - x1 - t * dx, y - y1 - t * dy))
    }
  }
  return nearest
}

/** Left is where 1 is, looking along a line from its first position to its last. */
export type Side = 1 | -1

/** The side of a line that a point lies on, by the stretch of the line that is nearest to it. */
export const sideOf = ({ rings }: ZoneShape, { x, y }: PlanePoint): Side => {
  let nearest = Infinity
  let side: Side = 1
  for (const line of rings) {
    for (let n = 0; n + 3 < line.length; n += 2) {
      const [x1, y1, x2, y2] = edge(line, n)
      const [dx, dy] = [x2 - x1, y2 - y1]
      const square = dx * dx + dy * dy
      if (square === 0) continue
      const t = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / square))
      const distance = Math.hypot(x - x1 - t * dx, y - y1 - t * dy)
      const turn = dx * (y - y1) - dy * (x - x1)
      // At a corner two stretches are equally near: the one whose line is farther off decides.
      const away = distance - (1e-9 * Math.abs(turn)) / Math.sqrt(square)
      if (away >= nearest) continue
      nearest = away
      side = turn >= 0 ? 1 : -1
    }
  }
  return side
}

/**
 * Where the straight way from `from` to `to` meets the border of a shape: shares of the way, 0 to 1,
 * in order.
 */
export const crossings = (shape: ZoneShape, from: PlanePoint, to: PlanePoint): number[] => {
  const shares =
    shape.radius > 0 ? circleCrossings(shape.radius, from, to) : ringCrossings(shape, from, to)
  return shares.filter((t) => t > 0 && t < 1).toSorted((a, b) => a - b)
}

const circleCrossings = (radius: number, from: PlanePoint, to: PlanePoint): number[] => {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const a = dx * dx + dy * dy
  if (a === 0) return []
  const half = from.x * dx + from.y * dy
  const square = half * half - a * (from.x * from.x + from.y * from.y - radius * radius)
  // A tangent touches and does not cross.
  if (square <= 0) return []
  const root = Math.sqrt(square)
  return [(-half - root) / a, (-half + root) / a]
}

/**
 * An edge is crossed where its ends lie on different sides of the way. A corner's side is told alike for
 * both of its edges, so that a way through a corner crosses one of them, however numbers are rounded.
 */
const ringCrossings = ({ rings }: ZoneShape, from: PlanePoint, to: PlanePoint): number[] => {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const square = dx * dx + dy * dy
  const sideOf = (x: number, y: number): number => (x - from.x) * dy - (y - from.y) * dx
  const shares: number[] = []
  for (const ring of rings) {
    for (let n = 0; n + 3 < ring.length; n += 2) {
      const [x1, y1, x2, y2] = edge(ring, n)
      const [side, other] = [sideOf(x1, y1), sideOf(x2, y2)]
      if (side >= 0 === other >= 0) continue
      const along = side / (side - other)
      const [x, y] = [x1 + along * (x2 - x1), y1 + along * (y2 - y1)]
      shares.push(((x - from.x) * dx + (y - from.y) * dy) / square)
    }
  }
  return shares
}

/** Whether an edge of one ring goes through an edge of the other. */
const edgesCross = (one: Float64Array, other: Float64Array): boolean => {
  for (let n = 0; n + 3 < one.length; n += 2) {
    const a = edge(one, n)
    for (let m = 0; m + 3 < other.length; m += 2) {
      const b = edge(other, m)
      if (liesOnBothSides(a, b) && liesOnBothSides(b, a)) return true
    }
  }
  return false
}

type Edge = readonly [x1: number, y1: number, x2: number, y2: number]

/** Whether the ends of an edge lie on different sides of the line through another. */
const liesOnBothSides = ([ax, ay, bx, by]: Edge, [x1, y1, x2, y2]: Edge): boolean => {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const least = touching * Math.hypot(dx, dy)
  const first = dx * (ay - y1) - dy * (ax - x1)
  const second = dx * (by - y1) - dy * (bx - x1)
  return Math.min(first, second) < -least && Math.max(first, second) > least
}

const edge = (ring: Float64Array, n: number): [number, number, number, number] => [
  ring[n] ?? 0,
  ring[n + 1] ?? 0,
  ring[n + 2] ?? 0,
  ring[n + 3] ?? 0,
]

/** Whether the way between two places comes near the box around a shape: cheap, and never wrong by no. */
export const comesNear = (
  shape: ZoneShape,
  { from, to, marginMetres }: { from: Place; to: Place; marginMetres: number },
): boolean => {
  const margin = marginMetres / metresPerDegree
  const south = Math.min(from.lat, to.lat) - margin
  const north = Math.max(from.lat, to.lat) + margin
  if (south > shape.centre.lat + shape.halfHeight) return false
  if (north < shape.centre.lat - shape.halfHeight) return false
  const half = shortWay(to.lon - from.lon) / 2
  const reach = shape.halfWidth + Math.abs(half) + marginMetres / shape.metresPerLongitude
  return Math.abs(shortWay(from.lon + half - shape.centre.lon)) <= reach
}
