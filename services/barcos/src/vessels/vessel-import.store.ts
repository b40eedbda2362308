import { insertAll } from '@porttrack/shared/database/insert-all'
import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import {
  type CellFault,
  type CsvTable,
  inCell,
  lengthFaults,
  tableFaults,
} from '@porttrack/shared/http/csv'
import type { Text } from '@porttrack/shared/http/language'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import type { BarcosDatabase, Client } from '../database.ts'
import type { Reporter } from '../reporter.ts'
import { identityWarnings, vesselErrors } from './vessel.ts'
import type { Imported, NewVessel } from './vessel.schema.ts'
import { announceVessels, belongsTo, newRowOf, type Registration } from './vessel.store.ts'

/** Held from the search for duplicates until commit, so that no two imports wait for each other. */
const importLock = 7_316_102

/** Things that are unusual that are named one by one. */
const namedWarnings = 100

/** A line whose vessel is ready to be registered. */
type Reading = Registration & { line: number }

type Importer = {
  reporter: Reporter
  /** Asked where the transaction is lost because another has registered one of the vessels. */
  database: BarcosDatabase
}

/**
 * Registers all vessels of a table, or none. One that is registered already is a fault: a table says
 * nothing of what it leaves out, and would make it unknown.
 *
 * @throws ProblemError 422 naming the faults with row and column
 */
export const importVessels = async (
  unit: Unit<Client>,
  { columns, rows, faults: misread }: CsvTable<NewVessel>,
  { reporter, database }: Importer,
): Promise<Omit<Imported, 'warnings'> & { warnings: CellFault[] }> => {
  const faults = [...misread]
  const tooLong = lengthFaults(rows.length)
  if (tooLong.length > 0) throw refusal(tooLong)

  const registeredAt = new Date()
  const readings = rows.map(({ row: line, value }): Reading => {
    const { row, faults: found } = newRowOf(value, registeredAt)
    for (const each of found) faults.push(inCell(each, line, columns))
    return { line, row, given: value }
  })
  const duplicates = async (sql: Sql): Promise<Fault[]> =>
    duplicatesIn(readings, await registeredAmong(sql, readings)).map(({ line, fault }) =>
      inCell(fault, line, columns),
    )
  await unit.sql('SELECT pg_advisory_xact_lock($1::bigint)::text', [importLock])
  faults.push(...(await duplicates(unit.sql)))
  if (faults.length > 0) throw refusal(faults)

  const vessels = readings.map(({ row }) => row)
  try {
    await insertAll(unit.sql, 'vessel', vessels)
  } catch (error) {
    if (violatedConstraint(error) === null) throw error
    // Taken meanwhile; this transaction can ask no more, another connection can.
    const taken = await duplicates(database.sql)
    throw taken.length === 0 ? error : refusal(taken)
  }
  await announceVessels(unit, readings, reporter)
  return {
    imported: vessels.length,
    vesselIds: vessels.map(({ id }) => id),
    warnings: readings
      .flatMap(({ line, row }) => warningsOf(row).map((each) => inCell(each, line, columns)))
      .slice(0, namedWarnings),
  }
}

const refusal = (faults: readonly Fault[]): ProblemError =>
  new ProblemError(vesselErrors.VESSELS_NOT_IMPORTED, tableFaults(faults))

type Registered = { id: string; imoNumber: string | null; mmsiNumber: string | null }

/** The vessels that have an identifier of a line. */
const registeredAmong = (sql: Sql, readings: readonly Reading[]): Promise<Registered[]> =>
  sql<Registered>(
    `SELECT id::text, imo_number AS "imoNumber", mmsi_number AS "mmsiNumber" FROM vessel
     WHERE imo_number = ANY($1::text[]) OR mmsi_number = ANY($2::text[])`,
    [
      readings.flatMap(({ row }) => row.imoNumber ?? []),
      readings.flatMap(({ row }) => row.mmsiNumber ?? []),
    ],
  )

/** What no two ships have in common. */
const unique = [
  { pointer: '#/vesselIMONumber', column: 'imoNumber' },
  { pointer: '#/MMSINumber', column: 'mmsiNumber' },
] as const

/** Identifiers that a line before or a registered vessel has. */
const duplicatesIn = (
  readings: readonly Reading[],
  registered: readonly Registered[],
): { line: number; fault: Fault }[] =>
  unique.flatMap(({ pointer, column }) => {
    const owners = new Map<string, Text>()
    for (const vessel of registered) {
      const value = vessel[column]
      if (value !== null) owners.set(value, belongsTo(vessel.id))
    }
    return readings.flatMap(({ line, row }) => {
      const value = row[column]
      if (value === null) return []
      const detail = owners.get(value)
      if (detail) return [{ line, fault: { pointer, detail } }]
      owners.set(value, {
        en: `is that of the vessel on line ${line}`,
        es: `es el del buque de la línea ${line}`,
      })
      return []
    })
  })

const warningsOf = ({ imoNumber, mmsiNumber, callSign, flag }: Reading['row']): Fault[] =>
  identityWarnings({ vesselIMONumber: imoNumber, MMSINumber: mmsiNumber, callSign, flag })
