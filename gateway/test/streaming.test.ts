import { once } from 'node:events'
import { type IncomingMessage, request as sendRequest, type RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'
import { sendRaw, startServer, type TestServer, textOf } from './http.ts'

const mebibyte = 1_048_576

let answer: RequestListener = (_request, response) => response.end()
let rutas: TestServer
let gateway: TestGateway
beforeAll(async () => {
  rutas = await startServer((request, response) => answer(request, response))
  gateway = await startGateway({ rutas: rutas.url, barcos: rutas.url, carga: rutas.url })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await rutas[Symbol.asyncDispose]()
})

/** Begins a request whose body is written by the test. */
const begin = (
  path: string,
  { method = 'POST', headers = {}, token = gateway.pool.userToken() } = {},
) => {
  const request = sendRequest(`${gateway.url}${path}`, {
    method,
    agent: false,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain', ...headers },
  })
  const response = once(request, 'response').then(([message]) => message as IncomingMessage)
  response.catch(() => undefined)
  request.on('error', () => undefined)
  return { request, response }
}

const counting: RequestListener = (request, response) => {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  request.on('end', () => response.end(String(bytes)))
}

const write = async (
  request: ReturnType<typeof begin>['request'],
  chunk: Buffer,
): Promise<void> => {
  if (!request.write(chunk)) await once(request, 'drain')
}

describe('a large upload', () => {
  it.each(['declared', 'chunked'])('passes through with flat memory: %s', async (kind) => {
    answer = counting
    const chunk = Buffer.alloc(mebibyte, 'x')
    const headers: Record<string, string> =
      kind === 'declared' ? { 'content-length': String(1_000 * mebibyte) } : {}
    const { request, response } = begin('/rutas/v1/ais', { headers })
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    let most = 0
    for (let sent = 0; sent < 1_000; sent += 1) {
      await write(request, chunk)
      most = Math.max(most, process.memoryUsage().rss - before)
    }
    request.end()
    expect(await textOf(await response)).toBe(String(1_000 * mebibyte))
    // Client, gateway and service share this process; a buffered body would be 1,000 MiB for each,
    // and what is not yet collected is up to some hundred.
    expect(most).toBeLessThan(500 * mebibyte)
  })

  it('goes at the pace of the service', async () => {
    const stopped = Promise.withResolvers<IncomingMessage>()
    answer = (request, response) => {
      stopped.resolve(request.pause())
      request.once('end', () => response.end('taken'))
    }
    const { request, response } = begin('/rutas/v1/ais')
    const chunk = Buffer.alloc(mebibyte, 'x')
    let sent = 0
    const sending = (async () => {
      while (sent < 200) {
        await write(request, chunk)
        sent += 1
      }
      request.end()
    })()
    const arriving = await stopped.promise
    await sleep(500)
    // Less than all: what connections and streams hold on the way, which differs by system.
    expect(sent).toBeLessThan(100)
    let bytes = 0
    arriving.on('data', (part: Buffer) => {
      bytes += part.length
    })
    arriving.resume()
    await sending
    expect(await textOf(await response)).toBe('taken')
    expect(bytes).toBe(200 * mebibyte)
  })

  it('that is broken off by the caller breaks off at the service', async () => {
    const arrived = Promise.withResolvers<IncomingMessage>()
    answer = (request) => arrived.resolve(request.resume())
    const { request } = begin('/rutas/v1/ais')
    request.write('part')
    const arriving = await arrived.promise
    const gone = new Promise((resolve) => {
      arriving.on('error', () => undefined).once('close', resolve)
    })
    request.destroy()
    await gone
    expect(arriving.complete).toBe(false)
  })

  it('keeps no calls waiting, however many there are', async () => {
    let arrived = 0
    answer = (request, response) => {
      if (request.url === '/v1/quick') return response.end('quick')
      arrived += 1
      return request.resume()
    }
    const token = gateway.pool.userToken()
    // Of three callers, each with three times what is free: 58 of 64 places.
    const tokens = ['a', 'b', 'c'].map((sub) => gateway.pool.userToken([], { sub }))
    const uploads = Array.from({ length: 150 }, (_, index) =>
      begin('/rutas/v1/ais', { token: tokens[index % tokens.length] ?? token }),
    )
    for (const { request } of uploads) request.write('part')
    await expect.poll(() => arrived).toBe(58)
    expect(await call(gateway, '/rutas/v1/quick', { token })).toMatchObject({ text: 'quick' })
    for (const { request } of uploads) request.destroy()
  })

  it('may be answered before it has all arrived', async () => {
    answer = (request, response) => {
      request.once('data', () => response.writeHead(409).end('enough'))
    }
    const { request, response } = begin('/rutas/v1/ais', {
      headers: { 'content-length': String(50 * mebibyte) },
    })
    request.write(Buffer.alloc(65_536))
    const answered = await response
    expect(answered.statusCode).toBe(409)
    expect(await textOf(answered)).toBe('enough')
    request.destroy()
  })
})

describe('the size of a body', () => {
  it('is refused when it is announced', async () => {
    let reached = 0
    answer = (_request, response) => {
      reached += 1
      response.end()
    }
    const tooLarge = { 'content-length': String(mebibyte + 1) }
    const { request, response } = begin('/barcos/v1/vessels', { headers: tooLarge })
    request.flushHeaders()
    const answered = await response
    expect(answered.statusCode).toBe(413)
    expect(JSON.parse(await textOf(answered))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    const ais = begin('/rutas/v1/ais', {
      headers: { 'content-length': String(1_024 * mebibyte + 1) },
    })
    ais.request.flushHeaders()
    expect((await ais.response).statusCode).toBe(413)
    expect(reached).toBe(0)
    request.destroy()
    ais.request.destroy()
  })

  it('is refused when chunks add up to too much, and allowed to the last byte', async () => {
    answer = counting
    const allowed = begin('/barcos/v1/vessels')
    allowed.request.write(Buffer.alloc(mebibyte - 1))
    allowed.request.end('x')
    expect(await textOf(await allowed.response)).toBe(String(mebibyte))

    const { request, response } = begin('/barcos/v1/vessels')
    for (let sent = 0; sent < 2 * mebibyte; sent += 65_536) request.write(Buffer.alloc(65_536))
    request.end()
    const answered = await response
    expect(answered.statusCode).toBe(413)
    expect(JSON.parse(await textOf(answered))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
  })

  it('may be larger on the way to an import, whatever the id before it', async () => {
    answer = counting
    const list = '/carga/v1/port-calls/019aa000-0000-7000-8000-0000000000aa/load-list'
    for (const path of [`${list}/import`, `${list}/import-message`]) {
      const allowed = begin(path)
      allowed.request.end(Buffer.alloc(4 * mebibyte))
      expect(await textOf(await allowed.response)).toBe(String(4 * mebibyte))
    }
    for (const [path, size] of [
      [`${list}/import`, 4 * mebibyte + 1],
      [`${list}/import/more`, 2 * mebibyte],
      [`/carga/v1/port-calls/a/b/load-list/import`, 2 * mebibyte],
    ] as const) {
      const { request, response } = begin(path, { headers: { 'content-length': String(size) } })
      request.flushHeaders()
      expect((await response).statusCode).toBe(413)
      request.destroy()
    }
  })

  it('counts for other paths and methods as for any', async () => {
    const { request, response } = begin('/rutas/v1/%61is', {
      headers: { 'content-length': String(2 * mebibyte) },
    })
    request.flushHeaders()
    expect((await response).statusCode).toBe(413)
    request.destroy()
  })

  it('of an encoded body is not looked at: it is refused', async () => {
    const headers = { 'content-encoding': 'gzip' }
    expect(
      await call(gateway, '/barcos/v1/x', { method: 'POST', body: 'x', headers }),
    ).toMatchObject({ status: 415 })
  })
})

describe('Expect: 100-continue', () => {
  it('is answered when the service is there to take the body', async () => {
    answer = counting
    const { request, response } = begin('/rutas/v1/ais', {
      headers: { expect: '100-continue', 'content-length': '5' },
    })
    request.flushHeaders()
    await once(request, 'continue')
    request.end('hello')
    expect(await textOf(await response)).toBe('5')
  })

  it('is not answered for what is refused', async () => {
    const head = (token: string, length: number) =>
      `POST /barcos/v1/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`
    expect(await sendRaw(gateway.port, head('nonsense', 5))).toMatch(/^HTTP\/1\.1 401 /)
    expect(await sendRaw(gateway.port, head(gateway.pool.userToken(), 2 * mebibyte))).toMatch(
      /^HTTP\/1\.1 413 /,
    )
  })
})

describe('a refused upload', () => {
  it('is cut when it goes on', async () => {
    const begun = performance.now()
    const { request, response } = begin('/barcos/v1/x', {
      token: 'nonsense',
      headers: { connection: 'keep-alive' },
    })
    const cut = once(request, 'close')
    const trickle = setInterval(() => request.write('x'), 200)
    const answered = await response
    expect(JSON.parse(await textOf(answered))).toMatchObject({ status: 401 })
    await cut
    clearInterval(trickle)
    // Not at once, which could take the answer with it.
    expect(performance.now() - begun).toBeGreaterThan(4_900)
  })
})

describe('a streamed answer', () => {
  it('comes as it is made', async () => {
    const steps = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
    answer = async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' }).flushHeaders()
      for (const [index, step] of steps.entries()) {
        await step.promise
        response.write(`line ${index}\n`)
      }
      response.end()
    }
    const { request, response } = begin('/rutas/v1/tracks', { method: 'GET' })
    request.end()
    const answered = await response
    const ended = once(answered, 'end')
    for (const [index, step] of steps.entries()) {
      step.resolve()
      const [chunk] = await once(answered, 'data')
      expect(String(chunk)).toBe(`line ${index}\n`)
    }
    await ended
  })

  it('goes at the pace of the caller, with flat memory', async () => {
    const chunk = Buffer.alloc(mebibyte, 'x')
    let made = 0
    answer = async (_request, response) => {
      response.writeHead(200)
      while (made < 1_000) {
        made += 1
        if (!response.write(chunk)) await once(response, 'drain')
      }
      response.end()
    }
    const { request, response } = begin('/rutas/v1/tracks', { method: 'GET' })
    request.end()
    const answered = await response
    const before = process.memoryUsage().rss
    await sleep(500)
    expect(made).toBeLessThan(100)
    let bytes = 0
    let most = 0
    for await (const part of answered) {
      bytes += (part as Buffer).length
      most = Math.max(most, process.memoryUsage().rss - before)
    }
    expect(bytes).toBe(1_000 * mebibyte)
    expect(most).toBeLessThan(500 * mebibyte)
  })

  it('ends at the service when the caller goes', async () => {
    const closed = Promise.withResolvers<string>()
    answer = (_request, response) => {
      response.once('close', () => closed.resolve('closed'))
      response.write('begun')
    }
    const { request, response } = begin('/rutas/v1/tracks', { method: 'GET' })
    request.end()
    await once(await response, 'data')
    request.destroy()
    expect(await closed.promise).toBe('closed')
  })
})

describe('server-sent events', () => {
  const stream = async (token = gateway.pool.userToken()) => {
    const { request, response } = begin('/rutas/v1/stream', {
      method: 'GET',
      headers: { accept: 'text/event-stream', 'last-event-id': '41' },
      token,
    })
    request.end()
    return { request, events: await response }
  }

  it('pass one by one, and resume where the caller says', async () => {
    const send = Promise.withResolvers<(text: string) => void>()
    let resumed: unknown
    answer = (request, response) => {
      resumed = request.headers['last-event-id']
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      send.resolve((text) => response.write(text))
    }
    const { request, events } = await stream()
    const emit = await send.promise
    for (const event of ['id: 42\ndata: a\n\n', 'id: 43\ndata: b\n\n']) {
      emit(event)
      const [chunk] = await once(events, 'data')
      expect(String(chunk)).toBe(event)
    }
    expect(resumed).toBe('41')
    request.destroy()
  })

  it('end with the caller’s token', async () => {
    const closed = Promise.withResolvers<void>()
    answer = (_request, response) => {
      response.once('close', () => closed.resolve())
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
    }
    const exp = Math.floor(Date.now() / 1_000) + 4
    const { events } = await stream(gateway.pool.userToken(['viewer'], { exp }))
    expect(await textOf(events)).toBe(': hello\n\n')
    expect(Date.now() / 1_000).toBeGreaterThanOrEqual(exp - 0.1)
    await closed.promise
  })

  it('by the hundreds do not keep calls waiting', async () => {
    answer = (request, response) => {
      if (request.url === '/v1/quick') return response.end('quick')
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    }
    const token = gateway.pool.userToken()
    const streams = await Promise.all(Array.from({ length: 300 }, () => stream(token)))
    expect(streams.map(({ events }) => events.statusCode)).toEqual(streams.map(() => 200))
    expect(await call(gateway, '/rutas/v1/quick', { token })).toMatchObject({
      status: 200,
      text: 'quick',
    })
    for (const { request } of streams) request.destroy()
  })
})
