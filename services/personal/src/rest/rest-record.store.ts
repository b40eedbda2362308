import type { Client, EmployeeRow } from '../database.ts'
import { effectiveRecords } from '../work-records/work-record.store.ts'
import { longestRecord } from '../work-records/work-record.ts'
import { workOf } from './actual-work.ts'
import type { RestProfile, Work } from './rest-rules.ts'
import type { Period } from './work-line.ts'

const dayMs = 86_400_000

/** What someone works and when they are absent, around a window. */
export type WorkAndAbsence = {
  employeeId: string
  profile: RestProfile
  /** Hours as worked where they are recorded, else as assigned. */
  work: Work[]
  /** Shifts that the person is assigned to, by their planned hours. */
  assigned: (Period & { shiftId: string })[]
  absences: Period[]
}

/** Everything that a window of the rest rules can reach which has a part in `window`. */
export const workAndAbsenceOf = async (
  client: Client,
  employees: readonly Pick<EmployeeRow, 'id' | 'restProfile'>[],
  { window, referenceWeeks }: { window: Period; referenceWeeks: number },
): Promise<WorkAndAbsence[]> => {
  const employeeId = { in: employees.map(({ id }) => id) }
  const until = new Date(window.end + 7 * dayMs)
  const from = window.start - (referenceWeeks + 1) * 7 * dayMs
  const near = {
    employeeId,
    withdrawnAt: null,
    startsAt: { lt: until },
    endsAt: { gt: new Date(from) },
  }
  const [assignments, records, absences] = await Promise.all([
    client.assignment.findMany({
      where: near,
      include: { shift: { select: { emergency: true, state: true } } },
    }),
    client.workRecord.findMany({
      where: {
        ...effectiveRecords,
        employeeId,
        startedAt: { lt: until, gt: new Date(from - longestRecord.milliseconds) },
      },
    }),
    client.absence.findMany({ where: near }),
  ])
  const now = Date.now()
  const [assignmentsOf, recordsOf, absencesOf] = [
    byEmployee(assignments),
    byEmployee(records),
    byEmployee(absences),
  ]
  return employees.map(({ id, restProfile }) => {
    const assigned = assignmentsOf(id).map(({ shiftId, shift, ...row }) => ({
      ...periodOf(row),
      shiftId,
      emergency: shift.emergency,
      closed: shift.state === 'CLOSED',
    }))
    const recorded = recordsOf(id).map(({ shiftId, startedAt, endedAt, emergency }) => ({
      shiftId,
      start: startedAt.getTime(),
      end: endedAt?.getTime() ?? null,
      emergency,
    }))
    return {
      employeeId: id,
      profile: restProfile as RestProfile,
      work: workOf({ assigned, recorded }, now),
      assigned,
      absences: absencesOf(id).map(periodOf),
    }
  })
}

/** Rows by whose they are. */
export const byEmployee = <R extends { employeeId: string }>(rows: readonly R[]) => {
  const groups = Map.groupBy(rows, ({ employeeId }) => employeeId)
  return (id: string): R[] => groups.get(id) ?? []
}

export const periodOf = ({ startsAt, endsAt }: { startsAt: Date; endsAt: Date }): Period => ({
  start: startsAt.getTime(),
  end: endsAt.getTime(),
})
