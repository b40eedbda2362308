import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { Fault } from '@porttrack/shared/http/problem'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import type { Client, PortCallRow } from '../database.ts'
import { events } from '../events.ts'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import {
  callSeen,
  isOpen,
  isSeenWithin,
  nearestCall,
  type PortCallState,
  portCallStates,
} from '../port-calls/port-call.ts'
import { followTimestamps } from '../port-calls/alongside.store.ts'
import {
  departedAtOf,
  lockCall,
  partiesOfCall,
  requireCall,
  requireRunning,
  visibleTo,
  withDeparture,
} from '../port-calls/port-call.store.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import type { Reporter } from '../reporter.ts'
import { readImoNumber } from '../vessels/imo-number.ts'
import { matrixBreaches, orderBreaches } from './port-call-matrix.ts'
import { portCallServiceErrors, replyBreaches } from './port-call-service.ts'
import { type CallService, serviceFor } from './port-call-service.store.ts'
import { partiesOf, partyOf, type Speaker } from './service-parties.ts'
import type { NewTimestamp, Timestamp } from './timestamp.schema.ts'
import { timestampOf } from './timestamp.store.ts'
import { effectiveOf, outranks, timestampErrors } from './timestamp.ts'

/** What is said about a service of a call. */
export type ReportedTimestamp = NewTimestamp & {
  /** An id that the sender has made; one of our own unless given. */
  id?: string
  /** The service that it tells of, when the caller knows; it must be of the call. */
  portCallServiceId?: string
}

type RecordingOptions = {
  portCallId: string
  visibility: Visibility
  reporter: Reporter
  /** The sides of the call that the reporter can speak for. */
  speaker: Speaker
  /** Whether what breaks the matrix is refused, or kept without ever counting. */
  breaches: 'refuse' | 'keep'
  /** Place of what gives the time, where a request posts no timestamp: faults are told there. */
  pointer?: string
}

/** A timestamp that was recorded, and what it breaks when it was kept nevertheless. */
export type Recording = { timestamp: Timestamp; breaches: readonly Fault[] }

/**
 * Records what a person or a system says about a service of a call: the one way in for what does not
 * come from AIS.
 *
 * @throws ProblemError 404, also for a call that the caller may not know of; 409 for a call that has
 *   ended and for a service that was cancelled or declined; and, where breaches are refused, 422
 *   naming every one: of the matrix, of the sides, of the reply and of the order within the berth stay
 */
