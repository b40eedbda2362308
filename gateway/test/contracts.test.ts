import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, call, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer, textOf } from './http.ts'

/** What the service behind the gateway got, and what it does next. */
const seen: { url: string; headers: IncomingHttpHeaders; body: string }[] = []
let answer: RequestListener

let barcos: TestServer
let gateway: TestGateway
let alone: TestGateway
beforeAll(async () => {
  barcos = await startServer((request, response) => {
    textOf(request).then(
      (body) => {
        seen.push({ url: request.url ?? '', headers: request.headers, body })
        answer(request, response)
      },
      () => undefined,
    )
  })
  gateway = await startGateway({ barcos: barcos.url })
  alone = await startGateway({})
})
afterAll(async () => {
  await alone[Symbol.asyncDispose]()
  await gateway[Symbol.asyncDispose]()
  await barcos[Symbol.asyncDispose]()
})
beforeEach(() => {
  seen.length = 0
  answer = (_request, response) => response.end('{}')
})

const path = '/barcos/dcsa/port-call/v2/events'

const expectFeedback = (answered: Answer, status: number, message: string): void => {
  expect(answered).toMatchObject({ status })
  expect(answered.body).toEqual({ feedbackElements: [{ severity: 'ERROR', message }] })
  expect(answered.headers).toMatchObject({
    'api-version': '2.0.0',
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
  })
}

describe('a request to a path of DCSA Port Call', () => {
  it('passes with the standard’s headers both ways', async () => {
    answer = (_request, response) =>
      response
        .writeHead(200, {
          'API-Version': '2.0.7',
          'Next-Page-Cursor': 'abc.def',
          'Response-Sending-Party': 'Port-1',
          'Response-Receiving-Party': 'Carrier-123',
        })
        .end('{"events":[]}')
    const headers = {
      'API-Version': '2.0.0',
      'Request-Sending-Party': 'Carrier-123',
      'Request-Receiving-Party': 'Port-1',
    }
    const answered = await call(gateway, `${path}?limit=10&cursor=a.b`, { headers })
    expect(answered.headers).toMatchObject({
      'api-version': '2.0.7',
      'next-page-cursor': 'abc.def',
      'response-sending-party': 'Port-1',
      'response-receiving-party': 'Carrier-123',
    })
    expect(seen).toMatchObject([
      {
        url: '/dcsa/port-call/v2/events?limit=10&cursor=a.b',
        headers: {
          'api-version': '2.0.0',
          'request-sending-party': 'Carrier-123',
          'request-receiving-party': 'Port-1',
        },
      },
    ])
    await call(gateway, path, { method: 'POST', body: '{"events":[]}' })
    expect(seen[1]).toMatchObject({ body: '{"events":[]}' })
  })

  it('is answered by the service in the service’s words', async () => {
    const body = '{"feedbackElements":[{"severity":"ERROR","message":"Not allowed"}]}'
    answer = (_request, response) =>
      response.writeHead(403, { 'content-type': 'application/json' }).end(body)
    expect(await call(gateway, path)).toMatchObject({ status: 403, text: body })
  })
})

describe('what the gateway itself refuses on a path of DCSA Port Call', () => {
  it('without a token or with a bad one: 401', async () => {
    for (const token of [null, 'nonsense']) {
      const answered = await call(gateway, path, { token })
      expectFeedback(answered, 401, 'A valid token is needed')
      expect(answered.headers['www-authenticate']).toMatch(/^Bearer/)
    }
    expect(seen).toEqual([])
  })

  it('in Spanish where that is preferred', async () => {
    const headers = { 'accept-language': 'es' }
    const answered = await call(gateway, path, { token: null, headers })
    expectFeedback(answered, 401, 'Hace falta un token válido')
  })

  it('an ambiguous path: 400', async () => {
    expectFeedback(await call(gateway, `${path}/../x`), 400, 'The path has a dot segment')
    expectFeedback(await call(gateway, `${path}//x`), 400, 'The path has an empty segment')
    expect(seen).toEqual([])
  })

  it('a method that nothing takes: 405 with those that are taken', async () => {
    const answered = await call(gateway, path, { method: 'OPTIONS' })
    expectFeedback(answered, 405, 'Method not allowed')
    expect(answered.headers.allow).toContain('POST')
  })

  it('a body that is too large, announced or not: 413', async () => {
    const message = 'At most 1048576 bytes are taken'
    const body = Buffer.alloc(1_048_577, ' ')
    expectFeedback(await call(gateway, path, { method: 'POST', body }), 413, message)
    const length = { 'content-length': '9999999999' }
    expectFeedback(await call(gateway, path, { method: 'POST', headers: length }), 413, message)
  })

  it('a service that breaks off: 502', async () => {
    answer = (request) => request.socket.destroy()
    expectFeedback(await call(gateway, path), 502, 'The service broke off')
  })

  it('a service that is not there: 503 with a time to come back', async () => {
    const answered = await call(alone, path)
    expectFeedback(answered, 503, 'The service cannot answer for now')
    expect(Number(answered.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('a service that takes too long: 504', async () => {
    answer = () => undefined
    const headers = { 'x-request-deadline': String(Date.now() + 200) }
    expectFeedback(await call(gateway, path, { headers }), 504, 'The service took too long')
  })
})

describe('other paths', () => {
  it.each([
    '/barcos/v1/x',
    '/barcos/dcsa',
    '/barcos/dcsa/port-call/v20/events',
    '/carga/dcsa/port-call/v2/events',
    '/dcsa/port-call/v2/events',
  ])('are refused with problem details: %s', async (other) => {
    const answered = await call(gateway, other, { token: null })
    expect(answered.headers['content-type']).toBe('application/problem+json')
    expect(answered.headers).not.toHaveProperty('api-version')
  })
})
