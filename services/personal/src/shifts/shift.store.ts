import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import { confirmCrew, withdrawCrew } from '../assignments/crew.store.ts'
import type { Client, PersonalDatabase, Prisma } from '../database.ts'
import { providerServed } from '../demand/demand-provider.store.ts'
import { events } from '../events.ts'
import {
  longestShift,
  type ShiftAction,
  shiftErrors,
  portFaults,
  shiftFaults,
  shiftLifecycle,
  type ShiftState,
} from './shift.ts'
import type { NewShift, Shift, ShiftQuery } from './shift.schema.ts'

type ShiftStoreOptions = { database: PersonalDatabase; cursors: Cursors }

/** Who changes which shift, and the version it is meant for. */
type Change = { caller: Caller; id: string; version: number | '*' }

const withPositions = { positions: { orderBy: { number: 'asc' } } } as const
type ShiftRow = Prisma.ShiftGetPayload<{ include: typeof withPositions }>

/** Shifts and their positions: rows in, `Shift` out. */
export const shiftStore = ({ database, cursors }: ShiftStoreOptions) => ({
  /** @throws ProblemError 404 */
  find: async (id: string): Promise<Shift> => requireShift(database.client, id),

  /** One page of the shifts that a query names, by their beginning. */
  list: async (query: ShiftQuery): Promise<Page<Shift>> => {
    const keys = sortKeysOf<'startsAt'>(query.sort ?? 'startsAt')
    const { orderBy, where } = keysetOf(keys, cursors.read('shifts', query))
    const rows = await database.client.shift.findMany({
      where: { AND: [filterOf(query), where] },
      include: withPositions,
      orderBy,
      take: (query.limit ?? 50) + 1,
    })
    const page = cursors.page('shifts', query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(shiftOf) }
  },

  /** @throws ProblemError 422 naming every fault */
  create: async (
    { tx }: Unit<Client>,
    { caller, given }: { caller: Caller; given: NewShift },
  ): Promise<Shift> => {
    const row = await tx.shift.create({
      data: {
        id: uuidv7(),
        state: 'DRAFT',
        createdBy: caller.subject,
        ...columnsOf(given),
        positions: { create: positionsOf(given) },
      },
      include: withPositions,
    })
    return shiftOf(row)
  },

  /**
   * Replaces a draft. Its positions are other ones then.
   *
   * @throws ProblemError 404, 412, 422, 409 when it is no draft, or people are assigned to it
   */
  replace: async (
    unit: Unit<Client>,
    { given, ...change }: Change & { given: NewShift },
  ): Promise<Shift> => {
    await requireAction(unit, change, 'replace')
    const { id } = change
    const assigned = await unit.tx.assignment.count({ where: { shiftId: id, withdrawnAt: null } })
    if (assigned > 0) throw new ProblemError(shiftErrors.SHIFT_HAS_ASSIGNMENTS)
    await unit.tx.shiftPosition.deleteMany({ where: { shiftId: id } })
    return changeShift(unit, id, {
      ...columnsOf(given),
      positions: { create: positionsOf(given) },
    })
  },

  /**
   * Publishes, starts or closes a shift.
   *
   * @throws ProblemError 404, 412, 409 when its state does not allow it
   */
  advance: async (
    unit: Unit<Client>,
    { action, ...change }: Change & { action: 'publish' | 'start' | 'close' },
  ): Promise<Shift> => {
    const { state } = await requireAction(unit, change, action)
    const shift = await changeShift(unit, change.id, { state })
    await tellChanged(unit, shift)
    if (action === 'publish') await confirmCrew(unit, shift)
    return shift
  },

  /**
   * Gives a shift up, and withdraws its assignments for the same reason.
   *
   * @throws ProblemError 404, 412, 409 when its state does not allow it
   */
  cancel: async (
    unit: Unit<Client>,
    { reason, ...change }: Change & { reason: string },
  ): Promise<Shift> => {
    const { present } = await requireAction(unit, change, 'cancel')
    return giveUpShift(unit, present, { reason, by: change.caller.subject })
  },
})

export type ShiftStore = ReturnType<typeof shiftStore>

/**
 * A shift whose state nobody else changes until the transaction ends.
 *
 * @throws ProblemError 404
 */
export const lockShift = async ({ tx, sql }: Unit<Client>, id: string): Promise<Shift> => {
  await sql('SELECT 1 FROM shift WHERE id = $1::uuid FOR UPDATE', [id])
  return requireShift(tx, id)
}

