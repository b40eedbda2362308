import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Sql } from '../database/transaction.ts'
import { errors, kitErrors } from '../http/errors.ts'
import { ProblemError } from '../http/problem.ts'
import { type CloudEvent, FeedPage } from './cloud-event.ts'

type FeedOptions = { service: string; sql: Sql }

/** Where a reader stands: the feed's epoch and the position of the last event read. */
type FeedCursor = { epoch: string; position: bigint }

/** How often the outbox is looked at while someone waits, in milliseconds: one look for all. */
const lookInterval = 200

/** Heartbeat of an event stream, in milliseconds. */
const heartbeat = 15_000

/**
 * Serves a service's events in commit order: as pages with long poll, or as server-sent events when
 * the caller accepts `text/event-stream`. Without `after` (or `Last-Event-ID`) it begins with the
 * oldest event kept.
 */
export const feedRoutes: FastifyPluginAsyncTypebox<FeedOptions> = async (app, options) => {
  const { service, sql } = options
  const waiting = createWaitingRoom(sql)
  // Before the server waits for requests in flight: those that wait for an event are let go.
  app.addHook('preClose', async () => waiting.close())

  app.get(
    '/feed',
    {
      config: { permission: 'feed:read' },
      schema: {
        summary: 'Events in commit order',
        description:
          'Pages with long poll, or server-sent events with `Accept: text/event-stream`. A cursor of another epoch, or older than what is kept, is answered 410: start again without one.',
        tags: ['feed'],
        querystring: Type.Object(
          {
            after: Type.Optional(
              Type.String({ maxLength: 100, description: '`next` of the page before' }),
            ),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
            wait: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: 30,
                default: 0,
                description: 'Seconds to wait for an event when there is none',
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: FeedPage, ...errors(410) },
      },
    },
    async (request, reply) => {
      const { after, limit = 100, wait = 0 } = request.query
      const lastEventId = request.headers['last-event-id']
      const start = await startingPoint(sql, typeof lastEventId === 'string' ? lastEventId : after)
      if (request.headers.accept?.includes('text/event-stream')) {
        reply.hijack()
        reply.raw.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-request-id': request.id,
        })
        const sessionEndsIn = request.caller.sessionEnds * 1_000 - Date.now()
        await stream({ out: reply.raw, start, sessionEndsIn })
        return reply
      }
      const deadline = performance.now() + wait * 1_000
      let events = await readEvents(sql, { service, start, limit })
      while (events.length === 0 && performance.now() < deadline && !request.raw.destroyed) {
        await waiting.until(start.position, deadline)
        events = await readEvents(sql, { service, start, limit })
      }
      const last = events.at(-1)
      return {
        events: events.map(({ event }) => event),
        next: formatCursor(last ? { ...start, position: last.position } : start),
      }
    },
  )

  const stream = async ({ out, start, sessionEndsIn }: Streaming): Promise<void> => {
    const ends = performance.now() + sessionEndsIn
    let cursor = start
    let beat = performance.now() + heartbeat
    while (!out.destroyed && !waiting.closed && performance.now() < ends) {
      const events = await readEvents(sql, { service, start: cursor, limit: 100 })
      for (const { position, event } of events) {
        cursor = { ...cursor, position }
        const text = `id: ${formatCursor(cursor)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
        if (!out.write(text)) await drained(out)
      }
      if (performance.now() >= beat) {
        out.write(': still here\n\n')
        beat = performance.now() + heartbeat
      }
      if (events.length === 0) await waiting.until(cursor.position, Math.min(beat, ends))
    }
    out.end()
  }
}

type Streaming = {
  out: import('node:http').ServerResponse
  start: FeedCursor
  sessionEndsIn: number
}

const drained = (out: Streaming['out']): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      out.off('drain', done)
      out.off('close', done)
      resolve()
    }
    out.once('drain', done)
    out.once('close', done)
  })

const formatCursor = ({ epoch, position }: FeedCursor): string => `${epoch}:${position}`

const startingPoint = async (sql: Sql, text: string | undefined): Promise<FeedCursor> => {
  const [kept] = await sql<{ epoch: string; trimmed_to: string }>(
    'SELECT epoch::text, trimmed_to::text FROM kit.feed_epoch',
  )
  if (!kept) throw new Error('the feed has no epoch: the kit’s migrations have not run')
  const oldest = { epoch: kept.epoch, position: BigInt(kept.trimmed_to) }
  if (text === undefined) return oldest
  const parts = /^([0-9a-f-]{36}):(\d{1,18})$/.exec(text)
  if (!parts) {
    throw new ProblemError(kitErrors.CURSOR_INVALID, {
      errors: [{ pointer: '?after', detail: 'is not a cursor of a feed' }],
    })
  }
  const cursor = { epoch: parts[1] ?? '', position: BigInt(parts[2] ?? '') }
  if (cursor.epoch !== oldest.epoch || cursor.position < oldest.position) {
    throw new ProblemError(kitErrors.FEED_CURSOR_GONE)
  }
  return cursor
}

type OutboxRow = {
  position: string
  id: string
  type: string
  subject: string
  time: string
  traceparent: string | null
  data: unknown
}

type Reading = { service: string; start: FeedCursor; limit: number }

const readEvents = async (sql: Sql, { service, start, limit }: Reading) => {
  const rows = await sql<OutboxRow>(
    `SELECT position::text, id::text, type, subject, traceparent, data,
            to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time
     FROM kit.outbox WHERE position > $1::bigint ORDER BY outbox.position LIMIT $2::int`,
    [String(start.position), limit],
  )
  return rows.map((row) => ({
    position: BigInt(row.position),
    event: {
      specversion: '1.0',
      id: row.id,
      source: `/${service}`,
      type: row.type,
      subject: row.subject,
      time: row.time,
      datacontenttype: 'application/json',
      ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
      data: row.data,
    } satisfies CloudEvent,
  }))
}

/**
 * Lets any number of readers wait for the next event at the price of one query per interval, and of
 * none while nobody waits.
 */
const createWaitingRoom = (sql: Sql) => {
  const sleepers = new Set<() => void>()
  let newest = 0n
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const wakeAll = () => {
    for (const wake of sleepers) wake()
  }
  const look = async () => {
    try {
      const [row] = await sql<{ newest: string | null }>(
        'SELECT max(position)::text AS newest FROM kit.outbox',
      )
      const found = BigInt(row?.newest ?? 0)
      if (found !== newest) {
        newest = found
        wakeAll()
      }
    } catch {
      // Readers wake at their deadline and meet the database's fault themselves.
    }
    timer = sleepers.size > 0 && !closed ? setTimeout(look, lookInterval) : undefined
  }

  return {
    get closed() {
      return closed
    },
    /** Resolves when there may be an event behind `position`, or at `deadline` (monotonic ms). */
    until: (position: bigint, deadline: number): Promise<void> => {
      if (closed || newest > position) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(alarm)
          sleepers.delete(wake)
          resolve()
        }
        const alarm = setTimeout(wake, Math.max(0, deadline - performance.now()))
        sleepers.add(wake)
        timer ??= setTimeout(look, lookInterval)
      })
    },
    close: () => {
      closed = true
      clearTimeout(timer)
      wakeAll()
    },
  }
}
