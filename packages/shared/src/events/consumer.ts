import { context, propagation, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { Database, Sql, Unit } from '../database/transaction.ts'
import type { Logger } from '../logging/logger.ts'
import type { kitMetrics } from '../metrics/http-metrics.ts'
import type { Metrics } from '../metrics/define-metrics.ts'
import { pause } from '../service/pause.ts'
import { tracer } from '../tracing/register.ts'
import type { PeerPool } from '../tls/peer-pool.ts'
import type { CloudEvent, FeedPage } from './cloud-event.ts'

/** What a service does with an event of another: its change is one transaction with the position. */
export type EventHandler<Tx> = (event: CloudEvent, unit: Unit<Tx>) => Promise<void>

/** A service's interest in another's feed: a handler for each type it knows; the rest pass by. */
export type Consumer<Tx> = {
  /** Name of the service whose feed is read. */
  from: string
  handlers: Readonly<Record<string, EventHandler<Tx>>>
}

/** Ties handlers to a feed; `Tx` is what the service's stores work with. */
export const defineConsumer = <Tx>(consumer: Consumer<Tx>): Consumer<Tx> => consumer

type ConsumerContext<Tx> = {
  consumer: Consumer<Tx>
  database: Database<Tx>
  /** Connections to the other service; closed at the end. */
  connection: PeerPool
  /** A token of our own, made for the other service. */
  token: () => string
  log: Logger
  metrics: Metrics<typeof kitMetrics>
  signal: AbortSignal
}

/** Seconds that the other side may hold a request when there is no event. */
const longPoll = 20

/** Events applied in one transaction at most. */
const batchSize = 100

/** Milliseconds between attempts after a failure: doubled each time, from the first to the last. */
const firstPause = 200
const longestPause = 10_000

/**
 * Reads another service's feed for as long as the process lives, and applies each event exactly
 * once: its effect and the new position are one transaction, and the position's row is locked
 * meanwhile, so that of several replicas one applies at a time. A failure is repeated and holds the
 * feed up, since events of one ship must keep their order.
 */
export const runConsumer = async <Tx>(given: ConsumerContext<Tx>): Promise<void> => {
  const { consumer, connection, log, metrics, signal } = given
  let wait = firstPause
  while (!signal.aborted) {
    try {
      await consumeOnce(given)
      wait = firstPause
    } catch (error) {
      if (signal.aborted) break
      metrics.feedFailures.inc({ source: consumer.from })
      log.warn({ err: error, 'event.provider': consumer.from }, 'feed not read, trying again')
      await pause(wait * (0.5 + Math.random() / 2), signal)
      wait = Math.min(wait * 2, longestPause)
    }
  }
  await connection.destroy()
}

const consumeOnce = async <Tx>(given: ConsumerContext<Tx>): Promise<void> => {
  const { consumer, database, log, metrics } = given
  const cursor = await readCursor(database.sql, consumer.from)
  // What the other side does while it holds the request is in the answer, or in the next one.
  const askedAt = new Date()
  const page = await fetchPage(given, cursor)
  if (page === 'gone') {
    // Restored or trimmed: begin anew. Handlers know an event they have met by its id.
    log.warn({ 'event.provider': consumer.from }, 'feed does not reach back to our position')
    // Unless another replica has begun anew already, which must not be undone.
    await database.sql(
      `DELETE FROM kit.feed_cursor WHERE source = $1 AND epoch || ':' || position = $2`,
      [consumer.from, cursor],
    )
    return
  }
  if (page.next === cursor) {
    metrics.feedPosition.set({ source: consumer.from }, Number(positionOf(page.next)))
    metrics.feedLag.set({ source: consumer.from }, 0)
    await database.sql('UPDATE kit.feed_cursor SET read_at = $2 WHERE source = $1', [
      consumer.from,
      askedAt,
    ])
    return
  }
  // Told before they are applied: where that fails, the lag grows with every attempt.
  metrics.feedLag.set({ source: consumer.from }, ageOf(page.events[0]))
  const caughtUp = page.events.length < batchSize
  const applied = await applyPage(given, { page, cursor, readAt: caughtUp ? askedAt : null })
  if (!applied) return
  for (const { type } of page.events) metrics.feedEvents.inc({ source: consumer.from, type })
  metrics.feedPosition.set({ source: consumer.from }, Number(positionOf(page.next)))
  metrics.feedLag.set({ source: consumer.from }, caughtUp ? 0 : ageOf(page.events.at(-1)))
}

/** Seconds since an event happened. */
const ageOf = (event: CloudEvent | undefined): number =>
  event ? Math.max(0, (Date.now() - Date.parse(event.time)) / 1_000) : 0

/**
 * @param readAt since when everything is known once the page is applied; null where more is to come
 * @returns false when another replica has moved the position meanwhile
 */
const applyPage = <Tx>(
  { consumer, database }: ConsumerContext<Tx>,
  { page, cursor, readAt }: { page: FeedPage; cursor: string | null; readAt: Date | null },
): Promise<boolean> =>
  database.transaction(async (unit) => {
    const [epoch, position] = [page.next.split(':')[0], positionOf(page.next)]
    await unit.sql(
      `INSERT INTO kit.feed_cursor (source, epoch, position) VALUES ($1, $2::uuid, -1)
       ON CONFLICT (source) DO NOTHING`,
      [consumer.from, epoch],
    )
    const [held] = await unit.sql<{ cursor: string; position: string }>(
      `SELECT epoch || ':' || position AS cursor, position::text FROM kit.feed_cursor
       WHERE source = $1 FOR UPDATE`,
      [consumer.from],
    )
    const present = held?.position === '-1' ? null : (held?.cursor ?? null)
    if (present !== cursor) return false
    for (const event of page.events) {
      await applyEvent(consumer, event, unit)
    }
    await unit.sql(
      `UPDATE kit.feed_cursor SET epoch = $2::uuid, position = $3::bigint, moved_at = now(),
         read_at = coalesce($4::timestamptz, read_at)
       WHERE source = $1`,
      [consumer.from, epoch, position, readAt],
    )
    return true
  })

const applyEvent = <Tx>(consumer: Consumer<Tx>, event: CloudEvent, unit: Unit<Tx>) => {
  const handler = consumer.handlers[event.type]
  if (!handler) return Promise.resolve()
  const parent = propagation.extract(context.active(), { traceparent: event.traceparent ?? '' })
  return tracer().startActiveSpan(
    `process ${event.type}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.system': 'porttrack',
        'messaging.operation.type': 'process',
        'messaging.destination.name': consumer.from,
        'messaging.message.id': event.id,
      },
    },
    parent,
    async (span) => {
      try {
        await handler(event, unit)
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        span.end()
      }
    },
  )
}

/**
 * Until when a service knows everything that another has told, by its reading of that one's feed; null
 * before it has read to the end once.
 */
export const feedReadAt = async (sql: Sql, source: string): Promise<Date | null> => {
  const [row] = await sql<{ readAt: Date | null }>(
    'SELECT read_at AS "readAt" FROM kit.feed_cursor WHERE source = $1',
    [source],
  )
  return row?.readAt ?? null
}

const readCursor = async (sql: Sql, source: string): Promise<string | null> => {
  const [row] = await sql<{ cursor: string }>(
    `SELECT epoch || ':' || position AS cursor FROM kit.feed_cursor
     WHERE source = $1 AND position >= 0`,
    [source],
  )
  return row?.cursor ?? null
}

const fetchPage = async <Tx>(
  { consumer, connection, token, signal }: ConsumerContext<Tx>,
  cursor: string | null,
): Promise<FeedPage | 'gone'> => {
  const query = new URLSearchParams({ limit: String(batchSize), wait: String(longPoll) })
  if (cursor !== null) query.set('after', cursor)
  const { statusCode, body } = await connection.current().request({
    method: 'GET',
    path: `/v1/feed?${query.toString()}`,
    headers: { authorization: `Bearer ${token()}`, accept: 'application/json' },
    signal: AbortSignal.any([signal, AbortSignal.timeout((longPoll + 10) * 1_000)]),
  })
  if (statusCode === 200) return (await body.json()) as FeedPage
  await body.dump()
  if (statusCode === 410) return 'gone'
  throw new Error(`the feed of ${consumer.from} answered ${statusCode}`)
}

const positionOf = (cursor: string): string => cursor.split(':')[1] ?? '0'
