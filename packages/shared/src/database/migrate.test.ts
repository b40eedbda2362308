import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { createTestDatabase } from '../testing/database.ts'
import { migrate } from './migrate.ts'

/** A database with the kit's tables only, and a folder for the migrations of a test. */
const start = async () => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'porttrack-migrations-'))
  const migrations = pathToFileURL(`${folder.path}/`)
  const database = await createTestDatabase('migrate', migrations)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  return {
    client,
    add: async (name: string, sql: string) => {
      await mkdir(join(folder.path, name))
      await writeFile(join(folder.path, name, 'migration.sql'), sql)
    },
    run: () => migrate(database.url, migrations),
    [Symbol.asyncDispose]: async () => {
      await client.end()
      await database[Symbol.asyncDispose]()
      await folder.remove()
    },
  }
}

describe('migrate', () => {
  it('applies each migration once, in the order of their names', async () => {
    await using test = await start()
    await test.add('20260102000000_second', 'ALTER TABLE berth ADD COLUMN length integer;')
    await test.add('20260101000000_first', 'CREATE TABLE berth (id integer);')
    expect(await test.run()).toEqual(['20260101000000_first', '20260102000000_second'])
    expect(await test.run()).toEqual([])
  })

  it('reads semicolons in comments, texts and function bodies as PostgreSQL does', async () => {
    await using test = await start()
    await test.add(
      '20260101000000_semicolons',
      `-- Berths; they are only ever added.
       CREATE TABLE berth (name text DEFAULT 'a;b');
       CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'only ever added'; END; $$;
       INSERT INTO berth DEFAULT VALUES;`,
    )
    await test.run()
    expect((await test.client.query('SELECT name FROM berth')).rows).toEqual([{ name: 'a;b' }])
  })

  it('leaves nothing of a migration that fails, names its error, and runs none after it', async () => {
    await using test = await start()
    await test.add('20260101000000_fails', 'CREATE TABLE berth (id integer); SELECT 1 / 0;')
    await test.add('20260102000000_after', 'CREATE TABLE crane (id integer);')
    await expect(test.run()).rejects.toThrow('division by zero')
    const tables = await test.client.query(
      `SELECT tablename FROM pg_tables WHERE tablename IN ('berth', 'crane')`,
    )
    expect(tables.rows).toEqual([])
  })

  it('migrates once when replicas start together', async () => {
    await using test = await start()
    await test.add('20260101000000_first', 'CREATE TABLE berth (id integer);')
    const applied = await Promise.all([test.run(), test.run(), test.run()])
    expect(applied.flat()).toEqual(['20260101000000_first'])
  })
})
