import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeSentences } from '@porttrack/ais/encode'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { ingestLock } from '../src/zones/zone.store.ts'
import { keepAll } from './policy.ts'
import { passage, sentence, voyage } from './sentences.ts'

type Sql = <Row>(text: string, values?: unknown[]) => Promise<Row[]>
type Rutas = TestService<{ database: { sql: Sql } }>

let one: Rutas
let two: Rutas
const begin = Date.UTC(2026, 9, 1, 12)
const text = { 'content-type': 'text/plain' }

beforeAll(async () => {
  const issuer = new TokenIssuer()
  one = await startTestService(rutas, { issuer, env: keepAll })
  two = await startTestService(rutas, { issuer, env: keepAll, databaseUrl: one.databaseUrl })
})
afterAll(async () => {
  await two.close()
  await one[Symbol.asyncDispose]()
})

const post = (service: Rutas, lines: readonly string[]) =>
  service.request('POST', '/v1/ais', { headers: text, body: lines.join('\n') })

const eventsOf = async (mmsi: string): Promise<{ type: string; time: string }[]> => {
  const as = { roles: ['admin'] as const }
  const { body } = await two.request('GET', '/v1/feed?limit=1000', { as })
  return body.events.filter(({ subject }: { subject: string }) => subject === mmsi)
}

describe('two replicas on one database', () => {
  it('store each message once when both get the same and halves of the same', async () => {
    const mmsi = '224300001'
    const log = passage({
      mmsi,
      from: { lat: 36, lon: -6 },
      to: { lat: 36.2, lon: -6 },
      begin,
      count: 2_000,
      everySeconds: 31,
    })
    const slices = Array.from({ length: 20 }, (_, n) => log.slice(n * 100, n * 100 + 100))
    const answers = await Promise.all(
      slices.flatMap((slice, n) => [
        post(n % 2 === 0 ? one : two, slice),
        post(n % 3 === 0 ? one : two, slice),
      ]),
    )
    const sum = (read: (body: { stored: number; duplicates: number }) => number) =>
      answers.reduce((total, { body }) => total + read(body), 0)
    expect(sum(({ stored }) => stored)).toBe(2_000)
    expect(sum(({ duplicates }) => duplicates)).toBe(2_000)
    const { sql } = one.opened.database
    const [row] = await sql<{ messages: number; positions: number }>(
      `SELECT (SELECT count(*)::int FROM ais_message WHERE mmsi = $1) AS messages,
              (SELECT count(*)::int FROM position WHERE mmsi = $1) AS positions`,
      [Number(mmsi)],
    )
    expect(row).toEqual({ messages: 2_000, positions: 2_000 })
    const { body } = await two.request('GET', `/v1/targets/${mmsi}`)
    expect(body.lastSeen).toBe(new Date(begin + 1_999 * 31_000).toISOString())
  })

  it('see a zone that the other has drawn, in the next batch', async () => {
    const mmsi = '224300002'
    const at = (seconds: number) =>
      sentence({ mmsi, lat: 10, lon: 10 }, { time: begin + seconds * 1_000 })
    await post(two, [at(0)])
    const zone = { name: 'New', kind: 'custom', radiusMetres: 1_000 }
    const geometry = { type: 'Point', coordinates: [10, 10] }
    await one.request('POST', '/v1/zones', { body: { ...zone, geometry } })
    await post(two, [at(60)])
    expect(await eventsOf(mmsi)).toMatchObject([
      { type: 'rutas.zone.entered', time: new Date(begin + 60_000).toISOString() },
    ])
  })

  it('join the parts of a message that come to one and the other', async () => {
    const mmsi = '224300003'
    const [first = '', second = ''] = encodeSentences(voyage({ mmsi, name: 'SPLIT' }))
    expect((await post(one, [first])).body).toMatchObject({ stored: 0, pending: 1 })
    expect((await post(two, [second])).body).toMatchObject({ stored: 1, pending: 0 })
    expect((await one.request('GET', `/v1/targets/${mmsi}`)).body.name).toBe('SPLIT')
  })
})

