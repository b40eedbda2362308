import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { Flow } from '../container-visits/container-visit.ts'
import { positionColumns, positionOf } from '../container-visits/position-columns.ts'
import type { ContainerVisitStore } from '../container-visits/container-visit.store.ts'
import { progressOf } from '../container-visits/progress.ts'
import type {
  CargaDatabase,
  Client,
  ContainerVisitEventRetractionRow,
  ContainerVisitEventRow,
} from '../database.ts'
import {
  containerVisitEventErrors,
  eventFaults,
  mostEvents,
  obstaclesTo,
  type RecordedEvent,
  standing,
  statusesOf,
} from './container-visit-event.ts'
import type { ContainerVisitEvent, NewContainerVisitEvent } from './container-visit-event.schema.ts'

type ContainerVisitEventStoreOptions = {
  database: CargaDatabase
  cursors: Cursors
  containerVisits: ContainerVisitStore
}

/** Events of container visits: rows in, `ContainerVisitEvent` out. */
export const containerVisitEventStore = ({
  database,
  cursors,
  containerVisits,
}: ContainerVisitEventStoreOptions) => {
  const viewsIn = async (id: string): Promise<ContainerVisitEvent[]> => {
    const visit = await containerVisits.find(id)
    return viewsOf(visit.flow, await readRows(database.client, id))
  }
  return {
    /** @throws ProblemError 404 */
    find: async ({ id, eventId }: EventPlace): Promise<ContainerVisitEvent> =>
      requireEvent(await viewsIn(id), eventId),

    /**
     * One page of a visit's events in the order in which they were recorded.
     *
     * @throws ProblemError 404
     */
    list: async (
      id: string,
      query: { limit?: number; cursor?: string },
    ): Promise<Page<ContainerVisitEvent>> => {
      const name = `container-visits/${id}/events`
      const after = Number(cursors.read(name, query)?.[0] ?? 0)
      // What has become of an event is a matter of all of them, and there are few.
      const views = await viewsIn(id)
      const limit = query.limit ?? 50
      return cursors.page(name, query, {
        found: views.slice(after, after + limit + 1),
        positionOf: ({ id: eventId }) => [views.findIndex((view) => view.id === eventId) + 1],
      })
    },

    /**
     * Appends an event, or a newer version of one, and gives the visit the state that follows.
     *
     * @throws ProblemError 404, 422 naming every fault, 409 naming everything that is in its way
     */
    record: async (
      unit: Unit<Client>,
      { id, given, by }: { id: string; given: NewContainerVisitEvent; by: string },
    ): Promise<ContainerVisitEvent> => {
      const visit = await containerVisits.lock(unit, id)
      const rows = await readRows(unit.tx, id)
      if (rows.length >= mostEvents) {
        throw new ProblemError(containerVisitEventErrors.CONTAINER_VISIT_EVENTS_FULL, {
          detail: {
            en: `A visit has ${mostEvents} events at most`,
            es: `Una estancia tiene ${mostEvents} sucesos como máximo`,
          },
        })
      }
      const known = recordedEventsOf(rows)
      const { updates = null } = given
      const updated = updates === null ? null : requireEvent(known, updates)
      const now = new Date()
      const errors = eventFaults(given, updated, now.getTime())
      if (errors.length > 0) {
        throw new ProblemError(containerVisitEventErrors.CONTAINER_VISIT_EVENT_INVALID, { errors })
      }
      if (updated?.retracted) {
        throw new ProblemError(containerVisitEventErrors.CONTAINER_VISIT_EVENT_RETRACTED)
      }
      const eventId = uuidv7()
      const added: RecordedEvent = {
        id: eventId,
        seriesId: updated?.seriesId ?? eventId,
        sequence: rows.length + 1,
        eventCode: given.eventCode,
        eventClassifierCode: given.eventClassifierCode,
        eventDateTime: new Date(given.eventDateTime).toISOString(),
        position: given.position ?? null,
        retracted: false,
      }
      const obstacles = obstaclesTo(visit, known, added)
      if (obstacles.length > 0) {
        throw new ProblemError(containerVisitEventErrors.CONTAINER_VISIT_EVENT_CANNOT_FOLLOW, {
          errors: obstacles.map((detail) => ({ pointer: '#/eventCode', detail })),
        })
      }
      const { position, retracted: _, ...columns } = added
      const row = await unit.tx.containerVisitEvent.create({
        data: {
          ...columns,
          ...positionColumns(position),
          containerVisitId: id,
          updatesId: updated?.id ?? null,
          recordedAt: now,
          recordedBy: by,
        },
      })
      const progress = progressOf(visit.flow, standing([...known, added]))
      await containerVisits.advance(unit, visit, progress)
      return requireEvent(viewsOf(visit.flow, [...rows, { ...row, retraction: null }]), eventId)
    },

    /**
     * Takes back an event with all that updated it, and gives the visit the state that is left.
     *
     * @throws ProblemError 404, 409 when it was retracted already, or when the visit would be open
     *   again beside another
     */
    retract: async (
      unit: Unit<Client>,
      { id, eventId, reason, by }: EventPlace & { reason: string; by: string },
    ): Promise<ContainerVisitEvent> => {
      const visit = await containerVisits.lock(unit, id)
      const rows = await readRows(unit.tx, id)
      const { seriesId, retracted } = requireEvent(recordedEventsOf(rows), eventId)
      if (retracted) {
        throw new ProblemError(containerVisitEventErrors.CONTAINER_VISIT_EVENT_RETRACTED)
      }
      await unit.tx.containerVisitEventRetraction.create({
        data: { seriesId, reason, recordedAt: new Date(), recordedBy: by },
      })
      const left = await readRows(unit.tx, id)
      const progress = progressOf(visit.flow, standing(recordedEventsOf(left)))
      await containerVisits.advance(unit, visit, progress)
      return requireEvent(viewsOf(visit.flow, left), eventId)
    },
  }
}

