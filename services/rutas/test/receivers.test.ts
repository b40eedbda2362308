import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { encodeSentences } from '@porttrack/ais/encode'
import { startFaultProxy } from '@porttrack/shared/testing/fault-proxy'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { rutas } from '../src/service.ts'
import { keepAll } from './policy.ts'
import { passage, sentence, voyage } from './sentences.ts'

type Rutas = TestService<{ receivers: { ports: ReadonlyMap<string, number> } }>

const begin = Date.UTC(2026, 9, 1, 12)
const patient = { timeout: 20_000, interval: 100 }
const listening = 'roof=udp://127.0.0.1:0, hub=tcp-listen://127.0.0.1:0'
/** Some metres north each half a minute. */
const sail = (mmsi: string, count: number): string[] =>
  passage({
    mmsi,
    from: { lat: 36, lon: -6 },
    to: { lat: 36 + count / 2_000, lon: -6 },
    begin,
    count,
    everySeconds: 31,
  })

const issuer = new TokenIssuer()
let service: Rutas

beforeAll(async () => {
  service = await startTestService(rutas, { issuer, env: { ...keepAll, AIS_RECEIVERS: listening } })
  await vi.waitUntil(() => service.opened.receivers.ports.size === 2, patient)
})
afterAll(() => service[Symbol.asyncDispose]())

const portOf = (name: string, of = service): number => of.opened.receivers.ports.get(name) ?? 0
const track = async (mmsi: string, of = service): Promise<{ source: string | null }[]> =>
  (await of.request('GET', `/v1/targets/${mmsi}/track?limit=1000`)).body.items ?? []
const nameOf = async (mmsi: string) =>
  (await service.request('GET', `/v1/targets/${mmsi}`)).body.name
