import type { ReceivedItem } from '@porttrack/shared/http/dcsa-messages'
import type { Unit } from '@porttrack/shared/database/transaction'
import { v7 as uuidv7 } from 'uuid'
import {
  eventFaults,
  mostEvents,
  obstaclesTo,
  type RecordedEvent,
  standing,
} from '../container-visit-events/container-visit-event.ts'
import {
  appendEvent,
  newestOf,
  nextEvent,
  readEventRows,
  recordedEventsOf,
  retractSeries,
  withoutSeries,
} from '../container-visit-events/container-visit-event.store.ts'
import { unmetOnMove } from '../checks/check.store.ts'
import { isOpen } from '../container-visits/container-visit.ts'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import { type ContainerVisitStore, seenBy } from '../container-visits/container-visit.store.ts'
import { holdContainers } from '../container-visits/hold-containers.store.ts'
import { progressOf } from '../container-visits/progress.ts'
import type { Client, TrackedEventRow } from '../database.ts'
import type { SegregationDistances } from '../dangerous-goods/segregation.store.ts'
import type { GateRule } from '../gate/gate-passage.ts'
import { passageOf } from '../gate/gate-passage.store.ts'
import { faultsOfPlace } from '../yard/place.store.ts'
import type { Visibility } from '../visibility.ts'
import type { TrackAndTraceEvent } from './dcsa-event.schema.ts'
import {
  faultRemark,
  fullRemark,
  knownRemark,
  misplacedRemark,
  noVisitRemark,
  obstacleRemark,
  otherCodeRemark,
  otherOpenVisitRemark,
  readEvent,
  referencesIn,
  type Remark,
  repeatedRemark,
  retractedRemark,
  type Told,
} from './incoming-event.ts'
import { tell } from './tracked-event.store.ts'

type Received = ReceivedItem<TrackAndTraceEvent>

/** Who sends, and to which visits it may write. */
type Sender = {
  containerVisits: ContainerVisitStore
  sender: string
  organization: string | null
  subject: string
  visibility: Visibility
  distances: SegregationDistances
  gateRule: GateRule
}

/** What came of a message: what its sender is told, and what was recorded on visits. */
type Reception = { remarks: { index: number; remark: Remark }[]; recorded: Told[] }

/** An event whose row is held. */
type Claimed = { index: number; event: TrackAndTraceEvent; updatedAt: Date; row: TrackedEventRow }

/**
 * Takes the events of one message in: keeps each as it came, and records what it tells on the visit of
 * its container. What breaks a rule is kept and told; nothing of it stops the others. Events and then
 * visits are held in an order of their own, so that messages that share some wait for each other and
 * never for ever.
 */
export const receiveEvents = async (
  unit: Unit<Client>,
  received: readonly Received[],
  sender: Sender,
): Promise<Reception> => {
  const reception: Reception = { remarks: [], recorded: [] }
  await holdContainers(
    unit.sql,
    received.map(({ item }) => item.equipmentDetails?.equipmentReference),
  )
  const claimed = await claim(unit, received, { sender, reception })
  const placed: { each: Claimed; visitId: string | null }[] = []
  for (const each of claimed) {
    placed.push({ each, visitId: await findVisit(unit.tx, each, sender.visibility) })
  }
  const ids = [...new Set(placed.flatMap(({ visitId }) => visitId ?? []))].toSorted()
  for (const id of ids) await sender.containerVisits.lock(unit, id, 'all')
  for (const { each, visitId } of placed) {
    const { remarks, recorded } = await record(unit, { ...each, visitId }, sender)
    for (const remark of remarks) reception.remarks.push({ index: each.index, remark })
    if (recorded) reception.recorded.push(recorded)
  }
  return reception
}

