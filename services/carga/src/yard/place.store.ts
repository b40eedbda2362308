import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import { violatedConstraint } from '@porttrack/shared/database/violations'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import type { ContainerVisit, Position } from '../container-visits/container-visit.schema.ts'
import type { Client } from '../database.ts'
import {
  conditionOf,
  leavingFault,
  type Place,
  placeFaults,
  stowageFault,
  yardErrors,
} from './yard.ts'

/** A visit, as far as its place needs to know it. */
type Placed = Pick<
  ContainerVisit,
  'id' | 'UNLocationCode' | 'loadPortCallId' | 'internalSetpointTemperature' | 'position'
>

const inYard = (position: Position | null) =>
  position !== null && 'yard' in position
    ? {
        block: position.yard.block,
        bay: slotNumber(position.yard.bay),
        row: slotNumber(position.yard.row),
        tier: slotNumber(position.yard.tier),
      }
    : null

const aboard = ({ loadPortCallId }: Placed, position: Position | null) =>
  position !== null && 'vessel' in position && loadPortCallId !== null
    ? {
        portCallId: loadPortCallId,
        bay: slotNumber(position.vessel.bay),
        row: slotNumber(position.vessel.row),
        tier: slotNumber(position.vessel.tier),
      }
    : null

/** Slots are written 7, 07 or 007; what is no number is no slot of a yard, and 0 there is none. */
export const slotNumber = (slot: string): number => (/^\d+$/.test(slot) ? Number(slot) : 0)

/** Whether a container is set down in another slot of the yard than the one that it stands in. */
export const isSetDown = (from: Position | null, to: Position | null): boolean =>
  inYard(to) !== null && JSON.stringify(inYard(from)) !== JSON.stringify(inYard(to))

/**
 * Everything that keeps a visit's container from going where it is said to go. Holds the blocks that
 * it leaves and goes to until the transaction ends, so that nobody takes the slot meanwhile.
 */
export const faultsOfPlace = async (
  sql: Sql,
  visit: Placed,
  position: Position | null,
): Promise<Fault[]> => {
  const [from, to] = [inYard(visit.position), inYard(position)]
  const same = JSON.stringify(from) === JSON.stringify(to)
  if (!same) await holdBlocks(sql, visit, [from?.block, to?.block])
  const faults: Fault[] = []
  if (from && !same) {
    const [above] = await sql<{ reference: string }>(
      `SELECT v.equipment_reference AS reference
       FROM yard_place own JOIN yard_place p ON p.un_location_code = own.un_location_code
         AND p.block = own.block AND p.bay = own.bay AND p."row" = own."row"
         AND p.tier = own.tier + 1
       JOIN container_visit v ON v.id = p.container_visit_id
       WHERE own.container_visit_id = $1::uuid`,
      [visit.id],
    )
    faults.push(...leavingFault(above?.reference ?? null))
  }
  if (to && !same) faults.push(...placeFaults(await placeOf(sql, visit, to)))
  const stowage = aboard(visit, position)
  if (stowage) {
    const [occupant] = await sql<{ reference: string }>(
      `SELECT v.equipment_reference AS reference
       FROM stowage_place p JOIN container_visit v ON v.id = p.container_visit_id
       WHERE p.port_call_id = $1::uuid AND p.bay = $2 AND p."row" = $3 AND p.tier = $4
         AND p.container_visit_id <> $5::uuid`,
      [stowage.portCallId, stowage.bay, stowage.row, stowage.tier, visit.id],
    )
    faults.push(...stowageFault(occupant?.reference ?? null))
  }
  return faults
}

/** In the order of their codes, so that two that swap blocks wait for each other and not for ever. */
const holdBlocks = (
  sql: Sql,
  { UNLocationCode }: Placed,
  blocks: readonly (string | undefined)[],
): Promise<unknown> =>
  sql(
    `SELECT 1 FROM yard_block WHERE un_location_code = $1 AND code = ANY($2::text[])
     ORDER BY code FOR UPDATE`,
    [UNLocationCode, blocks.filter((block) => block !== undefined)],
  )

