import { metresPerDegree } from './port.ts'
import type { Place } from './port.ts'

const metresPerSecond = 1852 / 3600

/** Slower than this a ship would take for ever to cover a metre. */
const slowest = 0.4

export interface Waypoint extends Place {
  /** Knots through this point. */
  readonly speed: number
}

/** A way that a ship takes, with her bow where it must be at both ends. */
export interface Passage {
  readonly points: readonly TimedPoint[]
  readonly durationSeconds: number
  readonly startHeading: number | undefined
  readonly endHeading: number | undefined
}

interface TimedPoint extends Waypoint {
  /** Since the start of the passage. */
  readonly seconds: number
}

export interface Motion extends Place {
  /** Knots over ground. */
  readonly speed: number
  /** Degrees, 0 up to 360. */
  readonly course: number
  readonly heading: number
}

/**
 * A passage along waypoints: corners are rounded and the speed changes evenly from one point to
 * the next. The bow follows the course but for the first and the last stretch, where it turns to
 * the given headings, as a ship's does that tugs push to a quay.
 */
export function planPassage(
  waypoints: readonly Waypoint[],
  headings: { readonly start?: number; readonly end?: number } = {},
): Passage {
  const rounded = roundCorners(roundCorners(roundCorners(waypoints)))
  const points: TimedPoint[] = []
  let seconds = 0
  for (const point of rounded) {
    const previous = points.at(-1)
    if (previous !== undefined) {
      const pace = ((clampSpeed(previous.speed) + clampSpeed(point.speed)) / 2) * metresPerSecond
      seconds += distance(previous, point) / pace
    }
    points.push({ ...point, seconds })
  }
  return {
    points,
    durationSeconds: seconds,
    startHeading: headings.start,
    endHeading: headings.end,
  }
}

/** Where the ship is so many seconds after the start of the passage, held at its ends. */
export function motionAt(passage: Passage, seconds: number): Motion {
  const { points } = passage
  const following = points.findIndex((point) => point.seconds > seconds)
  const index = following === -1 ? points.length - 1 : Math.max(1, following)
  const [from, to] = [points[index - 1], points[index]]
  if (from === undefined || to === undefined) throw new RangeError('a passage has two points')
  const span = to.seconds - from.seconds
  const time = Math.min(Math.max(seconds - from.seconds, 0), span)
  const [fromSpeed, toSpeed] = [clampSpeed(from.speed), clampSpeed(to.speed)]
  // Even acceleration: the share of the stretch covered is not the share of its time.
  const covered = (fromSpeed * time + ((toSpeed - fromSpeed) * time * time) / (2 * span)) / span
  const share = covered / ((fromSpeed + toSpeed) / 2)
  const speed = fromSpeed + ((toSpeed - fromSpeed) * time) / span
  const course = bearing(from, to)
  return {
    lat: from.lat + (to.lat - from.lat) * share,
    lon: from.lon + (to.lon - from.lon) * share,
    speed,
    course,
    heading: headingAt(passage, { seconds, course }),
  }
}

/** Seconds after the start at which the passage is nearest to a place. */
export function secondsNearest(passage: Passage, place: Place): number {
  let best = { seconds: 0, metres: Number.POSITIVE_INFINITY }
  for (let seconds = 0; seconds <= passage.durationSeconds; seconds++) {
    const metres = distance(motionAt(passage, seconds), place)
    if (metres < best.metres) best = { seconds, metres }
  }
  return best.seconds
}

/** Metres between two places that are not far apart. */
export function distance(from: Place, to: Place): number {
  return Math.hypot(
    (to.lon - from.lon) * metresPerDegree.lon,
    (to.lat - from.lat) * metresPerDegree.lat,
  )
}

/** The signed way from one direction to another, -180 to 180. */
export function turnBetween(from: number, to: number): number {
  return ((((to - from) % 360) + 540) % 360) - 180
}

/** Seconds that the bow takes to turn between the course and the heading at a berth. */
const alignSeconds = 420

function headingAt(passage: Passage, now: { seconds: number; course: number }): number {
  const { startHeading, endHeading, durationSeconds } = passage
  const fromStart = Math.min(1, Math.max(0, now.seconds) / alignSeconds)
  const toEnd = Math.min(1, Math.max(0, durationSeconds - now.seconds) / alignSeconds)
  if (startHeading !== undefined && fromStart < 1) {
    return compass(startHeading + turnBetween(startHeading, now.course) * fromStart)
  }
  if (endHeading !== undefined && toEnd < 1) {
    return compass(endHeading + turnBetween(endHeading, now.course) * toEnd)
  }
  return now.course
}

function clampSpeed(speed: number): number {
  return Math.max(slowest, speed)
}

function bearing(from: Place, to: Place): number {
  const east = (to.lon - from.lon) * metresPerDegree.lon
  const north = (to.lat - from.lat) * metresPerDegree.lat
  return compass((Math.atan2(east, north) * 180) / Math.PI)
}

function compass(degrees: number): number {
  return ((degrees % 360) + 360) % 360
}

/** Chaikin's corner cutting; the ends stay where they are. */
function roundCorners(points: readonly Waypoint[]): Waypoint[] {
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined || points.length < 3) return [...points]
  const cut: Waypoint[] = [first]
  for (const [index, from] of points.entries()) {
    const to = points[index + 1]
    if (to === undefined) break
    if (index > 0) cut.push(between(from, to, 0.25))
    if (index < points.length - 2) cut.push(between(from, to, 0.75))
  }
  cut.push(last)
  return cut
}

function between(from: Waypoint, to: Waypoint, share: number): Waypoint {
  return {
    lat: from.lat + (to.lat - from.lat) * share,
    lon: from.lon + (to.lon - from.lon) * share,
    speed: from.speed + (to.speed - from.speed) * share,
  }
}
