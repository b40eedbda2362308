import { encodeSentences } from '@porttrack/ais/encode'
import { pgDatabase } from '@porttrack/shared/database/transaction'
import { lockWaits } from '@porttrack/shared/testing/lock-waits'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aisStore } from '../src/ais/ais.store.ts'
import type { Batch } from '../src/ais/batch.ts'
import { createIntake, type IncomingMessage } from '../src/ais/intake.ts'
import { rutas } from '../src/service.ts'
import { passagesOfGate } from './gate.ts'
import { keepAll } from './policy.ts'
import { sentence, voyage } from './sentences.ts'

let service: TestService<object>
let pool: pg.Pool
beforeAll(async () => {
  service = await startTestService(rutas, { env: keepAll })
  pool = new pg.Pool({ connectionString: service.databaseUrl })
})
afterAll(async () => {
  await pool.end()
  await service[Symbol.asyncDispose]()
})

const rules: Parameters<typeof aisStore>[1] = {
  marginMetres: 50,
  tracks: { detailDays: 10_000, keepDays: 10_000 },
  remembered: { stations: 10, messages: 1_000 },
}

const batchOf = (lines: readonly string[]): Batch => ({
  sender: 'tester',
  messages: messagesOf(lines),
  partsToKeep: [],
  partsToDrop: [],
})

const storedOf = async (mmsi: string): Promise<unknown> => {
  const count = 'SELECT count(*)::int AS n FROM position WHERE mmsi = $1'
  const { rows } = await pool.query(count, [mmsi])
  return rows[0]?.n
}

const messagesOf = (lines: readonly string[]): IncomingMessage[] => {
  const messages: IncomingMessage[] = []
  const intake = createIntake(
    { format: 'nmea', restored: [], now: Date.now(), keepDays: 10_000 },
    { onMessage: (each) => messages.push(each), onIgnored: () => 0, onRejected: () => 0 },
  )
  intake.push(Buffer.from(`${lines.join('\n')}\n`), Date.now())
  return messages
}

it('knows what is committed while it asks, though memory has forgotten it', async () => {
  const mmsi = '224600001'
  // Each in a stretch of its own.
  const [log = []] = passagesOfGate([mmsi], 20)
  const database = pgDatabase(pool)
  let written: Promise<void> | null = null
  const store = aisStore(
    {
      ...database,
      // Which stretches are used is answered as of before the other group's commit.
      sql: async (text, values) => {
        const rows = await database.sql(text, values)
        if (text.includes('ais_stretch')) await written
        return rows as never
      },
    },
    // So few that each stretch is forgotten with the next.
    { ...rules, remembered: { stations: 10, messages: 1 } },
  )
  const batch = batchOf(log)
  const first = await store.prepare([batch])
  const { promise, resolve } = Promise.withResolvers<void>()
  written = promise
  const second = store.prepare([batch])
  await store.write(first)
  resolve()
  const again = await second
  expect(first.outcome.batches).toMatchObject([{ stored: 20, duplicates: 0 }])
  expect(again.outcome.batches).toMatchObject([{ stored: 0, duplicates: 20 }])
  await store.write(again)
  expect(await storedOf(mmsi)).toBe(20)
})

it('begins with nothing that another replica has yet to commit', async () => {
  const mmsi = '224600002'
  const [log = []] = passagesOfGate([mmsi], 20)
  const batch = batchOf(log)
  const database = pgDatabase(pool)
  let { promise: held, resolve: commit } = Promise.withResolvers<void>()
  commit()
  let onWritten = () => {}
  const other = aisStore(
    {
      ...database,
      transaction: (work) =>
        database.transaction(async (unit) => {
          const result = await work(unit)
          onWritten()
          await held
          return result
        }),
    },
    rules,
  )
  const theirs = await other.prepare([batch])
  ;({ promise: held, resolve: commit } = Promise.withResolvers<void>())
  const written = new Promise<void>((resolve) => (onWritten = resolve))
  const committed = other.write(theirs)
  await written
  const store = aisStore(database, rules)
  const prepared = store.prepare([batch])
  // Either it waits for the other's commit, or it has looked too early and is done.
  let done = false
  void prepared.finally(() => (done = true))
  await expect.poll(async () => done || (await lockWaits(database.sql)) > 0).toBe(true)
  commit()
  await committed
  const group = await prepared
  await store.write(group)
  expect(group.outcome.batches).toMatchObject([{ stored: 0, duplicates: 20 }])
  expect(await storedOf(mmsi)).toBe(20)
})

