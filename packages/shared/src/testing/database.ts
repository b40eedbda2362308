import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { migrate } from '../database/migrate.ts'
import { databaseOn, withClient } from '../database/session.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser URL of the server that the test run started. */
    postgresUrl: string
  }
}

/** A database of its own for one suite, dropped when disposed of. */
export type TestDatabase = AsyncDisposable & { url: string }

/** Migrates a template once a run, however many suites ask, and clones it for each. */
export const createTestDatabase = async (name: string, migrations: URL): Promise<TestDatabase> => {
  const server = inject('postgresUrl')
  const template = `template_${name}`
  const clone = `test_${name}_${randomBytes(6).toString('hex')}`
  await withClient(server, async (client) => {
    // Held by one suite while it makes the template; the others wait and find it made.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [template])
    const known = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
    if (known.rowCount === 0) {
      await client.query(`CREATE DATABASE ${template}_new`)
      await migrate(databaseOn(server, `${template}_new`), migrations)
      await client.query(`ALTER DATABASE ${template}_new RENAME TO ${template}`)
    }
    await client.query(`CREATE DATABASE ${clone} TEMPLATE ${template}`)
  })
  return {
    url: databaseOn(server, clone),
    [Symbol.asyncDispose]: () =>
      withClient(server, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${clone} WITH (FORCE)`)
      }),
  }
}
