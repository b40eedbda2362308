import type { ServerResponse } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Sql } from '../database/transaction.ts'
import { remainingTime, withoutDeadline } from '../http/deadline.ts'
import { errors, kitErrors } from '../http/errors.ts'
import { ProblemError } from '../http/problem.ts'
import {
  type CloudEvent,
  cloudEventOf,
  FeedPage,
  type OutboxRow,
  feedLimits,
} from './cloud-event.ts'

type FeedOptions = {
  service: string
  sql: Sql
  /** Type of event → properties of its data that say whose it is. */
  organizations: Readonly<Record<string, readonly string[]>>
}

/** Where a reader stands: the feed's epoch and the position of the last event read. */
type FeedCursor = { epoch: string; position: bigint }

/** How often the outbox is looked at while someone waits, in milliseconds: one look for all. */
const lookInterval = 200

/** Kept back from the time that a reader may wait, to look once more and answer, in milliseconds. */
const lastLook = 250

/** Heartbeat of an event stream, in milliseconds. */
const heartbeat = 15_000

/** Timers cannot be longer, in milliseconds. */
const longestTimer = 2_147_483_647

/**
 * Serves a service's events in commit order: as pages with long poll, or as server-sent events when
 * the caller accepts `text/event-stream`. Without `after` (or `Last-Event-ID`) it begins with the
 * oldest event kept. Who is bound to an organisation gets the events that say they are of it.
 */
