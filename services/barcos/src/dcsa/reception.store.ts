import type { Unit } from '@porttrack/shared/database/transaction'
import type { ReceivedItem } from '@porttrack/shared/http/dcsa-messages'
import type { Text } from '@porttrack/shared/http/language'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { Client, DcsaEventRow, PortCallServiceRow } from '../database.ts'

import {
  hasEnded,
  nearestCall,
  portCallErrors,
  type PortCallState,
} from '../port-calls/port-call.ts'
import { visibleTo } from '../port-calls/port-call.store.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import type { DecisionStore } from '../port-calls/decision.store.ts'
import { callOffService, followService } from '../service-orders/service-order.store.ts'
import {
  partiesOf,
  serviceSides,
  type Speaker,
  speaksForShip,
} from '../timestamps/service-parties.ts'
import { timestampOf } from '../timestamps/timestamp.store.ts'
import {
  callSeenBy,
  followBerthing,
  openCallOf,
  recordOrphan,
  recordTimestamp,
  tellsOfLeaving,
} from '../timestamps/timestamp-recording.store.ts'
import type { ServiceType } from '../timestamps/port-call-matrix.ts'
import type { NewTimestamp, Timestamp } from '../timestamps/timestamp.schema.ts'
import type { DcsaEvent } from './dcsa-event.schema.ts'
import {
  callRemarks,
  type dcsaConditions,
  endRefusedRemark,
  endsToldBy,
  foreignEventRemark,
  ownEventRemark,
  placeInEvent,
  refusedRemark,
  type Remark,
  remarksOn,
  repeatedRemark,
  repetitionOf,
  sightingOf,
  toldBy,
  unansweredRemark,
  unplacedRemark,
} from './incoming-event.ts'

/** An event that is well formed, by which it is known when it is sent again. */
export type SentEvent = DcsaEvent & { eventID: string }

/** Who sends, on whose behalf, and to which calls it may write. */
type Sender = {
  organization: string | null
  subject: string
  visibility: Visibility
  speaker: Speaker
}

type Decisions = Pick<DecisionStore, 'omitTold'>

type By = { sender: Sender; decisions: Decisions }

/** What is said about one event of a message. */
type PlacedRemark = { index: number; remark: Remark }

/** What came of a message: what its sender is told, and the timestamps that were recorded. */
export type Reception = { remarks: PlacedRemark[]; timestamps: Timestamp[] }

/** An event whose row is held, with the version that it replaces. */
type Claimed = {
  index: number
  event: SentEvent
  id: string
  updatedAt: Date
  replaced: DcsaEventRow | null
}

/** The call that an event belongs to, if one was found. */
type Placed = Claimed & { call: CallRow | null }

type CallRow = NonNullable<Awaited<ReturnType<typeof findCall>>>

/**
 * Takes the events of one message in: keeps each as it came, and records what it tells on the call
 * that it belongs to. What breaks a rule is kept and told; nothing of it stops the others. Events
 * and then calls are held in the order of their ids, so that messages that share some wait for each
 * other and never for ever.
 */
export const receiveEvents = async (
  unit: Unit<Client>,
  received: readonly ReceivedItem<SentEvent>[],
  { sender, decisions }: By,
): Promise<Reception> => {
  const { claimed, remarks } = await claim(unit, received, sender)
  const placed: Placed[] = []
  for (const each of claimed) {
    placed.push({ ...each, call: await findCall(unit.tx, each, sender.visibility) })
  }
  const reception: Reception = { remarks, timestamps: [] }
  const states = await holdCalls(unit, placed)
  for (const each of placed) {
    const { timestamp, ...columns } = await record(unit, each, { sender, states })
    const said = [
      ...columns.remarks,
      ...(await takeEnds(unit, each, { sender, timestamp, states, decisions })),
    ]
    await unit.tx.dcsaEvent.update({
      where: { id: each.id },
      data: {
        portCallId: columns.portCallId,
        timestampId: columns.timestampId,
        hasMoves: columns.hasMoves,
        feedback: said,
      },
    })
    if (timestamp) reception.timestamps.push(timestamp)
    reception.remarks.push(...said.map((remark) => ({ index: each.index, remark })))
  }
  return reception
}

