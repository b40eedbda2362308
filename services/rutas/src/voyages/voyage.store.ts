import { imoCheckDigitValid } from '@porttrack/ais/imo'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { Database, Sql, Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Language, Text } from '@porttrack/shared/http/language'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { type Fault, ProblemError } from '@porttrack/shared/http/problem'
import type { SortKey } from '@porttrack/shared/http/sorting'
import { linkToVoyage } from '@porttrack/shared/tracing/voyage-trace'
import { v7 as uuidv7 } from 'uuid'
import type { Prisma, PrismaClient, Tx } from '../database.ts'
import type { SeaNetwork } from '../sea-routes/sea-network.ts'
import { readTargets } from '../targets/target.store.ts'
import { type Unestimated, whyNoEta } from './eta-absence.ts'
import { type Entry, journeyOf, type ScheduledCall } from './journey.ts'
import { tieKnownPortCalls } from './port-call.store.ts'
import {
  type HeldVoyage,
  journeyColumns,
  entryOf,
  readHistory,
  type VoyageJournal,
} from './voyage-journal.store.ts'
import {
  callAtPortOf,
  isUnestimated,
  timelineEntryOf,
  voyageOf,
  type VoyageWithCalls,
} from './voyage-view.store.ts'
import type {
  CallAtPort,
  CallAtPortQuery,
  Voyage,
  VoyageInput,
  VoyageListQuery,
  VoyageReport,
  VoyageTimelineEntry,
  VoyageTimelineQuery,
} from './voyage.schema.ts'
import {
  referencesOf,
  scheduleFaults,
  voyageErrors,
  voyageLifecycle,
  type VoyageState,
} from './voyage.ts'

type VoyageStoreOptions = {
  prisma: PrismaClient
  database: Database<Tx>
  journal: VoyageJournal
  cursors: Cursors
  seaNetwork: () => Promise<SeaNetwork>
  /** Minutes by which an estimate may differ from another time and be ON_TIME. */
  toleranceMinutes: number
  /** Milliseconds after which a position says nothing of where a ship is. */
  lostAfter: number
}

/** Who changes which voyage, the version it is meant for, and the language of the answer. */
type Change = { id: string; version: number | '*'; by: string; language: Language }

const inOrder: Prisma.VoyageInclude = { calls: { orderBy: { number: 'asc' } } }
const listOrder: readonly SortKey<'scheduledStart' | 'id'>[] = [
  { field: 'scheduledStart', descending: false },
  { field: 'id', descending: false },
]
const portOrder: readonly SortKey<'expectedAt' | 'voyageId' | 'number'>[] = [
  { field: 'expectedAt', descending: false },
  { field: 'voyageId', descending: false },
  { field: 'number', descending: false },
]

