import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import type { ContainerVisit, Position } from '../container-visits/container-visit.schema.ts'
import type { Client } from '../database.ts'
import { slotNumber } from '../yard/place.store.ts'
import type { SegregationConfirmation, SegregationConflict } from './dangerous-goods.schema.ts'
import {
  conflictsAmong,
  type Conflict,
  type Distances,
  lengthOf,
  placeAboard,
  placeInYard,
  type Unit as StowedUnit,
} from './stow-plan.ts'

/** Metres between containers in the yard, and aboard. */
export type SegregationDistances = { yard: Distances; aboard: Distances }

type Row = {
  containerVisitId: string
  equipmentReference: string
  isoEquipmentCode: string
  area: string
  bay: number
  row: number
  hazards: string[]
}

const hazards = `
  (SELECT array_agg(DISTINCT hazard) FROM dangerous_goods g,
     unnest(array_prepend(g.hazard_class, g.subsidiary_risks)) AS hazard
   WHERE g.container_visit_id = v.id AND g.state <> 'REJECTED')`

const unitsOf = (
  rows: readonly Row[],
  place: (slot: { bay: number; row: number }) => { x: number; y: number },
): StowedUnit[] =>
  rows.map((row) => ({
    containerVisitId: row.containerVisitId,
    equipmentReference: row.equipmentReference,
    area: row.area,
    ...place(row),
    length: lengthOf(row.isoEquipmentCode),
    hazards: row.hazards,
  }))

/** Containers with dangerous goods in a yard, or in one block of it. */
const unitsInYard = async (
  sql: Sql,
  UNLocationCode: string,
  block: string | null,
): Promise<StowedUnit[]> =>
  unitsOf(
    await sql<Row>(
      `SELECT * FROM (
         SELECT v.id::text AS "containerVisitId", v.equipment_reference AS "equipmentReference",
           v.iso_equipment_code AS "isoEquipmentCode", p.block AS area, p.bay, p."row",
           ${hazards} AS hazards
         FROM yard_place p JOIN container_visit v ON v.id = p.container_visit_id
         WHERE p.un_location_code = $1 AND ($2::text IS NULL OR p.block = $2)
       ) AS found WHERE hazards IS NOT NULL`,
      [UNLocationCode, block],
    ),
    placeInYard,
  )

/** What stands aboard the ship of a call. */
const stowed = `
  SELECT container_visit_id, bay, "row" FROM stowage_place WHERE port_call_id = $1::uuid`

/** A container stands aboard where it is stowed, and else where the load list of the call plans it. */
const planned = `${stowed}
  UNION ALL
  SELECT v.id, i.bay::int, i."row"::int
  FROM cargo_list_item i JOIN container_visit v
    ON v.load_port_call_id = i.port_call_id AND v.equipment_reference = i.equipment_reference
  WHERE i.port_call_id = $1::uuid AND i.list = 'LOAD' AND i.bay IS NOT NULL
    AND NOT EXISTS (SELECT FROM stowage_place p WHERE p.container_visit_id = v.id)`

/** Containers with dangerous goods among those `stowed`, or `planned`, aboard the ship of a call. */
const unitsAboard = async (
  sql: Sql,
  portCallId: string,
  places: typeof stowed | typeof planned,
): Promise<StowedUnit[]> =>
  unitsOf(
    await sql<Row>(
      `SELECT * FROM (
         SELECT v.id::text AS "containerVisitId", v.equipment_reference AS "equipmentReference",
           v.iso_equipment_code AS "isoEquipmentCode", 'aboard' AS area, p.bay, p."row",
           ${hazards} AS hazards
         FROM (${places}) p JOIN container_visit v ON v.id = p.container_visit_id
       ) AS found WHERE hazards IS NOT NULL`,
      [portCallId],
    ),
    placeAboard,
  )

/** Where the load list of the call that a visit leaves by plans its container. */
export const plannedPosition = async (
  sql: Sql,
  { loadPortCallId, equipmentReference }: ContainerVisit,
): Promise<Position | null> => {
  const [slot] = await sql<{ bay: string; row: string; tier: string }>(
    `SELECT bay, "row", tier FROM cargo_list_item
     WHERE port_call_id = $1::uuid AND list = 'LOAD' AND equipment_reference = $2
       AND bay IS NOT NULL`,
    [loadPortCallId, equipmentReference],
  )
  return slot ? { vessel: slot } : null
}

/** Has loads of dangerous goods onto one ship come one after the other, until the transaction ends. */
export const holdStowage = async (sql: Sql, portCallId: string | null): Promise<void> => {
  if (portCallId === null) return
  await sql('SELECT 1 FROM pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `stowage ${portCallId}`,
  ])
}

/** What came of a check: how many containers were looked at, and what is in conflict. */
type Checked = { containers: number; conflicts: SegregationConflict[] }

const checked = async (
  sql: Sql,
  units: readonly StowedUnit[],
  { distances, of }: { distances: Distances; of?: string },
): Promise<Checked> => {
  const found = conflictsAmong(units, distances, of)
  const confirmed = await confirmedAmong(sql, found)
  const conflicts = found
    .map((each) => conflictOf(each, confirmed.has(pairOf(each).join(' '))))
    .toSorted((a, b) => severity(b) - severity(a))
  return { containers: units.length, conflicts }
}

/** Checks a whole yard, or one block of it. */
export const checkYard = async (
  sql: Sql,
  { UNLocationCode, block }: { UNLocationCode: string; block: string | null },
  distances: SegregationDistances,
): Promise<Checked> =>
  checked(sql, await unitsInYard(sql, UNLocationCode, block), { distances: distances.yard })

