import type { RequestListener } from 'node:http'
import { type FaultProxy, startFaultProxy } from '@porttrack/shared/testing/fault-proxy'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer } from './http.ts'

/** A gateway whose one service lies behind a network that fails. */

const well: RequestListener = (request, response) => {
  request.resume().once('end', () => response.end('ok'))
}
let answer: RequestListener = well
let reached = 0
let barcos: TestServer
let network: FaultProxy
let gateway: TestGateway
beforeAll(async () => {
  barcos = await startServer((request, response) => {
    reached += 1
    answer(request, response)
  })
})
afterAll(() => barcos[Symbol.asyncDispose]())
beforeEach(async () => {
  network = await startFaultProxy()
  network.leadTo(Number(new URL(barcos.url).port))
  gateway = await startGateway(
    { barcos: network.url, carga: barcos.url },
    { env: { CIRCUIT_BREAKER_SECONDS: '1' } },
  )
  answer = well
  reached = 0
})
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await network[Symbol.asyncDispose]()
})

const ask = (patience = 30_000, options: { method?: string; body?: string } = {}) =>
  call(gateway, '/barcos/v1/x', {
    ...options,
    headers: { 'x-request-deadline': String(Date.now() + patience) },
  })

const recovered = async () => {
  network.suffer('none')
  await expect.poll(async () => (await ask()).status).toBe(200)
}

describe('a service that hangs', () => {
  it('is answered 504 while the caller still waits', async () => {
    await ask()
    network.suffer('black hole')
    const begun = performance.now()
    expect(await ask(700)).toMatchObject({ status: 504, body: { code: 'UPSTREAM_TIMEOUT' } })
    expect(performance.now() - begun).toBeGreaterThanOrEqual(650)
    expect(await call(gateway, '/carga/v1/x')).toMatchObject({ status: 200 })
    await recovered()
  })

  it('in the middle of its answer ends it for the caller when the caller goes', async () => {
    answer = (_request, response) => void response.writeHead(200).write('half')
    const caller = new AbortController()
    const response = await fetch(`${gateway.url}/barcos/v1/x`, {
      headers: { authorization: `Bearer ${gateway.pool.userToken()}` },
      signal: caller.signal,
    })
    network.suffer('black hole')
    caller.abort()
    await expect(response.text()).rejects.toThrow(/abort/)
    answer = well
    await recovered()
  })
})

describe('a connection that is reset', () => {
  it.each(['GET', 'POST'])('is answered 502, and nothing is repeated: %s', async (method) => {
    await ask()
    network.suffer('reset')
    const made = network.made()
    const body = method === 'POST' ? { body: '{}' } : {}
    expect(await ask(30_000, { method, ...body })).toMatchObject({ status: 502 })
    expect(network.made() - made).toBeLessThanOrEqual(1)
    expect(reached).toBe(1)
    await recovered()
  })

  it('while it waits for the next request costs no request', async () => {
    await ask()
    network.suffer('reset')
    network.suffer('none')
    const statuses: number[] = []
    // The reset arrives on its own time; what is sent after it takes a new connection.
    await expect.poll(async () => (await ask()).status).toBe(200)
    for (let time = 0; time < 5; time += 1) statuses.push((await ask()).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200])
  })
})

describe('a network', () => {
  it('that is slow only makes answers late', async () => {
    network.suffer('latency')
    const begun = performance.now()
    expect(await ask()).toMatchObject({ status: 200, text: 'ok' })
    expect(performance.now() - begun).toBeGreaterThanOrEqual(390)
  })

  it('that swallows ends of connections harms no request', async () => {
    network.suffer('slow close')
    answer = (_request, response) => response.setHeader('connection', 'close').end('ok')
    for (let time = 0; time < 5; time += 1) expect(await ask()).toMatchObject({ status: 200 })
  })

  it('that breaks every connection opens the circuit, and closes it when it is mended', async () => {
    network.suffer('refuse')
    const statuses: number[] = []
    for (let time = 0; time < 8; time += 1) statuses.push((await ask()).status)
    expect(statuses.slice(0, 5)).toEqual([502, 502, 502, 502, 502])
    expect(statuses.slice(5)).toContain(503)
    expect(reached).toBe(0)
    await recovered()
  })
})

describe('a storm of 503', () => {
  it('is passed on: one request there for one here', async () => {
    answer = (request, response) => {
      request.resume().once('end', () => response.writeHead(503, { 'retry-after': '7' }).end())
    }
    const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const method = methods[index % methods.length] ?? 'GET'
        return ask(30_000, { method, ...(method === 'POST' ? { body: '{}' } : {}) })
      }),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
    expect(new Set(answers.map(({ headers }) => headers['retry-after']))).toEqual(new Set(['7']))
    expect(reached).toBe(200)
  })
})
