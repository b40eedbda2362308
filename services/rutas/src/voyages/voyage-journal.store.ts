import { eventOf } from '@porttrack/shared/events/define-events'
import type { NewEvent } from '@porttrack/shared/events/outbox'
import type { Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import { linkToVoyage, presentTraceparent } from '@porttrack/shared/tracing/voyage-trace'
import { v7 as uuidv7 } from 'uuid'
import type { Prisma, Tx, VoyageEntryRow, VoyageRow } from '../database.ts'
import { events } from '../events.ts'
import {
  type CallProgress,
  type Deviation,
  type Entry,
  type EntryKind,
  type Journey,
  journeyOf,
  type JourneyRules,
} from './journey.ts'
import { deviationOf, isoTime, timeOrNull, transportCallOf } from './voyage-view.store.ts'
import { scheduledStart, type VoyageState } from './voyage.ts'

/** An entry before it has a place in a voyage's history. */
export type NewEntry = {
  [K in EntryKind]: Omit<Entry<K>, 'id' | 'number'> & {
    recordedBy?: string
    sourceEventId?: string
    /** Of the event that brought it; otherwise the context at work. */
    traceparent?: string | null
  }
}[EntryKind]

/** A voyage while it is held for a change. */
export type HeldVoyage = {
  row: VoyageRow
  history: readonly Entry[]
  /** What the history comes to. */
  journey: Journey
}

/** When a ship is looked at next, from what the voyage has come to; null for never. */
type NextLook = (journey: Journey) => Date | null

type JournalOptions = {
  rules: JourneyRules
  nextLook: NextLook
  /** Seconds after a change before the voyage's trace is brought up to it. */
  settleSeconds: number
}

/**
 * Histories of voyages, and what they come to. A change adds entries under the lock of the voyage's
 * row and replays the whole: what stands in the tables is always what the history comes to.
 */
export const voyageJournal = ({ rules, nextLook, settleSeconds }: JournalOptions) => {
  /** @throws ProblemError 404 */
  const hold = async ({ tx, sql }: Unit<Tx>, id: string): Promise<HeldVoyage> => {
    await sql('SELECT id::text FROM voyage WHERE id = $1::uuid FOR UPDATE', [id])
    const row = await tx.voyage.findUnique({ where: { id } })
    if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
    linkToVoyage(id)
    const history = await readHistory(tx, id)
    return { row, history, journey: journeyOf(history, rules) }
  }

  /**
   * Adds to a voyage's history what says something new, writes what it comes to, and publishes what has
   * changed by it.
   *
   * @returns how many entries were added; none leaves the voyage at its version
   */
  const record = async (
    unit: Unit<Tx>,
    { row, history, journey: before }: HeldVoyage,
    given: readonly NewEntry[],
  ): Promise<number> => {
    const known = await knownEvents(unit.tx, row.id, given)
    const last = history.at(-1)?.number ?? 0
    const numbered = given
      .filter(({ sourceEventId }) => sourceEventId === undefined || !known.has(sourceEventId))
      .map((entry, n) => ({ ...entry, id: uuidv7(), number: last + 1 + n }))
    const journey = journeyOf([...history, ...numbered], rules)
    // What was seen and belongs to no call says nothing of this voyage.
    const fresh = numbered.filter(({ id, kind }) => !isSighting(kind) || journey.used.has(id))
    if (fresh.length === 0) return 0
    await unit.tx.voyageEntry.createMany({
      data: fresh.map((entry) => entryColumns(row.id, entry)),
    })
    await write(unit, row, { before, journey })
    const isScheduled = fresh.some(({ kind }) => kind === 'SCHEDULED')
    for (const event of changesOf(row, { before, journey, isScheduled })) unit.publish(event)
    return fresh.length
  }

  const write = async (
    { tx }: Unit<Tx>,
    row: VoyageRow,
    { before, journey }: { before: Journey; journey: Journey },
  ): Promise<void> => {
    const { id } = row
    await tx.voyage.update({
      where: { id },
      data: {
        ...journeyColumns(journey),
        watchAt: nextLook(journey),
        traceAt: new Date(Date.now() + settleSeconds * 1_000),
        thinnedAt: null,
        version: row.version + (before.calls.length === 0 ? 0 : 1),
        changedAt: new Date(),
      },
    })
    await tx.transportCall.deleteMany({ where: { voyageId: id } })
    await tx.transportCall.createMany({
      data: journey.calls.map((call, number) => ({ voyageId: id, number, ...callColumns(call) })),
    })
  }

  return { hold, record, rules }
}

export type VoyageJournal = ReturnType<typeof voyageJournal>

const isSighting = (kind: EntryKind): boolean =>
  kind === 'ARRIVAL' || kind === 'DEPARTURE' || kind === 'OMISSION'

/** A voyage's history in the order of recording. */
export const readHistory = async (tx: Tx, voyageId: string): Promise<Entry[]> => {
  const rows = await tx.voyageEntry.findMany({ where: { voyageId }, orderBy: { number: 'asc' } })
  return rows.map(entryOf)
}

// Kind, source and content are as they were written here.
export const entryOf = ({ id, number, kind, time, source, content }: VoyageEntryRow): Entry =>
  ({ id, number, kind, time: time.getTime(), source, content }) as unknown as Entry

const entryColumns = (voyageId: string, entry: NewEntry & { id: string; number: number }) => ({
  id: entry.id,
  voyageId,
  number: entry.number,
  kind: entry.kind,
  time: new Date(entry.time),
  source: entry.source,
  recordedBy: entry.recordedBy ?? null,
  sourceEventId: entry.sourceEventId ?? null,
  traceparent: entry.traceparent === undefined ? presentTraceparent() : entry.traceparent,
  content: entry.content as unknown as Prisma.InputJsonObject,
})

/** Events of others that are in the history already. */
const knownEvents = async (
  tx: Tx,
  voyageId: string,
  given: readonly NewEntry[],
): Promise<Set<string>> => {
  const ids = given.flatMap(({ sourceEventId }) => sourceEventId ?? [])
  if (ids.length === 0) return new Set()
  const found = await tx.voyageEntry.findMany({
    where: { voyageId, sourceEventId: { in: ids } },
    select: { sourceEventId: true },
  })
  return new Set(found.flatMap(({ sourceEventId }) => sourceEventId ?? []))
}

/** The columns of a voyage that follow from its history. */
export const journeyColumns = (journey: Journey) => ({
  state: journey.state,
  scheduledStart: new Date(scheduledStart(journey.calls)),
  startedAt: dateOf(journey.startedAt),
  endedAt: dateOf(journey.endedAt),
  deviations: journey.deviations.map((each) => ({ ...each })),
  deviating: [
    ...new Set(journey.deviations.flatMap(({ kind, until }) => (until === null ? [kind] : []))),
  ],
})

const callColumns = (call: CallProgress) => ({
  reference: call.transportCallReference,
  unLocationCode: call.UNLocationCode,
  facilityCode: call.facilityCode,
  statusCode: call.statusCode,
  plannedArrival: dateOf(call.plannedArrival),
  plannedDeparture: dateOf(call.plannedDeparture),
  state: call.state,
  portCallId: call.portCallId,
  requestedArrival: dateOf(call.requestedArrival),
  estimatedArrival: dateOf(call.estimatedArrival),
  arrivedAt: dateOf(call.arrivedAt),
  arrivalSource: call.arrivalSource,
  departedAt: dateOf(call.departedAt),
  departureSource: call.departureSource,
  expectedAt: new Date(
    call.arrivedAt ??
      call.estimatedArrival ??
      call.plannedArrival ??
      call.departedAt ??
      call.plannedDeparture ??
      0,
  ),
})

const dateOf = (time: number | null): Date | null => (time === null ? null : new Date(time))

/** What tells a voyage apart in events. */
export const identityOf = (row: VoyageRow) => ({
  voyageId: row.id,
  vesselIMONumber: row.imo,
  MMSINumber: row.mmsi,
  vesselName: row.vesselName,
  carrierServiceCode: row.carrierServiceCode,
  carrierVoyageNumber: row.carrierVoyageNumber,
})

type Change = { before: Journey; journey: Journey; isScheduled: boolean }

const changesOf = (row: VoyageRow, { before, journey, isScheduled }: Change): NewEvent[] => {
  const subject = row.id
  const identity = identityOf(row)
  const { state } = journey
  const scheduled = isScheduled
    ? [
        eventOf(events, 'rutas.voyage.scheduled', {
          subject,
          data: { ...identity, state, calls: journey.calls.map(transportCallOf) },
        }),
      ]
    : []
  const former = new Map(before.calls.map((call) => [call.transportCallReference, call]))
  const moved = journey.calls.flatMap((call) => {
    const known = former.get(call.transportCallReference)
    if (!known || sameProgress(known, call)) return []
    const data = { ...identity, ...transportCallOf(call), from: known.state }
    return [eventOf(events, 'rutas.transport-call.changed', { subject, data })]
  })
  const from: VoyageState = before.state
  const advanced =
    from === state
      ? []
      : [
          eventOf(events, 'rutas.voyage.state-changed', {
            subject,
            data: {
              ...identity,
              from,
              to: state,
              startedAt: timeOrNull(journey.startedAt),
              endedAt: timeOrNull(journey.endedAt),
            },
          }),
        ]
  return [...scheduled, ...moved, ...advanced, ...deviationEvents(row, before, journey)]
}

const sameProgress = (a: CallProgress, b: CallProgress): boolean =>
  a.state === b.state && a.arrivedAt === b.arrivedAt && a.departedAt === b.departedAt

const deviationEvents = (row: VoyageRow, before: Journey, journey: Journey): NewEvent[] => {
  const told = (type: 'rutas.voyage.deviated' | 'rutas.voyage.deviation-ended', each: Deviation) =>
    eventOf(events, type, {
      subject: row.id,
      time: isoTime(type === 'rutas.voyage.deviated' ? each.since : (each.until ?? Date.now())),
      data: { ...identityOf(row), ...deviationOf(each) },
    })
  const former = new Map(before.deviations.map((each) => [keyOf(each), each]))
  const present = new Map(journey.deviations.map((each) => [keyOf(each), each]))
  const begun = [...present].flatMap(([key, each]) =>
    former.has(key) ? [] : [told('rutas.voyage.deviated', each)],
  )
  const ended = [...present].flatMap(([key, each]) =>
    each.until !== null && each.kind !== 'SKIPPED_CALL' && (former.get(key)?.until ?? null) === null
      ? [told('rutas.voyage.deviation-ended', each)]
      : [],
  )
  const withdrawn = [...former].flatMap(([key, each]) =>
    present.has(key) ? [] : [told('rutas.voyage.deviation-ended', { ...each, until: null })],
  )
  return [...withdrawn, ...begun, ...ended]
}

const keyOf = ({ kind, transportCallReference, since }: Deviation): string =>
  `${kind} ${transportCallReference} ${since}`
