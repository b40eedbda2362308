import { Agent, request as sendRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Platform, type Replica, startPlatform } from '@porttrack/scripts/platform/platform'
import { withClient } from '@porttrack/shared/database/session'
import type { Sql } from '@porttrack/shared/database/transaction'
import { type FaultProxy, startFaultProxy } from '@porttrack/shared/testing/fault-proxy'
import { lockWaits } from '@porttrack/shared/testing/lock-waits'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf } from './client.ts'

const names = ['barcos', 'carga', 'rutas', 'personal', 'gateway'] as const
type Name = (typeof names)[number]

/** Two replicas of each process, each pair behind what a Kubernetes Service is to it. */
let platform: Platform
let call: Client
const proxies = new Map<Name, FaultProxy>()
const replicas = new Map<Name, [Replica, Replica]>()

const proxyOf = (name: Name): FaultProxy => {
  const found = proxies.get(name)
  if (!found) throw new Error(`nothing is in front of ${name}`)
  return found
}
const replicasOf = (name: Name): [Replica, Replica] => {
  const found = replicas.get(name)
  if (!found) throw new Error(`there are no two replicas of ${name}`)
  return found
}

const portOf = ({ url }: { url: string }): number => Number(new URL(url).port)

beforeAll(async () => {
  for (const name of names) proxies.set(name, await startFaultProxy())
  const limits = { RATE_LIMIT_CALLER: '0', RATE_LIMIT_ADDRESS: '0' }
  platform = await startPlatform({
    ports: 'ephemeral',
    environment: { SHED_DELAY_SECONDS: '3600', DRAIN_SECONDS: '3' },
    environmentOf: {
      gateway: {
        ...limits,
        BARCOS_URL: proxyOf('barcos').url,
        CARGA_URL: proxyOf('carga').url,
        RUTAS_URL: proxyOf('rutas').url,
        PERSONAL_URL: proxyOf('personal').url,
      },
    },
  })
  call = clientOf(platform)
  for (const name of names) {
    const first: Replica = {
      process: platform.process(name),
      url: name === 'gateway' ? platform.gatewayUrl : platform.serviceUrl(name),
      managementUrl: platform.managementUrl(name),
    }
    const both: [Replica, Replica] = [first, await platform.startReplica(name)]
    replicas.set(name, both)
    proxyOf(name).leadTo(...both.map(portOf))
  }
}, 240_000)
afterAll(async () => {
  await platform?.stop()
  for (const proxy of proxies.values()) await proxy[Symbol.asyncDispose]()
})

type Load = {
  /** Statuses so far, or what broke instead, each with how often. */
  seen: Map<string, number>
  stop: () => Promise<void>
}

/** A list of each service that a viewer may read; one of barcos for the gateway. */
const listOf: Readonly<Record<Name, string>> = {
  barcos: '/barcos/v1/vessels?limit=1',
  carga: '/carga/v1/container-visits?limit=1',
  rutas: '/rutas/v1/targets?limit=1',
  personal: '/personal/v1/employees?limit=1',
  gateway: '/barcos/v1/vessels?limit=1',
}

/** Callers that ask one request after the other, each on a connection of its own. */
const startLoad = async (callers: number, path = listOf.barcos): Promise<Load> => {
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
        `${proxyOf('gateway').url}${path}`,
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
  it.each(names)(
    'a replica of %s that is stopped fails no request',
    async (name) => {
      const service = proxyOf(name)
      const [first, second] = replicasOf(name)
      const load = await startLoad(8, listOf[name])
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
    const [first] = replicasOf('barcos')
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
      for (const replica of [...replicasOf('barcos'), ...replicasOf('gateway')]) {
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
    for (const replica of replicasOf('barcos')) {
      await expect.poll(() => health(replica, 'ready')).toBe(200)
    }
  })
})

describe('a request that waits for a lock', () => {
  it('is given up at its deadline, in the database too', async () => {
    const vessel = { name: 'ANA', vesselIMONumber: '9074729', flag: 'ES' }
    const made = await call('POST /barcos/v1/vessels', { as: 'harbour-master', body: vessel })
    expect(made.status).toBe(201)
    await withClient(platform.superuserUrl('barcos'), async (client) => {
      const sql: Sql = async (text, values = []) => (await client.query(text, [...values])).rows
      await sql('BEGIN')
      await sql('SELECT FROM vessel WHERE id = $1 FOR UPDATE', [made.body.id])
      const sent = Date.now()
      const changed = call(`PUT /barcos/v1/vessels/${made.body.id}`, {
        as: 'harbour-master',
        body: { ...vessel, name: 'ANA II' },
        headers: {
          'if-match': made.headers.get('etag') ?? '',
          // A busy machine may need seconds until the statement waits.
          'x-request-deadline': String(sent + 10_000),
        },
      })
      await expect.poll(() => lockWaits(sql)).toBe(1)
      expect(await changed).toMatchObject({ status: 504 })
      await expect.poll(() => lockWaits(sql)).toBe(0)
      // At 30 s the gateway’s budget and the timeout of all statements would end both anyway.
      expect(Date.now()).toBeLessThan(sent + 25_000)
    })
  })
})
