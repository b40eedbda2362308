import { v7 as uuidv7 } from 'uuid'
import type { Sql } from '../database/transaction.ts'
import { kitErrors } from '../http/errors.ts'
import { assertVersion } from '../http/etag.ts'
import type { Cursors, Page } from '../http/pagination.ts'
import { ProblemError } from '../http/problem.ts'
import type { SecretBox } from './secret-box.ts'
import { newSecret } from './signature.ts'
import { webhookErrors } from './webhook.ts'
import type { Webhook, WebhookContent, WebhookHealth, WebhookQuery } from './webhook.schema.ts'

type WebhookStoreOptions = { sql: Sql; cursors: Cursors; secretBox: SecretBox }

/**
 * Whose webhooks a caller may see: those that get everybody's events and everyone's, or those of one
 * organisation.
 */
export type Owner = 'all' | { organization: string }

/** Webhooks that a service has at most: each is looked at whenever there is an event. */
const mostWebhooks = 500

/** Held while webhooks are counted and one is added. */
const registrationLock = 7_316_003

/** An instant of a column in RFC 3339. */
export const instant = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const columns = `id::text, organization, url, to_json(event_types) AS "eventTypes", description, state,
  disabled_reason AS "disabledReason", ${instant('disabled_at')} AS "disabledAt",
  CASE WHEN previous_secret_ends > now() THEN ${instant('previous_secret_ends')} END
    AS "previousSecretEnds",
  version, ${instant('created_at')} AS "createdAt", ${instant('changed_at')} AS "changedAt"`

const ownerOf = (owner: Owner): string | null => (owner === 'all' ? null : owner.organization)

const isOwned = `($2::text IS NULL OR organization = $2)`

