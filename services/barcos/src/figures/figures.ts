import type { Fault } from '@porttrack/shared/http/problem'
import { daysAt, type TimeWindow } from '@porttrack/shared/time/local-time'
import type { DayFigures, Figures } from './figures.schema.ts'

/** A calendar day of a port, which on two days of a year has 23 or 25 hours. */
export type PortDay = TimeWindow & { date: string }

/** Days that are answered for at once. */
const mostDays = 366

/** What is wrong with a span of days, both ends of which belong to it. */
export const spanFaults = ({ from, to }: { from: string; to: string }): Fault[] => {
  const days = daysBetween(from, to)
  if (days < 1) {
    const detail = { en: 'must not be before from', es: 'no debe ser anterior a from' }
    return [{ pointer: '?to', detail }]
  }
  if (days <= mostDays) return []
  const detail = {
    en: `must be at most ${mostDays} days from from, itself included`,
    es: `debe quedar como mucho a ${mostDays} días de from, contando ambos`,
  }
  return [{ pointer: '?to', detail }]
}

/** The days of a span at a place, in order. */
export const portDays = (timeZone: string, { from, to }: { from: string; to: string }): PortDay[] =>
  Array.from({ length: daysBetween(from, to) }, (_, index) => {
    const date = new Date(Date.parse(from) + index * dayLength).toISOString().slice(0, 10)
    return { date, ...daysAt(timeZone, date, 1) }
  })

/** Of dates, which have no zone: milliseconds. */
const dayLength = 86_400_000

const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / dayLength) + 1

/** What berths offered and ships took of them in one day, metre-hours. */
export type BerthDay = {
  date: string
  berthId: string
  berthCode: string
  berthName: string
  offered: number
  taken: number
  reserved: number
}

/** Of how many calls something is known, and the sum of it. */
export type CallDay = {
  date: string
  berthId: string | null
  berthed: number
  departed: number
  waitingCalls: number
  waitingSeconds: number
  idleCalls: number
  idleSeconds: number
  due: number
  onTime: number
}

type Sums = Omit<BerthDay, 'date' | 'berthId' | 'berthCode' | 'berthName'> &
  Omit<CallDay, 'date' | 'berthId'>

const nothing: Sums = {
  offered: 0,
  taken: 0,
  reserved: 0,
  berthed: 0,
  departed: 0,
  waitingCalls: 0,
  waitingSeconds: 0,
  idleCalls: 0,
  idleSeconds: 0,
  due: 0,
  onTime: 0,
}

/** Joins what is known of berths and of calls: by day, then by berth, calls of no known berth last. */
export const figuresOf = (
  berths: readonly BerthDay[],
  calls: readonly CallDay[],
): Pick<Figures, 'items' | 'total'> => {
  const callsOf = new Map(calls.map((each) => [keyOf(each), each]))
  const unplaced = calls.filter(({ berthId }) => berthId === null)
  const rows = [
    ...berths.map((berth) => ({ ...nothing, ...callsOf.get(keyOf(berth)), ...berth })),
    ...unplaced.map((each) => ({ ...nothing, ...each, berthCode: null, berthName: null })),
  ].toSorted((a, b) => compare(a.date, b.date) || compareBerths(a.berthCode, b.berthCode))
  return {
    items: rows.map((row): DayFigures => {
      const { date, berthId, berthCode, berthName } = row
      return { date, berthId, berthCode, berthName, ...measuresOf(row) }
    }),
    total: measuresOf(rows.reduce<Sums>(plus, nothing)),
  }
}

const keyOf = ({ date, berthId }: { date: string; berthId: string | null }): string =>
  `${date} ${berthId ?? ''}`

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

const compareBerths = (a: string | null, b: string | null): number => {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return compare(a, b)
}

const plus = (sum: Sums, each: Sums): Sums =>
  Object.fromEntries(
    (Object.keys(nothing) as (keyof Sums)[]).map((name) => [name, sum[name] + each[name]]),
  ) as Sums

const measuresOf = (sums: Sums): Figures['total'] => {
  const known = sums.offered > 0
  return {
    metreHoursOffered: known ? rounded(sums.offered) : null,
    metreHoursTaken: known ? rounded(sums.taken) : null,
    metreHoursReserved: known ? rounded(sums.reserved) : null,
    occupancy: share(sums.taken, sums.offered),
    reservedOccupancy: share(sums.reserved, sums.offered),
    callsBerthed: sums.berthed,
    callsDeparted: sums.departed,
    waitingCalls: sums.waitingCalls,
    meanWaitingSeconds: share(sums.waitingSeconds, sums.waitingCalls),
    idleCalls: sums.idleCalls,
    meanIdleSeconds: share(sums.idleSeconds, sums.idleCalls),
    dueCalls: sums.due,
    onTimeCalls: sums.onTime,
    onTimeRatio: share(sums.onTime, sums.due),
  }
}

/** Null where there is nothing to have a share of. */
const share = (part: number, whole: number): number | null =>
  whole > 0 ? rounded(part / whole) : null

/** To four places: what is less is noise of floating point. */
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000
