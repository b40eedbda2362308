import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networkOf } from '../src/rate-limits.ts'
import { type Answer, call, metricsOf, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer } from './http.ts'

/** Longer than any test: a window that has begun does not end. */
const window = '3600'

let barcos: TestServer
let reached = 0
beforeAll(async () => {
  barcos = await startServer((_request, response) => {
    reached += 1
    response.setHeader('ratelimit', '"theirs";r=1').end('ok')
  })
})
afterAll(() => barcos[Symbol.asyncDispose]())

const start = (env: Record<string, string>): Promise<TestGateway> =>
  startGateway(
    { barcos: barcos.url },
    { env: { RATE_LIMIT_WINDOW_SECONDS: window, DRAIN_SECONDS: '0', ...env } },
  )

const statuses = (answers: Answer[]): number[] => answers.map(({ status }) => status)

/** One request after the other. */
const repeat = async (times: number, ask: () => Promise<Answer>): Promise<Answer[]> => {
  const answers: Answer[] = []
  for (let time = 0; time < times; time += 1) answers.push(await ask())
  return answers
}

describe('a caller', () => {
  it('is told what is left, and refused what is more, without the service hearing of it', async () => {
    await using gateway = await start({ RATE_LIMIT_CALLER: '2' })
    const token = gateway.pool.userToken()
    reached = 0
    const [first, , third] = await repeat(3, () => call(gateway, '/barcos/v1/x', { token }))
    expect(first).toMatchObject({
      status: 200,
      headers: { 'ratelimit-policy': `"caller";q=2;w=${window}` },
    })
    expect(first?.headers['ratelimit']).toMatch(/^"caller";r=1;t=3[56]\d\d$/)
    expect(third).toMatchObject({
      status: 429,
      headers: { 'content-type': 'application/problem+json' },
      body: {
        code: 'TOO_MANY_REQUESTS',
        detail: `At most 2 requests in ${window} seconds are taken from one caller`,
      },
    })
    const wait = third?.headers['retry-after']
    expect(third?.headers['ratelimit']).toBe(`"caller";r=0;t=${wait}`)
    expect(Number(wait)).toBeGreaterThan(3_500)
    expect(third?.headers['x-content-type-options']).toBe('nosniff')
    expect(reached).toBe(2)
    expect(await metricsOf(gateway)).toContain('gateway_rate_limited_total{limit="caller"} 1')
  })

  it('is the same with another token, and not another’s, even of the same id', async () => {
    await using gateway = await start({ RATE_LIMIT_CALLER: '1' })
    const { pool } = gateway
    const ask = (token: string) => call(gateway, '/barcos/v1/x', { token })
    expect(statuses(await repeat(2, () => ask(pool.userToken())))).toEqual([200, 429])
    expect(await ask(pool.userToken([], { sub: 'user-2' }))).toMatchObject({ status: 200 })
    const machine = { sub: 'user-1', client_id: 'machine-client' }
    expect(await ask(pool.userToken([], machine))).toMatchObject({ status: 429 })
    expect(await ask(pool.machineToken([]))).toMatchObject({ status: 200 })
  })

  it('may go on when the window has ended', async () => {
    await using gateway = await start({ RATE_LIMIT_CALLER: '1', RATE_LIMIT_WINDOW_SECONDS: '1' })
    const ask = () => call(gateway, '/barcos/v1/x')
    await ask()
    await expect.poll(async () => (await ask()).status).toBe(200)
  })

  it('is refused in DCSA’s words on DCSA’s paths', async () => {
    await using gateway = await start({ RATE_LIMIT_CALLER: '1' })
    const path = '/barcos/dcsa/port-call/v2/events'
    const [, refused] = await repeat(2, () => call(gateway, path))
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'api-version': '2.0.0' },
      body: { feedbackElements: [{ severity: 'ERROR' }] },
    })
    expect(refused?.headers['retry-after']).toBeDefined()
  })
})

