import type { Cursors, Page, Position } from '@porttrack/shared/http/pagination'
import type { CargoList } from '../cargo-progress/cargo-progress.ts'
import type { ClearanceState } from '../clearances/clearance.ts'
import type { BarcosDatabase, PortCallRow } from '../database.ts'
import type { TimeZoneAt } from '../places/time-zone.ts'
import { requireCall } from '../port-calls/port-call.store.ts'
import { isParty, sees, seesService, type Visibility } from '../port-calls/visibility.ts'
import { ordersVisibleTo } from '../service-orders/service-order.store.ts'
import type { Timestamp } from '../timestamps/timestamp.schema.ts'
import { timestampOf } from '../timestamps/timestamp.store.ts'
import { effectiveOf } from '../timestamps/timestamp.ts'
import type { Facts } from './statement-of-facts.ts'
import type { TimelineEntry, TimelineQuery } from './timeline.schema.ts'

type TimelineStoreOptions = {
  database: BarcosDatabase
  cursors: Cursors
  timeZoneAt: TimeZoneAt
}

/** All that was decided and reported about a call: rows in, one ordered list out. */
export const timelineStore = ({ database, cursors, timeZoneAt }: TimelineStoreOptions) => ({
  /**
   * A page of all that was decided and reported about a call, by time and then by when it was
   * recorded.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of
   */
  page: async (
    portCallId: string,
    query: TimelineQuery,
    visibility: Visibility,
  ): Promise<Page<TimelineEntry>> => {
    const list = `timeline ${portCallId}`
    const after = cursors.read(list, query)
    const call = await requireCall(database.client, portCallId, visibility)
    const entries = await entriesOf(database, call, visibility)
    const found = after
      ? entries.filter((entry) => comparePositions(placeOf(entry), after) > 0)
      : entries
    return cursors.page(list, query, { found, positionOf: placeOf })
  },

  /**
   * A call's whole timeline, and the port it is at.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of
   */
  whole: async (
    portCallId: string,
    visibility: Visibility,
  ): Promise<{ UNLocationCode: string; entries: TimelineEntry[] }> => {
    const call = await requireCall(database.client, portCallId, visibility)
    return {
      UNLocationCode: call.unLocationCode,
      entries: await entriesOf(database, call, visibility),
    }
  },

  /**
   * What a statement of facts says of a call.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of
   */
  facts: async (portCallId: string, visibility: Visibility): Promise<Facts> => {
    const call = await requireCall(database.client, portCallId, visibility)
    const [vessel, stays, finished, entries] = await Promise.all([
      database.client.vessel.findUniqueOrThrow({ where: { id: call.vesselId } }),
      database.client.berthOccupancy.findMany({
        // What was given up is no fact, unless the ship lay there all the same.
        where: { portCallId, OR: [{ releasedAt: null }, { alongsideFrom: { not: null } }] },
        include: { berth: { select: { code: true, name: true } } },
        orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
      }),
      isParty(visibility, call)
        ? database.client.cargoProgress.findMany({
            where: { portCallId, finishedAt: { not: null } },
            orderBy: [{ finishedAt: 'asc' }, { list: 'asc' }],
          })
        : [],
      entriesOf(database, call, visibility),
    ])
    return {
      portCallId,
      UNLocationCode: call.unLocationCode,
      timeZone: timeZoneAt(call.unLocationCode),
      agentOrganization: call.agentOrganization,
      purposes: call.purposes as Facts['purposes'],
      previousPort: call.previousPort,
      nextPort: call.nextPort,
      declaredArrivalDraft: call.declaredArrivalDraft,
      declaredDepartureDraft: call.declaredDepartureDraft,
      vessel,
      stays: stays.map(({ berth, reservedFrom, reservedUntil, startsAt, endsAt, ...stay }) => ({
        ...stay,
        berth: `${berth.code} ${berth.name}`,
        planned: { from: reservedFrom ?? startsAt, to: reservedUntil ?? endsAt },
      })),
      finished: finished.flatMap(({ list, finishedAt, total }) =>
        finishedAt === null ? [] : [{ list: list as CargoList, at: finishedAt, total }],
      ),
      events: entries.flatMap(({ timestamp, effective }) =>
        timestamp?.classifierCode === 'ACT' && effective ? [timestamp] : [],
      ),
    }
  },
})

export type TimelineStore = ReturnType<typeof timelineStore>

/**
 * Everything of a call that a caller may know of, in order: which timestamps count is known only from
 * all of them.
 */
