import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPool } from '../src/database/pool.ts'
import type { Sql } from '../src/database/transaction.ts'
import { createLogger } from '../src/logging/logger.ts'
import { Secret } from '../src/service/secret.ts'
import { createTestDatabase, type TestDatabase } from '../src/testing/database.ts'
import { startTestService, type TestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'
import { listener, notes } from './notes/notes.ts'

type Notes = TestService<{ database: { sql: Sql } }>

const cursorKey = 'the first of the keys for cursors in tests'
const webhookKey = 'the first of the keys for webhooks in tests'

let folder: string
let database: TestDatabase
let admin: pg.Client
let role: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'porttrack-secrets-'))
  database = await createTestDatabase('notes', notes.migrations as URL)
  admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  role = `rotated_${new URL(database.url).pathname.slice(1)}`
  await admin.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD 'password-1'`)
})
afterEach(async () => {
  await admin.query(`DROP ROLE IF EXISTS ${role}, ${role}_b`)
  await admin.end()
  await database[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Gives a secret its value as Kubernetes does: whole, from one moment to the next. */
const give = (name: string, value: string): void => {
  writeFileSync(join(folder, `${name}.new`), `${value}\n`)
  renameSync(join(folder, `${name}.new`), join(folder, name))
}
const urlWith = (password: string): string => {
  const url = new URL(database.url)
  url.username = role
  url.password = password
  return url.href
}
const alter = (password: string) => admin.query(`ALTER ROLE ${role} PASSWORD '${password}'`)

const startNotes = (issuer = new TokenIssuer(['gateway', 'notes', 'carga'])): Promise<Notes> =>
  startTestService(notes, {
    issuer,
    databaseUrl: database.url,
    env: { SECRETS_DIR: folder },
  })

/** Runs `work` over and over in `width` lanes, and gives what they got when told to end. */
const keepDoing = <T>(width: number, work: () => Promise<T>) => {
  const enough = new AbortController()
  const got: (T | string)[] = []
  const lanes = Array.from({ length: width }, async () => {
    while (!enough.signal.aborted) {
      got.push(await work().catch((error: Error) => error.message))
      await sleep(5)
    }
  })
  return async () => {
    enough.abort()
    await Promise.all(lanes)
    return got
  }
}

/** Connections of the role that were opened before `moment` (of the database's clock). */
const olderThan = async (moment: Date): Promise<number> => {
  const { rows } = await admin.query(
    'SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = $1 AND backend_start < $2',
    [role, moment],
  )
  return rows[0].count
}
const databaseClock = async (): Promise<Date> =>
  (await admin.query('SELECT clock_timestamp() AS now')).rows[0].now

describe('the password of the database', () => {
  const useWhile = async (service: Notes, change: () => Promise<void>) => {
    const ask = async () => (await service.request('GET', '/v1/notes')).status
    const write = async () =>
      (await service.request('POST', '/v1/notes', { body: { text: 'written' } })).status
    const narrow = [keepDoing(1, ask), keepDoing(1, write)]
    await sleep(300)
    await change()
    // More at once than there are connections: new ones are opened.
    const wide = keepDoing(12, ask)
    await sleep(1_000)
    return async () => {
      return new Set((await Promise.all([...narrow, wide].map((end) => end()))).flat())
    }
  }

  it('may be changed in the secret first, without a failed request', async () => {
    give('DATABASE_URL', urlWith('password-1'))
    give('CURSOR_KEY', cursorKey)
    give('WEBHOOK_KEY', webhookKey)
    await using service = await startNotes()
    const end = await useWhile(service, async () => {
      give('DATABASE_URL', urlWith('password-2'))
      // Longer than a request waits for a password that is accepted.
      await sleep(5_500)
    })
    const moment = await databaseClock()
    await alter('password-2')
    await expect.poll(() => olderThan(moment)).toBe(0)
    expect(await end()).toEqual(new Set([200, 201]))
    const said = service.logs().map(({ message }) => message)
    expect(said).toContain(
      'the new secret of the database is not accepted yet, the one before stays in use',
    )
    expect(said).toContain('new connections to the database use the new secret')
    expect(JSON.stringify(service.logs())).not.toMatch(/password-\d|keys for (?:cursors|webhooks)/)
  })

  it('may be changed at the server first, without a failed request', async () => {
    give('DATABASE_URL', urlWith('password-1'))
    await using service = await startNotes()
    let moment = new Date(0)
    const end = await useWhile(service, async () => {
      await alter('password-2')
      moment = await databaseClock()
    })
    give('DATABASE_URL', urlWith('password-2'))
    await expect.poll(() => olderThan(moment)).toBe(0)
    expect(await end()).toEqual(new Set([200, 201]))
    // Also another user altogether, as those have it who rotate by turns.
    await admin.query(`CREATE ROLE ${role}_b SUPERUSER LOGIN PASSWORD 'password-b'`)
    give('DATABASE_URL', urlWith('password-b').replace(role, `${role}_b`))
    const users = async () =>
      await service.opened.database.sql<{ name: string }>('SELECT current_user::text AS name')
    await expect.poll(users).toEqual([{ name: `${role}_b` }])
  })

  it('that is wrong, or half written, does no harm while the one before works', async () => {
    give('DATABASE_URL', urlWith('password-1'))
    await using service = await startNotes()
    const end = keepDoing(4, async () => (await service.request('GET', '/v1/notes')).status)
    const said = () => service.logs().map(({ message }) => message)
    give('DATABASE_URL', urlWith('password-wrong'))
    await expect.poll(said).toContainEqual(expect.stringContaining('is not accepted yet'))
    give('DATABASE_URL', urlWith('password-1').slice(0, -9))
    await sleep(2_000)
    give('DATABASE_URL', 'postgr')
    await expect.poll(said).toContain('secret not usable, the one before stays in use')
    expect(new Set(await end())).toEqual(new Set([200]))
    expect(JSON.stringify(service.logs())).not.toContain('password-')
  })

  it('that is accepted by nobody is answered 503, and liveness stays', async () => {
    give('DATABASE_URL', urlWith('password-wrong'))
    await using service = await startNotes()
    const { status, headers, text } = await service.request('GET', '/v1/notes')
    expect([status, headers['retry-after']]).toEqual([503, '2'])
    expect(text).not.toMatch(/password|rotated/)
    expect((await fetch(`${service.managementUrl}/health/live`)).status).toBe(200)
  })

  it('is changed for Prisma’s adapter as well', async () => {
    let url = urlWith('password-1')
    const log = createLogger({ service: 'tests', version: 'test', level: 'silent' })
    const pool = openPool({ url: new Secret(() => url), log, size: 5 })
    const adapter = await new PrismaPg(pool).connect()
    const query = { sql: 'SELECT 1', args: [], argTypes: [] }
    const ask = async () => (await adapter.queryRaw(query)).rows.length
    const work = async () => {
      const transaction = await adapter.startTransaction()
      const { rows } = await transaction.queryRaw(query)
      await transaction.executeRaw({ ...query, sql: 'COMMIT' })
      await transaction.commit()
      return rows.length
    }
    const narrow = [keepDoing(1, ask), keepDoing(1, work)]
    await sleep(200)
    await alter('password-2')
    const moment = await databaseClock()
    const wide = keepDoing(6, work)
    await sleep(500)
    url = urlWith('password-2')
    await expect.poll(() => olderThan(moment)).toBe(0)
    const got = await Promise.all([...narrow, wide].map((end) => end()))
    expect(new Set(got.flat())).toEqual(new Set([1]))
    await adapter.dispose()
    await pool.end()
  })
})

describe('a key', () => {
  it('for cursors is replaced in steps, and cursors made before stay good until it goes', async () => {
    give('DATABASE_URL', urlWith('password-1'))
    give('CURSOR_KEY', cursorKey)
    await using service = await startNotes()
    for (const text of ['a', 'b', 'c']) {
      await service.request('POST', '/v1/notes', { body: { text } })
    }
    const first = await service.request('GET', '/v1/notes?limit=1')
    const page = async (cursor: string) =>
      await service.request('GET', `/v1/notes?limit=1&cursor=${cursor}`)
    const next = 'the second of the keys for cursors in tests'
    give('CURSOR_KEY', `${next},${cursorKey}`)
    await expect
      .poll(async () => (await service.request('GET', '/v1/notes?limit=1')).body.next)
      .not.toBe(first.body.next)
    const second = await page(first.body.next)
    expect(second.body.items).toMatchObject([{ text: 'b' }])
    give('CURSOR_KEY', next)
    await expect.poll(async () => (await page(first.body.next)).status).toBe(400)
    expect((await page(second.body.next)).body.items).toMatchObject([{ text: 'c' }])
    // One that is too short is not taken.
    give('CURSOR_KEY', 'short')
    await sleep(2_000)
    expect((await page(second.body.next)).status).toBe(200)
  })

  it('that signs tokens is replaced while a feed is read, and no token is refused', async () => {
    give('DATABASE_URL', urlWith('password-1'))
    await using service = await startNotes()
    const { issuer } = service
    const own = join(folder, 'listener')
    mkdirSync(own)
    writeFileSync(join(own, 'SIGNING_KEY'), issuer.signingKey('carga'))
    await using reader = await startTestService(listener, {
      issuer,
      env: { NOTES_URL: service.url, SECRETS_DIR: own },
    })
    const heard = async () =>
      (await reader.opened.database.sql<{ text: string }>('SELECT text FROM echo')).map(
        ({ text }) => text,
      )
    const write = async (text: string) => {
      await service.request('POST', '/v1/notes', { body: { text } })
      await sleep(100)
    }
    // Something to read at any time, so that the reader signs and the writer checks.
    const end = keepDoing(1, () => write('meanwhile'))
    await expect.poll(heard).toContain('meanwhile')
    const retire = issuer.add('carga', 'carga-2')
    // Whoever checks tokens has read the set again before anyone signs with the new key.
    await sleep(2_500)
    const next = issuer.signingKey('carga')
    writeFileSync(join(own, 'SIGNING_KEY'), next.slice(0, -20))
    const told = () => reader.logs().map(({ message }) => message)
    await expect.poll(told).toContain('secret not usable, the one before stays in use')
    writeFileSync(join(own, 'SIGNING_KEY'), next)
    await sleep(2_500)
    retire()
    await sleep(2_500)
    await write('after')
    await expect.poll(heard).toContain('after')
    await end()
    const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
    expect(metrics).not.toContain('authentication_failures_total{')
    const used = reader.logs().filter(({ message }) => message === 'feed not read, trying again')
    expect(used).toEqual([])
    expect(JSON.stringify(reader.logs())).not.toContain(JSON.parse(next).d)
  })
})

it('that is missing ends the process with 1, named', async () => {
  give('WEBHOOK_KEY', 'too short')
  const child = spawn(
    process.execPath,
    ['--conditions=source', join(import.meta.dirname, 'webhooks', 'notes-main.ts')],
    { env: { PORT: '0', MANAGEMENT_PORT: '0', SECRETS_DIR: folder } },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = await once(child, 'close')
  expect(code).toBe(1)
  for (const name of ['CURSOR_KEY', 'DATABASE_URL']) expect(said).toContain(`${name} is missing`)
  expect(said).toContain('WEBHOOK_KEY must match')
  expect(said).not.toContain('too short')
})