export type ContainerVisitEventStore = ReturnType<typeof containerVisitEventStore>

/** Which event of which visit. */
type EventPlace = { id: string; eventId: string }

type EventRow = ContainerVisitEventRow & { retraction: ContainerVisitEventRetractionRow | null }

const readRows = (client: Client, containerVisitId: string): Promise<EventRow[]> =>
  client.containerVisitEvent.findMany({
    where: { containerVisitId },
    include: { retraction: true },
    orderBy: { sequence: 'asc' },
  })

const requireEvent = <E extends { id: string }>(events: readonly E[], id: string): E => {
  const event = events.find((each) => each.id === id.toLowerCase())
  if (!event) throw new ProblemError(kitErrors.NOT_FOUND)
  return event
}

/** Retractions by series: the first event of a series carries it for all. */
const retractionsOf = (rows: readonly EventRow[]) =>
  new Map(rows.flatMap(({ retraction }) => (retraction ? [[retraction.seriesId, retraction]] : [])))

const recordedEventsOf = (rows: readonly EventRow[]): RecordedEvent[] => {
  const retractions = retractionsOf(rows)
  return rows.map((row) => ({
    id: row.id,
    seriesId: row.seriesId,
    sequence: row.sequence,
    eventCode: row.eventCode as RecordedEvent['eventCode'],
    eventClassifierCode: row.eventClassifierCode as RecordedEvent['eventClassifierCode'],
    eventDateTime: row.eventDateTime.toISOString(),
    position: positionOf(row),
    retracted: retractions.has(row.seriesId),
  }))
}

const viewsOf = (flow: Flow, rows: readonly EventRow[]): ContainerVisitEvent[] => {
  const events = recordedEventsOf(rows)
  const statuses = statusesOf(events)
  const { idle } = progressOf(flow, standing(events))
  const retractions = retractionsOf(rows)
  return rows.map((row, index) => {
    const event = events[index] as RecordedEvent
    const retraction = retractions.get(row.seriesId)
    return {
      id: row.id,
      containerVisitId: row.containerVisitId,
      eventCode: event.eventCode,
      eventClassifierCode: event.eventClassifierCode,
      eventDateTime: event.eventDateTime,
      position: event.position,
      updates: row.updatesId,
      status: statuses.get(row.id) ?? 'STANDS',
      obstacles: [...(idle.get(row.id) ?? [])],
      recordedAt: row.recordedAt.toISOString(),
      recordedBy: row.recordedBy,
      retraction: retraction
        ? {
            reason: retraction.reason,
            recordedAt: retraction.recordedAt.toISOString(),
            recordedBy: retraction.recordedBy,
          }
        : null,
    }
  })
}
