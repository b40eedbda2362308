import type { Cursors, Page, Position } from '@porttrack/shared/http/pagination'
import type { BarcosDatabase, PortCallDecisionRow } from '../database.ts'
import type { TimeZoneAt } from '../places/time-zone.ts'
import type { PortCallState } from '../port-calls/port-call.ts'
import { requireCall } from '../port-calls/port-call.store.ts'
import type { Visibility } from '../port-calls/visibility.ts'
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
    await requireCall(database.client, portCallId, visibility)
    const entries = await entriesOf(database, portCallId)
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
    const { unLocationCode } = await requireCall(database.client, portCallId, visibility)
    return { UNLocationCode: unLocationCode, entries: await entriesOf(database, portCallId) }
  },

  /**
   * What a statement of facts says of a call.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of
   */
  facts: async (portCallId: string, visibility: Visibility): Promise<Facts> => {
    const call = await requireCall(database.client, portCallId, visibility)
    const [vessel, stays, entries] = await Promise.all([
      database.client.vessel.findUniqueOrThrow({ where: { id: call.vesselId } }),
      database.client.berthOccupancy.findMany({
        // What was given up is no fact, unless the ship lay there all the same.
        where: { portCallId, OR: [{ releasedAt: null }, { alongsideFrom: { not: null } }] },
        include: { berth: { select: { code: true, name: true } } },
        orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
      }),
      entriesOf(database, portCallId),
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
      events: entries.flatMap(({ timestamp, effective }) =>
        timestamp?.classifierCode === 'ACT' && effective ? [timestamp] : [],
      ),
    }
  },
})

export type TimelineStore = ReturnType<typeof timelineStore>

/** Everything of a call, in order: which timestamps count is known only from all of them. */
const entriesOf = async (
  { client }: BarcosDatabase,
  portCallId: string,
): Promise<TimelineEntry[]> => {
  const of = { where: { portCallId } }
  const [decisions, rows] = await Promise.all([
    client.portCallDecision.findMany(of),
    client.portCallTimestamp.findMany(of),
  ])
  const timestamps = rows.map(timestampOf)
  const effective = new Set(effectiveOf(timestamps).map(({ id }) => id))
  return [
    ...decisions.map(decisionEntry),
    ...timestamps.map((timestamp) => timestampEntry(timestamp, effective.has(timestamp.id))),
  ].toSorted((a, b) => comparePositions(placeOf(a), placeOf(b)))
}

const decisionEntry = (row: PortCallDecisionRow): TimelineEntry => ({
  id: row.id,
  kind: 'DECISION',
  time: (row.occurredAt ?? row.decidedAt).toISOString(),
  recordedAt: row.decidedAt.toISOString(),
  source: row.source as TimelineEntry['source'],
  decision: {
    action: row.action,
    from: row.fromState as PortCallState | null,
    to: row.toState as PortCallState,
    reason: row.reason,
    decidedBy: row.decidedBy,
    changes: row.changes as Record<string, { from: unknown; to: unknown }> | null,
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
