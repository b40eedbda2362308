import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, ClearanceDecisionRow, ClearanceRow } from '../database.ts'
import { events } from '../events.ts'
import {
  callParties,
  inState,
  lockCall,
  portCallOf,
  requireCall,
  requireCallAndShip,
  shipOf,
} from '../port-calls/port-call.store.ts'
import { inPort, type PortCallState } from '../port-calls/port-call.ts'
import { isParty, type Visibility } from '../port-calls/visibility.ts'
import type { Reporter } from '../reporter.ts'
import { reasonGiven } from '../text.ts'
import { authorities, type Authority, clearanceErrors } from './clearance.ts'
import type { Clearance, ClearanceDecision } from './clearance.schema.ts'
import { withdrawDeparture } from './departure.store.ts'

/** Asks each of some authorities for its clearance of a call. */
export const askForClearances = async (
  { tx }: Unit<Client>,
  portCallId: string,
  asked: readonly Authority[],
): Promise<void> => {
  const rows = asked.map((authority) => ({ portCallId, authority, state: 'PENDING' }))
  await tx.clearance.createMany({ data: rows })
}

/** Clearances of port calls and the decisions about them: rows in, `Clearance` out. */
export const clearanceStore = ({ database }: { database: BarcosDatabase }) => ({
  /**
   * The clearances of a call. What an authority gives as its reason is for the parties of the call.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of
   */
  list: async (portCallId: string, visibility: Visibility): Promise<Clearance[]> => {
    const call = await requireCall(database.client, portCallId, visibility)
    const rows = await database.client.clearance.findMany({
      where: { portCallId },
      include: withHistory,
      orderBy: { authority: 'asc' },
    })
    const clearances = rows.map(clearanceOf)
    return isParty(visibility, call) ? clearances : clearances.map(withoutReasons)
  },

  /**
   * Grants or refuses a clearance. A refusal withdraws an authorised departure.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of or that does not need
   *   this clearance; 412; 409 when the ship has left or the call has ended
   */
  decide: async (
    unit: Unit<Client>,
    key: { portCallId: string; authority: Authority },
    given: {
      version: number | '*'
      visibility: Visibility
      reporter: Reporter
      decision: ClearanceDecision
    },
  ): Promise<Clearance> => {
    const { tx, sql, publish } = unit
    const { reporter, decision } = given
    await lockCall(sql, key.portCallId)
    const call = await requireCallAndShip(tx, key.portCallId, given.visibility)
    const where = { portCallId_authority: key }
    const present = await tx.clearance.findUnique({ where, include: withHistory })
    if (!present) throw new ProblemError(kitErrors.NOT_FOUND)
    assertVersion(given.version, present.version)
    const state = call.state as PortCallState
    if (state !== 'APPROVED' && !inPort.includes(state)) {
      throw new ProblemError(clearanceErrors.CLEARANCE_NOT_OPEN, { detail: inState(state) })
    }
    const reason = decision.reason ?? null
    if (present.state === decision.state && present.reason === reason) return clearanceOf(present)
    const decided = {
      reason,
      source: reporter.source,
      decidedBy: reporter.subject,
      decidedAt: new Date(),
    }
    await tx.clearanceDecision.create({
      data: {
        id: uuidv7(),
        ...key,
        fromState: present.state,
        toState: decision.state,
        ...decided,
      },
    })
    const row = await tx.clearance.update({
      where,
      data: { state: decision.state, ...decided, version: { increment: 1 } },
      include: withHistory,
    })
    const ship = shipOf(portCallOf(call))
    publish(
      eventOf(events, 'barcos.clearance.decided', {
        subject: key.portCallId,
        data: {
          ...key,
          ...callParties(call),
          ...ship,
          UNLocationCode: call.unLocationCode,
          state: decision.state,
          reason: decided.reason,
        },
      }),
    )
    if (decision.state === 'REFUSED') {
      const { en, es } = authorities[key.authority]
      const why = reasonGiven({
        en: `the clearance of ${en} was refused`,
        es: `se denegó el despacho de ${es}`,
      })
      await withdrawDeparture(unit, call, { reporter, reason: why, at: decided.decidedAt })
    }
    return clearanceOf(row)
  },
})

export type ClearanceStore = ReturnType<typeof clearanceStore>

/** Ids are in the order in which they were made. */
const withHistory = { decisions: { orderBy: { id: 'asc' } } } as const

const withoutReasons = (clearance: Clearance): Clearance => ({
  ...clearance,
  reason: null,
  history: clearance.history.map((decision) => ({ ...decision, reason: null })),
})

const clearanceOf = (row: ClearanceRow & { decisions: ClearanceDecisionRow[] }): Clearance => ({
  portCallId: row.portCallId,
  authority: row.authority as Authority,
  state: row.state as Clearance['state'],
  reason: row.reason,
  decidedBy: row.decidedBy,
  decidedAt: row.decidedAt?.toISOString() ?? null,
  version: row.version,
  history: row.decisions.map((decision) => ({
    from: decision.fromState as Clearance['state'],
    to: decision.toState as Clearance['state'],
    reason: decision.reason,
    source: decision.source as Clearance['history'][number]['source'],
    decidedBy: decision.decidedBy,
    decidedAt: decision.decidedAt.toISOString(),
  })),
})
