import { defineErrors } from '@porttrack/shared/http/errors'
import type { Fault } from '@porttrack/shared/http/problem'
import { instantAt, nextDate, type TimeWindow } from '@porttrack/shared/time/local-time'
import { RRuleTemporal } from 'rrule-temporal'

export const shiftRotationErrors = defineErrors({
  SHIFT_ROTATION_EXISTS: {
    status: 409,
    title: { en: 'Another rotation has this name', es: 'Otra rotación tiene este nombre' },
  },
  SHIFT_ROTATION_INVALID: {
    status: 422,
    title: { en: 'The rotation breaks a rule', es: 'La rotación incumple una regla' },
  },
})

/** On which days a rotation has a shift. Days are those of a calendar, `YYYY-MM-DD`. */
export type Recurrence = {
  /** Recurrence rule (RFC 5545) of a frequency of days or more, without times: `FREQ=DAILY;INTERVAL=4`. */
  rule: string
  /** The day that the rule counts from. */
  firstDay: string
  exceptDays: readonly string[]
}

/** From when to when a shift lasts on a clock; an end that is not after the beginning is of the next day. */
export type ClockTimes = { timeZone: string; startTime: string; endTime: string }

/** The longest span of days that is planned at once. */
export const mostDays = 100

/** Steps that finding the days of a span may take, so that no rule keeps the process busy. */
const mostSteps = 20_000

/**
 * The days from `from` to `to`, both included, on which a rotation has a shift.
 *
 * @throws Error for a rule that is none, or whose days are not found in time
 */
export const daysOf = (
  { rule, firstDay, exceptDays }: Recurrence,
  { from, to }: { from: string; to: string },
): string[] => {
  const recurrence = new RRuleTemporal({
    rruleString: `DTSTART;VALUE=DATE:${firstDay.replaceAll('-', '')}\nRRULE:${rule}`,
    // A day is the same everywhere: what becomes of its times is `windowOn`'s to say.
    tzid: 'UTC',
    strict: true,
    maxIterations: mostSteps,
    maxCandidateEvaluations: mostSteps,
  })
  const around = [nextDate(from, -1), nextDate(to, 1)].map((day) => new Date(`${day}T00:00:00Z`))
  const [after, before] = around as [Date, Date]
  return recurrence
    .between(after, before, true)
    .map((time) => time.toPlainDate().toString())
    .filter((day) => from <= day && day <= to && !exceptDays.includes(day))
}

/**
 * When the shift of a day begins and ends. Where the clocks change in between it is an hour longer or
 * shorter than the clock tells; a time that the clock shows twice is the first, one that it skips is as
 * much later as it skips.
 */
export const windowOn = (
  day: string,
  { timeZone, startTime, endTime }: ClockTimes,
): TimeWindow => ({
  from: instantAt(timeZone, day, startTime),
  to: instantAt(timeZone, endTime > startTime ? day : nextDate(day), endTime),
})

/** Whether a rule is one that a rotation can have. */
export const recurrenceFaults = (recurrence: Recurrence): Fault[] => {
  try {
    const { firstDay } = recurrence
    daysOf(recurrence, { from: firstDay, to: nextDate(firstDay, mostDays) })
    return []
  } catch {
    return [
      {
        pointer: '#/rule',
        detail: {
          en: 'is no recurrence rule of days (RFC 5545)',
          es: 'no es una regla de recurrencia de días (RFC 5545)',
        },
      },
    ]
  }
}

/** A span that so many days of the rule lie before that its own are not found in time. */
export const outOfReach: Fault = {
  pointer: '#/from',
  detail: {
    en: 'is too long after the rotation’s first day; give the rotation a later one',
    es: 'queda demasiado después del primer día de la rotación; dele uno posterior',
  },
}

/** Which rules a span of days to be planned breaks. */
export const planFaults = ({ from, to }: { from: string; to: string }): Fault[] => {
  if (to < from) {
    const detail = { en: 'is before the first day', es: 'es anterior al primer día' }
    return [{ pointer: '#/to', detail }]
  }
  if (to < nextDate(from, mostDays)) return []
  const detail = {
    en: `makes more than ${mostDays} days`,
    es: `supone más de ${mostDays} días`,
  }
  return [{ pointer: '#/to', detail }]
}
