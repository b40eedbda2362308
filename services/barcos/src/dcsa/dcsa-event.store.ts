import type { Cursors } from '@porttrack/shared/http/pagination'
import type { BarcosDatabase, Client, PortCallServiceRow } from '../database.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import { timestampOf } from '../timestamps/timestamp.store.ts'
import { type DcsaEvent, type DcsaEventQuery, longestPage } from './dcsa-event.schema.ts'
import {
  type Asked,
  calledOffSearch,
  movesSearch,
  omissionSearch,
  timestampSearch,
  unplacedSearch,
} from './dcsa-event-search.store.ts'
import { latestOf } from '../port-calls/decision.ts'
import {
  type EventCall,
  eventOfMoves,
  eventOfOmission,
  eventOfServiceEnd,
  eventOfTimestamp,
} from './outgoing-event.ts'

type DcsaEventStoreOptions = { database: BarcosDatabase; cursors: Cursors }

/** Events of DCSA Port Call that the port tells: rows in, events out. */
export const dcsaEventStore = ({ database, cursors }: DcsaEventStoreOptions) => ({
  /**
   * A page of the events of calls that the caller may see, and of those that it has sent itself and
   * that have no call yet, those told first coming first: what is recorded, attached to a call or
   * called off while someone turns the pages comes on the last ones.
   */
  list: async (
    query: DcsaEventQuery,
    visibility: Visibility,
  ): Promise<{ events: DcsaEvent[]; next: string | null }> => {
    const limit = Math.min(query.limit ?? 50, longestPage)
    const asked = { query, visibility, after: cursors.read('dcsa-events', query), take: limit + 1 }
    const parts = await Promise.all(
      [findTimestamps, findMoves, findOmissions, findCalledOff, findUnplaced].map((find) =>
        find(database, asked),
      ),
    )
    const found = parts.flat().toSorted(inOrder)
    const { items, next } = cursors.page(
      'dcsa-events',
      { ...query, limit },
      {
        found,
        positionOf: ({ toldAt, id }) => [toldAt.toISOString(), id],
      },
    )
    const replies = await repliesOf(database.client, items)
    return { events: items.map(({ toEvent }) => toEvent(replies)), next }
  },
})

export type DcsaEventStore = ReturnType<typeof dcsaEventStore>

/** Ids of events by the timestamps that were made of them. */
type Replies = ReadonlyMap<string, string>

/** A row that makes an event, and its place in the list. */
type Found = {
  toldAt: Date
  id: string
  replyTo: string | null
  toEvent: (replies: Replies) => DcsaEvent
}

/** Ids in lower case compare as PostgreSQL compares them. */
const inOrder = (a: Found, b: Found): number =>
  a.toldAt.getTime() - b.toldAt.getTime() || (a.id < b.id ? -1 : 1)

const callIncluded = { include: { vessel: true } } as const

const findTimestamps = async ({ client, sql }: BarcosDatabase, asked: Asked): Promise<Found[]> => {
  if (asked.query.portCallServiceTypeCode === 'MOVES') return []
  const { text, values } = timestampSearch(asked)
  const ids = (await sql<{ id: string }>(text, values)).map(({ id }) => id)
  const rows = await client.portCallTimestamp.findMany({
    where: { id: { in: ids } },
    include: { portCall: callIncluded, service: true, dcsaEvent: true },
  })
  return rows.flatMap(({ portCall, service, dcsaEvent, ...row }) => {
    if (!portCall) return []
    const timestamp = timestampOf(row)
    const { recordedAt, attachedAt, id, replyTo } = row
    const toldAt = latestOf([recordedAt, attachedAt]) ?? recordedAt
    const updatedAt = latestOf([
      dcsaEvent?.eventUpdatedAt ?? recordedAt,
      attachedAt,
      omittedAt(portCall),
      service?.cancelledAt ?? service?.declinedAt ?? null,
    ])
    const toEvent = (replies: Replies) =>
      eventOfTimestamp(timestamp, {
        eventID: dcsaEvent?.id ?? id,
        replyToEventID: replyTo && (replies.get(replyTo) ?? replyTo),
        eventUpdatedDateTime: (updatedAt ?? recordedAt).toISOString(),
        call: portCall,
        service: service && endsOf(service),
        sent: dcsaEvent && (dcsaEvent.payload as DcsaEvent),
      })
    return [{ toldAt, id, replyTo, toEvent }]
  })
}

