import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import type { Client, HoldRow } from '../database.ts'
import { events } from '../events.ts'
import { holdErrors } from './hold.ts'
import type { Hold, NewHold } from './hold.schema.ts'

/** Every hold of a visit, the earliest first. */
export const listHolds = async (client: Client, containerVisitId: string): Promise<Hold[]> => {
  // Ids are in the order in which they were made.
  const rows = await client.hold.findMany({
    where: { containerVisitId },
    orderBy: { id: 'asc' },
  })
  return rows.map(holdOf)
}

/** Places a hold on a visit. */
export const placeHold = async (
  unit: Unit<Client>,
  visit: ContainerVisit,
  { given, by }: { given: NewHold; by: string },
): Promise<Hold> => {
  const row = await unit.tx.hold.create({
    data: {
      id: uuidv7(),
      containerVisitId: visit.id,
      ...given,
      state: 'PLACED',
      placedAt: new Date(),
      placedBy: by,
    },
  })
  const hold = holdOf(row)
  tell(unit, 'carga.hold.placed', { visit, hold })
  return hold
}

/** @throws ProblemError 404 */
export const findHold = async (
  client: Client,
  { id, holdId }: { id: string; holdId: string },
): Promise<Hold> => {
  const row = await client.hold.findUnique({ where: { id: holdId } })
  if (row?.containerVisitId !== id.toLowerCase()) throw new ProblemError(kitErrors.NOT_FOUND)
  return holdOf(row)
}

/**
 * Releases a hold of a visit that is held.
 *
 * @throws ProblemError 409 when it was released already, 412
 */
export const releaseHold = async (
  unit: Unit<Client>,
  visit: ContainerVisit,
  { hold, version, reason, by }: { hold: Hold; version: number | '*'; reason: string; by: string },
): Promise<Hold> => {
  assertVersion(version, hold.version)
  if (hold.state !== 'PLACED') throw new ProblemError(holdErrors.HOLD_RELEASED)
  const row = await unit.tx.hold.update({
    where: { id: hold.id },
    data: {
      state: 'RELEASED',
      releaseReason: reason,
      releasedAt: new Date(),
      releasedBy: by,
      version: { increment: 1 },
    },
  })
  const released = holdOf(row)
  tell(unit, 'carga.hold.released', { visit, hold: released })
  return released
}

const tell = (
  { publish }: Unit<Client>,
  type: 'carga.hold.placed' | 'carga.hold.released',
  { visit, hold }: { visit: ContainerVisit; hold: Hold },
): void =>
  publish(
    eventOf(events, type, {
      subject: hold.id,
      data: {
        holdId: hold.id,
        containerVisitId: visit.id,
        equipmentReference: visit.equipmentReference,
        flow: visit.flow,
        UNLocationCode: visit.UNLocationCode,
        carrierOrganization: visit.carrierOrganization,
        authority: hold.authority,
        reason: hold.releaseReason ?? hold.reason,
      },
    }),
  )

const holdOf = (row: HoldRow): Hold => ({
  id: row.id,
  containerVisitId: row.containerVisitId,
  authority: row.authority as Hold['authority'],
  state: row.state as Hold['state'],
  reason: row.reason,
  placedAt: row.placedAt.toISOString(),
  placedBy: row.placedBy,
  releaseReason: row.releaseReason,
  releasedAt: row.releasedAt?.toISOString() ?? null,
  releasedBy: row.releasedBy,
  version: row.version,
})