it('keeps what is known of more stations than it remembers, also before they are committed', async () => {
  const ships = Array.from({ length: 10 }, (_, n) => String(224_600_010 + n))
  const store = aisStore(pgDatabase(pool), {
    ...rules,
    remembered: { stations: 2, messages: 1_000 },
  })
  const named = ships.flatMap((mmsi) => encodeSentences(voyage({ mmsi, name: `SHIP ${mmsi}` })))
  const moved = passagesOfGate(ships, 1).flat()
  const first = await store.prepare([batchOf(named)])
  const second = await store.prepare([batchOf(moved)])
  await store.write(first)
  await store.write(second)
  const { rows } = await pool.query(
    `SELECT mmsi::text, name, lat IS NOT NULL AS placed FROM target
     WHERE mmsi BETWEEN 224600010 AND 224600019 ORDER BY target.mmsi`,
  )
  expect(rows).toEqual(ships.map((mmsi) => ({ mmsi, name: `SHIP ${mmsi}`, placed: true })))
})

/** What a target shows of its last report, each value another. */
const shown = `SELECT lat, lon, speed, course, heading, status, fix_own_time, cell, suspect,
                      fix_time, received_at > fix_time AS later
               FROM target WHERE mmsi = $1`

it('writes each value of a report to its own column, of a new ship and of one that moves', async () => {
  const mmsi = '224600020'
  const store = aisStore(pgDatabase(pool), rules)
  const time = Date.UTC(2026, 9, 1, 12)
  const report = { speed: 12.5, course: 91.5, heading: 87, status: 7 }
  for (const [lat, seconds] of [
    [36.25, 0],
    [36.5, 3_600],
  ] as const) {
    const at = time + seconds * 1_000
    await store.write(
      await store.prepare([
        batchOf([sentence({ mmsi, lat, lon: -6.75, ...report }, { time: at })]),
      ]),
    )
    const { rows } = await pool.query(shown, [mmsi])
    expect(rows).toEqual([
      {
        lat,
        lon: -6.75,
        ...report,
        fix_own_time: true,
        cell: 360 * 126 + 173,
        suspect: null,
        fix_time: new Date(at),
        later: true,
      },
    ])
  }
})

it('writes after a transaction of the same connection that was rolled back', async () => {
  const mmsi = '224600021'
  const alone = new pg.Pool({ connectionString: service.databaseUrl, max: 1 })
  const database = pgDatabase(alone)
  let failing = false
  const store = aisStore(
    {
      ...database,
      transaction: (work) =>
        database.transaction(async (unit) => {
          const result = await work(unit)
          if (failing) throw new Error('the disk is full')
          return result
        }),
    },
    rules,
  )
  const named = batchOf(encodeSentences(voyage({ mmsi, name: 'AGAIN' })))
  const [log = []] = passagesOfGate([mmsi], 20)
  const lost = await store.prepare([named])
  failing = true
  await expect(store.write(lost)).rejects.toThrow('the disk is full')
  failing = false
  for (const batch of [named, batchOf(log)]) await store.write(await store.prepare([batch]))
  await alone.end()
  const { rows } = await pool.query('SELECT name, lat FROM target WHERE mmsi = $1', [mmsi])
  expect(rows).toEqual([{ name: 'AGAIN', lat: expect.closeTo(36.1, 1) }])
  expect(await storedOf(mmsi)).toBe(20)
})
