import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import { tellWhenDone } from '../cargo-lists/cargo-list.store.ts'
import { unmetOnMove } from '../checks/check.store.ts'
import type { Flow } from '../container-visits/container-visit.ts'
import { positionColumns, positionOf } from '../container-visits/position-columns.ts'
import type { ContainerVisitStore } from '../container-visits/container-visit.store.ts'
import { progressOf } from '../container-visits/progress.ts'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import type {
  CargaDatabase,
  Client,
  ContainerVisitEventRetractionRow,
  ContainerVisitEventRow,
} from '../database.ts'
import { track } from '../track-and-trace/tracked-event.store.ts'
import type { Visibility } from '../visibility.ts'
import { faultsOfPlace } from '../yard/place.store.ts'
import { yardErrors } from '../yard/yard.ts'
import type { SegregationDistances } from '../dangerous-goods/segregation.store.ts'
import { objectionsToSetDown } from '../dangerous-goods/set-down.store.ts'
import type { GateRule } from '../gate/gate-passage.ts'
import { passageOf } from '../gate/gate-passage.store.ts'
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
  distances: SegregationDistances
  gateRule: GateRule
}

/** Events of container visits: rows in, `ContainerVisitEvent` out. */
export const containerVisitEventStore = ({
  database,
  cursors,
  containerVisits,
  distances,
  gateRule,
}: ContainerVisitEventStoreOptions) => {
  const viewsIn = async (id: string, visibility: Visibility): Promise<ContainerVisitEvent[]> => {
    const visit = await containerVisits.find(id, visibility)
    return viewsOf(visit.flow, await readEventRows(database.client, id))
  }
  return {
    /** @throws ProblemError 404 */
    find: async (
      { id, eventId }: EventPlace,
      visibility: Visibility,
    ): Promise<ContainerVisitEvent> => requireEvent(await viewsIn(id, visibility), eventId),

    /**
     * One page of a visit's events in the order in which they were recorded.
     *
     * @throws ProblemError 404
     */
    list: async (
      id: string,
      query: { limit?: number; cursor?: string },
      visibility: Visibility,
    ): Promise<Page<ContainerVisitEvent>> => {
      const name = `container-visits/${id}/events`
      const after = Number(cursors.read(name, query)?.[0] ?? 0)
      // What has become of an event is a matter of all of them, and there are few.
      const views = await viewsIn(id, visibility)
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
      { id, given, by, visibility }: Recording,
    ): Promise<ContainerVisitEvent> => {
      const visit = await containerVisits.lock(unit, id, visibility)
      const rows = await readEventRows(unit.tx, id)
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
      const added = nextEvent(known, { ...given, position: given.position ?? null }, updated)
      const inTheWay: Fault[] = obstaclesTo(visit, known, added).map((detail) => ({
        pointer: '#/eventCode',
        detail,
      }))
      // What has been done already may be corrected, whatever has come between.
      if (updated?.eventClassifierCode !== 'ACT') {
        const unmet = await unmetOnMove(unit, visit, { event: added, distances })
        inTheWay.push(...unmet.map((fault) => ({ ...fault, pointer: '#/eventCode' })))
      }
      const { position } = progressOf(visit.flow, standing([...known, added]))
      inTheWay.push(...(await faultsOfPlace(unit.sql, visit, position)))
      const objections = await objectionsToSetDown(unit.sql, visit, {
        position,
        distances,
        isOverridden: given.override !== undefined,
      })
      inTheWay.push(...objections.faults)
      const passage = await passageOf(unit.sql, visit, { event: added, rule: gateRule })
      // As with what else a move asks for, a correction is not asked again.
      const isRefused = gateRule.policy === 'REFUSED' && updated?.eventClassifierCode !== 'ACT'
      if (isRefused) inTheWay.push(...passage.faults)
      if (inTheWay.length > 0) {
        throw new ProblemError(containerVisitEventErrors.CONTAINER_VISIT_EVENT_CANNOT_FOLLOW, {
          errors: inTheWay,
        })
      }
      const addition = {
        visit,
        known,
        added,
        updatesId: updated?.id ?? null,
        by,
        at: now,
        gateAppointmentId: passage.gateAppointmentId,
        warnings: [...objections.warnings, ...passage.faults.map(({ detail }) => detail)],
        overrideReason: given.override?.reason ?? null,
      }
      const row = await appendEvent(unit, containerVisits, addition)
      await track(unit, visit, { event: added, at: now })
      return requireEvent(viewsOf(visit.flow, [...rows, { ...row, retraction: null }]), added.id)
    },

    /**
     * Takes back an event with all that updated it, and gives the visit the state that is left.
     *
     * @throws ProblemError 404, 409 when it was retracted already, or when the visit would be open
     *   again beside another
     */
    retract: async (
      unit: Unit<Client>,
      { id, eventId, reason, by, visibility }: Retracting,
    ): Promise<ContainerVisitEvent> => {
      const visit = await containerVisits.lock(unit, id, visibility)
      const known = recordedEventsOf(await readEventRows(unit.tx, id))
      const event = requireEvent(known, eventId)
      if (event.retracted) {
        throw new ProblemError(containerVisitEventErrors.CONTAINER_VISIT_EVENT_RETRACTED)
      }
      const at = new Date()
      const left = progressOf(visit.flow, standing(withoutSeries(known, event.seriesId)))
      const errors = await faultsOfPlace(unit.sql, visit, left.position)
      if (errors.length > 0) throw new ProblemError(yardErrors.PLACE_REFUSED, { errors })
      await retractSeries(unit, containerVisits, { visit, known, series: event, reason, by, at })
      const newest = newestOf(known, event.seriesId)
      await track(unit, visit, { event: { ...newest, retracted: true }, at })
      return requireEvent(viewsOf(visit.flow, await readEventRows(unit.tx, id)), eventId)
    },
  }
}

