import { once } from 'node:events'
import {
  Agent,
  type IncomingHttpHeaders,
  request as sendRequest,
  type RequestListener,
} from 'node:http'
import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { call, nowhere, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer, textOf } from './http.ts'

type Seen = {
  method: string
  url: string
  headers: IncomingHttpHeaders
  rawHeaders: string[]
  body: string
}

/** What the service behind the gateway got, and what it does next. */
const seen: Seen[] = []
const plain: RequestListener = (_request, response) =>
  response.setHeader('content-type', 'application/json').end('{"ok":true}')
let answer: RequestListener = plain

const onlySeen = (): Seen => {
  const [only] = seen
  if (!only || seen.length > 1) throw new Error(`the service got ${seen.length} requests`)
  return only
}

let barcos: TestServer
let gateway: TestGateway
beforeAll(async () => {
  barcos = await startServer((request, response) => {
    textOf(request).then(
      (body) => {
        const { method = '', url = '', headers, rawHeaders } = request
        seen.push({ method, url, headers, rawHeaders, body })
        answer(request, response)
      },
      () => undefined,
    )
  })
  gateway = await startGateway({ barcos: barcos.url, rutas: barcos.url })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await barcos[Symbol.asyncDispose]()
})
beforeEach(() => {
  seen.length = 0
  answer = plain
})

describe('a request', () => {
  it('goes to the service its first segment names, without that segment and else unchanged', async () => {
    const { status, body } = await call(
      gateway,
      '/barcos/v1/vessels?name=M%C3%BCnchen&sort=-eta,name',
    )
    expect({ status, body }).toEqual({ status: 200, body: { ok: true } })
    expect(seen).toMatchObject([
      { method: 'GET', url: '/v1/vessels?name=M%C3%BCnchen&sort=-eta,name' },
    ])
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'goes with its body and its preconditions: %s',
    async (method) => {
      const headers = {
        'content-type': 'application/json',
        'if-match': '"3"',
        'idempotency-key': 'k-1',
        'accept-language': 'es',
      }
      await call(gateway, '/barcos/v1/vessels/1', { method, body: '{"name":"Ana"}', headers })
      expect(seen).toMatchObject([
        { method, body: '{"name":"Ana"}', headers: { ...headers, 'content-length': '14' } },
      ])
    },
  )

  it('without a body stays without one', async () => {
    await call(gateway, '/barcos/v1/vessels/1', {
      method: 'DELETE',
      headers: { 'if-match': '"1"' },
    })
    await call(gateway, '/barcos/v1/vessels', {
      method: 'POST',
      headers: { 'content-length': '0' },
    })
    expect(seen.map(({ method, body }) => [method, body])).toEqual([
      ['DELETE', ''],
      ['POST', ''],
    ])
  })

  it('loses what only the gateway may say', async () => {
    const before = Date.now()
    const requestId = (
      await call(gateway, '/barcos/v1/vessels', {
        headers: {
          'x-porttrack-user': 'admin',
          x_porttrack_user: 'admin',
          'X-PortTrack_Role': 'admin',
          forwarded: 'for=6.6.6.6',
          'x-forwarded-for': '6.6.6.6',
          'x-forwarded-host': 'evil.example',
          'x-forwarded-proto': 'gopher',
          'x-forwarded-prefix': '/evil',
          x_forwarded_for: '6.6.6.6',
          'x-real-ip': '6.6.6.6',
          cookie: 'session=1',
          'proxy-authorization': 'Basic x',
          te: 'trailers',
          'keep-alive': 'timeout=5',
          connection: 'keep-alive, x-custom-hop',
          'x-custom-hop': 'dropped',
          traceparent: 'nonsense',
          baggage: 'user=admin',
          'x-request-id': 'x'.repeat(200),
          'x-request-deadline': 'soon',
          'x-kept': 'kept',
        },
      })
    ).headers['x-request-id']
    const { headers, rawHeaders } = onlySeen()
    const { 'x-request-deadline': deadline, authorization, ...others } = headers
    expect(others).toEqual({
      host: new URL(barcos.url).host,
      connection: 'keep-alive',
      'x-kept': 'kept',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `127.0.0.1:${gateway.port}`,
      'x-request-id': requestId,
    })
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(authorization).toMatch(/^Bearer /)
    expect(rawHeaders.filter((name) => name === 'authorization')).toHaveLength(1)
    expect(Number(deadline) - before).toBeGreaterThan(29_000)
    // Half a minute and what the request took to be passed on: less than a feed's.
    expect(Number(deadline) - before).toBeLessThan(44_000)
  })

  it('keeps a plain request id and a nearer deadline', async () => {
    const deadline = String(Date.now() + 15_000)
    const headers = { 'x-request-id': 'trace.me-1', 'x-request-deadline': deadline }
    const { headers: answered } = await call(gateway, '/barcos/v1/vessels', { headers })
    expect(answered['x-request-id']).toBe('trace.me-1')
    expect(seen[0]?.headers['x-request-id']).toBe('trace.me-1')
    expect(
      Math.abs(Number(seen[0]?.headers['x-request-deadline']) - Number(deadline)),
    ).toBeLessThan(5_000)
  })

  it('may wait longer for a feed', async () => {
    await call(gateway, '/barcos/v1/feed?wait=30')
    expect(Number(seen[0]?.headers['x-request-deadline']) - Date.now()).toBeGreaterThan(40_000)
  })

  it('is made once, whatever the service answers', async () => {
    answer = (_request, response) => response.writeHead(503, { 'retry-after': '0' }).end()
    expect(await call(gateway, '/barcos/v1/vessels')).toMatchObject({ status: 503 })
    expect(seen).toHaveLength(1)
  })
})

describe('a path', () => {
  it('is a route’s pattern in metrics, whatever was asked for', async () => {
    await call(gateway, '/barcos/v1/vessels/9074729')
    const metrics = await (await fetch(`${gateway.service.managementUrl}/metrics`)).text()
    expect(metrics).toContain('http_route="/barcos/*"')
    expect(metrics).not.toContain('9074729')
    expect(metrics).toMatch(
      /gateway_upstream_request_duration_seconds_count\{upstream="barcos",track="stable",status_class="2xx",lane="calls"\} \d/,
    )
  })
})

describe('a method', () => {
  it('that no service takes is answered 405 with those that they do', async () => {
    const answered = await call(gateway, '/barcos/v1/x', { method: 'OPTIONS' })
    expect(answered).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } })
    expect(answered.headers.allow).toContain('PATCH')
  })

  it('HEAD is answered without a body', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-length': '11' }).end()
    const answered = await call(gateway, '/barcos/v1/x', { method: 'HEAD' })
    expect(answered).toMatchObject({ status: 200, text: '', headers: { 'content-length': '11' } })
  })
})