/** Takes the rows of events that are new or later than what is known, in the order of their ids. */
const claim = async (
  { tx, sql }: Unit<Client>,
  received: readonly Received[],
  { sender: { sender, organization }, reception }: { sender: Sender; reception: Reception },
): Promise<Claimed[]> => {
  const receivedAt = new Date()
  const latest = new Map<string, Omit<Claimed, 'row'>>()
  for (const { index, item: event } of received) {
    const { eventID = '', eventUpdatedDateTime } = event
    const updatedAt =
      eventUpdatedDateTime === undefined ? receivedAt : new Date(eventUpdatedDateTime)
    const other = latest.get(eventID)
    const later = !other || updatedAt > other.updatedAt
    if (other) {
      reception.remarks.push({ index: later ? other.index : index, remark: repeatedRemark })
    }
    if (later) latest.set(eventID, { index, event, updatedAt })
  }
  const eventIds = [...latest.keys()].toSorted()
  const columnsOf = ({ event, updatedAt }: Omit<Claimed, 'row'>) => ({
    payload: event,
    eventUpdatedAt: updatedAt,
    recordedAt: receivedAt,
    isRetracted: event.isRetracted ?? false,
    eventTypeCode: event.eventClassification?.eventTypeCode ?? null,
    equipmentReference: event.equipmentDetails?.equipmentReference ?? null,
    ...referencesIn(event),
  })
  const made = await tx.trackedEvent.createManyAndReturn({
    data: eventIds.flatMap((eventId) => {
      const each = latest.get(eventId)
      return each ? [{ id: uuidv7(), sender, eventId, organization, ...columnsOf(each) }] : []
    }),
    skipDuplicates: true,
  })
  const rows = new Map(made.map((row) => [row.eventId, row]))
  const known = eventIds.filter((eventId) => !rows.has(eventId))
  await sql(
    `SELECT 1 FROM tracked_event WHERE sender = $1 AND event_id = ANY($2::text[])
     ORDER BY event_id FOR UPDATE`,
    [sender, known],
  )
  const before = await tx.trackedEvent.findMany({ where: { sender, eventId: { in: known } } })
  for (const row of before) {
    const each = latest.get(row.eventId)
    if (!each) continue
    if (each.updatedAt <= row.eventUpdatedAt) {
      reception.remarks.push({ index: each.index, remark: knownRemark })
      continue
    }
    // What is void says nothing else: it stays as it was sent before.
    const columns = columnsOf(each)
    const data = each.event.isRetracted
      ? {
          eventUpdatedAt: each.updatedAt,
          recordedAt: receivedAt,
          isRetracted: true,
          payload: {
            ...(row.payload as TrackAndTraceEvent),
            isRetracted: true,
            eventUpdatedDateTime: each.updatedAt.toISOString(),
          },
        }
      : columns
    rows.set(row.eventId, await tx.trackedEvent.update({ where: { id: row.id }, data }))
  }
  return [...latest.values()]
    .flatMap((each) => {
      const row = rows.get(each.event.eventID ?? '')
      return row ? [{ ...each, row }] : []
    })
    .toSorted((a, b) => a.index - b.index)
}

/**
 * The visit that an event belongs to: where it was recorded before; else of those of its container that
 * its sender may write to, at its place if it names one, the open one, or the one announced last.
 */
const findVisit = async (
  tx: Client,
  { event, row }: Claimed,
  visibility: Visibility,
): Promise<string | null> => {
  if (row.containerVisitId !== null) return row.containerVisitId
  const equipmentReference = event.equipmentDetails?.equipmentReference
  if (equipmentReference === undefined) return null
  const unLocationCode = event.eventLocation?.UNLocationCode
  const visits = await tx.containerVisit.findMany({
    where: {
      equipmentReference,
      ...(unLocationCode === undefined ? {} : { unLocationCode }),
      ...seenBy(visibility),
    },
    select: { id: true, flow: true, state: true },
    orderBy: { id: 'desc' },
    take: 20,
  })
  const open = visits.find((visit) => isOpen(visit as Pick<ContainerVisit, 'flow' | 'state'>))
  const found = open ?? visits[0]
  if (!found) return null
  return open === undefined && (await beginsAnother(tx, found.id, event)) ? null : found.id
}