describe('an address', () => {
  it('is counted whoever asks, and before tokens are looked at', async () => {
    await using gateway = await start({ RATE_LIMIT_ADDRESS: '3' })
    const guess = await repeat(2, () => call(gateway, '/barcos/v1/x', { token: 'nonsense' }))
    expect(statuses(guess)).toEqual([401, 401])
    expect(guess[1]?.headers['ratelimit']).toMatch(/^"address";r=1;t=\d+$/)
    expect(await call(gateway, '/', { token: null })).toMatchObject({ status: 200 })
    for (const path of ['/', '/nothing', '/barcos/v1/x']) {
      expect(await call(gateway, path)).toMatchObject({
        status: 429,
        body: { detail: `At most 3 requests in ${window} seconds are taken from one address` },
      })
    }
  })

  it('and caller are told side by side', async () => {
    await using gateway = await start({ RATE_LIMIT_ADDRESS: '9', RATE_LIMIT_CALLER: '5' })
    const { headers } = await call(gateway, '/barcos/v1/x')
    expect(headers['ratelimit-policy']).toBe(`"address";q=9;w=${window}, "caller";q=5;w=${window}`)
    expect(headers['ratelimit']).toMatch(/^"address";r=8;t=\d+, "caller";r=4;t=\d+$/)
  })

  it('is not used up by what one caller is refused', async () => {
    await using gateway = await start({ RATE_LIMIT_ADDRESS: '3', RATE_LIMIT_CALLER: '1' })
    const { pool } = gateway
    const ask = (sub: string) =>
      call(gateway, '/barcos/v1/x', { token: pool.userToken([], { sub }) })
    expect(statuses(await repeat(5, () => ask('user-1')))).toEqual([200, 429, 429, 429, 429])
    expect(statuses([await ask('user-2'), await ask('user-3')])).toEqual([200, 200])
    expect(await ask('user-4')).toMatchObject({
      status: 429,
      body: { detail: `At most 3 requests in ${window} seconds are taken from one address` },
    })
  })

  it('is nobody’s to choose', async () => {
    await using gateway = await start({ RATE_LIMIT_ADDRESS: '1' })
    const from = (address: string) =>
      call(gateway, '/barcos/v1/x', {
        headers: { 'x-forwarded-for': address, 'x-real-ip': address, forwarded: `for=${address}` },
      })
    expect(statuses([await from('192.0.2.1'), await from('192.0.2.2')])).toEqual([200, 429])
  })

  it('is told by proxies that are trusted, and by nobody before them', async () => {
    const trusted = { TRUSTED_PROXIES: '127.0.0.0/8, 198.51.100.7' }
    await using gateway = await start({ RATE_LIMIT_ADDRESS: '1', ...trusted })
    const from = (list: string) =>
      call(gateway, '/barcos/v1/x', { headers: { 'x-forwarded-for': list } })
    expect(await from('192.0.2.1')).toMatchObject({ status: 200 })
    expect(await from('192.0.2.1, 198.51.100.7')).toMatchObject({ status: 429 })
    // What stands before the first address that is not trusted is the caller's own word.
    expect(await from('203.0.113.9, 192.0.2.1')).toMatchObject({ status: 429 })
    expect(await from('192.0.2.2')).toMatchObject({ status: 200 })
  })

  it('that is trusted must be an address', async () => {
    await expect(start({ TRUSTED_PROXIES: 'localhost' })).rejects.toThrow(/TRUSTED_PROXIES/)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ])('of IPv6 stands for its network: %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('without limits', () => {
  it('nothing is counted and nothing is told', async () => {
    await using gateway = await start({})
    const answers = await repeat(20, () => call(gateway, '/barcos/v1/x'))
    expect(new Set(statuses(answers))).toEqual(new Set([200]))
    expect(answers[0]?.headers).not.toHaveProperty('ratelimit-policy')
  })
})

describe('the management port', () => {
  it('is not limited', async () => {
    await using gateway = await start({ RATE_LIMIT_ADDRESS: '1' })
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => fetch(`${gateway.service.managementUrl}/health/live`)),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  })
})
