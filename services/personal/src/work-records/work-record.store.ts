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
import type { Client, PersonalDatabase, Prisma } from '../database.ts'
import { type EmployeeStore, employeesKnownTo } from '../employees/employee.store.ts'
import { events } from '../events.ts'
import {
  type WorkRecordAction,
  workRecordErrors,
  workRecordFaults,
  workRecordLifecycle,
  type WorkRecordState,
} from './work-record.ts'
import type {
  Correction,
  NewWorkRecord,
  WorkRecord,
  WorkRecordQuery,
  WorkTimes,
} from './work-record.schema.ts'

type WorkRecordStoreOptions = {
  database: PersonalDatabase
  cursors: Cursors
  employees: EmployeeStore
}

/** Who changes which record, and the version it is meant for. */
type Change = { caller: Caller; id: string; version: number | '*' }

/** What tells whether another record has taken the place of one. */
export const withCorrection = { correction: { select: { id: true } } } as const
type Row = Prisma.WorkRecordGetPayload<{ include: typeof withCorrection }>

/** Records that count: nothing has taken their place, and they do not say that there was no work. */
export const effectiveRecords = {
  annuls: false,
  correction: { is: null },
} as const satisfies Prisma.WorkRecordWhereInput

/** What people have worked: rows in, `WorkRecord` out. Changes are made under the employee's lock. */
export const workRecordStore = ({ database, cursors, employees }: WorkRecordStoreOptions) => ({
  /** @throws ProblemError 404, also when the caller may not know of the person */
  find: async (caller: Caller, id: string): Promise<WorkRecord> =>
    workRecordOf(await requireRow(database.client, caller, id)),

  /** One page of the records that a query names, of the people that the caller may know of. */
  list: async (caller: Caller, query: WorkRecordQuery): Promise<Page<WorkRecord>> => {
    const keys = sortKeysOf<'startedAt'>(query.sort ?? '-startedAt')
    const { orderBy, where } = keysetOf(keys, cursors.read('work-records', query))
    const rows = await database.client.workRecord.findMany({
      where: { AND: [{ employee: employeesKnownTo(caller) }, filterOf(query), where] },
      include: withCorrection,
      orderBy,
      take: (query.limit ?? 50) + 1,
    })
    const page = cursors.page('work-records', query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(workRecordOf) }
  },

  /**
   * Records that someone has come in, or came in and went out.
   *
   * @throws ProblemError 404, 422 naming every fault, 409 when another record has the person at work then
   */
  record: async (
    unit: Unit<Client>,
    { caller, given }: { caller: Caller; given: NewWorkRecord },
  ): Promise<WorkRecord> => {
    const { id: employeeId } = await employees.lock(unit, { caller, id: given.employeeId })
    const shift = await assignedShift(unit.tx, { employeeId, shiftId: given.shiftId ?? null })
    const times = timesOf(given)
    await requireFree(unit.tx, { employeeId, ...times, except: null })
    const row = await unit.tx.workRecord.create({
      data: {
        id: uuidv7(),
        employeeId,
        shiftId: shift?.id ?? null,
        ...times,
        emergency: given.emergency ?? shift?.emergency ?? false,
        recordedBy: caller.subject,
      },
      include: withCorrection,
    })
    return workRecordOf(row)
  },

  /**
   * Gives a record that is not signed other times.
   *
   * @throws ProblemError 404, 412, 422, 409 when it is signed or corrected, or overlaps another
   */
  replace: async (
    unit: Unit<Client>,
    { given, ...change }: Change & { given: WorkTimes },
  ): Promise<WorkRecord> => {
    const present = await requireAction(unit, change, 'replace')
    const times = timesOf(given)
    await requireFree(unit.tx, { ...present, ...times, except: present.id })
    return changeRecord(unit, present.id, {
      ...times,
      emergency: given.emergency ?? present.emergency,
    })
  },

  /**
   * Ends work that goes on.
   *
   * @throws ProblemError 404, 412, 422, 409 when it has ended already
   */
  end: async (
    unit: Unit<Client>,
    { endedAt, ...change }: Change & { endedAt: string },
  ): Promise<WorkRecord> => {
    const present = await requireAction(unit, change, 'end')
    const times = timesOf({ startedAt: present.startedAt.toISOString(), endedAt })
    await requireFree(unit.tx, { ...present, ...times, except: present.id })
    return changeRecord(unit, present.id, times)
  },

  /**
   * Signs a record off, which makes it immutable.
   *
   * @throws ProblemError 404, 412, 409 when its work goes on, or it is signed or corrected
   */
  sign: async (unit: Unit<Client>, change: Change): Promise<WorkRecord> => {
    const present = await requireAction(unit, change, 'sign')
    const signed = { signedBy: change.caller.subject, signedAt: new Date() }
    const record = await changeRecord(unit, present.id, signed)
    const { id, employeeId, shiftId, startedAt, endedAt, emergency, correctsId, annuls } = record
    unit.publish(
      eventOf(events, 'personal.work-record.signed', {
        subject: id,
        data: {
          workRecordId: id,
          employeeId,
          organization: present.employee.organization,
          shiftId,
          startedAt,
          endedAt,
          emergency,
          correctsId,
          annuls,
        },
      }),
    )
    return record
  },

  /**
   * Puts a record with other times in the place of one that is signed. It is to be signed in its turn.
   *
   * @throws ProblemError 404, 412, 422, 409 when it is not signed, is corrected already, or would
   *   overlap another
   */
  correct: async (
    unit: Unit<Client>,
    { given, ...change }: Change & { given: Correction },
  ): Promise<WorkRecord> => {
    const present = await requireAction(unit, change, 'correct')
    const times = timesOf(given)
    await requireFree(unit.tx, { ...present, ...times, except: present.id })
    const emergency = given.emergency ?? present.emergency
    return addCorrection(unit, present, {
      ...times,
      emergency,
      correctionReason: given.reason,
      recordedBy: change.caller.subject,
    })
  },

  /**
   * Says that there was no such work. The record is kept, and another says so, to be signed in its turn.
   *
   * @throws ProblemError 404, 412, 409 when it is corrected already
   */
  annul: async (
    unit: Unit<Client>,
    { reason, ...change }: Change & { reason: string },
  ): Promise<WorkRecord> => {
    const present = await requireAction(unit, change, 'annul')
    const { startedAt, endedAt, emergency } = present
    return addCorrection(unit, present, {
      startedAt,
      endedAt,
      emergency,
      annuls: true,
      correctionReason: reason,
      recordedBy: change.caller.subject,
    })
  },
})