const entriesOf = async (
  { client }: BarcosDatabase,
  call: PortCallRow,
  visibility: Visibility,
): Promise<TimelineEntry[]> => {
  const portCallId = call.id
  const of = { where: { portCallId } }
  const [decisions, clearances, orders, reservations, attachments, news, rows] = await Promise.all([
    client.portCallDecision.findMany(of),
    client.clearanceDecision.findMany(of),
    client.serviceOrderDecision.findMany({
      where: { order: { portCallId, ...ordersVisibleTo(visibility) } },
      include: { order: true },
    }),
    client.reservationDecision.findMany(of),
    client.timestampAttachment.findMany(of),
    client.portCallNews.findMany(of),
    client.portCallTimestamp.findMany(of),
  ])
  const timestamps = rows.map(timestampOf)
  const effective = new Set(effectiveOf(timestamps).map(({ id }) => id))
  const hidden = new Set(
    rows.flatMap(({ id, providerOrganization }) =>
      seesService(visibility, call, providerOrganization) ? [] : [id],
    ),
  )
  return [
    ...decisions.map((row) =>
      decisionEntry('DECISION', row, {
        ...row,
        time: row.occurredAt ?? row.decidedAt,
        changes: row.changes as Changes,
      }),
    ),
    ...clearances.map((row) =>
      decisionEntry('CLEARANCE', row, {
        ...row,
        action: clearanceActions[row.toState as ClearanceState],
        about: row.authority,
        reason: isParty(visibility, call) ? row.reason : null,
      }),
    ),
    ...orders.map((row) =>
      decisionEntry('SERVICE_ORDER', row, {
        ...row,
        about: `${row.order.serviceType} ${row.order.providerOrganization}`,
        aboutId: row.orderId,
      }),
    ),
    ...reservations.map((row) =>
      decisionEntry('RESERVATION', row, {
        ...row,
        about: row.berthCode,
        aboutId: row.reservationId,
        reason: null,
        changes: row.changes as Changes,
      }),
    ),
    ...attachments
      .filter((row) => !hidden.has(row.timestampId))
      .map((row) =>
        decisionEntry('ATTACHMENT', row, {
          ...row,
          action: row.action.toLowerCase(),
          aboutId: row.timestampId,
          fromState: null,
          toState: null,
        }),
      ),
    ...news
      .filter(
        ({ kind, providerOrganization }) =>
          isParty(visibility, call) || (kind === 'CREW' && sees(visibility, providerOrganization)),
      )
      .map((row) =>
        decisionEntry(
          row.kind as 'CARGO' | 'CREW',
          { id: row.id, source: 'SYSTEM', decidedBy: row.toldBy, decidedAt: row.recordedAt },
          { ...row, fromState: null, toState: null, reason: null, time: row.happenedAt },
        ),
      ),
    ...timestamps
      .filter(({ id }) => !hidden.has(id))
      .map((timestamp) => timestampEntry(timestamp, effective.has(timestamp.id))),
  ].toSorted((a, b) => comparePositions(placeOf(a), placeOf(b)))
}

type Changes = Record<string, { from: unknown; to: unknown }> | null

/** What a decision made of a clearance. */
const clearanceActions: Readonly<Record<ClearanceState, string>> = {
  PENDING: 'reopen',
  GRANTED: 'grant',
  REFUSED: 'refuse',
}

type Made = { id: string; source: string; decidedBy: string; decidedAt: Date }

type Said = {
  action: string
  about?: string
  aboutId?: string | null
  fromState: string | null
  toState: string | null
  reason: string | null
  changes?: Changes
  /** When it happened; when it was decided unless given. */
  time?: Date
}

const decisionEntry = (kind: TimelineEntry['kind'], made: Made, said: Said): TimelineEntry => ({
  id: made.id,
  kind,
  time: (said.time ?? made.decidedAt).toISOString(),
  recordedAt: made.decidedAt.toISOString(),
  source: made.source as TimelineEntry['source'],
  decision: {
    action: said.action,
    about: said.about ?? null,
    aboutId: said.aboutId ?? null,
    from: said.fromState,
    to: said.toState,
    reason: said.reason,
    decidedBy: made.decidedBy,
    changes: said.changes ?? null,
  },
  timestamp: null,
  effective: null,
})

const timestampEntry = (timestamp: Timestamp, effective: boolean): TimelineEntry => ({
  id: timestamp.id,
  kind: 'TIMESTAMP',
  time: timestamp.serviceDateTime,
  recordedAt: timestamp.recordedAt,
  source: timestamp.source,
  decision: null,
  timestamp,
  effective,
})

const placeOf = ({ time, recordedAt, id }: TimelineEntry): Position => [time, recordedAt, id]

/** By code units: times are all in UTC with milliseconds, ids all in lower case. */
const comparePositions = (a: Position, b: Position): number => {
  for (const [index, value] of a.entries()) {
    const [left, right] = [String(value), String(b[index])]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}
