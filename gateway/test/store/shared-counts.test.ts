import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { call, metricsOf, startGateway, type TestGateway } from '../gateway.ts'
import { startServer, type TestServer } from '../http.ts'
import { startUserPool, type UserPool } from '../user-pool.ts'
import { type KeyValueServer, startKeyValueServer } from './key-value-server.ts'

let store: KeyValueServer
let barcos: TestServer
let pool: UserPool
let replicas: [TestGateway, TestGateway]
beforeAll(async () => {
  barcos = await startServer((_request, response) => response.end('ok'))
  pool = await startUserPool()
})
afterAll(async () => {
  await pool[Symbol.asyncDispose]()
  await barcos[Symbol.asyncDispose]()
})
beforeEach(async () => {
  store = await startKeyValueServer()
  const start = () =>
    startGateway(
      { barcos: barcos.url },
      {
        pool,
        env: {
          RATE_LIMIT_CALLER: '100',
          RATE_LIMIT_WINDOW_SECONDS: '3600',
          RATE_LIMIT_STORE_URL: store.url,
        },
      },
    )
  replicas = await Promise.all([start(), start()])
})
afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()))
  await store[Symbol.asyncDispose]()
})

/** Asks a replica as one user, and gives the status and how many requests are left. */
const ask = async (replica: TestGateway, sub: string) => {
  const token = pool.userToken(['viewer'], { sub })
  const { status, headers } = await call(replica, '/barcos/v1/x', { token })
  const left = Number(/;r=(\d+)/.exec(String(headers['ratelimit']))?.[1])
  return { status, left }
}

const askTimes = async (replica: TestGateway, sub: string, times: number) => {
  for (let time = 0; time < times; time += 1) await ask(replica, sub)
}

const sharing = (replica: TestGateway) => async () =>
  /^gateway_rate_limits_shared (\d)/m.exec(await metricsOf(replica))?.[1]

const notes = (replica: TestGateway): string[] =>
  replica.service
    .logs()
    .map(({ message }) => String(message))
    .filter((message) => message.startsWith('rate limits'))

const shared = 'rate limits are shared with the other replicas'
const alone = 'rate limits are not shared, each replica limits by itself'

describe('two replicas with one store', () => {
  it('limit a caller together', async () => {
    const [one, two] = replicas
    await askTimes(one, 'user-1', 60)
    // 61 and more of the other's own: what the first counted has arrived.
    await expect.poll(async () => (await ask(two, 'user-1')).left).toBeLessThan(39)
    await askTimes(two, 'user-1', 100)
    expect(await ask(two, 'user-1')).toEqual({ status: 429, left: 0 })
    await expect.poll(async () => (await ask(one, 'user-1')).status).toBe(429)
    expect(await ask(one, 'user-2')).toEqual({ status: 200, left: 99 })
  })

  it('limit by themselves while it is away, say so once, and together when it is back', async () => {
    const [one, two] = replicas
    for (const replica of replicas) await expect.poll(sharing(replica)).toBe('1')
    await askTimes(one, 'user-1', 10)
    await store.stop()
    for (const replica of replicas) await expect.poll(sharing(replica)).toBe('0')
    await askTimes(one, 'user-1', 90)
    expect(await ask(one, 'user-1')).toMatchObject({ status: 429 })
    // What the first refuses the second knows nothing of, and counts from where it was.
    await askTimes(two, 'user-3', 99)
    expect(await ask(two, 'user-3')).toEqual({ status: 200, left: 0 })
    expect(await ask(two, 'user-3')).toMatchObject({ status: 429 })
    expect((await ask(one, 'user-3')).status).toBe(200)
    for (const replica of replicas) expect(notes(replica)).toEqual([shared, alone])
    await store.start()
    for (const replica of replicas) await expect.poll(sharing(replica)).toBe('1')
    for (const replica of replicas) expect(notes(replica)).toEqual([shared, alone, shared])
    // What was counted meanwhile is told.
    await expect.poll(async () => (await ask(two, 'user-1')).status).toBe(429)
    await expect.poll(async () => (await ask(one, 'user-3')).status).toBe(429)
  })

  it('answer as ever while it hangs', async () => {
    const [one] = replicas
    await expect.poll(sharing(one)).toBe('1')
    store.freeze()
    await askTimes(one, 'user-1', 20)
    await expect.poll(sharing(one)).toBe('0')
    expect((await ask(one, 'user-1')).status).toBe(200)
    store.thaw()
    await expect.poll(sharing(one)).toBe('1')
  })
})

it('starts without its store', async () => {
  await store.stop()
  await using late = await startGateway(
    { barcos: barcos.url },
    { pool, env: { RATE_LIMIT_CALLER: '100', RATE_LIMIT_STORE_URL: store.url } },
  )
  expect((await ask(late, 'user-1')).status).toBe(200)
  expect(await sharing(late)()).toBe('0')
  await store.start()
  await expect.poll(sharing(late)).toBe('1')
})

it('is given its password anew while it is used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'porttrack-secrets-'))
  const give = (password: string) => {
    const url = store.url.replace('redis://', `redis://:${password}@`)
    writeFileSync(join(folder, 'RATE_LIMIT_STORE_URL'), url)
  }
  await store.setPassword('store-password-1')
  give('store-password-1')
  await using replica = await startGateway(
    { barcos: barcos.url },
    { pool, env: { RATE_LIMIT_CALLER: '100', SECRETS_DIR: folder } },
  )
  await expect.poll(sharing(replica)).toBe('1')
  await store.setPassword('store-password-2')
  await expect.poll(sharing(replica)).toBe('0')
  expect((await ask(replica, 'user-1')).status).toBe(200)
  give('store-password-2')
  await expect.poll(sharing(replica)).toBe('1')
  expect(JSON.stringify(replica.service.logs())).not.toContain('store-password')
  rmSync(folder, { recursive: true })
})
