import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../logging/logger.ts'
import { readEnvironment } from '../service/env.ts'
import { rsaKey, signJwt, type TestKey } from '../testing/sign-jwt.ts'
import {
  type CognitoVerifier,
  createCognitoVerifier,
  type VerifyToken,
} from './cognito-verifier.ts'
import { isCurrent } from './token-memory.ts'
import { KeysUnavailableError, TokenRefusedError } from './token-errors.ts'

const pool = 'eu-west-1_Example1'
const issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${pool}`
const key = rsaKey('first')
const stranger = rsaKey('first')

let published: TestKey[] = [key]
let fetches = 0
let available = true
let server: Server
let verify: VerifyToken
let closing: (() => void)[] = []
let lines: string[] = []

const log = createLogger({
  service: 'gateway',
  version: 'test',
  level: 'info',
  destination: { write: (line) => lines.push(line) },
})
const messages = () => lines.map((line) => (JSON.parse(line) as { message: string }).message)

const environment = (more: Record<string, string> = {}) =>
  readEnvironment(
    {},
    {
      PORT: '0',
      MANAGEMENT_PORT: '0',
      CURSOR_KEY: 'a key that only tests use: 32 characters',
      COGNITO_USER_POOL_ID: pool,
      COGNITO_CLIENT_IDS: 'console, machine',
      ...more,
    },
  )

beforeAll(async () => {
  server = createServer((_request, response) => {
    fetches += 1
    if (!available) return response.writeHead(500).end()
    const keys = published.map(({ publicKey, keyId }) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid: keyId,
      use: 'sig',
      alg: 'RS256',
    }))
    return response.end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => server.close())

/** Fetches the published keys again each so many seconds. */
const open = (seconds: number): CognitoVerifier => {
  const { port } = server.address() as AddressInfo
  const verifier = createCognitoVerifier(
    environment({
      COGNITO_JWKS_URL: `http://127.0.0.1:${port}/keys`,
      COGNITO_KEYS_SECONDS: String(seconds),
      DEVELOPMENT_KEYS: 'true',
    }),
    log,
  )
  closing.push(verifier.close)
  return verifier
}

beforeEach(() => {
  published = [key]
  fetches = 0
  available = true
  lines = []
  ;({ verify } = open(1))
})
afterEach(() => {
  for (const close of closing) close()
  closing = []
})

const now = Math.floor(Date.now() / 1_000)
const claims = {
  iss: issuer,
  sub: 'user-1',
  client_id: 'console',
  token_use: 'access',
  iat: now,
  exp: now + 3_600,
}

describe('a Cognito access token', () => {
  it('says who the user is, in which roles and for which organisation', async () => {
    const token = signJwt({ ...claims, 'cognito:groups': ['agent', 'org.acme'] }, key)
    expect(await verify(token)).toEqual({
      expires: claims.exp,
      key: { withdrawn: false, text: expect.any(String) },
      caller: {
        kind: 'user',
        subject: 'user-1',
        roles: ['agent'],
        scopes: [],
        organization: 'acme',
        sessionEnds: claims.exp,
      },
    })
  })

  it('says what a machine may do, by its scopes alone', async () => {
    const machine = {
      ...claims,
      sub: 'machine',
      client_id: 'machine',
      scope: 'barcos/read org/acme',
    }
    const token = signJwt({ ...machine, 'cognito:groups': ['admin'] }, key)
    expect((await verify(token)).caller).toMatchObject({
      kind: 'machine',
      roles: [],
      scopes: ['barcos/read'],
      organization: 'acme',
    })
  })

  it.each([
    ['no end', { exp: undefined }, {}],
    ['an end that has passed', { exp: now - 1 }, {}],
    ['a start that is to come', { nbf: now + 600 }, {}],
    ['an issue that is to come', { iat: now + 600 }, {}],
    ['another issuer', { iss: `${issuer}x` }, {}],
    ['another client', { client_id: 'other' }, {}],
    ['another use', { token_use: 'id' }, {}],
    ['no subject', { sub: undefined }, {}],
    ['a subject that is too long', { sub: 'u'.repeat(256) }, {}],
    ['groups as text', { 'cognito:groups': 'admin' }, {}],
    ['groups of numbers', { 'cognito:groups': [1] }, {}],
    ['no algorithm', {}, { alg: 'none' }],
    ['a symmetric algorithm', {}, { alg: 'HS256' }],
    ['a critical extension', {}, { crit: ['b64'], b64: false }],
    ['an unknown key', {}, { kid: 'nobody' }],
  ])('is refused with %s', async (_what, change, header) => {
    await expect(verify(signJwt({ ...claims, ...change }, key, header))).rejects.toThrow(
      TokenRefusedError,
    )
  })

  it('is refused when someone else signed it, and when it is no token', async () => {
    await expect(verify(signJwt(claims, stranger))).rejects.toThrow(TokenRefusedError)
    for (const garbage of ['', '.', 'a.b.c', `${signJwt(claims, key)}.x`, '💥']) {
      await expect(verify(garbage)).rejects.toThrow(TokenRefusedError)
    }
  })
})

