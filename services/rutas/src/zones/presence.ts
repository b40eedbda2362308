import {
  distanceMetres,
  metresPerNauticalMile,
  normalLongitude,
  shortWay,
} from '../geography/geodesy.ts'
import {
  borderDistance,
  comesNear,
  crossings,
  inside,
  onPlane,
  type PlanePoint,
  type Side,
  sideOf,
  type ZoneShape,
} from './zone.ts'
import type { ZoneRules } from './zone-index.ts'

/** A place at a time, in milliseconds since 1970. */
export type Moment = { time: number; lat: number; lon: number }

/** A fix as far as zones are concerned; speed in knots, null when not known. */
export type ZoneFix = Moment & { speed: number | null }

/** A ship's stay in a zone, or near a line that it has crossed or touched. */
export type Presence = {
  readonly zoneId: string
  readonly enteredAt: number
  /** The side of the line that the ship came from; null in a zone that is no line. */
  readonly cameFrom: Side | null
  /** Where the border was last crossed outward, or the line in any direction; null while inside. */
  readonly outside: Moment | null
  /** Since when and where the ship has been still; null while it moves. */
  readonly still: Moment | null
  /** When the ship became still for the stop that has been told; null while none has. */
  readonly stoppedAt: number | null
  /** Whether it has been told that the ship dwells in the zone. */
  readonly dwelt: boolean
  /** Whether it has been told that the ship is too fast; until it is slower again. */
  readonly speeding: boolean
}

export type ZoneTransition = {
  readonly shape: ZoneShape
  readonly at: Moment
} & (
  | { readonly kind: 'entered' | 'stopped' | 'dwelt' }
  | { readonly kind: 'speed-exceeded'; readonly speed: number }
  /** `enteredAt` and `stoppedAt` are those of the stay which ends. */
  | { readonly kind: 'crossed'; readonly towards: Side }
  | { readonly kind: 'left'; readonly enteredAt: number; readonly stoppedAt: number | null }
)

/** A stay that has ended; times in milliseconds since 1970. */
export type EndedStay = {
  zoneId: string
  mmsi: string
  enteredAt: number
  leftAt: number
  stoppedAt: number | null
}

/** A ship's move; `from` is null for its first fix, and after a jump, which has no way between. */
export type Move = { from: ZoneFix | null; to: ZoneFix }

/** Below this many knots a ship is still. */
const stillSpeed = 0.5

const minute = 60_000

/** Metres from a line at which a fix lies on it: less than AIS can tell, more than arithmetic errs. */
const onTheLine = 0.01

/**
 * Milliseconds between two fixes beyond which nobody knows the way from one to the other: a ship
 * that is heard reports every three minutes at least, also at anchor (ITU-R M.1371-5, table 1).
 */
const longestWay = 60 * minute

/**
 * What a move does to a ship's stays in zones, and what is to be told of it, in order of time.
 *
 * Entering and leaving are found on the straight way between the fixes, timed in proportion, so that
 * a ship which passes through between two fixes enters and leaves. Hysteresis: a ship enters as it
 * crosses the border; it has left only when it has been more than the margin outside, and then at
 * the time it crossed the border. What swings about the border therefore enters once.
 *
 * Lines are crossed, with the same margin on both sides.
 *
 * A zone that is new or has another shape is judged at the end of the move, since nobody knows when
 * the ship came or went. Without a `from`, or with one more than an hour earlier, the ship appears at
 * `to`: it enters there what it is in and leaves what it is not near. A ship stops when it has been slower than 0.5 knots for the zone's
 * minutes in a berth or an anchorage, once a stay, and the stop's time is when it became still.
 */
export const followMove = (
  present: readonly Presence[],
  given: Move,
  { shapes, marginMetres, near }: ZoneRules,
): { presences: readonly Presence[]; transitions: ZoneTransition[] } => {
  const move = knownWay(given) ? given : { from: null, to: given.to }
  const way = { from: move.from ?? move.to, to: move.to, marginMetres }
  const around = [...near(way.from, way.to)].filter((shape) => comesNear(shape, way))
  if (around.length === 0 && present.length === 0) return { presences: present, transitions: [] }
  const stays = new Map(present.map((presence) => [presence.zoneId, presence]))
  const transitions: ZoneTransition[] = []
  const stayedIn = present.flatMap(({ zoneId }) => shapes.get(zoneId) ?? [])
  for (const shape of new Set([...stayedIn, ...around])) {
    const { id } = shape.zone
    const before = fitting(shape, stays.get(id))
    const { presence, told } = followIn(shape, before, { ...move, marginMetres })
    const after = presence && judgeStay(shape, presence, { move, told })
    if (after) stays.set(id, after)
    else stays.delete(id)
    transitions.push(...told)
  }
  return {
    presences: [...stays.values()].filter(({ zoneId }) => shapes.has(zoneId)),
    transitions: transitions.toSorted((a, b) => a.at.time - b.at.time),
  }
}

