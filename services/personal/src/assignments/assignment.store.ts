import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { AssignmentRow, Client, PersonalDatabase, Prisma } from '../database.ts'
import { employeesKnownTo } from '../employees/employee.store.ts'
import type { Work } from '../rest/rest-rules.ts'
import { type Period, WorkLine } from '../rest/work-line.ts'
import { shiftErrors, type ShiftState } from '../shifts/shift.ts'
import type { Position, Shift } from '../shifts/shift.schema.ts'
import { lockShift, requireShift } from '../shifts/shift.store.ts'
import {
  type Asked,
  askedFor,
  assignmentErrors,
  type AssignmentState,
  type AssignmentTerms,
  type Candidate,
  canOverride,
  unmetConditions,
  unmetForPosition,
  unmetForShift,
} from './assignment.ts'
import { tellConfirmed, tellWithdrawn, withOrganization } from './crew.store.ts'
import type { Assignment, AssignmentQuery, NewAssignment, Suggestion } from './assignment.schema.ts'
import { candidatesOf } from './candidate.store.ts'
import { fillPositions } from './filling.ts'

type AssignmentStoreOptions = {
  database: PersonalDatabase
  cursors: Cursors
  terms: AssignmentTerms
}

/** Who asks, and of which shift. */
type Place = { caller: Caller; shiftId: string }