const findMoves = async ({ client, sql }: BarcosDatabase, asked: Asked): Promise<Found[]> => {
  const { portCallServiceTypeCode, classifierCode, timestampID, portCallServiceID } = asked.query
  if ((portCallServiceTypeCode ?? 'MOVES') !== 'MOVES') return []
  if (classifierCode ?? timestampID ?? portCallServiceID) return []
  const { text, values } = movesSearch(asked)
  const ids = (await sql<{ id: string }>(text, values)).map(({ id }) => id)
  const rows = await client.dcsaEvent.findMany({
    where: { id: { in: ids } },
    include: { portCall: callIncluded },
  })
  return rows.flatMap(({ portCall, ...row }) => {
    if (!portCall) return []
    const sent = row.payload as DcsaEvent
    const toEvent = () =>
      eventOfMoves({
        eventID: row.id,
        replyToEventID: sent.replyToEventID ?? null,
        eventUpdatedDateTime: (
          latestOf([row.eventUpdatedAt, omittedAt(portCall)]) ?? row.eventUpdatedAt
        ).toISOString(),
        call: portCall,
        service: null,
        sent,
      })
    return [{ toldAt: row.recordedAt, id: row.id, replyTo: null, toEvent }]
  })
}

/** That calls were omitted, also those of which nothing else was told. */
const findOmissions = async ({ client, sql }: BarcosDatabase, asked: Asked): Promise<Found[]> => {
  const { portCallServiceTypeCode, classifierCode, timestampID, portCallServiceID } = asked.query
  if (portCallServiceTypeCode ?? classifierCode ?? timestampID ?? portCallServiceID) return []
  const { text, values } = omissionSearch(asked)
  const ids = (await sql<{ id: string }>(text, values)).map(({ id }) => id)
  const rows = await client.portCallDecision.findMany({
    where: { id: { in: ids } },
    include: { portCall: callIncluded },
  })
  return rows.map(({ id, decidedAt, portCall }) => ({
    toldAt: decidedAt,
    id,
    replyTo: null,
    toEvent: () =>
      eventOfOmission({
        eventID: id,
        eventUpdatedDateTime: decidedAt.toISOString(),
        call: portCall,
      }),
  }))
}

/** That services were called off. */
const findCalledOff = async ({ client, sql }: BarcosDatabase, asked: Asked): Promise<Found[]> => {
  if (asked.query.classifierCode ?? asked.query.timestampID) return []
  const { text, values } = calledOffSearch(asked)
  const ids = (await sql<{ id: string }>(text, values)).map(({ id }) => id)
  const rows = await client.portCallService.findMany({
    where: { id: { in: ids } },
    include: { portCall: callIncluded },
  })
  return rows.flatMap(({ portCall, ...service }) => {
    const toldAt = service.cancelledAt ?? service.declinedAt
    if (toldAt === null) return []
    const toEvent = () =>
      eventOfServiceEnd(
        { ...service, ...endsOf(service) },
        { eventID: service.id, eventUpdatedDateTime: toldAt.toISOString(), call: portCall },
      )
    return [{ toldAt, id: service.id, replyTo: null, toEvent }]
  })
}

/** When a call was omitted, after which nothing about it changes; null for one that was not. */
const omittedAt = ({ state, updatedAt }: EventCall & { updatedAt: Date }): Date | null =>
  state === 'OMITTED' ? updatedAt : null

const endsOf = ({ id, cancelledAt, declinedAt }: PortCallServiceRow) => ({
  id,
  isCanceled: cancelledAt !== null,
  isDeclined: declinedAt !== null,
})

/** What a sender reads of its own before the port has found a call for it: as it was sent. */
const findUnplaced = async ({ client, sql }: BarcosDatabase, asked: Asked): Promise<Found[]> => {
  // The port sees them as orphans, which it attaches.
  const { visibility } = asked
  if (visibility === 'all') return []
  const { text, values } = unplacedSearch({ ...asked, visibility })
  const ids = (await sql<{ id: string }>(text, values)).map(({ id }) => id)
  const rows = await client.dcsaEvent.findMany({ where: { id: { in: ids } } })
  return rows.map(({ id, recordedAt, eventUpdatedAt, payload }) => ({
    toldAt: recordedAt,
    id,
    replyTo: null,
    toEvent: () => ({
      ...(payload as DcsaEvent),
      eventID: id,
      eventUpdatedDateTime: eventUpdatedAt.toISOString(),
    }),
  }))
}

/** Timestamps that were sent are known to their senders by the ids of the events. */
const repliesOf = async (client: Client, found: readonly Found[]): Promise<Replies> => {
  const ids = found.flatMap(({ replyTo }) => replyTo ?? [])
  if (ids.length === 0) return new Map()
  const rows = await client.dcsaEvent.findMany({
    where: { timestampId: { in: ids } },
    select: { id: true, timestampId: true },
  })
  return new Map(rows.flatMap(({ id, timestampId }) => (timestampId ? [[timestampId, id]] : [])))
}
