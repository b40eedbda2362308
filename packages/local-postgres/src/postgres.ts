import { spawn } from 'node:child_process'
import { chmod, chown, lstat, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { giveTo, postgresHome, removePostgresHome } from './postgres-home.ts'
import type { PostgresHome } from './postgres-home.ts'
import { commandLine, endProcess, identify } from './process-identity.ts'
import { manageProcess, StartError } from './managed-process.ts'
import type { Crash, ManagedProcess } from './managed-process.ts'

const run = promisify(execFile)

/** The version whose data folder the packaged server reads. */
const majorVersion = '18'

export interface PostgresOptions {
  readonly stateDirectory: string
  readonly port: number
  /** Of the role `postgres`, set when the data folder is made. */
  readonly superuserPassword: string
  readonly logFile: string
  /** False gives up surviving a power cut for speed: for data that a test throws away. */
  readonly durable: boolean
  /** Parameters of `postgresql.conf` beside those that it is always started with. */
  readonly parameters?: Readonly<Record<string, string>>
  readonly onCrash: (crash: Crash) => void
}

export interface DatabaseRole {
  /** Of the database and of the role that owns it. */
  readonly name: string
  readonly password: string
}

export interface PostgresServer {
  readonly process: ManagedProcess
  readonly moved: string | undefined
  /** Stops a server that a killed process left running on this data. */
  endLeftBehind(): Promise<void>
  /** Makes what is missing: one database owned by one role each, none of which sees another's. */
  prepare(roles: readonly DatabaseRole[]): Promise<void>
  url(role: DatabaseRole): string
  /** As the role `postgres`, for tests and measurements that need it. */
  superuserUrl(database: string): string
  /** Deletes all databases. The server must not run. */
  removeData(): Promise<void>
}

/**
 * The embedded PostgreSQL server, not yet started.
 *
 * @throws when root cannot give the server a user or a folder, see `postgresHome`
 */
export async function openPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const home = await postgresHome(options.stateDirectory)
  const data = join(home.directory, 'data')
  const managed = manageProcess({
    name: 'postgres',
    command: join(home.programs, 'postgres'),
    arguments: serverArguments(data, options),
    environment: { LC_MESSAGES: 'C' },
    directory: '/',
    logFile: options.logFile,
    ready: async () => await answers(options),
    readyTimeoutMs: 60_000,
    endsWithParent: false,
    stopSignal: 'SIGINT',
    stopTimeoutMs: 20_000,
    user: home.user,
    onCrash: options.onCrash,
  })
  let watchdog: (() => void) | undefined

  async function start(): Promise<void> {
    await makeData(home, options)
    await endLeftBehind(data)
    await startPatiently(managed)
    watchdog = endWithThisProcess(managed.pid)
  }

  return {
    moved: home.moved,
    process: {
      name: managed.name,
      logFile: managed.logFile,
      get pid() {
        return managed.pid
      },
      identity: async () => await managed.identity(),
      start,
      async kill() {
        watchdog?.()
        await managed.kill()
      },
      async stop() {
        watchdog?.()
        await managed.stop()
      },
    },
    async endLeftBehind() {
      await endLeftBehind(data)
    },
    async prepare(roles) {
      await prepareDatabases(roles, (database) => superuserUrl(options, database))
    },
    url({ name, password }) {
      return `postgresql://${name}:${encodeURIComponent(password)}@127.0.0.1:${options.port}/${name}`
    },
    superuserUrl(database) {
      return superuserUrl(options, database)
    },
    async removeData() {
      await endLeftBehind(data)
      await removePostgresHome(home)
    },
  }
}

/** Deletes all databases. The server must not run. */
export async function removePostgresData(stateDirectory: string): Promise<void> {
  const home = await postgresHome(stateDirectory)
  await endLeftBehind(join(home.directory, 'data'))
  await removePostgresHome(home)
}

function superuserUrl(options: PostgresOptions, database: string): string {
  const password = encodeURIComponent(options.superuserPassword)
  return `postgresql://postgres:${password}@127.0.0.1:${options.port}/${database}`
}

function serverArguments(data: string, options: PostgresOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    // No file in a folder that everyone shares, where two servers could meet.
    unix_socket_directories: '',
    max_connections: '300',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...options.parameters,
  }
  return [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ]
}