describe('an answer', () => {
  it('keeps status, body and headers but for what concerns only the connection', async () => {
    answer = (_request, response) =>
      response
        .writeHead(201, {
          etag: '"1"',
          connection: 'keep-alive, x-hop',
          'x-hop': '1',
          'x-kept': '1',
          server: 'secret/1.0',
          'x-powered-by': 'secret',
          'set-cookie': 'a=b',
          'x-request-id': 'theirs',
          'x-frame-options': 'ALLOWALL',
        })
        .end('{"id":1}')
    const { status, headers, text } = await call(gateway, '/barcos/v1/vessels', {
      method: 'POST',
      body: 'x',
    })
    expect({ status, text }).toEqual({ status: 201, text: '{"id":1}' })
    expect(headers).toMatchObject({
      etag: '"1"',
      'x-kept': '1',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['strict-transport-security']).toBeDefined()
    for (const name of ['x-hop', 'server', 'x-powered-by', 'set-cookie'])
      expect(headers).not.toHaveProperty(name)
    expect(headers['x-request-id']).not.toBe('theirs')
  })

  it.each([
    ['/v1/vessels/1', '/barcos/v1/vessels/1'],
    ['//evil.example/x', undefined],
    ['https://evil.example/x', undefined],
  ])('tells where things are as callers see them: %s', async (location, expected) => {
    answer = (_request, response) =>
      response.writeHead(201, { location, link: '</v1/vessels?cursor=a>; rel="next"' }).end()
    const { headers } = await call(gateway, '/barcos/v1/vessels', { method: 'POST', body: '{}' })
    expect(headers.location).toBe(expected)
    expect(headers.link).toBe('</barcos/v1/vessels?cursor=a>; rel="next"')
  })

  it('with the service’s own address in full is rewritten too', async () => {
    answer = (_request, response) =>
      response.writeHead(201, { location: `${barcos.url}/v1/vessels/1` }).end()
    const { headers } = await call(gateway, '/barcos/v1/vessels', { method: 'POST', body: '{}' })
    expect(headers.location).toBe('/barcos/v1/vessels/1')
  })

  it('of 304 and 204 passes, a redirect does not', async () => {
    for (const status of [204, 304]) {
      answer = (_request, response) => response.writeHead(status).end()
      expect(await call(gateway, '/barcos/v1/x')).toMatchObject({ status, text: '' })
    }
    for (const status of [301, 302, 303, 307, 308]) {
      answer = (_request, response) =>
        response.writeHead(status, { location: '/v1/elsewhere' }).end()
      expect(await call(gateway, '/barcos/v1/x')).toMatchObject({ status: 502 })
    }
    expect(seen).toHaveLength(7)
  })

  it('carries security headers also when the gateway refuses', async () => {
    for (const path of ['/nothing', '/barcos/v1/x', '/barcos//x']) {
      const { headers } = await call(gateway, path, { token: null })
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
  })

  it('comes after early hints', async () => {
    answer = (_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.end('late')
    }
    expect(await call(gateway, '/barcos/v1/x')).toMatchObject({ status: 200, text: 'late' })
  })
})

describe('a service that fails', () => {
  const failures = async (reason: string) => {
    const metrics = await (await fetch(`${gateway.service.managementUrl}/metrics`)).text()
    const pattern = new RegExp(
      `^gateway_upstream_failures_total\\{upstream="\\w+",track="\\w+",reason="${reason}"\\} (\\d+)`,
      'm',
    )
    return Number(pattern.exec(metrics)?.[1] ?? 0)
  }

  it('by not being there is answered 503 with a time to come back', async () => {
    const answered = await call(gateway, '/carga/v1/x')
    expect(answered).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
    expect(Number(answered.headers['retry-after'])).toBeGreaterThan(0)
    expect(answered.text).not.toContain('127.0.0.1')
    expect(await failures('unreachable')).toBe(1)
    expect(await call(gateway, '/barcos/v1/x')).toMatchObject({ status: 200 })
  })

  it('by breaking off is answered 502', async () => {
    answer = (request) => request.socket.destroy()
    expect(await call(gateway, '/barcos/v1/x')).toMatchObject({
      status: 502,
      body: { code: 'UPSTREAM_BROKEN' },
    })
    const post = { method: 'POST', body: '{}' }
    expect(await call(gateway, '/barcos/v1/x', post)).toMatchObject({ status: 502 })
    expect(seen).toHaveLength(2)
    expect(await failures('broken')).toBe(2)
  })

  it('by talking nonsense is answered 502', async () => {
    const nonsense = createServer((socket) =>
      socket.on('error', () => undefined).end('SSH-2.0-hello\r\n'),
    )
    await new Promise<void>((resolve) => {
      nonsense.listen(0, '127.0.0.1', resolve)
    })
    const { port } = nonsense.address() as { port: number }
    await using own = await startGateway({ barcos: `http://127.0.0.1:${port}` })
    expect(await call(own, '/barcos/v1/x')).toMatchObject({ status: 502 })
    nonsense.close()
  })

  it('by being late is answered 504, and its request is given up', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (request) => request.socket.once('close', () => resolve())
    })
    const begun = performance.now()
    const headers = { 'x-request-deadline': String(Date.now() + 1_500) }
    const answered = await call(gateway, '/barcos/v1/x', { headers })
    expect(answered).toMatchObject({ status: 504, body: { code: 'UPSTREAM_TIMEOUT' } })
    // The path alone would allow 30 s.
    expect(performance.now() - begun).toBeLessThan(20_000)
    await closed
    const past = { 'x-request-deadline': String(Date.now() - 1) }
    expect(await call(gateway, '/barcos/v1/x', { headers: past })).toMatchObject({
      status: 504,
      body: { code: 'UPSTREAM_TIMEOUT' },
    })
    expect(await call(gateway, '/barcos/v1/x', { headers: past, token: null })).toMatchObject({
      status: 401,
    })
    expect(seen).toHaveLength(1)
  })

  it('in the middle of its answer ends the caller’s connection', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      setTimeout(() => response.destroy(), 50)
    }
    await expect(call(gateway, '/barcos/v1/x')).rejects.toThrow(/aborted|hang up|RESET/i)
    answer = (_request, response) => {
      response.write('half')
      setTimeout(() => response.destroy(), 50)
    }
    await expect(call(gateway, '/barcos/v1/x')).rejects.toThrow(/aborted|hang up|RESET/i)
  })

  it('by accepting no more than its share keeps others as they are', async () => {
    const held: (() => void)[] = []
    answer = (request, response) => {
      if (request.url === '/v1/slow') held.push(() => response.end('slow'))
      else response.end('fast')
    }
    const token = gateway.pool.userToken()
    // Of four callers, each with three times what is free: 517 of 560 places.
    const tokens = ['a', 'b', 'c', 'd'].map((sub) => gateway.pool.userToken([], { sub }))
    const slow = Array.from({ length: 700 }, (_, index) =>
      call(gateway, '/barcos/v1/slow', { token: tokens[index % tokens.length] ?? token }),
    )
    let refused = 0
    for (const each of slow) void each.then(({ status }) => (refused += status === 503 ? 1 : 0))
    await expect.poll(() => refused).toBe(700 - 517)
    expect(await call(gateway, '/rutas/v1/fast', { token })).toMatchObject({
      status: 200,
      text: 'fast',
    })
    expect(await barcos.connections()).toBeLessThanOrEqual(48 + 10)
    const release = setInterval(() => {
      for (const end of held.splice(0)) end()
    }, 5)
    const statuses = (await Promise.all(slow)).map(({ status }) => status)
    clearInterval(release)
    expect(statuses.filter((status) => status === 200)).toHaveLength(517)
    expect(statuses.filter((status) => status === 503)).toHaveLength(700 - 517)
  })
})

