import { Temporal } from 'temporal-polyfill'

/** A half-open stretch of time: `from` belongs to it, `to` does not. */
export type TimeWindow = { from: Date; to: Date }

/** Whether a name is a time zone of the IANA database, such as `Europe/Madrid`. */
export const isTimeZone = (name: string): boolean => {
  try {
    // A bare offset has no daylight saving, and names no place's time.
    return !/^[+-]/.test(name) && Temporal.Now.zonedDateTimeISO(name) !== undefined
  } catch {
    return false
  }
}

/**
 * The window of `days` whole calendar days at a place, the first being `date` (`YYYY-MM-DD`). A day on
 * which the clocks change has 23 or 25 hours.
 *
 * @throws RangeError for a date or a zone that does not exist
 */
export const daysAt = (timeZone: string, date: string, days: number): TimeWindow => {
  const first = Temporal.PlainDate.from(date)
  const start = (day: Temporal.PlainDate) =>
    new Date(day.toZonedDateTime(timeZone).epochMilliseconds)
  return { from: start(first), to: start(first.add({ days })) }
}

/** The calendar day (`YYYY-MM-DD`) that is `days` after another, or before it where that is negative. */
export const nextDate = (date: string, days = 1): string =>
  Temporal.PlainDate.from(date).add({ days }).toString()

/**
 * When a place's clock shows a time (`HH:MM`) on a day: the first of two where the clocks are put back,
 * and as much later as they jump where they are put forward over it.
 *
 * @throws RangeError for a date, a time or a zone that does not exist
 */
export const instantAt = (timeZone: string, date: string, time: string): Date => {
  const plainTime = Temporal.PlainTime.from(time)
  const zoned = Temporal.PlainDate.from(date).toZonedDateTime({ timeZone, plainTime })
  return new Date(zoned.epochMilliseconds)
}

/** The calendar day (`YYYY-MM-DD`) that it is at a place. */
export const dateAt = (timeZone: string, instant: Date): string =>
  zoned(timeZone, instant).toPlainDate().toString()

/**
 * An instant as a place's own clock shows it, with offset and zone (RFC 9557), to the second:
 * `2026-10-25T02:30:00+01:00[Europe/Madrid]`. The offset tells the two half past twos of that day
 * apart.
 */
export const timeAt = (timeZone: string, instant: Date): string =>
  zoned(timeZone, instant).toString({ smallestUnit: 'second' })

/** An instant for people to read, by a place's own clock: `2026-10-25 02:30 +01:00`. */
export const readableTimeAt = (timeZone: string, instant: Date): string =>
  zoned(timeZone, instant)
    .toString({ smallestUnit: 'minute', timeZoneName: 'never' })
    .replace(/T([\d:]{5})/, ' $1 ')

/**
 * `timeAt` of one place for many instants, several times as fast where these are near each other: the
 * time zone is asked once for each stretch between two changes of the place's clocks.
 */
export const clockOf = (timeZone: string): ((instant: Date) => string) => {
  let [from, to, ahead, suffix] = [Infinity, -Infinity, 0, '']
  return (instant) => {
    const time = instant.getTime()
    if (time < from || time >= to) {
      const here = zoned(timeZone, instant)
      // What changes at this very instant has changed.
      const after = here.add({ milliseconds: 1 })
      from = after.getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity
      to = here.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity
      ahead = here.offsetNanoseconds / 1e6
      suffix = here.toString({ smallestUnit: 'second' }).slice(19)
    }
    return new Date(time + ahead).toISOString().slice(0, 19) + suffix
  }
}

const zoned = (timeZone: string, instant: Date): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone)