/** Sends a body piece by piece over a real connection. */
const stream = (pieces: readonly string[], pause: number, cutAfter = Infinity) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const out = request(
      `${one.url}/v1/ais`,
      {
        method: 'POST',
        headers: {
          ...text,
          authorization: `Bearer ${one.issuer.gatewayToken('rutas', { roles: ['admin'] })}`,
        },
      },
      (answer) => {
        let body = ''
        answer.on('data', (chunk) => (body += chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
      },
    )
    out.on('error', reject)
    const send = async () => {
      for (const [n, piece] of pieces.entries()) {
        if (n === cutAfter) {
          out.destroy()
          return
        }
        out.write(piece)
        await sleep(pause)
      }
      out.end()
    }
    void send()
  })

describe('a body that comes in pieces', () => {
  const lines = (mmsi: string) =>
    passage({ mmsi, from: { lat: 36, lon: -6 }, to: { lat: 36.01, lon: -6 }, begin, count: 30 })

  it('is cut anywhere, and written before it ends', async () => {
    const mmsi = '224300011'
    const whole = `${lines(mmsi).join('\r\n')}\r\n`
    const half = whole.slice(0, whole.length / 2)
    const answering = stream([half, whole.slice(whole.length / 2)], 1_500)
    await expect
      .poll(() => one.request('GET', `/v1/targets/${mmsi}/track`).then(({ body }) => body.items), {
        timeout: 1_400,
      })
      .toHaveLength(15)
    const { status, body } = await answering
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({ stored: 30, rejectedCount: 0 })
  })

  it('keeps what was committed before the sender hung up, and can be sent again', async () => {
    const mmsi = '224300012'
    const log = lines(mmsi)
    const pieces = log.map((line) => `${line}\n`)
    await expect(stream(pieces, 60, 20)).rejects.toThrow('socket hang up')
    const kept = (await one.request('GET', `/v1/targets/${mmsi}/track`)).body.items
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.length).toBeLessThanOrEqual(20)
    expect((await post(one, log)).body).toMatchObject({
      stored: 30 - kept.length,
      duplicates: kept.length,
    })
    expect(one.logs().filter(({ 'log.level': level }) => level === 'error')).toEqual([])
  })
})

describe('a body that is too large', () => {
  it.each([
    ['declared', { 'content-length': '9000000' }],
    ['chunked', {}],
  ])('is refused over a real connection when %s', async (_, headers) => {
    const small = await startTestService(rutas, {
      issuer: one.issuer,
      databaseUrl: one.databaseUrl,
      env: { AIS_BODY_LIMIT_BYTES: '1000000' },
    })
    const token = one.issuer.gatewayToken('rutas', { roles: ['admin'] })
    const status = await new Promise((resolve, reject) => {
      const out = request(
        `${small.url}/v1/ais`,
        { method: 'POST', headers: { ...text, ...headers, authorization: `Bearer ${token}` } },
        (answer) => resolve(answer.resume().statusCode),
      )
      out.on('error', reject)
      out.end('x'.repeat(9_000_000))
    })
    expect(status).toBe(413)
    await small.close()
  })
})

describe('a database that fails', () => {
  it('is answered 503 with a time to come back, and a resend stores nothing twice', async () => {
    const mmsi = '224300021'
    const log = passage({
      mmsi,
      from: { lat: 36, lon: -6 },
      to: { lat: 37.5, lon: -6 },
      begin,
      count: 15_000,
      everySeconds: 31,
    })
    // Not one of the service's connections: the next use of each of these may still fail.
    const admin = new pg.Client({ connectionString: one.databaseUrl })
    await admin.connect()
    const count = async (): Promise<number> => {
      const { rows } = await admin.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM position WHERE mmsi = $1',
        [Number(mmsi)],
      )
      return rows[0]?.n ?? 0
    }
    // Everyone's connection is cut when the first messages are in, and the next wait for their turn.
    await admin.query(`SELECT pg_advisory_lock(${ingestLock})`)
    const answering = post(one, log)
    do {
      // Whoever waits gets it; this is next.
      await admin.query(
        `SELECT pg_advisory_unlock(${ingestLock}); SELECT pg_advisory_lock(${ingestLock})`,
      )
    } while ((await count()) === 0)
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    await admin.query(`SELECT pg_advisory_unlock(${ingestLock})`)
    const answer = await answering
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
    let before = await count()
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(15_000)
    let again = await post(one, log)
    // Until each connection that was cut has been noticed, as a feeder would that is told to come back.
    while (again.status === 503) {
      before = await count()
      again = await post(one, log)
    }
    expect(again).toMatchObject({
      status: 200,
      body: { stored: 15_000 - before, duplicates: before },
    })
    expect(await count()).toBe(15_000)
    await admin.end()
  })
})
