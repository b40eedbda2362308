import { connect, type Socket } from 'node:net'
import type { RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer } from './http.ts'

let answer: RequestListener = (_request, response) => response.end('ok')
let reached = 0
let rutas: TestServer
let gateway: TestGateway
beforeAll(async () => {
  rutas = await startServer((request, response) => {
    reached += 1
    answer(request, response)
  })
  gateway = await startGateway({ rutas: rutas.url }, { env: { BODY_STALL_SECONDS: '1' } })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await rutas[Symbol.asyncDispose]()
})

/** A caller that writes bytes as the test says, and the answer, or what came before the end. */
const dial = (): { socket: Socket; answered: Promise<string> } => {
  const socket = connect(gateway.port, '127.0.0.1')
  socket.on('error', () => undefined)
  const answered = new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
      if (/\r\n\r\n[^]+$/.test(text)) resolve(text)
    })
    socket.once('close', () => resolve(text))
  })
  return { socket, answered }
}

const head = (more: string) =>
  `POST /rutas/v1/ais HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n` +
  `Authorization: Bearer ${gateway.pool.userToken()}\r\n${more}\r\n`

describe('a caller that is slow', () => {
  it('with its headers is cut, however steadily they trickle', async () => {
    const { socket, answered } = dial()
    socket.write('GET /rutas/v1/x HTTP/1.1\r\n')
    const trickle = setInterval(() => socket.write('X-More: 1\r\n'), 500)
    const before = reached
    expect(await answered).toMatch(/^HTTP\/1\.1 408 /)
    clearInterval(trickle)
    expect(reached).toBe(before)
  })

  it.each([
    ['a declared body', 'Content-Length: 100\r\n', 'half'],
    ['a chunked body', 'Transfer-Encoding: chunked\r\n', '4\r\nhalf\r\n'],
    ['half a chunk', 'Transfer-Encoding: chunked\r\n', 'ff\r\nhalf'],
  ])(
    'with the rest of %s is answered 408, and the service is let go',
    async (_name, more, part) => {
      const letGo = Promise.withResolvers<void>()
      answer = (request) => {
        request.resume().once('error', () => undefined)
        request.once('close', () => letGo.resolve())
      }
      const { socket, answered } = dial()
      socket.write(head(more) + part)
      await letGo.promise
      expect(await answered).toMatch(/^HTTP\/1\.1 408 /)
    },
  )

  it('and waits in line is answered 408 as well, and harms nobody', async () => {
    answer = (request) => void request.resume().once('error', () => undefined)
    const callers = Array.from({ length: 100 }, dial)
    for (const { socket } of callers) socket.write(`${head('Content-Length: 100\r\n')}x`)
    const answers = await Promise.all(callers.map(({ answered }) => answered))
    expect(answers.filter((text) => text.startsWith('HTTP/1.1 408 '))).toHaveLength(100)
    answer = (_request, response) => response.end('ok')
    expect(await call(gateway, '/rutas/v1/x')).toMatchObject({ status: 200 })
  })

  it('after it was answered harms nobody', async () => {
    answer = (_request, response) => response.end('enough')
    const { socket, answered } = dial()
    socket.write(`${head('Content-Length: 100\r\n')}x`)
    expect(await answered).toMatch(/^HTTP\/1\.1 200 /)
    await sleep(1_500)
    expect(await call(gateway, '/rutas/v1/x')).toMatchObject({ status: 200 })
  })

  it('but moves on is waited for', async () => {
    answer = (request, response) => {
      request.resume().once('end', () => response.end('all'))
    }
    const { socket, answered } = dial()
    socket.write(head('Content-Length: 15\r\nConnection: close\r\n'))
    for (let sent = 0; sent < 15; sent += 1) {
      await sleep(100)
      socket.write('x')
    }
    expect(await answered).toMatch(/^HTTP\/1\.1 200 [^]*all/)
  })
})

describe('a compressed body', () => {
  it.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip'])(
    'reaches no service, however small it is: %s',
    async (encoding) => {
      const before = reached
      const { socket, answered } = dial()
      socket.write(head(`Content-Encoding: ${encoding}\r\nContent-Length: 3\r\n`))
      socket.end('abc')
      expect(await answered).toMatch(/^HTTP\/1\.1 415 /)
      expect(reached).toBe(before)
    },
  )
})

describe('an upgrade', () => {
  it.each(['websocket', 'h2c'])('is not made: %s', async (protocol) => {
    let upgrade: string | undefined
    answer = (request, response) => {
      ;({ upgrade } = request.headers)
      response.end('plain')
    }
    const { socket, answered } = dial()
    socket.write(
      `GET /rutas/v1/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${gateway.pool.userToken()}\r\n` +
        `Connection: Upgrade, close\r\nUpgrade: ${protocol}\r\n\r\n`,
    )
    expect(await answered).not.toMatch(/^HTTP\/1\.1 101 /)
    expect(upgrade).toBeUndefined()
  })

  it('by CONNECT is not made', async () => {
    const { socket, answered } = dial()
    socket.write('CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await answered).not.toMatch(/^HTTP\/1\.1 200 /)
  })
})
