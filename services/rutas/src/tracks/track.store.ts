import type { Database, Sql } from '@porttrack/shared/database/transaction'
import { bucketSeconds } from '../ais/batch.ts'
import { ingestLock } from '../ais/ingest-order.ts'
import { dateOf, dayOf, firstDetailedDay, firstKeptDay, type TrackPolicy } from './track-day.ts'

/** Held by the replica that thins or drops a day, for as long as its transaction. */
const keeperLock = 7_316_103

/** Days from today on that are made before anything arrives for them. */
const daysAhead = 2

/**
 * Keeps tracks as long as the policy says: makes the days to come, thins those past the detail to one
 * position a minute of each ship, and drops those past their time, with stations that have been silent
 * for as long. Each day is one transaction, so a
 * process that is killed leaves a day as it was, and of several replicas one works at a time.
 */
export const trackKeeper = (database: Database, policy: TrackPolicy) => {
  /** @returns whether it was done; if not, the next round tries again */
  const alone = async (work: (sql: Sql) => Promise<void>): Promise<boolean> => {
    try {
      return await database.transaction(async ({ sql }) => {
        const [lock] = await sql<{ held: boolean }>(
          'SELECT pg_try_advisory_xact_lock($1::bigint) AS held',
          [keeperLock],
        )
        if (!lock?.held) return false
        await work(sql)
        return true
      })
    } catch (error) {
      if (isLockTimeout(error)) return false
      throw error
    }
  }

  const daysIn = async (table: 'position' | 'ais_message'): Promise<string[]> => {
    const rows = await database.sql<{ day: string }>(
      `SELECT to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD')::text AS day
       FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1`,
      [table],
    )
    return rows.map(({ day }) => day)
  }

  return {
    /** One round. `now` in milliseconds since 1970. */
    keep: async (now: number): Promise<void> => {
      await openAhead(database, now)
      const kept = dateOf(firstKeptDay(now, policy))
      for (const table of ['position', 'ais_message'] as const) {
        for (const day of await daysIn(table)) {
          if (day < kept) await alone((sql) => drop(sql, partitionOf(table, day)))
        }
      }
      const detailed = dateOf(firstDetailedDay(now, policy))
      const thinned = await database.sql<{ day: string }>('SELECT day::text FROM thinned_day')
      const done = new Set(thinned.map(({ day }) => day))
      for (const day of await daysIn('position')) {
        if (day < detailed && !done.has(day)) await alone((sql) => thin(sql, day))
      }
      await database.sql('DELETE FROM thinned_day WHERE day < $1::date', [kept])
      await database.sql(
        `DELETE FROM ais_stretch
         WHERE time_bucket < extract(epoch FROM $1::date)::bigint / ${bucketSeconds}`,
        [kept],
      )
      await database.sql('DELETE FROM zone_stay WHERE left_at < $1::date', [kept])
      while ((await forgetSilent(database, kept)) === silentAtOnce) continue
    },
  }
}

/**
 * Makes days ready to be written to. One that had been thinned is to be thinned again. Runs under the
 * lock of ingest.
 */
export const openDays = async (sql: Sql, days: readonly number[]): Promise<void> => {
  const dates = days.map(dateOf)
  await sql('SELECT open_track_day(day)::text FROM unnest($1::date[]) AS day', [dates])
  await sql('DELETE FROM thinned_day WHERE day = ANY($1::date[])', [dates])
}

const openAhead = (database: Database, now: number): Promise<void> =>
  database.transaction(async ({ sql }) => {
    await sql('SELECT pg_advisory_xact_lock($1::bigint)::text', [ingestLock])
    const days = Array.from({ length: daysAhead + 1 }, (_, n) => dateOf(dayOf(now) + n))
    await sql('SELECT open_track_day(day)::text FROM unnest($1::date[]) AS day', [days])
  })

/** Stations that are forgotten in one transaction, at most: ingest waits meanwhile. */
const silentAtOnce = 10_000

/**
 * Forgets stations that have not been heard since a day, with their stays under way: nothing of their
 * tracks is left. Without it, made-up stations would fill the table for good.
 *
 * @returns how many were found
 */
