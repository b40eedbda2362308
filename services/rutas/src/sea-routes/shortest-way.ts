import FlatQueue from 'flatqueue'
import { angleBetween, dot, placeOf, type Vector, vectorOf } from '../geography/sphere.ts'
import { canalAt } from './canals.ts'
import { gatesCrossed } from './gates.ts'
import { cellAt, cellBeside, middleOf } from './sea-chart.ts'
import { nauticalMiles, type SeaNetwork } from './sea-network.ts'
import { wayByCells } from './way-by-cells.ts'

/** Degrees around a place within which waypoints are looked for first, then farther and farther. */
const reaches = [6, 15, 60, 180]

/**
 * Nautical miles around each end within which a way that bends is looked for by the cells of the chart
 * too: the network has few waypoints in straits and bays, and round these it makes detours.
 */
const closeTo = 250

/**
 * The shortest way over sea between two places that lie in the sea, by the points where it bends; null
 * when closed passages leave none. `closed` are bits of passages.
 *
 * A search of the network by length so far and great circle still to go (A*), whose result is then
 * pulled straight, and cut short at both ends: 2 to 50 ms, and some hundred kB while it runs.
 */
export const shortestWay = (
  network: SeaNetwork,
  { from, to, closed }: { from: Vector; to: Vector; closed: number },
): Vector[] | null => {
  const { chart } = network
  const isOpen = (a: Vector, b: Vector): boolean =>
    (gatesCrossed(a, b) & closed) === 0 && chart.isClear(a, b)
  if (isOpen(from, to)) return [from, to]

  const way =
    wayByWaypoints(network, { from, to, closed, isOpen, sight: waypointsInSight }) ??
    wayByWaypoints(network, { from, to, closed, isOpen, sight: waypointsAlmostInSight })
  if (way === null) return null
  const cut = (whole: readonly Vector[]): readonly Vector[] =>
    cutShort(whole, { isOpen, byCells: (stretch) => wayByCells(chart, { ...stretch, closed }) })
  const straight = pulledStraight(way, isOpen)
  return cut(cut(straight).toReversed()).toReversed()
}

type Search = {
  from: Vector
  to: Vector
  closed: number
  isOpen: IsOpen
  sight: (network: SeaNetwork, place: Vector, isOpen: IsOpen) => Map<number, Sight>
}

/** The shortest way by lines of the network; null where there is none. */
const wayByWaypoints = (
  network: SeaNetwork,
  { from, to, closed, isOpen, sight }: Search,
): Vector[] | null => {
  const { waypoints } = network
  const last = sight(network, to, isOpen)
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
  const first = sight(network, from, isOpen)
  for (const [waypoint, { length }] of first) reach(waypoint, length, -1)

  let arrival = -1
  let shortest = Infinity
  while (queue.length > 0) {
    const least = queue.peekValue() ?? Infinity
    const waypoint = queue.pop() ?? 0
    if (least >= shortest) break
    const length = lengths[waypoint] ?? 0
    const rest = last.get(waypoint)
    if (rest !== undefined && length + rest.length < shortest) {
      shortest = length + rest.length
      arrival = waypoint
    }
    const end = network.begins[waypoint + 1] ?? 0
    for (let line = network.begins[waypoint] ?? 0; line < end; line += 1) {
      if (((network.passages[line] ?? 0) & closed) !== 0) continue
      reach(network.ends[line] ?? 0, length + (network.lengths[line] ?? 0), waypoint)
    }
  }
  if (arrival === -1) return null

  const way = [...(last.get(arrival)?.by ?? []), to]
  for (let waypoint = arrival; ; waypoint = before[waypoint] ?? -1) {
    const place = waypoints[waypoint]
    if (place) way.unshift(place)
    if (before[waypoint] === -1) return [from, ...(first.get(waypoint)?.by ?? []), ...way]
  }
}

type ShortCut = {
  isOpen: IsOpen
  byCells: (stretch: { from: Vector; to: Vector; longest: number }) => Vector[] | null
}

/**
 * A way whose bends close to its beginning are replaced where cells of the chart give a shorter one; not
 * in canals, whose points tell where ships are slow.
 */
const cutShort = (way: readonly Vector[], { isOpen, byCells }: ShortCut): readonly Vector[] => {
  const [from] = way
  const canal = way.findIndex(isInCanal)
  const close = way.findLastIndex(
    (place) => from && nauticalMiles(angleBetween(from, place)) <= closeTo,
  )
  const last = canal === -1 ? close : Math.min(canal, close)
  const to = way[last]
  if (!from || !to || last < 2) return way
  const longest = lengthOf(way.slice(0, last + 1))
  // From middle to middle a way is up to a twelfth longer than it is when pulled straight.
  const found = byCells({ from, to, longest: longest * 1.09 })
  // Its last two places lie in the cell that it leads to.
  if (found === null || found.slice(0, -2).some(isInCanal)) return way
  const straight = pulledStraight(found, isOpen)
  return lengthOf(straight) < longest ? [...straight, ...way.slice(last + 1)] : way
}

const isInCanal = (place: Vector): boolean => canalAt(placeOf(place)) !== undefined

const lengthOf = (way: readonly Vector[]): number =>
  way.reduce((sum, place, n) => {
    const next = way[n + 1]
    return next ? sum + nauticalMiles(angleBetween(place, next)) : sum
  }, 0)

type IsOpen = (a: Vector, b: Vector) => boolean

/** Nautical miles to a waypoint, and where one bends on the way to it. */
type Sight = { length: number; by: readonly Vector[] }

/** Waypoints that can be sailed to straight. */
const waypointsInSight = (
  { waypoints }: SeaNetwork,
  place: Vector,
  isOpen: IsOpen,
): Map<number, Sight> => {
  for (const degrees of reaches) {
    const cosine = Math.cos((degrees * Math.PI) / 180)
    const seen = new Map<number, Sight>()
    for (const [n, waypoint] of waypoints.entries()) {
      if (dot(place, waypoint) < cosine || !isOpen(place, waypoint)) continue
      seen.set(n, { length: nauticalMiles(angleBetween(place, waypoint)), by: [] })
    }
    if (seen.size > 0) return seen
  }
  return new Map()
}

/**
 * The same, and those that can be sailed to from the cells at the sides of a place: where land and a
 * passage that is closed are all around it, no other may be in sight.
 */
const waypointsAlmostInSight = (
  network: SeaNetwork,
  place: Vector,
  isOpen: IsOpen,
): Map<number, Sight> => {
  const nearest = new Map(waypointsInSight(network, place, isOpen))
  for (const [east, north] of sides) {
    const cell = cellBeside(cellAt(placeOf(place)), east, north)
    const beside = cell === null ? null : vectorOf(middleOf(cell))
    if (!beside || !isOpen(place, beside)) continue
    const apart = nauticalMiles(angleBetween(place, beside))
    for (const [waypoint, { length }] of waypointsInSight(network, beside, isOpen)) {
      const whole = apart + length
      if (whole >= (nearest.get(waypoint)?.length ?? Infinity)) continue
      nearest.set(waypoint, { length: whole, by: [beside] })
    }
  }
  return nearest
}

const sides = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const

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
