import FlatQueue from 'flatqueue'
import { angleBetween, dot, type Vector } from '../geography/sphere.ts'
import { gatesCrossed } from './gates.ts'
import { nauticalMiles, type SeaNetwork } from './sea-network.ts'

/** Degrees around a place within which waypoints are looked for first, then farther and farther. */
const reaches = [6, 15, 60, 180]

/**
 * The shortest way over sea between two places that lie in the sea, by the points where it bends; null
 * when closed passages leave none. `closed` are bits of passages.
 *
 * A search of the network by length so far and great circle still to go (A*), whose result is then
 * pulled straight: 2 to 20 ms, and some hundred kB while it runs.
 */
export const shortestWay = (
  network: SeaNetwork,
  { from, to, closed }: { from: Vector; to: Vector; closed: number },
): Vector[] | null => {
  const { chart, waypoints } = network
  const isOpen = (a: Vector, b: Vector): boolean =>
    (gatesCrossed(a, b) & closed) === 0 && chart.isClear(a, b)
  if (isOpen(from, to)) return [from, to]

  const last = waypointsInSight(network, to, isOpen)
  const lengths = new Float64Array(waypoints.length).fill(Infinity)
  const before = new Int32Array(waypoints.length).fill(-1)
  const queue = new FlatQueue()
  const reach = (waypoint: number, length: number, previous: number): void => {
    if (length >= (lengths[waypoint] ?? 0)) return
    lengths[waypoint] = length
    before[waypoint] = previous
    const place = waypoints[waypoint]
    if (place) queue.push(waypoint, length + nauticalMiles(angleBetween(place, to)))
  }
  for (const [waypoint, length] of waypointsInSight(network, from, isOpen)) {
    reach(waypoint, length, -1)
  }

  let arrival = -1
  let shortest = Infinity
  while (queue.length > 0) {
    const least = queue.peekValue() ?? Infinity
    const waypoint = queue.pop() ?? 0
    if (least >= shortest) break
    const length = lengths[waypoint] ?? 0
    const rest = last.get(waypoint)
    if (rest !== undefined && length + rest < shortest) {
      shortest = length + rest
      arrival = waypoint
    }
    const end = network.begins[waypoint + 1] ?? 0
    for (let line = network.begins[waypoint] ?? 0; line < end; line += 1) {
      if (((network.passages[line] ?? 0) & closed) !== 0) continue
      reach(network.ends[line] ?? 0, length + (network.lengths[line] ?? 0), waypoint)
    }
  }
  if (arrival === -1) return null

  const way = [to]
  for (let waypoint = arrival; waypoint !== -1; waypoint = before[waypoint] ?? -1) {
    const place = waypoints[waypoint]
    if (place) way.unshift(place)
  }
  return pulledStraight([from, ...way], isOpen)
}

type IsOpen = (a: Vector, b: Vector) => boolean

/** Waypoints that can be sailed to straight, with their distances in nautical miles. */
const waypointsInSight = (
  { waypoints }: SeaNetwork,
  place: Vector,
  isOpen: IsOpen,
): Map<number, number> => {
  for (const degrees of reaches) {
    const cosine = Math.cos((degrees * Math.PI) / 180)
    const seen = new Map<number, number>()
    for (const [n, waypoint] of waypoints.entries()) {
      if (dot(place, waypoint) < cosine || !isOpen(place, waypoint)) continue
      seen.set(n, nauticalMiles(angleBetween(place, waypoint)))
    }
    if (seen.size > 0) return seen
  }
  return new Map()
}

/** The same way without bends that it does not need. */
const pulledStraight = (way: readonly Vector[], isOpen: IsOpen): Vector[] => {
  let kept = [...way]
  for (let before = 0; before !== kept.length;) {
    before = kept.length
    const pulled: Vector[] = []
    for (const [n, place] of kept.entries()) {
      const previous = pulled.at(-1)
      const next = kept[n + 1]
      if (!previous || !next || !isOpen(previous, next)) pulled.push(place)
    }
    kept = pulled
  }
  return kept
}
