import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFaultProxy } from '../src/testing/fault-proxy.ts'
import { startTestService, type TestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'
import { notes } from './notes/notes.ts'

let service: TestService<object>
let observer: pg.Client
beforeAll(async () => {
  service = await startTestService(notes, { issuer: new TokenIssuer(['gateway', 'notes']) })
  observer = new pg.Client({ connectionString: service.databaseUrl })
  await observer.connect()
})
afterAll(async () => {
  await observer.end()
  await service[Symbol.asyncDispose]()
})

/** A deadline in so many milliseconds, as the gateway sends it. */
const within = (ms: number) => ({ 'x-request-deadline': String(Date.now() + ms) })

const write = async (text: string): Promise<string> =>
  (await service.request('POST', '/v1/notes', { body: { text } })).body.id

const change = (id: string, text: string, headers: Record<string, string>) =>
  service.request('PUT', `/v1/notes/${id}`, {
    body: { text },
    headers: { 'if-match': '"1"', ...headers },
  })

/** Another's transaction that holds a note. */
const holdNote = async (id: string) => {
  const holder = new pg.Client({ connectionString: service.databaseUrl })
  await holder.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT FROM note WHERE id = $1 FOR UPDATE', [id])
  return { [Symbol.asyncDispose]: () => holder.end() }
}

/** Statements of the service that run or wait, and the locks that requests hold. */
const atWork = async () => {
  const { rows } = await observer.query(
    `SELECT count(DISTINCT activity.pid) FILTER (WHERE activity.state <> 'idle')::int AS statements,
            count(*) FILTER (WHERE locks.locktype = 'advisory')::int AS locks
     FROM pg_stat_activity activity LEFT JOIN pg_locks locks USING (pid)
     WHERE activity.datname = current_database() AND application_name = 'porttrack'`,
  )
  return rows[0] as { statements: number; locks: number }
}

describe('a request that waits for a lock', () => {
  it('is answered 504 at its deadline, and leaves no statement and no lock behind', async () => {
    const id = await write('held')
    await using held = await holdNote(id)
    expect(held).toBeDefined()
    const waiting = change(id, 'late', { ...within(3_000), 'idempotency-key': 'late' })
    await expect.poll(atWork).toEqual({ statements: 1, locks: 1 })
    const answer = await waiting
    expect(answer).toMatchObject({ status: 504, body: { code: 'DEADLINE_EXCEEDED' } })
    await expect.poll(atWork).toEqual({ statements: 0, locks: 0 })
    // The lock that stood in the way is still there: nothing else ended the statement.
    const { rows } = await observer.query('SELECT FROM note WHERE id = $1 FOR UPDATE SKIP LOCKED', [
      id,
    ])
    expect(rows).toEqual([])
  })

  it('changes nothing, and can be made again', async () => {
    const id = await write('first')
    {
      await using held = await holdNote(id)
      expect(held).toBeDefined()
      const late = await change(id, 'second', { ...within(300), 'idempotency-key': 'again' })
      expect(late.status).toBe(504)
    }
    const headers = { ...within(20_000), 'idempotency-key': 'again' }
    expect(await change(id, 'second', headers)).toMatchObject({
      status: 200,
      body: { text: 'second', version: 2 },
    })
  })

  it('keeps others from nothing: every connection is of use again', async () => {
    const id = await write('crowd')
    {
      await using held = await holdNote(id)
      expect(held).toBeDefined()
      const crowd = Array.from({ length: 25 }, () => change(id, 'late', within(1_000)))
      const statuses = (await Promise.all(crowd)).map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set([504]))
    }
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => service.request('GET', `/v1/notes/${id}`)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })
})

describe('a deadline', () => {
  it('that has passed is answered at once', async () => {
    const answer = await service.request('GET', '/v1/notes', { headers: within(-1) })
    expect(answer).toMatchObject({ status: 504, body: { code: 'DEADLINE_EXCEEDED' } })
  })

  it.each(['soon', '1', '99999999999999999', '-1700000000000'])(
    'that is none is not kept: %s',
    async (deadline) => {
      const headers = { 'x-request-deadline': deadline }
      expect(await service.request('GET', '/v1/notes', { headers })).toMatchObject({ status: 200 })
    },
  )

  it('is of one reader of a feed, who waits no longer: the others go on', async () => {
    const { body } = await service.request('GET', '/v1/feed', { as: { roles: ['admin'] } })
    const path = `/v1/feed?after=${encodeURIComponent(body.next)}&wait=20`
    const poll = (ms: number) =>
      service.request('GET', path, { as: { roles: ['admin'] }, headers: within(ms) })
    const impatient = poll(2_000)
    const patient = poll(30_000)
    expect(await impatient).toMatchObject({ status: 200, body: { events: [] } })
    await sleep(500)
    await write('news')
    expect((await patient).body.events).toHaveLength(1)
  })

  it('is for the answer to begin: a stream goes on', async () => {
    const { body } = await service.request('GET', '/v1/feed', { as: { roles: ['admin'] } })
    const token = service.issuer.gatewayToken('notes', { roles: ['admin'] })
    const leaving = new AbortController()
    const path = `/v1/feed?after=${encodeURIComponent(body.next)}`
    const patience = 1_500
    const response = await fetch(`${service.url}${path}`, {
      signal: leaving.signal,
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
        ...within(patience),
      },
    })
    await sleep(patience)
    await write('streamed')
    const reader = response.body?.getReader()
    const { value } = (await reader?.read()) ?? {}
    expect(Buffer.from(value ?? '').toString()).toContain('"streamed"')
    leaving.abort()
  })
})

describe('a database that hangs', () => {
  it('costs its requests and nothing else: connections are given up and made anew', async () => {
    await using network = await startFaultProxy()
    const address = new URL(service.databaseUrl)
    network.leadTo(new URL(address))
    address.hostname = '127.0.0.1'
    address.port = String(network.port)
    await using apart = await startTestService(notes, {
      issuer: new TokenIssuer(['gateway', 'notes']),
      databaseUrl: address.href,
      env: { BACKGROUND: 'off' },
    })
    const read = (ms: number) => apart.request('GET', '/v1/notes', { headers: within(ms) })
    expect(await read(20_000)).toMatchObject({ status: 200 })
    network.suffer('black hole')
    // More than there are connections.
    const hanging = await Promise.all(Array.from({ length: 15 }, () => read(500)))
    const statuses = hanging.map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([504]))
    network.suffer('none')
    await expect.poll(async () => (await read(5_000)).status).toBe(200)
  })
})
