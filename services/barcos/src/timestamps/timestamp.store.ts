import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { sortKeysOf } from '@porttrack/shared/http/sorting'
import type { BarcosDatabase, Client, PortCallTimestampRow } from '../database.ts'
import { seenWindow } from '../port-calls/port-call.ts'
import { requireCall, visibleTo } from '../port-calls/port-call.store.ts'
import type { Visibility } from '../port-calls/visibility.ts'
import type { Timestamp, TimestampQuery } from './timestamp.schema.ts'

type TimestampStoreOptions = { database: BarcosDatabase; cursors: Cursors }

/** Raw timestamps from every source: rows in, domain out. */
export const timestampStore = ({ database, cursors }: TimestampStoreOptions) => ({
  /**
   * One page of the timestamps that a query names, of calls that the caller may see.
   *
   * @throws ProblemError 404 for `candidateFor` a call that the caller may not know of
   */
  list: async (query: TimestampQuery, visibility: Visibility): Promise<Page<Timestamp>> => {
    const limit = query.limit ?? 50
    const keys = sortKeysOf<'recordedAt'>(query.sort ?? '-recordedAt')
    const { orderBy, where } = keysetOf(keys, cursors.read('timestamps', query))
    const { candidateFor } = query
    const candidates =
      candidateFor === undefined
        ? {}
        : candidatesFor(await requireCallAndVessel(database.client, candidateFor, visibility))
    const rows = await database.client.portCallTimestamp.findMany({
      where: { AND: [timestampsVisibleTo(visibility), filterOf(query), candidates, where] },
      orderBy,
      take: limit + 1,
    })
    const page = cursors.page('timestamps', query, { found: rows, positionOf: positionIn(keys) })
    return { ...page, items: page.items.map(timestampOf) }
  },
})

export type TimestampStore = ReturnType<typeof timestampStore>

/** The rows that a caller may see: of its calls, apart from what another provider has agreed there. */
const timestampsVisibleTo = (visibility: Visibility) => {
  if (visibility === 'all') return {}
  const own = { in: [...visibility] }
  return {
    portCall: visibleTo(visibility),
    OR: [
      { providerOrganization: null },
      { providerOrganization: own },
      {
        portCall: {
          OR: [
            { agentOrganization: own },
            { carrierOrganization: own },
            { terminalOrganization: own },
          ],
        },
      },
    ],
  }
}

const requireCallAndVessel = async (client: Client, id: string, visibility: Visibility) => {
  const call = await requireCall(client, id, visibility)
  return { call, vessel: await client.vessel.findUniqueOrThrow({ where: { id: call.vesselId } }) }
}

/** Orphans that may belong to a call: of its ship, at its place or at none, near its window. */
const candidatesFor = ({ call, vessel }: Awaited<ReturnType<typeof requireCallAndVessel>>) => ({
  portCallId: null,
  serviceTime: seenWindow(call),
  AND: [
    {
      OR: [
        ...(vessel.imoNumber === null ? [] : [{ reportedImoNumber: vessel.imoNumber }]),
        ...(vessel.mmsiNumber === null ? [] : [{ reportedMmsiNumber: vessel.mmsiNumber }]),
      ],
    },
    { OR: [{ unLocationCode: call.unLocationCode }, { unLocationCode: null }] },
  ],
})

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
  portCallServiceId: row.serviceId,
  replyTo: row.replyTo,
  portCallServiceTypeCode: row.serviceType as Timestamp['portCallServiceTypeCode'],
  portCallServiceEventTypeCode: row.eventType as Timestamp['portCallServiceEventTypeCode'],
  portCallPhaseTypeCode: row.phase as Timestamp['portCallPhaseTypeCode'],
  classifierCode: row.classifier as Timestamp['classifierCode'],
  serviceDateTime: row.serviceTime.toISOString(),
  serviceLocation: {
    UNLocationCode: row.unLocationCode,
    facilityCode: row.facilityCode,
    facilityCodeListProvider: row.facilityCodeListProvider,
    locationName: row.locationName,
    geoCoordinate:
      row.latitude === null || row.longitude === null
        ? null
        : { latitude: row.latitude, longitude: row.longitude },
  },
  requestedLocation: row.requestedLocation as Timestamp['requestedLocation'],
  delayReasonCodes: row.delayReasonCodes,
  isFYI: row.isFyi,
  source: row.source as Timestamp['source'],
  party: row.party as Timestamp['party'],
  reportedVessel: {
    vesselIMONumber: row.reportedImoNumber,
    MMSINumber: row.reportedMmsiNumber,
    name: row.reportedName,
  },
  breaches: row.breaches,
  remark: row.remark,
  recordedBy: row.recordedBy,
  recordedAt: row.recordedAt.toISOString(),
  attachedBy: row.attachedBy,
  attachedAt: row.attachedAt?.toISOString() ?? null,
})