/** Whoever holds the role and the skills of a position is looked at, up to so many. */
const mostLookedAt = 2_000

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Who works in which shift: rows in, `Assignment` out. */
export const assignmentStore = ({ database, cursors, terms }: AssignmentStoreOptions) => ({
  /**
   * One page of the assignments of a shift in the order in which they were made, withdrawn ones among
   * them; of the people that the caller may know of.
   *
   * @throws ProblemError 404
   */
  list: async ({ caller, shiftId }: Place, query: AssignmentQuery): Promise<Page<Assignment>> => {
    const shift = await requireShift(database.client, shiftId)
    const name = `shifts/${shiftId}/assignments`
    const keys = sortKeysOf<'id'>('id')
    const { orderBy, where } = keysetOf(keys, cursors.read(name, query))
    const rows = await database.client.assignment.findMany({
      where: { AND: [{ shiftId, employee: employeesKnownTo(caller) }, where] },
      orderBy,
      take: (query.limit ?? 50) + 1,
    })
    const page = cursors.page(name, query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map((row) => assignmentOf(row, shift)) }
  },

  /**
   * Assigns someone to a position.
   *
   * @param given.override sets aside what is not met, where that can be
   * @throws ProblemError 404, 403 for an override that is not the caller's, 422 naming every condition
   *   that is not met, 409 when the position is filled, the person is elsewhere, or the shift is over
   */
  assign: async (
    unit: Unit<Client>,
    { caller, shiftId, given, mayOverride }: Place & { given: NewAssignment; mayOverride: boolean },
  ): Promise<Assignment> => {
    if (given.override && !mayOverride) throw new ProblemError(kitErrors.FORBIDDEN)
    const shift = await requirePlannable(unit, shiftId)
    const position = shift.positions.find(({ id }) => id === given.positionId.toLowerCase())
    if (!position) throw new ProblemError(kitErrors.NOT_FOUND)
    const [candidate] = await lockedCandidates(unit, {
      where: { AND: [{ id: given.employeeId }, employeesKnownTo(caller)] },
      window: windowOf(shift),
      terms,
    })
    if (!candidate) throw new ProblemError(kitErrors.NOT_FOUND)
    const window = windowOf(shift)
    const faults = unmetConditions(
      candidate,
      askedFor(position, window, terms),
      unmetForShift(candidate, window, terms),
    )
    const elsewhere = faults.filter(({ code }) => code === 'FREE_IN_TIME')
    if (elsewhere.length > 0 && elsewhere.length === faults.length) {
      throw new ProblemError(assignmentErrors.EMPLOYEE_TAKEN, { errors: elsewhere })
    }
    if (faults.length > 0 && !(given.override && faults.every(canOverride))) {
      throw new ProblemError(assignmentErrors.ASSIGNMENT_REFUSED, { errors: faults })
    }
    return place(unit, { shift, position, candidate, by: caller.subject, set: faults, given })
  },

  /**
   * Withdraws an assignment; who, when and why is kept.
   *
   * @throws ProblemError 404, 409 when it is withdrawn already, or its shift is over
   */
  withdraw: async (
    unit: Unit<Client>,
    { caller, shiftId, assignmentId, reason }: Place & { assignmentId: string; reason: string },
  ): Promise<Assignment> => {
    const shift = await requirePlannable(unit, shiftId)
    const present = await unit.tx.assignment.findFirst({
      where: { id: assignmentId, shiftId, employee: employeesKnownTo(caller) },
    })
    if (!present) throw new ProblemError(kitErrors.NOT_FOUND)
    if (present.withdrawnAt !== null) throw new ProblemError(assignmentErrors.ASSIGNMENT_WITHDRAWN)
    const row = await unit.tx.assignment.update({
      where: { id: present.id },
      data: { withdrawalReason: reason, withdrawnBy: caller.subject, withdrawnAt: new Date() },
      include: withOrganization,
    })
    tellWithdrawn(unit, { shift, row })
    return assignmentOf(row, shift)
  },

  /**
   * Who may fill a position: those who meet every condition, the most rested first, and of those with
   * as much rest whoever has had fewer nights.
   *
   * @throws ProblemError 404
   */
  suggest: async (
    { caller, shiftId }: Place,
    { positionId, limit }: { positionId: string; limit: number },
  ): Promise<Suggestion[]> => {
    const shift = await requireShift(database.client, shiftId)
    const position = shift.positions.find(({ id }) => id === positionId.toLowerCase())
    if (!position) throw new ProblemError(kitErrors.NOT_FOUND)
    const employees = await database.client.employee.findMany({
      where: { AND: [employeesKnownTo(caller), ableTo(position)] },
      orderBy: { id: 'asc' },
      take: mostLookedAt,
    })
    const window = windowOf(shift)
    const candidates = await candidatesOf(database.client, employees, {
      window,
      referenceWeeks: terms.referenceWeeks,
    })
    return fitFor(standingsFor(candidates, window, terms), askedFor(position, window, terms))
      .slice(0, limit)
      .map(({ candidate, load }) => ({ employeeId: candidate.id, ...load }))
  },

  /**
   * Fills every open position of a shift, or none.
   *
   * @throws ProblemError 404, 409 naming each position that nobody is left for, and why
   */
  fill: async (unit: Unit<Client>, { caller, shiftId }: Place): Promise<Assignment[]> => {
    const shift = await requirePlannable(unit, shiftId)
    const filled = await unit.tx.assignment.findMany({ where: { shiftId, withdrawnAt: null } })
    const window = windowOf(shift)
    const open = shift.positions
      .map((position, index) => ({ position, index, asked: askedFor(position, window, terms) }))
      .filter(({ position }) => !filled.some(({ positionId }) => positionId === position.id))
    const candidates = await lockedCandidates(unit, {
      where: {
        AND: [employeesKnownTo(caller), { OR: open.map(({ position }) => ableTo(position)) }],
      },
      window,
      terms,
    })
    const standings = standingsFor(candidates, window, terms)
    const choices = open.map(({ asked }) =>
      fitFor(standings, asked).map(({ candidate }) => candidate.id),
    )
    const chosen = fillPositions(choices)
    const errors = open.flatMap(({ asked, index }, n): Fault[] =>
      chosen[n] === null ? [notFilled(index, asked, standings)] : [],
    )
    if (errors.length > 0) throw new ProblemError(assignmentErrors.SHIFT_NOT_FILLED, { errors })
    const made: Assignment[] = []
    for (const [n, { position }] of open.entries()) {
      const candidate = candidates.find(({ id }) => id === chosen[n])
      if (!candidate) continue
      made.push(await place(unit, { shift, position, candidate, by: caller.subject, set: [] }))
    }
    return made
  },
})

export type AssignmentStore = ReturnType<typeof assignmentStore>

type Placing = {
  shift: Shift
  position: Position
  candidate: Candidate
  by: string
  /** Conditions that are set aside. */
  set: readonly Fault[]
  given?: NewAssignment
}