describe('a caller', () => {
  it('that hangs up ends the request at the service', async () => {
    const arrived = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    answer = (request, response) => {
      arrived.resolve()
      response.once('close', () => closed.resolve())
      request.socket.once('error', () => undefined)
    }
    const request = sendRequest(`${gateway.url}/barcos/v1/x`, {
      headers: { authorization: `Bearer ${gateway.pool.userToken()}` },
    })
    request.on('error', () => undefined).end()
    await arrived.promise
    request.destroy()
    await closed.promise
    answer = plain
    expect(await call(gateway, '/barcos/v1/x')).toMatchObject({ status: 200 })
  })

  it('with a page of another origin is told only what the list allows', async () => {
    const page = { origin: 'https://console.example' }
    expect((await call(gateway, '/barcos/v1/x', { headers: page })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    )
    await using open = await startGateway(
      { barcos: barcos.url },
      { env: { CORS_ORIGINS: 'https://console.example, https://other.example' } },
    )
    const asks = { ...page, 'access-control-request-method': 'PATCH' }
    const preflight = await call(open, '/barcos/v1/x', {
      method: 'OPTIONS',
      token: null,
      headers: asks,
    })
    expect(preflight).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': page.origin, vary: 'origin' },
    })
    expect(preflight.headers['access-control-allow-methods']).toContain('PATCH')
    for (const token of [open.pool.userToken(), null]) {
      const { headers } = await call(open, '/barcos/v1/x', { headers: page, token })
      expect(headers['access-control-allow-origin']).toBe(page.origin)
    }
    const stranger = { ...asks, origin: 'https://console.example.evil' }
    const refused = await call(open, '/barcos/v1/x', {
      method: 'OPTIONS',
      token: null,
      headers: stranger,
    })
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin')
  })
})

