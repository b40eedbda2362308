import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { withClient } from './session.ts'

const kitMigrations = new URL('../../migrations/', import.meta.url)

/** Held for as long as a migration runs, so that replicas that start together migrate once. */
const migrationLock = 7_316_002

/**
 * Brings a service's database to its newest schema: first the kit's own tables (schema `kit`), then
 * the service's (schema `public`). Prisma's schema engine runs as WebAssembly, so nothing is
 * downloaded, and the history is an ordinary `_prisma_migrations` that Prisma's own commands read.
 *
 * @param migrations folder that holds `<utc>_<what>/migration.sql`
 * @returns the names of the migrations that were applied; empty when the schema was up to date
 * @throws when a migration fails: nothing of it stays but its record, and nothing after it runs
 */
export const migrate = (url: string, migrations: URL): Promise<string[]> =>
  withClient(url, async (session) => {
    await session.query('SELECT pg_advisory_lock($1)', [migrationLock])
    await session.query('CREATE SCHEMA IF NOT EXISTS kit')
    return [
      ...(await apply({ url, folder: kitMigrations, schema: 'kit' })),
      ...(await apply({ url, folder: migrations, schema: 'public' })),
    ]
  })

type Application = { url: string; folder: URL; schema: string }

const apply = async ({ url, folder, schema }: Application): Promise<string[]> => {
  const { SchemaEngine } = await loadSchemaEngine()
  // The engine names no schema in its statements: the session's search path decides where they go.
  const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema},public` })
  // A connection that breaks fails the statement that is next; without a listener it would end the process.
  pool.on('error', () => undefined)
  const adapter = bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool, { schema }))
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter)
  try {
    const names = (await readdir(folder)).filter((name) => /^\d{14}_/.test(name)).toSorted()
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir: fileURLToPath(folder),
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
        shadowDbInitScript: '',
        migrationDirectories: await Promise.all(
          names.map(async (path) => ({
            path,
            migrationFile: {
              path: 'migration.sql',
              content: {
                tag: 'ok' as const,
                value: await readFile(new URL(`${path}/migration.sql`, folder), 'utf8'),
              },
            },
          })),
        ),
      },
      filters: { externalTables: [], externalEnums: [] },
    })
    return appliedMigrationNames
  } finally {
    engine.free()
    // The engine's own lock is freed with its connection; an idle one would hold up the next run.
    await pool.end()
  }
}

/**
 * Sends a script in one message, as Prisma's own engine does, so that PostgreSQL runs it as a whole
 * or not at all. The adapter itself cuts scripts at every semicolon, also those of comments, texts and
 * function bodies, and commits the pieces one by one.
 */
class WholeScripts extends PrismaPg {
  override async connect() {
    const adapter = await super.connect()
    adapter.executeScript = async (script) => {
      // Without arguments the adapter uses the simple query protocol, which takes many statements.
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] })
    }
    return adapter
  }
}

type SchemaEngineModule = typeof import('@prisma/schema-engine-wasm')
type Bindings = SchemaEngineModule & { __wbg_set_wasm: (exports: unknown) => void }
declare const WebAssembly: {
  instantiate: (
    bytes: Uint8Array,
    imports: object,
  ) => Promise<{ instance: { exports: { __wbindgen_start: () => void } } }>
}

let loading: Promise<SchemaEngineModule> | undefined

/**
 * Loaded only when something migrates, since the engine takes tens of megabytes; and instantiated by
 * hand, since the package's entry relies on WebAssembly imports, which Node calls experimental.
 */
const loadSchemaEngine = (): Promise<SchemaEngineModule> => {
  loading ??= (async () => {
    const glue = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    const bindings = (await import(glue)) as Bindings
    const bytes = await readFile(new URL('schema_engine_bg.wasm', glue))
    const { instance } = await WebAssembly.instantiate(bytes, {
      './schema_engine_bg.js': bindings,
    })
    bindings.__wbg_set_wasm(instance.exports)
    instance.exports.__wbindgen_start()
    return bindings
  })()
  return loading
}
