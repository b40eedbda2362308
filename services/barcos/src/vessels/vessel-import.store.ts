import { insertAll } from '@porttrack/shared/database/insert-all'
import type { Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { type CsvRow, inCell, readCsv, tableFaults } from '@porttrack/shared/http/csv'
import type { Text } from '@porttrack/shared/http/language'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { Client } from '../database.ts'
import type { Reporter } from '../reporter.ts'
import { readIdentity, vesselErrors, type VesselIdentity } from './vessel.ts'
import { type Imported, NewVessel } from './vessel.schema.ts'
import { announceVessels, belongsTo, columnsOf, vesselOf } from './vessel.store.ts'

/** A line whose identifiers are in the form they are stored in. */
type Reading = { line: CsvRow<NewVessel>; identity: VesselIdentity }

/** What no two ships have in common. */
const unique = ['vesselIMONumber', 'MMSINumber'] as const

/**
 * Registers all vessels of a table, or none. One that is registered already is a fault: a table says
 * nothing of what it leaves out, and would make it unknown.
 *
 * @throws ProblemError 422 naming the faults with row and column, 400 for what is no table, 409 when
 *   another has registered one of the vessels meanwhile
 */
export const importVessels = async (
  unit: Unit<Client>,
  text: string,
  reporter: Reporter,
): Promise<Imported> => {
  const { columns, rows, faults } = readCsv(text, NewVessel)
  if (rows.length === 0 && faults.length === 0) {
    const detail = { en: 'has no line below the head', es: 'no tiene líneas bajo la cabecera' }
    faults.push({ pointer: '#row=1', row: 1, detail })
  }
  const fault = ({ row }: CsvRow<NewVessel>, found: Fault) =>
    faults.push(inCell(found, row, columns))

  const readings: Reading[] = []
  for (const line of rows) {
    const { identity, faults: found } = readIdentity(line.value)
    for (const each of found) fault(line, each)
    if (found.length === 0) readings.push({ line, identity })
  }
  for (const { line, pointer, detail } of await duplicatesOf(unit, readings)) {
    fault(line, { pointer, detail })
  }
  if (faults.length > 0) {
    const ordered = faults.toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0))
    throw new ProblemError(vesselErrors.VESSELS_NOT_IMPORTED, tableFaults(ordered))
  }
  return registerAll(unit, readings, reporter)
}

type Duplicate = { line: CsvRow<NewVessel>; pointer: string; detail: Text }

/** Identifiers that a line before or a registered vessel has. */
const duplicatesOf = async (
  { tx }: Unit<Client>,
  readings: readonly Reading[],
): Promise<Duplicate[]> => {
  const given = (name: (typeof unique)[number]) =>
    readings.flatMap(({ identity }) => identity[name] ?? [])
  const known = await tx.vessel.findMany({
    where: {
      OR: [
        { imoNumber: { in: given('vesselIMONumber') } },
        { mmsiNumber: { in: given('MMSINumber') } },
      ],
    },
    select: { id: true, imoNumber: true, mmsiNumber: true },
  })
  const owners = new Map<string, Text>(
    known.flatMap(({ id, imoNumber, mmsiNumber }) => [
      [`vesselIMONumber ${imoNumber}`, belongsTo(id)],
      [`MMSINumber ${mmsiNumber}`, belongsTo(id)],
    ]),
  )
  return readings.flatMap(({ line, identity }) =>
    unique.flatMap((name) => {
      const value = identity[name]
      if (value === null) return []
      const detail = owners.get(`${name} ${value}`)
      if (detail) return [{ line, pointer: `#/${name}`, detail }]
      owners.set(`${name} ${value}`, {
        en: `is that of the vessel on line ${line.row}`,
        es: `es el del buque de la línea ${line.row}`,
      })
      return []
    }),
  )
}

const registerAll = async (
  unit: Unit<Client>,
  readings: readonly Reading[],
  reporter: Reporter,
): Promise<Imported> => {
  const registeredAt = new Date()
  const rows = readings.map(({ line: { value }, identity }) => ({
    id: uuidv7(),
    ...columnsOf(value, identity),
    state: value.state ?? 'ACTIVE',
    version: 1,
    registeredAt,
    updatedAt: registeredAt,
  }))
  try {
    await insertAll(unit.sql, 'vessel', rows)
  } catch (error) {
    if (violatedConstraint(error) === null) throw error
    throw new ProblemError(vesselErrors.VESSEL_EXISTS, {
      detail: {
        en: 'One of them was registered meanwhile; send the table again to see which',
        es: 'Uno de ellos se registró mientras tanto; vuelva a enviar la tabla para ver cuál',
      },
      cause: error,
    })
  }
  await announceVessels(unit, rows.map(vesselOf), reporter)
  return { imported: rows.length, vesselIds: rows.map(({ id }) => id) }
}