/** Takes the rows of events that are new or later than what is known, in the order of their ids. */
const claim = async (
  { tx, sql }: Unit<Client>,
  received: readonly ReceivedItem<SentEvent>[],
  sender: Sender,
): Promise<{ claimed: Claimed[]; remarks: PlacedRemark[] }> => {
  const receivedAt = new Date()
  const remarks: PlacedRemark[] = []
  const latest = new Map<string, Claimed>()
  for (const { index, item: event } of received) {
    const id = event.eventID.toLowerCase()
    const given = event.eventUpdatedDateTime
    const updatedAt = given === undefined ? receivedAt : new Date(given)
    const other = latest.get(id)
    const later = !other || updatedAt > other.updatedAt
    if (other) remarks.push({ index: later ? other.index : index, remark: repeatedRemark })
    if (later) latest.set(id, { index, event, id, updatedAt, replaced: null })
  }
  const ids = [...latest.keys()].toSorted()
  const told = await tx.portCallTimestamp.findMany({
    where: { id: { in: ids } },
    select: { id: true },
  })
  const own = new Set(told.map(({ id }) => id))
  const candidates = ids.flatMap((id) => (own.has(id) ? [] : (latest.get(id) ?? [])))
  const made = await tx.dcsaEvent.createManyAndReturn({
    data: candidates.map((each) => ({ ...columnsOf(each, sender, receivedAt), id: each.id })),
    skipDuplicates: true,
    select: { id: true },
  })
  const fresh = new Set(made.map(({ id }) => id))
  const known = candidates.flatMap(({ id }) => (fresh.has(id) ? [] : [id]))
  await sql('SELECT 1 FROM dcsa_event WHERE id = ANY($1::text[]::uuid[]) ORDER BY id FOR UPDATE', [
    known,
  ])
  const rows = await tx.dcsaEvent.findMany({ where: { id: { in: known } } })
  const before = new Map(rows.map((row) => [row.id, row]))
  const claimed: Claimed[] = []
  for (const each of latest.values()) {
    const row = before.get(each.id) ?? null
    const remark = own.has(each.id) ? ownEventRemark : row && standsAgainst(row, each, sender)
    if (remark) {
      remarks.push({ index: each.index, remark })
      continue
    }
    if (row) {
      const data = columnsOf(each, sender, receivedAt)
      await tx.dcsaEvent.update({ where: { id: each.id }, data })
    }
    claimed.push({ ...each, replaced: row })
  }
  return { claimed: claimed.toSorted((a, b) => a.index - b.index), remarks }
}

const columnsOf = ({ event, updatedAt }: Claimed, sender: Sender, recordedAt: Date) => ({
  senderOrganization: sender.organization,
  sentBy: sender.subject,
  eventUpdatedAt: updatedAt,
  recordedAt,
  payload: event,
  feedback: [],
  terminalCallId: event.terminalCall?.terminalCallID ?? null,
  terminalCallReference: event.terminalCall?.terminalCallReference ?? null,
})

/** Why the version that is known stays. */
const standsAgainst = (row: DcsaEventRow, given: Claimed, sender: Sender): Remark | null =>
  row.senderOrganization === sender.organization
    ? repetitionOf({ updatedAt: row.eventUpdatedAt, event: row.payload }, given)
    : foreignEventRemark

/**
 * The call that an event belongs to, of those that its sender may write to: by the port's id, else
 * by the port's reference of the visit, else by the ship and the place: of what has happened the call
 * that the ship is in port for, or that is near in time.
 */
const findCall = async (tx: Client, { event, updatedAt }: Claimed, visibility: Visibility) => {
  const { portCallID, portVisitReference } = event.portCall ?? {}
  const { timestamp } = event
  const time = timestamp?.serviceDateTime ? new Date(timestamp.serviceDateTime) : updatedAt
  const seen = visibleTo(visibility)
  const include = { vessel: { select: { imoNumber: true, mmsiNumber: true } } }
  const byId =
    portCallID === undefined
      ? null
      : await tx.portCall.findFirst({ where: { id: portCallID, ...seen }, include })
  if (byId) return byId
  const byReference =
    portVisitReference === undefined
      ? null
      : nearestCall(
          await tx.portCall.findMany({ where: { portVisitReference, ...seen }, include }),
          time,
        )
  if (byReference) return byReference
  const { reportedVessel, UNLocationCode } = sightingOf(event)
  const sighting = { reportedVessel, place: { UNLocationCode }, time, visibility }
  const told = toldBy(event)
  // What has happened is not of the call that is next; what is planned may be of any.
  const id =
    'timestamp' in told && told.timestamp.classifierCode === 'ACT'
      ? await callSeenBy(tx, { ...sighting, leaves: tellsOfLeaving(told.timestamp) })
      : await openCallOf(tx, sighting)
  return id === null ? null : tx.portCall.findUnique({ where: { id }, include })
}

