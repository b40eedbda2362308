import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames, type ServiceName } from '@porttrack/scripts/platform/platform'
import { prepareKeys } from '@porttrack/scripts/platform/keys'
import { ephemeralPorts } from '@porttrack/scripts/platform/ports'
import { repositoryRoot } from '@porttrack/scripts/platform/repository'

/** A service of this clone that runs on a database. */
export type RunningService = AsyncDisposable & {
  url: string
  /** Seconds from its start until it was ready. */
  readyAfter: number
}

/** Milliseconds that a start may take. */
const patience = 60_000

/** @throws when `name` is no service with a database */
export const serviceNamed = (name: string | undefined): ServiceName => {
  const found = serviceNames.find((service) => service === name)
  if (!found) throw new Error(`"${name}" is no service: ${serviceNames.join(', ')}`)
  return found
}

/**
 * Brings the schema of a database up to date with this clone and runs the service on it, with keys of
 * its own and without jobs, consumers and webhooks, so that nothing leaves it.
 *
 * @param env settings beside the usual ones
 * @throws when it ends or is not ready within a minute, with its last lines
 */
export const runService = async (
  service: ServiceName,
  { url, env = {} }: { url: string; env?: Record<string, string> },
): Promise<RunningService> => {
  await using undo = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'porttrack-restored-'))
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  const { keySetFile, signingKeys } = await prepareKeys(join(folder, 'keys'), [service])
  const ports = await ephemeralPorts()
  const [port, management] = [ports[service], ports[`${service}-management`]]
  const environment = {
    PATH: process.env['PATH'],
    DATABASE_URL: url,
    BACKGROUND: 'off',
    PORT: String(port),
    MANAGEMENT_PORT: String(management),
    INTERNAL_KEY_SET_FILE: keySetFile,
    SIGNING_KEY: signingKeys[service],
    CURSOR_KEY: crypto.randomUUID(),
    WEBHOOK_KEY: crypto.randomUUID(),
    BARCOS_URL: 'http://127.0.0.1:1',
    CARGA_URL: 'http://127.0.0.1:1',
    RUTAS_URL: 'http://127.0.0.1:1',
    PERSONAL_URL: 'http://127.0.0.1:1',
    ...env,
  }
  const logFile = join(folder, 'log')
  const start = (...args: string[]) => {
    const main = join(repositoryRoot, 'services', service, 'src', 'main.ts')
    const child = spawn(process.execPath, ['--conditions=source', main, ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(logFile, { flags: 'a' })
    child.stdout.pipe(log)
    child.stderr.pipe(log)
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { child, ended }
  }
  const failure = async (what: string): Promise<Error> => {
    const lines = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n')
    return new Error(`${service} ${what}:\n${lines.slice(-5).join('\n')}`)
  }

  if ((await start('migrate').ended) !== 0) throw await failure('could not migrate')
  const health = `http://127.0.0.1:${management}/health/ready`
  const begun = performance.now()
  const { child, ended } = start()
  undo.defer(async () => {
    child.kill('SIGTERM')
    await ended
  })
  for (;;) {
    if (child.exitCode !== null) throw await failure('did not start')
    const answer = await fetch(health, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
    if (answer?.ok) break
    if (performance.now() - begun > patience) throw await failure('was not ready within a minute')
    await sleep(50)
  }
  const stack = undo.move()
  return {
    url: `http://127.0.0.1:${port}`,
    readyAfter: (performance.now() - begun) / 1_000,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
