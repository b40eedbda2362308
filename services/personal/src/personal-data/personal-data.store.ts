import type { Caller } from '@porttrack/shared/auth/caller'
import type { Unit } from '@porttrack/shared/database/transaction'
import type { Static } from 'typebox'
import { absenceOf } from '../absences/absence.store.ts'
import { certificateSeenBy } from '../certificates/certificate.store.ts'
import type { Client, PersonalDatabase, Prisma } from '../database.ts'
import { erased } from '../employees/employee.ts'
import type { Employee } from '../employees/employee.schema.ts'
import type { EmployeeStore } from '../employees/employee.store.ts'
import { leaveGangs } from '../gangs/gang.store.ts'
import { withCorrection, workRecordOf } from '../work-records/work-record.store.ts'
import type { PersonalAssignment, PersonalData } from './personal-data.schema.ts'

type PersonalDataStoreOptions = { database: PersonalDatabase; employees: EmployeeStore }

/** Everything that is kept about one person. */
type Collected = Omit<Static<typeof PersonalData>, 'employee'> & { employee: Employee }

const withShift = { shift: true, position: { select: { role: true } } } as const
type AssignmentRow = Prisma.AssignmentGetPayload<{ include: typeof withShift }>

/** What is known of a person, given out and erased as a whole (Regulation (EU) 2016/679, articles 15 to 20). */
export const personalDataStore = ({ database, employees }: PersonalDataStoreOptions) => ({
  /** @throws ProblemError 404 */
  collect: async (caller: Caller, id: string): Promise<Collected> => {
    const employee = await employees.find(caller, id)
    const { client } = database
    const ofPerson = { where: { employeeId: employee.id }, orderBy: { id: 'asc' } } as const
    const [certificates, absences, assignments, workRecords, gangs] = await Promise.all([
      client.certificate.findMany(ofPerson),
      client.absence.findMany(ofPerson),
      client.assignment.findMany({ ...ofPerson, include: withShift }),
      client.workRecord.findMany({ ...ofPerson, include: withCorrection }),
      client.gangMember.findMany({
        where: { employeeId: employee.id },
        orderBy: { gangId: 'asc' },
        select: { gang: { select: { id: true, name: true } } },
      }),
    ])
    return {
      issuedAt: new Date().toISOString(),
      employee,
      certificates: certificates.map((row) => certificateSeenBy(caller, row)),
      absences: absences.map(absenceOf),
      assignments: assignments.map(assignmentOf),
      workRecords: workRecords.map(workRecordOf),
      gangs: gangs.map(({ gang }) => gang),
    }
  },

  /**
   * Takes out what names a person who works here no more, and every free word about them. What the law
   * keeps stays without it: hours worked and absent, and which certificates they were worked with
   * (Workers' Statute of Spain, article 34.9; MLC A2.3).
   *
   * @throws ProblemError 404, 412, 409 when the person is active, or erased already
   */
  erase: async (
    unit: Unit<Client>,
    change: { caller: Caller; id: string; version: number | '*' },
  ): Promise<Employee> => {
    const employee = await employees.erase(unit, change)
    const { sql, tx } = unit
    const employeeId = employee.id
    await sql(
      `UPDATE certificate SET number = 'ERASED-' || right(id::text, 12),
         revocation_reason = CASE WHEN revocation_reason IS NOT NULL THEN $2 END
       WHERE employee_id = $1::uuid`,
      [employeeId, erased],
    )
    await tx.absence.deleteMany({ where: { employeeId, withdrawnAt: { not: null } } })
    // Why someone was away is nobody's business any more; that they were counts in averages.
    await tx.absence.updateMany({ where: { employeeId }, data: { kind: 'OTHER' } })
    await tx.assignment.updateMany({
      where: { employeeId, overrideReason: { not: null } },
      data: { overrideReason: erased },
    })
    await tx.assignment.updateMany({
      where: { employeeId, withdrawalReason: { not: null } },
      data: { withdrawalReason: erased },
    })
    await tx.workRecord.updateMany({
      where: { employeeId, correctionReason: { not: null } },
      data: { correctionReason: erased },
    })
    await leaveGangs(unit, employeeId)
    await tx.calendarLink.deleteMany({ where: { employeeId } })
    // Answers are kept for a day, to be given again to who repeats a request.
    await sql(`DELETE FROM kit.idempotent_answer WHERE position($1 IN body::text) > 0`, [
      employeeId,
    ])
    return employee
  },
})

export type PersonalDataStore = ReturnType<typeof personalDataStore>

const assignmentOf = ({ shift, position, ...row }: AssignmentRow): PersonalAssignment => ({
  id: row.id,
  shiftId: row.shiftId,
  UNLocationCode: shift.unLocationCode,
  place: shift.place,
  kindOfWork: shift.kindOfWork,
  role: position?.role ?? null,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  overridden: row.overridden,
  overrideReason: row.overrideReason,
  assignedBy: row.assignedBy,
  assignedAt: row.assignedAt.toISOString(),
  withdrawalReason: row.withdrawalReason,
  withdrawnBy: row.withdrawnBy,
  withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
})
