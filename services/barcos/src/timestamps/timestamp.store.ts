import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, PortCallTimestampRow } from '../database.ts'
import { events } from '../events.ts'
import {
  hasEnded,
  isOpen,
  nearestCall,
  portCallErrors,
  type PortCallState,
  portCallStates,
} from '../port-calls/port-call.ts'
import { lockCall, requireCall, visibleTo } from '../port-calls/port-call.store.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import type { Reporter } from '../reporter.ts'
import { readImoNumber } from '../vessels/imo-number.ts'
import { matrixBreaches, orderBreaches } from './port-call-matrix.ts'
import type { NewTimestamp, Timestamp, TimestampQuery } from './timestamp.schema.ts'
import { effectiveOf, outranks, timestampErrors } from './timestamp.ts'

type TimestampStoreOptions = { database: BarcosDatabase; cursors: Cursors }

/** A timestamp that AIS proposes, with the ship and the place it names. */
type AisTimestamp = Pick<
  Timestamp,
  | 'portCallServiceTypeCode'
  | 'portCallServiceEventTypeCode'
  | 'portCallPhaseTypeCode'
  | 'serviceDateTime'
  | 'serviceLocation'
  | 'reportedVessel'
> & {
  /** Id of the event that says so: met again, it has no further effect. */
  sourceEventId: string
}