/** Voyages as people and machines schedule, report and read them. */
export const voyageStore = ({
  prisma,
  database,
  journal,
  cursors,
  seaNetwork,
  toleranceMinutes,
  lostAfter,
}: VoyageStoreOptions) => {
  /** Voyages as callers see them; those without an estimate with the reason. */
  const told = async (
    rows: readonly VoyageWithCalls[],
    sql: Sql,
    language: Language,
  ): Promise<Voyage[]> => {
    const ships = rows
      .filter((row) => isUnestimated(row) && !voyageLifecycle.hasEnded(row.state as VoyageState))
      .flatMap(({ mmsi }) => (mmsi === null ? [] : Number(mmsi)))
    const targets = ships.length === 0 ? null : await readTargets(sql, [...new Set(ships)])
    const clock = { now: Date.now(), lostAfter }
    const reader = {
      language,
      toleranceMinutes,
      whyNoEta: (voyage: Unestimated) => {
        const fix = targets?.get(voyage.MMSINumber ?? '')?.fix ?? null
        return whyNoEta(voyage, { fix, seaNetwork, clock })
      },
    }
    return Promise.all(rows.map((row) => voyageOf(row, reader)))
  }

  const read = async (
    { tx, sql }: { tx: Tx; sql: Sql },
    id: string,
    language: Language,
  ): Promise<Voyage> => {
    const row = await tx.voyage.findUnique({ where: { id }, include: inOrder })
    const [voyage] = row ? await told([row], sql, language) : []
    if (!voyage) throw new ProblemError(kitErrors.NOT_FOUND)
    return voyage
  }

  const holdAt = async (
    unit: Unit<Tx>,
    { id, version }: Pick<Change, 'id' | 'version'>,
  ): Promise<HeldVoyage> => {
    const held = await journal.hold(unit, id)
    assertVersion(version, held.row.version)
    return held
  }

  return {
    database,

    /** @throws ProblemError 404 */
    find: async (id: string, language: Language): Promise<Voyage> => {
      linkToVoyage(id)
      return read({ tx: prisma, sql: database.sql }, id, language)
    },

    /** One page of the voyages that a query names, by the beginning of their schedules. */
    list: async (query: VoyageListQuery, language: Language): Promise<Page<Voyage>> => {
      const { orderBy, where } = keysetOf(listOrder, cursors.read('voyages', query))
      const rows = await prisma.voyage.findMany({
        where: { AND: [filterOf(query), where] },
        include: inOrder,
        orderBy,
        take: (query.limit ?? 50) + 1,
      })
      const found = cursors.page('voyages', query, {
        found: rows,
        positionOf: positionIn(listOrder),
      })
      return {
        ...found,
        items: await told(found.items, database.sql, language),
      }
    },

    /** One page of the calls that voyages make at a port, in the order in which ships are expected. */
    listAtPort: async (query: CallAtPortQuery): Promise<Page<CallAtPort>> => {
      const { orderBy, where } = keysetOf(portOrder, cursors.read('transport calls', query))
      const rows = await prisma.transportCall.findMany({
        where: {
          AND: [{ unLocationCode: query.UNLocationCode, expectedAt: within(query) }, where],
        },
        include: { voyage: true },
        orderBy,
        take: (query.limit ?? 50) + 1,
      })
      const found = cursors.page('transport calls', query, {
        found: rows,
        positionOf: positionIn(portOrder),
      })
      return { ...found, items: found.items.map(callAtPortOf) }
    },

    /** @throws ProblemError 422 naming every fault */
    create: async (
      unit: Unit<Tx>,
      { input, by, language }: { input: VoyageInput } & Pick<Change, 'by' | 'language'>,
    ): Promise<Voyage> => {
      refuseFaulty(input)
      const id = uuidv7()
      const nothing = journeyOf([], journal.rules)
      await unit.tx.voyage.create({
        data: { id, ...particularsOf(input), ...journeyColumns(nothing), watchAt: null },
      })
      const held = await journal.hold(unit, id)
      await journal.record(unit, held, [await schedule(unit.tx, input, by)])
      await tieKnownPortCalls(unit, journal, id)
      return read(unit, id, language)
    },

    /**
     * Replaces a voyage's particulars and schedule; what was seen is judged anew by it.
     *
     * @throws ProblemError 404, 412, 409 when it has ended, 422 naming every fault
     */
    replace: async (
      unit: Unit<Tx>,
      { input, by, language, ...change }: Change & { input: VoyageInput },
    ): Promise<Voyage> => {
      refuseFaulty(input)
      const { row, history, journey } = await holdAt(unit, change)
      if (voyageLifecycle.hasEnded(journey.state)) throw new ProblemError(voyageErrors.VOYAGE_ENDED)
      const particulars = particularsOf(input)
      await unit.tx.voyage.update({ where: { id: row.id }, data: particulars })
      const held = { row: { ...row, ...particulars }, history, journey }
      await journal.record(unit, held, [await schedule(unit.tx, input, by)])
      await tieKnownPortCalls(unit, journal, row.id)
      return read(unit, row.id, language)
    },

    /**
     * Removes a voyage of which nothing has been reported or seen.
     *
     * @throws ProblemError 404, 412, and 409 when something has
     */
    remove: async (unit: Unit<Tx>, change: Pick<Change, 'id' | 'version'>): Promise<void> => {
      const { row, journey } = await holdAt(unit, change)
      if (journey.used.size > 0 || journey.state === 'CANCELLED') {
        throw new ProblemError(voyageErrors.VOYAGE_STARTED)
      }
      await unit.tx.voyage.delete({ where: { id: row.id } })
    },

    /** @throws ProblemError 404, 412, and 409 when the voyage has ended */
    cancel: async (
      unit: Unit<Tx>,
      { reason, by, language, ...change }: Change & { reason: string },
    ): Promise<Voyage> => {
      const held = await holdAt(unit, change)
      if (voyageLifecycle.nextState(held.journey.state, 'cancel') === null) {
        throw new ProblemError(voyageErrors.VOYAGE_ENDED)
      }
      await journal.record(unit, held, [
        {
          kind: 'CANCELLED',
          time: Date.now(),
          source: 'REPORT',
          content: { reason },
          recordedBy: by,
        },
      ])
      return read(unit, held.row.id, language)
    },

    /**
     * Records an arrival or departure that the caller reports: it counts more than what was seen.
     *
     * @throws ProblemError 404, 412, 409 when the voyage was called off, and 422 when it has no such call
     *   or the time is to come
     */
    report: async (
      unit: Unit<Tx>,
      { report, by, language, ...change }: Change & { report: VoyageReport },
    ): Promise<Voyage> => {
      const held = await holdAt(unit, change)
      if (held.journey.state === 'CANCELLED') throw new ProblemError(voyageErrors.VOYAGE_ENDED)
      const { event, transportCallReference, time } = report
      const call = held.journey.calls.find(
        (each) => each.transportCallReference === transportCallReference,
      )
      const faults = reportFaults(report, call)
      if (!call || faults.length > 0) {
        throw new ProblemError(voyageErrors.VOYAGE_INVALID, { errors: faults })
      }
      const { UNLocationCode, facilityCode } = call
      await journal.record(unit, held, [
        {
          kind: event,
          time: Date.parse(time),
          source: 'REPORT',
          content: { UNLocationCode, facilityCode, transportCallReference, portCallId: null },
          recordedBy: by,
        },
      ])
      return read(unit, held.row.id, language)
    },

    /**
     * Takes an arrival or departure back, whoever told of it.
     *
     * @throws ProblemError 404, 412, and 409 for an entry that is none or counts no more
     */
    retract: async (
      unit: Unit<Tx>,
      { reportId, reason, by, language, ...change }: Change & { reportId: string; reason: string },
    ): Promise<Voyage> => {
      const held = await holdAt(unit, change)
      const entry = held.history.find(({ id }) => id === reportId)
      if (!entry) throw new ProblemError(kitErrors.NOT_FOUND)
      if (!held.journey.used.has(reportId)) {
        throw new ProblemError(voyageErrors.REPORT_NOT_RETRACTABLE)
      }
      await journal.record(unit, held, [
        {
          kind: 'RETRACTED',
          time: Date.now(),
          source: 'REPORT',
          content: { entryId: reportId, reason },
          recordedBy: by,
        },
      ])
      return read(unit, held.row.id, language)
    },

    /**
     * A page of a voyage's history, in the order in which things happened.
     *
     * @throws ProblemError 404
     */
    timeline: async (
      id: string,
      query: VoyageTimelineQuery,
    ): Promise<Page<VoyageTimelineEntry>> => {
      const list = `timeline of ${id}`
      const after = cursors.read(list, query)
      const keys: readonly SortKey<'time' | 'id'>[] = [
        { field: 'time', descending: false },
        { field: 'id', descending: false },
      ]
      const { orderBy, where } = keysetOf(keys, after)
      await requireVoyage(prisma, id)
      const rows = await prisma.voyageEntry.findMany({
        where: { AND: [{ voyageId: id }, where] },
        orderBy,
        take: (query.limit ?? 50) + 1,
      })
      const page = cursors.page(list, query, { found: rows, positionOf: positionIn(keys) })
      const retracted = await retractedEntries(prisma, id)
      const items = page.items.map((row) => timelineEntryOf(row, entryOf(row), retracted))
      return { ...page, items }
    },

    /**
     * The whole history, for a table.
     *
     * @throws ProblemError 404
     */
    wholeTimeline: async (id: string): Promise<VoyageTimelineEntry[]> => {
      await requireVoyage(prisma, id)
      const rows = await prisma.voyageEntry.findMany({
        where: { voyageId: id },
        orderBy: [{ time: 'asc' }, { id: 'asc' }],
      })
      const retracted = await retractedEntries(prisma, id)
      return rows.map((row) => timelineEntryOf(row, entryOf(row), retracted))
    },

    /** What the history of a voyage comes to, reckoned from the beginning. */
    replay: async (id: string) => journeyOf(await readHistory(prisma, id), journal.rules),
  }
}

