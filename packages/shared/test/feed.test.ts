import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Sql } from '../src/database/transaction.ts'
import { sweepKitTables } from '../src/service/sweep.ts'
import { startTestService, type TestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'
import { listener, notes } from './notes/notes.ts'

type WithSql = { database: { sql: Sql } }
type Notes = TestService<WithSql>

const issuers = ['gateway', 'notes', 'carga']
const start = (): Promise<Notes> => startTestService(notes, { issuer: new TokenIssuer(issuers) })
const as = { roles: ['admin'] } as const
const write = (service: Notes, text: string) =>
  service.request('POST', '/v1/notes', { body: { text } })
const read = (service: Notes, query: string) => service.request('GET', `/v1/feed?${query}`, { as })

/** A request over a connection that the caller would go on using. */
const open = async (
  { app, url, issuer }: Notes,
  path: string,
  { headers = {}, sessionSeconds = 600 }: { headers?: object; sessionSeconds?: number } = {},
) => {
  const agent = new Agent({ keepAlive: true })
  const token = issuer.gatewayToken('notes', { ...as, sessionSeconds })
  const asked = request(`${url}${path}`, {
    agent,
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
  asked.on('error', () => undefined).end()
  const answered = once(asked, 'response').then(([response]) => response as IncomingMessage)
  answered.catch(() => undefined)
  await once(app.server, 'request')
  return { answered, [Symbol.dispose]: () => agent.destroy() }
}
const openStream = async (service: Notes, options: Parameters<typeof open>[2] = {}) => {
  const accept = { accept: 'text/event-stream', ...options.headers }
  return open(service, '/v1/feed', { ...options, headers: accept })
}

const textOf = async (message: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const chunk of message) text += String(chunk)
  return text
}

/** Runs the sweep once. */
const sweep = async ({ opened }: Notes): Promise<void> => {
  const over = new AbortController()
  const run = sweepKitTables((text, values) => {
    if (text.includes('kit.outbox')) over.abort()
    return opened.database.sql(text, values)
  }).run(over.signal)
  await run
}

const texts = (events: { data: { text: string } }[]) => events.map(({ data }) => data.text)

describe('a stream of events', () => {
  it('opens at once, resumes where the reader stood and tells of what comes', async () => {
    await using service = await start()
    await write(service, 'one')
    await write(service, 'two')
    const { body } = await read(service, 'limit=1')
    using opened = await openStream(service, { headers: { 'last-event-id': body.next } })
    const stream = await opened.answered
    expect(stream.headers['content-type']).toBe('text/event-stream')
    let seen = ''
    stream.on('data', (chunk) => (seen += String(chunk)))
    await expect.poll(() => seen).toContain('"text":"two"')
    await write(service, 'three')
    await expect.poll(() => seen).toContain('"text":"three"')
    expect(seen).not.toContain('"text":"one"')
    expect(seen.match(/^id: .+$/gm)).toHaveLength(2)
  })

  it('has its headers before there is an event', async () => {
    await using service = await start()
    using opened = await openStream(service)
    expect((await opened.answered).statusCode).toBe(200)
  })

  it('ends with the session, also for a reader that takes nothing', async () => {
    await using service = await start()
    await service.opened.database.sql(
      `INSERT INTO kit.outbox (id, type, subject, time, data)
       SELECT gen_random_uuid(), 'notes.note.written', 'x', now(),
              jsonb_build_object('text', repeat('x', 100000))
       FROM generate_series(1, 300)`,
    )
    using reading = await openStream(service, { sessionSeconds: 2 })
    using still = await openStream(service, { sessionSeconds: 2 })
    const unread = await still.answered
    const closed = once(unread.socket, 'close')
    expect(await textOf(await reading.answered)).toMatch(/\n\n$/)
    unread.on('error', () => undefined)
    await sleep(500)
    unread.resume()
    await closed
    expect(unread.complete).toBe(false)
  })

  it('is broken off when the database fails, so that the reader comes back', async () => {
    await using service = await start()
    using opened = await openStream(service)
    const stream = await opened.answered
    const closed = once(stream.socket, 'close')
    stream.on('error', () => undefined).resume()
    await service.opened.database.sql('ALTER TABLE kit.outbox RENAME COLUMN data TO gone')
    await service.opened.database.sql(
      `INSERT INTO kit.outbox (id, type, subject, time, gone)
       VALUES (gen_random_uuid(), 'x', 'x', now(), '{}')`,
    )
    await closed
    expect(stream.complete).toBe(false)
  })
})

describe('a service that stops', () => {
  it('lets go whoever waits for an event, and keeps no connection open', async () => {
    const service = await start()
    using poll = await open(service, '/v1/feed?wait=30')
    using stream = await openStream(service)
    const events = textOf(await stream.answered)
    await sleep(300)
    const begun = performance.now()
    await service[Symbol.asyncDispose]()
    // Left alone they would wait for 30 s.
    expect(performance.now() - begun).toBeLessThan(20_000)
    const answered = await poll.answered
    expect(answered).toMatchObject({ statusCode: 200, headers: { connection: 'close' } })
    expect(JSON.parse(await textOf(answered))).toMatchObject({ events: [] })
    expect(await events).toBe('')
  })
})

describe('a feed that was restored', () => {
  it('answers 410 to whoever stands in another epoch, also to whoever waits', async () => {
    await using service = await start()
    await write(service, 'before')
    const { body } = await read(service, 'limit=10')
    const waiting = read(service, `after=${body.next}&wait=20`)
    await sleep(200)
    await service.opened.database.sql('UPDATE kit.feed_epoch SET epoch = gen_random_uuid()')
    await write(service, 'after')
    expect(await waiting).toMatchObject({ status: 410, body: { code: 'FEED_CURSOR_GONE' } })
  })

  it('is not asked again and again for events that are gone', async () => {
    await using service = await start()
    const { sql } = service.opened.database
    const { body } = await read(service, 'limit=10')
    const first = read(service, `after=${body.next}&wait=10`)
    await sleep(300)
    await write(service, 'lost')
    expect((await first).body.events).toHaveLength(1)
    await sql('TRUNCATE kit.outbox')
    const readsOf = async () => {
      await sleep(1_200)
      const [row] = await sql<{ reads: number }>(
        `SELECT coalesce(seq_scan + idx_scan, 0)::int AS reads FROM pg_stat_user_tables
         WHERE relid = 'kit.feed_epoch'::regclass`,
      )
      return row?.reads ?? 0
    }
    const before = await readsOf()
    const waited = await read(service, `after=${body.next}&wait=2`)
    expect(waited.body.events).toEqual([])
    expect((await readsOf()) - before).toBeLessThan(10)
  })
})

describe('the sweep', () => {
  it('drops events by when they were published, and tells readers that stood before', async () => {
    await using service = await start()
    const { sql } = service.opened.database
    const { body: empty } = await read(service, 'limit=10')
    for (const text of ['old', 'older', 'replayed']) await write(service, text)
    const { body } = await read(service, 'limit=2')
    await sql(`UPDATE kit.outbox SET published_at = now() - interval '31 days'
               WHERE data->>'text' LIKE 'old%'`)
    await sql(`UPDATE kit.outbox SET time = '2019-01-01' WHERE data->>'text' = 'replayed'`)
    await sweep(service)
    expect(await read(service, `after=${empty.next}`)).toMatchObject({ status: 410 })
    expect(texts((await read(service, `after=${body.next}`)).body.events)).toEqual(['replayed'])
    expect(texts((await read(service, 'limit=10')).body.events)).toEqual(['replayed'])
  })

  it('keeps the position of a feed of which nothing is left', async () => {
    await using service = await start()
    const { sql } = service.opened.database
    await write(service, 'old')
    const { body } = await read(service, 'limit=10')
    await sql(`UPDATE kit.outbox SET published_at = now() - interval '31 days'`)
    await sweep(service)
    expect((await read(service, `after=${body.next}`)).body).toEqual({
      events: [],
      next: body.next,
    })
    expect((await read(service, 'limit=10')).body.next).toBe(body.next)
  })

  it('drops answers that are a day old', async () => {
    await using service = await start()
    const { sql } = service.opened.database
    const headers = { 'idempotency-key': 'k' }
    await service.request('POST', '/v1/notes', { body: { text: 'kept' }, headers })
    await sweep(service)
    const count = () => sql<{ n: number }>('SELECT count(*)::int AS n FROM kit.idempotent_answer')
    expect(await count()).toEqual([{ n: 1 }])
    await sql(`UPDATE kit.idempotent_answer SET created_at = now() - interval '25 hours'`)
    await sweep(service)
    expect(await count()).toEqual([{ n: 0 }])
  })
})

describe('a reader of another service’s feed', () => {
  it('begins anew once when its position is gone, however many replicas notice', async () => {
    const issuer = new TokenIssuer(issuers)
    const epoch = '00000000-0000-7000-8000-00000000000'
    const event = {
      specversion: '1.0',
      id: '00000000-0000-7000-8000-0000000000ee',
      source: '/notes',
      type: 'notes.note.written',
      subject: 'x',
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      data: { text: 'anew' },
    }
    // Two replicas stand in epoch 1. The feed is in epoch 2; the second replica hears of it only
    // when the first has begun anew already.
    const both = Promise.withResolvers<void>()
    const late = Promise.withResolvers<void>()
    let gone = 0
    const feed = createServer(async (asked, response) => {
      const after = new URL(asked.url ?? '', 'http://feed').searchParams.get('after')
      const page = (events: object[], position: number) =>
        response.end(JSON.stringify({ events, next: `${epoch}2:${position}` }))
      if (after?.startsWith(`${epoch}1`)) {
        gone += 1
        if (gone === 2) both.resolve()
        await (gone === 2 ? late : both).promise
        response.writeHead(410).end()
      } else if (after === null) {
        page([event], 1)
      } else {
        setTimeout(() => page([], 1), 300)
      }
    }).listen(0, '127.0.0.1')
    await once(feed, 'listening')
    const env = { NOTES_URL: `http://127.0.0.1:${(feed.address() as AddressInfo).port}` }
    const off = { ...env, BACKGROUND: 'off' }
    await using own = await startTestService(listener, { issuer, env: off })
    const { sql } = own.opened.database
    // What is applied twice shows twice.
    await sql('ALTER TABLE echo DROP CONSTRAINT echo_pkey')
    await sql(
      `INSERT INTO kit.feed_cursor (source, epoch, position) VALUES ('notes', '${epoch}1', 7)`,
    )
    const { databaseUrl } = own
    const first = await startTestService(listener, { issuer, env, databaseUrl })
    const second = await startTestService(listener, { issuer, env, databaseUrl })
    const heard = () => sql<{ text: string }>('SELECT text FROM echo')
    await both.promise
    await expect.poll(heard).toHaveLength(1)
    late.resolve()
    await sleep(800)
    expect(await heard()).toHaveLength(1)
    await first.close()
    await second.close()
    feed.closeAllConnections()
    feed.close()
  })

  it('shows how far behind it is while an event cannot be applied', async () => {
    await using service = await start()
    // Something to read at once: without it the reader's first request waits for an event.
    await write(service, 'before')
    await using reader = await startTestService(listener, {
      issuer: service.issuer,
      env: { NOTES_URL: service.url },
    })
    const { sql } = reader.opened.database
    const lag = async () => {
      const metrics = await (await fetch(`${reader.managementUrl}/metrics`)).text()
      return Number(/^feed_consumer_lag_seconds\{source="notes"\} (.+)$/m.exec(metrics)?.[1])
    }
    await expect.poll(lag).toBe(0)
    await sql('ALTER TABLE echo RENAME TO away')
    await write(service, 'stuck')
    await expect.poll(lag).toBeGreaterThan(1)
    await sql('ALTER TABLE away RENAME TO echo')
    await expect.poll(lag).toBe(0)
    expect(await sql(`SELECT text FROM echo ORDER BY text`)).toEqual([
      { text: 'before' },
      { text: 'stuck' },
    ])
  })
})
