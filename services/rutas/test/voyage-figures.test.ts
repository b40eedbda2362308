import { withClient } from '@porttrack/shared/database/session'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { scheduleVoyage } from './schedule.ts'

/** Counted every 15 s, and two cores are shared with other suites. */
const patience = { timeout: 60_000, interval: 500 }
const hour = 3_600_000
const now = Date.now()
const at = (hours: number) => new Date(now + hours * hour).toISOString()

const issuer = new TokenIssuer()
const open = (databaseUrl?: string) =>
  startTestService(rutas, {
    issuer,
    env: { VOYAGE_LOOK_SECONDS: '1' },
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  })
let one: Awaited<ReturnType<typeof open>>
let two: typeof one
beforeAll(async () => {
  one = await open()
  two = await open(one.databaseUrl)
})
afterAll(async () => {
  await two.close()
  await one[Symbol.asyncDispose]()
})

/** Samples of a metric by the value of its one label. */
const gauge = async (name: string, from = one): Promise<Record<string, number>> => {
  const text = await (await fetch(`${from.managementUrl}/metrics`)).text()
  const samples = text.matchAll(new RegExp(String.raw`^${name}\{\w+="(\w+)"\} (\S+)$`, 'gm'))
  return Object.fromEntries([...samples].map(([, label, value]) => [label, Number(value)]))
}
const lag = async (work: string) => (await gauge('rutas_voyage_lag_seconds'))[work] ?? -1

const schedule = (MMSINumber: string, [leaves, arrives]: [number, number]) =>
  scheduleVoyage(one, MMSINumber, [at(leaves), at(arrives)])

describe('gauges of voyages', () => {
  it('count those that go on and those that deviate, the same from each replica', async () => {
    await schedule('224810001', [1_000, 1_100])
    // Should have left long ago.
    await schedule('224810002', [-50, 40])
    const left = await schedule('224810003', [-1, 90])
    const report = { event: 'DEPARTURE', transportCallReference: 'ESALG-1', time: at(-1) }
    await one.request('POST', `/v1/voyages/${left}/reports`, { body: report })
    const off = await schedule('224810004', [-50, 90])
    const answer = await one.request('POST', `/v1/voyages/${off}/cancel`, {
      body: { reason: 'Tested' },
    })
    expect(answer.status).toBe(200)
    for (const replica of [one, two]) {
      await expect
        .poll(() => gauge('rutas_voyages', replica), patience)
        .toEqual({ PLANNED: 2, UNDERWAY: 1, IN_PORT: 0 })
      await expect
        .poll(() => gauge('rutas_voyages_deviating', replica), patience)
        .toEqual({ LATE: 1, OFF_ROUTE: 0 })
    }
  })

  it('tell how long work waits that is not done, and of no traces where none are sent', async () => {
    await withClient(one.databaseUrl, async (client) => {
      await client.query('BEGIN')
      await client.query(`SELECT FROM kit.feed_cursor WHERE source = 'rutas voyages' FOR UPDATE`)
      await client.query('SELECT FROM voyage FOR UPDATE')
      await one.opened.database.sql(
        `INSERT INTO kit.outbox (id, type, subject, time, data)
         VALUES ($1::uuid, 'rutas.zone.crossed', '224810001', now(), '{}')`,
        [uuidv7({ msecs: now - hour })],
      )
      await expect.poll(() => lag('sighting'), patience).toBeGreaterThanOrEqual(3_600)
      await expect.poll(() => lag('look'), patience).toBeGreaterThan(5)
      expect(await lag('trace')).toBe(-1)
      await client.query('ROLLBACK')
    })
    await expect.poll(() => lag('sighting'), patience).toBe(0)
  })
})
