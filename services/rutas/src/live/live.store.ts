import type { Database, Sql } from '@porttrack/shared/database/transaction'
import { ingestLock, newestMessage } from '../ais/ingest-order.ts'
import { type LiveChange, type LiveCursor, liveChange } from './live-change.ts'
import type { LivePosition, LiveZoneEvent } from './live.schema.ts'

/** How long a reader may be behind what it has missed first, and resume there; a PostgreSQL interval. */
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
    /** JSON of `LivePosition[]`, in UTF-8. */
    positions: Buffer
    /** JSON of `LiveZoneEvent[]`. */
    zoneEvents: string
  },
): Promise<void> => {
  if (positions.length === '[]'.length && zoneEvents === '[]') return
  await sql(
    `INSERT INTO live_change (last_message, written, positions, zone_events)
     VALUES ($1::bigint, ${nowMilliseconds}, $2, $3)`,
    [last, positions, zoneEvents],
  )
}

type LiveRow = { last: string; written: string; positions: string; zoneEvents: string }

export const liveStore = (database: Database) => {
  const { sql } = database

  return {
    /**
     * Where the stream stands: always at a change that is kept. Where there is none, as after a crash
     * of the database, one without content is written, so that a reader can come back to it.
     */
    newest: async (): Promise<LiveCursor> =>
      (await newestIn(sql)) ??
      database.transaction(async ({ sql: inside }) => {
        // Ingest writes its change after it has taken the number.
        await inside('SELECT pg_advisory_xact_lock($1::bigint)::text', [ingestLock])
        const written = await newestIn(inside)
        if (written !== null) return written
        const [row] = await inside<Pick<LiveRow, 'last' | 'written'>>(
          `INSERT INTO live_change (last_message, written, positions, zone_events)
           VALUES (${newestMessage}, ${nowMilliseconds}, '[]', '[]')
           RETURNING last_message::text AS last, written::text`,
        )
        if (!row) throw new Error('PostgreSQL has not given back the row that it was to write')
        return cursorOf(row)
      }),

    /**
     * The changes that follow a cursor, in order; null when they are not all kept.
     *
     * In one statement, so that nothing is dropped between the look at the cursor's own change and the
     * look at those behind it.
     */
    after: async (cursor: LiveCursor, limit: number): Promise<LiveChange[] | null> => {
      const rows = await sql<LiveRow>(
        `SELECT last_message::text AS last, written::text,
                ${fresh('positions')} AS positions, ${fresh('zone_events')} AS "zoneEvents"
         FROM live_change WHERE last_message >= $1::bigint ORDER BY last_message LIMIT $2::int`,
        [String(cursor.last), limit + 1],
      )
      const [own, ...changes] = rows
      if (!own || !isSame(cursorOf(own), cursor)) return null
      // What ingest has written is what its types say.
      return changes.map((row) =>
        liveChange(cursorOf(row), {
          positions: JSON.parse(row.positions) as LivePosition[],
          zoneEvents: JSON.parse(row.zoneEvents) as LiveZoneEvent[],
        }),
      )
    },

    /**
     * Drops what is kept no longer: a change from the moment that the one behind it is five minutes
     * old, for only then does who stands at it miss something. So the newest is kept at any age.
     */
    trim: async (): Promise<void> => {
      await sql(
        `DELETE FROM live_change WHERE last_message < (
           SELECT last_message FROM live_change
           WHERE written < ${nowMilliseconds} - extract(epoch FROM $1::interval) * 1000
           ORDER BY last_message DESC LIMIT 1)`,
        [kept],
      )
    },
  }
}

/** What the reader has had is not read again. */
const fresh = (column: string): string =>
  `CASE WHEN last_message > $1::bigint THEN ${column} ELSE '[]' END`

const newestIn = async (sql: Sql): Promise<LiveCursor | null> => {
  const [row] = await sql<Pick<LiveRow, 'last' | 'written'>>(
    `SELECT last_message::text AS last, written::text FROM live_change
     ORDER BY last_message DESC LIMIT 1`,
  )
  return row ? cursorOf(row) : null
}

const cursorOf = ({ last, written }: Pick<LiveRow, 'last' | 'written'>): LiveCursor => ({
  last: BigInt(last),
  written: Number(written),
})

const isSame = (a: LiveCursor, b: LiveCursor): boolean =>
  a.last === b.last && a.written === b.written

export type LiveStore = ReturnType<typeof liveStore>