export type ContainerVisitEventStore = ReturnType<typeof containerVisitEventStore>

/** Which event of which visit. */
type EventPlace = { id: string; eventId: string }

type Recording = {
  id: string
  given: NewContainerVisitEvent
  by: string
  visibility: Visibility
}

type Retracting = EventPlace & { reason: string; by: string; visibility: Visibility }

/** A visit that is held, and every event of it so far. */
type Held = { visit: ContainerVisit; known: readonly RecordedEvent[] }

/** The event that comes behind those of a visit, as a new one or as a newer version of one. */
export const nextEvent = (
  known: readonly RecordedEvent[],
  given: Pick<RecordedEvent, 'eventCode' | 'eventClassifierCode' | 'eventDateTime' | 'position'>,
  updated: RecordedEvent | null,
): RecordedEvent => {
  const id = uuidv7()
  return {
    id,
    seriesId: updated?.seriesId ?? id,
    sequence: known.length + 1,
    eventCode: given.eventCode,
    eventClassifierCode: given.eventClassifierCode,
    eventDateTime: new Date(given.eventDateTime).toISOString(),
    position: given.position,
    retracted: false,
  }
}

/** An event that comes to those of a visit, and what was remarked of it. */
type Addition = Held & {
  added: RecordedEvent
  updatesId: string | null
  by: string
  at: Date
  gateAppointmentId?: string | null
  warnings?: readonly Text[]
  overrideReason?: string | null
}

/** Appends an event, whatever is in its way, and gives the visit the state that follows. */
export const appendEvent = async (
  unit: Unit<Client>,
  containerVisits: ContainerVisitStore,
  addition: Addition,
): Promise<ContainerVisitEventRow> => {
  const { visit, known, added, updatesId, by, at } = addition
  const { gateAppointmentId = null, warnings = [], overrideReason = null } = addition
  const { position, retracted: _, ...columns } = added
  const row = await unit.tx.containerVisitEvent.create({
    data: {
      ...columns,
      ...positionColumns(position),
      containerVisitId: visit.id,
      updatesId,
      recordedAt: at,
      recordedBy: by,
      gateAppointmentId,
      warnings: [...warnings],
      overrideReason,
    },
  })
  await containerVisits.advance(unit, visit, progressOf(visit.flow, standing([...known, added])))
  await tellWhenDone(unit, visit, added)
  return row
}

/** Takes a series back, and gives the visit the state that is left. */
export const retractSeries = async (
  unit: Unit<Client>,
  containerVisits: ContainerVisitStore,
  retraction: Held & {
    series: Pick<RecordedEvent, 'seriesId'>
    reason: string
    by: string
    at: Date
  },
): Promise<void> => {
  const { visit, known, series, reason, by, at } = retraction
  const { seriesId } = series
  await unit.tx.containerVisitEventRetraction.create({
    data: { seriesId, reason, recordedAt: at, recordedBy: by },
  })
  const left = withoutSeries(known, seriesId)
  await containerVisits.advance(unit, visit, progressOf(visit.flow, standing(left)))
}

/** Events of which one series is retracted. */
export const withoutSeries = (
  events: readonly RecordedEvent[],
  seriesId: string,
): RecordedEvent[] =>
  events.map((event) => (event.seriesId === seriesId ? { ...event, retracted: true } : event))

/** The newest version of a series. */
export const newestOf = (events: readonly RecordedEvent[], seriesId: string): RecordedEvent => {
  const newest = events.findLast((event) => event.seriesId === seriesId)
  if (!newest) throw new Error(`no event of the series ${seriesId}`)
  return newest
}

type EventRow = ContainerVisitEventRow & { retraction: ContainerVisitEventRetractionRow | null }

/** A visit's events with what took them back, in the order in which they were recorded. */
export const readEventRows = (client: Client, containerVisitId: string): Promise<EventRow[]> =>
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

export const recordedEventsOf = (rows: readonly EventRow[]): RecordedEvent[] => {
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
      warnings: row.warnings as Text[],
      override: row.overrideReason === null ? null : { reason: row.overrideReason },
      gateAppointmentId: row.gateAppointmentId,
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
