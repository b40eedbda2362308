import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { vi } from 'vitest'
import { keepAll } from './policy.ts'

/** rutas as a process of its own. */
export type Replica = { url: string; managementUrl: string; process: ChildProcess }

/** A port that nobody listens at now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** Starts a process on the database of a service that runs in the test's own, and waits for it. */
export const startReplica = async (
  { issuer, databaseUrl }: { issuer: TokenIssuer; databaseUrl: string },
  env: Record<string, string> = {},
): Promise<Replica> => {
  const [port, managementPort] = [await freePort(), await freePort()]
  const child = spawn(
    process.execPath,
    ['--conditions=source', new URL('main.ts', import.meta.url).pathname],
    {
      env: {
        ...keepAll,
        HOST: '127.0.0.1',
        PORT: String(port),
        MANAGEMENT_PORT: String(managementPort),
        SHED_DELAY_SECONDS: '3600',
        CURSOR_KEY: 'a key that only tests use: 32 characters',
        WEBHOOK_KEY: 'a key that only tests use: 32 characters',
        INTERNAL_KEY_SET_FILE: issuer.keySetFile,
        SIGNING_KEY: issuer.signingKey('rutas'),
        DATABASE_URL: databaseUrl,
        ...env,
      },
      stdio: 'ignore',
    },
  )
  const replica = {
    url: `http://127.0.0.1:${port}`,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    process: child,
  }
  const leads = () => metricOf(replica, 'rutas_ais_ingest_leads')
  try {
    await vi.waitUntil(async () => (await leads()) !== null, { timeout: 60_000, interval: 200 })
  } catch (error) {
    await killReplica(replica)
    throw error
  }
  return replica
}

/** Value of a series, such as `name{label="value"}`; null where there is none. */
export const metricOf = async (
  { managementUrl }: Pick<Replica, 'managementUrl'>,
  series: string,
): Promise<number | null> => {
  const answer = await fetch(`${managementUrl}/metrics`).catch(() => null)
  const lines = ((await answer?.text()) ?? '').split('\n')
  const found = lines.find((line) => line.startsWith(`${series} `))
  return found === undefined ? null : Number(found.slice(series.length + 1))
}

export const killReplica = async ({ process: child }: Replica): Promise<void> => {
  child.kill('SIGKILL')
  await once(child, 'exit')
}
