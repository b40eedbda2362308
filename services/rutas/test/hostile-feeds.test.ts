import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { rutas } from '../src/service.ts'
import { accepted } from './accepted.ts'
import { keepAll } from './policy.ts'
import { freePort, killReplica, metricOf, type Replica, startReplica } from './replica.ts'
import { passage, sentence } from './sentences.ts'

const patient = { timeout: 60_000, interval: 200 }
const slow = 180_000
const megabyte = 1_048_576
/** What the process may hold more while something hostile goes on: less than any of it. */
const mostGained = 256 * megabyte
const limits = { stations: 500, messages: 5_000, body: 512 * megabyte }
const day = 86_400_000

const open = () => startTestService(rutas, { env: { ...keepAll, BACKGROUND: 'off' } })
let quiet: Awaited<ReturnType<typeof open>>
let replica: Replica
const ports = { hub: 0, roof: 0 }

beforeAll(async () => {
  // Migrates, and asks; a process of its own takes what is hostile, so that its memory is its own.
  quiet = await open()
  ports.hub = await freePort()
  ports.roof = await freePort()
  replica = await startReplica(quiet, {
    AIS_RECEIVERS: `hub=tcp-listen://127.0.0.1:${ports.hub},roof=udp://127.0.0.1:${ports.roof}`,
    AIS_REMEMBERED_STATIONS: String(limits.stations),
    AIS_REMEMBERED_MESSAGES: String(limits.messages),
    AIS_BODY_LIMIT_BYTES: String(limits.body),
  })
  await vi.waitUntil(() => reaches(ports.hub), patient)
}, slow)
afterAll(async () => {
  await killReplica(replica)
  await quiet[Symbol.asyncDispose]()
})

const reaches = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  const made = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ])
  socket.destroy()
  return made
}

const headers = (type: string) => {
  const machine = { kind: 'machine', subject: 'hostile', scopes: ['rutas/ais.write'] } as const
  const token = quiet.issuer.gatewayToken('rutas', machine)
  return { authorization: `Bearer ${token}`, 'content-type': type }
}

/** Writes as fast as it is taken. */
const write = async (socket: Socket, bytes: Uint8Array | string): Promise<void> => {
  if (!socket.write(bytes)) await once(socket, 'drain')
}

type Way = { source: string; send: (parts: readonly (string | Buffer)[]) => Promise<void> }

/** The ways by which a feed comes in; each part is a line, or as much noise as goes into a datagram. */
const ways: Record<'HTTP' | 'TCP' | 'UDP', Way> = {
  HTTP: {
    source: 'hostile',
    send: async (parts) => {
      const body = Buffer.concat(parts.flatMap((part) => [Buffer.from(part), Buffer.from('\n')]))
      const answer = await fetch(`${replica.url}/v1/ais`, {
        method: 'POST',
        headers: headers('text/plain'),
        body,
      })
      expect(answer.status).toBe(200)
    },
  },
  TCP: {
    source: 'hub',
    send: async (parts) => {
      const socket = connect(ports.hub, '127.0.0.1')
      for (const part of parts) {
        await write(socket, part)
        await write(socket, '\n')
      }
      socket.end()
      await once(socket.resume(), 'close')
    },
  },
  UDP: {
    source: 'roof',
    send: async (parts) => {
      const socket = createSocket('udp4')
      for (const [n, part] of parts.entries()) {
        socket.send(part, ports.roof, '127.0.0.1')
        if (n % 50 === 0) await sleep(10)
      }
      await sleep(50)
      socket.close()
    },
  },
}

/** Sends until something holds: UDP may lose any of it, and a resend stores nothing twice. */
const sendUntil = async <T>(
  way: Way,
  parts: readonly (string | Buffer)[],
  { look, is }: { look: () => Promise<T>; is: T },
): Promise<void> => {
  await way.send(parts)
  const again = way.source === 'roof' ? parts : []
  await expect
    .poll(
      async () => {
        const found = await look()
        if (found !== is) await way.send(again)
        return found
      },
      { ...patient, interval: 1_000 },
    )
    .toBe(is)
}

