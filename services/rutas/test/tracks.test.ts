import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { migrate } from '@porttrack/shared/database/migrate'
import { createTestDatabase } from '@porttrack/shared/testing/database'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { passage, sentence } from './sentences.ts'

type Sql = <Row>(text: string, values?: unknown[]) => Promise<Row[]>
type Rutas = TestService<{
  database: { sql: Sql }
  keeper: { keep: (now: number) => Promise<void> }
}>

const day = 86_400_000
/** Noon, so that what follows within hours is the same day. */
const today = Math.floor(Date.now() / day) * day
const noon = (daysAgo: number) => today - daysAgo * day + day / 2

let one: Rutas
let two: Rutas

beforeAll(async () => {
  const env = { TRACK_DETAIL_DAYS: '10', TRACK_KEEP_DAYS: '100' }
  one = await startTestService(rutas, { env })
  two = await startTestService(rutas, { env, issuer: one.issuer, databaseUrl: one.databaseUrl })
})
afterAll(async () => {
  await two.close()
  await one[Symbol.asyncDispose]()
})

const post = async (lines: readonly string[]) => {
  const headers = { 'content-type': 'text/plain' }
  return (await one.request('POST', '/v1/ais', { headers, body: lines.join('\n') })).body
}
const times = async (mmsi: string): Promise<string[]> => {
  const { body } = await one.request('GET', `/v1/targets/${mmsi}/track?limit=1000`)
  return body.items.map(({ time }: { time: string }) => time)
}
const daysOf = async (table: string): Promise<string[]> => {
  const rows = await one.opened.database.sql<{ name: string }>(
    `SELECT right(inhrelid::regclass::text, 8) AS name FROM pg_inherits
     WHERE inhparent = $1::regclass ORDER BY 1`,
    [table],
  )
  return rows.map(({ name }) => name)
}
const named = (time: number): string =>
  new Date(time).toISOString().slice(0, 10).replaceAll('-', '')
const sail = (mmsi: string, begin: number) =>
  passage({
    mmsi,
    from: { lat: 36, lon: -6 },
    to: { lat: 36.02, lon: -6 },
    begin,
    count: 61,
    everySeconds: 10,
  })

describe('the days of tracks', () => {
  it('are made ahead, and for what comes late', async () => {
    await one.opened.keeper.keep(Date.now())
    for (const table of ['position', 'ais_message']) {
      expect(await daysOf(table)).toEqual(
        expect.arrayContaining([today, today + day, today + 2 * day].map(named)),
      )
    }
    const mmsi = '224500001'
    const late = [90, 3, 40].map((ago) => sentence({ mmsi, lat: 36, lon: -6 }, { time: noon(ago) }))
    expect(await post(late)).toMatchObject({ stored: 3, rejectedCount: 0 })
    expect(await times(mmsi)).toEqual([90, 40, 3].map((ago) => new Date(noon(ago)).toISOString()))
  })

  it('meet at midnight without a gap', async () => {
    const mmsi = '224500002'
    const midnight = today - 5 * day
    const around = [-1_000, 0, 1_000].map((ms) =>
      sentence({ mmsi, lat: 36 + ms / 1e7, lon: -6 }, { time: midnight + ms }),
    )
    expect(await post(around)).toMatchObject({ stored: 3 })
    expect(await post(around)).toMatchObject({ stored: 0, duplicates: 3 })
    expect(await times(mmsi)).toHaveLength(3)
  })

  it('that are not kept any more take nothing in, with a reason', async () => {
    const old = sentence({ mmsi: '224500003', lat: 36, lon: -6 }, { time: noon(102) })
    expect(await post([old])).toMatchObject({ stored: 0, rejectedByReason: { 'too-old': 1 } })
    expect(await daysOf('position')).not.toContain(named(noon(102)))
  })
})