/** Webhooks as they are managed. A secret leaves it sealed. */
export const webhookStore = ({ sql, cursors, secretBox }: WebhookStoreOptions) => ({
  /** @throws ProblemError 404, also for a webhook that the caller may not know of */
  find: (id: string, owner: Owner): Promise<Webhook> => find(sql, id, owner),

  /** One page of webhooks, oldest first. */
  list: async (query: WebhookQuery, owner: Owner): Promise<Page<Webhook>> => {
    const after = cursors.read('webhooks', query)
    const found = await sql<Webhook>(
      `SELECT ${columns} FROM kit.webhook
       WHERE ($1::uuid IS NULL OR id > $1::uuid) AND ${isOwned} AND ($3::text IS NULL OR state = $3)
       ORDER BY id LIMIT $4::int`,
      [after?.[0] ?? null, ownerOf(owner), query.state ?? null, (query.limit ?? 50) + 1],
    )
    return cursors.page('webhooks', query, { found, positionOf: ({ id }) => [id] })
  },

  /**
   * Registers a webhook for the events that are committed from now on.
   *
   * @returns the webhook, and its secret sealed
   * @throws ProblemError 409 when there are too many
   */
  register: async (
    { sql: inside }: { sql: Sql },
    content: WebhookContent & { organization: string | null },
  ): Promise<Webhook & { sealedSecret: string }> => {
    await inside('SELECT pg_advisory_xact_lock($1::bigint)::text', [registrationLock])
    const [present] = await inside<{ count: number }>(
      'SELECT count(*)::int AS count FROM kit.webhook',
    )
    if ((present?.count ?? 0) >= mostWebhooks) throw new ProblemError(webhookErrors.WEBHOOKS_FULL)
    const id = uuidv7()
    const sealedSecret = secretBox.seal(newSecret(), id)
    const [webhook] = await inside<Webhook>(
      `INSERT INTO kit.webhook
         (id, organization, url, event_types, description, state, secret, position)
       SELECT $1::uuid, $2::text, $3::text, ${typesOf('$4')}, $5::text, $6::text, $7::text,
              greatest(trimmed_to, (SELECT max(position) FROM kit.outbox))
       FROM kit.feed_epoch
       RETURNING ${columns}`,
      [id, content.organization, ...valuesOf(content), sealedSecret],
    )
    if (!webhook) throw new Error('the feed has no epoch: the kit’s migrations have not run')
    return { ...webhook, sealedSecret }
  },

  /**
   * Changes a webhook. One that was disabled begins with no failures, and so does another address.
   *
   * @throws ProblemError 404, 412
   */
  change: async (
    { sql: inside }: { sql: Sql },
    given: { id: string; owner: Owner; version: number | '*'; content: WebhookContent },
  ): Promise<Webhook> => {
    await lockAt(inside, given)
    const [webhook] = await inside<Webhook>(
      `UPDATE kit.webhook SET
         url = $2::text, event_types = ${typesOf('$3')}, description = $4::text, state = $5::text,
         disabled_reason = NULL, disabled_at = NULL,
         failing_since = CASE WHEN ${startsAnew} THEN NULL ELSE failing_since END,
         consecutive_failures = CASE WHEN ${startsAnew} THEN 0 ELSE consecutive_failures END,
         version = version + 1, changed_at = date_trunc('milliseconds', now())
       WHERE id = $1::uuid RETURNING ${columns}`,
      [given.id, ...valuesOf(given.content)],
    )
    if (!webhook) throw new ProblemError(kitErrors.NOT_FOUND)
    return webhook
  },

  /** @throws ProblemError 404, 412 */
  remove: async (
    { sql: inside }: { sql: Sql },
    given: { id: string; owner: Owner; version: number | '*' },
  ): Promise<void> => {
    await lockAt(inside, given)
    await inside('DELETE FROM kit.webhook WHERE id = $1::uuid', [given.id])
  },

  /**
   * Gives a webhook a new secret. The one before signs as well for a while; one from before that, of
   * a rotation that is not over yet, no longer does.
   *
   * @throws ProblemError 404
   */
  rotate: async (
    { sql: inside }: { sql: Sql },
    { id, owner, overlapSeconds }: { id: string; owner: Owner; overlapSeconds: number },
  ): Promise<Webhook & { sealedSecret: string }> => {
    const sealedSecret = secretBox.seal(newSecret(), id)
    const [webhook] = await inside<Webhook>(
      `UPDATE kit.webhook SET
         secret = $3::text,
         previous_secret = CASE WHEN $4::int > 0 THEN secret END,
         previous_secret_ends = CASE WHEN $4::int > 0 THEN now() + $4::int * interval '1 second' END,
         version = version + 1, changed_at = date_trunc('milliseconds', now())
       WHERE id = $1::uuid AND ${isOwned} RETURNING ${columns}`,
      [id, ownerOf(owner), sealedSecret, overlapSeconds],
    )
    if (!webhook) throw new ProblemError(kitErrors.NOT_FOUND)
    return { ...webhook, sealedSecret }
  },

  /** Seals with the present key what is still sealed with one before. */
  sealAnew: async (): Promise<void> => {
    const rows = await sql<{ id: string; secret: string; previous: string | null }>(
      `SELECT id::text, secret, previous_secret AS previous FROM kit.webhook
       WHERE NOT starts_with(secret, $1::text) OR NOT starts_with(previous_secret, $1::text)`,
      [secretBox.prefix],
    )
    for (const { id, secret, previous } of rows) {
      const anew = (sealed: string) => secretBox.seal(secretBox.open(sealed, id), id)
      // Unless it was rotated meanwhile.
      await sql(
        `UPDATE kit.webhook SET secret = $2::text, previous_secret = $3::text
         WHERE id = $1::uuid AND secret = $4::text`,
        [id, anew(secret), previous === null ? null : anew(previous), secret],
      )
    }
  },

  /** @throws ProblemError 404 */
  health: async (id: string, owner: Owner): Promise<WebhookHealth> => {
    const [health] = await sql<WebhookHealth>(
      `SELECT state, ${instant('last_success_at')} AS "lastSuccessAt",
              ${instant('last_failure_at')} AS "lastFailureAt",
              ${instant('failing_since')} AS "failingSince",
              consecutive_failures AS "consecutiveFailures", pending.count AS pending,
              ${instant('pending.oldest')} AS "oldestPendingAt", failed.count AS failed
       FROM kit.webhook
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS count, min(created_at) AS oldest FROM kit.webhook_delivery
         WHERE webhook_id = webhook.id AND status = 'PENDING'
       ) AS pending
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS count FROM kit.webhook_delivery
         WHERE webhook_id = webhook.id AND status = 'FAILED'
       ) AS failed
       WHERE id = $1::uuid AND ${isOwned}`,
      [id, ownerOf(owner)],
    )
    if (!health) throw new ProblemError(kitErrors.NOT_FOUND)
    return health
  },
})

export type WebhookStore = ReturnType<typeof webhookStore>

/** Whether a change makes what failed before meaningless; `$2` is the new address. */
const startsAnew = `state = 'DISABLED' OR url <> $2::text`

const typesOf = (parameter: string): string =>
  `CASE WHEN ${parameter}::jsonb IS NULL THEN NULL
        ELSE ARRAY(SELECT jsonb_array_elements_text(${parameter}::jsonb)) END`

const valuesOf = (content: WebhookContent) => [
  content.url,
  content.eventTypes ? JSON.stringify(content.eventTypes) : null,
  content.description ?? '',
  content.state ?? 'ENABLED',
]

const find = async (sql: Sql, id: string, owner: Owner): Promise<Webhook> => {
  const [webhook] = await sql<Webhook>(
    `SELECT ${columns} FROM kit.webhook WHERE id = $1::uuid AND ${isOwned}`,
    [id, ownerOf(owner)],
  )
  if (!webhook) throw new ProblemError(kitErrors.NOT_FOUND)
  return webhook
}

/** @throws ProblemError 404, 412 */
const lockAt = async (
  sql: Sql,
  { id, owner, version }: { id: string; owner: Owner; version: number | '*' },
): Promise<void> => {
  const [present] = await sql<{ version: number }>(
    `SELECT version FROM kit.webhook WHERE id = $1::uuid AND ${isOwned} FOR UPDATE`,
    [id, ownerOf(owner)],
  )
  if (!present) throw new ProblemError(kitErrors.NOT_FOUND)
  assertVersion(version, present.version)
}