/** Holds every call that is written to until commit, and gives the state in which each is now. */
const holdCalls = async (
  { tx, sql }: Unit<Client>,
  placed: readonly Placed[],
): Promise<ReadonlyMap<string, PortCallState>> => {
  const replaced = await tx.portCallTimestamp.findMany({
    where: { id: { in: placed.flatMap((each) => each.replaced?.timestampId ?? []) } },
    select: { portCallId: true },
  })
  const ids = [...placed.map(({ call }) => call?.id), ...replaced.map((row) => row.portCallId)]
  const rows = await sql<{ id: string; state: string }>(
    `SELECT id::text, state FROM port_call WHERE id = ANY($1::text[]::uuid[])
     ORDER BY id FOR UPDATE`,
    [[...new Set(ids)].filter((id) => typeof id === 'string')],
  )
  return new Map(rows.map(({ id, state }) => [id, state as PortCallState]))
}

type Recorded = {
  remarks: Remark[]
  timestamp?: Timestamp
  portCallId: string | null
  timestampId: string | null
  hasMoves: boolean
}

/** Records what one event tells. */
const record = async (
  unit: Unit<Client>,
  { event, id, call, replaced }: Placed,
  { sender, states }: { sender: Sender; states: ReadonlyMap<string, PortCallState> },
): Promise<Recorded> => {
  const remarks = [...remarksOn(event), ...(call ? callRemarks(event, call) : [])]
  const nothing = { remarks, portCallId: call?.id ?? null, timestampId: null, hasMoves: false }
  const told = toldBy(event)
  if ('nothing' in told) {
    remarks.push(...told.nothing)
    await withdraw(unit, replaced)
    return nothing
  }
  const state = call && states.get(call.id)
  if (state === 'OMITTED' && event.portCall?.isOmitted === true) return nothing
  if (state && hasEnded(state)) {
    remarks.push(refusedRemark(portCallErrors.PORT_CALL_ENDED.title))
    // What was recorded while the call was open stays.
    return { ...nothing, timestampId: replaced?.timestampId ?? null }
  }
  await withdraw(unit, replaced)
  if ('movesForecasts' in told) {
    if (!call) remarks.push(unplacedRemark('moves'))
    return { ...nothing, hasMoves: true }
  }
  const reporter = { source: 'SYSTEM', subject: sender.subject } as const
  if (!call) {
    remarks.push(unplacedRemark('timestamp'))
    const orphan = await recordOrphan(unit, { ...told.timestamp, ...sightingOf(event) }, reporter)
    return recorded(nothing, orphan)
  }
  const replyTo = await answeredBy(unit.tx, { event, id })
  if (event.replyToEventID !== undefined && replyTo === null) {
    remarks.push(unansweredRemark(event.replyToEventID.toLowerCase() === id))
  }
  const portCallServiceId = await serviceOf(unit.tx, event, { told: told.timestamp, call })
  try {
    const recording = await recordTimestamp(
      unit,
      {
        ...told.timestamp,
        ...(replyTo === null ? {} : { replyTo }),
        ...(portCallServiceId === null ? {} : { portCallServiceId }),
      },
      {
        portCallId: call.id,
        visibility: sender.visibility,
        speaker: sender.speaker,
        reporter,
        breaches: 'keep',
      },
    )
    await followService(unit, recording.timestamp, reporter)
    return recorded(nothing, recording)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    remarks.push(refusedRemark(error.detail ?? error.kind.title))
    return nothing
  }
}

const recorded = (
  { remarks, ...columns }: Recorded,
  { timestamp, breaches }: Awaited<ReturnType<typeof recordTimestamp>>,
): Recorded => ({
  ...columns,
  timestamp,
  timestampId: timestamp.id,
  remarks: [
    ...remarks,
    ...breaches.map(({ pointer, detail }): Remark => {
      return { severity: 'ERROR', pointer: placeInEvent(pointer), detail }
    }),
  ],
})

const replacedCondition: keyof typeof dcsaConditions = 'LATEST_OF_EVENT'

/** Keeps the timestamp of an earlier version of an event from counting. */
const withdraw = async (unit: Unit<Client>, replaced: DcsaEventRow | null): Promise<void> => {
  if (!replaced?.timestampId) return
  const row = await unit.tx.portCallTimestamp.update({
    where: { id: replaced.timestampId },
    data: { breaches: { push: replacedCondition } },
  })
  await followBerthing(unit, timestampOf(row))
}

/** The timestamp that an event answers: of another event that was sent, or one that the port told. */
const answeredBy = async (
  tx: Client,
  { event, id }: { event: DcsaEvent; id: string },
): Promise<string | null> => {
  const answered = event.replyToEventID?.toLowerCase()
  if (answered === undefined || answered === id) return null
  const sent = await tx.dcsaEvent.findUnique({
    where: { id: answered },
    select: { timestampId: true },
  })
  if (sent) return sent.timestampId
  const told = await tx.portCallTimestamp.findUnique({
    where: { id: answered },
    select: { id: true },
  })
  return told?.id ?? null
}

