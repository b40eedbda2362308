import type { Database } from '@porttrack/shared/database/transaction'
import type { Tx } from '../database.ts'
import { spentEstimates } from './journey.ts'
import type { VoyageJournal } from './voyage-journal.store.ts'

/** Held by the replica that thins a voyage, for as long as its transaction. */
const thinningLock = 7_316_104

/** Voyages looked up at once. */
const batchSize = 100

type ThinningOptions = {
  database: Database<Tx>
  journal: VoyageJournal
  config: { VOYAGE_ESTIMATE_DAYS: number }
}

/**
 * Drops estimates of voyages that ended long ago, as far as their histories come to the same without.
 * Each voyage is one transaction, so one that is killed leaves a voyage as it was; of several replicas
 * one works at a time.
 */
export const voyageThinning = ({ database, journal, config }: ThinningOptions) => {
  const due = `thinned_at IS NULL AND ended_at < now() - $1 * interval '1 day'`

  /** @returns whether another replica is at it */
  const thin = (id: string): Promise<boolean> =>
    database.transaction(async (unit) => {
      const { sql } = unit
      const [lock] = await sql<{ held: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1::bigint) AS held',
        [thinningLock],
      )
      if (!lock?.held) return true
      const [row] = await sql(
        `SELECT id::text FROM voyage WHERE ${due} AND id = $2::uuid FOR UPDATE`,
        [config.VOYAGE_ESTIMATE_DAYS, id],
      )
      // Thinned by another since it was looked up, or gone, or corrected so that it goes on.
      if (!row) return false
      const { history } = await journal.hold(unit, id)
      await sql('DELETE FROM voyage_entry WHERE voyage_id = $1::uuid AND number = ANY($2::int[])', [
        id,
        spentEstimates(history, journal.rules),
      ])
      await sql('UPDATE voyage SET thinned_at = now() WHERE id = $1::uuid', [id])
      return false
    })

  return {
    /** Thins all that are due, those that ended first before others. */
    pass: async (): Promise<void> => {
      for (let full = true; full;) {
        const found = await database.sql<{ id: string }>(
          `SELECT id::text FROM voyage WHERE ${due} ORDER BY ended_at LIMIT $2::int`,
          [config.VOYAGE_ESTIMATE_DAYS, batchSize],
        )
        for (const { id } of found) if (await thin(id)) return
        full = found.length === batchSize
      }
    },
  }
}