export type WorkRecordStore = ReturnType<typeof workRecordStore>

const withOwner = { ...withCorrection, employee: { select: { organization: true } } } as const
type OwnedRow = Prisma.WorkRecordGetPayload<{ include: typeof withOwner }>

/** @throws ProblemError 404 */
const requireRow = async (client: Client, caller: Caller, id: string): Promise<OwnedRow> => {
  const row = await client.workRecord.findFirst({
    where: { AND: [{ id }, { employee: employeesKnownTo(caller) }] },
    include: withOwner,
  })
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return row
}

/**
 * A record that an action may be taken on, whose person's records nobody else changes until the
 * transaction ends.
 *
 * @throws ProblemError 404, 412, 409
 */
const requireAction = async (
  unit: Unit<Client>,
  { caller, id, version }: Change,
  action: WorkRecordAction,
): Promise<OwnedRow> => {
  const { employeeId } = await requireRow(unit.tx, caller, id)
  await unit.sql('SELECT 1 FROM employee WHERE id = $1::uuid FOR UPDATE', [employeeId])
  const present = await requireRow(unit.tx, caller, id)
  assertVersion(version, present.version)
  if (workRecordLifecycle.nextState(stateOf(present), action) === null) {
    throw new ProblemError(workRecordErrors.WORK_RECORD_NOT_IN_STATE)
  }
  return present
}

/** @throws ProblemError 422 for a shift to which the person is not assigned */
const assignedShift = async (
  tx: Client,
  { employeeId, shiftId }: { employeeId: string; shiftId: string | null },
): Promise<{ id: string; emergency: boolean } | null> => {
  if (shiftId === null) return null
  const assigned = await tx.assignment.findFirst({
    where: { shiftId, employeeId, withdrawnAt: null },
    select: { shift: { select: { id: true, emergency: true } } },
  })
  if (assigned) return assigned.shift
  throw new ProblemError(workRecordErrors.WORK_RECORD_INVALID, {
    errors: [
      {
        pointer: '#/shiftId',
        detail: {
          en: 'is a shift to which the person is not assigned',
          es: 'es un turno al que la persona no está asignada',
        },
      },
    ],
  })
}