/** Gives up a shift whose state allows it, and withdraws its assignments for the same reason. */
export const giveUpShift = async (
  unit: Unit<Client>,
  present: Shift,
  { reason, by }: { reason: string; by: string },
): Promise<Shift> => {
  await withdrawCrew(unit, { shift: present, reason, by })
  const shift = await changeShift(unit, present.id, {
    state: 'CANCELLED',
    cancellationReason: reason,
  })
  await tellChanged(unit, shift)
  return shift
}

/** @throws ProblemError 404, 412, 409 */
const requireAction = async (
  unit: Unit<Client>,
  { id, version }: Change,
  action: ShiftAction,
): Promise<{ present: Shift; state: ShiftState }> => {
  const present = await lockShift(unit, id)
  assertVersion(version, present.version)
  const state = shiftLifecycle.nextState(present.state, action)
  if (state === null) throw new ProblemError(shiftErrors.SHIFT_NOT_IN_STATE)
  return { present, state }
}

/** @throws ProblemError 404 */
export const requireShift = async (client: Client, id: string): Promise<Shift> => {
  const row = await client.shift.findUnique({ where: { id }, include: withPositions })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return shiftOf(row)
}

/** Changes columns of a shift that is locked. */
export const changeShift = async (
  { tx }: Unit<Client>,
  id: string,
  data: Prisma.ShiftUpdateInput,
): Promise<Shift> => {
  const row = await tx.shift.update({
    where: { id },
    data: { ...data, version: { increment: 1 }, updatedAt: new Date() },
    include: withPositions,
  })
  return shiftOf(row)
}

/** @throws ProblemError 422 naming every fault */
const columnsOf = (given: NewShift) => {
  const window = { from: new Date(given.startsAt), to: new Date(given.endsAt) }
  const errors = [...portFaults(given.UNLocationCode), ...shiftFaults(window)]
  if (errors.length > 0) throw new ProblemError(shiftErrors.SHIFT_INVALID, { errors })
  return {
    unLocationCode: given.UNLocationCode,
    place: given.place ?? null,
    kindOfWork: given.kindOfWork,
    portCallId: given.portCallId ?? null,
    emergency: given.emergency ?? false,
    startsAt: window.from,
    endsAt: window.to,
  }
}

/** Positions as rows of `shift_position`, numbered from 1. */
export const positionsOf = ({ positions }: Pick<NewShift, 'positions'>) =>
  positions.map(({ role, skills = [], certificates = [] }, index) => ({
    id: uuidv7(),
    number: index + 1,
    role,
    skills,
    certificates,
  }))

const filterOf = ({ from, to, state, portCallId }: ShiftQuery): Prisma.ShiftWhereInput => ({
  ...(from === undefined ? {} : { endsAt: { gt: new Date(from) } }),
  startsAt: {
    // No shift is longer: the index by beginnings is entered there instead of at its start.
    ...(from === undefined ? {} : { gt: new Date(Date.parse(from) - longestShift.milliseconds) }),
    ...(to === undefined ? {} : { lt: new Date(to) }),
  },
  ...(state === undefined ? {} : { state }),
  ...(portCallId === undefined ? {} : { portCallId }),
})

const shiftOf = (row: ShiftRow): Shift => ({
  id: row.id,
  UNLocationCode: row.unLocationCode,
  place: row.place,
  kindOfWork: row.kindOfWork,
  portCallId: row.portCallId,
  emergency: row.emergency,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  positions: row.positions.map(({ id, role, skills, certificates }) => ({
    id,
    role,
    skills,
    certificates,
  })),
  state: row.state as ShiftState,
  cancellationReason: row.cancellationReason,
  serviceOrderId: row.serviceOrderId,
  rotationId: row.rotationId,
  rotationDay: row.rotationDay?.toISOString().slice(0, 10) ?? null,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})

const tellChanged = async (unit: Unit<Client>, shift: Shift): Promise<void> => {
  const { id, UNLocationCode, state, kindOfWork, portCallId, serviceOrderId } = shift
  const { startsAt, endsAt, positions } = shift
  const work = { kindOfWork, portCallId, serviceOrderId, startsAt, endsAt }
  const providerOrganization = await providerServed(unit, shift)
  unit.publish(
    eventOf(events, 'personal.shift.changed', {
      subject: id,
      data: {
        shiftId: id,
        UNLocationCode,
        ...work,
        providerOrganization,
        positions: positions.length,
        state,
      },
    }),
  )
}