/** Checks all that is stowed aboard the ship of a call. */
export const checkAboard = async (
  sql: Sql,
  portCallId: string,
  distances: SegregationDistances,
): Promise<Checked> =>
  checked(sql, await unitsAboard(sql, portCallId, stowed), { distances: distances.aboard })

/** Checks all that is stowed, and that is to be stowed by its load list, aboard the ship of a call. */
export const checkPlan = async (
  sql: Sql,
  portCallId: string,
  distances: SegregationDistances,
): Promise<Checked> =>
  checked(sql, await unitsAboard(sql, portCallId, planned), { distances: distances.aboard })

/** Checks a container against its neighbours where it stands, or at a position that it is to have. */
export const checkVisit = async (
  sql: Sql,
  visit: ContainerVisit,
  { position, distances }: { position: Position | null; distances: SegregationDistances },
): Promise<Checked> => {
  const [own] = await sql<{ hazards: string[] | null }>(
    `SELECT ${hazards} AS hazards FROM container_visit v WHERE v.id = $1::uuid`,
    [visit.id],
  )
  const nothing = { containers: 0, conflicts: [] }
  if (!own?.hazards || position === null) return nothing
  const { equipmentReference, ISOEquipmentCode, loadPortCallId, UNLocationCode } = visit
  const unit = {
    containerVisitId: visit.id,
    equipmentReference,
    length: lengthOf(ISOEquipmentCode),
    hazards: own.hazards,
  }
  const others = (units: readonly StowedUnit[]) =>
    units.filter(({ containerVisitId }) => containerVisitId !== visit.id)
  if ('yard' in position) {
    const { block, bay, row } = position.yard
    const area = { area: block, ...placeInYard({ bay: Number(bay), row: Number(row) }) }
    const units = others(await unitsInYard(sql, UNLocationCode, block))
    return checked(sql, [...units, { ...unit, ...area }], {
      distances: distances.yard,
      of: visit.id,
    })
  }
  if (loadPortCallId === null) return nothing
  const { bay, row } = position.vessel
  const area = { area: 'aboard', ...placeAboard({ bay: slotNumber(bay), row: slotNumber(row) }) }
  const units = others(await unitsAboard(sql, loadPortCallId, stowed))
  return checked(sql, [...units, { ...unit, ...area }], {
    distances: distances.aboard,
    of: visit.id,
  })
}

/** Keeps that the lists were consulted on two containers; said again, it changes nothing. */
export const confirmSegregation = async (
  { sql }: Unit<Client>,
  ids: readonly string[],
  { reason, by }: { reason: string; by: string },
): Promise<SegregationConfirmation> => {
  const [first = '', second = ''] = ids.map((id) => id.toLowerCase()).toSorted()
  await sql(
    `INSERT INTO segregation_confirmation
       (first_visit_id, second_visit_id, reason, recorded_at, recorded_by)
     VALUES ($1::uuid, $2::uuid, $3, now(), $4) ON CONFLICT DO NOTHING`,
    [first, second, reason, by],
  )
  const [kept] = await sql<{ reason: string; recordedAt: Date; recordedBy: string }>(
    `SELECT reason, recorded_at AS "recordedAt", recorded_by AS "recordedBy"
     FROM segregation_confirmation WHERE first_visit_id = $1::uuid AND second_visit_id = $2::uuid`,
    [first, second],
  )
  if (!kept) throw new Error('a confirmation that was kept is not there')
  return {
    ...kept,
    containerVisitIds: [first, second],
    recordedAt: kept.recordedAt.toISOString(),
  }
}

const pairOf = ({ between }: Conflict): string[] =>
  between.map(({ containerVisitId }) => containerVisitId).toSorted()

const confirmedAmong = async (sql: Sql, found: readonly Conflict[]): Promise<Set<string>> => {
  const pairs = found.filter(({ segregation }) => segregation.level === 'CONSULT').map(pairOf)
  if (pairs.length === 0) return new Set()
  const rows = await sql<{ pair: string }>(
    `SELECT c.first_visit_id || ' ' || c.second_visit_id AS pair
     FROM segregation_confirmation c
     JOIN unnest($1::text[], $2::text[]) AS asked(first, second)
       ON c.first_visit_id = asked.first::uuid AND c.second_visit_id = asked.second::uuid`,
    [pairs.map(([first]) => first), pairs.map(([, second]) => second)],
  )
  return new Set(rows.map(({ pair }) => pair))
}

const severity = ({ level }: SegregationConflict): number =>
  level === 'CONSULT' ? 0 : Number(level)

const round = (metres: number): number => Math.round(metres * 100) / 100

const conflictOf = (
  { between, segregation, distance, required }: Conflict,
  confirmed: boolean,
): SegregationConflict => {
  const { level, rule, classes } = segregation
  const [first, second] = between.map(({ equipmentReference }) => equipmentReference)
  const [a, b] = classes
  const apart = round(distance)
  return {
    between: [...between],
    classes: [...classes],
    level: String(level),
    rule,
    distance: apart,
    required,
    confirmed,
    detail: {
      en: `${first} (${a}) and ${second} (${b}), ${apart} m apart: ${level === 'CONSULT' ? 'the goods lists must be consulted' : `level ${level} needs ${required} m`} (${rule})`,
      es: `${first} (${a}) y ${second} (${b}), a ${apart} m: ${level === 'CONSULT' ? 'hay que consultar las listas de mercancías' : `el nivel ${level} exige ${required} m`} (${rule})`,
    },
  }
}
