import type { Fault } from '@porttrack/shared/http/problem'
import { dateAt, daysAt, nextDate } from '@porttrack/shared/time/local-time'
import type { Work } from '../rest/rest-rules.ts'
import { type Period, WorkLine } from '../rest/work-line.ts'

/** A week by the port's clock, from Monday to Sunday; one in which the clocks change is longer or shorter. */
export type Week = { monday: string } & Period

/** What someone was to work and has worked in a time. */
export type Hours = {
  /** As assigned, whether it was worked or not. */
  planned: readonly Period[]
  /** As recorded, in and out. */
  recorded: readonly (Work & { signed: boolean })[]
  absences: readonly Period[]
}

export type ReportTerms = {
  /** Hours due in a week without absence. */
  weeklyHours: number
  /** Milliseconds of night within a period of work. */
  nightIn: (period: Period) => number
}

export type WeekFigures = {
  plannedMinutes: number
  workedMinutes: number
  dueMinutes: number
  overtimeMinutes: number
  nightMinutes: number
  emergencyMinutes: number
  unsignedMinutes: number
  absentMinutes: number
  utilisation: number | null
}

/** The most weeks that are reported at once. */
const mostWeeks = 53

/**
 * Which rules a span of days breaks.
 *
 * @param from the first day, `YYYY-MM-DD`
 * @param to the last day
 */
export const spanFaults = ({ from, to }: { from: string; to: string }): Fault[] => {
  if (to < from) {
    const detail = { en: 'is before the first day', es: 'es anterior al primer día' }
    return [{ pointer: '?to', detail }]
  }
  if (nextDate(from, (mostWeeks - 1) * 7) >= to) return []
  const detail = {
    en: `is more than ${mostWeeks - 1} weeks after the first day`,
    es: `está más de ${mostWeeks - 1} semanas después del primer día`,
  }
  return [{ pointer: '?to', detail }]
}

/** The weeks at a place that have a day between two, both included. */
export const weeksOf = (timeZone: string, { from, to }: { from: string; to: string }): Week[] => {
  const weeks: Week[] = []
  for (let monday = mondayOf(from); monday <= to; monday = nextDate(monday, 7)) {
    const week = daysAt(timeZone, monday, 7)
    weeks.push({ monday, start: week.from.getTime(), end: week.to.getTime() })
  }
  return weeks
}

/** The days of the last whole week at a place. */
export const lastWeek = (timeZone: string, now: Date): { from: string; to: string } => {
  const from = nextDate(mondayOf(dateAt(timeZone, now)), -7)
  return { from, to: nextDate(from, 6) }
}

/**
 * Someone's figures of a week. Hours due grow less by the share of the week in which the person is
 * absent; what is worked beyond them is overtime.
 */
export const figuresOfWeek = (
  { planned, recorded, absences }: Hours,
  week: Period,
  { weeklyHours, nightIn }: ReportTerms,
): WeekFigures => {
  const within = (periods: readonly Period[]) => new WorkLine(periods).workIn(week)
  const worked = within(recorded)
  const absent = within(absences)
  const due = weeklyHours * 3_600_000 * (1 - absent / (week.end - week.start))
  const inWeek = new WorkLine(recorded).periods.flatMap(({ start, end }) => {
    const part = { start: Math.max(start, week.start), end: Math.min(end, week.end) }
    return part.start < part.end ? [part] : []
  })
  return {
    plannedMinutes: minutes(within(planned)),
    workedMinutes: minutes(worked),
    dueMinutes: minutes(due),
    overtimeMinutes: minutes(Math.max(0, worked - due)),
    nightMinutes: minutes(inWeek.reduce((total, part) => total + nightIn(part), 0)),
    emergencyMinutes: minutes(within(recorded.filter(({ emergency }) => emergency))),
    unsignedMinutes: minutes(within(recorded.filter(({ signed }) => !signed))),
    absentMinutes: minutes(absent),
    utilisation: minutes(due) === 0 ? null : Math.round((worked / due) * 10_000) / 10_000,
  }
}

const minutes = (milliseconds: number): number => Math.round(milliseconds / 60_000)

const mondayOf = (date: string): string => {
  // 1970-01-01 was a Thursday.
  const weekday = (Math.floor(Date.parse(date) / 86_400_000) + 3) % 7
  return nextDate(date, -((weekday + 7) % 7))
}
