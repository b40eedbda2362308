import type { Client, EmployeeRow } from '../database.ts'
import type { RestProfile, Work } from './rest-rules.ts'
import type { Period } from './work-line.ts'

const dayMs = 86_400_000

/** What someone works, as assigned, and when they are absent, around a window. */
export type WorkAndAbsence = {
  employeeId: string
  profile: RestProfile
  work: (Work & { shiftId: string })[]
  absences: Period[]
}

/** Everything that a window of the rest rules can reach which has a part in `window`. */
export const workAndAbsenceOf = async (
  client: Client,
  employees: readonly Pick<EmployeeRow, 'id' | 'restProfile'>[],
  { window, referenceWeeks }: { window: Period; referenceWeeks: number },
): Promise<WorkAndAbsence[]> => {
  const near = {
    employeeId: { in: employees.map(({ id }) => id) },
    withdrawnAt: null,
    startsAt: { lt: new Date(window.end + 7 * dayMs) },
    endsAt: { gt: new Date(window.start - (referenceWeeks + 1) * 7 * dayMs) },
  }
  const [assignments, absences] = await Promise.all([
    client.assignment.findMany({
      where: near,
      include: { shift: { select: { emergency: true } } },
    }),
    client.absence.findMany({ where: near }),
  ])
  const [assignmentsOf, absencesOf] = [byEmployee(assignments), byEmployee(absences)]
  return employees.map(({ id, restProfile }) => ({
    employeeId: id,
    profile: restProfile as RestProfile,
    work: assignmentsOf(id).map(({ shiftId, shift: { emergency }, ...row }) => ({
      ...periodOf(row),
      emergency,
      shiftId,
    })),
    absences: absencesOf(id).map(periodOf),
  }))
}

/** Rows by whose they are. */
export const byEmployee = <R extends { employeeId: string }>(rows: readonly R[]) => {
  const groups = Map.groupBy(rows, ({ employeeId }) => employeeId)
  return (id: string): R[] => groups.get(id) ?? []
}

const periodOf = ({ startsAt, endsAt }: { startsAt: Date; endsAt: Date }): Period => ({
  start: startsAt.getTime(),
  end: endsAt.getTime(),
})