/** Moves that a stay which has ended does not have: one that happens later is of the next stay. */
const movesOfStay: ReadonlySet<string> = new Set(['GTIN', 'GTOT', 'DISC', 'LOAD'])

/** Whether an event tells of a move after the end of a visit: its own visit is yet to be announced. */
const beginsAnother = async (
  tx: Client,
  endedId: string,
  event: TrackAndTraceEvent,
): Promise<boolean> => {
  const { told } = readEvent(event)
  if (!told || !movesOfStay.has(told.eventCode)) return false
  const last = await tx.containerVisitEvent.findFirst({
    where: { containerVisitId: endedId, eventClassifierCode: 'ACT' },
    orderBy: { eventDateTime: 'desc' },
    select: { eventDateTime: true },
  })
  return last !== null && new Date(told.eventDateTime) > last.eventDateTime
}

/** How long before a visit is announced what is told of its container may have come, in milliseconds. */
const earliest = 30 * 86_400_000

/**
 * Records on a visit that was announced what its container's carrier, or the port's own systems, sent
 * before, in the order in which it happened. Nobody is there to be told what does not fit: that is kept
 * with the event, and what cannot be recorded is kept only.
 */
export const adoptEvents = async (
  unit: Unit<Client>,
  announced: ContainerVisit,
  rules: Pick<Sender, 'containerVisits' | 'distances' | 'gateRule'>,
): Promise<Told[]> => {
  const { id, equipmentReference, carrierOrganization, UNLocationCode } = announced
  const waiting = await unit.tx.trackedEvent.findMany({
    where: {
      equipmentReference,
      containerVisitId: null,
      isRetracted: false,
      recordedAt: { gte: new Date(Date.now() - earliest) },
      OR: [{ organization: null }, { organization: carrierOrganization }],
    },
    orderBy: [{ eventUpdatedAt: 'asc' }, { id: 'asc' }],
    take: mostEvents,
  })
  const adopted: Told[] = []
  const readings = waiting.flatMap((row) => {
    const event = row.payload as TrackAndTraceEvent
    const place = event.eventLocation?.UNLocationCode
    return place === undefined || place === UNLocationCode ? [{ row, ...readEvent(event) }] : []
  })
  const timeOf = ({ told }: (typeof readings)[number]) => Date.parse(told?.eventDateTime ?? '') || 0
  for (const { row, told } of readings.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    await unit.tx.trackedEvent.update({
      where: { id: row.id },
      data: { containerVisitId: id, organization: carrierOrganization },
    })
    if (!told) continue
    const visit = await rules.containerVisits.lock(unit, id, 'all')
    const known = recordedEventsOf(await readEventRows(unit.tx, id))
    const held = { visit, known, told, row }
    const { recorded } = await append(unit, held, { ...rules, subject: row.sender })
    if (recorded) adopted.push(recorded)
  }
  return adopted
}

type Outcome = { remarks: readonly Remark[]; recorded: Told | null }

const kept = (...remarks: Remark[]): Outcome => ({ remarks, recorded: null })

const record = async (
  unit: Unit<Client>,
  placed: Claimed & { visitId: string | null },
  sender: Sender,
): Promise<Outcome> => {
  const { event, row, visitId } = placed
  const visit = visitId === null ? null : await sender.containerVisits.lock(unit, visitId, 'all')
  if (visit && row.containerVisitId === null) {
    await unit.tx.trackedEvent.update({
      where: { id: row.id },
      data: { containerVisitId: visit.id, organization: visit.carrierOrganization },
    })
  }
  const organization = visit ? visit.carrierOrganization : sender.organization
  tell(unit, { subject: row.id, organization, event: { ...event, ...retractionOf(row) } })
  const { told, remarks } = event.isRetracted ? { told: null, remarks: [] } : readEvent(event)
  if (!told && !event.isRetracted) return kept(...remarks)
  if (!visit) return event.isRetracted ? kept() : kept(noVisitRemark)
  const known = recordedEventsOf(await readEventRows(unit.tx, visit.id))
  return told
    ? append(unit, { visit, known, told, row }, sender)
    : retract(unit, { visit, known, row }, sender)
}