export const recordTimestamp = async (
  unit: Unit<Client>,
  given: ReportedTimestamp,
  by: RecordingOptions,
): Promise<Recording> => {
  const { tx, sql } = unit
  const { portCallId } = by
  // Held until commit, so that two timestamps that contradict each other cannot both pass.
  await lockCall(sql, portCallId)
  const call = await requireCall(tx, portCallId, by.visibility)
  requireRunning(call)
  const rows = await tx.portCallTimestamp.findMany({ where: { portCallId, classifier: 'ACT' } })
  const actual = rows.map(timestampOf).filter(({ breaches }) => breaches.length === 0)
  const named = await answeredBy(tx, given)
  const replied = given.replyTo === undefined ? [] : replyBreaches(given, named, portCallId)
  const answered = replied.some(({ code }) => code === 'REPLY_TO_SAME_SERVICE') ? null : named
  const orders = await ordersOf(tx, call, by)
  const service = given.portCallServiceTypeCode
  const side = partyOf(given, partiesOf(by.speaker, service, { ...call, orders }))
  const known = given.portCallServiceId ?? answered?.portCallServiceId ?? null
  const ordered = orderedServices(side, { service, orders, by })
  const breaches: Fault[] = [
    ...matrixBreaches(given, Date.now()),
    ...('fault' in side ? [side.fault] : []),
    ...(known !== null && ordered !== undefined && !ordered.includes(known)
      ? [orderedOfAnother]
      : []),
    ...replied,
    ...locationBreaches(given),
    ...orderBreaches(given, {
      // What a less believed source says does not stand in a person's way.
      recorded: effectiveOf(actual).filter(({ source }) => !outranks(by.reporter.source, source)),
      berthing: actual,
    }),
  ]
  if (breaches.length > 0 && by.breaches === 'refuse') {
    const { pointer } = by
    throw new ProblemError(timestampErrors.TIMESTAMP_REFUSED, {
      errors: pointer === undefined ? breaches : breaches.map((each) => ({ ...each, pointer })),
    })
  }
  const told = await serviceFor(unit, given, {
    call,
    actual,
    serviceId: known,
    ...(ordered === undefined ? {} : { ordered }),
  })
  if (told.ended) throw new ProblemError(portCallServiceErrors.SERVICE_ENDED)
  const row = await tx.portCallTimestamp.create({
    data: {
      id: given.id ?? uuidv7(),
      portCallId,
      serviceId: told.id,
      replyTo: answered?.id ?? null,
      serviceType: given.portCallServiceTypeCode,
      eventType: given.portCallServiceEventTypeCode,
      phase: given.portCallPhaseTypeCode ?? answered?.portCallPhaseTypeCode ?? null,
      classifier: given.classifierCode,
      serviceTime: new Date(given.serviceDateTime),
      ...locationColumns(told, given),
      ...(given.requestedLocation ? { requestedLocation: given.requestedLocation } : {}),
      delayReasonCodes: given.delayReasonCodes ?? [],
      isFyi: given.isFYI ?? false,
      breaches: [...new Set(breaches.flatMap(({ code }) => code ?? []))],
      source: by.reporter.source,
      party: 'party' in side ? side.party : null,
      remark: given.remark ?? null,
      recordedBy: by.reporter.subject,
      recordedAt: new Date(),
    },
  })
  const timestamp = timestampOf(row)
  if (breaches.length === 0) await followBerthing(unit, timestamp)
  return {
    timestamp: breaches.length === 0 ? await announce(unit, timestamp) : timestamp,
    breaches,
  }
}

/** A berth arrival or departure that has come, gone or been corrected may move a stay of its call. */
export const followBerthing = async (
  unit: Unit<Client>,
  timestamp: Pick<Timestamp, 'portCallId' | 'portCallServiceTypeCode' | 'classifierCode'>,
): Promise<void> => {
  const { portCallId, portCallServiceTypeCode: service, classifierCode } = timestamp
  if (portCallId === null || service !== 'BERTH' || classifierCode !== 'ACT') return
  await followTimestamps(unit, portCallId)
}

/**
 * Records what a system says about a ship of which no open call is known: an orphan, which can be
 * attached to a call later. What breaks the matrix is kept without ever counting.
 */
export const recordOrphan = async (
  unit: Unit<Client>,
  given: ReportedTimestamp & { UNLocationCode: string | null } & Pick<Timestamp, 'reportedVessel'>,
  reporter: Reporter,
): Promise<Recording> => {
  const breaches = matrixBreaches(given, Date.now())
  const { reportedVessel } = given
  const row = await unit.tx.portCallTimestamp.create({
    data: {
      id: given.id ?? uuidv7(),
      serviceType: given.portCallServiceTypeCode,
      eventType: given.portCallServiceEventTypeCode,
      phase: given.portCallPhaseTypeCode ?? null,
      classifier: given.classifierCode,
      serviceTime: new Date(given.serviceDateTime),
      locationName: given.locationName ?? null,
      unLocationCode: given.UNLocationCode,
      delayReasonCodes: given.delayReasonCodes ?? [],
      isFyi: given.isFYI ?? false,
      breaches: [...new Set(breaches.flatMap(({ code }) => code ?? []))],
      source: reporter.source,
      reportedMmsiNumber: reportedVessel.MMSINumber,
      reportedImoNumber: reportedVessel.vesselIMONumber,
      reportedName: reportedVessel.name,
      remark: given.remark ?? null,
      recordedBy: reporter.subject,
      recordedAt: new Date(),
    },
  })
  const timestamp = timestampOf(row)
  return {
    timestamp: breaches.length === 0 ? await announce(unit, timestamp) : timestamp,
    breaches,
  }
}

