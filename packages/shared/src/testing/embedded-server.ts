import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartError } from '@porttrack/local-postgres/managed-process'
import { openPostgres } from '@porttrack/local-postgres/postgres'
import type { PostgresServer } from './postgres-server.ts'

/** A server that a test may kill, as the kernel does that is out of memory, and start again on its data. */
export type EmbeddedServer = PostgresServer & {
  kill: () => Promise<void>
  start: () => Promise<void>
}

/** Ports that are tried: between the look at one and its use another process may have taken it. */
const mostPorts = 5

/** Starts the PostgreSQL that comes with the development dependencies, in a folder of its own. */
export const startEmbeddedServer = async (): Promise<EmbeddedServer> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startServer()
    } catch (error) {
      const taken =
        error instanceof StartError &&
        error.crash.lines.some((line) => line.includes('Address already in use'))
      if (!taken || attempt === mostPorts) throw error
    }
  }
}

const startServer = async (): Promise<EmbeddedServer> => {
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
  const remove = async (): Promise<void> => {
    await server.removeData()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await server.process.start()
  } catch (error) {
    await remove()
    throw error
  }
  return {
    url: server.superuserUrl('postgres'),
    kill: () => server.process.kill(),
    start: () => server.process.start(),
    stop: async () => {
      await server.process.stop()
      await remove()
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