/** The service that an event names, where that is one of the port's own ids and of the same kind. */
const serviceOf = async (
  tx: Client,
  { portCallService }: DcsaEvent,
  { told, call }: { told: NewTimestamp; call: CallRow },
): Promise<string | null> => {
  if (portCallService?.portCallServiceID === undefined) return null
  const service = await tx.portCallService.findFirst({
    where: {
      id: portCallService.portCallServiceID,
      portCallId: call.id,
      serviceType: told.portCallServiceTypeCode,
      eventType: told.portCallServiceEventTypeCode,
    },
    select: { id: true },
  })
  return service?.id ?? null
}

const notForSender: Text = {
  en: 'the sender does not stand on the side of the call that decides it',
  es: 'el remitente no está en el lado de la escala que lo decide',
}
const noCall: Text = {
  en: 'no open port call that is known is meant',
  es: 'no se refiere a ninguna escala abierta conocida',
}
const noService: Text = {
  en: 'no service of the port call that is still to come is meant',
  es: 'no se refiere a ningún servicio de la escala que esté por prestar',
}

/** Has the call or the service of an event end, where the event says so and its sender may. */
const takeEnds = async (
  unit: Unit<Client>,
  { event, call }: Placed,
  { timestamp, states, ...by }: Taking,
): Promise<Remark[]> => {
  const remarks: Remark[] = []
  for (const end of endsToldBy(event)) {
    const state = call && states.get(call.id)
    if (end === 'omitted' && state === 'OMITTED') continue
    const refused =
      !call || !state || hasEnded(state)
        ? noCall
        : end === 'omitted'
          ? await omit(unit, call, by)
          : await callOff(unit, { event, call, timestamp, end }, by.sender)
    if (refused) remarks.push(endRefusedRemark(end, refused))
  }
  return remarks
}

type Taking = By & {
  timestamp: Timestamp | undefined
  states: ReadonlyMap<string, PortCallState>
}

/** @returns why the call is not omitted; null when it is */
const omit = async (
  unit: Unit<Client>,
  call: CallRow,
  { sender, decisions }: By,
): Promise<Text | null> =>
  speaksForShip(sender.speaker, call)
    ? decisions.omitTold(unit, call.id, { source: 'SYSTEM', subject: sender.subject })
    : notForSender

type CallingOff = {
  event: DcsaEvent
  call: CallRow
  timestamp: Timestamp | undefined
  end: 'canceled' | 'declined'
}

/** @returns why the service is not called off; null when it is */
const callOff = async (
  unit: Unit<Client>,
  { event, call, timestamp, end }: CallingOff,
  { speaker, subject }: Sender,
): Promise<Text | null> => {
  const service = await serviceNamed(unit.tx, { event, call, timestamp })
  if (!service) return noService
  const type = service.serviceType as ServiceType
  const orders = await unit.tx.serviceOrder.findMany({
    where: { portCallId: call.id, state: { notIn: ['DENIED', 'CANCELLED'] } },
    select: { providerOrganization: true, serviceType: true },
  })
  const own = partiesOf(speaker, type, { ...call, orders })
  const by = end === 'canceled' ? 'PROVIDER' : 'CONSUMER'
  const sides = serviceSides[type][by === 'PROVIDER' ? 'providers' : 'consumers']
  if (!sides.some((side) => own.includes(side))) return notForSender
  const ended = await callOffService(unit, service.id, {
    by,
    speaksFor: (organization) => speaker === 'ANY' || speaker.providerOf === organization,
    reporter: { source: 'SYSTEM', subject },
  })
  return ended ? null : noService
}

/** The service that an event is about: that of its timestamp, or the latest that it names. */
const serviceNamed = (
  tx: Client,
  { event: { portCallService: named }, call, timestamp }: Omit<CallingOff, 'end'>,
): Promise<PortCallServiceRow | null> => {
  const id = timestamp?.portCallServiceId ?? named?.portCallServiceID
  const { portCallServiceTypeCode: type, portCallServiceEventTypeCode: event } = named ?? {}
  if (id === undefined && type === undefined) return Promise.resolve(null)
  return tx.portCallService.findFirst({
    where: {
      portCallId: call.id,
      ...(id === undefined
        ? {
            serviceType: type ?? '',
            ...(event === undefined ? {} : { eventType: event }),
            ...(named?.portCallPhaseTypeCode === undefined
              ? {}
              : { phase: named.portCallPhaseTypeCode }),
          }
        : { id }),
    },
    orderBy: { id: 'desc' },
  })
}
