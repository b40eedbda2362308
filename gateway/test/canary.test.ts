import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer } from './http.ts'

/** A release of barcos that says which it is, after a moment. */
const startRelease = (name: string) =>
  startServer((_request, response) => {
    setTimeout(() => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ name }))
    }, 5)
  })

let folder: string
let stable: TestServer
let canary: TestServer
let gateway: TestGateway
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'upstreams-'))
  stable = await startRelease('stable')
  canary = await startRelease('canary')
  gateway = await startGateway({ barcos: stable.url }, { env: { UPSTREAMS_DIR: folder } })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await stable[Symbol.asyncDispose]()
  await canary[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const metrics = async (): Promise<string> =>
  (await fetch(`${gateway.service.managementUrl}/metrics`)).text()

const weightShown = async (track: string): Promise<number> =>
  Number(
    new RegExp(`gateway_upstream_weight{upstream="barcos",track="${track}"} (\\S+)`).exec(
      await metrics(),
    )?.[1],
  )

/** Writes the split as a chart does, and waits as a release does until the gateway shows it. */
const split = async (weight: number, addresses: object = {}): Promise<void> => {
  const content = { stable: stable.url, canary: canary.url, weight, ...addresses }
  writeFileSync(join(folder, 'barcos.json'), JSON.stringify(content))
  await expect.poll(() => weightShown('canary'), { interval: 100 }).toBe(weight)
}

const releaseFor = async (token: string, headers: Record<string, string> = {}): Promise<string> =>
  (await call(gateway, '/barcos/v1/vessels', { token, headers })).body.name

const user = (subject: string, ...roles: string[]) =>
  gateway.pool.userToken(roles, { sub: subject })

describe('the split between stable and canary', () => {
  it('gives everything to the address of the environment until there is a file', async () => {
    expect(await releaseFor(user('someone', 'viewer'))).toBe('stable')
    expect([await weightShown('stable'), await weightShown('canary')]).toEqual([100, 0])
  })

  it('gives callers their release by the weight, always the same one, changed while it runs', async () => {
    const tokens = Array.from({ length: 200 }, (_, n) => user(`caller-${n}`, 'viewer'))
    const releases = () => Promise.all(tokens.map((token) => releaseFor(token)))
    await split(25)
    const first = await releases()
    const share = first.filter((name) => name === 'canary').length
    expect(share).toBeGreaterThan(25)
    expect(share).toBeLessThan(80)
    expect(await releases()).toEqual(first)

    await split(50)
    const second = await releases()
    expect(first.every((name, n) => name === 'stable' || second[n] === 'canary')).toBe(true)
    expect(second.filter((name) => name === 'canary').length).toBeGreaterThan(share)

    await split(0)
    expect(new Set(await releases())).toEqual(new Set(['stable']))
    const text = await metrics()
    for (const track of ['stable', 'canary']) {
      expect(text).toContain(
        `gateway_upstream_request_duration_seconds_count{upstream="barcos",track="${track}",status_class="2xx",lane="calls"}`,
      )
    }
  })

  it('lets those choose who may, and nobody else', async () => {
    await split(0)
    const always = { 'x-canary': 'always' }
    expect(await releaseFor(user('root', 'admin'), always)).toBe('canary')
    expect(await releaseFor(user('someone', 'harbour-master'), always)).toBe('stable')
    const machine = (scope: string) => gateway.pool.machineToken([scope])
    expect(await releaseFor(machine('gateway/canary'), always)).toBe('canary')
    expect(await releaseFor(machine('barcos/read'), always)).toBe('stable')
    await split(100)
    expect(await releaseFor(user('root', 'admin'), { 'x-canary': 'never' })).toBe('stable')
    expect(await releaseFor(user('root', 'admin'), { 'x-canary': 'perhaps' })).toBe('canary')
    expect(await releaseFor(user('someone', 'viewer'), { 'x-canary': 'never' })).toBe('canary')
  })

  it('stays as it was while the file is broken', async () => {
    await split(100)
    writeFileSync(join(folder, 'barcos.json'), '{"stable":')
    const told = () =>
      gateway.service
        .logs()
        .filter(({ message }) => message === 'split not usable, it stays as it was').length
    await expect.poll(told, { interval: 100 }).toBe(1)
    expect(await releaseFor(user('someone', 'viewer'))).toBe('canary')
  })

  it('loses no request while releases come and go', async () => {
    await split(50)
    const over = new AbortController()
    const statuses = new Set<number>()
    const callers = Array.from({ length: 20 }, async (_, n) => {
      const token = user(`lasting-${n}`, 'viewer')
      while (!over.signal.aborted)
        statuses.add((await call(gateway, '/barcos/v1/vessels', { token })).status)
    })
    const successor = await startRelease('successor')
    await split(50, { canary: successor.url })
    await split(0, { stable: successor.url, canary: null })
    await split(5)
    over.abort()
    await Promise.all(callers)
    await successor[Symbol.asyncDispose]()
    expect(statuses).toEqual(new Set([200]))
  })
})