describe('the keys of the pool', () => {
  it('are fetched once for a thousand tokens with an unknown key, and valid callers go on', async () => {
    await verify(signJwt(claims, key))
    const bad = signJwt(claims, key, { kid: 'nobody' })
    const results = await Promise.allSettled(Array.from({ length: 1_000 }, () => verify(bad)))
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    expect(fetches).toBeLessThanOrEqual(2)
    expect((await verify(signJwt({ ...claims, sub: 'other' }, key))).caller.subject).toBe('other')
  })

  it('rotate without a restart', async () => {
    await verify(signJwt(claims, key))
    const next = rsaKey('second')
    published = [key, next]
    expect((await verify(signJwt(claims, next))).caller.subject).toBe('user-1')
  })

  it('that are withdrawn verify nothing any more, nor what they had verified', async () => {
    const next = rsaKey('second')
    published = [key, next]
    const [before, other] = [
      await verify(signJwt(claims, key)),
      await verify(signJwt(claims, next)),
    ]
    expect([before, other].map(isCurrent)).toEqual([true, true])
    published = [next]
    await expect.poll(() => isCurrent(before), { timeout: 3_000 }).toBe(false)
    expect(isCurrent(other)).toBe(true)
    await expect(verify(signJwt(claims, key))).rejects.toThrow(TokenRefusedError)
    expect((await verify(signJwt(claims, next))).caller.subject).toBe('user-1')
    expect(messages()).toEqual(['the user pool has withdrawn keys'])
  })

  it('of the two issuers that a pool has are kept apart', async () => {
    const global = `https://issuer-cognito-idp.eu-west-1.amazonaws.com/${pool}`
    const next = rsaKey('second')
    const seldom = open(3_600)
    const [one, renewed] = [
      await seldom.verify(signJwt(claims, key)),
      await verify(signJwt(claims, key)),
    ]
    published = [next]
    const others = { ...claims, iss: global }
    await expect(seldom.verify(signJwt(others, key))).rejects.toThrow(TokenRefusedError)
    expect(isCurrent(one)).toBe(true)
    const other = await verify(signJwt(others, next))
    await expect.poll(() => isCurrent(renewed), { timeout: 3_000 }).toBe(false)
    expect(isCurrent(other)).toBe(true)
  })

  it('that are others under the same id are other keys', async () => {
    const before = await verify(signJwt(claims, key))
    published = [stranger]
    await expect.poll(() => isCurrent(before), { timeout: 3_000 }).toBe(false)
    await expect(verify(signJwt(claims, key))).rejects.toThrow(TokenRefusedError)
    expect((await verify(signJwt(claims, stranger))).caller.subject).toBe('user-1')
  })

  it.each([
    ['cannot be fetched', () => (available = false)],
    ['are none', () => (published = [])],
  ])('stay in use while they %s', async (_what, fail) => {
    const before = await verify(signJwt(claims, key))
    fail()
    const note = 'the keys of the user pool cannot be fetched, those known stay in use'
    await expect.poll(messages, { timeout: 3_000 }).toContain(note)
    expect(isCurrent(before)).toBe(true)
    expect((await verify(signJwt({ ...claims, sub: 'other' }, key))).caller.subject).toBe('other')
  })

  it('are asked for again soon after they could not be fetched, until it is closed', async () => {
    const next = rsaKey('second')
    const { verify: check, close } = open(3)
    const before = await check(signJwt(claims, key))
    available = false
    await expect.poll(messages, { timeout: 5_000 }).toHaveLength(1)
    const asked = fetches
    await expect.poll(() => fetches, { timeout: 1_500 }).toBeGreaterThan(asked + 1)
    expect(isCurrent(before)).toBe(true)
    ;[published, available] = [[next], true]
    await expect.poll(() => isCurrent(before), { timeout: 1_500 }).toBe(false)
    await expect
      .poll(messages)
      .toEqual([
        'the keys of the user pool cannot be fetched, those known stay in use',
        'the user pool has withdrawn keys',
        'the keys of the user pool can be fetched again',
      ])

    available = false
    await expect.poll(messages, { timeout: 5_000 }).toHaveLength(4)
    close()
    // What is under way ends first.
    await sleep(200)
    const last = fetches
    await sleep(1_000)
    expect(fetches).toBe(last)
  }, 15_000)

  it('are asked for no more than they must be', async () => {
    const { verify: check, close } = open(1)
    await sleep(1_500)
    expect(fetches).toBe(0)
    await check(signJwt(claims, key))
    await expect.poll(() => fetches, { timeout: 3_000 }).toBeGreaterThanOrEqual(2)
    close()
    const asked = fetches
    await sleep(1_500)
    expect(fetches).toBe(asked)
  })

  it('that cannot be fetched are not the caller’s fault', async () => {
    available = false
    await expect(verify(signJwt(claims, key))).rejects.toThrow(KeysUnavailableError)
    available = true
    expect((await verify(signJwt(claims, key))).caller.subject).toBe('user-1')
  })

  it('of a stand-in are not accepted without saying so', () => {
    const settings = environment({ COGNITO_JWKS_URL: 'http://127.0.0.1:1/keys' })
    expect(() => createCognitoVerifier(settings, log)).toThrow('DEVELOPMENT_KEYS')
  })

  it('of a stand-in are refused before any key is fetched', async () => {
    const production = createCognitoVerifier(environment(), log)
    await expect(production.verify(signJwt(claims, rsaKey('CognitoLocal')))).rejects.toMatchObject({
      reason: 'development-key',
    })
  })
})
