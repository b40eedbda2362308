import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import { knowledgeOf } from '@porttrack/shared/events/knowledge'
import type { BarcosDatabase, Client, CrewShiftRow } from '../database.ts'
import { requireCall } from '../port-calls/port-call.store.ts'
import { keepNews } from '../port-calls/port-call-news.store.ts'
import { isParty, sees, type Visibility } from '../port-calls/visibility.ts'
import { crewShiftStates, type CrewShiftState, isComplete } from './crew.ts'
import type { CrewsOfCall } from './crew.schema.ts'

/** Crews that serve port calls: rows in, `CrewsOfCall` out. */
export const crewStore = ({ database }: { database: BarcosDatabase }) => ({
  /**
   * The crews of a call, by when they begin. Who serves the call sees its own crews alone.
   *
   * @throws ProblemError 404, also for a call that the caller may not know of
   */
  list: async (portCallId: string, visibility: Visibility): Promise<CrewsOfCall> => {
    const call = await requireCall(database.client, portCallId, visibility)
    // What is read later is no older than it is said to be.
    const knowledge = await knowledgeOf(database.sql, 'personal')
    const rows = await readCrews(database.sql, call.id)
    const seen = rows.filter(
      ({ providerOrganization }) =>
        isParty(visibility, call) || sees(visibility, providerOrganization),
    )
    return { portCallId: call.id, items: seen.map(crewOf), knowledge }
  },
})

export type CrewStore = ReturnType<typeof crewStore>

type CrewRow = CrewShiftRow & { filled: number; isOrder: boolean }

const readCrews = (sql: Sql, portCallId: string): Promise<CrewRow[]> =>
  sql<CrewRow>(
    `SELECT s.id::text, s.port_call_id::text AS "portCallId",
       s.service_order_id::text AS "serviceOrderId", s.kind_of_work AS "kindOfWork",
       s.provider_organization AS "providerOrganization", s.starts_at AS "startsAt",
       s.ends_at AS "endsAt", s.state, s.positions, s.told_at AS "toldAt",
       (SELECT count(*)::int FROM crew_assignment a
        WHERE a.shift_id = s.id AND a.withdrawn_at IS NULL) AS filled,
       EXISTS (SELECT 1 FROM service_order o WHERE o.id = s.service_order_id) AS "isOrder"
     FROM crew_shift s WHERE s.port_call_id = $1::uuid ORDER BY s.starts_at, s.id`,
    [portCallId],
  )

const crewOf = (row: CrewRow): CrewsOfCall['items'][number] => {
  const state = row.state as CrewShiftState
  const positions = { required: row.positions, filled: row.filled }
  return {
    shiftId: row.id,
    serviceOrderId: row.isOrder ? row.serviceOrderId : null,
    kindOfWork: row.kindOfWork,
    providerOrganization: row.providerOrganization,
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    state,
    positions,
    isComplete: isComplete({ state, ...positions }),
    toldAt: row.toldAt.toISOString(),
  }
}

/** A shift as an event tells of it; null where that event does not say. */
export type ToldShift = Omit<CrewShiftRow, 'state'> & { state: CrewShiftState }

/** Keeps what is told of a shift, in whichever order it is told: states only advance. */
export const keepShift = async ({ sql }: Unit<Client>, told: ToldShift): Promise<void> => {
  await sql(
    `INSERT INTO crew_shift AS present (id, port_call_id, service_order_id, kind_of_work,
       provider_organization, starts_at, ends_at, state, positions, told_at)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::timestamptz, $7::timestamptz, $8, $9::int,
       $10::timestamptz)
     ON CONFLICT (id) DO UPDATE SET
       provider_organization =
         coalesce(excluded.provider_organization, present.provider_organization),
       positions = coalesce(excluded.positions, present.positions),
       state = CASE
         WHEN array_position($11::text[], excluded.state) > array_position($11::text[], present.state)
         THEN excluded.state ELSE present.state END,
       told_at = greatest(excluded.told_at, present.told_at)`,
    [
      told.id,
      told.portCallId,
      told.serviceOrderId,
      told.kindOfWork,
      told.providerOrganization,
      told.startsAt,
      told.endsAt,
      told.state,
      told.positions,
      told.toldAt,
      crewShiftStates,
    ],
  )
}

/** Keeps that every position of a shift has someone. */
export const confirmCrew = async (
  unit: Unit<Client>,
  told: ToldShift,
  eventId: string,
): Promise<void> => {
  await keepShift(unit, told)
  await tell(unit, told.id, { id: eventId, action: 'confirm', happenedAt: told.toldAt })
}

/** Keeps that somebody works in a shift, unless that was withdrawn already. */
export const confirmAssignment = async (
  unit: Unit<Client>,
  told: ToldShift,
  assignmentId: string,
): Promise<void> => {
  await keepShift(unit, told)
  await unit.tx.crewAssignment.createMany({
    data: [{ id: assignmentId, shiftId: told.id }],
    skipDuplicates: true,
  })
}

/**
 * Keeps that somebody who was confirmed does not work in a shift. The first who leaves a complete crew
 * is news of the crew: it is complete no more.
 */
export const withdrawAssignment = async (
  unit: Unit<Client>,
  told: ToldShift,
  { assignmentId, eventId }: { assignmentId: string; eventId: string },
): Promise<void> => {
  const { tx, sql } = unit
  await keepShift(unit, told)
  const withdrawn = await sql(
    `INSERT INTO crew_assignment AS present (id, shift_id, withdrawn_at)
     VALUES ($1::uuid, $2::uuid, $3::timestamptz)
     ON CONFLICT (id) DO UPDATE SET withdrawn_at = excluded.withdrawn_at
       WHERE present.withdrawn_at IS NULL
     RETURNING id::text`,
    [assignmentId, told.id, told.toldAt],
  )
  if (withdrawn.length === 0) return
  const last = await tx.portCallNews.findFirst({
    where: { aboutId: told.id, kind: 'CREW' },
    orderBy: [{ happenedAt: 'desc' }, { id: 'desc' }],
  })
  if (last?.action !== 'confirm') return
  await tell(unit, told.id, { id: eventId, action: 'withdraw', happenedAt: told.toldAt })
}

const tell = async (
  unit: Unit<Client>,
  shiftId: string,
  news: { id: string; action: 'confirm' | 'withdraw'; happenedAt: Date },
): Promise<void> => {
  // What an event does not say of the shift may be known from those before it.
  const shift = await unit.tx.crewShift.findUniqueOrThrow({ where: { id: shiftId } })
  const { portCallId, kindOfWork, providerOrganization } = shift
  await keepNews(unit, {
    ...news,
    portCallId,
    kind: 'CREW',
    about: providerOrganization === null ? kindOfWork : `${kindOfWork} ${providerOrganization}`,
    aboutId: shiftId,
    providerOrganization,
    toldBy: 'personal',
  })
}
