import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  startPlatform,
  type Platform,
  type ProcessName,
} from '@porttrack/scripts/platform/platform'
import { ephemeralPorts } from '@porttrack/scripts/platform/ports'
import { withClient } from '@porttrack/shared/database/session'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, clientOf } from './client.ts'
import { fixLine } from './fixes.ts'

/** Each sender’s own ships, which report at once, every 31 s of theirs: no message is another’s. */
const shipsPerSender = 500
const step = 31_000
const patient = { timeout: 120_000, interval: 250 }

let platform: Platform
let call: Client
let tcpPort: number

beforeAll(async () => {
  tcpPort = (await ephemeralPorts()).tokens
  platform = await startPlatform({
    ports: 'ephemeral',
    applications: ['rutas', 'gateway'],
    environment: { SHED_DELAY_SECONDS: '3600' },
    environmentOf: { rutas: { AIS_RECEIVERS: `quay=tcp-listen://127.0.0.1:${tcpPort}` } },
  })
  call = clientOf(platform)
}, 120_000)
afterAll(() => platform?.stop())

it(
  'stores once and in order what it has acknowledged, PostgreSQL and rutas killed at full load',
  { timeout: 15 * 60_000 },
  async () => {
    const over = new AbortController()
    const sending = [0, 1, 2].map((place) => sendByHttp(senderOf(place), over.signal))
    const sent = await whileKilling(['postgres', 'rutas'], 12, { sending, over })
    expect(Math.min(...sent)).toBeGreaterThan(0)
    expect(await storedOf([0, 1, 2])).toEqual(sent.map(allOf))
    expect(await disordered()).toEqual([])
  },
)

it(
  'loses nothing of a TCP feed either while PostgreSQL is killed',
  { timeout: 15 * 60_000 },
  async () => {
    const over = new AbortController()
    const sending = [sendByTcp(senderOf(3), over.signal), sendByHttp(senderOf(4), over.signal)]
    const sent = await whileKilling(['postgres'], 6, { sending, over })
    expect(Math.min(...sent)).toBeGreaterThan(0)
    // A TCP feed is not told when it is durable.
    await expect.poll(() => storedOf([3, 4]), patient).toEqual(sent.map(allOf))
    expect(await disordered()).toEqual([])
  },
)

/** Kills one after the other at a random instant, and starts it again; then ends the load. */
const whileKilling = async (
  victims: readonly ProcessName[],
  times: number,
  { sending, over }: { sending: readonly Promise<number>[]; over: AbortController },
): Promise<number[]> => {
  const sent = Promise.all(sending)
  // Met below.
  sent.catch(() => undefined)
  for (let n = 0; n < times; n += 1) {
    await sleep(500 + Math.random() * 1_500)
    const victim = platform.process(victims[n % victims.length] ?? 'rutas')
    await victim.kill()
    await victim.start()
  }
  over.abort()
  return sent
}

/** What is stored when of each ship there is one position a batch. */
const allOf = (batches: number) => ({ ships: shipsPerSender, fewest: batches, most: batches })

/** The reports of a sender’s ships: those of one instant after the other, without end. */
function* senderOf(place: number): Generator<string[], never> {
  const begin = Date.now() - 20 * 86_400_000
  for (let instant = 0; ; instant += 1) {
    yield Array.from({ length: shipsPerSender }, (_, ship) =>
      fixLine({
        mmsi: String(224_000_000 + place * shipsPerSender + ship),
        lat: 20 + place,
        lon: -30 + ship / 100,
        speed: 0,
        time: begin + instant * step,
      }),
    )
  }
}

/** As fast as it is taken, each batch again until it is acknowledged. @returns how many were */
const sendByHttp = async (
  batches: Generator<string[], never>,
  over: AbortSignal,
): Promise<number> => {
  for (let sent = 0; ; sent += 1) {
    if (over.aborted) return sent
    const body = batches.next().value.join('\n')
    for (;;) {
      const answer = await call('POST /rutas/v1/ais', {
        as: 'ais-receiver',
        headers: { 'content-type': 'application/x-ndjson' },
        body,
      }).catch(() => null)
      if (answer?.status === 200) {
        expect(answer.body).toMatchObject({ accepted: shipsPerSender, rejectedCount: 0 })
        break
      }
      expect([undefined, 502, 503, 504]).toContain(answer?.status)
      await sleep(50)
    }
  }
}

/** By one connection, as fast as it is read. @returns how many batches were sent */
const sendByTcp = async (
  batches: Generator<string[], never>,
  over: AbortSignal,
): Promise<number> => {
  const socket = connect(tcpPort, '127.0.0.1')
  await once(socket, 'connect')
  let sent = 0
  for (; !over.aborted; sent += 1) {
    const more = socket.write(`${batches.next().value.join('\n')}\n`)
    if (!more) await once(socket, 'drain')
  }
  socket.end()
  await once(socket, 'close')
  return sent
}

/** Of each sender: its ships, and the fewest and most positions that are stored of one. */
const storedOf = (places: readonly number[]): Promise<unknown[]> =>
  withClient(platform.databaseUrl('rutas'), async (client) => {
    const { rows } = await client.query<{ ships: number; fewest: number; most: number }>(
      `SELECT count(*)::int AS ships, min(stored)::int AS fewest, max(stored)::int AS most
       FROM (SELECT mmsi, count(*) AS stored FROM position GROUP BY mmsi) AS each
       WHERE (mmsi - 224000000) / $1 = ANY ($2)
       GROUP BY (mmsi - 224000000) / $1 ORDER BY (mmsi - 224000000) / $1`,
      [shipsPerSender, places],
    )
    return rows
  })

/** Ships whose positions were not written in the order of their times. */
const disordered = (): Promise<unknown[]> =>
  withClient(platform.databaseUrl('rutas'), async (client) => {
    const { rows } = await client.query(
      `SELECT DISTINCT mmsi FROM (
         SELECT mmsi, message_id, lag(message_id) OVER (PARTITION BY mmsi ORDER BY time) AS before
         FROM position) AS each
       WHERE message_id < before`,
    )
    return rows
  })
