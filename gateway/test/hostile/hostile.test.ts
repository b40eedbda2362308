import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { securityHeaders } from '@porttrack/shared/http/security-headers'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from '../gateway.ts'
import { textOf } from '../http.ts'
import type { UserPool } from '../user-pool.ts'
import { framing } from './framing.ts'
import { headers } from './headers.ts'
import { type HostileRequest, marker, type Passage, type Refusal } from './hostile.ts'
import { methods, paths, upgrading } from './targets.ts'
import { tokens } from './tokens.ts'

/** A request that came through whole, as the service behind the gateway got it. */
type Reached = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'> & { body: string }

const reached: Reached[] = []
/** Other things that a service must never get. */
const stray: string[] = []

const server = createServer((request, response) => {
  textOf(request).then(
    (body) => {
      const { method, url, headers: given, rawHeaders } = request
      reached.push({ method, url, headers: given, rawHeaders, body })
      response.setHeader('content-type', 'application/json').end('{"ok":true}')
    },
    () => undefined,
  )
})
server.on('upgrade', (_request, socket) => {
  stray.push('upgrade')
  socket.destroy()
})
server.on('connect', (_request, socket) => {
  stray.push('connect')
  socket.destroy()
})
server.on('clientError', (error, socket) => {
  // A request that the gateway gave up half-way ends so as well.
  if (
    (error as NodeJS.ErrnoException).code !== 'ECONNRESET' &&
    !/aborted|hang up/.test(error.message)
  )
    stray.push(String(error))
  socket.destroy()
})

const issuer = new TokenIssuer()
let gateway: TestGateway
let upstreamUrl: string
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  upstreamUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  gateway = await startGateway(
    { barcos: upstreamUrl, carga: upstreamUrl, rutas: upstreamUrl, personal: upstreamUrl },
    { issuer },
  )
  // Keys are known first, so that nothing is refused because there was nothing to check it with, and
  // the token of the caller who is known.
  await call(gateway, '/barcos/v1/x')
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  server.close()
  server.closeAllConnections()
})
beforeEach(() => {
  reached.length = 0
  stray.length = 0
})

const groups: readonly [string, readonly HostileRequest[]][] = [
  ['a token', tokens],
  ['headers', headers],
  ['framing', framing],
  ['a path', paths],
  ['a method', methods],
  ['an upgrade', upgrading],
]

// Requests of callers who are known already take a shorter way, which must be as strict.
const ways = ['seen for the first time', 'known'] as const

describe.each(
  ways.flatMap((caller) => groups.map(([group, requests]) => [group, caller, requests] as const)),
)('%s, from a caller who is %s', (_group, caller, requests) => {
  it.each(requests)('$name', async ({ bytes, expected }) => {
    const { pool } = gateway
    const brought = caller === 'known' ? [gateway.token] : []
    const userToken: UserPool['userToken'] = (...claims) =>
      (claims.length === 0 ? brought.pop() : undefined) ?? pool.userToken(...claims)
    const sent = bytes({ pool: { ...pool, userToken }, issuer, upstreamUrl })
    const answer = await exchange(sent)
    expect(stray).toEqual([])
    if ('refused' in expected) {
      expectRefusal(answer, expected.refused)
      expect(reached).toEqual([])
    } else {
      expect(answer).toMatchObject({ status: 200, body: '{"ok":true}' })
      const [only, ...others] = reached
      expect(others).toEqual([])
      expectPassage(only, expected.passes)
    }
    // A hostile request takes nothing from others.
    expect(gateway.service.app.server.listening).toBe(true)
  })
})

it('leaves the gateway as it was', async () => {
  expect(await call(gateway, '/barcos/v1/x')).toMatchObject({ status: 200 })
  const errors = gateway.service.logs().filter((record) => record['log.level'] === 'error')
  expect(errors).toEqual([])
})

type Answer = { status: number; headers: Headers; body: string }

/** Writes octets and reads the one answer that comes until the gateway closes the connection. */
const exchange = (bytes: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(gateway.port, '127.0.0.1', () =>
      socket.write(Buffer.from(bytes, 'latin1')),
    )
    socket.setTimeout(10_000, () => socket.destroy(new Error(`left open after: ${text}`)))
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // What was still being sent may be cut off once the answer is out.
      if (text === '' || !['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error)
    })
    socket.on('close', () => {
      try {
        resolve(parse(text))
      } catch (error) {
        reject(error)
      }
    })
  })

const parse = (text: string): Answer => {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])
  if (end < 0 || !status) throw new Error(`no answer: ${JSON.stringify(text)}`)
  const given = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    }),
  )
  const rest = text.slice(end + 4)
  const body = given.get('transfer-encoding') === 'chunked' ? unchunked(rest) : rest
  return { status, headers: given, body }
}

const unchunked = (text: string): string => {
  const [size = '', ...rest] = text.split('\r\n')
  const length = Number.parseInt(size, 16)
  if (!length) return ''
  const after = rest.join('\r\n')
  return after.slice(0, length) + unchunked(after.slice(length + 2))
}

const expectRefusal = (answer: Answer, { status, code, challenge }: Refusal): void => {
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status })
  expect(answer.headers.get('www-authenticate')).toBe(challenge ?? null)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const problem = JSON.parse(answer.body) as Record<string, unknown>
  expect(problem).toMatchObject({ status, code, instance: expect.any(String) })
  expect(Object.keys(problem)).not.toContain('stack')
  expect(answer.headers.get('x-request-id')).toBe(problem['instance'])
  for (const [name, value] of Object.entries(securityHeaders)) {
    expect([name, answer.headers.get(name)]).toEqual([name, value])
  }
  // One answer, and nothing of what was sent in it.
  expect(answer.body).not.toMatch(/HTTP\/1\.1 \d|eyJ|Bearer|evil/)
}

const expectPassage = (
  got: Reached | undefined,
  { target, method, body, headers: wanted, claims }: Passage,
): void => {
  if (!got) throw new Error('nothing reached the service')
  expect(got.rawHeaders.join('\n')).not.toContain(marker)
  if (target !== undefined) expect(got.url).toBe(target)
  if (method !== undefined) expect(got.method).toBe(method)
  if (body !== undefined) expect(got.body).toBe(body)
  for (const [name, value] of Object.entries(wanted ?? {})) {
    if (value instanceof RegExp) expect(got.headers[name]).toMatch(value)
    else expect(got.headers[name]).toBe(value)
  }
  const authorizations = got.rawHeaders.filter((name) => /^authorization$/i.test(name))
  expect(authorizations).toHaveLength(1)
  const [, payload = ''] = String(got.headers.authorization).split('.')
  const told = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  expect(told).toMatchObject({ iss: 'gateway', aud: 'barcos' })
  for (const [name, value] of Object.entries(claims ?? {})) expect(told[name]).toEqual(value)
}
