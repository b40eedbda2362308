import { Agent, request as sendRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Platform, type Replica, startPlatform } from '@porttrack/scripts/platform/platform'
import { type FaultProxy, startFaultProxy } from '@porttrack/shared/testing/fault-proxy'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf } from './client.ts'

/** Two replicas of gateway and barcos, each pair behind what a Kubernetes Service is to it. */
let platform: Platform
let call: Client
let toBarcos: FaultProxy
let toGateway: FaultProxy
const replicas: Record<'barcos' | 'gateway', Replica[]> = { barcos: [], gateway: [] }

const portOf = ({ url }: { url: string }): number => Number(new URL(url).port)

beforeAll(async () => {
  toBarcos = await startFaultProxy()
  toGateway = await startFaultProxy()
  platform = await startPlatform({
    ports: 'ephemeral',
    applications: ['barcos', 'gateway'],
    environment: { SHED_DELAY_SECONDS: '3600', DRAIN_SECONDS: '3' },
    environmentOf: {
      gateway: { BARCOS_URL: toBarcos.url, RATE_LIMIT_CALLER: '0', RATE_LIMIT_ADDRESS: '0' },
    },
  })
  call = clientOf(platform)
  for (const name of ['barcos', 'gateway'] as const) {
    const first: Replica = {
      process: platform.process(name),
      url: name === 'gateway' ? platform.gatewayUrl : platform.serviceUrl(name),
      managementUrl: platform.managementUrl(name),
    }
    replicas[name] = [first, await platform.startReplica(name)]
  }
  toBarcos.leadTo(...replicas.barcos.map(portOf))
  toGateway.leadTo(...replicas.gateway.map(portOf))
}, 120_000)
afterAll(async () => {
  await platform?.stop()
  await toGateway?.[Symbol.asyncDispose]()
  await toBarcos?.[Symbol.asyncDispose]()
})

type Load = {
  /** Statuses so far, or what broke instead, each with how often. */
  seen: Map<string, number>
  stop: () => Promise<void>
}

/** Callers that ask one request after the other, each on a connection of its own. */
const startLoad = async (callers: number): Promise<Load> => {
  const token = await platform.token('viewer')
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  const seen = new Map<string, number>()
  const note = (what: string) => void seen.set(what, (seen.get(what) ?? 0) + 1)
  const over = new AbortController()
  const ask = () =>
    new Promise<void>((resolve) => {
      const failed = (error: NodeJS.ErrnoException) => {
        note(error.code ?? error.message)
        resolve()
      }
      const request = sendRequest(
        `${toGateway.url}/barcos/v1/vessels?limit=1`,
        { agent, headers: { authorization: `Bearer ${token}` } },
        (response) => {
          response.resume().once('error', failed)
          response.once('end', () => {
            const wait = response.headers['retry-after']
            note(`${response.statusCode}${wait === undefined ? '' : ' with Retry-After'}`)
            resolve()
          })
        },
      )
      request.once('error', failed).end()
    })
  const loops = Promise.all(
    Array.from({ length: callers }, async () => {
      while (!over.signal.aborted) await ask()
    }),
  )
  return {
    seen,
    stop: async () => {
      over.abort()
      await loops
      agent.destroy()
    },
  }
}

const health = async ({ managementUrl }: Replica, what: 'live' | 'ready'): Promise<number> =>
  (await fetch(`${managementUrl}/health/${what}`)).status

describe('under load', () => {
  it.each(['barcos', 'gateway'] as const)(
    'a replica of %s that is stopped fails no request',
    async (name) => {
      const service = name === 'barcos' ? toBarcos : toGateway
      const [first, second] = replicas[name]
      if (!first || !second) throw new Error('there are no two replicas')
      const load = await startLoad(8)
      await expect.poll(() => load.seen.get('200') ?? 0).toBeGreaterThan(100)
      for (const [leaving, staying] of [
        [first, second],
        [second, first],
      ] as const) {
        const stopped = leaving.process.stop()
        // As Kubernetes does: who is not ready gets no new connections.
        await expect.poll(() => health(leaving, 'ready'), { interval: 20 }).toBe(503)
        service.leadTo(portOf(staying))
        await stopped
        const before = load.seen.get('200') ?? 0
        await expect.poll(() => load.seen.get('200') ?? 0).toBeGreaterThan(before + 20)
        await leaving.process.start()
        service.leadTo(portOf(first), portOf(second))
      }
      await load.stop()
      expect([...load.seen.keys()]).toEqual(['200'])
    },
    120_000,
  )

  it('a replica that is killed costs the requests that it had, and no more', async () => {
    const [first] = replicas.barcos
    if (!first) throw new Error('there is no replica')
    const load = await startLoad(8)
    await expect.poll(() => load.seen.get('200') ?? 0).toBeGreaterThan(100)
    await first.process.kill()
    const before = load.seen.get('200') ?? 0
    await expect.poll(() => load.seen.get('200') ?? 0).toBeGreaterThan(before + 200)
    await load.stop()
    const broken = load.seen.get('502') ?? 0
    expect(broken).toBeLessThanOrEqual(8)
    expect([...load.seen.keys()].filter((status) => status !== '502')).toEqual(['200'])
    await first.process.start()
  })

  it('a database that is away for five seconds is told so, and comes back by itself', async () => {
    const load = await startLoad(8)
    await expect.poll(() => load.seen.get('200') ?? 0).toBeGreaterThan(100)
    await platform.process('postgres').kill()
    const alive: number[] = []
    for (let second = 0; second < 5; second += 1) {
      await sleep(1_000)
      for (const replica of [...replicas.barcos, ...replicas.gateway]) {
        alive.push(await health(replica, 'live'))
      }
    }
    expect(new Set(alive)).toEqual(new Set([200]))
    expect(load.seen.get('503 with Retry-After')).toBeGreaterThan(10)
    await platform.process('postgres').start()
    const before = load.seen.get('200') ?? 0
    await expect.poll(() => load.seen.get('200') ?? 0).toBeGreaterThan(before + 100)
    await load.stop()
    expect([...load.seen.keys()].toSorted()).toEqual(['200', '503 with Retry-After'])
    for (const replica of replicas.barcos) {
      await expect.poll(() => health(replica, 'ready')).toBe(200)
    }
  })
})

describe('a request that waits for a lock', () => {
  it('is given up at its deadline, in the database too', async () => {
    const vessel = { name: 'ANA', vesselIMONumber: '9074729', flag: 'ES' }
    const made = await call('POST /barcos/v1/vessels', { as: 'harbour-master', body: vessel })
    expect(made.status).toBe(201)
    const observer = new pg.Client({ connectionString: platform.superuserUrl('barcos') })
    await observer.connect()
    try {
      await observer.query('BEGIN')
      await observer.query('SELECT FROM vessel WHERE id = $1 FOR UPDATE', [made.body.id])
      const waiting = async () => {
        const { rows } = await observer.query(
          `SELECT count(*)::int AS n FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
        return rows[0].n as number
      }
      const changed = call(`PUT /barcos/v1/vessels/${made.body.id}`, {
        as: 'harbour-master',
        body: { ...vessel, name: 'ANA II' },
        headers: {
          'if-match': made.headers.get('etag') ?? '',
          'x-request-deadline': String(Date.now() + 2_500),
        },
      })
      await expect.poll(waiting).toBe(1)
      expect(await changed).toMatchObject({ status: 504 })
      await expect.poll(waiting).toBe(0)
    } finally {
      await observer.end()
    }
  })
})
