import { Agent } from 'node:http'
import { rsaKey, signJwt } from '@porttrack/shared/testing/sign-jwt'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { defineAccess } from '@porttrack/shared/auth/access'
import { defineService } from '@porttrack/shared/service/define-service'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'

const issuer = new TokenIssuer()
const access = defineAccess({
  'caller:read': 'everyone',
  'secret:read': { roles: ['admin'], scopes: ['barcos/read'] },
  'feed:read': { roles: [], scopes: [] },
})

/** A real service that says whom it takes the caller for. */
const barcos = defineService({
  name: 'barcos',
  title: 'Barcos',
  description: 'Says who asks',
  env: {},
  access,
  metrics: {},
  open: () => ({}),
  ready: async () => undefined,
  routes: (app) => {
    app.get('/caller', { config: access.permit('caller:read') }, (request) => ({
      ...request.caller,
      token: request.headers.authorization?.slice('Bearer '.length),
    }))
    app.get('/secret', { config: access.permit('secret:read') }, () => ({ secret: true }))
  },
})

let service: TestService<object>
let gateway: TestGateway
beforeAll(async () => {
  service = await startTestService(barcos, { issuer })
  gateway = await startGateway({ barcos: service.url, carga: service.url }, { issuer })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

const whoami = (token: string | null) => call(gateway, '/barcos/v1/caller', { token })

describe('a caller with a Cognito access token', () => {
  it('reaches the service as the user the token names', async () => {
    const expires = Math.floor(Date.now() / 1_000) + 600
    const token = gateway.pool.userToken(['agent', 'org.acme-lines'], { exp: expires })
    const { status, body } = await whoami(token)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      kind: 'user',
      subject: 'user-1',
      roles: ['agent'],
      scopes: [],
      organization: 'acme-lines',
      sessionEnds: expires,
    })
    expect(body.token).not.toBe(token)
  })

  it('reaches the service as a machine with its scopes', async () => {
    const { body } = await whoami(gateway.pool.machineToken(['barcos/read', 'org/acme-lines']))
    expect(body).toMatchObject({
      kind: 'machine',
      subject: 'machine-client',
      roles: [],
      scopes: ['barcos/read'],
      organization: 'acme-lines',
    })
  })

  it('is given a minute’s token for that service alone, signed once for several requests', async () => {
    const outer = gateway.pool.userToken()
    const first = (await whoami(outer)).body.token as string
    expect((await whoami(outer)).body.token).toBe(first)
    const other = gateway.pool.userToken(['viewer'], { sub: 'user-2' })
    expect((await whoami(other)).body).toMatchObject({ subject: 'user-2', roles: ['viewer'] })
    const claims = JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ iss: 'gateway', aud: 'barcos', sub: 'user-1' })
    expect(claims.exp - claims.iat).toBe(60)
  })

  it('is refused by the service what its roles do not grant', async () => {
    const secret = (token: string) => call(gateway, '/barcos/v1/secret', { token })
    expect(await secret(gateway.pool.userToken(['viewer']))).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    })
    expect(await secret(gateway.pool.userToken(['admin']))).toMatchObject({ status: 200 })
    expect(await secret(gateway.pool.machineToken(['barcos/read']))).toMatchObject({ status: 200 })
  })

  it('answers for a service that does not accept the gateway’s token itself', async () => {
    // What stands at carga's address takes only tokens made for barcos.
    expect(await call(gateway, '/carga/v1/caller')).toMatchObject({
      status: 502,
      body: { code: 'UPSTREAM_BROKEN' },
    })
  })
})

describe('a token', () => {
  const seconds = () => Math.floor(Date.now() / 1_000)
  it('is remembered only while it lasts', async () => {
    const token = gateway.pool.userToken(['viewer'], { exp: seconds() + 3 })
    expect(await whoami(token)).toMatchObject({ status: 200 })
    await expect.poll(async () => (await whoami(token)).status).toBe(401)
  })

  it('is its own caller’s, whatever else came on the same connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (token: string | null) => call(gateway, '/barcos/v1/caller', { token, agent })
    const first = gateway.pool.userToken(['viewer'], { sub: 'user-1', exp: seconds() + 5 })
    const second = gateway.pool.userToken(['agent'], { sub: 'user-2' })
    const callers: unknown[] = []
    for (const token of [first, second, first, first, second, second, first]) {
      callers.push((await ask(token)).body.subject)
    }
    const [one, two] = ['user-1', 'user-2']
    expect(callers).toEqual([one, two, one, one, two, two, one])
    expect(await ask(null)).toMatchObject({ status: 401 })
    expect(await ask(`${first}=`)).toMatchObject({ status: 401 })
    expect(await ask(first.slice(0, -8))).toMatchObject({ status: 401 })
    await expect.poll(async () => (await ask(first)).status).toBe(401)
    expect(await ask(second)).toMatchObject({ status: 200 })
    agent.destroy()
  })
})

describe('a service that is reached without the gateway', () => {
  it('checks the user pool’s tokens itself, and takes no others', async () => {
    const { pool } = gateway
    await using exposed = await startTestService(barcos, {
      issuer,
      env: { ...pool.env, AUTH_MODE: 'cognito' },
    })
    const ask = (token: string | null) => call({ ...exposed, pool }, '/v1/caller', { token })
    expect(await ask(pool.userToken(['viewer', 'org.acme']))).toMatchObject({
      status: 200,
      body: { subject: 'user-1', roles: ['viewer'], organization: 'acme' },
    })
    for (const token of [null, issuer.gatewayToken('barcos', { roles: ['admin'] })]) {
      expect(await ask(token)).toMatchObject({ status: 401 })
    }
  })
})

describe('keys of the user pool', () => {
  it('that cannot be fetched cost 503, once known nothing', async () => {
    await using own = await startGateway({ barcos: service.url }, { issuer: new TokenIssuer() })
    own.pool.failWith(500)
    const refused = await call(own, '/barcos/v1/caller')
    expect(refused).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    own.pool.failWith(null)
    // The service does not know this gateway's key; that it was asked shows that the token held.
    expect(await call(own, '/barcos/v1/caller')).toMatchObject({ status: 502 })
    own.pool.failWith(500)
    expect(await call(own, '/barcos/v1/caller')).toMatchObject({ status: 502 })
  })

  it('are fetched once for a thousand tokens with an unknown id, and others go on', async () => {
    await using own = await startGateway({ barcos: service.url }, { issuer: new TokenIssuer() })
    await call(own, '/barcos/v1/caller')
    const before = own.pool.fetches()
    const stranger = rsaKey('stranger')
    const token = () => signJwt(own.pool.claims(), stranger)
    const begin = performance.now()
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => call(own, '/barcos/v1/caller', { token: token() })),
      )
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    }
    // One each ten seconds, however long a slow machine takes for a thousand requests.
    const windows = 1 + Math.floor((performance.now() - begin) / 10_000)
    const fetches = own.pool.fetches() - before
    expect(fetches).toBeGreaterThan(0)
    expect(fetches).toBeLessThanOrEqual(windows)
    expect(await call(own, '/barcos/v1/caller')).toMatchObject({ status: 502 })
  })
})
