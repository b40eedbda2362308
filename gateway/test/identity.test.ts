import { rsaKey, signJwt } from '@porttrack/shared/testing/sign-jwt'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { defineAccess } from '@porttrack/shared/auth/access'
import { defineService } from '@porttrack/shared/service/define-service'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'
import { sendRaw } from './http.ts'

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

describe('a token that is not accepted', () => {
  const seconds = () => Math.floor(Date.now() / 1_000)
  const signed = (changes: Record<string, unknown>, header: Record<string, unknown> = {}) =>
    signJwt(gateway.pool.claims(changes), gateway.pool.key, header)
  const tampered = (token: string) => {
    const [header, , signature] = token.split('.')
    const claims = gateway.pool.claims({ sub: 'someone-else' })
    return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
  }
  const cases: Record<string, () => string> = {
    malformed: () => 'nonsense',
    'with two parts': () => 'a.b',
    'padded after its signature': () => `${gateway.pool.userToken()}=`,
    'with algorithm none': () => {
      const [, claims] = gateway.pool.userToken().split('.')
      const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'pool-key' }))
      return `${header.toString('base64url')}.${claims}.`
    },
    'with another algorithm': () => signed({}, { alg: 'HS256' }),
    'with changed claims': () => tampered(gateway.pool.userToken()),
    'signed with another key': () => signJwt(gateway.pool.claims(), rsaKey('pool-key')),
    expired: () => signed({ exp: seconds() - 1 }),
    'without exp': () => signed({ exp: undefined }),
    'issued in the future': () => signed({ iat: seconds() + 60 }),
    'not valid before later': () => signed({ nbf: seconds() + 60 }),
    'of another pool': () =>
      signed({ iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other0001' }),
    'of an issuer that is no pool': () => signed({ iss: 'https://evil.example' }),
    'of another client': () => signed({ client_id: 'other-client' }),
    'of another use': () => signed({ token_use: 'refresh' }),
    'that is an ID token': () =>
      signed({ token_use: 'id', aud: 'web-client', client_id: undefined }),
    'with an unknown crit': () => signed({}, { crit: ['x-new'], 'x-new': true }),
    'with groups as text': () => signed({ 'cognito:groups': 'admin' }),
    'made by the gateway for a service': () => issuer.gatewayToken('barcos', { roles: ['admin'] }),
    'made by a service for the gateway': () => issuer.serviceToken('carga', 'gateway'),
  }
  for (const [name, make] of Object.entries(cases)) {
    it(`${name} is answered 401`, async () => {
      // Keys are known first, so that no case passes because there was nothing to check with.
      expect(await whoami(gateway.pool.userToken())).toMatchObject({ status: 200 })
      const answer = await whoami(make())
      expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    })
  }

  it('absent, in another scheme or in the query string is answered 401', async () => {
    expect(await whoami(null)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
    })
    const token = gateway.pool.userToken()
    const basic = { headers: { authorization: `Basic ${token}` }, token: null }
    expect(await call(gateway, '/barcos/v1/caller', basic)).toMatchObject({ status: 401 })
    const query = `/barcos/v1/caller?access_token=${token}`
    expect(await call(gateway, query, { token: null })).toMatchObject({ status: 401 })
  })

  it('beside another is answered 400', async () => {
    const header = `Authorization: Bearer ${gateway.pool.userToken()}\r\n`
    const answer = await sendRaw(
      gateway.port,
      `GET /barcos/v1/caller HTTP/1.1\r\nHost: x\r\n${header}${header}\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('"code":"BAD_REQUEST"')
  })

  it('is remembered only while it lasts', async () => {
    const token = gateway.pool.userToken(['viewer'], { exp: seconds() + 2 })
    expect(await whoami(token)).toMatchObject({ status: 200 })
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    expect(await whoami(token)).toMatchObject({ status: 401 })
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
