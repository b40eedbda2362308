import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ed25519Key, rsaKey, signJwt } from '@porttrack/shared/testing/sign-jwt'
import type { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { services } from '../../scripts/generate/processes.ts'
import { type RunningServices, startServices } from './services.ts'

let running: RunningServices
beforeAll(async () => {
  running = await startServices()
})
afterAll(() => running[Symbol.asyncDispose]())

const seconds = () => Math.floor(Date.now() / 1_000)
const admin = { roles: ['admin'] as const }
const stranger = ed25519Key('gateway-test')
const pool = rsaKey('pool-key')

/** Claims as the gateway makes them for an administrator, with changes. */
const claims = (service: string, changes: object = {}) => ({
  iss: 'gateway',
  aud: service,
  sub: 'tester',
  kind: 'user',
  roles: ['admin'],
  scope: '',
  session_exp: seconds() + 3_600,
  iat: seconds(),
  exp: seconds() + 60,
  ...changes,
})

type Make = (issuer: TokenIssuer, service: string) => string

const byGateway =
  (changes: () => object, header: Record<string, unknown> = {}): Make =>
  (issuer, service) =>
    issuer.sign('gateway', claims(service, changes()), header)

/** A service other than the one that is asked. */
const otherThan = (service: string) => (service === 'barcos' ? 'carga' : 'barcos')

const byService =
  (changes: (from: string) => object): Make =>
  (issuer, service) => {
    const from = otherThan(service)
    const own = { iss: from, sub: from, aud: service, iat: seconds(), exp: seconds() + 60 }
    return issuer.sign(from, { ...own, ...changes(from) })
  }

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

const refused: Record<string, Make> = {
  'that is a word': () => 'nonsense',
  'of two parts': () => 'a.b',
  'with a changed payload': (issuer, service) => {
    const [header, , signature] = issuer.gatewayToken(service).split('.')
    return `${header}.${encode(claims(service))}.${signature}`
  },
  'without a signature': (issuer, service) =>
    `${issuer.gatewayToken(service, admin).split('.').slice(0, 2).join('.')}.`,
  'padded with =': (issuer, service) => `${issuer.gatewayToken(service, admin)}=`,
  'with algorithm none': (_issuer, service) =>
    `${encode({ alg: 'none', kid: 'gateway-test' })}.${encode(claims(service))}.`,
  'with HS256 and the public key as the secret': (_issuer, service) => {
    const input = `${encode({ alg: 'HS256', kid: 'gateway-test' })}.${encode(claims(service))}`
    const secret = stranger.publicKey.export({ type: 'spki', format: 'pem' })
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  },
  'with RS256 under the gateway’s key id': (_issuer, service) =>
    signJwt(claims(service), rsaKey('gateway-test')),
  'signed by a stranger under the gateway’s key id': (_issuer, service) =>
    signJwt(claims(service), stranger),
  'with its own key in the header': (_issuer, service) =>
    signJwt(claims(service), stranger, { jwk: stranger.publicKey.export({ format: 'jwk' }) }),
  'with an unknown key id': (_issuer, service) => signJwt(claims(service), ed25519Key('mine')),
  'with a property of every object as key id': byGateway(() => ({}), { kid: '__proto__' }),
  'with a number as key id': byGateway(() => ({}), { kid: 1 }),
  'without a key id': byGateway(() => ({}), { kid: undefined }),
  'with a critical extension': byGateway(() => ({}), { crit: ['exp'] }),

  'made for another service': (issuer, service) => issuer.gatewayToken(otherThan(service), admin),
  'made for the gateway': (issuer) => issuer.gatewayToken('gateway', admin),
  'made for nobody': byGateway(() => ({ aud: undefined })),
  'made for several services': (issuer, service) =>
    issuer.sign('gateway', claims(service, { aud: [service, otherThan(service)] })),
  'that has expired': byGateway(() => ({ iat: seconds() - 120, exp: seconds() - 60 })),
  'without an end': byGateway(() => ({ exp: undefined })),
  'with an end as text': byGateway(() => ({ exp: String(seconds() + 60) })),
  'without a beginning': byGateway(() => ({ iat: undefined })),
  'issued in the future': byGateway(() => ({ iat: seconds() + 60, exp: seconds() + 120 })),
  'not valid before later': byGateway(() => ({ nbf: seconds() + 60 })),
  'that lives for an hour': byGateway(() => ({ exp: seconds() + 3_600 })),
  'without an issuer': byGateway(() => ({ iss: undefined })),
  'without a subject': byGateway(() => ({ sub: undefined })),
  'with an empty subject': byGateway(() => ({ sub: '' })),
  'of a kind that is none': byGateway(() => ({ kind: 'service' })),
  'with roles as text': byGateway(() => ({ roles: 'admin' })),
  'with roles of numbers': byGateway(() => ({ roles: [1] })),
  'with a list of scopes': byGateway(() => ({ scope: ['barcos/read'] })),
  'with an organisation that is no text': byGateway(() => ({ org: ['acme'] })),
  'with an end of the session as text': byGateway(() => ({ session_exp: 'never' })),

  'of a service that says it is the gateway': byService(() => ({ iss: 'gateway' })),
  'of a service that says it is another': byService((from) => ({ iss: otherThan(from) })),
  'of a service that speaks for a user': byService(() => ({ sub: 'tester', roles: ['admin'] })),
  'of a service that speaks for another': byService((from) => ({ sub: otherThan(from) })),
  'of a service for another': (issuer, service) =>
    issuer.serviceToken(otherThan(service), service === 'personal' ? 'barcos' : 'personal'),
  'of the gateway that says it is a service': (issuer, service) =>
    issuer.sign('gateway', claims(service, { iss: 'carga', sub: 'carga' })),

  'of Cognito that skipped the gateway': (_issuer, service) =>
    signJwt(
      {
        sub: 'user-1',
        iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Test00001',
        client_id: 'web-client',
        aud: service,
        token_use: 'access',
        'cognito:groups': ['admin'],
        iat: seconds(),
        exp: seconds() + 600,
        jti: randomUUID(),
      },
      pool,
    ),
  'of Cognito’s stand-in': (_issuer, service) => signJwt(claims(service), rsaKey('CognitoLocal')),
}

/** A route that whoever is an administrator may read, and the feed, which services may. */
const readable: Record<string, string> = {
  barcos: '/v1/vessels',
  carga: '/v1/container-visits',
  rutas: '/v1/zones',
  personal: '/v1/employees',
}

/** Whom its chart lets through the network to a service. */
const calledBy = (name: string): ReadonlySet<string> => {
  const chart = new URL(`../../deploy/helm/${name}/values.yaml`, import.meta.url)
  const { process } = parse(readFileSync(chart, 'utf8')) as { process: { calledBy: string[] } }
  return new Set(process.calledBy)
}

describe.each(services.map(({ name }) => name))('%s', (name) => {
  const get = (token: string, path = readable[name] ?? '') =>
    running
      .named(name)
      .request('GET', path, { as: null, headers: { authorization: `Bearer ${token}` } })

  it('takes a token that the gateway made for it', async () => {
    expect(await get(running.issuer.gatewayToken(name, admin))).toMatchObject({ status: 200 })
  })

  it.each(Object.entries(refused))('refuses a token %s', async (_what, make) => {
    for (const path of [readable[name], '/v1/feed']) {
      const answer = await get(make(running.issuer, name), path)
      expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    }
  })

  it('lets a service read its feed and nothing else, whatever rights its token claims', async () => {
    const from = otherThan(name)
    const token = byService(() => ({ roles: ['admin'], scope: `${name}/read`, kind: 'user' }))(
      running.issuer,
      name,
    )
    expect(await get(token, '/v1/feed')).toMatchObject({ status: 200 })
    expect(await get(token)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    expect(await get(running.issuer.serviceToken(from, name))).toMatchObject({ status: 403 })
  })

  it('lets those services read its feed that are known to call it, and no others', async () => {
    for (const { name: from } of services) {
      const { status } = await get(running.issuer.serviceToken(from, name), '/v1/feed')
      expect({ from, status }).toEqual({ from, status: calledBy(name).has(from) ? 200 : 403 })
    }
  })

  it('lets no service read its feed that its table does not name', async () => {
    expect(await get(running.issuer.serviceToken(name, name), '/v1/feed')).toMatchObject({
      status: 403,
    })
  })
})