export type VoyageStore = ReturnType<typeof voyageStore>

const requireVoyage = async (prisma: PrismaClient, id: string): Promise<void> => {
  linkToVoyage(id)
  const known = await prisma.voyage.findUnique({ where: { id }, select: { id: true } })
  if (!known) throw new ProblemError(kitErrors.NOT_FOUND)
}

const retractedEntries = async (prisma: PrismaClient, voyageId: string): Promise<Set<string>> => {
  const rows = await prisma.voyageEntry.findMany({ where: { voyageId, kind: 'RETRACTED' } })
  return new Set(rows.map((row) => (entryOf(row) as Entry<'RETRACTED'>).content.entryId))
}

const filterOf = (query: VoyageListQuery): Prisma.VoyageWhereInput => ({
  ...(query.state === undefined ? {} : { state: query.state }),
  ...(query.MMSINumber === undefined ? {} : { mmsi: query.MMSINumber }),
  ...(query.vesselIMONumber === undefined ? {} : { imo: query.vesselIMONumber }),
  // The index of those that deviate is used where it is said that some kind lasts.
  ...(query.deviating === undefined
    ? {}
    : { AND: [{ deviating: { has: query.deviating } }, { NOT: { deviating: { equals: [] } } }] }),
  scheduledStart: within(query),
})