export const feedRoutes: FastifyPluginAsyncTypebox<FeedOptions> = async (app, options) => {
  const { service, sql, organizations } = options
  const waiting = createWaitingRoom(sql)
  // Before the server waits for requests in flight: those that wait for an event are let go.
  app.addHook('preClose', async () => waiting.close())

  app.get(
    '/feed',
    {
      config: { permission: 'feed:read' },
      schema: {
        operationId: 'readFeed',
        summary: 'Events in commit order',
        description:
          'Pages with long poll, or server-sent events with `Accept: text/event-stream`. A cursor of another epoch, or older than what is kept, is answered 410: start again without one. A caller of an organisation gets the events that say they are of that organisation; a page of them may be empty while more follow its `next`.',
        tags: ['feed'],
        querystring: Type.Object(
          {
            after: Type.Optional(
              Type.String({
                maxLength: feedLimits.position,
                description: '`next` of the page before',
              }),
            ),
            limit: Type.Optional(
              Type.Integer({ minimum: 1, maximum: feedLimits.page, default: 100 }),
            ),
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
      const cursor = cursorOf(typeof lastEventId === 'string' ? lastEventId : after)
      const { organization } = request.caller
      const readAfter = (after: FeedCursor | null, limit: number) =>
        readFeed(sql, { service, after, limit, organization, organizations })
      let page = await readAfter(cursor, limit)
      if (request.headers.accept?.includes('text/event-stream')) {
        reply.hijack()
        reply.raw.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-request-id': request.id,
        })
        // The first event may be long in coming.
        reply.raw.flushHeaders()
        try {
          const { sessionEnds } = request.caller
          await withoutDeadline(() => stream(reply.raw, { first: page, readAfter, sessionEnds }))
        } catch (error) {
          request.log.warn({ err: error }, 'event stream broken off')
          reply.raw.destroy()
        }
        return reply
      }
      const patience = (remainingTime() ?? Number.POSITIVE_INFINITY) - lastLook
      const deadline = performance.now() + Math.min(wait * 1_000, patience)
      const waits = () =>
        performance.now() < deadline && !waiting.closing.aborted && !request.raw.destroyed
      while (page.events.length === 0 && waits()) {
        if (!page.full) await waiting.until(page.next.position, deadline)
        page = await readAfter(page.next, limit)
      }
      return { events: page.events.map(({ event }) => event), next: formatCursor(page.next) }
    },
  )

  const stream = async (out: ServerResponse, { first, readAfter, sessionEnds }: Stream) => {
    const left = Math.min(Math.max(0, sessionEnds * 1_000 - Date.now()), longestTimer)
    const ends = performance.now() + left
    const over = AbortSignal.any([waiting.closing, AbortSignal.timeout(left)])
    let page = first
    let beat = performance.now() + heartbeat
    while (!out.destroyed && !over.aborted) {
      for (const { cursor, event } of page.events) {
        const id = formatCursor(cursor)
        const text = `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
        if (!out.write(text)) await drained(out, over)
      }
      if (performance.now() >= beat) {
        out.write(': still here\n\n')
        beat = performance.now() + heartbeat
      }
      if (page.events.length === 0 && !page.full)
        await waiting.until(page.next.position, Math.min(beat, ends))
      page = await readAfter(page.next, 100)
    }
    // A reader that takes nothing would hold the connection for as long as it likes.
    if (out.writableNeedDrain) out.destroy()
    else out.end()
  }
}

const drained = (out: ServerResponse, over: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      out.off('drain', done)
      out.off('close', done)
      over.removeEventListener('abort', done)
      resolve()
    }
    out.once('drain', done)
    out.once('close', done)
    over.addEventListener('abort', done)
    if (out.destroyed || over.aborted) done()
  })

const formatCursor = ({ epoch, position }: FeedCursor): string => `${epoch}:${position}`

const cursorOf = (text: string | undefined): FeedCursor | null => {
  if (text === undefined) return null
  const parts = /^([0-9a-f-]{36}):(\d{1,18})$/.exec(text)
  if (!parts) {
    throw new ProblemError(kitErrors.CURSOR_INVALID, {
      errors: [
        {
          pointer: '?after',
          detail: { en: 'is not a cursor of a feed', es: 'no es un cursor de un canal de eventos' },
        },
      ],
    })
  }
  return { epoch: parts[1] ?? '', position: BigInt(parts[2] ?? '') }
}

type FeedRow = { epoch: string; trimmed_to: string; shown: boolean } & (
  OutboxRow | { position: null }
)

type Reading = {
  events: { cursor: FeedCursor; event: CloudEvent }[]
  /** Behind the last event read, also of those that are not the caller's. */
  next: FeedCursor
  /** Whether as many were read as were asked for, so that more may follow at once. */
  full: boolean
}

type Stream = {
  first: Reading
  readAfter: (after: FeedCursor, limit: number) => Promise<Reading>
  /** When the caller's token ends, in seconds since 1970. */
  sessionEnds: number
}

type Asked = Omit<FeedOptions, 'sql'> & {
  after: FeedCursor | null
  limit: number
  /** Whose events alone; null for everybody's. */
  organization: string | null
}

/**
 * One statement for the events and for what is kept, so that events trimmed meanwhile are missed
 * aloud and not passed over.
 *
 * @param after null for the oldest event kept
 * @throws ProblemError 410 when `after` is of another epoch or from before what is kept
 */
const readFeed = async (
  sql: Sql,
  { service, after, limit, organization, organizations }: Asked,
): Promise<Reading> => {
  const rows = await sql<FeedRow>(
    `SELECT kept.epoch::text, kept.trimmed_to::text, event.position::text, event.id::text,
            event.type, event.subject, event.traceparent, event.data,
            $3::text IS NULL OR EXISTS (
              SELECT FROM jsonb_array_elements_text($4::jsonb->event.type) AS property
              WHERE event.data->>property = $3
            ) AS shown,
            to_char(event.time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time
     FROM kit.feed_epoch AS kept LEFT JOIN LATERAL (
       SELECT * FROM kit.outbox WHERE position > coalesce($1::bigint, kept.trimmed_to)
       ORDER BY position LIMIT $2::int
     ) AS event ON true
     ORDER BY event.position`,
    [
      after === null ? null : String(after.position),
      limit,
      organization,
      JSON.stringify(organizations),
    ],
  )
  const [kept] = rows
  if (!kept) throw new Error('the feed has no epoch: the kit’s migrations have not run')
  const oldest = { epoch: kept.epoch, position: BigInt(kept.trimmed_to) }
  if (after !== null && (after.epoch !== oldest.epoch || after.position < oldest.position)) {
    throw new ProblemError(kitErrors.FEED_CURSOR_GONE)
  }
  const read = rows
    .filter((row) => row.position !== null)
    .map((row) => ({ row, cursor: { epoch: row.epoch, position: BigInt(row.position) } }))
  const events = read
    .filter(({ row }) => row.shown)
    .map(({ row, cursor }) => ({ cursor, event: cloudEventOf(service, row) }))
  return {
    events,
    next: read.at(-1)?.cursor ?? after ?? oldest,
    full: read.length === limit,
  }
}

/**
 * Lets any number of readers wait for the next event at the price of one query per interval, and of
 * none while nobody waits.
 */
const createWaitingRoom = (sql: Sql) => {
  const sleepers = new Set<() => void>()
  let newest = 0n
  let timer: NodeJS.Timeout | undefined
  const closing = new AbortController()

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
    timer =
      sleepers.size > 0 && !closing.signal.aborted ? setTimeout(look, lookInterval) : undefined
  }

  return {
    /** Aborted when nobody should wait any longer. */
    closing: closing.signal,
    /** Resolves when there may be an event behind `position`, or at `deadline` (monotonic ms). */
    until: (position: bigint, deadline: number): Promise<void> => {
      if (closing.signal.aborted) return Promise.resolve()
      if (newest > position) {
        // Seen after the reader looked: it looks again. Only once, as the event may be gone for good
        // (trimmed, or the database restored to an earlier state).
        newest = position
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(alarm)
          sleepers.delete(wake)
          resolve()
        }
        const alarm = setTimeout(wake, Math.max(0, deadline - performance.now()))
        sleepers.add(wake)
        // Others than this reader may wait for the next look.
        timer ??= withoutDeadline(() => setTimeout(look, lookInterval))
      })
    },
    close: () => {
      closing.abort()
      clearTimeout(timer)
      wakeAll()
    },
  }
}
