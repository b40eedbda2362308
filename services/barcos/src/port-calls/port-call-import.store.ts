import { insertAll } from '@porttrack/shared/database/insert-all'
import type { Unit } from '@porttrack/shared/database/transaction'
import {
  type CsvRow,
  type CsvTable,
  inCell,
  lengthFaults,
  tableFaults,
} from '@porttrack/shared/http/csv'
import type { Text } from '@porttrack/shared/http/language'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { Client, VesselRow } from '../database.ts'
import type { Reporter } from '../reporter.ts'
import { readImoNumber } from '../vessels/imo-number.ts'
import { portCallErrors, portCallFaults } from './port-call.ts'
import type { Imported, PortCallLine } from './port-call.schema.ts'
import { announced, columnsOf, portCallOf, visibleTo, withVessel } from './port-call.store.ts'
import { sees, type Visibility } from './visibility.ts'

/** Held from the search for duplicates until commit, so that two imports cannot make them. */
const importLock = 7_316_101

type Ship = Pick<VesselRow, 'id' | 'name' | 'imoNumber' | 'mmsiNumber' | 'state'>

type Importer = {
  visibility: Visibility
  reporter: Reporter
  /** Whose calls they are where a line does not say. */
  organization: string | null
}

/** A line whose ship and agent are known. */
type Reading = { line: CsvRow<PortCallLine>; ship: Ship; agentOrganization: string }

/**
 * Announces all calls of a table, or none.
 *
 * @throws ProblemError 422 naming the faults with row and column
 */
export const importCalls = async (
  unit: Unit<Client>,
  { columns, rows, faults: misread }: CsvTable<PortCallLine>,
  importer: Importer,
): Promise<Imported> => {
  const tooLong = lengthFaults(rows.length)
  if (tooLong.length > 0) throw refusal(tooLong)
  const faults = [...misread]
  const fault = ({ row }: CsvRow<PortCallLine>, found: Fault) =>
    faults.push(inCell(found, row, columns))

  const ships = await shipsOf(unit, rows)
  const readings: Reading[] = []
  for (const line of rows) {
    const found = ships(line.value)
    const agentOrganization = line.value.agentOrganization ?? importer.organization
    for (const each of portCallFaults(line.value)) fault(line, each)
    for (const each of organizationFaults(agentOrganization, importer.visibility)) fault(line, each)
    if ('detail' in found) fault(line, found)
    else if (agentOrganization !== null) readings.push({ line, ship: found, agentOrganization })
  }
  await unit.sql('SELECT pg_advisory_xact_lock($1::bigint)::text', [importLock])
  for (const { line, detail } of await duplicatesOf(unit, readings, importer.visibility)) {
    fault(line, { pointer: '#/eta', detail })
  }
  if (faults.length > 0) throw refusal(faults)
  return announceAll(unit, readings, importer.reporter)
}

const refusal = (faults: readonly Fault[]): ProblemError =>
  new ProblemError(portCallErrors.PORT_CALLS_NOT_IMPORTED, tableFaults(faults))

const organizationFaults = (organization: string | null, visibility: Visibility): Fault[] => {
  const pointer = '#/agentOrganization'
  if (organization === null) {
    return [{ pointer, detail: { en: 'is needed', es: 'es necesaria' } }]
  }
  if (sees(visibility, organization)) return []
  return [{ pointer, detail: { en: 'is not your own', es: 'no es la propia' } }]
}

