import type { Unit } from '@porttrack/shared/database/transaction'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, PortCallRow, PortCallServiceRow } from '../database.ts'
import { requireCall } from '../port-calls/port-call.store.ts'
import { seesService, type Visibility } from '../port-calls/visibility.ts'
import type { Phase, ServiceTimestamp } from './port-call-matrix.ts'
import {
  negotiationOf,
  orderedServiceOf,
  type ServiceKey,
  serviceToldOf,
} from './port-call-service.ts'
import type { PortCallService, PortCallServiceQuery } from './port-call-service.schema.ts'
import { serviceSides } from './service-parties.ts'
import type { Timestamp } from './timestamp.schema.ts'
import { timestampOf } from './timestamp.store.ts'
import { effectiveOf } from './timestamp.ts'

type PortCallServiceStoreOptions = { database: BarcosDatabase; cursors: Cursors }

/** The services of calls, with where their negotiation stands. */
export const portCallServiceStore = ({ database, cursors }: PortCallServiceStoreOptions) => ({
  /**
   * A page of a call's services, in the order in which they came to be.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of
   */
  list: async (
    portCallId: string,
    query: PortCallServiceQuery,
    visibility: Visibility,
  ): Promise<Page<PortCallService>> => {
    const list = `services ${portCallId}`
    const after = cursors.read(list, query)
    const call = await requireCall(database.client, portCallId, visibility)
    const where = { portCallId }
    const [services, timestamps] = await Promise.all([
      database.client.portCallService.findMany({ where, orderBy: { id: 'asc' } }),
      database.client.portCallTimestamp.findMany({ where }),
    ])
    // Which timestamps count is known only from all of the call's.
    const effective = Map.groupBy(
      effectiveOf(timestamps.map(timestampOf)),
      ({ portCallServiceId }) => portCallServiceId,
    )
    const found = services
      .filter(({ id }) => after === null || id > String(after[0]))
      .filter(({ providerOrganization }) => seesService(visibility, call, providerOrganization))
      .map((row) => serviceOf(row, effective.get(row.id) ?? []))
    return cursors.page(list, query, { found, positionOf: ({ id }) => [id] })
  },
})

export type PortCallServiceStore = ReturnType<typeof portCallServiceStore>

const serviceOf = (row: PortCallServiceRow, effective: readonly Timestamp[]): PortCallService => {
  const key = keyOf(row)
  const ended = { cancelled: row.cancelledAt !== null, declined: row.declinedAt !== null }
  return {
    id: row.id,
    portCallId: row.portCallId,
    ...key,
    occurrence: row.occurrence,
    serviceLocation: {
      UNLocationCode: row.unLocationCode,
      facilityCode: row.facilityCode,
      facilityCodeListProvider: row.facilityCodeListProvider,
      locationName: row.locationName,
    },
    isCanceled: ended.cancelled,
    isDeclined: ended.declined,
    providers: [...serviceSides[key.portCallServiceTypeCode].providers],
    consumers: [...serviceSides[key.portCallServiceTypeCode].consumers],
    negotiation: negotiationOf(effective, ended),
    effective: effective
      .toSorted((a, b) => (a.recordedAt < b.recordedAt ? -1 : 1))
      .map(({ id, classifierCode, serviceDateTime, source, recordedAt }) => ({
        classifierCode,
        serviceDateTime,
        timestampId: id,
        source,
        recordedAt,
      })),
  }
}

/** A service of a call, as it is kept. */
export type CallService = PortCallServiceRow & { ended: boolean }

type Beside = {
  call: Pick<PortCallRow, 'id' | 'unLocationCode'>
  /** The call's actual timestamps that count. */
  actual: readonly (ServiceTimestamp & { portCallServiceId: string | null })[]
  /** The service, when it is known. */
  serviceId: string | null
  /** Ids of the services that were ordered of who tells it, of whom nothing else is taken. */
  ordered?: readonly string[]
  /** Phase of a service that is made, when the timestamp names none. */
  phaseIfNew?: Phase | null
}

/**
 * The service of a call that a timestamp tells of, made when it is the first to tell of it. The
 * call's row must be held.
 */
export const serviceFor = async (
  unit: Unit<Client>,
  given: ServiceTimestamp,
  { call, actual, serviceId, ordered, phaseIfNew = null }: Beside,
): Promise<CallService> => {
  const rows = await unit.tx.portCallService.findMany({
    where: {
      portCallId: call.id,
      serviceType: given.portCallServiceTypeCode,
      eventType: given.portCallServiceEventTypeCode,
    },
  })
  const services = rows.map((row) => ({ ...row, ...keyOf(row), ended: hasEnded(row) }))
  const happened = actual.map((each) => ({ ...each, serviceId: each.portCallServiceId }))
  const told =
    services.find(({ id }) => id === serviceId) ??
    (ordered === undefined
      ? serviceToldOf(given, { services, actual: happened })
      : orderedServiceOf(given, {
          services: services.filter(({ id }) => ordered.includes(id)),
          actual: happened,
        }))
  const known = told && services.find(({ id }) => id === told.id)
  if (known) return known
  const { portCallServiceTypeCode, portCallServiceEventTypeCode } = given
  const key = {
    portCallServiceTypeCode,
    portCallServiceEventTypeCode,
    portCallPhaseTypeCode: given.portCallPhaseTypeCode ?? phaseIfNew,
  }
  return { ...(await newService(unit, key, call)), ended: false }
}

/** Makes one more service of a call, another occurrence of its type; the call's row must be held. */
export const newService = async (
  { tx }: Unit<Client>,
  key: ServiceKey,
  call: Beside['call'],
): Promise<PortCallServiceRow> => {
  const of = {
    portCallId: call.id,
    serviceType: key.portCallServiceTypeCode,
    eventType: key.portCallServiceEventTypeCode,
    phase: key.portCallPhaseTypeCode,
  }
  const last = await tx.portCallService.findFirst({
    where: of,
    orderBy: { occurrence: 'desc' },
    select: { occurrence: true },
  })
  return tx.portCallService.create({
    data: {
      id: uuidv7(),
      ...of,
      occurrence: (last?.occurrence ?? 0) + 1,
      unLocationCode: call.unLocationCode,
    },
  })
}

/**
 * Ends services for good: cancelled by their provider or declined by their consumer. Those that have
 * ended already, and those that have happened, stay as they are.
 */
export const endServices = async (
  { tx }: Unit<Client>,
  which: { id: { in: string[] } } | { portCallId: string },
  end: 'cancelledAt' | 'declinedAt',
): Promise<void> => {
  const now = new Date()
  await tx.portCallService.updateMany({
    where: {
      ...which,
      cancelledAt: null,
      declinedAt: null,
      timestamps: { none: { classifier: 'ACT', breaches: { isEmpty: true } } },
    },
    data: { [end]: now, updatedAt: now },
  })
}

const hasEnded = ({ cancelledAt, declinedAt }: PortCallServiceRow): boolean =>
  cancelledAt !== null || declinedAt !== null

const keyOf = (row: PortCallServiceRow): ServiceKey => ({
  portCallServiceTypeCode: row.serviceType as ServiceKey['portCallServiceTypeCode'],
  portCallServiceEventTypeCode: row.eventType as ServiceKey['portCallServiceEventTypeCode'],
  portCallPhaseTypeCode: row.phase as ServiceKey['portCallPhaseTypeCode'],
})