const metric = async (line: string, of = service): Promise<number> => {
  const text = await (await fetch(`${of.managementUrl}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(line))
      ?.split(' ')
      .at(-1) ?? 0,
  )
}

describe('UDP', () => {
  it('takes datagrams of sentences and of AIS-catcher’s JSON, and knows who sent them', async () => {
    const mmsi = '224400001'
    const socket = createSocket('udp4')
    const send = (text: string) => socket.send(text, portOf('roof'), '127.0.0.1')
    for (const line of sail(mmsi, 3)) send(line)
    // Parts of a message in a datagram each, and the same in one of JSON.
    for (const part of encodeSentences(voyage({ mmsi, name: 'BY PARTS' }), { sequenceId: 3 })) {
      send(part)
    }
    const nmea = encodeSentences(voyage({ mmsi: '224400002', name: 'BY JSON' }), { sequenceId: 3 })
    send(`${JSON.stringify({ class: 'AIS', rxtime: '20261001120000', nmea, mmsi: 1 })}\n`)
    send('\u0000\u0001 not AIS')
    await expect.poll(() => track(mmsi), patient).toHaveLength(3)
    await expect.poll(() => nameOf(mmsi), patient).toBe('BY PARTS')
    await expect.poll(() => nameOf('224400002'), patient).toBe('BY JSON')
    expect((await track(mmsi)).map(({ source }) => source)).toEqual(Array(3).fill('127.0.0.1'))
    const malformed = 'rutas_ais_messages_rejected_total{source="roof",reason="malformed"}'
    await expect.poll(() => metric(malformed), patient).toBe(1)
    expect(await metric('rutas_ais_source_messages_total{source="roof"}')).toBe(5)
    socket.close()
  })
})

describe('TCP', () => {
  it('goes on after a line without an end, and counts it', async () => {
    const mmsi = '224400011'
    const socket = connect(portOf('hub'), '127.0.0.1')
    const lines = sail(mmsi, 20)
    const write = async (text: string) => {
      if (!socket.write(text)) await once(socket, 'drain')
    }
    await write(`${lines.slice(0, 10).join('\r\n')}\r\n`)
    for (let n = 0; n < 64; n += 1) await write('x'.repeat(1_000_000))
    await write(`\n${lines.slice(10).join('\n')}\n`)
    await expect.poll(() => track(mmsi), patient).toHaveLength(20)
    const tooLong = 'rutas_ais_messages_rejected_total{source="hub",reason="line-too-long"}'
    expect(await metric(tooLong)).toBe(1)
    expect(await metric('rutas_ais_receiver_connections{source="hub"}')).toBe(1)
    socket.destroy()
    await expect.poll(() => metric('rutas_ais_receiver_connections{source="hub"}'), patient).toBe(0)
  })

  it('is cut for those outside the networks, and counted', async () => {
    const strict: Rutas = await startTestService(rutas, {
      issuer,
      databaseUrl: service.databaseUrl,
      env: { AIS_RECEIVERS: listening, AIS_RECEIVER_NETWORKS: '10.0.0.0/8' },
    })
    await expect.poll(() => strict.opened.receivers.ports.size, patient).toBe(2)
    const socket = connect(portOf('hub', strict), '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'close')
    const refused = (name: string) =>
      metric(`rutas_ais_receiver_refused_total{source="${name}",reason="network"}`, strict)
    expect(await refused('hub')).toBe(1)
    const sender = createSocket('udp4')
    sender.send(sentence({ mmsi: '224400012' }), portOf('roof', strict), '127.0.0.1')
    await expect.poll(() => refused('roof'), patient).toBe(1)
    sender.close()
    await strict.close()
  })

  it('keeps the sender waiting while the database is away, and loses nothing', async () => {
    const mmsi = '224400013'
    await using network = await startFaultProxy()
    const database = new URL(service.databaseUrl)
    network.leadTo(database)
    const { port } = new URL(network.url)
    database.hostname = '127.0.0.1'
    database.port = port
    const second: Rutas = await startTestService(rutas, {
      issuer,
      databaseUrl: database.href,
      env: { ...keepAll, AIS_RECEIVERS: 'hub=tcp-listen://127.0.0.1:0' },
    })
    await expect.poll(() => portOf('hub', second), patient).toBeGreaterThan(0)
    const socket = connect(portOf('hub', second), '127.0.0.1')
    const lines = sail(mmsi, 900)
    socket.write(`${lines.slice(0, 100).join('\n')}\n`)
    await expect.poll(() => track(mmsi), patient).toHaveLength(100)
    network.suffer('refuse')
    socket.write(`${lines.slice(100, 500).join('\n')}\n`)
    const away = () => second.request('GET', `/v1/targets/${mmsi}`).then(({ status }) => status)
    await expect.poll(away, patient).toBe(503)
    socket.end(`${lines.slice(500).join('\n')}\n`)
    network.suffer('none')
    await expect.poll(() => track(mmsi), patient).toHaveLength(900)
    await second.close()
  })

  it('makes durable what it has read when it is told to stop', async () => {
    const mmsi = '224400014'
    const second: Rutas = await startTestService(rutas, {
      issuer,
      databaseUrl: service.databaseUrl,
      env: { ...keepAll, AIS_RECEIVERS: 'hub=tcp-listen://127.0.0.1:0' },
    })
    await expect.poll(() => portOf('hub', second), patient).toBeGreaterThan(0)
    const socket = connect(portOf('hub', second), '127.0.0.1')
    socket.on('error', () => undefined)
    const [message = '', ...rest] = sail(mmsi, 300)
    // Its rejection shows that the lines before it have been read.
    socket.write(`${[message, ...rest].join('\n')}\nnonsense\n`)
    const read = 'rutas_ais_messages_rejected_total{source="hub",reason="malformed"}'
    await expect.poll(() => metric(read, second), { timeout: 20_000, interval: 5 }).toBe(1)
    await second.close()
    expect(await track(mmsi)).toHaveLength(300)
  })
})

describe('a connection to a station', () => {
  const stationOf = async (lines: () => string) => {
    const made: Socket[] = []
    const server: Server = createServer((socket) => {
      socket.on('error', () => undefined)
      made.push(socket)
      socket.write(lines())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const close = () => {
      for (const socket of made) socket.destroy()
      server.close()
    }
    return { made, close, env: { ...keepAll, AIS_RECEIVERS: `north=tcp://127.0.0.1:${port}` } }
  }
  const join = (env: Record<string, string>): Promise<Rutas> =>
    startTestService(rutas, { issuer, env, databaseUrl: service.databaseUrl })

  it('comes back when it is cut', async () => {
    const mmsi = '224400021'
    const lines = sail(mmsi, 2)
    let turn = 0
    const station = await stationOf(() => `${lines[turn++] ?? ''}\n`)
    const caller = await join(station.env)
    await expect.poll(() => track(mmsi), patient).toHaveLength(1)
    station.made[0]?.destroy()
    await expect.poll(() => track(mmsi), patient).toHaveLength(2)
    await caller.close()
    station.close()
  })

  it('is held by one replica, and by the next when that one stops', async () => {
    const station = await stationOf(() => '')
    const first = await join(station.env)
    await expect.poll(() => station.made.length, patient).toBe(1)
    const second = await join(station.env)
    // Long enough for the second to have asked for the lease more than once.
    await new Promise((resolve) => setTimeout(resolve, 4_500))
    expect(station.made).toHaveLength(1)
    await first.close()
    await expect.poll(() => station.made.length, patient).toBe(2)
    await second.close()
    station.close()
  })
})

describe('AIS_RECEIVERS', () => {
  it.each([
    'roof',
    'roof=http://x:1',
    'roof=tcp://x:0',
    'a=udp://x:1,a=udp://y:2',
    'a=udp://x:99999',
  ])('stops a service whose list is %s', async (list) => {
    const start = startTestService(rutas, {
      issuer,
      databaseUrl: service.databaseUrl,
      env: { AIS_RECEIVERS: list },
    })
    await expect(start).rejects.toThrow(/^AIS_RECEIVERS: /)
  })
})
