import type { Language } from '@porttrack/shared/http/language'
import { voyageTraceId } from '@porttrack/shared/tracing/voyage-trace'
import type { TransportCallRow, VoyageEntryRow, VoyageRow } from '../database.ts'
import { compareArrival, type Reason } from '../etas/eta.ts'
import type { EtaAbsence, Unestimated } from './eta-absence.ts'
import type { CallProgress, Deviation, Entry } from './journey.ts'
import { voyageLifecycle, type VoyageState } from './voyage.ts'
import type {
  CallAtPort,
  TransportCall,
  Voyage,
  VoyageDeviation,
  VoyageEta,
  VoyageTimelineEntry,
} from './voyage.schema.ts'

export const isoTime = (time: number): string => new Date(time).toISOString()
export const timeOrNull = (time: number | null): string | null =>
  time === null ? null : isoTime(time)

/** A call as callers and events tell of it. */
export const transportCallOf = (call: CallProgress): TransportCall => ({
  transportCallReference: call.transportCallReference,
  UNLocationCode: call.UNLocationCode,
  facilityCode: call.facilityCode,
  statusCode: call.statusCode,
  state: call.state,
  portCallId: call.portCallId,
  plannedArrival: timeOrNull(call.plannedArrival),
  plannedDeparture: timeOrNull(call.plannedDeparture),
  requestedArrival: timeOrNull(call.requestedArrival),
  estimatedArrival: timeOrNull(call.estimatedArrival),
  arrivedAt: timeOrNull(call.arrivedAt),
  arrivalSource: call.arrivalSource,
  departedAt: timeOrNull(call.departedAt),
  departureSource: call.departureSource,
})

export const deviationOf = (deviation: Deviation): VoyageDeviation => ({
  kind: deviation.kind,
  transportCallReference: deviation.transportCallReference,
  since: isoTime(deviation.since),
  until: timeOrNull(deviation.until),
  minutes: deviation.minutes,
  nauticalMiles: deviation.nauticalMiles,
})

/** What an estimate of the next call rests on, as it is kept with the voyage. */
export type KeptEstimate = {
  transportCallReference: string
  /** Milliseconds since 1970, all three. */
  arrival: number
  estimatedAt: number
  /** The arrival that the ship had declared then. */
  declared: number | null
  distance: number
  speed: number
  reasons: readonly Reason[]
}

export type VoyageWithCalls = VoyageRow & { calls: readonly TransportCallRow[] }

type Reader = {
  language: Language
  toleranceMinutes: number
  /** Why a voyage without an estimate has none. */
  whyNoEta: (voyage: Unestimated) => Promise<EtaAbsence>
}

/** A voyage as callers see it. */
export const voyageOf = async (row: VoyageWithCalls, reader: Reader): Promise<Voyage> => {
  const eta = etaOf(row, reader)
  return { ...particularsOf(row), eta, etaAbsence: eta ? null : await absenceOf(row, reader) }
}

const absenceOf = async (
  row: VoyageWithCalls,
  { language, whyNoEta }: Reader,
): Promise<NonNullable<Voyage['etaAbsence']>> => {
  const { code, detail } = await whyNoEta({
    state: row.state as Voyage['state'],
    MMSINumber: row.mmsi,
    watchAt: row.watchAt?.getTime() ?? null,
    calls: row.calls.map((call) => ({
      UNLocationCode: call.unLocationCode,
      state: call.state as TransportCall['state'],
      plannedArrival: call.plannedArrival?.getTime() ?? null,
      plannedDeparture: call.plannedDeparture?.getTime() ?? null,
    })),
  })
  return { code, detail: detail[language] }
}

const particularsOf = (row: VoyageWithCalls): Omit<Voyage, 'eta' | 'etaAbsence'> => ({
  id: row.id,
  vesselIMONumber: row.imo,
  MMSINumber: row.mmsi,
  vesselName: row.vesselName,
  carrierServiceCode: row.carrierServiceCode,
  carrierVoyageNumber: row.carrierVoyageNumber,
  universalVoyageReference: row.universalVoyageReference,
  // What is in the tables was written from the types that callers know.
  state: row.state as Voyage['state'],
  startedAt: row.startedAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
  calls: row.calls.map(callOfRow),
  deviations: (row.deviations as unknown as Deviation[]).map(deviationOf),
  traceId: voyageTraceId(row.id),
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  changedAt: row.changedAt.toISOString(),
})

