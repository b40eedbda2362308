import { defineAccess } from '@porttrack/shared/auth/access'
import { defineService } from '@porttrack/shared/service/define-service'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'

const issuer = new TokenIssuer()
const access = defineAccess({
  'caller:read': 'everyone',
  'feed:read': { roles: [], scopes: [] },
})

/** As much of personal as has a path with a secret of its own. */
const personal = defineService({
  name: 'personal',
  title: 'Personal',
  description: 'Says what it was sent',
  env: {},
  access,
  metrics: {},
  open: () => ({}),
  ready: async () => undefined,
  routes: (app) => {
    app.get('/calendars/:id/shifts.ics', { config: { public: true } }, ({ params, query }) => ({
      params,
      query,
    }))
    app.get('/calendars/:id', { config: access.permit('caller:read') }, () => ({ read: true }))
  },
})

let service: TestService<object>
let gateway: TestGateway
beforeAll(async () => {
  service = await startTestService(personal, { issuer })
  gateway = await startGateway({ personal: service.url }, { issuer })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

const calendar = '/personal/v1/calendars/7/shifts.ics?key=secret'

describe('a path that carries a secret of its own', () => {
  it('is reached without a token, and with any', async () => {
    for (const token of [null, gateway.pool.userToken(), 'no.token.atall']) {
      expect(await call(gateway, calendar, { token })).toMatchObject({
        status: 200,
        headers: { 'content-security-policy': expect.any(String) },
        body: { params: { id: '7' }, query: { key: 'secret' } },
      })
    }
    expect((await call(gateway, calendar, { token: null, method: 'HEAD' })).status).toBe(200)
  })

  it('opens no other: whatever is near it needs a token', async () => {
    for (const path of [
      '/personal/v1/calendars/7',
      '/personal/v1/calendars/7/shifts.ics/more',
      '/personal/v1/calendars/7/8/shifts.ics',
      '/personal/v1/calendars/shifts.ics',
      '/barcos/v1/calendars/7/shifts.ics',
      '/personal/v1/calendars/7/../8/shifts.ics',
    ]) {
      expect([path, (await call(gateway, path, { token: null })).status]).toEqual([path, 401])
    }
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await call(gateway, calendar, { token: null, method })).status).toBe(401)
    }
    const encoded = await call(gateway, '/personal/v1/calendars/..%2f8/shifts.ics', { token: null })
    expect(encoded.status).toBe(400)
  })

  it('leaves its secret out of the log', () => {
    expect(JSON.stringify(gateway.service.logs())).toContain('/shifts.ics')
    expect(JSON.stringify(gateway.service.logs())).not.toContain('key=secret')
  })
})
