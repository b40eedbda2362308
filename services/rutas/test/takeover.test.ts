import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type AddressInfo } from 'node:net'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { keepAll } from './policy.ts'
import { passage } from './sentences.ts'

type Rutas = TestService<{
  database: { sql: <Row>(text: string, values?: unknown[]) => Promise<Row[]> }
}>
type Replica = { url: string; managementUrl: string; process: ChildProcess }

const begin = Date.UTC(2026, 9, 1, 12)
const patient = { timeout: 60_000, interval: 200 }
const text = { 'content-type': 'text/plain' }
let quiet: Rutas

beforeAll(async () => {
  // Migrates, and asks; the processes do the work.
  quiet = await startTestService(rutas, { env: { ...keepAll, BACKGROUND: 'off' } })
})
afterAll(() => quiet[Symbol.asyncDispose]())

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

const startReplica = async (): Promise<Replica> => {
  const [port, managementPort] = [await freePort(), await freePort()]
  const child = spawn(
    process.execPath,
    ['--conditions=source', new URL('main.ts', import.meta.url).pathname],
    {
      env: {
        ...keepAll,
        HOST: '127.0.0.1',
        PORT: String(port),
        MANAGEMENT_PORT: String(managementPort),
        SHED_DELAY_SECONDS: '3600',
        CURSOR_KEY: 'a key that only tests use: 32 characters',
        WEBHOOK_KEY: 'a key that only tests use: 32 characters',
        INTERNAL_KEY_SET_FILE: quiet.issuer.keySetFile,
        SIGNING_KEY: quiet.issuer.signingKey('rutas'),
        DATABASE_URL: quiet.databaseUrl,
      },
      stdio: 'ignore',
    },
  )
  const replica = {
    url: `http://127.0.0.1:${port}`,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    process: child,
  }
  await expect.poll(() => leads(replica), patient).not.toBeNull()
  return replica
}

const metric = async (replica: Replica, name: string): Promise<number | null> => {
  const answer = await fetch(`${replica.managementUrl}/metrics`).catch(() => null)
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec((await answer?.text()) ?? '')
  return found ? Number(found[1]) : null
}
const leads = (replica: Replica) => metric(replica, 'rutas_ais_ingest_leads')

const kill = async ({ process: child }: Replica): Promise<void> => {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

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
    const first = await startReplica()
    await expect.poll(() => leads(first), patient).toBe(1)
    const second = await startReplica()
    const zone = { name: 'Gate', kind: 'custom', radiusMetres: 2_000 }
    const geometry = { type: 'Point', coordinates: [-6, 36.05] }
    await quiet.request('POST', '/v1/zones', { body: { ...zone, geometry } })
    const ships = Array.from({ length: 6 }, (_, n) => String(224_600_001 + n))
    const logs = ships.map((mmsi) =>
      passage({
        mmsi,
        from: { lat: 36, lon: -6 },
        to: { lat: 36.1, lon: -6 },
        begin,
        count: 400,
        everySeconds: 31,
      }),
    )
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
    expect(await metric(second, 'rutas_ais_batches_forwarded_total')).toBeGreaterThan(0)
    await kill(first)
    await sailing
    await expect.poll(() => leads(second), patient).toBe(1)

    const { sql } = quiet.opened.database
    const [counted] = await sql<{ messages: number; positions: number }>(
      `SELECT (SELECT count(*)::int FROM ais_message) AS messages,
              (SELECT count(*)::int FROM position WHERE NOT quarantined) AS positions`,
    )
    expect(counted).toEqual({ messages: 2_400, positions: 2_400 })
    // Each ship's positions were written in the order in which it sailed.
    const disordered = await sql(
      `SELECT 1 FROM (SELECT message_id, lag(message_id) OVER (PARTITION BY mmsi ORDER BY time) AS before
                      FROM position) AS each WHERE message_id < before`,
    )
    expect(disordered).toEqual([])
    const { body } = await quiet.request('GET', '/v1/feed?limit=1000', { as: { roles: ['admin'] } })
    for (const mmsi of ships) {
      const told = body.events.filter(({ subject }: { subject: string }) => subject === mmsi)
      expect(told.map(({ type }: { type: string }) => type)).toEqual([
        'rutas.zone.entered',
        'rutas.zone.left',
      ])
    }
    expect(await sql('SELECT 1 FROM ais_forwarded_batch WHERE outcome IS NULL')).toEqual([])
    await kill(second)
  }, 120_000)
})
