import type { Sql } from '../database/transaction.ts'
import { answerRetention } from '../http/idempotency.ts'
import { every } from './background.ts'

/** Events are kept this long for readers that were away, as a PostgreSQL interval. */
const eventRetention = '30 days'

/** Once an hour, drops idempotent answers and events that are past their time. */
export const sweepKitTables = (sql: Sql) =>
  every('sweep', 3_600_000, async () => {
    await sql('DELETE FROM kit.idempotent_answer WHERE created_at < now() - $1::interval', [
      answerRetention,
    ])
    // Only a whole beginning of the feed goes: what is dropped is everything up to one position.
    await sql(
      `WITH bound AS (
         SELECT max(position) AS position FROM kit.outbox
         WHERE position < coalesce(
           (SELECT min(position) FROM kit.outbox WHERE time > now() - $1::interval),
           (SELECT max(position) + 1 FROM kit.outbox))
       ), marked AS (
         UPDATE kit.feed_epoch SET trimmed_to = greatest(trimmed_to, bound.position)
         FROM bound WHERE bound.position IS NOT NULL
       )
       DELETE FROM kit.outbox USING bound WHERE outbox.position <= bound.position`,
      [eventRetention],
    )
  })
