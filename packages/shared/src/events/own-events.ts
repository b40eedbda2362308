import type { Database, Unit } from '../database/transaction.ts'
import type { BackgroundJob } from '../service/define-service.ts'
import { pause } from '../service/pause.ts'

/** An event of the service's own outbox. */
export type OwnEvent = {
  id: string
  type: string
  /** RFC 3339, UTC. */
  time: string
  traceparent: string | null
  data: unknown
}

type OwnEventsOptions<Tx> = {
  /** Names the reader: its position is kept by it, beside those in other services' feeds. */
  name: string
  database: Database<Tx>
  /** The types that matter; the rest pass by unread. */
  types: readonly string[]
  /** What follows from some events: one transaction with the reader's new position. */
  apply: (events: readonly OwnEvent[], unit: Unit<Tx>) => Promise<void>
}

/** Events looked at in one transaction at most. */
const batchSize = 500

/** Milliseconds between two looks while there is nothing. */
const idlePause = 500

/**
 * A job that follows what the service itself has published, in commit order: each event has its effect
 * exactly once, on one replica at a time, and outside of the transaction that published it. It begins
 * with the first event after its first start.
 */
export const followOwnEvents = <Tx>(options: OwnEventsOptions<Tx>): BackgroundJob => ({
  name: options.name,
  run: async (signal) => {
    await begin(options)
    while (!signal.aborted) {
      if (!(await followOnce(options))) await pause(idlePause, signal)
    }
  },
})

const begin = async <Tx>({ name, database }: OwnEventsOptions<Tx>): Promise<void> => {
  await database.sql(
    `INSERT INTO kit.feed_cursor (source, epoch, position)
     SELECT $1, epoch, greatest(trimmed_to, (SELECT coalesce(max(position), 0) FROM kit.outbox))
     FROM kit.feed_epoch
     ON CONFLICT (source) DO NOTHING`,
    [name],
  )
}

/** @returns whether more may follow at once */
const followOnce = <Tx>({ name, database, types, apply }: OwnEventsOptions<Tx>): Promise<boolean> =>
  database.transaction(async (unit) => {
    const [cursor] = await unit.sql<{ position: string }>(
      `SELECT position::text FROM kit.feed_cursor WHERE source = $1 FOR UPDATE SKIP LOCKED`,
      [name],
    )
    if (!cursor) return false
    const rows = await unit.sql<OwnEvent & { position: string }>(
      `SELECT position::text, id::text, type,
              to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time, traceparent,
              CASE WHEN type = ANY($2::text[]) THEN data END AS data
       FROM kit.outbox WHERE kit.outbox.position > $1::bigint
       ORDER BY kit.outbox.position LIMIT $3::int`,
      [cursor.position, types, batchSize],
    )
    const last = rows.at(-1)
    if (!last) return false
    const events = rows.filter(({ type }) => types.includes(type))
    if (events.length > 0) await apply(events, unit)
    await unit.sql(
      `UPDATE kit.feed_cursor SET position = $2::bigint, moved_at = now() WHERE source = $1`,
      [name, last.position],
    )
    return rows.length === batchSize
  })
