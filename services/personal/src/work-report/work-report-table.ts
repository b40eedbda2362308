import type { CsvColumn } from '@porttrack/shared/http/csv'
import type { WorkReportLine } from './work-report.schema.ts'

const names = [
  'week',
  'employeeId',
  'personnelNumber',
  'organization',
  'plannedMinutes',
  'workedMinutes',
  'dueMinutes',
  'overtimeMinutes',
  'nightMinutes',
  'emergencyMinutes',
  'unsignedMinutes',
  'absentMinutes',
  'utilisation',
] as const satisfies (keyof WorkReportLine)[]

/** The columns of a work report as a table: a line for each person and week. */
export const workReportColumns: readonly CsvColumn<WorkReportLine>[] = names.map((name) => ({
  name,
  value: (row) => row[name],
}))
