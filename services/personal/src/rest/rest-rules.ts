import type { restProfiles } from '../employees/employee.ts'
import { type Period, WorkLine } from './work-line.ts'

const hour = 3_600_000
const day = 24 * hour
const week = 7 * day

/** Work of one person. What an emergency demanded is kept, and breaks no rule (STCW A-VIII/1.8). */
export type Work = Period & { emergency: boolean }

export type RestProfile = (typeof restProfiles)[number]

export type RestRecord = {
  profile: RestProfile
  /** Planned and actual hours, in any order. */
  work: readonly Work[]
  /** Leave and sickness: they count in no average (Directive 2003/88/EC, article 16 b). */
  absences: readonly Period[]
}

export type RestTerms = {
  /** Milliseconds of night within a period of work, by the clock of the place. */
  nightIn: (period: Period) => number
  /** Over how many weeks the averages of `EU_WTD` are taken, 1 to 17 (four months). */
  referenceWeeks: number
}

/** A rule that is not kept, and where. */
export type RestBreach = {
  rule: RestRule
  window: Period
  /** Whether the rule asks for the least rest or the most work. */
  bound: 'least' | 'most'
  /** Milliseconds of it that the rule asks for. */
  limit: number
  /** Milliseconds that there were of it. */
  found: number
  /** Kept if it were not for the work of an emergency. */
  exempt: boolean
}

type Judge = {
  profile: RestProfile
  bound: RestBreach['bound']
  limit: number
  /** Where the rule is looked at; no other window can break it if none of these does. */
  windows: (roster: Roster) => Period[]
  found: (roster: Roster, window: Period) => number
}

/** What the rules look at of one person; what many windows ask for is found once. */
class Roster {
  readonly line: WorkLine
  readonly #absent: WorkLine
  readonly #terms: RestTerms
  #nights: readonly Period[] | undefined

  constructor(work: readonly Work[], absent: WorkLine, terms: RestTerms) {
    this.line = new WorkLine(work)
    this.#absent = absent
    this.#terms = terms
  }

  get referenceWeeks(): number {
    return this.#terms.referenceWeeks
  }

  /** Work of a night has 3 hours of it at least. */
  get nights(): readonly Period[] {
    const { nightIn } = this.#terms
    this.#nights ??= this.line.periods.filter((period) => nightIn(period) >= 3 * hour)
    return this.#nights
  }

  /** The time before `end` that has the weeks of reference beside absences. */
  referencePeriod(end: number): Period {
    const wanted = this.referenceWeeks * week
    let start = end - wanted
    for (;;) {
      const earlier = end - wanted - this.#absent.workIn({ start, end })
      if (earlier === start) return { start, end }
      start = earlier
    }
  }
}

/**
 * The rules of STCW A-VIII/1 and MLC A2.3 (STCW_MLC), and of Directive 2003/88/EC (EU_WTD).
 *
 * Totals hold in every window: the worst of them begins where work begins, or ends where work ends. The
 * shape of the rest is judged in windows that begin where work or rest begins, or a lawful roster such
 * as six hours on and six off would fail.
 */
