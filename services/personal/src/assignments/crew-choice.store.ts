import type { Unit } from '@porttrack/shared/database/transaction'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import type { Client, Prisma } from '../database.ts'
import type { Work } from '../rest/rest-rules.ts'
import type { Position } from '../shifts/shift.schema.ts'
import {
  type Asked,
  askedFor,
  assignmentErrors,
  type AssignmentTerms,
  type Candidate,
} from './assignment.ts'
import { candidatesOf } from './candidate.store.ts'
import { fillPositions } from './filling.ts'
import { isFit, notFilled, type Standing, standingsFor } from './standing.ts'

/** Whoever holds the role and the skills of a position is looked at, up to so many. */
const mostLookedAt = 2_000

/** How often a crew is chosen anew because others have taken someone of it meanwhile. */
const mostAttempts = 20

/** The shift that people are chosen for, and by which terms they are judged. */
export type Planning = { window: Work; terms: AssignmentTerms }

/** A position that nobody has, and where it stands among those of its shift. */
type OpenPosition = { position: Position; index: number }

/** Those who hold the role and the skills of a position. */
export const ableTo = ({ role, skills }: Position): Prisma.EmployeeWhereInput => ({
  state: 'ACTIVE',
  roles: { has: role },
  skills: { hasEvery: skills },
})

/** Candidates as they are now, whom others may assign meanwhile. */
export const candidatesFor = async (
  client: Client,
  where: Prisma.EmployeeWhereInput,
  { window, terms }: Planning,
): Promise<Candidate[]> => {
  const employees = await client.employee.findMany({
    where,
    orderBy: { id: 'asc' },
    take: mostLookedAt,
  })
  return candidatesOf(client, employees, { window, referenceWeeks: terms.referenceWeeks })
}

/** Candidates to whose work nobody else adds until the transaction ends, locked in one order. */
export const lockedCandidates = async (
  { tx, sql }: Unit<Client>,
  ids: readonly string[],
  planning: Planning,
): Promise<Candidate[]> => {
  await sql('SELECT 1 FROM employee WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE', [ids])
  return candidatesFor(tx, { id: { in: [...ids] } }, planning)
}

/**
 * Chooses someone for each open position, and locks those it has chosen. Everyone is looked at without
 * a lock; whoever turns out to be taken once locked is judged anew, the locks are given back, and others
 * are chosen.
 *
 * @param among whom to choose of
 * @returns the candidates in the order of the positions
 * @throws ProblemError 409 naming each position that nobody is left for and why, or when others keep
 *   taking the same people
 */
export const chooseCrew = async (
  unit: Unit<Client>,
  { open, among, ...planning }: Planning & OpenCrew,
): Promise<Candidate[]> => {
  const { window, terms } = planning
  const asked = open.map(({ position }) => askedFor(position, window, terms))
  const where = { AND: [among, { OR: open.map(({ position }) => ableTo(position)) }] }
  let candidates = await candidatesFor(unit.tx, where, planning)
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const standings = standingsFor(candidates, window, terms)
    const chosen = bestChoice(open, asked, standings)
    await unit.sql('SAVEPOINT crew_choice')
    const locked = await lockedCandidates(unit, chosen, planning)
    const present = new Map(
      standingsFor(locked, window, terms).map((each) => [each.candidate.id, each]),
    )
    const isStillFit = (id: string, n: number): boolean => {
      const [standing, position] = [present.get(id), asked[n]]
      return standing !== undefined && position !== undefined && isFit(standing, position)
    }
    if (chosen.every(isStillFit)) {
      return chosen.flatMap((id) => present.get(id)?.candidate ?? [])
    }
    // Locks that were kept while others are waited for could have two planners wait for each other.
    await unit.sql('ROLLBACK TO SAVEPOINT crew_choice')
    const looked = new Set(chosen)
    candidates = [...candidates.filter(({ id }) => !looked.has(id)), ...locked]
  }
  throw new ProblemError(assignmentErrors.CREW_CONTENDED)
}

type OpenCrew = { open: readonly OpenPosition[]; among: Prisma.EmployeeWhereInput }

/** @throws ProblemError 409 naming each position that nobody is left for */
const bestChoice = (
  open: readonly OpenPosition[],
  asked: readonly Asked[],
  standings: readonly Standing[],
): string[] => {
  const choices = asked.map((each) =>
    standings.flatMap((standing) => (isFit(standing, each) ? [standing.candidate.id] : [])),
  )
  const chosen = fillPositions(choices)
  const errors = asked.flatMap((each, n): Fault[] =>
    chosen[n] === null ? [notFilled(open[n]?.index ?? n, each, standings)] : [],
  )
  if (errors.length > 0) throw new ProblemError(assignmentErrors.SHIFT_NOT_FILLED, { errors })
  return chosen.filter((id) => id !== null)
}
