import { instantAt, nextDate } from '@porttrack/shared/time/local-time'
import type { Period } from './work-line.ts'

/** Night by the clock of a place (Workers' Statute of Spain, article 36; within 2003/88/EC, article 2). */
const nightBegins = '22:00'
const nightEnds = '06:00'

const dayMs = 86_400_000

/** Nights that are remembered, at most: ten years of them. */
const mostNights = 3_660

/** Milliseconds of night within a period of work, by the clock of a time zone. */
export const nightInAt = (timeZone: string): ((period: Period) => number) => {
  const nights = new Map<number, Period>()
  /** The night that begins on a day of the place's calendar; days are counted from 1970-01-01. */
  const nightOf = (day: number): Period => {
    const known = nights.get(day)
    if (known) return known
    const date = new Date(day * dayMs).toISOString().slice(0, 10)
    const night = {
      start: instantAt(timeZone, date, nightBegins).getTime(),
      end: instantAt(timeZone, nextDate(date), nightEnds).getTime(),
    }
    if (nights.size >= mostNights) nights.clear()
    nights.set(day, night)
    return night
  }
  return ({ start, end }) => {
    let total = 0
    // A place is less than a day from UTC, and a night reaches into the day after.
    const last = Math.floor(end / dayMs) + 1
    for (let day = Math.floor(start / dayMs) - 2; day <= last; day += 1) {
      const night = nightOf(day)
      total += Math.max(0, Math.min(end, night.end) - Math.max(start, night.start))
    }
    return total
  }
}
