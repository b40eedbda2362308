import type { Sql } from '@porttrack/shared/database/transaction'
import type { TimeWindow } from '@porttrack/shared/time/local-time'
import type { Bollard } from '../berths/quay-range.ts'
import type { PortCallState } from '../port-calls/port-call.ts'
import { knows, type Visibility } from '../port-calls/visibility.ts'
import type { BerthLimits, Ship } from './berth-fit.ts'
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
  /** The organisations that may know of the call. */
  knownTo: readonly string[]
  vesselName: string | null
  vesselIMONumber: string | null
  sideAlongside: (typeof sidesAlongside)[number] | null
  alongsideFrom: Date | null
  alongsideTo: Date | null
  /** Whether the ship lies there longer than was planned. */
  overdue: boolean
  version: number
  updatedAt: Date
  /** A reservation's: what of its ship and cargo must fit the berth. */
  ship: Ship | null
  dangerousGoodsClasses: readonly string[]
  reefers: number
  predictedTide: number | null
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

/** Whether the ship lies there longer than was planned. */
const overdue = `(o.alongside_from IS NOT NULL AND o.alongside_to IS NULL AND o.ends_at <= now())`

/**
 * Until when an occupancy `o` of a call `c` takes its metres: to the end of its window, and of a ship
 * that lies there longer until it leaves, which is by what it declares and not within the hour.
 */
const takenUntil = `
  CASE WHEN ${overdue} THEN greatest(now() + interval '1 hour', c.etd) ELSE o.ends_at END`

const columns = `
  o.id, o.kind, o.berth_id AS "berthId", b.code AS "berthCode", b.un_location_code AS "UNLocationCode",
  o.from_metre AS "fromMetre", o.to_metre AS "toMetre",
  o.starts_at AS "startsAt", ${takenUntil} AS "endsAt", ${overdue} AS overdue, o.reason,
  o.port_call_id AS "portCallId", c.state AS "portCallState",
  coalesce(c.known_to, '{}') AS "knownTo",
  v.name AS "vesselName", v.imo_number AS "vesselIMONumber",
  o.side_alongside AS "sideAlongside", o.alongside_from AS "alongsideFrom",
  o.alongside_to AS "alongsideTo", o.version, o.updated_at AS "updatedAt",
  CASE WHEN o.kind = 'RESERVATION'
       THEN coalesce(v.length_overall, o.to_metre - o.from_metre) END AS "lengthOverall",
  CASE WHEN c.id IS NOT NULL THEN json_build_object(
    'lengthOverall', v.length_overall, 'beam', v.beam, 'airDraft', v.air_draft,
    'draft', coalesce(
      greatest(c.declared_arrival_draft, c.declared_departure_draft), v.maximum_draft),
    'deadweight', v.deadweight, 'type', v.type, 'UNLocationCode', c.un_location_code) END AS ship,
  o.dangerous_goods_classes AS "dangerousGoodsClasses", o.reefers, o.predicted_tide AS "predictedTide"`

/**
 * What takes up metres of some berths in a window, by its beginning. Two index scans a berth, over what
 * overlaps the window and nothing before it, and over the few ships that lie there; with OFFSET 0 the
 * calls and ships of these are looked up one by one, of which there are few.
 */
export const occupanciesOf = (
  sql: Sql,
  { berthIds, window }: { berthIds: readonly string[]; window: TimeWindow },
): Promise<OccupancyRow[]> =>
  sql<OccupancyRow>(
    `SELECT ${columns}
     FROM unnest($1::uuid[]) AS wanted (id)
     JOIN berth b ON b.id = wanted.id
     CROSS JOIN LATERAL (
       SELECT * FROM berth_occupancy
       WHERE berth_id = wanted.id AND released_at IS NULL
         AND tstzrange(starts_at, ends_at) && tstzrange($2::timestamptz, $3::timestamptz)
       UNION ALL
       SELECT * FROM berth_occupancy
       WHERE berth_id = wanted.id AND released_at IS NULL AND kind = 'RESERVATION'
         AND alongside_from IS NOT NULL AND alongside_to IS NULL
         AND ends_at <= now() AND ends_at <= $2::timestamptz
     ) AS o
     LEFT JOIN LATERAL (SELECT * FROM port_call WHERE id = o.port_call_id OFFSET 0) AS c ON true
     LEFT JOIN LATERAL (SELECT * FROM vessel WHERE id = c.vessel_id OFFSET 0) AS v ON true
     WHERE ${takenUntil} > $2::timestamptz
     ORDER BY o.starts_at, o.id`,
    [berthIds, window.from, window.to],
  )

type Metres = { berthId: string; fromMetre: number; toMetre: number }

/** A stay that is to begin: where, and from its time on to where the reserved window begins. */
type Stay = {
  place: Metres
  window: TimeWindow
  /** When it ended, of one that is over. */
  leftAt: Date | null
  portCallId: string
}

/**
 * What keeps a ship from lying at reserved metres from a time on: any other ship that lies there now,
 * however long it was to stay, unless it came after the stay was over; and what else takes them before
 * the reservation's own window begins.
 */
export const occupanciesBefore = (
  sql: Sql,
  { place, window, leftAt, portCallId }: Stay,
): Promise<OccupancyRow[]> =>
  sql<OccupancyRow>(
    `SELECT ${columns}
     FROM berth_occupancy o
     JOIN berth b ON b.id = o.berth_id
     LEFT JOIN port_call c ON c.id = o.port_call_id
     LEFT JOIN vessel v ON v.id = c.vessel_id
     WHERE o.berth_id = $1::uuid AND o.released_at IS NULL
       AND o.port_call_id IS DISTINCT FROM $2::uuid
       AND numrange(o.from_metre::numeric, o.to_metre::numeric)
         && numrange($3::numeric, $4::numeric)
       AND (
         (o.kind = 'RESERVATION' AND o.alongside_from IS NOT NULL AND o.alongside_to IS NULL
           AND ($7::timestamptz IS NULL OR o.alongside_from < $7::timestamptz))
         OR ($5::timestamptz < $6::timestamptz AND o.alongside_to IS NULL
           AND tstzrange(o.starts_at, o.ends_at)
             && tstzrange($5::timestamptz, greatest($5::timestamptz, $6::timestamptz)))
       )
     ORDER BY o.starts_at, o.id`,
    [place.berthId, portCallId, place.fromMetre, place.toMetre, window.from, window.to, leftAt],
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

/**
 * An occupancy as a caller may know it: without ship and call when these are
 * others' affair.
 */
export const obstacleOf = (row: OccupancyRow, visibility: Visibility): Obstacle => {
  const known = knows(visibility, row.knownTo)
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
    lies: row.alongsideFrom !== null && row.alongsideTo === null,
  }
}
