import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer } from './http.ts'

/** A service that answers the paths of a patient caller at once, and others when it is told to. */

const held: ServerResponse[] = []
let service: TestServer
let gateway: TestGateway
const sockets: Socket[] = []

beforeAll(async () => {
  service = await startServer((request, response) => {
    request.resume()
    if (request.url === '/v1/quick') response.end('quick')
    else if (request.url === '/v1/large') response.end(Buffer.alloc(32_000_000))
    else held.push(response)
  })
  gateway = await startGateway({ barcos: service.url }, { env: { UPSTREAM_CONNECTIONS: '4' } })
})
afterEach(() => {
  for (const response of held.splice(0)) response.end()
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

const other = () =>
  call(gateway, '/barcos/v1/quick', { token: gateway.pool.userToken([], { sub: 'user-2' }) })

/** Sends what is no whole request, or whose answer is not taken, and leaves it at that. */
const begin = (
  line: string,
  { headers = [], body = '' }: { headers?: string[]; body?: string } = {},
) => {
  const socket = connect(gateway.port, '127.0.0.1').on('error', () => undefined)
  sockets.push(socket)
  const lines = [line, 'Host: port.example', `Authorization: Bearer ${gateway.token}`, ...headers]
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

it('keeps room for others when a caller asks what takes long', async () => {
  const asked = Array.from({ length: 12 }, (_, index) => call(gateway, `/barcos/v1/${index}`))
  await expect.poll(() => held.length).toBe(3)
  for (let time = 0; time < 5; time += 1) {
    expect(await other()).toMatchObject({ status: 200, text: 'quick' })
  }
  // What waited for the caller's own requests has its turn, and all of it is answered.
  let answered = 0
  while (answered < asked.length) {
    await expect.poll(() => held.length).toBeGreaterThan(0)
    expect(held.length).toBeLessThanOrEqual(3)
    held.shift()?.end()
    answered += 1
  }
  expect((await Promise.all(asked)).every(({ status }) => status === 200)).toBe(true)
})

it('keeps room for others when a caller sends its bodies slowly', async () => {
  for (let count = 0; count < 12; count += 1) {
    begin('POST /barcos/v1/slow HTTP/1.1', { headers: ['Content-Length: 1000'], body: 'a' })
  }
  await expect.poll(() => held.length).toBe(3)
  expect(await other()).toMatchObject({ status: 200, text: 'quick' })
})

it('keeps room for others when a caller does not read its answers', async () => {
  for (let count = 0; count < 12; count += 1) {
    begin('GET /barcos/v1/large HTTP/1.1')
    sockets.at(-1)?.pause()
  }
  await expect.poll(service.connections).toBeGreaterThanOrEqual(3)
  expect(await other()).toMatchObject({ status: 200, text: 'quick' })
})

it('keeps places to wait in for others', async () => {
  // Of 4 under way and 512 that wait: three quarters.
  const asked = Array.from({ length: 400 }, (_, index) => call(gateway, `/barcos/v1/${index}`))
  const refused = await Promise.any(
    asked.map(async (answer) => {
      const { status, headers } = await answer
      if (status !== 503) throw new Error('answered')
      return headers['retry-after']
    }),
  )
  expect(refused).toBe('2')
  expect(await other()).toMatchObject({ status: 200, text: 'quick' })
  const answered = Promise.all(asked)
  let over = false
  void answered.then(() => (over = true))
  await expect
    .poll(
      () => {
        for (const response of held.splice(0)) response.end()
        return over
      },
      { interval: 5, timeout: 20_000 },
    )
    .toBe(true)
  const statuses = (await answered).map(({ status }) => status)
  expect(statuses.filter((status) => status === 503)).toHaveLength(400 - 387)
})

it('keeps room for others when two callers ask what takes long', async () => {
  await using wide = await startGateway(
    { barcos: service.url },
    { pool: gateway.pool, env: { UPSTREAM_CONNECTIONS: '16' } },
  )
  const tokenOf = (sub: string): string => gateway.pool.userToken([], { sub })
  const ask = (sub: string) =>
    Array.from({ length: 20 }, (_, n) => call(wide, `/barcos/v1/${n}`, { token: tokenOf(sub) }))
  const asked = ask('user-3')
  await expect.poll(() => held.length).toBe(12)
  asked.push(...ask('user-4'))
  await expect.poll(() => held.length).toBe(15)
  expect(await call(wide, '/barcos/v1/quick', { token: tokenOf('user-5') })).toMatchObject({
    status: 200,
    text: 'quick',
  })
  const answered = Promise.all(asked)
  let over = false
  void answered.then(() => (over = true))
  await expect
    .poll(() => {
      for (const response of held.splice(0)) response.end()
      return over
    })
    .toBe(true)
  expect((await answered).every(({ status }) => status === 200)).toBe(true)
})
