import { dateAt, instantAt, nextDate } from '@porttrack/shared/time/local-time'
import type { Period } from './work-line.ts'

/** Night by the clock of a place (Workers' Statute of Spain, article 36; within 2003/88/EC, article 2). */
const nightBegins = '22:00'
const nightEnds = '06:00'

/** Milliseconds of night within a period of work, by the clock of a time zone. */
export const nightInAt =
  (timeZone: string) =>
  ({ start, end }: Period): number => {
    const last = dateAt(timeZone, new Date(end))
    let night = 0
    // The night that a day begins in is the one before's.
    let date = nextDate(dateAt(timeZone, new Date(start)), -1)
    for (; date <= last; date = nextDate(date)) {
      const from = instantAt(timeZone, date, nightBegins).getTime()
      const to = instantAt(timeZone, nextDate(date), nightEnds).getTime()
      night += Math.max(0, Math.min(end, to) - Math.max(start, from))
    }
    return night
  }