describe('the process', () => {
  it('is ready with every service away', async () => {
    await using alone = await startGateway({ barcos: nowhere })
    expect((await fetch(`${alone.service.managementUrl}/health/ready`)).status).toBe(200)
  })

  it('lets requests in flight finish when it stops', async () => {
    const own = await startGateway({ barcos: barcos.url })
    const arrived = Promise.withResolvers<() => void>()
    answer = (_request, response) => arrived.resolve(() => response.end('done'))
    const agent = new Agent({ keepAlive: true })
    const answered = call(own, '/barcos/v1/x', { agent })
    const finish = await arrived.promise
    const begun = performance.now()
    const closing = own[Symbol.asyncDispose]()
    setTimeout(() => finish(), 200)
    expect(await answered).toMatchObject({
      status: 200,
      text: 'done',
      headers: { connection: 'close' },
    })
    await closing
    // The caller would go on using its connection, but is not waited for until it is given up, 72 s.
    expect(performance.now() - begun).toBeLessThan(30_000)
    agent.destroy()
  })

  it('ends long polls and event streams when it stops', async () => {
    const own = await startGateway({ barcos: barcos.url })
    const arrived = Promise.withResolvers<void>()
    answer = (request, response) => {
      if (request.url === '/v1/feed') return arrived.resolve()
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
    }
    const poll = call(own, '/barcos/v1/feed')
    await arrived.promise
    const stream = sendRequest(`${own.url}/barcos/v1/stream`, {
      headers: { authorization: `Bearer ${own.pool.userToken()}` },
    })
    stream.end()
    const [response] = await once(stream, 'response')
    const ended = textOf(response)
    await own[Symbol.asyncDispose]()
    expect(await poll).toMatchObject({ status: 503 })
    expect(await ended).toBe(': hello\n\n')
  })
})
