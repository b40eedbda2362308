import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { withoutDeadline } from '@porttrack/shared/http/deadline'
import { errors, kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import { Type } from 'typebox'
import { access } from '../access.ts'
import { boxAsked } from '../geography/bounding-box-query.ts'
import type { RutasMetrics } from '../metrics.ts'
import type { ZoneStore } from '../zones/zone.store.ts'
import { shapeOf } from '../zones/zone.ts'
import {
  cursorText,
  type LiveChange,
  type LiveCursor,
  type LiveFilter,
  readCursor,
  tellOf,
} from './live-change.ts'
import { createLiveHub, type LiveHub } from './live-hub.ts'
import { LiveQuery } from './live.schema.ts'
import type { LiveStore } from './live.store.ts'

type LiveRouteOptions = {
  store: LiveStore
  zones: ZoneStore
  metrics: RutasMetrics
  /** Milliseconds. */
  patience: number
}

/** Heartbeat, in milliseconds. */
const heartbeat = 15_000

/** Bytes that may wait for a reader; what follows is read again once they are gone. */
const mostWaiting = 262_144

/** Milliseconds in which a reader that is dropped may still read why. */
const lingering = 10_000

/** Streams at once in one process. */
const mostReaders = 5_000

/** Timers cannot be longer, in milliseconds. */
const longestTimer = 2_147_483_647

export const liveRoutes: FastifyPluginAsyncTypebox<LiveRouteOptions> = async (
  app,
  { store, zones, metrics, patience },
) => {
  const hub = createLiveHub(store)
  const closing = new AbortController()
  let readers = 0
  // Before the server waits for requests in flight.
  app.addHook('preClose', async () => closing.abort())

  app.get(
    '',
    {
      // A stream without a body would never end.
      exposeHeadRoute: false,
      config: access.permit('target:read'),
      schema: {
        operationId: 'streamLive',
        summary: 'Positions and zone events as they come',
        description:
          'Server-sent events, all filters together. `changes` holds what one batch of AIS changed, `LiveChanges` in its data. With `Last-Event-ID` the stream goes on where it was cut, when the first change that the reader has missed is at most five minutes old; otherwise it begins with `gap`: read the targets first. A reader that takes nothing for `LIVE_PATIENCE_SECONDS` (`slow`), or to which what follows is kept no more (`behind`: it fell five minutes behind, or the database crashed), is sent `dropped` with the reason, and cut. The stream ends when the token does.',
        tags: ['targets'],
        querystring: LiveQuery,
        response: {
          200: {
            description: 'The stream',
            content: { 'text/event-stream': { schema: Type.Ref('LiveChanges') } },
          },
          ...errors(404),
        },
      },
    },
    async (request, reply) => {
      const filter = await filterOf(request.query, zones)
      const lastEventId = request.headers['last-event-id']
      const asked = typeof lastEventId === 'string' ? lastEventId : null
      const { cursor, gap } = await beginAt(store, asked)
      if (readers >= mostReaders) {
        throw new ProblemError(kitErrors.UNAVAILABLE, { headers: { 'retry-after': '5' } })
      }
      reply.hijack()
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-request-id': request.id,
      })
      const left = Math.max(0, request.caller.sessionEnds * 1_000 - Date.now())
      const over = AbortSignal.any([
        closing.signal,
        AbortSignal.timeout(Math.min(left, longestTimer)),
      ])
      readers += 1
      metrics.liveReaders.set(readers)
      try {
        await withoutDeadline(() =>
          stream(reply.raw, {
            hub,
            cursor,
            gap,
            filter,
            over,
            patience,
            onDropped: (reason) => metrics.liveDropped.inc({ reason }),
          }),
        )
      } catch (error) {
        request.log.warn({ err: error }, 'live stream broken off')
        reply.raw.destroy()
      } finally {
        readers -= 1
        metrics.liveReaders.set(readers)
      }
      return reply
    },
  )
}

const filterOf = async (
  { bbox, zone, mmsi }: LiveQuery,
  zones: ZoneStore,
): Promise<LiveFilter> => ({
  box: bbox === undefined ? null : boxAsked(bbox),
  mmsis: mmsi === undefined ? null : new Set(mmsi.split(',')),
  shape: zone === undefined ? null : shapeOf(await zones.find(zone)),
})

/** Where a stream begins, and whether the reader has missed something before it. */
const beginAt = async (
  store: LiveStore,
  asked: string | null,
): Promise<{ cursor: LiveCursor; gap: boolean }> => {
  const resumed = asked === null ? null : readCursor(asked)
  const isKept = resumed !== null && (await store.after(resumed, 0)) !== null
  return isKept
    ? { cursor: resumed, gap: false }
    : { cursor: await store.newest(), gap: asked !== null }
}

type Streaming = {
  hub: LiveHub
  cursor: LiveCursor
  gap: boolean
  filter: LiveFilter
  /** Aborted when the stream shall end. */
  over: AbortSignal
  /** Milliseconds for which a reader may take nothing of what waits for it. */
  patience: number
  onDropped: (reason: 'slow' | 'behind') => void
}

/** Resolves when the stream has ended. */
const stream = async (
  out: ServerResponse,
  { hub, cursor, gap, filter, over, patience, onDropped }: Streaming,
): Promise<void> => {
  let at = cursor
  const left = new AbortController()
  const gone = AbortSignal.any([over, left.signal])
  out.on('close', () => left.abort())
  const drop = (reason: 'slow' | 'behind'): void => {
    if (gone.aborted) return
    onDropped(reason)
    out.write(`event: dropped\ndata: {"reason":"${reason}"}\n\n`)
    left.abort()
  }
  const take = (change: LiveChange): boolean => {
    if (gone.aborted || out.writableLength > mostWaiting) return false
    at = change.cursor
    const data = tellOf(change, filter)
    if (data !== null) out.write(`id: ${cursorText(at)}\nevent: changes\ndata: ${data}\n\n`)
    return true
  }
  const room = async (): Promise<void> => {
    if (!out.writableNeedDrain || gone.aborted) return
    const signal = AbortSignal.any([gone, AbortSignal.timeout(patience)])
    await once(out, 'drain', { signal }).catch(() => drop('slow'))
  }
  // An id without data moves the reader's place, so that it stays known while nothing happens.
  const mark = (): void => void out.write(`: still here\nid: ${cursorText(at)}\n\n`)
  if (gap) out.write(`id: ${cursorText(at)}\nevent: gap\ndata: {}\n\n`)
  else mark()
  const beat = setInterval(() => {
    if (!out.writableNeedDrain) mark()
  }, heartbeat)
  try {
    if (!(await hub.follow(at, { take, room, gone }))) drop('behind')
  } finally {
    clearInterval(beat)
    out.end()
    // A reader that takes nothing would hold the connection for as long as it likes.
    setTimeout(() => out.destroy(), lingering).unref()
  }
}
