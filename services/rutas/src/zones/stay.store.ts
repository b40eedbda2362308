import type { Database, Sql } from '@porttrack/shared/database/transaction'
import type { Position } from '@porttrack/shared/http/pagination'
import { mmsiText } from '../targets/target.ts'
import type { EndedStay } from './presence.ts'
import type { ZoneStay, ZoneStayQuery } from './stay.schema.ts'

type StayRow = {
  mmsi: number
  name: string | null
  enteredAt: Date
  leftAt: Date | null
  lastSeen: Date | null
  stoppedAt: Date | null
}

/** Who has been in zones: stays that have ended, and those under way. Written by ingest. */
export const stayStore = ({ sql }: Pick<Database, 'sql'>) => ({
  /** Stays that lie in part between two times, in the order of entering. */
  list: async (
    zoneId: string,
    { from, to }: ZoneStayQuery,
    { after, limit }: { after: Position | null; limit: number },
  ): Promise<ZoneStay[]> => {
    const rows = await sql<StayRow>(staysStatement, [
      zoneId,
      from ?? '-infinity',
      to ?? 'infinity',
      after?.[0] ?? '-infinity',
      after?.[1] ?? 0,
      limit,
    ])
    return rows.map((row) => ({
      mmsi: mmsiText(row.mmsi),
      name: row.name,
      enteredAt: row.enteredAt.toISOString(),
      leftAt: row.leftAt?.toISOString() ?? null,
      lastSeen: row.lastSeen?.toISOString() ?? null,
      stoppedAt: row.stoppedAt?.toISOString() ?? null,
    }))
  },
})

export type StayStore = ReturnType<typeof stayStore>

/** Reads a zone's part of the indexes, from the first who entered or from the first who left later. */
export const staysStatement = `
  SELECT stay.mmsi, target.name, stay.entered_at AS "enteredAt", stay.left_at AS "leftAt",
         CASE WHEN stay.left_at IS NULL THEN target.fix_time END AS "lastSeen",
         stay.stopped_at AS "stoppedAt"
  FROM (
    (SELECT mmsi, entered_at, left_at, stopped_at FROM zone_stay
     WHERE zone_id = $1 AND left_at > $2::timestamptz AND entered_at < $3::timestamptz
       AND (entered_at, mmsi) > ($4::timestamptz, $5::int)
     ORDER BY entered_at, mmsi LIMIT $6)
    UNION ALL
    SELECT mmsi, entered_at, NULL, stopped_at FROM zone_presence
    WHERE zone_id = $1 AND entered_at < $3::timestamptz
      AND (entered_at, mmsi) > ($4::timestamptz, $5::int)
  ) AS stay LEFT JOIN target USING (mmsi)
  ORDER BY stay.entered_at, stay.mmsi LIMIT $6`

/** Remembers stays that have ended, in ingest's transaction. */
export const recordStays = async (sql: Sql, stays: readonly EndedStay[]): Promise<void> => {
  if (stays.length === 0) return
  // A clock that was put right may have a ship enter at a time at which it has entered before.
  await sql(
    `INSERT INTO zone_stay (zone_id, mmsi, entered_at, left_at, stopped_at)
     SELECT zone, mmsi, entered, greatest(entered, gone), stopped
     FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
       AS each(zone, mmsi, entered, gone, stopped)
     ON CONFLICT DO NOTHING`,
    [
      stays.map(({ zoneId }) => zoneId),
      stays.map(({ mmsi }) => Number(mmsi)),
      stays.map(({ enteredAt }) => isoTime(enteredAt)),
      stays.map(({ leftAt }) => isoTime(leftAt)),
      stays.map(({ stoppedAt }) => (stoppedAt === null ? null : isoTime(stoppedAt))),
    ],
  )
}

const isoTime = (time: number): string => new Date(time).toISOString()
