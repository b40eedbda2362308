import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { feature } from 'topojson-client'
import {
  distanceMetres,
  metresPerNauticalMile,
  type Place,
  shortWay,
} from '../src/geography/geodesy.ts'

type Segment = { from: Place; to: Place }
/** Stretches of the coast by the degrees of longitude that they touch, 0 to 359. */
type Coast = readonly (readonly Segment[])[]

/** The coast at 1 : 50 million: another drawing than the one that sea routes are made of. */
export const readCoast = async (): Promise<Coast> => {
  const file = fileURLToPath(import.meta.resolve('world-atlas/land-50m.json'))
  const topology = JSON.parse(await readFile(file, 'utf8')) as Parameters<typeof feature>[0]
  const land = topology.objects['land']
  if (!land) throw new Error('the atlas has no land')
  const found = feature(topology, land)
  const features = found.type === 'FeatureCollection' ? found.features : [found]
  const coast = Array.from({ length: 360 }, (): Segment[] => [])
  for (const { geometry } of features) {
    if (geometry.type !== 'MultiPolygon') continue
    for (const ring of geometry.coordinates.flat()) {
      for (let n = 1; n < ring.length; n += 1) {
        const [lon = 0, lat = 0] = ring[n - 1] ?? []
        const [toLon = 0, toLat = 0] = ring[n] ?? []
        const segment = { from: { lat, lon }, to: { lat: toLat, lon: toLon } }
        for (const degree of degreesOf(segment)) coast[degree]?.push(segment)
      }
    }
  }
  return coast
}

const degreesOf = ({ from, to }: Segment): number[] => {
  const far = from.lon + shortWay(to.lon - from.lon)
  const first = Math.floor(Math.min(from.lon, far))
  const count = Math.floor(Math.max(from.lon, far)) - first + 1
  return Array.from({ length: count }, (_, n) => (first + n + 720) % 360)
}

/** How far inland a place lies, in nautical miles to the nearest corner of the coast; 0 at sea. */
export const landDepth = (coast: Coast, place: Place): number => {
  const degree = (Math.floor(place.lon) + 360) % 360
  // Along the meridian up to the north pole, which lies in the sea.
  const crossed = (coast[degree] ?? []).filter(({ from, to }) => {
    const a = shortWay(from.lon - place.lon)
    const b = a + shortWay(to.lon - from.lon)
    return a > 0 !== b > 0 && from.lat + (a / (a - b)) * (to.lat - from.lat) > place.lat
  })
  if (crossed.length % 2 === 0) return 0
  const near = [-1, 0, 1].flatMap((beside) => coast[(degree + beside + 360) % 360] ?? [])
  const distances = near
    .filter(({ from }) => Math.abs(from.lat - place.lat) < 1)
    .map(({ from }) => distanceMetres(place, from) / metresPerNauticalMile)
  return Math.min(...distances)
}
