import type { CsvColumn } from '@porttrack/shared/http/csv'
import type { NonConformity } from './rest-assessment.schema.ts'

const names = [
  'employeeId',
  'rule',
  'from',
  'to',
  'bound',
  'limitMinutes',
  'foundMinutes',
  'exempt',
  'detail',
  'personnelNumber',
] as const satisfies (keyof NonConformity)[]

/** The columns of non-conformities as a table. */
export const nonConformityColumns: readonly CsvColumn<NonConformity>[] = names.map((name) => ({
  name,
  value: (row) => row[name],
}))
