import type { Sql } from '../database/transaction.ts'
import { cloudEventOf, type OutboxRow } from '../events/cloud-event.ts'
import { kitErrors } from '../http/errors.ts'
import type { Cursors, Page } from '../http/pagination.ts'
import { ProblemError } from '../http/problem.ts'
import type { DeliveryQuery, WebhookAttempt, WebhookDelivery } from './webhook.schema.ts'
import { instant } from './webhook.store.ts'

type DeliveryStoreOptions = { sql: Sql; cursors: Cursors; service: string }

/** Deliveries that one request replays at most. */
const replayBatch = 10_000

const columns = `id::text, webhook_id::text AS "webhookId", event_id::text AS "eventId",
  type AS "eventType", subject, test, status, attempts AS "attemptCount",
  last_outcome AS "lastOutcome", last_response_status AS "lastResponseStatus",
  CASE WHEN status = 'PENDING' AND claim IS NULL THEN ${instant('due_at')} END AS "nextAttemptAt",
  ${instant('created_at')} AS "createdAt", ${instant('finished_at')} AS "finishedAt"`

/** Columns of the event that a delivery carries; `position` is null for a test. */
export const eventColumns = `event_id::text, position::text, type, subject, ${instant('time')} AS time,
  traceparent, data`

export type CarriedEvent = Omit<OutboxRow, 'id' | 'position'> & {
  event_id: string
  position: string | null
}

/** The event as a receiver gets it: with its place in the feed, as CloudEvents' `sequence`. */
export const webhookEventOf = (service: string, row: CarriedEvent) => ({
  ...cloudEventOf(service, { ...row, id: row.event_id }),
  ...(row.position === null ? {} : { sequence: row.position.padStart(20, '0') }),
})

/** A delivery of a test has a type that no service publishes. */
export const testTypeOf = (service: string): string => `${service}.webhook.test`

/** The log of deliveries, and what can be asked of it. Who may ask is decided before. */
export const deliveryStore = ({ sql, cursors, service }: DeliveryStoreOptions) => ({
  /** One page of a webhook's deliveries, newest first. */
  list: async (webhookId: string, query: DeliveryQuery): Promise<Page<WebhookDelivery>> => {
    const list = `webhook-deliveries ${webhookId}`
    const after = cursors.read(list, query)
    const found = await sql<WebhookDelivery & { ordinal: string }>(
      `SELECT ${columns}, ordinal::text FROM kit.webhook_delivery
       WHERE webhook_id = $1::uuid
         AND ($2::timestamptz IS NULL OR (created_at, ordinal) < ($2::timestamptz, $3::bigint))
         AND ($4::text IS NULL OR status = $4)
         AND ($5::text IS NULL OR type = $5)
         AND ($6::uuid IS NULL OR event_id = $6::uuid)
         AND ($7::timestamptz IS NULL OR created_at >= $7::timestamptz)
         AND ($8::timestamptz IS NULL OR created_at < $8::timestamptz)
       ORDER BY created_at DESC, ordinal DESC LIMIT $9::int`,
      [
        webhookId,
        after?.[0] ?? null,
        after?.[1] ?? null,
        query.status ?? null,
        query.eventType ?? null,
        query.eventId ?? null,
        query.since ?? null,
        query.until ?? null,
        (query.limit ?? 50) + 1,
      ],
    )
    // The answer's schema leaves the ordinal out.
    return cursors.page(list, query, {
      found,
      positionOf: ({ createdAt, ordinal }) => [createdAt, ordinal],
    })
  },

  /** @throws ProblemError 404 */
  find: async (webhookId: string, id: string) => {
    const [delivery] = await sql<WebhookDelivery & CarriedEvent>(
      `SELECT ${columns}, ${eventColumns} FROM kit.webhook_delivery
       WHERE id = $1::uuid AND webhook_id = $2::uuid`,
      [id, webhookId],
    )
    if (!delivery) throw new ProblemError(kitErrors.NOT_FOUND)
    const attempts = await sql<WebhookAttempt>(
      `SELECT number, ${instant('started_at')} AS "startedAt", duration_ms AS "durationMs", outcome,
              response_status AS "responseStatus", detail
       FROM kit.webhook_attempt WHERE delivery_id = $1::uuid ORDER BY number DESC LIMIT 100`,
      [id],
    )
    return {
      ...delivery,
      event: webhookEventOf(service, delivery),
      attempts: attempts.toReversed(),
    }
  },

  /** Makes a delivery that is sent once, whatever the state of the webhook. */
  addTest: async (unit: { sql: Sql }, webhookId: string): Promise<WebhookDelivery> => {
    const [delivery] = await unit.sql<WebhookDelivery>(
      `INSERT INTO kit.webhook_delivery
         (webhook_id, event_id, type, subject, time, data, published_at, test)
       VALUES ($1::uuid, gen_random_uuid(), $2::text, $1::text, now(), '{}', now(), true)
       RETURNING ${columns}`,
      [webhookId, testTypeOf(service)],
    )
    if (!delivery) throw new Error('a row that was inserted was not returned')
    return delivery
  },

  /**
   * Has a delivery attempted at once, with all its retries, whatever came of it before. One that is
   * being attempted is left to that.
   *
   * @throws ProblemError 404
   */
  replay: async (unit: { sql: Sql }, webhookId: string, id: string): Promise<WebhookDelivery> => {
    await unit.sql(
      `UPDATE kit.webhook_delivery SET ${replayed}
       WHERE id = $1::uuid AND webhook_id = $2::uuid AND (claim IS NULL OR due_at <= now())`,
      [id, webhookId],
    )
    const [delivery] = await unit.sql<WebhookDelivery>(
      `SELECT ${columns} FROM kit.webhook_delivery WHERE id = $1::uuid AND webhook_id = $2::uuid`,
      [id, webhookId],
    )
    if (!delivery) throw new ProblemError(kitErrors.NOT_FOUND)
    return delivery
  },

  /** Replays what was given up at `since` or later, the oldest first and up to a limit. */
  replayFailed: async (
    unit: { sql: Sql },
    webhookId: string,
    since: string,
  ): Promise<{ replayed: number; more: boolean }> => {
    const [result] = await unit.sql<{ replayed: number }>(
      `WITH failed AS (
         SELECT id FROM kit.webhook_delivery
         WHERE webhook_id = $1::uuid AND status = 'FAILED' AND finished_at >= $2::timestamptz
         ORDER BY finished_at LIMIT $3::int FOR NO KEY UPDATE
       ), replayed AS (
         UPDATE kit.webhook_delivery AS delivery SET ${replayed}
         FROM failed WHERE delivery.id = failed.id RETURNING 1
       )
       SELECT count(*)::int AS replayed FROM replayed`,
      [webhookId, since, replayBatch],
    )
    const count = result?.replayed ?? 0
    return { replayed: count, more: count === replayBatch }
  },
})

export type DeliveryStore = ReturnType<typeof deliveryStore>

const replayed = `status = 'PENDING', failures = 0, due_at = now(), claim = NULL, finished_at = NULL`