const retractionOf = ({ isRetracted }: TrackedEventRow) => (isRetracted ? { isRetracted } : {})

type Held = { visit: ContainerVisit; known: RecordedEvent[]; row: TrackedEventRow }

const append = async (
  unit: Unit<Client>,
  { visit, known, told, row }: Held & { told: Told },
  {
    containerVisits,
    subject,
    distances,
    gateRule,
  }: Pick<Sender, 'containerVisits' | 'subject' | 'distances' | 'gateRule'>,
): Promise<Outcome> => {
  const updated = row.seriesId === null ? null : newestOf(known, row.seriesId)
  if (updated?.retracted) return kept(retractedRemark)
  if (updated && updated.eventCode !== told.eventCode) return kept(otherCodeRemark)
  if (known.length >= mostEvents) return kept(fullRemark)
  const at = new Date()
  const [fault] = eventFaults(told, updated, at.getTime())
  if (fault) return kept(faultRemark(fault.pointer, fault.detail))
  const added = nextEvent(known, { ...told, position: updated?.position ?? null }, updated)
  if (await opensBesideAnother(unit, visit, [...known, added])) return kept(otherOpenVisitRemark)
  const { position } = progressOf(visit.flow, standing([...known, added]))
  const misplaced = await faultsOfPlace(unit.sql, visit, position)
  if (misplaced.length > 0) return kept(...misplaced.map(misplacedRemark))
  const obstacles = obstaclesTo(visit, known, added)
  const unmet = await unmetOnMove(unit, visit, { event: added, distances })
  const { gateAppointmentId, faults } = await passageOf(unit.sql, visit, {
    event: added,
    rule: gateRule,
  })
  await appendEvent(unit, containerVisits, {
    visit,
    known,
    added,
    updatesId: updated?.id ?? null,
    by: subject,
    at,
    gateAppointmentId,
    warnings: [...unmet, ...faults].map(({ detail }) => detail),
  })
  if (row.seriesId === null) {
    await unit.tx.trackedEvent.update({
      where: { id: row.id },
      data: { seriesId: added.seriesId },
    })
  }
  // When trucks come is between the gate and their drivers: a carrier's system is not told.
  const remarks = [...obstacles, ...unmet.map(({ detail }) => detail)].map(obstacleRemark)
  return { remarks, recorded: told }
}

const retract = async (
  unit: Unit<Client>,
  { visit, known, row }: Held,
  { containerVisits, subject }: Sender,
): Promise<Outcome> => {
  const { seriesId } = row
  if (seriesId === null || newestOf(known, seriesId).retracted) return kept()
  if (await opensBesideAnother(unit, visit, withoutSeries(known, seriesId))) {
    return kept(otherOpenVisitRemark)
  }
  const { position } = progressOf(visit.flow, standing(withoutSeries(known, seriesId)))
  const misplaced = await faultsOfPlace(unit.sql, visit, position)
  if (misplaced.length > 0) return kept(...misplaced.map(misplacedRemark))
  await retractSeries(unit, containerVisits, {
    visit,
    known,
    series: { seriesId },
    reason: 'retracted by its sender',
    by: subject,
    at: new Date(),
  })
  return kept()
}

/** Whether a visit that has ended would be open again, while another of its container is. */
const opensBesideAnother = async (
  { tx }: Unit<Client>,
  visit: ContainerVisit,
  events: readonly RecordedEvent[],
): Promise<boolean> => {
  const { state } = progressOf(visit.flow, standing(events))
  if (isOpen(visit) || !isOpen({ flow: visit.flow, state })) return false
  const others = await tx.containerVisit.findMany({
    where: {
      equipmentReference: visit.equipmentReference,
      unLocationCode: visit.UNLocationCode,
      id: { not: visit.id },
    },
    select: { flow: true, state: true },
  })
  return others.some((other) => isOpen(other as Pick<ContainerVisit, 'flow' | 'state'>))
}