const judges = {
  /** In any 24 hours at least 10 of rest. */
  REST_IN_24_HOURS: {
    profile: 'STCW_MLC',
    bound: 'least',
    limit: 10 * hour,
    windows: ({ line }) => everyWindow(line, day),
    found: restIn,
  },
  /** In any 7 days at least 77 hours of rest. */
  REST_IN_7_DAYS: {
    profile: 'STCW_MLC',
    bound: 'least',
    limit: 77 * hour,
    windows: ({ line }) => everyWindow(line, week),
    found: restIn,
  },
  /** The rest of 24 hours is had in at most two parts. */
  REST_IN_TWO_PARTS: {
    profile: 'STCW_MLC',
    bound: 'least',
    limit: 10 * hour,
    windows: ({ line }) => windowsFrom(line, day),
    found: ({ line }, window) => sum(line.restsIn(window).slice(0, 2)),
  },
  /** One of the two is of at least 6 hours. */
  REST_PART_OF_6_HOURS: {
    profile: 'STCW_MLC',
    bound: 'least',
    limit: 6 * hour,
    windows: ({ line }) => windowsFrom(line, day),
    found: longestRest,
  },
  /** At most 14 hours between two rests. */
  WORK_BETWEEN_RESTS: {
    profile: 'STCW_MLC',
    bound: 'most',
    limit: 14 * hour,
    windows: ({ line }) => [...line.periods],
    found: ({ line }, window) => line.workIn(window),
  },
  /** In each 24 hours 11 of rest in a row (article 3). */
  DAILY_REST: {
    profile: 'EU_WTD',
    bound: 'least',
    limit: 11 * hour,
    windows: ({ line }) => windowsFrom(line, day),
    found: longestRest,
  },
  /** In each 7 days 24 and 11 hours of rest in a row (article 5). */
  WEEKLY_REST: {
    profile: 'EU_WTD',
    bound: 'least',
    limit: 35 * hour,
    windows: ({ line }) => windowsFrom(line, week),
    found: longestRest,
  },
  /** At most 48 hours a week on average (article 6). */
  WEEKLY_AVERAGE: {
    profile: 'EU_WTD',
    bound: 'most',
    limit: 48 * hour,
    windows: (roster) => roster.line.periods.map(({ end }) => roster.referencePeriod(end)),
    found: ({ line, referenceWeeks }, window) => line.workIn(window) / referenceWeeks,
  },
  /** Work of a night lasts 8 hours on average (article 8). */
  NIGHT_AVERAGE: {
    profile: 'EU_WTD',
    bound: 'most',
    limit: 8 * hour,
    windows: (roster) => roster.nights.map(({ end }) => roster.referencePeriod(end)),
    found: (roster, window) => {
      const nights = roster.nights.filter(
        ({ start, end }) => start >= window.start && end <= window.end,
      )
      return sum(nights.map(({ start, end }) => end - start)) / Math.max(1, nights.length)
    },
  },
} as const satisfies Record<string, Judge>

export type RestRule = keyof typeof judges

export const restRules = Object.keys(judges) as RestRule[]

/**
 * Every window of `record` in which a rule of its profile is not kept, in the order of the windows.
 * Several may come from one cause.
 */
export const restBreaches = (record: RestRecord, terms: RestTerms): RestBreach[] => {
  const absent = new WorkLine(record.absences)
  const whole = new Roster(record.work, absent, terms)
  const planned = new Roster(
    record.work.filter(({ emergency }) => !emergency),
    absent,
    terms,
  )
  return restRules
    .flatMap((rule) => {
      const judge: Judge = judges[rule]
      if (judge.profile !== record.profile) return []
      const { bound, limit } = judge
      const keeps = (found: number) => (bound === 'least' ? found >= limit : found <= limit)
      return judge.windows(whole).flatMap((window) => {
        const found = judge.found(whole, window)
        if (keeps(found)) return []
        const exempt = keeps(judge.found(planned, window))
        return [{ rule, window, bound, limit, found, exempt }]
      })
    })
    .toSorted((a, b) => a.window.start - b.window.start || a.window.end - b.window.end)
}

/**
 * Breaches as someone would list them: of those of one rule whose windows overlap, the first stands for
 * what follows from the same cause.
 */
export const nonConformities = (breaches: readonly RestBreach[]): RestBreach[] => {
  const until = new Map<string, number>()
  return breaches.filter(({ rule, window, exempt }) => {
    const kind = `${rule} ${exempt}`
    if (window.start < (until.get(kind) ?? -Infinity)) return false
    until.set(kind, window.end)
    return true
  })
}

function restIn({ line }: Roster, window: Period): number {
  return window.end - window.start - line.workIn(window)
}

function longestRest({ line }: Roster, window: Period): number {
  return line.restsIn(window)[0] ?? 0
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0)

/** Windows of a length among which is the one with the most work. */
const everyWindow = ({ periods }: WorkLine, length: number): Period[] =>
  periods.flatMap(({ start, end }) => [
    { start, end: start + length },
    { start: end - length, end },
  ])

/** Windows of a length that begin where work or rest begins. */
const windowsFrom = ({ periods }: WorkLine, length: number): Period[] =>
  periods.flatMap(({ start, end }) => [
    { start, end: start + length },
    { start: end, end: end + length },
  ])