describe('the keeper of tracks', () => {
  it('forgets stays in zones with the tracks of their days', async () => {
    const { sql } = one.opened.database
    const { body } = await one.request('POST', '/v1/zones', {
      body: {
        name: 'Roads',
        kind: 'anchorage',
        geometry: { type: 'Point', coordinates: [-6, 36] },
        radiusMetres: 500,
      },
    })
    await sql(
      `INSERT INTO zone_stay (zone_id, mmsi, entered_at, left_at)
       SELECT $1::uuid, 224500099, left_at - interval '1 hour', left_at
       FROM unnest($2::timestamptz[]) AS each(left_at)`,
      [body.id, [noon(110), noon(50)].map((time) => new Date(time).toISOString())],
    )
    await one.opened.keeper.keep(Date.now())
    const stays = await one.request('GET', `/v1/zones/${body.id}/stays`)
    expect(stays.body.items).toMatchObject([{ leftAt: new Date(noon(50)).toISOString() }])
  })

  it('forgets a station that was silent for as long, and takes it in when it is heard again', async () => {
    const { sql } = one.opened.database
    const { body: zone } = await one.request('POST', '/v1/zones', {
      body: {
        name: 'Quiet roads',
        kind: 'custom',
        geometry: { type: 'Point', coordinates: [-8, 36] },
        radiusMetres: 5_000,
      },
    })
    const [silent, heard] = ['224500031', '224500032'] as const
    const lying = (mmsi: string, time: number) => sentence({ mmsi, lat: 36, lon: -8 }, { time })
    await post([lying(silent, noon(2)), lying(heard, noon(2))])
    await sql('UPDATE target SET received_at = $2::timestamptz WHERE mmsi = $1', [
      Number(silent),
      new Date(noon(102)).toISOString(),
    ])
    await one.opened.keeper.keep(Date.now())
    const statusOf = async (mmsi: string) =>
      (await one.request('GET', `/v1/targets/${mmsi}`)).status
    expect([await statusOf(silent), await statusOf(heard)]).toEqual([404, 200])
    const stays = await one.request('GET', `/v1/zones/${zone.id}/stays`)
    expect(stays.body.items).toMatchObject([{ mmsi: heard, leftAt: null }])
    // The replica that writes still remembers the station.
    expect(await post([lying(silent, noon(1)), lying(heard, noon(1))])).toMatchObject({ stored: 2 })
    expect(await statusOf(silent)).toBe(200)
    const again = await one.request('GET', `/v1/zones/${zone.id}/stays`)
    expect(again.body.items).toMatchObject([{ mmsi: heard }, { mmsi: silent, leftAt: null }])
  })

  it('leaves one position a minute past the detail, of two that work at once', async () => {
    const mmsi = '224500010'
    await post(sail(mmsi, noon(20)))
    await post(sail(mmsi, noon(9)))
    const rounds = [one, two].map(({ opened }) => opened.keeper.keep(Date.now()))
    await Promise.all(rounds)
    // A day that the other had in hand when this one looked is left to the next round.
    await one.opened.keeper.keep(Date.now())
    const minutes = Array.from({ length: 11 }, (_, n) =>
      new Date(noon(20) + n * 60_000).toISOString(),
    )
    const kept = await times(mmsi)
    expect(kept.filter((time) => Date.parse(time) < noon(15))).toEqual(minutes)
    expect(kept.filter((time) => Date.parse(time) > noon(15))).toHaveLength(61)
  })

  it('thins a day again that has been written to since, and stores nothing twice', async () => {
    const mmsi = '224500011'
    const first = sail(mmsi, noon(21))
    await post(first)
    await one.opened.keeper.keep(Date.now())
    const thinned = await times(mmsi)
    // What was thinned away is not known any more, and goes again.
    expect(await post(first)).toMatchObject({ stored: 50, duplicates: 11 })
    expect(await post(sail(mmsi, noon(21) + 3_600_000))).toMatchObject({ stored: 61 })
    expect(await times(mmsi)).toHaveLength(61 + 61)
    await one.opened.keeper.keep(Date.now())
    expect(await times(mmsi)).toHaveLength(22)
    expect(await times(mmsi)).toEqual(expect.arrayContaining(thinned))
  })

  it('loses nothing that is written while it thins', async () => {
    const mmsi = '224500012'
    const begin = noon(22)
    const posts: Promise<{ stored: number }>[] = []
    const round = one.opened.keeper.keep(Date.now())
    for (let n = 0; n < 10; n++) posts.push(post(sail(mmsi, begin + n * 900_000)))
    await round
    await one.opened.keeper.keep(Date.now())
    for (const { stored } of await Promise.all(posts)) expect(stored).toBe(61)
    await one.opened.keeper.keep(Date.now())
    expect(await times(mmsi)).toHaveLength(10 * 11)
  })

  it('leaves a day whole that a long read is at, and takes it in a later round', async () => {
    const mmsi = '224500013'
    await post(sail(mmsi, noon(23)))
    const reader = new pg.Client({ connectionString: one.databaseUrl })
    await reader.connect()
    try {
      await reader.query('BEGIN')
      await reader.query('SELECT count(*) FROM position')
      await one.opened.keeper.keep(Date.now())
      expect(await times(mmsi)).toHaveLength(61)
      await reader.query('COMMIT')
    } finally {
      await reader.end()
    }
    await one.opened.keeper.keep(Date.now())
    expect(await times(mmsi)).toHaveLength(11)
  })

  it('leaves a day as it was when it is cut in the middle of it', async () => {
    const mmsi = '224500015'
    await post(sail(mmsi, noon(24)))
    const other = new pg.Client({ connectionString: one.databaseUrl })
    await other.connect()
    try {
      await other.query('BEGIN')
      // Holds the keeper up where the thinned day is to take its place.
      await other.query('SELECT count(*) FROM position')
      const cut = one.opened.keeper.keep(Date.now()).catch((error: unknown) => error)
      await expect
        .poll(
          async () => {
            const ended = await one.opened.database.sql(
              `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock'
                 AND query LIKE 'DROP TABLE%'`,
            )
            return ended.length
          },
          { interval: 20 },
        )
        .toBe(1)
      expect(await cut).toBeInstanceOf(Error)
      await other.query('COMMIT')
    } finally {
      await other.end()
    }
    expect(await times(mmsi)).toHaveLength(61)
    await one.opened.keeper.keep(Date.now())
    expect(await times(mmsi)).toHaveLength(11)
  })

  it('drops days past their time, with the messages', async () => {
    const mmsi = '224500014'
    const stretchOf = async (time: number) =>
      (
        await one.opened.database.sql('SELECT 1 FROM ais_stretch WHERE time_bucket = $1::int', [
          Math.floor(time / 30_000),
        ])
      ).length
    await post([95, 50].map((ago) => sentence({ mmsi, lat: 36, lon: -6 }, { time: noon(ago) })))
    expect([await stretchOf(noon(95)), await stretchOf(noon(50))]).toEqual([1, 1])
    await one.opened.keeper.keep(Date.now() + 10 * day)
    expect(await times(mmsi)).toEqual([new Date(noon(50)).toISOString()])
    expect([await stretchOf(noon(95)), await stretchOf(noon(50))]).toEqual([0, 1])
    for (const table of ['position', 'ais_message']) {
      expect(await daysOf(table)).not.toContain(named(noon(95)))
    }
  })
})