/** What was rejected of a source so far, by reason. */
const rejected = async (source: string): Promise<Record<string, number>> => {
  const text = await (await fetch(`${replica.managementUrl}/metrics`)).text()
  const name = String.raw`rutas_ais_messages_rejected_total\{source="${source}",reason="([\w-]+)"\}`
  const found = text.matchAll(new RegExp(String.raw`^${name} (\d+)$`, 'gm'))
  return Object.fromEntries([...found].map(([, reason, count]) => [reason, Number(count)]))
}
const metric = async (series: string): Promise<number> => (await metricOf(replica, series)) ?? 0
const stored = async (first: string, last = first): Promise<number> => {
  const [row] = await quiet.opened.database.sql<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${accepted} WHERE mmsi BETWEEN $1::int AND $2::int`,
    [first, last],
  )
  return row?.count ?? 0
}

/** Bytes of memory that the process has gained at most while something went on. */
const gainedBy = async (work: () => Promise<void>): Promise<number> => {
  const resident = () => metric('process_resident_memory_bytes')
  const before = await resident()
  let most = before
  const over = new AbortController()
  const looking = (async () => {
    while (!over.signal.aborted) {
      most = Math.max(most, await resident())
      await sleep(100)
    }
  })()
  await work().finally(() => over.abort())
  await looking
  return most - before
}

describe.each([
  ['HTTP', '1'],
  ['TCP', '2'],
  ['UDP', '3'],
] as const)('by %s, a feed', (name, digit) => {
  const way = ways[name]
  const mmsiOf = (n: number) => `22${digit}${String(n).padStart(6, '0')}`

  it('of random bytes harms no other line, and is counted by reason', async () => {
    const mmsi = mmsiOf(1)
    const good = passage({
      mmsi,
      from: { lat: 36, lon: -6 },
      to: { lat: 36.01, lon: -6 },
      begin: Date.UTC(2026, 9, 1, 12),
      count: 20,
    })
    const [first = ''] = good
    const broken = {
      malformed: '\u0000\u0001 not AIS',
      'bad-checksum': `${first.slice(0, -2)}${first.endsWith('00') ? '01' : '00'}`,
      'missing-checksum': first.slice(0, -3),
      'bad-tag-block': String.raw`\s:nobody*00\!AIVDM`,
      'line-too-long': 'x'.repeat(5_000),
    }
    const parts = good.flatMap((line) => [line, ...Object.values(broken), randomBytes(1_000)])
    await sendUntil(way, parts, { look: () => stored(mmsi), is: 20 })
    const counts = await rejected(way.source)
    for (const reason of Object.keys(broken)) expect(counts[reason], reason).toBeGreaterThan(0)
  })

  it('from a clock that is ahead is counted, and nothing of it is kept', async () => {
    const mmsi = mmsiOf(2)
    const before = (await rejected(way.source))['bad-time'] ?? 0
    const ahead = Array.from({ length: 200 }, (_, n) =>
      sentence({ mmsi, second: n % 60 }, { time: Date.now() + (n + 2) * day }),
    )
    const known = sentence({ mmsi }, { time: Date.now() })
    await sendUntil(way, [...ahead, known], { look: () => stored(mmsi), is: 1 })
    const counted = async () => ((await rejected(way.source))['bad-time'] ?? 0) - before
    await expect
      .poll(counted, patient)
      .toBeGreaterThanOrEqual(way.source === 'roof' ? 1 : ahead.length)
  })

  it('that repeats another with delay is told apart from one that resends', async () => {
    const mmsi = mmsiOf(3)
    const begin = Date.UTC(2026, 9, Number(digit))
    const heard = (delay: number) =>
      Array.from({ length: 50 }, (_, n) =>
        sentence({ mmsi, lat: 36 + n / 10_000 }, { time: begin + n * 100 + delay }),
      )
    await sendUntil(way, heard(0), { look: () => stored(mmsi), is: 50 })
    const repeated = `rutas_ais_messages_repeated_total{source="${way.source}"}`
    const before = await metric(repeated)
    await way.send(heard(0))
    await sendUntil(way, heard(90_000), { look: () => stored(mmsi), is: 100 })
    await expect.poll(() => metric(repeated), patient).toBe(before + 50)
  })

  it('of ever new stations is not remembered beyond the limit, and loses none', async () => {
    const count = 2_000
    const time = Date.UTC(2026, 10, Number(digit))
    const [first, last] = [mmsiOf(1_000), mmsiOf(1_000 + count - 1)]
    const reports = Array.from({ length: count }, (_, n) =>
      sentence({ mmsi: mmsiOf(1_000 + n), lat: -60 + n / 20 }, { time }),
    )
    const newStations = () => metric('rutas_stations_new_total')
    const before = await newStations()
    await sendUntil(way, reports, { look: () => stored(first, last), is: count })
    const remembered = (what: string) => metric(`rutas_ais_remembered{what="${what}"}`)
    await expect.poll(() => remembered('stations'), patient).toBe(limits.stations)
    expect(await remembered('messages')).toBeLessThanOrEqual(limits.messages)
    expect(await newStations()).toBe(before + count)
    // The first have been forgotten, and are known again.
    const again = [sentence({ mmsi: first, lat: -60.001 }, { time: time + 60_000 })]
    await sendUntil(way, again, { look: () => stored(first), is: 2 })
    expect(await newStations()).toBe(before + count)
    const { body } = await quiet.request('GET', `/v1/targets/${first}`)
    expect(body.position.lat).toBeCloseTo(-60.001, 4)
  }, 120_000)
})

describe('a line without an end', () => {
  const piece = Buffer.alloc(megabyte, 'x')

  it(
    'is read by TCP in constant memory, and what follows is taken',
    async () => {
      const mmsi = '224000001'
      const before = (await rejected('hub'))['line-too-long'] ?? 0
      const gained = await gainedBy(async () => {
        const socket = connect(ports.hub, '127.0.0.1')
        for (let n = 0; n < 1_024; n++) await write(socket, piece)
        socket.end(`\n${sentence({ mmsi })}\n`)
        await expect.poll(() => stored(mmsi), patient).toBe(1)
      })
      expect((await rejected('hub'))['line-too-long']).toBe(before + 1)
      expect(gained).toBeLessThan(mostGained)
    },
    slow,
  )

  it.each([
    ['text/plain', '!AIVDM,', 'line-too-long'],
    ['application/x-ndjson', '{"sentence":"', 'line-too-long'],
    ['text/csv', 'MMSI,BaseDateTime,', 'line-too-long'],
    ['application/json', '{"msgs":["', null],
  ])(
    'is refused as %s beyond the largest body, in constant memory',
    async (type, start, reason) => {
      const before = (await rejected('hostile'))['line-too-long'] ?? 0
      const gained = await gainedBy(async () => {
        expect(await writeWithoutEnd(type, start)).toBe(413)
      })
      expect(gained).toBeLessThan(mostGained)
      const counted = ((await rejected('hostile'))['line-too-long'] ?? 0) - before
      expect(counted).toBe(reason === null ? 0 : 1)
    },
    slow,
  )

  /** @returns the status of the answer that ends it */
  const writeWithoutEnd = async (type: string, start: string): Promise<number> => {
    const out = request(`${replica.url}/v1/ais`, { method: 'POST', headers: headers(type) })
    const over = new AbortController()
    const answered = once(out, 'response').then(([{ statusCode }]) => {
      over.abort()
      return statusCode as number
    })
    // Once it has answered, it hangs up on what is still sent.
    out.on('error', () => undefined)
    out.write(start)
    while (!over.signal.aborted && !out.destroyed) {
      if (!out.write(piece)) await Promise.race([once(out, 'drain'), answered, sleep(1_000)])
    }
    out.destroy()
    return answered
  }

  it(
    'is a datagram by UDP: as many as are sent, what finds no room is lost and counted',
    async () => {
      const mmsi = '224000002'
      const datagram = piece.subarray(0, 60_000)
      const known = 'rutas_ais_messages_rejected_total{source="roof",reason="line-too-long"}'
      const lost = async () =>
        (await metric('rutas_ais_datagrams_lost_total{source="roof",where="kernel"}')) +
        (await metric('rutas_ais_datagrams_lost_total{source="roof",where="buffer"}'))
      const before = (await metric(known)) + (await lost())
      const count = 10_000
      const gained = await gainedBy(async () => {
        const socket = createSocket('udp4')
        for (let n = 0; n < count; n++) {
          await new Promise((resolve) => socket.send(datagram, ports.roof, '127.0.0.1', resolve))
        }
        socket.close()
        const report = [sentence({ mmsi }, { time: Date.UTC(2026, 9, 9) })]
        await sendUntil(ways.UDP, report, { look: () => stored(mmsi), is: 1 })
      })
      expect(gained).toBeLessThan(mostGained)
      await expect
        .poll(async () => (await metric(known)) + (await lost()) - before, patient)
        .toBe(count)
    },
    slow,
  )
})