/** A stay that a zone had when it was a line, or a line had when it was none, is forgotten. */
const fitting = ({ isLine }: ZoneShape, presence: Presence | undefined): Presence | undefined =>
  presence && (presence.cameFrom !== null) === isLine ? presence : undefined

const knownWay = ({ from, to }: Move): boolean =>
  from !== null && to.time >= from.time && to.time - from.time <= longestWay

type Following = { presence: Presence | undefined; told: ZoneTransition[] }

const followIn = (
  shape: ZoneShape,
  before: Presence | undefined,
  { from, to, marginMetres }: Move & { marginMetres: number },
): Following => {
  if (!from) {
    return shape.isLine
      ? { presence: undefined, told: [] }
      : appear(shape, before, { to, marginMetres })
  }
  const start = onPlane(shape, from)
  const way = {
    x: shortWay(to.lon - from.lon) * shape.metresPerLongitude,
    y: onPlane(shape, to).y - start.y,
  }
  const pointAt = (t: number): PlanePoint => ({ x: start.x + t * way.x, y: start.y + t * way.y })
  const momentAt = (t: number): Moment => (t >= 1 ? momentOf(to) : between({ from, to }, t))
  if (shape.isLine) return followAtLine(shape, before, { pointAt, momentAt, marginMetres })
  const told: ZoneTransition[] = []
  let presence = before

  const shares = [0, ...crossings(shape, start, pointAt(1)), 1]
  for (const [n, begin] of shares.slice(0, -1).entries()) {
    const end = shares[n + 1] ?? 1
    const within = inside(shape, pointAt((begin + end) / 2))
    if (within && !presence) {
      // Inside from the start without a stay: the zone is new, or its shape is.
      if (begin === 0) continue
      const at = momentAt(begin)
      presence = stayFrom(shape, at)
      told.push({ kind: 'entered', shape, at })
    } else if (within && presence) {
      if (presence.outside) presence = { ...presence, outside: null }
    } else if (presence) {
      const at: Moment = presence.outside ?? momentAt(begin === 0 ? end : begin)
      const furthest = Math.max(
        ...[begin, (begin + end) / 2, end].map((t) => borderDistance(shape, pointAt(t))),
      )
      if (furthest > marginMetres) {
        const { enteredAt, stoppedAt } = presence
        told.push({ kind: 'left', shape, at, enteredAt, stoppedAt })
        presence = undefined
      } else presence = { ...presence, outside: at }
    }
  }
  // A way that ends on the very border, or goes through a corner, may cross nothing.
  const staysIn = presence?.outside === null
  if (staysIn === inside(shape, onPlane(shape, to))) return { presence, told }
  const last = appear(shape, presence, { to, marginMetres })
  return { presence: last.presence, told: [...told, ...last.told] }
}

type Way = {
  pointAt: (share: number) => PlanePoint
  momentAt: (share: number) => Moment
  marginMetres: number
}

/**
 * A ship has crossed a line when it is more than the margin beyond it, on another side than it came
 * from, and then at the time at which it last met the line. What swings about a line crosses nothing.
 */
const followAtLine = (
  shape: ZoneShape,
  before: Presence | undefined,
  { pointAt, momentAt, marginMetres }: Way,
): Following => {
  const told: ZoneTransition[] = []
  let presence = before
  const met = crossings(shape, pointAt(0), pointAt(1))
  // A way that ends on the line has met it; the next, which begins there, has not.
  if (borderDistance(shape, pointAt(1)) < onTheLine) met.push(1)
  const shares = [0, ...met, 1]
  for (const [n, begin] of shares.slice(0, -1).entries()) {
    const end = shares[n + 1] ?? 1
    if (n > 0) {
      const at = momentAt(begin)
      const cameFrom =
        presence?.cameFrom ?? sideOf(shape, pointAt(((shares[n - 1] ?? 0) + begin) / 2))
      presence = { ...stayFrom(shape, at), cameFrom, outside: at }
    }
    if (!presence?.outside) continue
    const beyond = [end, (begin + end) / 2, begin].map(pointAt)
    const clear = beyond.find((point) => borderDistance(shape, point) > marginMetres)
    if (!clear) continue
    const towards = sideOf(shape, clear)
    if (towards !== presence.cameFrom) {
      told.push({ kind: 'crossed', shape, at: presence.outside, towards })
    }
    presence = undefined
  }
  return { presence, told }
}

