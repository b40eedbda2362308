import { randomUUID } from 'node:crypto'
import { startFeed } from '@porttrack/shared/testing/start-feed'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announced, stateChanged } from './barcos.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

const issuer = new TokenIssuer()
const patience = { timeout: 20_000 }
let barcos: Awaited<ReturnType<typeof startFeed>>
let carga: TestCarga
beforeAll(async () => {
  barcos = await startFeed('barcos', { issuer, reader: 'carga' })
  carga = await startCarga({ issuer, barcosUrl: barcos.url })
})
afterAll(async () => {
  await carga?.[Symbol.asyncDispose]()
  await barcos?.[Symbol.asyncDispose]()
})

const read = (id: string, as?: object) =>
  carga.request('GET', `/v1/port-calls/${id}`, as ? { as } : {})
const stateOf = async (id: string) => (await read(id)).body.state

describe('what barcos tells of a port call', () => {
  it('is known, in the order in which it happened', async () => {
    const id = randomUUID()
    await barcos.publish(announced(id), stateChanged(id, 'APPROVED'), stateChanged(id, 'ALONGSIDE'))
    await expect.poll(() => stateOf(id), patience).toBe('ALONGSIDE')
    const { body } = await read(id)
    expect(body).toMatchObject({
      vesselName: 'Algeciras Star',
      vesselIMONumber: '9074729',
      portVisitReference: 'ALG-7',
      eta: '2026-11-20T10:00:00.000Z',
      knowledge: { ageSeconds: expect.any(Number) },
    })
    expect(body.knowledge.ageSeconds).toBeLessThan(120)
    const { body: page } = await carga.request('GET', '/v1/port-calls?state=ALONGSIDE')
    expect(page.items.map((each: { id: string }) => each.id)).toEqual([id])
  })

  it('is not seen by those whose call it is not', async () => {
    const id = randomUUID()
    await barcos.publish(announced(id))
    await expect.poll(() => stateOf(id), patience).toBe('ANNOUNCED')
    for (const [org, status] of [
      ['acme', 200],
      ['globex', 200],
      ['initech', 404],
    ] as const) {
      expect(await read(id, { roles: ['agent'], org })).toMatchObject({ status })
    }
  })

  it('is skipped, counted and logged when it is not as agreed, and what follows goes on', async () => {
    const id = randomUUID()
    const good = announced(id)
    const bad = [
      {},
      { ...good.data, portCallId: 7 },
      { ...good.data, UNLocationCode: 'nowhere' },
      { ...good.data, eta: 'yesterday' },
      { ...good.data, vesselName: 'x'.repeat(1_000) },
      [good.data],
    ]
    await barcos.publish(...bad.map((data) => ({ ...good, data })), good)
    await expect.poll(() => stateOf(id), patience).toBe('ANNOUNCED')
    const metrics = await (await fetch(`${carga.managementUrl}/metrics`)).text()
    expect(metrics).toContain(
      `carga_malformed_events_total{type="barcos.port-call.announced"} ${bad.length}`,
    )
  })

  it('grows old when barcos cannot be asked, and the answer says how old', async () => {
    const id = randomUUID()
    await barcos.publish(announced(id))
    await expect.poll(() => stateOf(id), patience).toBe('ANNOUNCED')
    await carga.opened.database.sql(
      `UPDATE kit.feed_cursor SET read_at = now() - interval '1 hour' WHERE source = 'barcos'`,
    )
    expect((await read(id)).body.knowledge.ageSeconds).toBeGreaterThanOrEqual(3_600)
  })

  it('met again from the beginning, it takes no call back', async () => {
    const id = randomUUID()
    await barcos.publish(announced(id), stateChanged(id, 'WORKING'))
    await expect.poll(() => stateOf(id), patience).toBe('WORKING')
    const [later] = await carga.opened.database.sql<{ toldAt: Date }>(
      `UPDATE port_call SET told_at = told_at + interval '1 hour' WHERE id = $1::uuid
       RETURNING told_at AS "toldAt"`,
      [id],
    )
    await carga.opened.database.sql(`DELETE FROM kit.feed_cursor WHERE source = 'barcos'`)
    const last = randomUUID()
    await barcos.publish(announced(last))
    await expect.poll(() => stateOf(last), patience).toBe('ANNOUNCED')
    expect((await read(id)).body).toMatchObject({
      state: 'WORKING',
      toldAt: later?.toldAt.toISOString(),
    })
  })
})
