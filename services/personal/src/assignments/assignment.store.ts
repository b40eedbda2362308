import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { AssignmentRow, Client, PersonalDatabase } from '../database.ts'
import { employeesKnownTo } from '../employees/employee.store.ts'
import { requireGang } from '../gangs/gang.store.ts'
import type { Work } from '../rest/rest-rules.ts'
import { shiftErrors, type ShiftState } from '../shifts/shift.ts'
import type { Position, Shift } from '../shifts/shift.schema.ts'
import { lockShift, requireShift } from '../shifts/shift.store.ts'
import {
  askedFor,
  assignmentErrors,
  type AssignmentState,
  type AssignmentTerms,
  type Candidate,
  canOverride,
  unmetConditions,
  unmetForShift,
} from './assignment.ts'
import { ableTo, candidatesFor, chooseCrew, lockedCandidates } from './crew-choice.store.ts'
import { confirmIfComplete, tellConfirmed, tellWithdrawn, withOrganization } from './crew.store.ts'
import type { Assignment, AssignmentQuery, NewAssignment, Suggestion } from './assignment.schema.ts'
import { placeGang } from './gang-placing.ts'
import { isFit, standingsFor } from './standing.ts'

type AssignmentStoreOptions = {
  database: PersonalDatabase
  cursors: Cursors
  terms: AssignmentTerms
}

/** Who asks, and of which shift. */
type Place = { caller: Caller; shiftId: string }

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
    const known = await unit.tx.employee.findFirst({
      where: { AND: [{ id: given.employeeId }, employeesKnownTo(caller)] },
      select: { id: true },
    })
    if (!known) throw new ProblemError(kitErrors.NOT_FOUND)
    const window = windowOf(shift)
    const [candidate] = await lockedCandidates(unit, [known.id], { window, terms })
    if (!candidate) throw new ProblemError(kitErrors.NOT_FOUND)
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
    const window = windowOf(shift)
    const asked = askedFor(position, window, terms)
    const able = { AND: [employeesKnownTo(caller), ableTo(position)] }
    const candidates = await candidatesFor(database.client, able, { window, terms })
    return standingsFor(candidates, window, terms)
      .filter((standing) => isFit(standing, asked))
      .slice(0, limit)
      .map(({ candidate, load }) => ({ employeeId: candidate.id, ...load }))
  },

  /**
   * Fills every open position of a shift, or none.
   *
   * @throws ProblemError 404, 409 naming each position that nobody is left for, and why, or when others
   *   keep taking the same people
   */
  fill: async (unit: Unit<Client>, { caller, shiftId }: Place): Promise<Assignment[]> => {
    const shift = await requirePlannable(unit, shiftId)
    const open = await openPositions(unit, shift)
    if (open.length === 0) return []
    const crew = await chooseCrew(unit, {
      open,
      among: employeesKnownTo(caller),
      window: windowOf(shift),
      terms,
    })
    const made: Assignment[] = []
    for (const [n, { position }] of open.entries()) {
      const candidate = crew[n]
      if (!candidate) throw new Error('a crew has someone for each position')
      made.push(await place(unit, { shift, position, candidate, by: caller.subject, set: [] }))
    }
    return made
  },

  /**
   * Assigns each member of a standing gang to an open position, or nobody.
   *
   * @throws ProblemError 404, 409 when the shift is over, 422 for each member who finds no position, and
   *   why
   */
  assignGang: async (
    unit: Unit<Client>,
    { caller, shiftId, gangId }: Place & { gangId: string },
  ): Promise<Assignment[]> => {
    const shift = await requirePlannable(unit, shiftId)
    const { members } = await requireGang(unit.tx, { caller, id: gangId })
    const window = windowOf(shift)
    const locked = await lockedCandidates(unit, members, { window, terms })
    const standings = new Map(
      standingsFor(locked, window, terms).map((each) => [each.candidate.id, each]),
    )
    const gang = members.flatMap((id) => standings.get(id) ?? [])
    const open = await openPositions(unit, shift)
    const placed = placeGang(
      gang,
      open.map(({ position }) => askedFor(position, window, terms)),
    )
    if ('faults' in placed) {
      throw new ProblemError(assignmentErrors.GANG_REFUSED, { errors: placed.faults })
    }
    const made: Assignment[] = []
    for (const [n, { candidate }] of gang.entries()) {
      const position = open[placed.places[n] ?? -1]?.position
      if (!position) throw new Error('everyone of a gang that is placed has a position')
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
    if (shift.state !== 'DRAFT') {
      tellConfirmed(unit, { shift, row })
      await confirmIfComplete(unit, shift)
    }
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

/** The positions of a shift that nobody has, and where they stand among its positions. */
const openPositions = async ({ tx }: Unit<Client>, { id: shiftId, positions }: Shift) => {
  const filled = await tx.assignment.findMany({ where: { shiftId, withdrawnAt: null } })
  return positions
    .map((position, index) => ({ position, index }))
    .filter(({ position }) => !filled.some(({ positionId }) => positionId === position.id))
}

const windowOf = ({ startsAt, endsAt, emergency }: Shift): Work => ({
  start: Date.parse(startsAt),
  end: Date.parse(endsAt),
  emergency,
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