const within = ({ from, to }: { from?: string | undefined; to?: string | undefined }) => ({
  ...(from === undefined ? {} : { gte: new Date(from) }),
  ...(to === undefined ? {} : { lt: new Date(to) }),
})

const particularsOf = (input: VoyageInput) => ({
  mmsi: input.MMSINumber ?? null,
  imo: input.vesselIMONumber ?? null,
  vesselName: input.vesselName ?? null,
  carrierServiceCode: input.carrierServiceCode ?? null,
  carrierVoyageNumber: input.carrierVoyageNumber,
  universalVoyageReference: input.universalVoyageReference ?? null,
})

/** The entry that a schedule is, with the ports that zones watch. */
const schedule = async (tx: Tx, input: VoyageInput, recordedBy: string) => {
  const watched = await watchedPorts(tx, input)
  const references = referencesOf(input.calls)
  const calls = input.calls.map((call, n): ScheduledCall => ({
    transportCallReference: references[n] ?? '',
    UNLocationCode: call.UNLocationCode,
    facilityCode: call.facilityCode ?? null,
    statusCode: call.statusCode ?? null,
    plannedArrival: millisecondsOf(call.plannedArrival),
    plannedDeparture: millisecondsOf(call.plannedDeparture),
    watched: watched.has(call.UNLocationCode),
  }))
  const content = { calls }
  return {
    kind: 'SCHEDULED' as const,
    time: Date.now(),
    source: 'REPORT' as const,
    content,
    recordedBy,
  }
}

const watchedPorts = async (tx: Tx, { calls }: VoyageInput): Promise<Set<string | null>> => {
  const unLocationCode = { in: calls.map(({ UNLocationCode }) => UNLocationCode) }
  const zones = await tx.zone.findMany({
    where: { kind: 'port-area', unLocationCode },
    select: { unLocationCode: true },
    distinct: ['unLocationCode'],
  })
  return new Set(zones.map((zone) => zone.unLocationCode))
}

const millisecondsOf = (time: string | null | undefined): number | null =>
  time === null || time === undefined ? null : Date.parse(time)

const refuseFaulty = (input: VoyageInput): void => {
  const faults = scheduleFaults(input.calls)
  if (!input.MMSINumber && !input.vesselIMONumber) {
    faults.push({
      pointer: '#/vesselIMONumber',
      detail: {
        en: 'is needed where MMSINumber is not given',
        es: 'hace falta si no se da MMSINumber',
      },
    })
  }
  const imo = input.vesselIMONumber ? imoFault(input.vesselIMONumber) : null
  if (imo) faults.push({ pointer: '#/vesselIMONumber', detail: imo })
  if (faults.length > 0) throw new ProblemError(voyageErrors.VOYAGE_INVALID, { errors: faults })
}

/** What is wrong with 7 digits as an IMO number (IMO Res. A.1117(30)), or null. */
const imoFault = (digits: string): Text | null => {
  // What a transponder sends for "not available"; its check digit happens to be right.
  if (Number(digits) === 0) {
    return {
      en: 'must be the number of a ship, not zeros',
      es: 'debe ser el número de un buque, no ceros',
    }
  }
  if (imoCheckDigitValid(digits)) return null
  return {
    en: 'is no IMO number: its last digit does not follow from the others',
    es: 'no es un número IMO: su último dígito no se corresponde con los demás',
  }
}

/** Milliseconds that a caller's clock may be ahead. */
const clockSkew = 60_000

const reportFaults = (report: VoyageReport, call: object | undefined): Fault[] => [
  ...(call
    ? []
    : [
        {
          pointer: '#/transportCallReference',
          detail: { en: 'is no call of this voyage', es: 'no es una escala de este viaje' },
        },
      ]),
  ...(Date.parse(report.time) <= Date.now() + clockSkew
    ? []
    : [
        {
          pointer: '#/time',
          detail: { en: 'must not be in the future', es: 'no debe estar en el futuro' },
        },
      ]),
]
