import { writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { defineAccess } from '@porttrack/shared/auth/access'
import { defineService } from '@porttrack/shared/service/define-service'
import { rsaKey, signJwt } from '@porttrack/shared/testing/sign-jwt'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { describe, expect, it } from 'vitest'
import { call, startGateway } from './gateway.ts'

const access = defineAccess({
  'caller:read': 'everyone',
  'feed:read': { roles: [], scopes: [] },
})

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
    }))
  },
})

/** A caller's user, a new one each time, so that nothing is answered from what is remembered. */
const strangers = (() => {
  let count = 0
  return () => `user-${(count += 1)}`
})()

describe('keys that rotate while the processes run', () => {
  it('of the user pool: the next is taken beside the present one, and after it', async () => {
    await using service = await startTestService(barcos)
    await using gateway = await startGateway({ barcos: service.url }, { issuer: service.issuer })
    const { pool } = gateway
    const next = rsaKey('next-key')
    const askWith = (key: typeof next) =>
      call(gateway, '/barcos/v1/caller', {
        token: signJwt(pool.claims({ sub: strangers() }), key),
      })
    expect(await askWith(pool.key)).toMatchObject({ status: 200 })
    pool.publish([pool.key, next])
    expect(await askWith(next)).toMatchObject({ status: 200 })
    expect(await askWith(pool.key)).toMatchObject({ status: 200 })
    pool.publish([next])
    expect(await askWith(next)).toMatchObject({ status: 200 })
  })

  it('of the user pool: one that is withdrawn takes with it what it had verified', async () => {
    await using service = await startTestService(barcos)
    await using gateway = await startGateway(
      { barcos: service.url },
      { issuer: service.issuer, env: { COGNITO_KEYS_SECONDS: '1' } },
    )
    const { pool, token } = gateway
    const next = rsaKey('next-key')
    const other = signJwt(pool.claims({ sub: strangers() }), next)
    pool.publish([pool.key, next])
    // On one connection, which need not look its token up again.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async (brought: string) =>
      (await call(gateway, '/barcos/v1/caller', { token: brought, agent })).status
    for (const brought of [token, token, token, other, other]) expect(await ask(brought)).toBe(200)
    pool.publish([next])
    await expect.poll(() => ask(token), { timeout: 5_000 }).toBe(401)
    expect(await ask(other)).toBe(200)
    agent.destroy()
  })

  it('of the gateway: services take both while both are published, then the next alone', async () => {
    const issuer = new TokenIssuer()
    await using service = await startTestService(barcos, { issuer })
    const ask = async (token: string) =>
      (
        await service.request('GET', '/v1/caller', {
          as: null,
          headers: { authorization: `Bearer ${token}` },
        })
      ).status
    const present = () => issuer.gatewayToken('barcos', { subject: strangers() })
    const before = Array.from({ length: 200 }, present)
    const early = () => before.pop() ?? ''
    expect(await ask(early())).toBe(200)

    const withdrawFormer = issuer.add('gateway', 'gateway-next')
    await expect.poll(() => ask(present())).toBe(200)
    expect(await ask(early())).toBe(200)

    // What is half written or broken changes nothing.
    const published = issuer.keySetFile
    writeFileSync(published, '{"keys": [')
    expect(await ask(present())).toBe(200)
    expect(await ask(early())).toBe(200)

    withdrawFormer()
    await expect.poll(() => ask(early()), { interval: 200 }).toBe(401)
    expect(await ask(present())).toBe(200)
  })
})

describe('a gateway in production', () => {
  it('does not start with another source of keys than the pool’s', async () => {
    await expect(startGateway({}, { env: { DEVELOPMENT_KEYS: 'false' } })).rejects.toThrow(
      'DEVELOPMENT_KEYS',
    )
  })
})
