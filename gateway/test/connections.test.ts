import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { PeerCertificates } from '@porttrack/shared/testing/peer-certificates'
import { describe, expect, it } from 'vitest'
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

it('connections beyond the limit are closed, and no other is', async () => {
  await using gateway = await startGateway({}, { env: { CLIENT_CONNECTIONS: '3' } })
  await expectLimit(gateway, dialPlainly)
})

/** A gateway that shows callers a certificate, and how they dial it. */
const startSecure = async (limit: string) => {
  await using started = new AsyncDisposableStack()
  const certificates = started.use(await PeerCertificates.create('public'))
  const gateway = started.use(
    await startGateway(
      {},
      { env: { CLIENT_CONNECTIONS: limit, PUBLIC_TLS_DIR: certificates.folder('public') } },
    ),
  )
  const ca = certificates.authority.certificate
  const dialTo =
    (localAddress?: string): Dial =>
    ({ port }) =>
      connectSecurely({
        port,
        host: '127.0.0.1',
        ca,
        servername: 'localhost',
        checkServerIdentity: () => undefined,
        ...(localAddress === undefined ? {} : { localAddress }),
      })
  const all = started.move()
  return {
    gateway,
    dial: dialTo(),
    dialFromElsewhere: dialTo('127.0.0.2'),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

it('so are those of TLS, which count from before the handshake', async () => {
  await using secure = await startSecure('3')
  const { gateway, dial } = secure
  await expectLimit(gateway, dial)
  const silent = Array.from({ length: 3 }, () => dialPlainly(gateway))
  await Promise.all(silent.map((socket) => once(socket, 'connect')))
  expect(await caller(gateway, dial).ask()).toBe('closed')
  for (const socket of silent) socket.destroy()
})

const expectShare = async (
  gateway: TestGateway,
  { here, elsewhere }: { here: Dial; elsewhere: Dial },
): Promise<void> => {
  const open = Array.from({ length: 3 }, () => caller(gateway, here))
  for (const { ask } of open) expect(await ask()).toBe('200')
  for (const _ of [1, 2]) expect(await caller(gateway, here).ask()).toBe('closed')
  const other = caller(gateway, elsewhere)
  for (const { ask } of [...open, other]) expect(await ask()).toBe('200')
  const metrics = await metricsOf(gateway)
  expect(metrics).toMatch(/^gateway_client_connections 4$/m)
  expect(metrics).toMatch(/^gateway_client_connections_refused_total 2$/m)
  const notes = gateway.service.logs().filter((line) => line['labels.limit'] === 3)
  expect(notes).toMatchObject([{ 'log.level': 'warn', 'client.address': '127.0.0.1' }])

  open[0]?.socket.destroy()
  await expect.poll(() => metricsOf(gateway)).toMatch(/^gateway_client_connections 3$/m)
  const next = caller(gateway, here)
  expect(await next.ask()).toBe('200')
  for (const { socket } of [...open, other, next]) socket.destroy()
}

// macOS has one address of its own to dial from unless another is set up.
describe.skipIf(process.platform === 'darwin')('connections of one address', () => {
  it('leave a quarter of them to others', async () => {
    await using gateway = await startGateway({}, { env: { CLIENT_CONNECTIONS: '4' } })
    await expectShare(gateway, { here: dialPlainly, elsewhere: dialFromElsewhere })
  })

  it('leave as much with TLS', async () => {
    await using secure = await startSecure('4')
    const { gateway, dial, dialFromElsewhere: elsewhere } = secure
    await expectShare(gateway, { here: dial, elsewhere })
  })
})

it('a trusted proxy may have all of them', async () => {
  const env = { CLIENT_CONNECTIONS: '4', TRUSTED_PROXIES: '192.0.2.1, 127.0.0.1/32' }
  await using gateway = await startGateway({}, { env })
  const open = Array.from({ length: 4 }, () => caller(gateway, dialPlainly))
  for (const { ask } of open) expect(await ask()).toBe('200')
  expect(await caller(gateway, dialFromElsewhere).ask()).toBe('closed')
  for (const { socket } of open) socket.destroy()
})
