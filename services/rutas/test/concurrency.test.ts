import { type IncomingHttpHeaders, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeSentences } from '@porttrack/ais/encode'
import { withClient } from '@porttrack/shared/database/session'
import type { Sql } from '@porttrack/shared/database/transaction'
import { lockWaits } from '@porttrack/shared/testing/lock-waits'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { ingestLock } from '../src/ais/ingest-order.ts'
import { keepAll } from './policy.ts'
import { passage, sentence, voyage } from './sentences.ts'

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
    const reports = 'SELECT count(*)::int AS n FROM position WHERE mmsi = $1'
    expect(await sql(reports, [Number(mmsi)])).toEqual([{ n: 2_000 }])
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

/** Sends a body piece by piece over a real connection, and hangs up should `pieces` throw. */
const stream = (service: Rutas, pieces: AsyncIterable<string>) =>
  new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const token = service.issuer.gatewayToken('rutas', { roles: ['admin'] })
    const out = request(
      `${service.url}/v1/ais`,
      { method: 'POST', headers: { ...text, authorization: `Bearer ${token}` } },
      (answer) => {
        let body = ''
        answer.on('data', (chunk) => (body += chunk))
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
        )
      },
    )
    out.on('error', reject)
    const send = async () => {
      for await (const piece of pieces) out.write(piece)
      out.end()
    }
    send().catch((error: Error) => out.destroy(error))
  })

/** Nothing of a ship that is not known yet. */
const trackOf = async (mmsi: string): Promise<unknown[]> =>
  (await one.request('GET', `/v1/targets/${mmsi}/track`)).body.items ?? []

describe('a body that comes in pieces', () => {
  const lines = (mmsi: string) =>
    passage({ mmsi, from: { lat: 36, lon: -6 }, to: { lat: 36.01, lon: -6 }, begin, count: 30 })

  it('is cut anywhere, and written before it ends', async () => {
    const mmsi = '224300011'
    const whole = `${lines(mmsi).join('\r\n')}\r\n`
    const halves = async function* () {
      yield whole.slice(0, whole.length / 2)
      await expect.poll(() => trackOf(mmsi), { timeout: 20_000 }).toHaveLength(15)
      yield whole.slice(whole.length / 2)
    }
    const { status, body } = await stream(one, halves())
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({ stored: 30, rejectedCount: 0 })
  })

  it('keeps what was committed before the sender hung up, and can be sent again', async () => {
    const mmsi = '224300012'
    const log = lines(mmsi)
    const part = async function* () {
      yield* log.slice(0, 20).map((line) => `${line}\n`)
      await expect.poll(() => trackOf(mmsi), { timeout: 20_000 }).not.toEqual([])
      throw new Error('hangs up')
    }
    await expect(stream(one, part())).rejects.toThrow('hangs up')
    const kept = (await trackOf(mmsi)).length
    expect(kept).toBeLessThanOrEqual(20)
    expect((await post(one, log)).body).toMatchObject({ stored: 30 - kept, duplicates: kept })
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
    // By itself on its database: no other replica takes over what this one could not write.
    await using alone = await startTestService(rutas, { issuer: one.issuer, env: keepAll })
    const mmsi = '224300021'
    const log = passage({
      mmsi,
      from: { lat: 36, lon: -6 },
      to: { lat: 37.5, lon: -6 },
      begin,
      count: 15_000,
      everySeconds: 31,
    })
    await withClient(alone.databaseUrl, async (admin) => {
      const asked = async (query: string, values: unknown[] = []): Promise<number> =>
        (await admin.query<{ n: number }>(query, values)).rows[0]?.n ?? 0
      const count = () =>
        asked('SELECT count(*)::int AS n FROM position WHERE mmsi = $1', [Number(mmsi)])
      const halves = async function* () {
        yield log
          .slice(0, 7_000)
          .map((line) => `${line}\n`)
          .join('')
        await expect.poll(count, { timeout: 20_000 }).toBe(7_000)
        // Everyone's connection is cut while the rest waits for its turn.
        await admin.query(`SELECT pg_advisory_lock(${ingestLock})`)
        yield log
          .slice(7_000)
          .map((line) => `${line}\n`)
          .join('')
        const turn = `SELECT count(*)::int AS n FROM pg_locks JOIN pg_database ON pg_database.oid = database
                      WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`
        await expect.poll(() => asked(turn), { timeout: 20_000 }).toBeGreaterThan(0)
        await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        )
        await admin.query(`SELECT pg_advisory_unlock(${ingestLock})`)
      }
      const answer = await stream(alone, halves())
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
      let before = await count()
      expect(before).toBe(7_000)
      let again = await post(alone, log)
      // Until each connection that was cut has been noticed, as a feeder would that is told to come back.
      while (again.status === 503) {
        before = await count()
        again = await post(alone, log)
      }
      expect(again).toMatchObject({
        status: 200,
        body: { stored: 15_000 - before, duplicates: before },
      })
      expect(await count()).toBe(15_000)
    })
  })
})

describe('a sender that does not wait', () => {
  it('fails no other whose batch waits with its own', async () => {
    await withClient(one.databaseUrl, async (admin) => {
      await admin.query(`SELECT pg_advisory_lock(${ingestLock})`)
      const lines = (mmsi: string) => [sentence({ mmsi, lat: 36, lon: -6 }, { time: begin })]
      const hasty = one.request('POST', '/v1/ais', {
        headers: { ...text, 'x-request-deadline': String(Date.now() + 2_000) },
        body: lines('224300091').join('\n'),
      })
      await expect.poll(() => lockWaits(one.opened.database.sql)).toBeGreaterThan(0)
      const patient = post(one, lines('224300092'))
      await sleep(2_500)
      await admin.query(`SELECT pg_advisory_unlock(${ingestLock})`)
      expect(await patient).toMatchObject({ status: 200, body: { stored: 1 } })
      expect(await hasty).toMatchObject({ status: 200, body: { stored: 1 } })
    })
  })
})