async function makeData(home: PostgresHome, options: PostgresOptions): Promise<void> {
  const data = join(home.directory, 'data')
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version?.trim() === majorVersion) return
  if (version !== undefined) {
    throw new Error(
      `the data in ${data} was written by PostgreSQL ${version.trim()}, ` +
        `this is ${majorVersion}: begin anew with --fresh`,
    )
  }
  if ((await lstat(data).catch(() => undefined)) !== undefined) {
    throw new Error(`${data} holds no database: begin anew with --fresh`)
  }
  // Made under another name first: a start that is broken off leaves nothing that looks whole.
  const partial = `${data}.partial`
  await rm(partial, { recursive: true, force: true })
  await giveTo(home.user, partial)
  const passwordFile = join(home.directory, 'superuser-password')
  await writeFile(passwordFile, `${options.superuserPassword}\n`, { mode: 0o600 })
  try {
    if (home.user !== undefined) await chown(passwordFile, home.user.uid, home.user.gid)
    const initdb = join(home.programs, 'initdb')
    await chmod(initdb, 0o755).catch(() => undefined)
    await run(
      initdb,
      [
        `--pgdata=${partial}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The same order of text on every machine, whatever locales it has.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(options.durable ? [] : ['--no-sync']),
      ],
      { ...home.user, cwd: '/', env: { PATH: process.env['PATH'], LC_MESSAGES: 'C', LC_ALL: 'C' } },
    )
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new Error(`initdb failed: ${stderr?.trim() ?? String(error)}`, { cause: error })
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(partial, data)
}

/**
 * Stops a server that still serves this data folder because whoever started it was killed, and
 * removes a pid file whose process is long gone, or is not a server at all: such a file would keep
 * the new one from starting.
 */
async function endLeftBehind(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid')
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0])
  if (pid === 0 || Number.isNaN(pid)) return
  const [identity, command] = await Promise.all([identify(pid), commandLine(pid)])
  if (identity !== undefined && command?.includes(`-D ${data}`) === true) {
    await endProcess(identity, { signal: 'SIGINT', patienceMs: 10_000 })
  }
  await rm(pidFile, { force: true })
}

/** After a kill -9 the server's own children need a moment to notice; until then it refuses. */
async function startPatiently(managed: ManagedProcess): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    try {
      await managed.start()
      return
    } catch (error) {
      const refused =
        error instanceof StartError &&
        // Its old children may say their last words after it.
        error.crash.lines.some((line) => /shared memory block|lock file/.test(line))
      if (!refused || Date.now() > deadline) throw error
      await sleep(200)
    }
  }
}

/**
 * PostgreSQL does not notice that the process that started it is gone. A shell holds the end of a
 * pipe and does: it stops the server when the pipe closes.
 *
 * @returns a function that dismisses the shell
 */
function endWithThisProcess(pid: number | undefined): () => void {
  if (pid === undefined || process.platform === 'win32') return () => undefined
  const shell = spawn('/bin/sh', ['-c', 'read -r _ || kill -INT "$1"', 'sh', String(pid)], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.on('error', () => undefined)
  shell.stdin.on('error', () => undefined)
  shell.unref()
  return () => {
    shell.kill('SIGKILL')
  }
}

async function answers(options: PostgresOptions): Promise<boolean> {
  const client = new pg.Client({
    connectionString: superuserUrl(options, 'postgres'),
    connectionTimeoutMillis: 1_000,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === '28P01') {
      throw new Error(
        'the password of the database does not fit its data: begin anew with --fresh',
        {
          cause: error,
        },
      )
    }
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function prepareDatabases(
  roles: readonly DatabaseRole[],
  urlOf: (database: string) => string,
): Promise<void> {
  const missing = await withClient(urlOf('postgres'), async (client) => {
    for (const { name, password } of roles) {
      const role = client.escapeIdentifier(name)
      const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name])
      if (rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN`)
      await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(password)}`)
    }
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database')
    const existing = new Set(rows.map(({ datname }) => datname))
    return roles.filter(({ name }) => !existing.has(name))
  })
  // Each copies the same template, which only one may do at a time.
  await withClient(urlOf('postgres'), async (client) => {
    for (const { name } of missing) {
      const database = client.escapeIdentifier(name)
      await client.query(`CREATE DATABASE ${database} OWNER ${database}`)
    }
    // Of every database: a start that was broken off may have made one and closed it to nobody.
    for (const { name } of roles) {
      await client.query(`REVOKE ALL ON DATABASE ${client.escapeIdentifier(name)} FROM PUBLIC`)
    }
  })
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
