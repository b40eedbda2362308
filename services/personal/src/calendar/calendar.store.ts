import type { Caller } from '@porttrack/shared/auth/caller'
import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { Client, PersonalDatabase } from '../database.ts'
import type { EmployeeStore } from '../employees/employee.store.ts'
import { hashOf, isKeyOf, newKey } from './calendar-key.ts'
import type { CalendarLink, NewCalendarLink } from './calendar.schema.ts'
import type { CalendarShift } from './shift-calendar.ts'

type CalendarStoreOptions = { database: PersonalDatabase; employees: EmployeeStore }

/** Who asks, and for whose link. */
type Place = { caller: Caller; id: string }

const dayMs = 86_400_000

/** What a calendar shows of the past and of what lies ahead, in days. */
const shown = { past: 31, ahead: 366 }

/** Links to calendars of people, and what these show. */
export const calendarStore = ({ database, employees }: CalendarStoreOptions) => ({
  /** @throws ProblemError 404, also when the person has no link */
  find: async ({ caller, id }: Place): Promise<CalendarLink> => {
    const { id: employeeId } = await employees.find(caller, id)
    const row = await database.client.calendarLink.findUnique({ where: { employeeId } })
    if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
    return { id: row.id, createdAt: row.createdAt.toISOString() }
  },

  /**
   * Makes a person a link, in the place of the one they had.
   *
   * @returns with the key, which is not kept
   * @throws ProblemError 404, 409 when what names them was erased
   */
  make: async (unit: Unit<Client>, { caller, id }: Place): Promise<NewCalendarLink> => {
    const { id: employeeId } = await employees.lock(unit, { caller, id })
    await unit.tx.calendarLink.deleteMany({ where: { employeeId } })
    const key = newKey()
    const row = await unit.tx.calendarLink.create({
      data: { id: uuidv7(), employeeId, keyHash: hashOf(key), createdBy: caller.subject },
    })
    return { id: row.id, createdAt: row.createdAt.toISOString(), key }
  },

  /** @throws ProblemError 404, also when the person has no link */
  withdraw: async (unit: Unit<Client>, { caller, id }: Place): Promise<void> => {
    const { id: employeeId } = await employees.lock(unit, { caller, id })
    const { count } = await unit.tx.calendarLink.deleteMany({ where: { employeeId } })
    if (count === 0) throw new ProblemError(kitErrors.NOT_FOUND)
  },

  /**
   * The shifts that whoever has the key of a link may see: those that its person is confirmed for.
   *
   * @throws ProblemError 404, whether there is no such link, the key is another or the person works here
   *   no more
   */
  shifts: async (id: string, key: string): Promise<CalendarShift[]> => {
    const link = await database.client.calendarLink.findUnique({
      where: { id },
      include: { employee: { select: { state: true } } },
    })
    if (!link || !isKeyOf(key, link.keyHash) || link.employee.state !== 'ACTIVE') {
      throw new ProblemError(kitErrors.NOT_FOUND)
    }
    const now = Date.now()
    const rows = await database.client.assignment.findMany({
      where: {
        employeeId: link.employeeId,
        withdrawnAt: null,
        startsAt: {
          gte: new Date(now - shown.past * dayMs),
          lt: new Date(now + shown.ahead * dayMs),
        },
        shift: { state: { in: ['PUBLISHED', 'RUNNING', 'CLOSED'] } },
      },
      include: { shift: true, position: { select: { role: true } } },
      orderBy: { startsAt: 'asc' },
    })
    return rows.map(({ id: assignmentId, shift, position }) => ({
      assignmentId,
      version: shift.version,
      updatedAt: shift.updatedAt,
      startsAt: shift.startsAt,
      endsAt: shift.endsAt,
      UNLocationCode: shift.unLocationCode,
      place: shift.place,
      kindOfWork: shift.kindOfWork,
      role: position?.role ?? null,
    }))
  },
})

export type CalendarStore = ReturnType<typeof calendarStore>
