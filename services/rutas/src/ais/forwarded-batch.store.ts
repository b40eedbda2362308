import type { Database, Sql } from '@porttrack/shared/database/transaction'
import type { Batch, BatchOutcome } from './batch.ts'
import { batchText, readBatch } from './batch-text.ts'

/** Batches read at once, at most. */
const pageSize = 20

/** What became of a batch that was handed over. */
export type Forwarded = BatchOutcome | 'failed'

/** Batches on their way from the replica that received them to the one that writes. */
export const forwardedBatchStore = ({ sql }: Pick<Database, 'sql'>) => ({
  /** @returns its number; numbers rise in the order in which one replica hands over */
  handOver: async (batch: Batch): Promise<string> => {
    const [row] = await sql<{ id: string }>(
      'INSERT INTO ais_forwarded_batch (batch) VALUES ($1) RETURNING id::text',
      [batchText(batch)],
    )
    return row?.id ?? ''
  },

  /** Of each batch that is there what became of it; null while it waits. */
  outcomesOf: async (ids: readonly string[]): Promise<Map<string, Forwarded | null>> => {
    const rows = await sql<{ id: string; outcome: Forwarded | null }>(
      'SELECT id::text, outcome FROM ais_forwarded_batch WHERE id = ANY($1::bigint[])',
      [ids],
    )
    return new Map(rows.map(({ id, outcome }) => [id, outcome]))
  },

  /** Takes back those that nobody has written. @returns which */
  withdraw: async (ids: readonly string[]): Promise<Set<string>> => {
    const rows = await sql<{ id: string }>(
      `DELETE FROM ais_forwarded_batch WHERE id = ANY($1::bigint[]) AND outcome IS NULL
       RETURNING id::text`,
      [ids],
    )
    return new Set(rows.map(({ id }) => id))
  },

  /** Forgets those of which the outcome has been told. */
  forget: async (ids: readonly string[]): Promise<void> => {
    await sql('DELETE FROM ais_forwarded_batch WHERE id = ANY($1::bigint[])', [ids])
  },

  /** The next ones that wait, in their order. */
  waiting: async (except: readonly string[]): Promise<{ id: string; batch: Batch }[]> => {
    const rows = await sql<{ id: string; batch: string }>(
      `SELECT id::text, batch FROM ais_forwarded_batch
       WHERE outcome IS NULL AND id <> ALL($1::bigint[])
       ORDER BY ais_forwarded_batch.id LIMIT ${pageSize}`,
      [except],
    )
    return rows.map(({ id, batch }) => ({ id, batch: readBatch(batch) }))
  },

  /** Tells whoever handed a batch over that it cannot be written. */
  recordFailure: (id: string): Promise<void> => recordOutcomes(sql, [{ id, outcome: 'failed' }]),

  /** Forgets those whose replica has not come for the outcome. */
  dropOld: async (): Promise<void> => {
    await sql(
      `DELETE FROM ais_forwarded_batch
       WHERE outcome IS NOT NULL AND handed_over_at < now() - interval '10 minutes'`,
    )
  },
})

export type ForwardedBatchStore = ReturnType<typeof forwardedBatchStore>

/** Tells what became of batches; in the transaction that makes them durable. */
export const recordOutcomes = async (
  sql: Sql,
  told: readonly { id: string; outcome: Forwarded }[],
): Promise<void> => {
  if (told.length === 0) return
  await sql(
    `UPDATE ais_forwarded_batch SET outcome = each.outcome::jsonb
     FROM unnest($1::bigint[], $2::text[]) AS each(id, outcome)
     WHERE ais_forwarded_batch.id = each.id`,
    [told.map(({ id }) => id), told.map(({ outcome }) => JSON.stringify(outcome))],
  )
}
