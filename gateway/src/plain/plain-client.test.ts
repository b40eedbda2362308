import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dialPeer } from '@porttrack/shared/tls/peer-dial'
import { PlainClient, type PlainRequest } from './plain-client.ts'

/** A service that answers each request with 204, and what it was sent. */
const startService = async () => {
  let received = ''
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
      if (received.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const limit = 10_000
  const origin = `http://127.0.0.1:${port}`
  const client = new PlainClient(origin, {
    dial: dialPeer(origin, { name: 'barcos', tls: null }),
    connectLimit: limit,
    idleLimit: limit,
    silenceLimit: limit,
  })
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  return { client, host: `127.0.0.1:${port}`, received: () => received, sockets }
}

const ask = (client: PlainClient, request: PlainRequest): Promise<number> =>
  new Promise((resolve, reject) => {
    let answered = 0
    client.send(request, {
      onStart: () => undefined,
      onHead: (status) => (answered = status),
      onWhole: () => undefined,
      onData: () => undefined,
      onEnd: () => resolve(answered),
      onError: reject,
    })
  })

describe('PlainClient', () => {
  it.each([0, 1, 63, 64, 300])('sends a request with %d fields as it is', async (fields) => {
    const { client, host, received } = await startService()
    const headers = Array.from({ length: fields }, (_, index) => [`x-${index}`, `v\t \xe9${index}`])
    const status = await ask(client, {
      method: 'GET',
      target: '/v1/x?y=1',
      headers: headers.flat(),
    })
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    expect(status).toBe(204)
    expect(received()).toBe(
      `GET /v1/x?y=1 HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${lines}\r\n`,
    )
  })

  it.each([
    ['an end of a line in a value', '/', ['x-a', 'b\r\nx-c: d']],
    ['the end of a request in a value', '/', ['x-a', 'b\r\n\r\nGET /other HTTP/1.1\r\nx-c: d']],
    ['an end of a line at the end of a value', '/', ['x-a', 'b\r\n']],
    ['half an end of a line in a value', '/', ['x-a', 'b\nx-c: d']],
    ['the other half', '/', ['x-a', 'b\rx-c: d']],
    ['an end of a line in a name', '/', ['x-a\r\nx-b', 'c']],
    ['a NUL', '/', ['x-a', 'b\0']],
    ['a DEL', '/', ['x-a', 'b\x7f']],
    ['what is no octet', '/', ['x-a', '\u010a']],
    ['an end of a line in the target', '/ HTTP/1.1\r\nx-a: b\r\n', []],
    ['what is no octet in the target', '/\u{10a0d}', []],
  ])('does not send %s', async (_what, target, headers) => {
    const { client, received } = await startService()
    const asked = ask(client, { method: 'GET', target, headers })
    await expect(asked).rejects.toMatchObject({ code: 'ERR_UNSENDABLE' })
    // The next one is the first that the service sees.
    expect(await ask(client, { method: 'GET', target: '/after', headers: [] })).toBe(204)
    expect(received()).toMatch(/^GET \/after HTTP/)
  })

  it('takes nothing that comes before the request for its answer', async () => {
    const { client, received, sockets } = await startService()
    const request = { method: 'GET', target: '/', headers: [] }
    expect(await ask(client, request)).toBe(204)
    const before = received()
    // Behind the end of a turn, so that what is sent here is read before the next one ends.
    await nextTurn()
    sockets[0]?.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    await expect(ask(client, request)).rejects.toMatchObject({ code: 'ERR_BROKEN_ANSWER' })
    expect(received()).toBe(before)
    expect(await ask(client, request)).toBe(204)
    expect(sockets).toHaveLength(2)
  })

  it('sends nothing before the turn ends in which it may be given up', async () => {
    const { client, received } = await startService()
    client.send(
      { method: 'GET', target: '/given-up', headers: [] },
      {
        onStart: (turn) => process.nextTick(() => turn.abort(new Error('given up'))),
        onHead: () => undefined,
        onWhole: () => undefined,
        onData: () => undefined,
        onEnd: () => undefined,
        onError: () => undefined,
      },
    )
    expect(await ask(client, { method: 'GET', target: '/after', headers: [] })).toBe(204)
    expect(received()).toMatch(/^GET \/after HTTP/)
  })
})
