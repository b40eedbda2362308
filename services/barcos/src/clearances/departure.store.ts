import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { assertVersion } from '@porttrack/shared/http/etag'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { Client, PortCallRow, VesselRow } from '../database.ts'
import { events } from '../events.ts'
import { unmetConditions } from '../port-calls/decision.ts'
import { inPort } from '../port-calls/port-call.ts'
import type { PortCall } from '../port-calls/port-call.schema.ts'
import {
  callParties,
  lockCall,
  portCallOf,
  requireCallAndShip,
  requireState,
  shipOf,
  withVessel,
} from '../port-calls/port-call.store.ts'
import { situationOf } from '../port-calls/situation.store.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import type { Source } from '../reporter.ts'
import { reasonGiven } from '../text.ts'
import { departureConditions, departureErrors } from './departure.ts'

/** Who authorises or withdraws, and why. */
type By = { reporter: { source: Source; subject: string }; reason: string | null }

/**
 * Authorises the departure of a ship, and keeps who did and when.
 *
 * @throws ProblemError 404, also for a call that the caller may not know of; 412; 409 when the ship is
 *   not in port, when it is authorised already, or naming all that is missing
 */
export const authorizeDeparture = async (
  unit: Unit<Client>,
  given: By & { id: string; version: number | '*'; visibility: Visibility },
): Promise<PortCall> => {
  const { tx, sql, publish } = unit
  const { id, reporter } = given
  await lockCall(sql, id)
  const row = await requireCallAndShip(tx, id, given.visibility)
  const present = portCallOf(row)
  assertVersion(given.version, present.version)
  requireState(present.state, inPort)
  if (row.departureAuthorizedAt !== null) {
    throw new ProblemError(departureErrors.DEPARTURE_AUTHORIZED_ALREADY)
  }
  const errors = unmetConditions(departureConditions, await situationOf(tx, row))
  if (errors.length > 0) throw new ProblemError(departureErrors.DEPARTURE_NOT_POSSIBLE, { errors })
  const now = new Date()
  const call = await keep(unit, row, {
    ...given,
    action: 'authorize-departure',
    at: now,
    departure: { departureAuthorizedAt: now, departureAuthorizedBy: reporter.subject },
  })
  publish(
    eventOf(events, 'barcos.departure.authorized', {
      subject: id,
      data: {
        portCallId: id,
        ...callParties(call),
        ...shipOf(call),
        UNLocationCode: call.UNLocationCode,
        etd: call.etd,
        authorizedAt: now.toISOString(),
      },
    }),
  )
  return call
}

/**
 * Withdraws the authorisation of a call that has one and whose ship has not left. The call must be
 * held.
 *
 * @param by.at when that was decided: what a decision brings with it has the decision's time, so that
 *   the history of the call has them in the order in which they were taken
 */
export const withdrawDeparture = async (
  unit: Unit<Client>,
  row: PortCallRow,
  by: By & { reason: string; at: Date },
): Promise<void> => {
  if (row.departureAuthorizedAt === null || row.state === 'DEPARTED') return
  const call = await keep(unit, row, {
    ...by,
    action: 'withdraw-departure',
    departure: { departureAuthorizedAt: null, departureAuthorizedBy: null },
  })
  unit.publish(
    eventOf(events, 'barcos.departure.withdrawn', {
      subject: row.id,
      data: {
        portCallId: row.id,
        ...callParties(call),
        ...shipOf(call),
        UNLocationCode: call.UNLocationCode,
        reason: by.reason,
      },
    }),
  )
}

/**
 * Withdraws the authorisations of a vessel's calls: of one that may no longer leave. Every call of
 * the vessel that is in port is held first, so that none is authorised meanwhile by what was.
 */
export const withdrawDeparturesOf = async (
  unit: Unit<Client>,
  { id, state }: Pick<VesselRow, 'id' | 'state'>,
  reporter: By['reporter'],
): Promise<void> => {
  const held = await unit.sql<{ id: string }>(
    `SELECT id FROM port_call WHERE vessel_id = $1::uuid AND state = ANY($2::text[])
     ORDER BY id FOR UPDATE`,
    [id, inPort],
  )
  const calls = await unit.tx.portCall.findMany({
    where: { id: { in: held.map((row) => row.id) } },
  })
  for (const call of calls) {
    const reason = reasonGiven({ en: `the vessel is ${state}`, es: `el buque está en ${state}` })
    await withdrawDeparture(unit, call, { reporter, reason, at: new Date() })
  }
}

type Change = By & {
  action: 'authorize-departure' | 'withdraw-departure'
  at: Date
  departure: Pick<PortCallRow, 'departureAuthorizedAt' | 'departureAuthorizedBy'>
}

const keep = async (
  { tx }: Unit<Client>,
  { id, state }: PortCallRow,
  { action, at, departure, reporter, reason }: Change,
): Promise<PortCall> => {
  await tx.portCallDecision.create({
    data: {
      id: uuidv7(),
      portCallId: id,
      action,
      fromState: state,
      toState: state,
      reason,
      source: reporter.source,
      decidedBy: reporter.subject,
      decidedAt: at,
    },
  })
  return portCallOf(
    await tx.portCall.update({
      where: { id },
      data: { ...departure, version: { increment: 1 }, updatedAt: at },
      include: withVessel,
    }),
  )
}
