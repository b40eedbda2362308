import { writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { call, metricsOf, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer } from './http.ts'

const well: RequestListener = (_request, response) => response.end('ok')
const breakOff: RequestListener = (request) => request.socket.destroy()

let answer: RequestListener = well
let reached = 0
let barcos: TestServer
beforeAll(async () => {
  barcos = await startServer((request, response) => {
    reached += 1
    answer(request, response)
  })
})
afterAll(() => barcos[Symbol.asyncDispose]())
beforeEach(() => {
  answer = well
  reached = 0
})

const start = (env: Record<string, string>) =>
  startGateway({ barcos: barcos.url, rutas: barcos.url }, { env })

const stateOf = async (gateway: TestGateway, track = 'stable') => {
  const pattern = `^gateway_circuit_state\\{upstream="barcos",track="${track}"\\} (\\d)$`
  return new RegExp(pattern, 'm').exec(await metricsOf(gateway))?.[1]
}

const ask = (gateway: TestGateway, headers: Record<string, string> = {}) =>
  call(gateway, '/barcos/v1/x', { headers, token: gateway.pool.userToken(['admin']) })

const statuses = async (gateway: TestGateway, times: number) => {
  const found: number[] = []
  for (let time = 0; time < times; time += 1) found.push((await ask(gateway)).status)
  return found
}

describe('a service that does not answer', () => {
  it('is not asked any more after some failures, and the others are', async () => {
    await using gateway = await start({
      CIRCUIT_BREAKER_FAILURES: '3',
      CIRCUIT_BREAKER_SECONDS: '60',
    })
    answer = breakOff
    expect(await statuses(gateway, 3)).toEqual([502, 502, 502])
    const refused = await ask(gateway)
    expect(refused).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
    expect(reached).toBe(3)
    expect(await stateOf(gateway)).toBe('2')
    answer = well
    expect(await ask(gateway)).toMatchObject({ status: 503 })
    expect(await call(gateway, '/rutas/v1/x')).toMatchObject({ status: 200 })
    const notes = gateway.service.logs().filter(({ message }) => /not asked/.test(String(message)))
    expect(notes).toHaveLength(1)
  })

  it('is tried by one request at a time, and asked again when it answers', async () => {
    await using gateway = await start({
      CIRCUIT_BREAKER_FAILURES: '2',
      CIRCUIT_BREAKER_SECONDS: '0.1',
    })
    answer = breakOff
    await statuses(gateway, 2)
    const held = Promise.withResolvers<() => void>()
    answer = (_request, response) => held.resolve(() => response.end('ok'))
    reached = 0
    const tries: Promise<number>[] = []
    await expect
      .poll(() => {
        tries.push(ask(gateway).then(({ status }) => status))
        return reached
      })
      .toBe(1)
    const end = await held.promise
    expect(await statuses(gateway, 5)).toEqual([503, 503, 503, 503, 503])
    expect(await stateOf(gateway)).toBe('1')
    end()
    const answered = await Promise.all(tries)
    expect(answered.filter((status) => status === 200)).toHaveLength(1)
    expect(reached).toBe(1)
    answer = well
    expect(await statuses(gateway, 3)).toEqual([200, 200, 200])
    expect(await stateOf(gateway)).toBe('0')
  })

  it('is not what a service is that refuses, fails or sheds load', async () => {
    await using gateway = await start({ CIRCUIT_BREAKER_FAILURES: '1' })
    for (const status of [404, 500, 503]) {
      answer = (_request, response) => response.writeHead(status).end()
      expect(await statuses(gateway, 3)).toEqual([status, status, status])
    }
    expect(reached).toBe(9)
  })

  it('is not what a service is whose callers do not wait', async () => {
    await using gateway = await start({ CIRCUIT_BREAKER_FAILURES: '1' })
    answer = () => undefined
    const headers = { 'x-request-deadline': String(Date.now() + 200) }
    expect(await ask(gateway, headers)).toMatchObject({ status: 504 })
    expect(await stateOf(gateway)).toBe('0')
  })
})

describe('a canary that does not answer', () => {
  it('has a circuit of its own', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'porttrack-circuit-'))
    await using canary = await startServer(breakOff)
    const split = { stable: barcos.url, canary: canary.url, weight: 0 }
    writeFileSync(join(folder.path, 'barcos.json'), JSON.stringify(split))
    await using gateway = await start({
      UPSTREAMS_DIR: folder.path,
      CIRCUIT_BREAKER_FAILURES: '1',
      CIRCUIT_BREAKER_SECONDS: '60',
    })
    const always = { 'x-canary': 'always' }
    expect(await ask(gateway, always)).toMatchObject({ status: 502 })
    expect(await ask(gateway, always)).toMatchObject({ status: 503 })
    expect(await ask(gateway)).toMatchObject({ status: 200 })
    expect([await stateOf(gateway, 'canary'), await stateOf(gateway)]).toEqual(['2', '0'])
    writeFileSync(join(folder.path, 'barcos.json'), JSON.stringify({ ...split, canary: null }))
    await expect.poll(() => stateOf(gateway, 'canary')).toBeUndefined()
  })
})