const answeredBy = async (
  tx: Client,
  { replyTo }: ReportedTimestamp,
): Promise<Timestamp | null> => {
  if (replyTo === undefined) return null
  const row = await tx.portCallTimestamp.findUnique({ where: { id: replyTo } })
  return row && timestampOf(row)
}

type Order = {
  providerOrganization: string
  serviceType: string
  startServiceId: string
  completeServiceId: string
}

/** The orders of a call that stand, where they matter to who reports. */
const ordersOf = async (
  tx: Client,
  call: PortCallRow,
  { speaker }: Pick<RecordingOptions, 'speaker'>,
): Promise<Order[]> => {
  if (speaker === 'ANY' || speaker.providerOf === null) return []
  return tx.serviceOrder.findMany({
    where: { portCallId: call.id, state: { notIn: ['DENIED', 'CANCELLED'] } },
    select: {
      providerOrganization: true,
      serviceType: true,
      startServiceId: true,
      completeServiceId: true,
    },
  })
}

/**
 * The services that a provider may tell of: those that were ordered of it. Undefined for whoever speaks
 * for another side, or of a service that is not ordered.
 */
const orderedServices = (
  side: ReturnType<typeof partyOf>,
  { service, orders, by }: { service: string; orders: readonly Order[]; by: RecordingOptions },
): string[] | undefined => {
  const { speaker } = by
  const provides = 'party' in side && side.party === 'SERVICE_PROVIDER' && speaker !== 'ANY'
  const own = orders.filter(({ serviceType }) => serviceType === service)
  if (!provides || own.length === 0) return undefined
  return own
    .filter(({ providerOrganization }) => providerOrganization === speaker.providerOf)
    .flatMap(({ startServiceId, completeServiceId }) => [startServiceId, completeServiceId])
}

const orderedOfAnother: Fault = {
  pointer: '#/portCallServiceTypeCode',
  code: 'SIDE_OF_SERVICE',
  detail: {
    en: 'this service was ordered of another provider',
    es: 'este servicio se pidió a otro prestador',
  },
}

const locationBreaches = ({ classifierCode, requestedLocation }: ReportedTimestamp): Fault[] => {
  if (!requestedLocation) return []
  const fault = unLocationCodeFault(requestedLocation.UNLocationCode)
  return [
    ...(classifierCode === 'REQ'
      ? []
      : [
          {
            pointer: '#/requestedLocation',
            code: 'LOCATION_ONLY_REQUESTED',
            detail: {
              en: 'is only for REQ, with which another location is asked for',
              es: 'es solo para REQ, con el que se solicita otro lugar',
            },
          },
        ]),
    ...(fault === null
      ? []
      : [
          {
            pointer: '#/requestedLocation/UNLocationCode',
            code: 'LOCATION_ONLY_REQUESTED',
            detail: fault,
          },
        ]),
  ]
}

const locationColumns = (service: CallService, { locationName }: ReportedTimestamp) => ({
  locationName: locationName ?? service.locationName,
  unLocationCode: service.unLocationCode,
  facilityCode: service.facilityCode,
  facilityCodeListProvider: service.facilityCodeListProvider,
  latitude: service.latitude,
  longitude: service.longitude,
})

/** A timestamp that AIS proposes, with the ship and the place it names. */
type AisTimestamp = Pick<
  Timestamp,
  | 'portCallServiceTypeCode'
  | 'portCallServiceEventTypeCode'
  | 'portCallPhaseTypeCode'
  | 'serviceDateTime'
  | 'reportedVessel'
> & {
  serviceLocation: Omit<Timestamp['serviceLocation'], 'facilityCodeListProvider'>
  /** Id of the event that says so: met again, it has no further effect. */
  sourceEventId: string
}

/**
 * Records what AIS proposes: on the open call of the ship at the place, or as an orphan.
 *
 * @returns null when the event was met before
 */