const callOfRow = (row: TransportCallRow): TransportCall => ({
  transportCallReference: row.reference,
  UNLocationCode: row.unLocationCode,
  facilityCode: row.facilityCode,
  statusCode: row.statusCode as TransportCall['statusCode'],
  state: row.state as TransportCall['state'],
  portCallId: row.portCallId,
  plannedArrival: row.plannedArrival?.toISOString() ?? null,
  plannedDeparture: row.plannedDeparture?.toISOString() ?? null,
  requestedArrival: row.requestedArrival?.toISOString() ?? null,
  estimatedArrival: row.estimatedArrival?.toISOString() ?? null,
  arrivedAt: row.arrivedAt?.toISOString() ?? null,
  arrivalSource: row.arrivalSource as TransportCall['arrivalSource'],
  departedAt: row.departedAt?.toISOString() ?? null,
  departureSource: row.departureSource as TransportCall['departureSource'],
})

/**
 * The estimate that holds, and its call; it has had its time once the ship has come or passes the call
 * by, and once the voyage has ended.
 */
const presentEstimate = (row: VoyageWithCalls) => {
  if (voyageLifecycle.hasEnded(row.state as VoyageState)) return null
  const kept = row.estimate as unknown as KeptEstimate | null
  const call = row.calls.find(({ reference }) => reference === kept?.transportCallReference)
  return kept === null || call?.state !== 'EXPECTED' ? null : { kept, call }
}

/** Whether it is to be told why a voyage has no estimate. */
export const isUnestimated = (row: VoyageWithCalls): boolean => presentEstimate(row) === null

const etaOf = (row: VoyageWithCalls, { language, toleranceMinutes }: Reader): VoyageEta | null => {
  const present = presentEstimate(row)
  if (present === null) return null
  const { kept, call } = present
  return {
    transportCallReference: call.reference,
    UNLocationCode: call.unLocationCode,
    arrival: isoTime(kept.arrival),
    estimatedAt: isoTime(kept.estimatedAt),
    distance: kept.distance,
    speed: kept.speed,
    reasons: kept.reasons.map(({ code, detail }) => ({ code, detail: detail[language] })),
    ...comparisonsOf(
      kept,
      {
        plannedArrival: call.plannedArrival?.getTime() ?? null,
        requestedArrival: call.requestedArrival?.getTime() ?? null,
      },
      toleranceMinutes,
    ),
  }
}

/** How an estimate stands to what was planned, declared aboard and requested by the port. */
export const comparisonsOf = (
  { arrival, declared }: Pick<KeptEstimate, 'arrival' | 'declared'>,
  call: Pick<CallProgress, 'plannedArrival' | 'requestedArrival'>,
  toleranceMinutes: number,
) => {
  const compared = (time: number | null) =>
    time === null ? null : compareArrival(arrival, time, toleranceMinutes)
  return {
    planned: compared(call.plannedArrival),
    declared: compared(declared),
    requested: compared(call.requestedArrival),
  }
}

/** A call at a port, with its voyage. */
export const callAtPortOf = (row: TransportCallRow & { voyage: VoyageRow }): CallAtPort => ({
  ...callOfRow(row),
  voyageId: row.voyageId,
  voyageState: row.voyage.state as CallAtPort['voyageState'],
  carrierVoyageNumber: row.voyage.carrierVoyageNumber,
  vesselIMONumber: row.voyage.imo,
  MMSINumber: row.voyage.mmsi,
  vesselName: row.voyage.vesselName,
  expectedAt: row.expectedAt.toISOString(),
})

/** An entry of a voyage's history as callers see it. */
export const timelineEntryOf = (
  row: VoyageEntryRow,
  entry: Entry,
  retracted: ReadonlySet<string>,
): VoyageTimelineEntry => {
  const content: Partial<{
    transportCallReference: string | null
    UNLocationCode: string
    portCallId: string | null
    arrival: number
    nauticalMiles: number
    reason: string
    entryId: string
  }> = entry.kind === 'SCHEDULED' ? {} : entry.content
  return {
    id: row.id,
    kind: entry.kind,
    time: row.time.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
    source: entry.source,
    recordedBy: row.recordedBy,
    transportCallReference: content.transportCallReference ?? null,
    UNLocationCode: content.UNLocationCode ?? null,
    portCallId: content.portCallId ?? null,
    arrival: timeOrNull(content.arrival ?? null),
    nauticalMiles: content.nauticalMiles ?? null,
    reason: content.reason ?? null,
    retracts: content.entryId ?? null,
    retracted: retracted.has(row.id),
  }
}
