import type { Sql } from '../database/transaction.ts'
import { type CarriedEvent, eventColumns } from './delivery.store.ts'
import type { Attempt } from './send.ts'

/** Webhooks that are served in one statement, and events that each reads in it. */
const webhooksAtOnce = 100
const eventsAtOnce = 500

/** From so many failures in a row on, a webhook is tried with one delivery at a time. */
const failuresUntilCaution = 5

/** A delivery that this process has taken upon itself until the claim ends. */
export type ClaimedDelivery = CarriedEvent & {
  id: string
  webhook_id: string
  claim: string
  url: string
  /** Sealed; the second signs as well during a rotation. */
  secret: string
  previous_secret: string | null
  /** Attempts that have failed since the delivery was made or replayed. */
  failures: number
  test: boolean
  /** Seconds since the event was published. */
  age: number
}

/**
 * Where the feed becomes deliveries, and deliveries are taken by those who attempt them. Every step
 * is one statement: whoever is killed in between has done it or has not.
 */
export const deliveryQueue = (sql: Sql) => ({
  /**
   * Turns events of the outbox into deliveries, from where each enabled webhook stands, and moves it
   * on. Of several replicas each serves the webhooks that no other has in hand.
   *
   * @param organizations type of event → properties of its data that say whose it is
   * @returns how many webhooks were served, and those whose next events were no longer kept
   */
  fanOut: async (organizations: object): Promise<{ served: number; overtaken: string[] }> => {
    const rows = await sql<{ id: string; overtaken: boolean }>(
      `WITH behind AS (
         SELECT id, position, event_types, organization FROM kit.webhook
         WHERE state = 'ENABLED' AND position < (SELECT max(position) FROM kit.outbox)
         ORDER BY position LIMIT $2::int FOR NO KEY UPDATE SKIP LOCKED
       ), read AS (
         SELECT behind.id AS webhook_id, behind.event_types, behind.organization, event.*
         FROM behind CROSS JOIN LATERAL (
           SELECT * FROM kit.outbox WHERE outbox.position > behind.position
           ORDER BY outbox.position LIMIT $3::int
         ) AS event
       ), made AS (
         INSERT INTO kit.webhook_delivery
           (webhook_id, event_id, position, type, subject, time, traceparent, data, published_at)
         SELECT webhook_id, id, position, type, subject, time, traceparent, data, published_at
         FROM read
         WHERE (event_types IS NULL OR type = ANY (event_types))
           AND (organization IS NULL OR EXISTS (
             SELECT FROM jsonb_array_elements_text($1::jsonb->type) AS property
             WHERE data->>property = organization
           ))
         ORDER BY position
         ON CONFLICT (webhook_id, event_id) DO NOTHING
       )
       UPDATE kit.webhook SET position = reached.position
       FROM behind, kit.feed_epoch AS kept,
         (SELECT webhook_id, max(position) AS position FROM read GROUP BY webhook_id) AS reached
       WHERE webhook.id = reached.webhook_id AND behind.id = webhook.id
       RETURNING webhook.id::text, behind.position < kept.trimmed_to AS overtaken`,
      [JSON.stringify(organizations), webhooksAtOnce, eventsAtOnce],
    )
    return {
      served: rows.length,
      overtaken: rows.filter(({ overtaken }) => overtaken).map(({ id }) => id),
    }
  },

  /**
   * Takes deliveries that are due, for `leaseMs` milliseconds: if nothing is heard of them until then,
   * they are due again. Webhooks come in random order, so that none waits for the others.
   *
   * @param busy webhook → deliveries of it that this process has in hand
   */
  claim: (given: {
    busy: ReadonlyMap<string, number>
    perWebhook: number
    limit: number
    leaseMs: number
  }): Promise<ClaimedDelivery[]> =>
    sql<ClaimedDelivery>(
      `WITH due AS (
         SELECT delivery.id FROM (
           SELECT id, state,
                  CASE WHEN consecutive_failures >= $5::int THEN 1 ELSE $2::int END
                    - coalesce(($1::jsonb->>id::text)::int, 0) AS room
           FROM kit.webhook ORDER BY random()
         ) AS webhook
         CROSS JOIN LATERAL (
           SELECT id FROM kit.webhook_delivery
           WHERE webhook_id = webhook.id AND status = 'PENDING' AND due_at <= now()
             AND (webhook.state = 'ENABLED' OR test)
           ORDER BY due_at, position LIMIT greatest(webhook.room, 0) FOR NO KEY UPDATE SKIP LOCKED
         ) AS delivery
         LIMIT $3::int
       )
       UPDATE kit.webhook_delivery AS delivery
       SET claim = gen_random_uuid(), due_at = now() + $4::int * interval '1 millisecond'
       FROM due, (
         SELECT id AS owner, url, secret,
                CASE WHEN previous_secret_ends > now() THEN previous_secret END AS previous_secret
         FROM kit.webhook
       ) AS webhook
       WHERE delivery.id = due.id AND webhook.owner = delivery.webhook_id
       RETURNING delivery.id::text, webhook_id::text, claim::text, url, secret, previous_secret,
                 failures, test, extract(epoch FROM now() - published_at)::float8 AS age,
                 ${eventColumns}`,
      [
        JSON.stringify(Object.fromEntries(given.busy)),
        given.perWebhook,
        given.limit,
        given.leaseMs,
        failuresUntilCaution,
      ],
    ),

  /**
   * Writes down what came of an attempt, unless the claim has ended and another has taken over. A test
   * says nothing of the webhook's health, nor does an attempt at an address that it no longer has.
   *
   * @param pause seconds until the next attempt; null when there is none
   * @param disableAfter seconds of nothing but failures after which the webhook is disabled
   * @returns whether this attempt has disabled the webhook, and why
   */
  settle: async (
    { id, webhook_id, claim, url }: ClaimedDelivery,
    attempt: Attempt,
    { pause, disableAfter }: { pause: number | null; disableAfter: number },
  ): Promise<'GONE' | 'FAILING' | null> => {
    const delivered = attempt.outcome === 'DELIVERED'
    const status = delivered ? 'DELIVERED' : pause === null ? 'FAILED' : 'PENDING'
    // The webhook is locked before the delivery, as by who deletes it.
    const [disabled] = await sql<{ reason: 'GONE' | 'FAILING' }>(
      `WITH endpoint AS (
         SELECT id, state, url, failing_since FROM kit.webhook
         WHERE id = $1::uuid FOR NO KEY UPDATE
       ), settled AS (
         UPDATE kit.webhook_delivery AS delivery SET
           status = $4::text, claim = NULL, attempts = attempts + 1,
           failures = failures + CASE WHEN $5::boolean THEN 0 ELSE 1 END,
           due_at = now() + coalesce($6::float8, 0) * interval '1 second',
           finished_at = CASE WHEN $4::text = 'PENDING' THEN NULL ELSE now() END,
           last_outcome = $7::text, last_response_status = $8::smallint
         FROM endpoint
         WHERE delivery.id = $2::uuid AND claim = $3::uuid AND webhook_id = endpoint.id
         RETURNING delivery.id, attempts, test
       ), logged AS (
         INSERT INTO kit.webhook_attempt
           (delivery_id, number, started_at, duration_ms, outcome, response_status, detail)
         SELECT id, attempts, $9::timestamptz, $10::int, $7::text, $8::smallint, $11::text
         FROM settled
       ), judged AS (
         SELECT endpoint.id,
                CASE WHEN endpoint.state <> 'ENABLED' OR $5::boolean THEN NULL
                     WHEN $7::text = 'GONE' THEN 'GONE'
                     WHEN failing_since < now() - $12::float8 * interval '1 second' THEN 'FAILING'
                END AS reason
         FROM endpoint, settled WHERE NOT test AND url = $13::text
       ), marked AS (
         UPDATE kit.webhook AS webhook SET
           last_success_at = CASE WHEN $5::boolean THEN now() ELSE last_success_at END,
           last_failure_at = CASE WHEN $5::boolean THEN last_failure_at ELSE now() END,
           failing_since = CASE WHEN $5::boolean THEN NULL ELSE coalesce(failing_since, now()) END,
           consecutive_failures =
             CASE WHEN $5::boolean THEN 0 ELSE webhook.consecutive_failures + 1 END,
           state = CASE WHEN reason IS NULL THEN state ELSE 'DISABLED' END,
           disabled_reason = coalesce(reason, disabled_reason),
           disabled_at = CASE WHEN reason IS NULL THEN disabled_at ELSE now() END,
           version = version + CASE WHEN reason IS NULL THEN 0 ELSE 1 END,
           changed_at = CASE WHEN reason IS NULL THEN changed_at
                             ELSE date_trunc('milliseconds', now()) END
         FROM judged WHERE webhook.id = judged.id
         RETURNING reason
       )
       SELECT reason FROM marked WHERE reason IS NOT NULL`,
      [
        webhook_id,
        id,
        claim,
        status,
        delivered,
        pause,
        attempt.outcome,
        attempt.responseStatus,
        attempt.startedAt.toISOString(),
        attempt.durationMs,
        attempt.detail,
        disableAfter,
        url,
      ],
    )
    return disabled?.reason ?? null
  },

  /** Gives a delivery back that was not attempted to the end: it is due at once. */
  release: async ({ id, claim }: ClaimedDelivery): Promise<void> => {
    await sql(
      `UPDATE kit.webhook_delivery SET claim = NULL, due_at = now()
       WHERE id = $1::uuid AND claim = $2::uuid`,
      [id, claim],
    )
  },

  /** How many deliveries of enabled webhooks wait, how long one has been due, and webhooks by state. */
  measure: async () => {
    const [backlog] = await sql<{ pending: number; due: number }>(
      `SELECT count(*)::int AS pending,
              greatest(0, extract(epoch FROM now() - min(due_at)))::float8 AS due
       FROM kit.webhook_delivery AS delivery JOIN kit.webhook ON webhook.id = webhook_id
       WHERE status = 'PENDING' AND state = 'ENABLED'`,
    )
    const states = await sql<{ state: string; count: number }>(
      'SELECT state, count(*)::int AS count FROM kit.webhook GROUP BY state',
    )
    return { pending: backlog?.pending ?? 0, due: backlog?.due ?? 0, states }
  },
})

export type DeliveryQueue = ReturnType<typeof deliveryQueue>
