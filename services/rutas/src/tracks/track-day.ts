const dayMilliseconds = 86_400_000

/** The UTC day that a time in milliseconds since 1970 lies in, as a number of days since then. */
export const dayOf = (time: number): number => Math.floor(time / dayMilliseconds)

/** A day as PostgreSQL reads it: `2026-10-01`. */
export const dateOf = (day: number): string =>
  new Date(day * dayMilliseconds).toISOString().slice(0, 10)

/** How long tracks are kept, in days. */
export type TrackPolicy = {
  /** With every position. */
  detailDays: number
  /** At all. */
  keepDays: number
}

/** The first day that still has every position. */
export const firstDetailedDay = (now: number, { detailDays }: TrackPolicy): number =>
  dayOf(now) - detailDays

/**
 * The first day that is kept: one more than the policy says, so that what was accepted at the very
 * edge still finds its day when it is written.
 */
export const firstKeptDay = (now: number, { keepDays }: TrackPolicy): number =>
  dayOf(now) - keepDays - 1

/** The least and the greatest, by which PostgreSQL sees which days are not concerned. */
export const boundsOf = (values: readonly number[]): [number, number] =>
  values.reduce(([least, greatest], value) => [Math.min(least, value), Math.max(greatest, value)], [
    Infinity,
    -Infinity,
  ] as [number, number])