describe('a database of before the days', () => {
  it('keeps its positions and messages when it is migrated', async () => {
    const own = new URL('../prisma/migrations/', import.meta.url)
    const former = await mkdtemp(path.join(tmpdir(), 'porttrack-migrations-'))
    const formerUrl = pathToFileURL(`${former}/`)
    const names = ['20261101000000_zones_targets_and_positions', '20261123020000_stop_of_a_stay']
    for (const name of names) {
      await cp(new URL(`${name}/`, own), new URL(`${name}/`, formerUrl), { recursive: true })
    }
    const database = await createTestDatabase('rutas_former', formerUrl)
    const client = new pg.Client({ connectionString: database.url })
    try {
      await client.connect()
      await client.query(
        `INSERT INTO position (mmsi, time, message_id, lat, lon, quarantined)
         SELECT 224500020, timestamptz '2025-03-01T00:00:00Z' + n * interval '6 hours', n, 1, 2,
                n = 7 FROM generate_series(0, 19) AS n`,
      )
      await client.query(
        `INSERT INTO ais_message (time_bucket, payload, id, type, fill_bits, time, own_time,
                                  received_at)
         SELECT extract(epoch FROM time)::bigint / 30, 'x', message_id, 1, 0, time, true, time
         FROM position`,
      )
      const positions = `SELECT mmsi, time, message_id, lat, lon, quarantined
                         FROM position ORDER BY time`
      const before = await client.query(positions)
      const messages = await client.query('SELECT * FROM ais_message ORDER BY id')
      await migrate(database.url, own)
      expect((await client.query(positions)).rows).toEqual(before.rows)
      expect((await client.query('SELECT * FROM ais_message ORDER BY id')).rows).toEqual(
        messages.rows,
      )
      const { rows } = await client.query<{ days: string }>(
        'SELECT count(DISTINCT tableoid)::text AS days FROM position',
      )
      expect(rows).toEqual([{ days: '5' }])
    } finally {
      await client.end()
      await database[Symbol.asyncDispose]()
      await rm(former, { recursive: true })
    }
  })
})
