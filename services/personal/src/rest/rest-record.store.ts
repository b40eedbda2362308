import type { Client, EmployeeRow } from '../database.ts'
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

/** What is read of a person: times are milliseconds since the epoch. */
type Read = {
  employeeId: string
  assigned: [shiftId: string, start: number, end: number, emergency: boolean, closed: boolean][]
  recorded: [shiftId: string | null, start: number, end: number | null, emergency: boolean][]
  absences: [start: number, end: number][]
}

/** Milliseconds of a column of type TIMESTAMPTZ(3). */
const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`

/**
 * A row for each person, with what is theirs as JSON: a month of a thousand people are sixty thousand
 * rows, of which Prisma takes five times as long to make objects.
 */
const statement = `
  SELECT person.id::text AS "employeeId",
    coalesce((
      SELECT json_agg(json_build_array(assignment.shift_id, ${ms('assignment.starts_at')},
        ${ms('assignment.ends_at')}, shift.emergency, shift.state = 'CLOSED'))
      FROM assignment JOIN shift ON shift.id = assignment.shift_id
      WHERE assignment.employee_id = person.id AND assignment.withdrawn_at IS NULL
        AND assignment.starts_at < $3::timestamptz AND assignment.ends_at > $2::timestamptz
    ), '[]') AS assigned,
    coalesce((
      SELECT json_agg(json_build_array(record.shift_id, ${ms('record.started_at')},
        ${ms('record.ended_at')}, record.emergency))
      FROM work_record AS record
      WHERE record.employee_id = person.id AND NOT record.annuls
        AND record.started_at < $3::timestamptz AND record.started_at > $4::timestamptz
        AND NOT EXISTS (SELECT 1 FROM work_record AS newer WHERE newer.corrects_id = record.id)
    ), '[]') AS recorded,
    coalesce((
      SELECT json_agg(json_build_array(${ms('absence.starts_at')}, ${ms('absence.ends_at')}))
      FROM absence
      WHERE absence.employee_id = person.id AND absence.withdrawn_at IS NULL
        AND absence.starts_at < $3::timestamptz AND absence.ends_at > $2::timestamptz
    ), '[]') AS absences
  FROM unnest($1::uuid[]) AS person(id)`

const iso = (time: number): string => new Date(time).toISOString()

/** Everything that a window of the rest rules can reach which has a part in `window`. */
export const workAndAbsenceOf = async (
  client: Client,
  employees: readonly Pick<EmployeeRow, 'id' | 'restProfile'>[],
  { window, referenceWeeks }: { window: Period; referenceWeeks: number },
): Promise<WorkAndAbsence[]> => {
  const from = window.start - (referenceWeeks + 1) * 7 * dayMs
  const rows = await client.$queryRawUnsafe<Read[]>(
    statement,
    employees.map(({ id }) => id),
    iso(from),
    iso(window.end + 7 * dayMs),
    iso(from - longestRecord.milliseconds),
  )
  const now = Date.now()
  const readOf = new Map(rows.map((row) => [row.employeeId, row]))
  return employees.flatMap(({ id, restProfile }) => {
    const read = readOf.get(id)
    if (!read) return []
    const assigned = read.assigned.map(([shiftId, start, end, emergency, closed]) => ({
      shiftId,
      start,
      end,
      emergency,
      closed,
    }))
    const recorded = read.recorded.map(([shiftId, start, end, emergency]) => ({
      shiftId,
      start,
      end,
      emergency,
    }))
    return [
      {
        employeeId: id,
        profile: restProfile as RestProfile,
        work: workOf({ assigned, recorded }, now),
        assigned,
        absences: read.absences.map(([start, end]) => ({ start, end })),
      },
    ]
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
