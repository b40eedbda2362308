import type { Sql } from '../database/transaction.ts'
import { answerRetention } from '../http/idempotency.ts'
import { sweepDeliveries } from '../webhooks/delivery-sweep.ts'
import { every } from './background.ts'

/** Events are kept this long for readers that were away, as a PostgreSQL interval. */
const eventRetention = '30 days'

/** Events dropped in one statement at most, so that none is cut short however much has piled up. */
const batchSize = 10_000

/** Once an hour, drops idempotent answers, webhook deliveries and events that are past their time. */
export const sweepKitTables = (sql: Sql) =>
  every('sweep', 3_600_000, async () => {
    await sql('DELETE FROM kit.idempotent_answer WHERE created_at < now() - $1::interval', [
      answerRetention,
    ])
    await sweepDeliveries(sql)
    while ((await trimFeed(sql)) === batchSize);
  })

/**
 * Drops the oldest events. Only a whole beginning of the feed goes: everything up to one position, and
 * nothing that an enabled webhook has yet to read.
 *
 * @returns how many were dropped
 */
const trimFeed = async (sql: Sql): Promise<number> => {
  const [trimmed] = await sql<{ dropped: number }>(
    `WITH bound AS (
       SELECT max(position) AS position
       FROM (SELECT position, published_at FROM kit.outbox ORDER BY position LIMIT $2::int) AS oldest
       WHERE published_at < now() - $1::interval
         AND position <= coalesce(
           (SELECT min(position) FROM kit.webhook WHERE state = 'ENABLED'), position)
     ), marked AS (
       UPDATE kit.feed_epoch SET trimmed_to = greatest(trimmed_to, bound.position)
       FROM bound WHERE bound.position IS NOT NULL
     ), deleted AS (
       DELETE FROM kit.outbox USING bound WHERE outbox.position <= bound.position RETURNING 1
     )
     SELECT count(*)::int AS dropped FROM deleted`,
    [eventRetention, batchSize],
  )
  return trimmed?.dropped ?? 0
}
