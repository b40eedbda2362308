import { pgDatabase } from '@porttrack/shared/database/transaction'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aisStore } from '../src/ais/ais.store.ts'
import type { Batch } from '../src/ais/batch.ts'
import { createIntake, type IncomingMessage } from '../src/ais/intake.ts'
import { rutas } from '../src/service.ts'
import { passagesOfGate } from './gate.ts'
import { keepAll } from './policy.ts'

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
    {
      marginMetres: 50,
      tracks: { detailDays: 10_000, keepDays: 10_000 },
      remembered: { stations: 10, messages: 1 },
    },
  )
  const batch: Batch = {
    sender: 'tester',
    messages: messagesOf(log),
    partsToKeep: [],
    partsToDrop: [],
  }
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
  const { rows } = await pool.query('SELECT count(*)::int AS n FROM position WHERE mmsi = $1', [
    mmsi,
  ])
  expect(rows).toEqual([{ n: 20 }])
})
