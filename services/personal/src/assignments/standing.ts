import type { Fault } from '@porttrack/shared/http/problem'
import type { Work } from '../rest/rest-rules.ts'
import { type Period, WorkLine } from '../rest/work-line.ts'
import {
  type Asked,
  type AssignmentTerms,
  type Candidate,
  unmetConditions,
  unmetForPosition,
  unmetForShift,
} from './assignment.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** What someone has behind them when a shift ends. */
export type Load = {
  /** Minutes of rest in the 7 days until the shift ends, the shift being worked. */
  restIn7Days: number
  /** Shifts with 3 hours of the night at least in the 28 days before. */
  nightsIn28Days: number
}

/** Someone as they stand to a shift, whichever the position. */
export type Standing = {
  candidate: Candidate
  /** The conditions of the shift that are not met. */
  faults: Fault[]
  load: Load
}

/** How people stand to a shift, the most rested first: it is found once for all its positions. */
export const standingsFor = (
  candidates: readonly Candidate[],
  window: Work,
  terms: AssignmentTerms,
): Standing[] =>
  candidates
    .map((candidate) => ({
      candidate,
      faults: unmetForShift(candidate, window, terms),
      load: loadOf(candidate, window, terms),
    }))
    .toSorted(
      (a, b) =>
        b.load.restIn7Days - a.load.restIn7Days ||
        a.load.nightsIn28Days - b.load.nightsIn28Days ||
        a.candidate.id.localeCompare(b.candidate.id),
    )

/** Whether someone meets every condition of a position. */
export const isFit = ({ candidate, faults }: Standing, asked: Asked): boolean =>
  faults.length === 0 && unmetForPosition(candidate, asked).length === 0

/** Why a position stays open: how many hold its role and skills, and what keeps them from it. */
export const notFilled = (index: number, asked: Asked, standings: readonly Standing[]): Fault => {
  const { role, skills } = asked.requirements
  const able = standings.filter(
    ({ candidate }) =>
      candidate.roles.includes(role) && skills.every((skill) => candidate.skills.includes(skill)),
  )
  const counts = new Map<string, number>()
  for (const { candidate, faults } of able) {
    const codes = unmetConditions(candidate, asked, faults).map(({ code }) => code)
    for (const code of new Set(codes)) counts.set(code ?? '', (counts.get(code ?? '') ?? 0) + 1)
  }
  const why = [...counts].map(([code, count]) => `${code} ${count}`).join(', ')
  const reasons = why === '' ? '' : ` (${why})`
  return {
    pointer: `#/positions/${index}`,
    code: 'POSITION_OPEN',
    detail: {
      en: `of ${able.length} with the role and the skills nobody is left${reasons}`,
      es: `de ${able.length} con el puesto y las competencias no queda nadie${reasons}`,
    },
  }
}

const loadOf = ({ work }: Candidate, window: Period, { nightIn }: AssignmentTerms): Load => {
  const week = { start: window.end - 7 * dayMs, end: window.end }
  const worked = new WorkLine([...work, window]).workIn(week)
  const nights = work.filter(
    (each) =>
      each.end <= window.start &&
      each.start >= window.start - 28 * dayMs &&
      nightIn(each) >= 3 * hourMs,
  )
  return {
    restIn7Days: Math.floor((7 * dayMs - worked) / 60_000),
    nightsIn28Days: nights.length,
  }
}
