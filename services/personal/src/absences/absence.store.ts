import type { Caller } from '@porttrack/shared/auth/caller'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { AbsenceRow, Client, PersonalDatabase } from '../database.ts'
import type { EmployeeStore } from '../employees/employee.store.ts'
import { absenceErrors, absenceFaults } from './absence.ts'
import type { Absence, AbsenceQuery, NewAbsence } from './absence.schema.ts'

type AbsenceStoreOptions = {
  database: PersonalDatabase
  cursors: Cursors
  employees: EmployeeStore
}

/** Who asks, and for whose absences. */
type Place = { caller: Caller; id: string }

/** Absences of employees: rows in, `Absence` out. */
export const absenceStore = ({ database, cursors, employees }: AbsenceStoreOptions) => ({
  /**
   * One page of an employee's absences, the latest first, withdrawn ones among them.
   *
   * @throws ProblemError 404
   */
  list: async ({ caller, id }: Place, query: AbsenceQuery): Promise<Page<Absence>> => {
    await employees.find(caller, id)
    const name = `employees/${id}/absences`
    const keys = sortKeysOf<'startsAt'>('-startsAt')
    const { orderBy, where } = keysetOf(keys, cursors.read(name, query))
    const rows = await database.client.absence.findMany({
      where: { AND: [{ employeeId: id }, where] },
      orderBy,
      take: (query.limit ?? 50) + 1,
    })
    const page = cursors.page(name, query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(absenceOf) }
  },

  /**
   * Registers an absence. Assignments in its time stay: who planned them decides.
   *
   * @throws ProblemError 404, 422
   */
  register: async (
    unit: Unit<Client>,
    { caller, id, given }: Place & { given: NewAbsence },
  ): Promise<Absence> => {
    await employees.lock(unit, { caller, id })
    const window = { from: new Date(given.startsAt), to: new Date(given.endsAt) }
    const errors = absenceFaults(window)
    if (errors.length > 0) throw new ProblemError(absenceErrors.ABSENCE_INVALID, { errors })
    const row = await unit.tx.absence.create({
      data: {
        id: uuidv7(),
        employeeId: id,
        kind: given.kind,
        startsAt: window.from,
        endsAt: window.to,
        registeredBy: caller.subject,
      },
    })
    return absenceOf(row)
  },

  /**
   * Withdraws an absence: the person is there after all. It is kept.
   *
   * @throws ProblemError 404, 409 when it is withdrawn already
   */
  withdraw: async (
    unit: Unit<Client>,
    { caller, id, absenceId }: Place & { absenceId: string },
  ): Promise<Absence> => {
    const employee = await employees.lock(unit, { caller, id })
    const present = await unit.tx.absence.findUnique({
      where: { id: absenceId, employeeId: employee.id },
    })
    if (!present) throw new ProblemError(kitErrors.NOT_FOUND)
    if (present.withdrawnAt !== null) throw new ProblemError(absenceErrors.ABSENCE_WITHDRAWN)
    const row = await unit.tx.absence.update({
      where: { id: present.id },
      data: { withdrawnBy: caller.subject, withdrawnAt: new Date() },
    })
    return absenceOf(row)
  },
})

export type AbsenceStore = ReturnType<typeof absenceStore>

/** An absence as it is given out. */
export const absenceOf = (row: AbsenceRow): Absence => ({
  id: row.id,
  employeeId: row.employeeId,
  kind: row.kind as Absence['kind'],
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
  registeredAt: row.registeredAt.toISOString(),
})