const appear = (
  shape: ZoneShape,
  before: Presence | undefined,
  { to, marginMetres }: { to: ZoneFix; marginMetres: number },
): Following => {
  const point = onPlane(shape, to)
  const within = inside(shape, point)
  const at = momentOf(to)
  if (within) {
    if (before) return { presence: { ...before, outside: null }, told: [] }
    return { presence: stayFrom(shape, at), told: [{ kind: 'entered', shape, at }] }
  }
  if (!before) return { presence: undefined, told: [] }
  if (borderDistance(shape, point) > marginMetres) {
    const { outside, enteredAt, stoppedAt } = before
    return {
      presence: undefined,
      told: [{ kind: 'left', shape, at: outside ?? at, enteredAt, stoppedAt }],
    }
  }
  return { presence: { ...before, outside: before.outside ?? at }, told: [] }
}

type Judging = { move: Move; told: ZoneTransition[] }

const judgeStay = (shape: ZoneShape, presence: Presence, judging: Judging): Presence =>
  keepWithinSpeed(shape, dwell(shape, lieStill(shape, presence, judging), judging), judging)

/** Once a stay, and only of a ship that is inside at the end of the move. */
const dwell = (shape: ZoneShape, presence: Presence, { move: { to }, told }: Judging): Presence => {
  const { dwellMinutes } = shape.zone
  if (dwellMinutes === null || presence.dwelt || presence.outside) return presence
  if (to.time - presence.enteredAt < dwellMinutes * minute) return presence
  told.push({ kind: 'dwelt', shape, at: momentOf(to) })
  return { ...presence, dwelt: true }
}

/** Told when a ship becomes too fast, and again when it has been slower by half a knot meanwhile. */
const keepWithinSpeed = (
  shape: ZoneShape,
  presence: Presence,
  { move: { to }, told }: Judging,
): Presence => {
  const { speedLimitKnots } = shape.zone
  if (speedLimitKnots === null || to.speed === null || presence.outside) return presence
  if (!presence.speeding && to.speed > speedLimitKnots) {
    told.push({ kind: 'speed-exceeded', shape, at: momentOf(to), speed: to.speed })
    return { ...presence, speeding: true }
  }
  const slower = presence.speeding && to.speed <= speedLimitKnots - 0.5
  return slower ? { ...presence, speeding: false } : presence
}

const lieStill = (shape: ZoneShape, presence: Presence, { move, told }: Judging): Presence => {
  const { kind, stillMinutes } = shape.zone
  if (kind !== 'berth' && kind !== 'anchorage') return presence
  const speed = move.to.speed ?? speedMadeGood(move)
  if (speed === null) return presence
  if (speed >= stillSpeed) return presence.still ? { ...presence, still: null } : presence
  // Still since a time that is yet to come is what a clock gone wrong has said.
  const known = presence.still && presence.still.time <= move.to.time ? presence.still : null
  const still = known ?? momentOf(move.to)
  const stops = presence.stoppedAt === null && move.to.time - still.time >= stillMinutes * minute
  if (stops) told.push({ kind: 'stopped', shape, at: still })
  return stops || still !== presence.still
    ? { ...presence, still, stoppedAt: stops ? still.time : presence.stoppedAt }
    : presence
}

/** Knots between two fixes; null when they tell none. */
const speedMadeGood = ({ from, to }: Move): number | null => {
  if (!from || to.time <= from.time) return null
  const hours = (to.time - from.time) / (60 * minute)
  return distanceMetres(from, to) / metresPerNauticalMile / hours
}

const stayFrom = ({ zone }: ZoneShape, at: Moment): Presence => ({
  zoneId: zone.id,
  enteredAt: at.time,
  cameFrom: null,
  outside: null,
  still: null,
  stoppedAt: null,
  dwelt: false,
  speeding: false,
})

const momentOf = ({ time, lat, lon }: Moment): Moment => ({ time, lat, lon })

const between = ({ from, to }: { from: ZoneFix; to: ZoneFix }, share: number): Moment => ({
  time: Math.round(from.time + share * (to.time - from.time)),
  lat: from.lat + share * (to.lat - from.lat),
  lon: normalLongitude(from.lon + share * shortWay(to.lon - from.lon)),
})
