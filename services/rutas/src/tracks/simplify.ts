import { metresPerDegree, type Place, shortWay } from '../geography/geodesy.ts'

const radians = Math.PI / 180

/**
 * The numbers of the places of a line that are needed to draw it, the first and the last among them: no
 * place that is left out lies further from the line than a tolerance in metres (Douglas and Peucker,
 * 1973). Takes time with the square of the number of places at worst.
 */
export const simplifiedLine = (places: readonly Place[], toleranceMetres: number): number[] => {
  if (places.length === 0) return []
  const plane = places.map((place) => onPlane(place, places[0] ?? place))
  const kept = new Set([0, places.length - 1])
  const stretches: [first: number, last: number][] = [[0, places.length - 1]]
  for (let stretch = stretches.pop(); stretch; stretch = stretches.pop()) {
    const [first, last] = stretch
    let farthest = -1
    let most = toleranceMetres
    for (let n = first + 1; n < last; n += 1) {
      const distance = distanceToSegment(plane[n], [plane[first], plane[last]])
      if (distance <= most) continue
      most = distance
      farthest = n
    }
    if (farthest === -1) continue
    kept.add(farthest)
    stretches.push([first, farthest], [farthest, last])
  }
  return [...kept].toSorted((a, b) => a - b)
}

type Point = { x: number; y: number }

/** Metres east and north of an origin; exact enough for a stretch of some hundred kilometres. */
const onPlane = ({ lat, lon }: Place, origin: Place): Point => ({
  x: shortWay(lon - origin.lon) * metresPerDegree * Math.cos(((lat + origin.lat) / 2) * radians),
  y: (lat - origin.lat) * metresPerDegree,
})

const nowhere: Point = { x: 0, y: 0 }

const distanceToSegment = (
  point: Point = nowhere,
  [from = nowhere, to = nowhere]: readonly [Point | undefined, Point | undefined],
): number => {
  const way = { x: to.x - from.x, y: to.y - from.y }
  const length = way.x * way.x + way.y * way.y
  const along = (point.x - from.x) * way.x + (point.y - from.y) * way.y
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, along / length))
  return Math.hypot(point.x - from.x - share * way.x, point.y - from.y - share * way.y)
}
