import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from '@porttrack/local-postgres/postgres'
import type { PostgresServer } from './postgres-server.ts'

/** A server that a test may kill, as the kernel does that is out of memory, and start again on its data. */
export type EmbeddedServer = PostgresServer & {
  kill: () => Promise<void>
  start: () => Promise<void>
}

/** Starts the PostgreSQL that comes with the development dependencies, in a folder of its own. */
export const startEmbeddedServer = async (): Promise<EmbeddedServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'porttrack-test-'))
  const server = await openPostgres({
    stateDirectory: directory,
    port: await freePort(),
    superuserPassword: 'tests',
    logFile: join(directory, 'postgres.log'),
    durable: false,
    onCrash: ({ how, lines }) => {
      process.stderr.write(`the PostgreSQL server of the tests ${how}\n${lines.join('\n')}\n`)
    },
  })
  await server.process.start()
  return {
    url: server.superuserUrl('postgres'),
    kill: () => server.process.kill(),
    start: () => server.process.start(),
    stop: async () => {
      await server.process.stop()
      await server.removeData()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