const forgetSilent = async (database: Database, since: string): Promise<number> => {
  // Looked for first: ingest does not wait for that.
  const silent = await database.sql<{ mmsi: number }>(
    'SELECT mmsi FROM target WHERE received_at < $1::date LIMIT $2::int',
    [since, silentAtOnce],
  )
  if (silent.length === 0) return 0
  await database.transaction(async ({ sql }) => {
    await sql('SELECT pg_advisory_xact_lock($1::bigint)::text', [ingestLock])
    const gone = await sql<{ mmsi: number }>(
      'DELETE FROM target WHERE mmsi = ANY($1::int[]) AND received_at < $2::date RETURNING mmsi',
      [silent.map(({ mmsi }) => mmsi), since],
    )
    await sql('DELETE FROM zone_presence WHERE mmsi = ANY($1::int[])', [
      gone.map(({ mmsi }) => mmsi),
    ])
  })
  return silent.length
}

const partitionOf = (table: string, day: string): string => `${table}_${day.replaceAll('-', '')}`

// The whole table is locked for an instant. Who waits for that keeps all others waiting behind it,
// so a long read in the way puts it off to the next round.
const lockPatience = `SET LOCAL lock_timeout = '2s'`

const drop = async (sql: Sql, partition: string): Promise<void> => {
  await sql(lockPatience)
  await sql(`DROP TABLE IF EXISTS ${partition}`)
}

/**
 * Replaces a day by one with the first position of each ship and minute, of those in quarantine too.
 * It is built while others read and write, and takes the place of the old one under the lock of
 * ingest, with what has changed meanwhile: numbers of messages rise in the order of commits.
 */
const thin = async (sql: Sql, day: string): Promise<void> => {
  // Another replica may have done it since this one looked.
  const done = await sql('SELECT 1 FROM thinned_day WHERE day = $1::date', [day])
  if (done.length > 0) return
  const whole = partitionOf('position', day)
  const thinner = `${whole}_thinner`
  // A day of the world's traffic takes minutes.
  await sql(`SET LOCAL statement_timeout = '1h'`)
  const [last] = await sql<{ id: string }>(
    `SELECT coalesce(max(message_id), 0)::text AS id FROM ${whole}`,
  )
  await sql(`CREATE TABLE ${thinner} (LIKE ${whole} INCLUDING ALL)`)
  await sql(
    `INSERT INTO ${thinner}
     SELECT DISTINCT ON (mmsi, date_trunc('minute', time), quarantined) *
     FROM ${whole}
     ORDER BY mmsi, date_trunc('minute', time), quarantined, time, message_id`,
  )
  await sql('SELECT pg_advisory_xact_lock($1::bigint)::text', [ingestLock])
  const [late] = await sql<{ came: boolean }>(
    `SELECT EXISTS (SELECT FROM ${whole} WHERE message_id > $1::bigint) AS came`,
    [last?.id],
  )
  await sql(
    `INSERT INTO ${thinner} SELECT * FROM ${whole} WHERE message_id > $1::bigint
     ON CONFLICT DO NOTHING`,
    [last?.id],
  )
  await sql(
    `UPDATE ${thinner} AS kept SET quarantined = false FROM ${whole} AS each
     WHERE kept.quarantined AND NOT each.quarantined AND kept.mmsi = each.mmsi
       AND kept.time = each.time AND kept.message_id = each.message_id`,
  )
  await drop(sql, whole)
  await sql(`ALTER TABLE ${thinner} RENAME TO ${whole}`)
  await sql(
    `ALTER TABLE position ATTACH PARTITION ${whole}
     FOR VALUES FROM ('${day} 00:00+00') TO (timestamptz '${day} 00:00+00' + interval '24 hours')`,
  )
  // What came meanwhile is there with every position: the next round thins it.
  if (late?.came) return
  await sql('INSERT INTO thinned_day (day) VALUES ($1::date)', [day])
}

/** PostgreSQL's `lock_not_available`. */
const isLockTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '55P03'
