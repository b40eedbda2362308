import { dateOf } from '../certificates/certificate.store.ts'
import type { Client, EmployeeRow } from '../database.ts'
import { byEmployee, workAndAbsenceOf } from '../rest/rest-record.store.ts'
import type { Period } from '../rest/work-line.ts'
import type { Candidate } from './assignment.ts'

/** What is known of employees around the time of a shift: rows in, `Candidate` out. */
export const candidatesOf = async (
  client: Client,
  employees: readonly EmployeeRow[],
  around: { window: Period; referenceWeeks: number },
): Promise<Candidate[]> => {
  const ids = employees.map(({ id }) => id)
  const [certificates, records] = await Promise.all([
    client.certificate.findMany({ where: { employeeId: { in: ids }, revokedAt: null } }),
    workAndAbsenceOf(client, employees, around),
  ])
  const certificatesOf = byEmployee(certificates)
  const recordOf = new Map(records.map((record) => [record.employeeId, record]))
  return employees.flatMap(({ id, state, roles, skills }) => {
    const record = recordOf.get(id)
    if (!record) return []
    const { profile: restProfile, work, assigned, absences } = record
    return [
      {
        id,
        active: state === 'ACTIVE',
        roles,
        skills,
        restProfile,
        certificates: certificatesOf(id).map(({ type, issued, expires }) => ({
          type,
          issued: dateOf(issued),
          expires: expires === null ? null : dateOf(expires),
        })),
        work,
        assigned,
        absences,
      },
    ]
  })
}
