import type { Sql } from '@porttrack/shared/database/transaction'
import type { TimeWindow } from '@porttrack/shared/time/local-time'
import type { Bollard } from '../berths/quay-range.ts'
import type { PortCallState } from '../port-calls/port-call.ts'
import { sees, type Visibility } from '../port-calls/visibility.ts'
import type { BerthLimits } from './berth-fit.ts'
import type { Occupancy } from './free-quay.ts'
import type { Obstacle, sidesAlongside } from './reservation.ts'

/** What takes up metres, with whose ship it is. */
export type OccupancyRow = Occupancy & {
  id: string
  kind: 'RESERVATION' | 'BLOCK'
  berthId: string
  berthCode: string
  UNLocationCode: string
  reason: string | null
  portCallId: string | null
  portCallState: PortCallState | null
  agentOrganization: string | null
  vesselName: string | null
  vesselIMONumber: string | null
  sideAlongside: (typeof sidesAlongside)[number] | null
  alongsideFrom: Date | null
  alongsideTo: Date | null
  version: number
  updatedAt: Date
}

/** A berth as ships are planned to it. */
export type PlannedBerth = BerthLimits & {
  id: string
  code: string
  name: string
  stateReason: string | null
  bollards: readonly Bollard[]
}

/** The columns of a `PlannedBerth`. */
const berthColumns = `
  id, code, name, un_location_code AS "UNLocationCode", state, state_reason AS "stateReason",
  quay_length AS "quayLength", depth, bollards, maximum_length_overall AS "maximumLengthOverall",
  maximum_beam AS "maximumBeam", maximum_draft AS "maximumDraft",
  maximum_deadweight AS "maximumDeadweight", overhead_clearance AS "overheadClearance",
  coalesce(vessel_types, '{}') AS "vesselTypes",
  dangerous_goods_classes AS "dangerousGoodsClasses", reefer_plugs AS "reeferPlugs"`

/** The berths of a port, by code. */
export const berthsAt = (sql: Sql, UNLocationCode: string): Promise<PlannedBerth[]> =>
  sql<PlannedBerth>(`SELECT ${berthColumns} FROM berth WHERE un_location_code = $1 ORDER BY code`, [
    UNLocationCode,
  ])

/**
 * Holds berths until commit, in one order for everyone, and gives them as they are then: who changes
 * what takes up a berth's metres sees what others have changed first.
 */
export const holdBerths = (sql: Sql, ids: readonly string[]): Promise<PlannedBerth[]> =>
  sql<PlannedBerth>(
    `SELECT ${berthColumns} FROM berth WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
    [ids],
  )

const columns = `
  o.id, o.kind, o.berth_id AS "berthId", b.code AS "berthCode", b.un_location_code AS "UNLocationCode",
  o.from_metre AS "fromMetre", o.to_metre AS "toMetre",
  o.starts_at AS "startsAt", o.ends_at AS "endsAt", o.reason,
  o.port_call_id AS "portCallId", c.state AS "portCallState",
  c.agent_organization AS "agentOrganization",
  v.name AS "vesselName", v.imo_number AS "vesselIMONumber",
  o.side_alongside AS "sideAlongside", o.alongside_from AS "alongsideFrom",
  o.alongside_to AS "alongsideTo", o.version, o.updated_at AS "updatedAt",
  CASE WHEN o.kind = 'RESERVATION'
       THEN coalesce(v.length_overall, o.to_metre - o.from_metre) END AS "lengthOverall"`

/**
 * What takes up metres of some berths in a window, by its beginning. One index scan a berth,
 * over what overlaps the window and nothing before it.
 */
export const occupanciesOf = (
  sql: Sql,
  { berthIds, window }: { berthIds: readonly string[]; window: TimeWindow },
): Promise<OccupancyRow[]> =>
  sql<OccupancyRow>(
    `SELECT ${columns}
     FROM unnest($1::uuid[]) AS wanted (id)
     JOIN berth b ON b.id = wanted.id
     JOIN berth_occupancy o ON o.berth_id = wanted.id
     LEFT JOIN port_call c ON c.id = o.port_call_id
     LEFT JOIN vessel v ON v.id = c.vessel_id
     WHERE o.released_at IS NULL
       AND tstzrange(o.starts_at, o.ends_at) && tstzrange($2::timestamptz, $3::timestamptz)
     ORDER BY o.starts_at, o.id`,
    [berthIds, window.from, window.to],
  )

/** The reservations of a call in a window, wherever they are. */
export const reservationsOfCall = (
  sql: Sql,
  { portCallId, window }: { portCallId: string; window: TimeWindow },
): Promise<OccupancyRow[]> =>
  sql<OccupancyRow>(
    `SELECT ${columns}
     FROM berth_occupancy o
     JOIN berth b ON b.id = o.berth_id
     JOIN port_call c ON c.id = o.port_call_id
     JOIN vessel v ON v.id = c.vessel_id
     WHERE o.port_call_id = $1::uuid AND o.kind = 'RESERVATION' AND o.released_at IS NULL
       AND tstzrange(o.starts_at, o.ends_at) && tstzrange($2::timestamptz, $3::timestamptz)
     ORDER BY o.starts_at, o.id`,
    [portCallId, window.from, window.to],
  )

/** An occupancy as a caller may know it: without ship and call when these are another organisation's. */
export const obstacleOf = (row: OccupancyRow, visibility: Visibility): Obstacle => {
  const known = row.agentOrganization !== null && sees(visibility, row.agentOrganization)
  return {
    id: row.id,
    kind: row.kind,
    berthId: row.berthId,
    berthCode: row.berthCode,
    fromMetre: row.fromMetre,
    toMetre: row.toMetre,
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    reason: row.reason,
    portCallId: known ? row.portCallId : null,
    vesselName: known ? row.vesselName : null,
  }
}
