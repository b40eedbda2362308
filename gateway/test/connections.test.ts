import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { PeerCertificates } from '@porttrack/shared/testing/peer-certificates'
import { expect, it } from 'vitest'
import { metricsOf, startGateway, type TestGateway } from './gateway.ts'

type Dial = (gateway: TestGateway) => Socket

const dialPlainly: Dial = ({ port }) => connect(port, '127.0.0.1')

const dialFromElsewhere: Dial = ({ port }) =>
  connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })

/** A caller's connection; the status of each answer, or how the connection ended. */
const caller = (gateway: TestGateway, dial: Dial) => {
  const socket = dial(gateway).on('error', () => undefined)
  return {
    socket,
    ask: () =>
      new Promise<string>((resolve) => {
        if (socket.destroyed) return resolve('closed')
        socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
        socket.once('data', (data) => resolve(String(data).slice(9, 12)))
        socket.once('close', () => resolve('closed'))
      }),
  }
}

const expectLimit = async (gateway: TestGateway, dial: Dial): Promise<void> => {
  const open = Array.from({ length: 3 }, () => caller(gateway, dial))
  for (const { ask } of open) expect(await ask()).toBe('200')
  for (const _ of [1, 2]) expect(await caller(gateway, dial).ask()).toBe('closed')

  // Who is in stays, and the process is looked after as ever.
  for (const { ask } of open) expect(await ask()).toBe('200')
  for (const path of ['live', 'ready']) {
    const { status } = await fetch(`${gateway.service.managementUrl}/health/${path}`)
    expect(status).toBe(200)
  }
  const metrics = await metricsOf(gateway)
  expect(metrics).toMatch(/^gateway_client_connections 3$/m)
  expect(metrics).toMatch(/^gateway_client_connections_refused_total 2$/m)
  const notes = gateway.service.logs().filter((line) => line['labels.limit'] === 3)
  expect(notes).toMatchObject([{ 'log.level': 'warn' }])

  open[0]?.socket.destroy()
  await expect.poll(() => metricsOf(gateway)).toMatch(/^gateway_client_connections 2$/m)
  const next = caller(gateway, dial)
  expect(await next.ask()).toBe('200')
  for (const { socket } of [...open, next]) socket.destroy()
  await expect.poll(() => metricsOf(gateway)).toMatch(/^gateway_client_connections 0$/m)
}

const env = { CLIENT_CONNECTIONS: '3' }

it('connections beyond the limit are closed, and no other is', async () => {
  await using gateway = await startGateway({}, { env })
  await expectLimit(gateway, dialPlainly)
})

it('so are those of TLS, which count from before the handshake', async () => {
  using certificates = await PeerCertificates.create('public')
  await using gateway = await startGateway(
    {},
    { env: { ...env, PUBLIC_TLS_DIR: certificates.folder('public') } },
  )
  const ca = certificates.authority.certificate
  const servername = 'localhost'
  const dial: Dial = ({ port }) =>
    connectSecurely({
      port,
      host: '127.0.0.1',
      ca,
      servername,
      checkServerIdentity: () => undefined,
    })
  await expectLimit(gateway, dial)
  const silent = Array.from({ length: 3 }, () => dialPlainly(gateway))
  await Promise.all(silent.map((socket) => once(socket, 'connect')))
  expect(await caller(gateway, dial).ask()).toBe('closed')
  for (const socket of silent) socket.destroy()
})

// macOS has one address of its own to dial from unless another is set up.
it.skipIf(process.platform === 'darwin')(
  'connections of one address leave a quarter of them to others',
  async () => {
    await using gateway = await startGateway({}, { env: { CLIENT_CONNECTIONS: '4' } })
    const open = Array.from({ length: 3 }, () => caller(gateway, dialPlainly))
    for (const { ask } of open) expect(await ask()).toBe('200')
    for (const _ of [1, 2]) expect(await caller(gateway, dialPlainly).ask()).toBe('closed')
    const other = caller(gateway, dialFromElsewhere)
    for (const { ask } of [...open, other]) expect(await ask()).toBe('200')
    const metrics = await metricsOf(gateway)
    expect(metrics).toMatch(/^gateway_client_connections 4$/m)
    expect(metrics).toMatch(/^gateway_client_connections_refused_total 2$/m)
    const notes = gateway.service.logs().filter((line) => line['labels.limit'] === 3)
    expect(notes).toMatchObject([{ 'log.level': 'warn', 'client.address': '127.0.0.1' }])

    open[0]?.socket.destroy()
    await expect.poll(() => metricsOf(gateway)).toMatch(/^gateway_client_connections 3$/m)
    const next = caller(gateway, dialPlainly)
    expect(await next.ask()).toBe('200')
    for (const { socket } of [...open, other, next]) socket.destroy()
  },
)

it('a trusted proxy may have all of them', async () => {
  const env = { CLIENT_CONNECTIONS: '4', TRUSTED_PROXIES: '192.0.2.1, 127.0.0.1/32' }
  await using gateway = await startGateway({}, { env })
  const open = Array.from({ length: 4 }, () => caller(gateway, dialPlainly))
  for (const { ask } of open) expect(await ask()).toBe('200')
  expect(await caller(gateway, dialFromElsewhere).ask()).toBe('closed')
  for (const { socket } of open) socket.destroy()
})
