import { distanceMetres, metresPerNauticalMile } from '../geography/geodesy.ts'

/** A reported position. */
export type Fix = {
  /** Milliseconds since 1970. */
  time: number
  /** Whether the time came with the report, rather than being its arrival. */
  ownTime: boolean
  /** Degrees. */
  lat: number
  lon: number
  /** Knots over ground. */
  speed: number | null
  /** Degrees over ground, 0 up to 360. */
  course: number | null
  /** Degrees, 0 to 359. */
  heading: number | null
  /** Navigational status, 0 to 15. */
  status: number | null
}

/** A fix that is quarantined until a second one agrees. */
export type Suspect = Pick<Fix, 'time' | 'ownTime' | 'lat' | 'lon'> & {
  /** Its message, by which it is found in the track. */
  messageId: string
}

/** Knots that no ship makes. */
const fastest = 60

/** Nautical miles that no ship has moved between two reports, when their times are not known. */
const furthest = 10

/** Times of reports are whole seconds: less than one is not known between two of them. */
const leastMilliseconds = 1_000

/**
 * Whether one ship can have given both fixes. With a time of their own in both: at 60 knots at most;
 * else, as in a replay at full speed, within 10 nautical miles.
 */
export const plausible = (
  earlier: Pick<Fix, 'time' | 'ownTime' | 'lat' | 'lon'>,
  later: Pick<Fix, 'time' | 'ownTime' | 'lat' | 'lon'>,
): boolean => {
  const miles = distanceMetres(earlier, later) / metresPerNauticalMile
  if (!earlier.ownTime || !later.ownTime) return miles <= furthest
  const elapsed = Math.max(leastMilliseconds, Math.abs(later.time - earlier.time))
  return miles <= (fastest * elapsed) / 3_600_000
}

/** Milliseconds that a report's own time may lie ahead of its arrival: clocks differ a little. */
export const clockSkew = 60_000

/**
 * Whether a report is older than the newest known, so that it changes nothing. A newest one that was
 * still to come when the report arrived is from a clock gone wrong, and makes older only what is ahead
 * as well: or one such report would hold the target until its time has come. All in milliseconds
 * since 1970.
 */
export const isOlder = (
  { time, arrival }: { time: number; arrival: number },
  newest: number,
): boolean => {
  const latest = arrival + clockSkew
  return time < newest && (newest <= latest || time > latest)
}

/**
 * What a new fix means for a target at `last`, while `suspect` is quarantined:
 * - `late`: older than the last fix (see `isOlder`), for the track only
 * - `moves`: the target goes there; a suspect was wrong and stays quarantined
 * - `quarantined`: it cannot have come there; the fix is the suspect now
 * - `confirms`: it agrees with the suspect, which is released; the target is there
 *
 * @param arrival of the new fix, milliseconds since 1970
 */
export type Verdict = 'late' | 'moves' | 'quarantined' | 'confirms'

export const judge = (
  fix: Fix,
  { last, suspect, arrival }: { last: Fix | null; suspect: Suspect | null; arrival: number },
): Verdict => {
  if (!last) return 'moves'
  if (isOlder({ time: fix.time, arrival }, last.time)) return 'late'
  // By a clock that is ahead nobody knows how long the ship took to come here.
  const from = fix.time < last.time ? { ...last, ownTime: false } : last
  if (plausible(from, fix)) return 'moves'
  return suspect && plausible(suspect, fix) ? 'confirms' : 'quarantined'
}