const place = async (
  unit: Unit<Client>,
  { shift, position, candidate, by, set, given }: Placing,
): Promise<Assignment> => {
  try {
    const row = await unit.tx.assignment.create({
      data: {
        id: uuidv7(),
        shiftId: shift.id,
        positionId: position.id,
        employeeId: candidate.id,
        startsAt: new Date(shift.startsAt),
        endsAt: new Date(shift.endsAt),
        overridden: [...new Set(set.flatMap(({ code = '' }) => code))],
        overrideReason: set.length === 0 ? null : (given?.override?.reason ?? null),
        assignedBy: by,
      },
      include: withOrganization,
    })
    if (shift.state !== 'DRAFT') tellConfirmed(unit, { shift, row })
    return assignmentOf(row, shift)
  } catch (error) {
    const constraint = violatedConstraint(error)
    if (constraint === 'assignment_position_id_key') {
      throw new ProblemError(assignmentErrors.POSITION_FILLED, { cause: error })
    }
    if (constraint === 'assignment_one_place_at_a_time') {
      throw new ProblemError(assignmentErrors.EMPLOYEE_TAKEN, { cause: error })
    }
    throw error
  }
}

/**
 * A shift that still takes people, whose state stays as it is until the transaction ends.
 *
 * @throws ProblemError 404, 409
 */
const requirePlannable = async (unit: Unit<Client>, id: string): Promise<Shift> => {
  const shift = await lockShift(unit, id)
  if (shift.state === 'CLOSED' || shift.state === 'CANCELLED') {
    throw new ProblemError(shiftErrors.SHIFT_NOT_IN_STATE)
  }
  return shift
}

/** Candidates to whose work nobody else adds until the transaction ends, locked in one order. */
const lockedCandidates = async (
  { tx, sql }: Unit<Client>,
  {
    where,
    window,
    terms,
  }: { where: Prisma.EmployeeWhereInput; window: Period; terms: AssignmentTerms },
): Promise<Candidate[]> => {
  const found = await tx.employee.findMany({
    where,
    orderBy: { id: 'asc' },
    take: mostLookedAt,
    select: { id: true },
  })
  const ids = found.map(({ id }) => id)
  await sql('SELECT 1 FROM employee WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE', [ids])
  const rows = await tx.employee.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } })
  return candidatesOf(tx, rows, { window, referenceWeeks: terms.referenceWeeks })
}

/** Someone as they stand to a shift, whichever the position. */
type Standing = {
  candidate: Candidate
  /** The conditions of the shift that are not met. */
  faults: Fault[]
  load: Pick<Suggestion, 'restIn7Days' | 'nightsIn28Days'>
}

/** How people stand to a shift, the most rested first: it is found once for all its positions. */
const standingsFor = (
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

/** Whoever meets every condition of a position, in the same order. */
const fitFor = (standings: readonly Standing[], asked: Asked): Standing[] =>
  standings.filter(
    ({ candidate, faults }) =>
      faults.length === 0 && unmetForPosition(candidate, asked).length === 0,
  )

const loadOf = (
  { work }: Candidate,
  window: Period,
  { nightIn }: AssignmentTerms,
): Standing['load'] => {
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

/** Why a position stays open: how many hold its role and skills, and what keeps them from it. */
const notFilled = (index: number, asked: Asked, standings: readonly Standing[]): Fault => {
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
      en: `${able.length} hold the role and the skills, and nobody is left${reasons}`,
      es: `${able.length} tienen el puesto y las competencias, y no queda nadie${reasons}`,
    },
  }
}

const windowOf = ({ startsAt, endsAt, emergency }: Shift): Work => ({
  start: Date.parse(startsAt),
  end: Date.parse(endsAt),
  emergency,
})

const ableTo = ({ role, skills }: Position): Prisma.EmployeeWhereInput => ({
  state: 'ACTIVE',
  roles: { has: role },
  skills: { hasEvery: skills },
})

const assignmentOf = (row: AssignmentRow, { state }: { state: ShiftState }): Assignment => ({
  id: row.id,
  shiftId: row.shiftId,
  positionId: row.positionId,
  employeeId: row.employeeId,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  state: stateOf(row, state),
  overridden: row.overridden,
  assignedAt: row.assignedAt.toISOString(),
  withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
})

const stateOf = ({ withdrawnAt }: AssignmentRow, shift: ShiftState): AssignmentState => {
  if (withdrawnAt !== null) return 'WITHDRAWN'
  return shift === 'DRAFT' ? 'PLANNED' : 'CONFIRMED'
}
