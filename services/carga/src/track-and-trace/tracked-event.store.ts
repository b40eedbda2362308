import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { Cursors } from '@porttrack/shared/http/pagination'
import type { RecordedEvent } from '../container-visit-events/container-visit-event.ts'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import type { CargaDatabase, Client } from '../database.ts'
import { dcsaSearch, type Told } from '../dcsa/dcsa-search.store.ts'
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

/** Events as DCSA Track and Trace tells them. */
export const trackedEventStore = ({ database, cursors }: TrackedEventStoreOptions) => ({
  /** A page of the events that the caller may see, those updated first coming first. */
  list: async (
    query: TrackAndTraceQuery,
    visibility: Visibility,
  ): Promise<{ events: TrackAndTraceEvent[]; next: string | null }> => {
    const limit = Math.min(query.limit ?? 50, longestPage)
    const after = cursors.read('track-and-trace', query)
    const { text, values } = dcsaSearch({
      table: 'tracked_event',
      time: {
        column: 'event_updated_at',
        min: query.eventUpdatedDateTimeMin,
        max: query.eventUpdatedDateTimeMax,
      },
      query,
      visibility,
      after,
      take: limit + 1,
      oneOf: { event_type_code: query.eventTypes?.split(',') },
    })
    const found = await database.sql<Told<TrackAndTraceEvent>>(text, values)
    const { items, next } = cursors.page(
      'track-and-trace',
      { ...query, limit },
      { found, positionOf: ({ time, id }) => [time.toISOString(), id] },
    )
    return { events: items.map(({ payload }) => payload), next }
  },
})

export type TrackedEventStore = ReturnType<typeof trackedEventStore>
