import type { CsvColumn } from '@porttrack/shared/http/csv'
import type { Vessel } from './vessel.schema.ts'

const properties = [
  'id',
  'vesselIMONumber',
  'MMSINumber',
  'callSign',
  'name',
  'flag',
  'type',
  'lengthOverall',
  'beam',
  'maximumDraft',
  'airDraft',
  'grossTonnage',
  'deadweight',
  'capacityTEU',
  'state',
  'registeredAt',
] as const satisfies readonly (keyof Vessel)[]

/** The columns of vessels as a table: the names and units of their properties in JSON. */
export const vesselColumns: readonly CsvColumn<Vessel>[] = properties.map((name) => ({
  name,
  value: (vessel) => vessel[name],
}))