export const recordFromAis = async (
  unit: Unit<Client>,
  given: AisTimestamp,
): Promise<Timestamp | null> => {
  const { tx } = unit
  const { serviceLocation: place, reportedVessel } = given
  const time = new Date(given.serviceDateTime)
  const known = await tx.portCallTimestamp.findUnique({
    where: { sourceEventId: given.sourceEventId },
    select: { id: true },
  })
  if (known) return null
  const leaves = tellsOfLeaving(given)
  const portCallId = await holdCallSeen(unit, { reportedVessel, place, time, leaves })
  const timestamp = await writeFromAis(unit, given, { portCallId, classifierCode: 'ACT' })
  if (timestamp) await followBerthing(unit, timestamp)
  return timestamp && announce(unit, timestamp)
}

/** What tells of an arrival at the port: after it nothing is estimated of it. */
const arrived = [
  { serviceType: 'SEA_PASSAGE', eventType: 'CMPL' },
  { serviceType: 'PILOT_BOARDING_PLACE', eventType: 'ARRI' },
  { serviceType: 'BERTH', eventType: 'ARRI' },
]

/** When a ship arrives at a port, by the speed and the way that AIS tells of. */
type AisEstimate = Pick<Timestamp, 'serviceDateTime' | 'reportedVessel' | 'portCallId'> & {
  UNLocationCode: string
  sourceEventId: string
}

/**
 * Records an estimated arrival at the pilot boarding place: on the call that is named, if it is one of
 * the ship at the place to which it has not come yet, or else on the nearest such one that is declared for
 * within three days.
 *
 * @returns null where there is none, where the service was cancelled or declined, and when the event
 *   was met before
 */
export const recordEstimateFromAis = async (
  unit: Unit<Client>,
  { UNLocationCode, portCallId: named, ...given }: AisEstimate,
): Promise<Timestamp | null> => {
  const { tx, sql } = unit
  const { reportedVessel, sourceEventId } = given
  const time = new Date(given.serviceDateTime)
  const known = await tx.portCallTimestamp.count({ where: { sourceEventId } })
  if (known > 0) return null
  const find = async (): Promise<string | null> => {
    const where = await callsOf(tx, { reportedVessel, place: { UNLocationCode }, time }, awaited)
    if (where === null) return null
    const select = { id: true, state: true, eta: true, etd: true }
    const calls = await tx.portCall.findMany({ where, select })
    const told = calls.find(({ id }) => id === named)
    const near = calls.filter((call) => isSeenWithin(call, time))
    return (told ?? nearestCall(near, time))?.id ?? null
  }
  const portCallId = await find()
  if (portCallId === null) return null
  await lockCall(sql, portCallId)
  // Whoever held it before may have said that the ship has come.
  if ((await find()) !== portCallId) return null
  const come = await tx.portCallTimestamp.count({
    where: { portCallId, classifier: 'ACT', breaches: { isEmpty: true }, OR: arrived },
  })
  const services = await tx.portCallService.findMany({
    where: { portCallId, serviceType: 'PILOT_BOARDING_PLACE', eventType: 'ARRI' },
  })
  const running = services.filter((each) => each.cancelledAt === null && each.declinedAt === null)
  if (come > 0 || (services.length > 0 && running.length === 0)) return null
  const estimate: AisTimestamp = {
    ...given,
    portCallServiceTypeCode: 'PILOT_BOARDING_PLACE',
    portCallServiceEventTypeCode: 'ARRI',
    portCallPhaseTypeCode: 'INBD',
    serviceLocation: {
      UNLocationCode,
      facilityCode: null,
      locationName: null,
      geoCoordinate: null,
    },
  }
  const timestamp = await writeFromAis(unit, estimate, { portCallId, classifierCode: 'EST' })
  return timestamp && announce(unit, timestamp)
}

