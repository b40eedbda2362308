import { setTimeout as sleep } from 'node:timers/promises'
import { startPlatform, type Platform } from '@porttrack/scripts/platform/platform'
import { withClient } from '@porttrack/shared/database/session'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, clientOf } from './client.ts'
import { fixLine } from './fixes.ts'

const kills = 50
const ships = 20
/** Times each ship goes into the zone and out again. */
const rounds = 30
/** Fixes on the way in, and as many on the way out; 30 s apart, at about 10 knots. */
const steps = 10

let platform: Platform
let call: Client

beforeAll(async () => {
  platform = await startPlatform({
    ports: 'ephemeral',
    applications: ['barcos', 'rutas', 'gateway'],
    environment: { SHED_DELAY_SECONDS: '3600' },
  })
  call = clientOf(platform)
}, 120_000)
afterAll(() => platform?.stop())

it(
  `loses nothing, repeats nothing and keeps each ship’s order, killed ${kills} times`,
  { timeout: 15 * 60_000 },
  async () => {
    const zone = {
      name: 'Gate',
      kind: 'port-area',
      UNLocationCode: 'ESALG',
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [0.005, 36],
            [0.5, 36],
            [0.5, 37],
            [0.005, 37],
            [0.005, 36],
          ],
        ],
      },
    }
    expect(await call('POST /rutas/v1/zones', { as: 'admin', body: zone })).toMatchObject({
      status: 201,
    })

    const lines = replay()
    const victims = ['rutas', 'barcos'] as const
    const killing = { done: 0, over: false }
    const killer = (async () => {
      for (; killing.done < kills; killing.done++) {
        await sleep(200 + Math.random() * 500)
        const victim = platform.process(
          victims[Math.floor(Math.random() * victims.length)] ?? 'rutas',
        )
        await victim.kill()
        await victim.start()
      }
    })().finally(() => {
      killing.over = true
    })
    const batch = 25
    let acknowledged = 0
    for (let at = 0; at < lines.length; at += batch) {
      // The replay lasts as long as the killing does, on a slow machine too.
      const due = Math.floor((at / lines.length) * kills)
      while (!killing.over && killing.done < due) await sleep(20)
      const part = lines.slice(at, at + batch)
      await sendUntilAcknowledged(part)
      acknowledged += part.length
      if (!killing.over) await sleep(120)
    }
    await killer

    const stored = await rows('rutas', 'SELECT count(*)::int AS n FROM position')
    expect(stored).toEqual([{ n: acknowledged }])

    const expected = ships * rounds * 2
    const recorded = () =>
      rows(
        'barcos',
        `SELECT reported_mmsi_number AS mmsi, service_time AS time, event_type AS event
         FROM port_call_timestamp ORDER BY recorded_at, id`,
      )
    await expect.poll(async () => (await recorded()).length, { timeout: 60_000 }).toBe(expected)
    await sleep(1_000)
    const timestamps = await recorded()
    expect(timestamps).toHaveLength(expected)
    for (const mmsi of new Set(timestamps.map((row) => row['mmsi']))) {
      const own = timestamps.filter((row) => row['mmsi'] === mmsi)
      expect(own.map((row) => row['event'])).toEqual(
        Array.from({ length: rounds * 2 }, (_, index) => (index % 2 === 0 ? 'CMPL' : 'STRT')),
      )
      const times = own.map((row) => Number(row['time']))
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }
  },
)

/** Every ship to and fro over the zone's edge, its fixes in order, the ships mixed. */
function replay(): string[] {
  const start = Date.now() - rounds * steps * 2 * 30_000
  const lines: string[] = []
  for (let step = 0; step < rounds * steps * 2; step++) {
    const phase = step % (steps * 2)
    const offset = phase < steps ? phase : steps * 2 - 1 - phase
    for (let ship = 0; ship < ships; ship++) {
      lines.push(
        fixLine({
          mmsi: String(224_000_000 + ship),
          lat: 36.2 + ship / 100,
          lon: -0.0035 + offset * 0.002,
          course: phase < steps ? 90 : 270,
          time: start + step * 30_000 + ship * 100,
        }),
      )
    }
  }
  return lines
}

/** As a receiver does: the same batch again until it is acknowledged. */
async function sendUntilAcknowledged(lines: readonly string[]): Promise<void> {
  for (;;) {
    const answer = await call('POST /rutas/v1/ais', {
      as: 'ais-receiver',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    }).catch(() => null)
    if (answer?.status === 200) {
      expect(answer.body.rejected).toEqual([])
      return
    }
    expect([null, 502, 503, 504]).toContain(answer?.status ?? null)
    await sleep(100)
  }
}

async function rows(service: 'rutas' | 'barcos', sql: string): Promise<Record<string, unknown>[]> {
  return withClient(platform.databaseUrl(service), async (client) => {
    return (await client.query<Record<string, unknown>>(sql)).rows
  })
}
