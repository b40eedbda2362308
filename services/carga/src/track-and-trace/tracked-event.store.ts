import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { Cursors } from '@porttrack/shared/http/pagination'
import type { RecordedEvent } from '../container-visit-events/container-visit-event.ts'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import type { CargaDatabase, Client } from '../database.ts'
import { events } from '../events.ts'
import type { Visibility } from '../visibility.ts'
import {
  longestPage,
  type TrackAndTraceEvent,
  type TrackAndTraceQuery,
} from './dcsa-event.schema.ts'
import { eventOfVisit } from './outgoing-event.ts'

/** Who the port's own events come from; no organisation's code and no client's id is so. */
const port = '(port)'

/** An event of a visit that was recorded, updated or retracted. */
type Happening = {
  event: Pick<
    RecordedEvent,
    'seriesId' | 'eventCode' | 'eventClassifierCode' | 'eventDateTime' | 'retracted'
  >
  at: Date
}

/**
 * Keeps what is told of an event of a visit, and publishes it. What was sent by another keeps its
 * sender's id, and what else its sender said with it.
 */
export const track = async (
  unit: Unit<Client>,
  visit: ContainerVisit,
  { event, at }: Happening,
): Promise<void> => {
  const { seriesId } = event
  const known = await unit.tx.trackedEvent.findUnique({ where: { seriesId } })
  const made = eventOfVisit(visit, {
    eventID: known?.eventId ?? seriesId,
    eventUpdatedDateTime: at.toISOString(),
    isRetracted: event.retracted,
    event,
  })
  if (!made) return
  const payload = { ...(known ? (known.payload as TrackAndTraceEvent) : {}), ...made }
  const columns = {
    payload,
    isRetracted: event.retracted,
    eventUpdatedAt: at,
    recordedAt: at,
  }
  if (known) await unit.tx.trackedEvent.update({ where: { seriesId }, data: columns })
  else {
    await unit.tx.trackedEvent.create({
      data: {
        ...columns,
        id: seriesId,
        sender: port,
        eventId: seriesId,
        seriesId,
        containerVisitId: visit.id,
        organization: visit.carrierOrganization,
        eventTypeCode: payload.eventClassification?.eventTypeCode ?? null,
        equipmentReference: visit.equipmentReference,
      },
    })
  }
  tell(unit, { subject: seriesId, organization: visit.carrierOrganization, event: payload })
}

/** Publishes an event as DCSA tells it, for webhooks and other readers of the feed. */
export const tell = (
  { publish }: Unit<Client>,
  {
    subject,
    organization,
    event,
  }: { subject: string; organization: string | null; event: TrackAndTraceEvent },
): void =>
  publish(
    eventOf(events, 'carga.tracked-event.recorded', {
      subject,
      data: { carrierOrganization: organization, event },
    }),
  )

type TrackedEventStoreOptions = { database: CargaDatabase; cursors: Cursors }

type Row = { id: string; updatedAt: Date; payload: TrackAndTraceEvent }

/** Events as DCSA Track and Trace tells them. */
export const trackedEventStore = ({ database, cursors }: TrackedEventStoreOptions) => ({
  /** A page of the events that the caller may see, those updated first coming first. */
  list: async (
    query: TrackAndTraceQuery,
    visibility: Visibility,
  ): Promise<{ events: TrackAndTraceEvent[]; next: string | null }> => {
    const limit = Math.min(query.limit ?? 50, longestPage)
    const after = cursors.read('track-and-trace', query)
    const { text, values } = trackedEventSearch({ query, visibility, after, take: limit + 1 })
    const found = await database.sql<Row>(text, values)
    const { items, next } = cursors.page(
      'track-and-trace',
      { ...query, limit },
      { found, positionOf: ({ updatedAt, id }) => [updatedAt.toISOString(), id] },
    )
    return { events: items.map(({ payload }) => payload), next }
  },
})

export type TrackedEventStore = ReturnType<typeof trackedEventStore>

type Asked = {
  query: TrackAndTraceQuery
  visibility: Visibility
  after: readonly (string | number | null)[] | null
  take: number
}

/** The rows of one page. Whoever is bound to an organisation sees its own and those it has sent. */
const trackedEventSearch = ({ query, visibility, after, take }: Asked) => {
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  const conditions: string[] = []
  if (after) {
    const [time, id] = after
    conditions.push(`(x.event_updated_at, x.id) > (${bind(time)}::timestamptz, ${bind(id)}::uuid)`)
  }
  const { eventUpdatedDateTimeMin: min, eventUpdatedDateTimeMax: max, eventTypes } = query
  if (min !== undefined) conditions.push(`x.event_updated_at >= ${bind(min)}::timestamptz`)
  if (max !== undefined) conditions.push(`x.event_updated_at <= ${bind(max)}::timestamptz`)
  if (query.equipmentReference !== undefined) {
    conditions.push(`x.equipment_reference = ${bind(query.equipmentReference)}`)
  }
  if (eventTypes !== undefined) {
    conditions.push(`x.event_type_code = ANY(${bind(eventTypes.split(','))}::text[])`)
  }
  const references = {
    carrier_booking_reference: query.carrierBookingReference,
    transport_document_reference: query.transportDocumentReference,
  }
  for (const [column, value] of Object.entries(references)) {
    if (value === undefined) continue
    const wanted = bind(value)
    // An event has the references that it was sent with, and those of its visit.
    conditions.push(`x.id IN (
      SELECT t.id FROM tracked_event t WHERE t.${column} = ${wanted}
      UNION ALL
      SELECT t.id FROM container_visit v JOIN tracked_event t ON t.container_visit_id = v.id
      WHERE v.${column} = ${wanted})`)
  }
  const branch = (more: readonly string[]): string => {
    const all = [...conditions, ...more]
    return `SELECT x.id::text, x.event_updated_at AS "updatedAt", x.payload FROM tracked_event x
      ${all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`}
      ORDER BY x.event_updated_at, x.id LIMIT ${take}`
  }
  if (visibility === 'all') return { text: branch([]), values }
  const own = bind(visibility[0] ?? null)
  const text = `SELECT * FROM (
      (${branch([`x.organization = ${own}`])})
      UNION ALL
      (${branch([`x.sender = ${own}`, `x.organization IS DISTINCT FROM ${own}`])})
    ) AS seen ORDER BY "updatedAt", id LIMIT ${take}`
  return { text, values }
}