/** @returns null when the event was met before */
const writeFromAis = async (
  unit: Unit<Client>,
  given: AisTimestamp,
  { portCallId, classifierCode }: { portCallId: string | null; classifierCode: 'ACT' | 'EST' },
): Promise<Timestamp | null> => {
  const { serviceLocation: place, reportedVessel } = given
  const row = {
    id: uuidv7(),
    portCallId,
    serviceId:
      portCallId === null || place.UNLocationCode === null
        ? null
        : await serviceOfSighting(
            unit,
            { id: portCallId, unLocationCode: place.UNLocationCode },
            toldBy(given, classifierCode),
          ),
    serviceType: given.portCallServiceTypeCode,
    eventType: given.portCallServiceEventTypeCode,
    phase: given.portCallPhaseTypeCode,
    classifier: classifierCode,
    serviceTime: new Date(given.serviceDateTime),
    locationName: place.locationName,
    unLocationCode: place.UNLocationCode,
    facilityCode: place.facilityCode,
    latitude: place.geoCoordinate?.latitude ?? null,
    longitude: place.geoCoordinate?.longitude ?? null,
    source: 'AIS',
    sourceEventId: given.sourceEventId,
    reportedMmsiNumber: reportedVessel.MMSINumber,
    reportedImoNumber: reportedVessel.vesselIMONumber,
    reportedName: reportedVessel.name,
    remark: null,
    recordedBy: null,
    recordedAt: new Date(),
  }
  const [made] = await unit.tx.portCallTimestamp.createManyAndReturn({
    data: [row],
    skipDuplicates: true,
  })
  return made ? timestampOf(made) : null
}

/** What tells of a ship that leaves a place. */
const leaving: ReadonlySet<string> = new Set(['SEA_PASSAGE STRT', 'BERTH DEPA', 'ANCHORAGE CMPL'])

/** The call that AIS has seen, held until commit; one that has ended meanwhile is none. */
const holdCallSeen = async (
  { tx, sql }: Unit<Client>,
  sighting: Omit<Sighting, 'visibility'> & { leaves: boolean },
): Promise<string | null> => {
  const seen = await callSeenBy(tx, sighting)
  if (seen === null) return null
  // Held like everyone's, so that services of a call are made by one at a time.
  await lockCall(sql, seen)
  // Whoever held it before may have ended it.
  return (await callSeenBy(tx, sighting)) === seen ? seen : null
}

/** Whether an actual timestamp tells that its ship leaves a place. */
export const tellsOfLeaving = ({
  portCallServiceTypeCode: service,
  portCallServiceEventTypeCode: event,
}: Pick<Timestamp, 'portCallServiceTypeCode' | 'portCallServiceEventTypeCode'>): boolean =>
  leaving.has(`${service} ${event}`)

/** The call that something which has happened belongs to, by `callSeen`. */
export const callSeenBy = async (
  client: Client,
  { leaves, ...sighting }: Sighting & { leaves: boolean },
): Promise<string | null> => {
  const where = await callsOf(client, sighting, [...openStates, 'DEPARTED'])
  if (where === null) return null
  const select = { id: true, state: true, eta: true, etd: true, ...withDeparture }
  const calls = await client.portCall.findMany({ where, select })
  const known = calls.map((call) => ({ ...call, departedAt: departedAtOf(call) }))
  return callSeen(known, { time: sighting.time, leaves })?.id ?? null
}

const toldBy = (given: AisTimestamp, classifierCode: 'ACT' | 'EST'): SightedService => ({
  portCallServiceTypeCode: given.portCallServiceTypeCode,
  portCallServiceEventTypeCode: given.portCallServiceEventTypeCode,
  portCallPhaseTypeCode: given.portCallPhaseTypeCode,
  serviceDateTime: given.serviceDateTime,
  classifierCode,
})

type SightedService = Pick<
  Timestamp,
  | 'portCallServiceTypeCode'
  | 'portCallServiceEventTypeCode'
  | 'portCallPhaseTypeCode'
  | 'serviceDateTime'
  | 'classifierCode'
>

/**
 * The service of a call that a sighting by AIS tells of. AIS sees no phase: it tells of the latest
 * service of its type, and makes one of the ordinary phase when there is none.
 */
