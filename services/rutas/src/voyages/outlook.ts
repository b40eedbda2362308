import { ProblemError } from '@porttrack/shared/http/problem'
import { declaredArrival, declaredPort, estimateArrival, type Reason } from '../etas/eta.ts'
import { distanceMetres, metresPerNauticalMile, type Place } from '../geography/geodesy.ts'
import { angleToArc, vectorOf } from '../geography/sphere.ts'
import { nauticalMiles, type SeaNetwork } from '../sea-routes/sea-network.ts'
import type { SeaRoute } from '../sea-routes/sea-route.schema.ts'
import { endAt, planSeaRoute } from '../sea-routes/sea-route.ts'
import { clockSkew, type Fix } from '../targets/fix.ts'
import type { KnownTarget } from '../targets/target.ts'
import type { CallProgress, Journey } from './journey.ts'

/** Nautical miles from a port's position within which a ship that has slowed down has come to it. */
const arrivesWithin = 5
/** Nautical miles from a port's position beyond which a ship has left it. */
const leftBeyond = 10
/** Knots below which a ship near a port is not passing by. */
const slowedTo = 3

/** Of the distance at which a ship is off its route, the share within which it is back. */
const backWithin = 0.8

const minute = 60_000

/** The time, and the milliseconds after which a position says nothing of where a ship is. */
export type Clock = { now: number; lostAfter: number }

/** Why nothing can be reckoned from the last fix of a ship; null where it can. */
export const fixFault = (
  fix: Pick<Fix, 'time'> | null,
  { now, lostAfter }: Clock,
): 'POSITION_UNKNOWN' | 'POSITION_OLD' | 'POSITION_AHEAD' | null => {
  if (fix === null) return 'POSITION_UNKNOWN'
  if (fix.time < now - lostAfter) return 'POSITION_OLD'
  return fix.time > now + clockSkew ? 'POSITION_AHEAD' : null
}

/** Whether the arrival at the next call is reckoned, of a ship at sea before or on its voyage. */
export const isOnItsWay = ({ state, next }: Pick<Journey, 'state' | 'next'>): boolean =>
  state === 'UNDERWAY' || next === 0

/** A ship seen at, or gone from, a port that no zone watches. */
export type PositionSighting = { kind: 'ARRIVAL' | 'DEPARTURE'; call: CallProgress; time: number }

/**
 * What the distance of a ship from the ports of its voyage says, of ports that no zone watches: within 5
 * nautical miles and slower than 3 knots it has come, beyond 10 it has left.
 */
export const seenFromPosition = (
  { calls, at }: Journey,
  fix: Fix,
  ports: SeaNetwork['ports'],
): PositionSighting[] => {
  const milesTo = ({ UNLocationCode }: CallProgress): number => {
    const port = ports.get(UNLocationCode)
    return port ? distanceMetres(fix, port) / metresPerNauticalMile : Number.NaN
  }
  const unwatched = calls.map((call, n) => ({ call, n })).filter(({ call }) => !call.watched)
  const gone = unwatched.filter(
    ({ call, n }) =>
      n === at &&
      call.state === 'IN_PORT' &&
      fix.time > (call.arrivedAt ?? 0) &&
      milesTo(call) > leftBeyond,
  )
  const come = unwatched.filter(
    ({ call, n }) =>
      n > at &&
      call.state === 'EXPECTED' &&
      fix.speed !== null &&
      fix.speed < slowedTo &&
      milesTo(call) <= arrivesWithin,
  )
  return [
    ...gone.map(({ call }) => ({ kind: 'DEPARTURE' as const, call, time: fix.time })),
    ...come.slice(0, 1).map(({ call }) => ({ kind: 'ARRIVAL' as const, call, time: fix.time })),
  ]
}

