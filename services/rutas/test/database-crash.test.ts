import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '@porttrack/shared/database/migrate'
import { withClient } from '@porttrack/shared/database/session'
import { type EmbeddedServer, startEmbeddedServer } from '@porttrack/shared/testing/embedded-server'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { disordered, drawGate, expectGateTold, passagesOfGate } from './gate.ts'
import { keepAll } from './policy.ts'

const migrations = new URL('../prisma/migrations/', import.meta.url)
const text = { 'content-type': 'text/plain' }
const patient = { timeout: 60_000, interval: 20 }
const batch = 50
let server: EmbeddedServer

beforeAll(async () => {
  server = await startEmbeddedServer()
  await migrate(server.url, migrations)
}, 120_000)
afterAll(() => server.stop())

const countedOf = (query: string): Promise<number> =>
  withClient(
    server.url,
    async (client) => (await client.query<{ n: number }>(query)).rows[0]?.n ?? 0,
  )

it('keeps every sentence that was acknowledged once when PostgreSQL is killed under load', async () => {
  const service = await startTestService(rutas, { env: keepAll, databaseUrl: server.url })
  await drawGate(service)
  const ships = Array.from({ length: 6 }, (_, n) => String(224_610_001 + n))
  const logs = passagesOfGate(ships, 2_000)
  let acknowledged = 0
  const failures = new Set<number>()
  /** Sends until it is taken, as a receiver does. */
  const send = async (lines: readonly string[]): Promise<void> => {
    for (;;) {
      const { status, body } = await service.request('POST', '/v1/ais', {
        headers: text,
        body: lines.join('\n'),
      })
      if (status === 200) {
        expect(body).toMatchObject({ accepted: lines.length, rejectedCount: 0 })
        acknowledged += lines.length
        return
      }
      failures.add(status)
      await sleep(50)
    }
  }
  const sailing = Promise.all(
    logs.map(async (log) => {
      for (let n = 0; n < log.length; n += batch) await send(log.slice(n, n + batch))
    }),
  )
  for (const due of [1_000, 4_000, 8_000]) {
    await expect.poll(() => acknowledged, patient).toBeGreaterThan(due)
    await server.kill()
    const durable = acknowledged
    await sleep(300)
    await server.start()
    // What was acknowledged before it died is there; more may be, of which nobody heard.
    expect(await countedOf('SELECT count(*)::int AS n FROM position')).toBeGreaterThanOrEqual(
      durable,
    )
  }
  await sailing

  expect([...failures]).toEqual([503])
  const whole = ships.length * 2_000
  expect(acknowledged).toBe(whole)
  expect(await countedOf('SELECT count(*)::int AS n FROM position')).toBe(whole)
  expect(await countedOf(disordered)).toBe(0)
  await expectGateTold(service, ships)
  await service.close()
}, 240_000)
