import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { disordered, drawGate, expectGateTold, passagesOfGate } from './gate.ts'
import { keepAll } from './policy.ts'
import { killReplica, metricOf, type Replica, startReplica } from './replica.ts'

type Rutas = TestService<{
  database: { sql: <Row>(text: string, values?: unknown[]) => Promise<Row[]> }
}>

const patient = { timeout: 60_000, interval: 200 }
const text = { 'content-type': 'text/plain' }
let quiet: Rutas

beforeAll(async () => {
  // Migrates, and asks; the processes do the work.
  quiet = await startTestService(rutas, { env: { ...keepAll, BACKGROUND: 'off' } })
})
afterAll(() => quiet[Symbol.asyncDispose]())

const leads = (replica: Replica) => metricOf(replica, 'rutas_ais_ingest_leads')

/** Sends until it is taken, as a receiver does; to `replicas` in turn. */
const send = async (lines: readonly string[], replicas: readonly Replica[]): Promise<void> => {
  const authorization = `Bearer ${quiet.issuer.gatewayToken('rutas', { roles: ['admin'] })}`
  for (let attempt = 0; ; attempt++) {
    const replica = replicas[attempt % replicas.length]
    const answer = await fetch(`${replica?.url}/v1/ais`, {
      method: 'POST',
      headers: { ...text, authorization },
      body: lines.join('\n'),
    }).catch(() => null)
    if (answer?.status === 200) return
    expect([undefined, 503]).toContain(answer?.status)
  }
}

describe('two processes on one database', () => {
  it('have one that writes, and another when it is killed, without loss, repetition or disorder', async () => {
    const first = await startReplica(quiet)
    await expect.poll(() => leads(first), patient).toBe(1)
    const second = await startReplica(quiet)
    await drawGate(quiet)
    const ships = Array.from({ length: 6 }, (_, n) => String(224_600_001 + n))
    const logs = passagesOfGate(ships, 400)
    let sent = 0
    const sailing = Promise.all(
      logs.map(async (log, ship) => {
        // Half of the ships by the one that is killed, until it is.
        const replicas = ship % 2 === 0 ? [first, second] : [second]
        for (let n = 0; n < log.length; n += 20) {
          await send(log.slice(n, n + 20), replicas)
          sent += 20
        }
      }),
    )
    await expect.poll(() => sent, patient).toBeGreaterThan(600)
    expect(await leads(second)).toBe(0)
    expect(await metricOf(second, 'rutas_ais_batches_forwarded_total')).toBeGreaterThan(0)
    await killReplica(first)
    await sailing
    await expect.poll(() => leads(second), patient).toBe(1)

    const { sql } = quiet.opened.database
    const reports = 'SELECT count(*)::int AS n FROM position WHERE NOT quarantined'
    expect(await sql(reports)).toEqual([{ n: 2_400 }])
    expect(await sql(disordered)).toEqual([{ n: 0 }])
    await expectGateTold(quiet, ships)
    expect(await sql('SELECT 1 FROM ais_forwarded_batch WHERE outcome IS NULL')).toEqual([])
    await killReplica(second)
  }, 120_000)
})