/** Raw timestamps from every source: rows in, domain out. */
export const timestampStore = ({ database, cursors }: TimestampStoreOptions) => ({
  /** One page of the timestamps that a query names, of calls that the caller may see. */
  list: async (query: TimestampQuery, visibility: Visibility): Promise<Page<Timestamp>> => {
    const limit = query.limit ?? 50
    const keys = sortKeysOf<'recordedAt'>(query.sort ?? '-recordedAt')
    const { orderBy, where } = keysetOf(keys, cursors.read('timestamps', query))
    const seen = visibility === 'all' ? {} : { portCall: visibleTo(visibility) }
    const rows = await database.client.portCallTimestamp.findMany({
      where: { AND: [seen, filterOf(query), where] },
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('timestamps', query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(timestampOf) }
  },

  /**
   * Records what a person or a system says about a call.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of; 409 for a call that
   *   has ended; 422 naming every breach of the matrix and of the order within the berth stay
   */
  record: async (
    unit: Unit<Client>,
    given: NewTimestamp,
    { portCallId, ...by }: { portCallId: string; visibility: Visibility; reporter: Reporter },
  ): Promise<Timestamp> => {
    const { tx, sql } = unit
    // Held until commit, so that two timestamps that contradict each other cannot both pass.
    await lockCall(sql, portCallId)
    const call = await requireCall(tx, portCallId, by.visibility)
    if (hasEnded(call.state as PortCallState)) {
      throw new ProblemError(portCallErrors.PORT_CALL_ENDED, { detail: `It is ${call.state}` })
    }
    const rows = await tx.portCallTimestamp.findMany({ where: { portCallId, classifier: 'ACT' } })
    const actual = rows.map(timestampOf)
    const breaches = [
      ...matrixBreaches(given, Date.now()),
      ...orderBreaches(given, {
        // What a less believed source says does not stand in a person's way.
        recorded: effectiveOf(actual).filter(({ source }) => !outranks(by.reporter.source, source)),
        berthing: actual.filter(
          ({ portCallServiceTypeCode }) => portCallServiceTypeCode === 'BERTH',
        ),
      }),
    ]
    if (breaches.length > 0) {
      throw new ProblemError(timestampErrors.TIMESTAMP_REFUSED, { errors: breaches })
    }
    const row = await tx.portCallTimestamp.create({
      data: {
        id: uuidv7(),
        portCallId,
        serviceType: given.portCallServiceTypeCode,
        eventType: given.portCallServiceEventTypeCode,
        phase: given.portCallPhaseTypeCode ?? null,
        classifier: given.classifierCode,
        serviceTime: new Date(given.serviceDateTime),
        locationName: given.locationName ?? null,
        unLocationCode: call.unLocationCode,
        source: by.reporter.source,
        remark: given.remark ?? null,
        recordedBy: by.reporter.subject,
        recordedAt: new Date(),
      },
    })
    return announce(unit, timestampOf(row))
  },
})

export type TimestampStore = ReturnType<typeof timestampStore>

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
  const row = {
    id: uuidv7(),
    portCallId: await openCallOf(tx, { reportedVessel, place, time }),
    serviceType: given.portCallServiceTypeCode,
    eventType: given.portCallServiceEventTypeCode,
    phase: given.portCallPhaseTypeCode,
    classifier: 'ACT',
    serviceTime: time,
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
  const { count } = await tx.portCallTimestamp.createMany({ data: [row], skipDuplicates: true })
  return count === 0 ? null : announce(unit, timestampOf(row))
}

const openStates = portCallStates.filter(isOpen)

type Sighting = {
  reportedVessel: Timestamp['reportedVessel']
  place: Timestamp['serviceLocation']
  time: Date
}

/** The open call that a sighting belongs to: of the ship, by IMO number or else MMSI, at the place. */
const openCallOf = async (
  client: Client,
  { reportedVessel, place, time }: Sighting,
): Promise<string | null> => {
  if (place.UNLocationCode === null) return null
  const vessel = await vesselOf(client, reportedVessel)
  if (!vessel) return null
  const calls = await client.portCall.findMany({
    where: {
      vesselId: vessel.id,
      unLocationCode: place.UNLocationCode,
      state: { in: openStates },
    },
    select: { id: true, state: true, eta: true },
  })
  return nearestCall(calls, time)?.id ?? null
}

const vesselOf = async (
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

const announce = ({ publish }: Unit<Client>, timestamp: Timestamp): Timestamp => {
  publish(
    eventOf(events, 'barcos.timestamp.recorded', {
      subject: timestamp.id,
      data: {
        timestampId: timestamp.id,
        portCallId: timestamp.portCallId,
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

const filterOf = ({ orphan, MMSINumber, vesselIMONumber, UNLocationCode }: TimestampQuery) => ({
  ...(orphan === undefined ? {} : { portCallId: orphan ? null : { not: null } }),
  ...(MMSINumber === undefined ? {} : { reportedMmsiNumber: MMSINumber }),
  ...(vesselIMONumber === undefined ? {} : { reportedImoNumber: vesselIMONumber }),
  ...(UNLocationCode === undefined ? {} : { unLocationCode: UNLocationCode }),
})

/** A row as the API shows it. */
export const timestampOf = (row: PortCallTimestampRow): Timestamp => ({
  id: row.id,
  portCallId: row.portCallId,
  portCallServiceTypeCode: row.serviceType as Timestamp['portCallServiceTypeCode'],
  portCallServiceEventTypeCode: row.eventType as Timestamp['portCallServiceEventTypeCode'],
  portCallPhaseTypeCode: row.phase as Timestamp['portCallPhaseTypeCode'],
  classifierCode: row.classifier as Timestamp['classifierCode'],
  serviceDateTime: row.serviceTime.toISOString(),
  serviceLocation: {
    UNLocationCode: row.unLocationCode,
    facilityCode: row.facilityCode,
    locationName: row.locationName,
    geoCoordinate:
      row.latitude === null || row.longitude === null
        ? null
        : { latitude: row.latitude, longitude: row.longitude },
  },
  source: row.source as Timestamp['source'],
  reportedVessel: {
    vesselIMONumber: row.reportedImoNumber,
    MMSINumber: row.reportedMmsiNumber,
    name: row.reportedName,
  },
  remark: row.remark,
  recordedBy: row.recordedBy,
  recordedAt: row.recordedAt.toISOString(),
})
