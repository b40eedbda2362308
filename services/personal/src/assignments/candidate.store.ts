import type { AssignmentTerms, Candidate } from './assignment.ts'
import type { Client, EmployeeRow } from '../database.ts'
import type { RestProfile } from '../rest/rest-rules.ts'
import type { Period } from '../rest/work-line.ts'

const dayMs = 86_400_000

/** What is known of employees around the time of a shift: rows in, `Candidate` out. */
export const candidatesOf = async (
  client: Client,
  employees: readonly EmployeeRow[],
  { window, terms }: { window: Period; terms: AssignmentTerms },
): Promise<Candidate[]> => {
  const ids = employees.map(({ id }) => id)
  // Whatever a window of the rest rules can reach: the averages', beside absences, and a week after.
  const from = new Date(window.start - (terms.referenceWeeks + 1) * 7 * dayMs)
  const to = new Date(window.end + 7 * dayMs)
  const near = { employeeId: { in: ids }, withdrawnAt: null, startsAt: { lt: to } }
  const [certificates, absences, assignments] = await Promise.all([
    client.certificate.findMany({ where: { employeeId: { in: ids }, revokedAt: null } }),
    client.absence.findMany({ where: { ...near, endsAt: { gt: from } } }),
    client.assignment.findMany({ where: { ...near, endsAt: { gt: from } } }),
  ])
  const [certificatesOf, absencesOf, assignmentsOf] = [
    byEmployee(certificates),
    byEmployee(absences),
    byEmployee(assignments),
  ]
  return employees.map(({ id, state, roles, skills, restProfile }) => ({
    id,
    active: state === 'ACTIVE',
    roles,
    skills,
    restProfile: restProfile as RestProfile,
    certificates: certificatesOf(id).map(({ type, issued, expires }) => ({
      type,
      issued: dateOf(issued),
      expires: expires === null ? null : dateOf(expires),
    })),
    absences: absencesOf(id).map(periodOf),
    work: assignmentsOf(id).map((row) => ({ ...periodOf(row), shiftId: row.shiftId })),
  }))
}

const byEmployee = <R extends { employeeId: string }>(rows: readonly R[]) => {
  const groups = Map.groupBy(rows, ({ employeeId }) => employeeId)
  return (id: string): R[] => groups.get(id) ?? []
}

const periodOf = ({ startsAt, endsAt }: { startsAt: Date; endsAt: Date }): Period => ({
  start: startsAt.getTime(),
  end: endsAt.getTime(),
})

const dateOf = (day: Date): string => day.toISOString().slice(0, 10)