/** @throws ProblemError 422 naming every fault */
const timesOf = ({ startedAt, endedAt }: { startedAt: string; endedAt?: string }) => {
  const times = {
    startedAt: new Date(startedAt),
    endedAt: endedAt === undefined ? null : new Date(endedAt),
  }
  const errors = workRecordFaults({ from: times.startedAt, to: times.endedAt }, new Date())
  if (errors.length > 0) throw new ProblemError(workRecordErrors.WORK_RECORD_INVALID, { errors })
  return times
}

type Stretch = { employeeId: string; startedAt: Date; endedAt: Date | null; except: string | null }

/** @throws ProblemError 409 when another record that counts has the person at work at the time */
const requireFree = async (
  tx: Client,
  { employeeId, startedAt, endedAt, except }: Stretch,
): Promise<void> => {
  const other = await tx.workRecord.findFirst({
    where: {
      ...effectiveRecords,
      employeeId,
      ...(except === null ? {} : { id: { not: except } }),
      ...(endedAt === null ? {} : { startedAt: { lt: endedAt } }),
      OR: [{ endedAt: null }, { endedAt: { gt: startedAt } }],
    },
    select: { id: true },
  })
  if (!other) return
  throw new ProblemError(workRecordErrors.WORK_RECORD_OVERLAPS, {
    errors: [
      {
        pointer: '#/startedAt',
        detail: { en: 'overlaps another record', es: 'se solapa con otro registro' },
        conflictsWith: { workRecordId: other.id },
      },
    ],
  })
}

const changeRecord = async (
  { tx }: Unit<Client>,
  id: string,
  data: Prisma.WorkRecordUpdateInput,
): Promise<WorkRecord> => {
  const row = await tx.workRecord.update({
    where: { id },
    data: { ...data, version: { increment: 1 } },
    include: withCorrection,
  })
  return workRecordOf(row)
}

type CorrectingColumns = Pick<
  Prisma.WorkRecordUncheckedCreateInput,
  'startedAt' | 'endedAt' | 'emergency' | 'annuls' | 'correctionReason' | 'recordedBy'
>

const addCorrection = async (
  { tx }: Unit<Client>,
  { id: correctsId, employeeId, shiftId }: OwnedRow,
  columns: CorrectingColumns,
): Promise<WorkRecord> => {
  const row = await tx.workRecord.create({
    data: { id: uuidv7(), employeeId, shiftId, correctsId, ...columns },
    include: withCorrection,
  })
  return workRecordOf(row)
}

const filterOf = ({ employeeId, shiftId, from, to }: WorkRecordQuery) =>
  ({
    ...(employeeId === undefined ? {} : { employeeId }),
    ...(shiftId === undefined ? {} : { shiftId }),
    startedAt: {
      ...(from === undefined ? {} : { gte: new Date(from) }),
      ...(to === undefined ? {} : { lt: new Date(to) }),
    },
  }) satisfies Prisma.WorkRecordWhereInput

const stateOf = ({ correction, signedAt, endedAt, annuls }: Row): WorkRecordState => {
  if (correction !== null) return 'CORRECTED'
  if (signedAt !== null) return 'SIGNED'
  return endedAt === null && !annuls ? 'OPEN' : 'ENDED'
}

/** A work record as it is given out; its row comes `withCorrection`. */
export const workRecordOf = (row: Row): WorkRecord => ({
  id: row.id,
  employeeId: row.employeeId,
  shiftId: row.shiftId,
  startedAt: row.startedAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  emergency: row.emergency,
  state: stateOf(row),
  correctsId: row.correctsId,
  correctionReason: row.correctionReason,
  annuls: row.annuls,
  recordedBy: row.recordedBy,
  recordedAt: row.recordedAt.toISOString(),
  signedBy: row.signedBy,
  signedAt: row.signedAt?.toISOString() ?? null,
  version: row.version,
})