export const serviceOfSighting = async (
  unit: Unit<Client>,
  call: Pick<PortCallRow, 'id' | 'unLocationCode'>,
  { portCallPhaseTypeCode: phaseIfNew, ...unphased }: SightedService,
): Promise<string> => {
  const rows = await unit.tx.portCallTimestamp.findMany({
    where: {
      portCallId: call.id,
      classifier: 'ACT',
      serviceType: { in: [unphased.portCallServiceTypeCode, 'BERTH'] },
      breaches: { isEmpty: true },
    },
    // A ship at anchor is seen often, and this is read at each sighting.
    select: { serviceId: true, serviceType: true, eventType: true, serviceTime: true },
  })
  const actual = rows.map((row) => ({
    portCallServiceId: row.serviceId,
    portCallServiceTypeCode: row.serviceType as Timestamp['portCallServiceTypeCode'],
    portCallServiceEventTypeCode: row.eventType as Timestamp['portCallServiceEventTypeCode'],
    classifierCode: 'ACT' as const,
    serviceDateTime: row.serviceTime.toISOString(),
  }))
  const service = await serviceFor(unit, unphased, { call, actual, serviceId: null, phaseIfNew })
  return service.id
}

const openStates = portCallStates.filter(isOpen)

/** The states of a call whose ship is still to come. */
const awaited: readonly PortCallState[] = ['ANNOUNCED', 'APPROVED']

type Sighting = {
  reportedVessel: Timestamp['reportedVessel']
  place: Pick<Timestamp['serviceLocation'], 'UNLocationCode'>
  time: Date
  /** Among whose calls; all unless given. */
  visibility?: Visibility
}

/** The open call that a report belongs to: of the ship, by IMO number or else MMSI, at the place. */
export const openCallOf = async (client: Client, sighting: Sighting): Promise<string | null> => {
  const where = await callsOf(client, sighting, openStates)
  if (where === null) return null
  const select = { id: true, state: true, eta: true }
  const calls = await client.portCall.findMany({ where, select })
  return nearestCall(calls, sighting.time)?.id ?? null
}

/** Which calls are those of a ship at a place, in some states; null where ship or place is not known. */
const callsOf = async (
  client: Client,
  { reportedVessel, place, visibility = 'all' }: Sighting,
  states: readonly PortCallState[],
) => {
  if (place.UNLocationCode === null) return null
  const vessel = await vesselOf(client, reportedVessel)
  return (
    vessel && {
      vesselId: vessel.id,
      unLocationCode: place.UNLocationCode,
      state: { in: [...states] },
      ...visibleTo(visibility),
    }
  )
}

/** The registered vessel that a source has named, by IMO number or else MMSI. */
export const vesselOf = async (
  client: Client,
  { vesselIMONumber, MMSINumber }: Timestamp['reportedVessel'],
): Promise<{ id: string } | null> => {
  // Transponders are set by hand: an IMO number that cannot be one says nothing.
  const imo = vesselIMONumber === null ? null : readImoNumber(vesselIMONumber)
  const select = { id: true }
  const byImo =
    imo && 'value' in imo
      ? await client.vessel.findUnique({ where: { imoNumber: imo.value }, select })
      : null
  if (byImo || MMSINumber === null) return byImo
  return client.vessel.findUnique({ where: { mmsiNumber: MMSINumber }, select })
}

const announce = async (
  { tx, publish }: Unit<Client>,
  timestamp: Timestamp,
): Promise<Timestamp> => {
  const { portCallId } = timestamp
  const parties =
    portCallId === null
      ? { agentOrganization: null, carrierOrganization: null, terminalOrganization: null }
      : await partiesOfCall(tx, portCallId)
  publish(
    eventOf(events, 'barcos.timestamp.recorded', {
      subject: timestamp.id,
      data: {
        timestampId: timestamp.id,
        portCallId,
        ...parties,
        portCallServiceId: timestamp.portCallServiceId,
        replyTo: timestamp.replyTo,
        UNLocationCode: timestamp.serviceLocation.UNLocationCode,
        portCallServiceTypeCode: timestamp.portCallServiceTypeCode,
        portCallServiceEventTypeCode: timestamp.portCallServiceEventTypeCode,
        portCallPhaseTypeCode: timestamp.portCallPhaseTypeCode,
        classifierCode: timestamp.classifierCode,
        serviceDateTime: timestamp.serviceDateTime,
        source: timestamp.source,
        reportedIMONumber: timestamp.reportedVessel.vesselIMONumber,
        reportedMMSINumber: timestamp.reportedVessel.MMSINumber,
      },
    }),
  )
  return timestamp
}
