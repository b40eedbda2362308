import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import { knowledgeOf } from '@porttrack/shared/events/knowledge'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import type { RecordedEvent } from '../container-visit-events/container-visit-event.ts'
import {
  containerVisitOf,
  requireVisit,
  seenBy,
} from '../container-visits/container-visit.store.ts'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import type { CutOffCode } from '../cut-offs/cut-off.ts'
import type { CargaDatabase, Client, PortCallRow } from '../database.ts'
import type { DangerousGoodsState } from '../dangerous-goods/dangerous-goods.ts'
import {
  checkPlan,
  checkVisit,
  holdStowage,
  plannedPosition,
  type SegregationDistances,
} from '../dangerous-goods/segregation.store.ts'
import type { HoldAuthority } from '../holds/hold.ts'
import { requireCall } from '../port-calls/port-call.store.ts'
import type { Declared } from '../vgm/vgm.ts'
import type { Visibility } from '../visibility.ts'
import { type Purpose, type Situation, unmetByMove, unmetConditions } from './check.ts'
import type { CheckResult, ChecksQuery } from './check.schema.ts'

type Reader = { client: Client; sql: Sql }

/**
 * What visits are judged by: one statement for each kind of thing, however many visits there are.
 *
 * @param at when the thing that is judged happens
 */
const situationsOf = async (
  { client, sql }: Reader,
  visits: readonly ContainerVisit[],
  at: Date,
): Promise<Map<string, Situation>> => {
  const ids = visits.map(({ id }) => id)
  const callIds = [...new Set(visits.flatMap(({ loadPortCallId }) => loadPortCallId ?? []))]
  const where = { containerVisitId: { in: ids } }
  // One after the other: within a transaction there is one connection.
  const knowledge = await knowledgeOf(sql, 'barcos')
  const calls = await client.portCall.findMany({
    where: { id: { in: callIds } },
    include: { cutOffs: true },
  })
  const holds = await client.hold.findMany({ where: { ...where, state: 'PLACED' } })
  const overrides = await client.cutOffOverride.findMany({ where })
  const goods = await client.dangerousGoods.findMany({
    where,
    select: { containerVisitId: true, unNumber: true, state: true, declaredAt: true },
    orderBy: { id: 'asc' },
  })
  const fetched = await client.gateAppointment.findMany({
    where: {
      ...where,
      purpose: 'PICK_UP',
      // A truck that has left since was inside then.
      OR: [
        { state: { in: ['BOOKED', 'ARRIVED'] } },
        { state: 'COMPLETED', completedAt: { gte: at } },
      ],
    },
    select: { containerVisitId: true },
  })
  const masses = await sql<Mass>(newestMasses, [ids])
  const happened = await sql<Happened>(happenedOf, [ids])
  const callOf = new Map(calls.map((call) => [call.id, call]))
  return new Map(
    visits.map((visit) => {
      const call = visit.loadPortCallId === null ? undefined : callOf.get(visit.loadPortCallId)
      const own = <Row extends { containerVisitId: string }>(rows: readonly Row[]): Row[] =>
        rows.filter(({ containerVisitId }) => containerVisitId === visit.id)
      const [mass] = own(masses)
      const situation: Situation = {
        visit,
        call: call ?? null,
        knowledge,
        vgm: mass && !mass.isRetracted ? mass : null,
        holds: own(holds).map(({ authority, reason }) => ({
          authority: authority as HoldAuthority,
          reason,
        })),
        cutOffs: Object.fromEntries(
          (call?.cutOffs ?? []).map(({ code, at: until }) => [code, until]),
        ),
        overridden: new Set(own(overrides).map(({ code }) => code as CutOffCode)),
        dangerousGoods: own(goods).map((each) => ({
          ...each,
          state: each.state as DangerousGoodsState,
        })),
        conflicts: [],
        isFetched: own(fetched).length > 0,
        happened: Object.fromEntries(own(happened).map((each) => [each.eventCode, each.time])),
        at,
      }
      return [visit.id, situation]
    }),
  )
}

type Mass = Declared & { containerVisitId: string; declaredAt: Date; isRetracted: boolean }

const newestMasses = `
  SELECT DISTINCT ON (container_visit_id) container_visit_id::text AS "containerVisitId",
    weight, weight_unit AS "weightUnit", method, determined_at AS "determinedAt",
    declared_at AS "declaredAt", responsible_party AS "responsibleParty", signatory,
    is_retracted AS "isRetracted"
  FROM vgm_declaration WHERE container_visit_id = ANY($1::text[]::uuid[])
  ORDER BY container_visit_id, declared_at DESC, id DESC`

type Happened = { containerVisitId: string; eventCode: string; time: Date }

const happenedOf = `
  SELECT newest.container_visit_id::text AS "containerVisitId",
    newest.event_code AS "eventCode", min(newest.event_date_time) AS "time"
  FROM (
    SELECT DISTINCT ON (series_id) series_id, container_visit_id, event_code, event_date_time,
      event_classifier_code
    FROM container_visit_event
    WHERE container_visit_id = ANY($1::text[]::uuid[]) AND event_code IN ('GTIN', 'CUSR', 'RELS')
    ORDER BY series_id, sequence DESC
  ) newest
  WHERE newest.event_classifier_code = 'ACT' AND NOT EXISTS (
    SELECT FROM container_visit_event_retraction r WHERE r.series_id = newest.series_id)
  GROUP BY newest.container_visit_id, newest.event_code`

