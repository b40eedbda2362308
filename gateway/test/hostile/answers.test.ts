import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { createServer as createSecureServer } from 'node:tls'
import { PeerCertificates } from '@porttrack/shared/testing/peer-certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from '../gateway.ts'
import { answers, type HostileAnswer } from './answers.ts'

/** A service behind the gateway that answers with bytes that a test gives. */

let next: { bytes: string; ends: boolean; piecemeal: boolean }
/** By number, the connections that requests came on, in turn. */
const asked: number[] = []
const open = new Set<Socket>()
let made = 0

const answerOn = async (socket: Socket, sound: boolean): Promise<void> => {
  if (sound) {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nsound')
    return
  }
  const { bytes, ends, piecemeal } = next
  // The smallest answers octet by octet, larger ones in as many pieces.
  const size = piecemeal ? Math.ceil(bytes.length / 256) : bytes.length
  for (let at = 0; at < bytes.length && socket.writable; at += size) {
    socket.write(bytes.slice(at, at + size), 'latin1')
    if (piecemeal) await turn()
  }
  if (ends) socket.end()
}

const serve = (socket: Socket): void => {
  const number = (made += 1)
  open.add(socket)
  socket.setNoDelay(true).on('error', () => undefined)
  socket.on('close', () => open.delete(socket))
  let request = ''
  socket.on('data', (data) => {
    request += data.toString('latin1')
    if (!request.endsWith('\r\n\r\n')) return
    const sound = request.startsWith('GET /v1/sound ')
    request = ''
    asked.push(number)
    void answerOn(socket, sound)
  })
}

/** The gateway with the service, as they reach each other; and what gives both back. */
const startPlainly = async () => {
  const server = createServer(serve)
  const port = await listen(server)
  const started = await startGateway({ barcos: `http://127.0.0.1:${port}` })
  return { started, server, give: () => undefined }
}

const startSecurely = async () => {
  const certificates = await PeerCertificates.create('gateway')
  const { certificate: cert, key } = await certificates.issue('barcos')
  const ca = certificates.authority.certificate
  const options = { cert, key, ca, requestCert: true, rejectUnauthorized: true }
  const server = createSecureServer(options, serve)
  const port = await listen(server)
  const nowhere = 'https://127.0.0.1:1'
  const started = await startGateway(
    { barcos: `https://127.0.0.1:${port}`, carga: nowhere, rutas: nowhere, personal: nowhere },
    { env: certificates.env('gateway') },
  )
  return { started, server, give: () => certificates[Symbol.dispose]() }
}

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

let gateway: TestGateway
/** The answer as the caller gets it; null where the connection ends before it is whole. */
const ask = async ({ method = 'GET' }: HostileAnswer) =>
  call(gateway, '/barcos/v1/x', { method }).catch(() => null)

const variants = answers.flatMap((answer): [string, HostileAnswer, boolean][] => [
  [`${answer.name}, at once`, answer, false],
  [`${answer.name}, piece by piece`, answer, true],
])

describe.each([
  ['plain TCP', startPlainly],
  ['mutual TLS', startSecurely],
])('over %s', (_transport, start) => {
  let own: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    own = await start()
    gateway = own.started
  })
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
    for (const socket of open) socket.destroy()
    own.server.close()
    own.give()
  })

  describe('an answer of a service', () => {
    it.each(variants)('%s', async (_name, answer, piecemeal) => {
      const { bytes, ends = false, expected, reused = false } = answer
      next = { bytes, ends, piecemeal }
      const before = asked.length
      const given = await ask(answer)
      if (expected === 'refused') {
        expect(given).toMatchObject({ status: 502, body: { code: 'UPSTREAM_BROKEN' } })
      } else if (expected === 'cut') {
        expect(given).toBeNull()
      } else {
        expect(given).toMatchObject({ status: expected.status, text: expected.body })
        for (const [name, value] of Object.entries(expected.headers ?? {})) {
          expect(given?.headers[name]).toBe(value)
        }
      }
      expect(asked).toHaveLength(before + 1)

      // Whatever came, the next request gets its own answer.
      const following = await call(gateway, '/barcos/v1/sound')
      expect(following).toMatchObject({ status: 200, text: 'sound' })
      expect(asked).toHaveLength(before + 2)
      if (reused) expect(asked.at(-1)).toBe(asked.at(-2))
      else if (!piecemeal || expected === 'refused') expect(asked.at(-1)).not.toBe(asked.at(-2))
    })
  })

  describe('a service that does not go on', () => {
    it.each([
      ['before the answer', ''],
      ['in the status line', 'HTTP/1.1 200'],
      ['in the head', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n'],
    ])('%s is given up at the deadline', async (_name, bytes) => {
      next = { bytes, ends: false, piecemeal: false }
      const headers = { 'x-request-deadline': String(Date.now() + 400) }
      expect(await call(gateway, '/barcos/v1/x', { headers })).toMatchObject({ status: 504 })
      expect(await call(gateway, '/barcos/v1/sound')).toMatchObject({ status: 200 })
    })
  })

  it('what comes on a connection while nobody asks ends the connection', async () => {
    next = {
      bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      ends: false,
      piecemeal: false,
    }
    expect(await call(gateway, '/barcos/v1/x')).toMatchObject({ text: 'ok' })
    const poisoned = [...open]
    expect(poisoned.length).toBeGreaterThan(0)
    for (const socket of poisoned) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil')
    await expect.poll(() => poisoned.every((socket) => socket.destroyed)).toBe(true)
    expect(await call(gateway, '/barcos/v1/sound')).toMatchObject({ text: 'sound' })
  })
})
