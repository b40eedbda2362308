import type { CsvColumn } from '@porttrack/shared/http/csv'
import type { DayFigures } from './figures.schema.ts'

const names = [
  'date',
  'berthCode',
  'berthName',
  'berthId',
  'metreHoursOffered',
  'metreHoursTaken',
  'metreHoursReserved',
  'occupancy',
  'reservedOccupancy',
  'callsBerthed',
  'callsDeparted',
  'waitingCalls',
  'meanWaitingSeconds',
  'idleCalls',
  'meanIdleSeconds',
  'dueCalls',
  'onTimeCalls',
  'onTimeRatio',
] as const satisfies (keyof DayFigures)[]

/** The columns of figures as a table: a line for each day and berth. */
export const figuresColumns: readonly CsvColumn<DayFigures>[] = names.map((name) => ({
  name,
  value: (row) => row[name],
}))