/** Judges visits as they are now, in their order. */
const judge = async (
  reader: Reader,
  visits: readonly ContainerVisit[],
  { purpose, distances }: { purpose: Purpose; distances: SegregationDistances },
): Promise<CheckResult[]> => {
  const situations = await situationsOf(reader, visits, new Date())
  const stowed = visits.filter(
    ({ id }) => purpose === 'loading' && (situations.get(id)?.dangerousGoods.length ?? 0) > 0,
  )
  const against = await planned(reader.sql, stowed, distances)
  return visits.flatMap((visit) => {
    const told = situations.get(visit.id)
    if (!told) return []
    const situation = { ...told, conflicts: against.get(visit.id) ?? [] }
    return [
      {
        containerVisitId: visit.id,
        equipmentReference: visit.equipmentReference,
        unmet: unmetConditions(purpose, situation),
        knowledge: situation.knowledge,
      },
    ]
  })
}

/** What is against the slots that visits are planned for aboard the ships that they leave by. */
const planned = async (
  sql: Sql,
  visits: readonly ContainerVisit[],
  distances: SegregationDistances,
): Promise<Map<string, Text[]>> => {
  const against = new Map<string, Text[]>(visits.map(({ id }) => [id, []]))
  const calls = new Set(visits.flatMap(({ loadPortCallId }) => loadPortCallId ?? []))
  for (const call of calls) {
    const { conflicts } = await checkPlan(sql, call, distances)
    for (const { between, detail, confirmed } of conflicts) {
      if (confirmed) continue
      for (const { containerVisitId } of between) against.get(containerVisitId)?.push(detail)
    }
  }
  return against
}

/** What stands in the way of a visit's event that is to be recorded, beside the order of its flow. */
export const unmetOnMove = async (
  unit: Unit<Client>,
  visit: ContainerVisit,
  { event, distances }: { event: RecordedEvent; distances: SegregationDistances },
): Promise<Fault[]> => {
  const { eventCode, eventClassifierCode, eventDateTime, position } = event
  const purpose =
    eventCode === 'LOAD'
      ? 'loading'
      : eventCode === 'GTOT' && visit.flow === 'IMPORT'
        ? 'leaving'
        : null
  if (purpose === null || eventClassifierCode !== 'ACT') return []
  const { tx: client, sql } = unit
  const situations = await situationsOf({ client, sql }, [visit], new Date(eventDateTime))
  const situation = situations.get(visit.id)
  if (!situation) return []
  const isStowed = purpose === 'loading' && situation.dangerousGoods.length > 0
  // Two that are loaded beside each other at once would not see each other.
  if (isStowed) await holdStowage(sql, visit.loadPortCallId)
  const { conflicts } = isStowed
    ? await checkVisit(sql, visit, {
        position: position ?? (await plannedPosition(sql, visit)),
        distances,
      })
    : { conflicts: [] }
  const open = conflicts.filter(({ confirmed }) => !confirmed).map(({ detail }) => detail)
  return unmetByMove(purpose, { ...situation, conflicts: open })
}

type CheckStoreOptions = {
  database: CargaDatabase
  cursors: Cursors
  distances: SegregationDistances
}

/** Whether containers may be loaded, or may leave. */
export const checkStore = ({ database, cursors, distances }: CheckStoreOptions) => ({
  /** @throws ProblemError 404, also for a visit that the caller may not know of */
  check: async (purpose: Purpose, id: string, visibility: Visibility): Promise<CheckResult> => {
    const visit = await requireVisit(database.client, id, visibility)
    const [result] = await judge(database, [visit], { purpose, distances })
    if (!result) throw new Error('a visit was not judged')
    return result
  },

  /**
   * One page of the containers that are to be loaded onto a call's ship, or that came by it.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of
   */
  checksOfCall: async (
    purpose: Purpose,
    portCallId: string,
    { query, visibility }: { query: ChecksQuery; visibility: Visibility },
  ): Promise<Page<CheckResult>> => {
    const call: PortCallRow = await requireCall(database.client, portCallId, visibility)
    const name = `port-calls/${call.id}/${purpose}-checks`
    const limit = query.limit ?? 50
    const [after] = cursors.read(name, query) ?? []
    const rows = await database.client.containerVisit.findMany({
      where: {
        ...(purpose === 'loading' ? { loadPortCallId: call.id } : { dischargePortCallId: call.id }),
        ...seenBy(visibility),
        ...(after === undefined ? {} : { id: { gt: String(after) } }),
      },
      orderBy: { id: 'asc' },
      take: limit + 1,
    })
    const found = await judge(database, rows.map(containerVisitOf), { purpose, distances })
    return cursors.page(name, query, {
      found,
      positionOf: ({ containerVisitId }) => [containerVisitId],
    })
  },
})

export type CheckStore = ReturnType<typeof checkStore>
