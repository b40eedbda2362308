import { context, propagation } from '@opentelemetry/api'
import { v7 as uuidv7 } from 'uuid'
import type { Sql } from '../database/transaction.ts'

/** What a service says happened; the kit adds id, time, source and trace. */
export type NewEvent = {
  /** CloudEvents type, `<service>.<resource>.<what>` in the past tense. */
  type: string
  /** The id of the resource the event is about. */
  subject: string
  data: object
  /** When it happened (RFC 3339), if not now. */
  time?: string
}

/** Held from before positions are handed out until commit, so that position order is commit order. */
const outboxLock = 7_316_001

/**
 * Writes events as the last act of a transaction. Taking the lock here, and not earlier, keeps the
 * stretch in which writers wait for each other short.
 */
export const appendEvents = async (sql: Sql, events: readonly NewEvent[]): Promise<void> => {
  if (events.length === 0) return
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  const rows = events.map((event) => ({
    id: uuidv7(),
    type: event.type,
    subject: event.subject,
    time: event.time ?? new Date().toISOString(),
    traceparent: carrier.traceparent ?? null,
    data: event.data,
  }))
  await sql('SELECT pg_advisory_xact_lock($1::bigint)::text', [outboxLock])
  await sql(
    `INSERT INTO kit.outbox (id, type, subject, time, traceparent, data)
     SELECT (event->>'id')::uuid, event->>'type', event->>'subject',
            (event->>'time')::timestamptz, event->>'traceparent', event->'data'
     FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS each(event, n)
     ORDER BY n`,
    [JSON.stringify(rows)],
  )
}
