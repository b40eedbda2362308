import type { Sql } from '../database/transaction.ts'

/** How long a delivery stays in the log after its end, as PostgreSQL intervals. */
const retention = { DELIVERED: '7 days', FAILED: '30 days' } as const

/** A delivery that has been due for this long is given up. */
const longestWait = '30 days'

/** Deliveries in one statement at most, so that none is cut short however much has piled up. */
const batchSize = 10_000

/** Gives up deliveries that wait for a webhook that nobody enables, and drops old ones. */
export const sweepDeliveries = async (sql: Sql): Promise<void> => {
  while ((await giveUpWaiting(sql)) === batchSize);
  for (const [status, interval] of Object.entries(retention)) {
    while ((await dropOld(sql, status, interval)) === batchSize);
  }
}

const giveUpWaiting = async (sql: Sql): Promise<number> => {
  const [result] = await sql<{ count: number }>(
    `WITH waiting AS (
       SELECT id FROM kit.webhook_delivery
       WHERE status = 'PENDING' AND due_at < now() - $1::interval
       ORDER BY due_at LIMIT $2::int FOR NO KEY UPDATE SKIP LOCKED
     ), given_up AS (
       UPDATE kit.webhook_delivery AS delivery
       SET status = 'FAILED', claim = NULL, finished_at = now()
       FROM waiting WHERE delivery.id = waiting.id RETURNING 1
     )
     SELECT count(*)::int AS count FROM given_up`,
    [longestWait, batchSize],
  )
  return result?.count ?? 0
}

const dropOld = async (sql: Sql, status: string, interval: string): Promise<number> => {
  const [result] = await sql<{ count: number }>(
    `WITH dropped AS (
       DELETE FROM kit.webhook_delivery WHERE id IN (
         SELECT id FROM kit.webhook_delivery
         WHERE status = $1 AND finished_at < now() - $2::interval
         ORDER BY finished_at LIMIT $3::int FOR UPDATE SKIP LOCKED
       ) RETURNING 1
     )
     SELECT count(*)::int AS count FROM dropped`,
    [status, interval, batchSize],
  )
  return result?.count ?? 0
}