/** Finds the ship of a line, among all that the lines name. */
const shipsOf = async (
  { sql }: Unit<Client>,
  rows: readonly CsvRow<PortCallLine>[],
): Promise<(line: PortCallLine) => Ship | Fault> => {
  const numbers = rows.flatMap(({ value }) => imoNumberOf(value) ?? [])
  const stations = rows.flatMap(({ value }) => value.MMSINumber ?? [])
  const found = await sql<Ship>(
    `SELECT id, name, imo_number AS "imoNumber", mmsi_number AS "mmsiNumber", state FROM vessel
     WHERE imo_number = ANY($1::text[]) OR mmsi_number = ANY($2::text[])`,
    [[...new Set(numbers)], [...new Set(stations)]],
  )
  const byNumber = new Map(found.map((ship) => [ship.imoNumber, ship]))
  const byStation = new Map(found.map((ship) => [ship.mmsiNumber, ship]))
  return (line) => {
    const { vesselIMONumber, MMSINumber } = line
    const pointer = vesselIMONumber === undefined ? '#/MMSINumber' : '#/vesselIMONumber'
    const fault = (en: string, es: string): Fault => ({ pointer, detail: { en, es } })
    if (vesselIMONumber === undefined && MMSINumber === undefined) {
      return fault('or vesselIMONumber is needed', 'o vesselIMONumber es necesario')
    }
    const ship =
      vesselIMONumber === undefined
        ? byStation.get(MMSINumber ?? null)
        : byNumber.get(imoNumberOf(line) ?? '')
    if (!ship) return fault('is no registered vessel’s', 'no es de ningún buque registrado')
    if (MMSINumber !== undefined && ship.mmsiNumber !== MMSINumber) {
      return {
        pointer: '#/MMSINumber',
        detail: { en: 'is not that vessel’s', es: 'no es el de ese buque' },
      }
    }
    return ship.state === 'SCRAPPED'
      ? fault('is a scrapped vessel’s', 'es de un buque desguazado')
      : ship
  }
}

const imoNumberOf = ({ vesselIMONumber }: PortCallLine): string | null => {
  const reading = vesselIMONumber === undefined ? null : readImoNumber(vesselIMONumber)
  return reading && 'value' in reading ? reading.value : null
}

/** Lines whose ship is expected at that place and time already, by a line before or by a known call. */
const duplicatesOf = async (
  { tx }: Unit<Client>,
  readings: readonly Reading[],
  visibility: Visibility,
): Promise<{ line: Reading['line']; detail: Text }[]> => {
  const known = await tx.portCall.findMany({
    where: {
      AND: [visibleTo(visibility)],
      vesselId: { in: [...new Set(readings.map(({ ship }) => ship.id))] },
      state: { notIn: ['CANCELLED', 'OMITTED'] },
      eta: { not: null },
    },
    select: { vesselId: true, unLocationCode: true, eta: true },
  })
  const taken = new Map(
    known.map(({ vesselId, unLocationCode, eta }) => [
      [vesselId, unLocationCode, eta?.getTime()].join(),
      {
        en: 'is that of a call of the ship here already',
        es: 'ya es la de una escala del buque aquí',
      },
    ]),
  )
  return readings.flatMap(({ line, ship }) => {
    const key = [ship.id, line.value.UNLocationCode, Date.parse(line.value.eta)].join()
    const detail = taken.get(key)
    if (detail) return [{ line, detail }]
    taken.set(key, {
      en: `is that of the call on line ${line.row}`,
      es: `es la de la escala de la línea ${line.row}`,
    })
    return []
  })
}

const announceAll = async (
  { tx, sql, publish }: Unit<Client>,
  readings: readonly Reading[],
  reporter: Reporter,
): Promise<Imported> => {
  const announcedAt = new Date()
  const calls = readings.map(({ line, ship, agentOrganization }) => {
    const { UNLocationCode, ...rest } = line.value
    const { vesselIMONumber: _number, MMSINumber: _station, ...declared } = rest
    return {
      ...columnsOf(declared),
      id: uuidv7(),
      vesselId: ship.id,
      agentOrganization,
      unLocationCode: UNLocationCode,
      state: 'ANNOUNCED',
      announcedAt,
      updatedAt: announcedAt,
    }
  })
  const decisions = calls.map(({ id, state }) => ({
    id: uuidv7(),
    portCallId: id,
    action: 'announce',
    toState: state,
    source: reporter.source,
    decidedBy: reporter.subject,
    decidedAt: announcedAt,
  }))
  await insertAll(sql, 'port_call', calls)
  await insertAll(sql, 'port_call_decision', decisions)
  const portCallIds = calls.map(({ id }) => id)
  const rows = await tx.portCall.findMany({
    where: { id: { in: portCallIds } },
    include: withVessel,
    // Ids are in the order in which they were made, and so in that of the lines.
    orderBy: { id: 'asc' },
  })
  for (const row of rows) publish(announced(portCallOf(row)))
  return { imported: calls.length, portCallIds }
}