/** The call that the planned time has gone by of without the ship, where that is not told yet. */
export const overdueCall = (
  { calls, deviations, next, state }: Journey,
  { now, lateMinutes }: { now: number; lateMinutes: number },
): CallProgress | null => {
  const isToLeave = state === 'PLANNED' && calls[0]?.state !== 'OMITTED'
  const awaited = isToLeave ? 0 : next
  const call = calls[awaited ?? -1]
  if (!call) return null
  const planned =
    awaited === 0 ? (call.plannedDeparture ?? call.plannedArrival) : call.plannedArrival
  const isTold = deviations.some(
    ({ kind, until, transportCallReference }) =>
      kind === 'LATE' && until === null && transportCallReference === call.transportCallReference,
  )
  return planned !== null && !isTold && now >= planned + (lateMinutes + 1) * minute ? call : null
}

/** The arrival of a ship at the next call of its voyage. */
export type Estimate = {
  call: CallProgress
  /** Milliseconds since 1970, all three. */
  arrival: number
  positionAt: number
  /** As declared aboard; null where it is not, or for another port. */
  declared: number | null
  /** Nautical miles. */
  distance: number
  /** Knots. */
  speed: number
  reasons: Reason[]
}

/**
 * When a ship reaches the next call of its voyage, by the shortest way at sea from its last fix. Null where
 * it lies still, or where there is no way that is known.
 */
export const estimateNextCall = (
  network: SeaNetwork,
  { journey, target, fix, now }: { journey: Journey; target: KnownTarget; fix: Fix; now: number },
): Estimate | null => {
  const call = journey.calls[journey.next ?? -1]
  const route = call ? routeBetween(network, fix, call.UNLocationCode) : null
  if (!call || !route) return null
  const { arrival, speed, reasons } = estimateArrival({
    fix,
    route,
    speed: undefined,
    declaredDestination: null,
    now,
  })
  if (arrival === null || speed === null) return null
  const goesTo = declaredPort(target.destination)
  const declared =
    goesTo === null || goesTo === call.UNLocationCode ? declaredArrival(target) : null
  return { call, arrival, positionAt: fix.time, declared, distance: route.distance, speed, reasons }
}

/** The way at sea between two places or ports; null where there is none, or a port is not known. */
export const routeBetween = (
  network: SeaNetwork,
  from: Place | string,
  to: string,
): SeaRoute | null => {
  const ends = { from: endOf(network, from), to: endOf(network, to) }
  if (!ends.from || !ends.to) return null
  try {
    const [begin, end] = [endAt(network, ends.from, ''), endAt(network, ends.to, '')]
    // Names of passages are not told from here.
    return planSeaRoute(network, { from: begin, to: end }, 'en')
  } catch (error) {
    // A place inland, or shut in: nothing can be said.
    if (error instanceof ProblemError) return null
    throw error
  }
}

/** Whether a way can begin at a position: it lies at sea, or as near to it as a berth does. */
export const isAtSea = (network: SeaNetwork, { lat, lon }: Place): boolean => {
  try {
    endAt(network, { UNLocationCode: null, position: { lat, lon } }, '')
    return true
  } catch (error) {
    if (error instanceof ProblemError) return false
    throw error
  }
}

const endOf = ({ ports }: SeaNetwork, end: Place | string): SeaRoute['from'] | null => {
  if (typeof end !== 'string') {
    return { UNLocationCode: null, position: { lat: end.lat, lon: end.lon } }
  }
  const position = ports.get(end)
  return position ? { UNLocationCode: end, position } : null
}

/** How far a place is from a route, in nautical miles. */
export const milesFromRoute = (place: Place, { legs }: SeaRoute): number => {
  const here = vectorOf(place)
  const angles = legs.map(({ from, to }) => angleToArc(here, [vectorOf(from), vectorOf(to)]))
  return Math.round(10 * nauticalMiles(Math.min(...angles))) / 10
}

/** Whether a ship has come off its route, or is back on it; null when nothing has changed. */
export const detourChange = (
  { deviations }: Journey,
  miles: number,
  limit: number,
): 'OFF_ROUTE' | 'ON_ROUTE' | null => {
  const isOff = deviations.some(({ kind, until }) => kind === 'OFF_ROUTE' && until === null)
  if (!isOff) return miles > limit ? 'OFF_ROUTE' : null
  return miles < backWithin * limit ? 'ON_ROUTE' : null
}