const placeOf = async (
  sql: Sql,
  { id, UNLocationCode, internalSetpointTemperature }: Placed,
  { block, bay, row, tier }: { block: string; bay: number; row: number; tier: number },
): Promise<Place> => {
  const slot = [UNLocationCode, block, bay, row]
  const [stack] = await sql<{ tiers: number; hasPlug: boolean }>(
    `SELECT tiers, has_plug AS "hasPlug" FROM yard_stack
     WHERE un_location_code = $1 AND block = $2 AND bay = $3 AND "row" = $4`,
    slot,
  )
  const standing = await sql<{ tier: number; reference: string }>(
    `SELECT p.tier, v.equipment_reference AS reference
     FROM yard_place p JOIN container_visit v ON v.id = p.container_visit_id
     WHERE p.un_location_code = $1 AND p.block = $2 AND p.bay = $3 AND p."row" = $4
       AND p.container_visit_id <> $5::uuid`,
    [...slot, id],
  )
  const at = (height: number): string | null =>
    standing.find((each) => each.tier === height)?.reference ?? null
  return {
    stack: stack ?? null,
    tier,
    needsPlug: internalSetpointTemperature !== null,
    occupant: at(tier),
    below: at(tier - 1),
  }
}

/**
 * Puts a visit's container where it is said to stand. The database refuses what cannot be, whoever
 * writes.
 *
 * @throws ProblemError 409 naming the condition that is not met
 */
export const movePlace = async (
  { sql }: Unit<Client>,
  visit: Placed,
  position: Position | null,
): Promise<void> => {
  const [yard, stowage] = [inYard(position), aboard(visit, position)]
  try {
    await sql('DELETE FROM yard_place WHERE container_visit_id = $1::uuid', [visit.id])
  } catch (error) {
    throw refusal(error, 'NOTHING_ABOVE')
  }
  try {
    await sql('DELETE FROM stowage_place WHERE container_visit_id = $1::uuid', [visit.id])
    if (yard) {
      const placed = await sql(
        `INSERT INTO yard_place
           (un_location_code, block, bay, "row", tier, container_visit_id, tiers, needs_plug)
         SELECT un_location_code, block, bay, "row", $5, $6::uuid, tiers, $7 FROM yard_stack
         WHERE un_location_code = $1 AND block = $2 AND bay = $3 AND "row" = $4
         RETURNING 1`,
        [
          visit.UNLocationCode,
          yard.block,
          yard.bay,
          yard.row,
          yard.tier,
          visit.id,
          visit.internalSetpointTemperature !== null,
        ],
      )
      if (placed.length === 0) throw refused('SLOT_EXISTS')
    }
    if (stowage) {
      await sql(
        `INSERT INTO stowage_place (port_call_id, bay, "row", tier, container_visit_id)
         VALUES ($1::uuid, $2, $3, $4, $5::uuid)`,
        [stowage.portCallId, stowage.bay, stowage.row, stowage.tier, visit.id],
      )
    }
  } catch (error) {
    throw refusal(error, null)
  }
}

/**
 * Says whether the container that stands in the yard needs a plug.
 *
 * @throws ProblemError 409 when its slot has none
 */
export const needPlug = async (
  { sql }: Unit<Client>,
  id: string,
  needsPlug: boolean,
): Promise<void> => {
  try {
    await sql('UPDATE yard_place SET needs_plug = $2 WHERE container_visit_id = $1::uuid', [
      id,
      needsPlug,
    ])
  } catch (error) {
    throw refusal(error, null)
  }
}

/** What a caller is told when someone was faster, or went past the service. */
const refusal = (error: unknown, code: keyof typeof said | null): unknown => {
  const constraint = violatedConstraint(error)
  if (constraint === null) return error
  const condition = code ?? conditionOf[constraint]
  return condition ? refused(condition) : error
}

const refused = (code: keyof typeof said): ProblemError =>
  new ProblemError(yardErrors.PLACE_REFUSED, {
    errors: [{ pointer: '#/position', code, detail: said[code] }],
  })

const said = {
  SLOT_EXISTS: { en: 'the yard has no such slot', es: 'el patio no tiene esa posición' },
  SLOT_FREE: { en: 'another container is there', es: 'hay otro contenedor ahí' },
  SLOT_SUPPORTED: { en: 'nothing stands below', es: 'no hay nada debajo' },
  SLOT_HAS_PLUG: { en: 'the slot has no plug', es: 'la posición no tiene toma de corriente' },
  NOTHING_ABOVE: { en: 'another container stands on it', es: 'hay otro contenedor encima' },
} as const
