import type { Database, Sql } from '@porttrack/shared/database/transaction'
import { type LiveChange, type LiveCursor, liveChange } from './live-change.ts'
import type { LivePosition, LiveZoneEvent } from './live.schema.ts'

/** How long a reader may be away and resume where it stood, as a PostgreSQL interval. */
const kept = '5 minutes'

const nowMilliseconds = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

/**
 * Tells live streams what a batch changed. Under the lock of ingest and in its transaction, so that
 * numbers rise in the order of commits, and a reader that goes by them misses nothing.
 */
export const appendLiveChange = async (
  sql: Sql,
  {
    last,
    positions,
    zoneEvents,
  }: {
    /** Number of the newest message. */
    last: number
    /** JSON of `LivePosition[]`. */
    positions: string
    /** JSON of `LiveZoneEvent[]`. */
    zoneEvents: string
  },
): Promise<void> => {
  if (positions === '[]' && zoneEvents === '[]') return
  await sql(
    `INSERT INTO live_change (last_message, written, positions, zone_events)
     VALUES ($1::bigint, ${nowMilliseconds}, $2, $3)`,
    [last, positions, zoneEvents],
  )
}

export const liveStore = ({ sql }: Database) => ({
  /** Where the stream stands; null when nothing is kept. */
  newest: async (): Promise<LiveCursor | null> => {
    const [row] = await sql<{ last: string; written: string }>(
      `SELECT last_message::text AS last, written::text FROM live_change
       ORDER BY last_message DESC LIMIT 1`,
    )
    return row ? { last: BigInt(row.last), written: Number(row.written) } : null
  },

  /** Whether everything behind a cursor is kept. */
  knows: async ({ last, written }: LiveCursor): Promise<boolean> => {
    const rows = await sql(
      'SELECT 1 AS known FROM live_change WHERE last_message = $1::bigint AND written = $2::bigint',
      [String(last), String(written)],
    )
    return rows.length > 0
  },

  /** The changes that follow, in order. */
  after: async ({ last }: LiveCursor, limit: number): Promise<LiveChange[]> => {
    const rows = await sql<{
      last: string
      written: string
      positions: string
      zoneEvents: string
    }>(
      `SELECT last_message::text AS last, written::text, positions, zone_events AS "zoneEvents"
       FROM live_change WHERE last_message > $1::bigint ORDER BY last_message LIMIT $2::int`,
      [String(last), limit],
    )
    // What ingest has written is what its types say.
    return rows.map((row) =>
      liveChange(
        { last: BigInt(row.last), written: Number(row.written) },
        {
          positions: JSON.parse(row.positions) as LivePosition[],
          zoneEvents: JSON.parse(row.zoneEvents) as LiveZoneEvent[],
        },
      ),
    )
  },

  /** Drops what is kept no longer. */
  trim: async (): Promise<void> => {
    await sql(
      `DELETE FROM live_change
       WHERE written < ${nowMilliseconds} - extract(epoch FROM $1::interval) * 1000`,
      [kept],
    )
  },
})

export type LiveStore = ReturnType<typeof liveStore>
