import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keysUrl, openCognito } from './cognito.ts'
import { acceptedClientIds, userPoolId } from './identities.ts'
import { prepareKeys } from './keys.ts'
import type { ProcessKeys } from './keys.ts'
import { startMachineTokenServer } from './machine-tokens.ts'
import type { MachineTokenServer } from './machine-tokens.ts'
import { ephemeralPorts, repeatedPorts, takenPorts } from './ports.ts'
import type { PortName, Ports } from './ports.ts'
import { openPostgres, removePostgresData } from '@porttrack/local-postgres/postgres'
import type { PostgresServer } from '@porttrack/local-postgres/postgres'
import { answersOk, manageProcess } from '@porttrack/local-postgres/managed-process'
import type { Crash, ManagedProcess } from '@porttrack/local-postgres/managed-process'
import { repositoryRoot } from './repository.ts'
import { claim } from './running.ts'
import type { RunningClaim } from './running.ts'
import { prepareSecrets } from './secrets.ts'
import type { Secrets } from './secrets.ts'
import { signIn } from './sign-in.ts'
import type { AccessToken, Identity } from './sign-in.ts'

const run = promisify(execFile)

/**
 * A small young generation, as `start` has it: a third less memory at rest, for about a tenth of what
 * a process can serve at full load. The gateway keeps Node's own, since every request passes it.
 */
const nodeOptions = (name: ApplicationName): string[] =>
  name === 'gateway' ? ['--conditions=source'] : ['--conditions=source', '--max-semi-space-size=4']

/** The services, each with a database of its own. */
export const serviceNames = ['barcos', 'carga', 'rutas', 'personal'] as const

export type ServiceName = (typeof serviceNames)[number]

/** The five processes of PortTrack itself. */
export const applicationNames = [...serviceNames, 'gateway'] as const

export type ApplicationName = (typeof applicationNames)[number]

/** All that runs as a child process. */
export type ProcessName = ApplicationName | 'postgres' | 'cognito'

export interface PlatformOptions {
  /** Data, keys, passwords and logs. Absent: a temporary folder, removed when the platform stops. */
  readonly stateDirectory?: string
  readonly ports: Ports | 'ephemeral'
  /** Deletes what the state folder holds before the start. Default false. */
  readonly fresh?: boolean
  /** Gateway and services show each other certificates, made at each start. Default false. */
  readonly tls?: boolean
  /** Which of the five processes to start. Default all. */
  readonly applications?: readonly ApplicationName[]
  /** Programs other than the sources of the clone: built ones to measure, stand-ins in tests. */
  readonly programs?: Partial<Readonly<Record<ApplicationName, readonly string[]>>>
  /** Settings for all five processes, then for one; they win over the platform's own. */
  readonly environment?: Readonly<Record<string, string>>
  readonly environmentOf?: Partial<
    Readonly<Record<ApplicationName, Readonly<Record<string, string>>>>
  >
  /** False gives up surviving a power cut for speed. Default: true with a state folder. */
  readonly durable?: boolean
  /** Parameters of `postgresql.conf`. Default: PostgreSQL's own. */
  readonly postgresParameters?: Readonly<Record<string, string>>
  /** Default 60 s. */
  readonly readyTimeoutMs?: number
  /** Called as each part becomes ready, and with remarks. */
  readonly onProgress?: (progress: Progress) => void
  /** Called when a child ends unasked after it was ready. Default: does nothing. */
  readonly onCrash?: (crash: Crash) => void
  /** Breaks the start off: what was started is stopped. */
  readonly signal?: AbortSignal
}

export interface Progress {
  readonly what: string
  /** How long that part took; undefined for a remark. */
  readonly seconds: number | undefined
}

export interface Platform extends AsyncDisposable {
  readonly stateDirectory: string
  readonly ports: Ports
  readonly gatewayUrl: string
  /** Base URL of a process's health and metrics. */
  managementUrl(name: ApplicationName): string
  /** A service without the gateway in front of it. */
  serviceUrl(name: ServiceName): string
  databaseUrl(name: ServiceName): string
  /** As the database's superuser. */
  superuserUrl(database: string): string
  /** Where `logs` of each process are. */
  logFile(name: ProcessName): string
  /** Kill, stop and start again single processes. Throws for one that was not started. */
  process(name: ProcessName): ManagedProcess
  /** Another process of the same kind beside the first, until the platform stops; with settings of its own. */
  startReplica(
    name: ApplicationName,
    environment?: Readonly<Record<string, string>>,
  ): Promise<Replica>
  /** A new access token of a seeded user or machine client. */
  signIn(identity: Identity): Promise<AccessToken>
  /** An access token that lasts at least another five minutes: the same as before where it does. */
  token(identity: Identity): Promise<string>
  /** Stops everything, gateway first and database last. May be called more than once. */
  stop(): Promise<void>
}

export interface Replica {
  readonly process: ManagedProcess
  readonly url: string
  /** Base URL of health and metrics. */
  readonly managementUrl: string
}

/** Compiled code of the children, so that they start sooner the next time. */
const compileCache = join(repositoryRoot, 'node_modules', '.cache', 'porttrack-compiled')

/** Ports that something else holds, with their numbers. */
export class PortsTakenError extends Error {
  readonly taken: readonly PortName[]

  constructor(taken: readonly PortName[], ports: Ports) {
    super(taken.map((name) => `port ${ports[name]} (${name}) is taken`).join(', '))
    this.name = 'PortsTakenError'
    this.taken = taken
  }
}

/**
 * Starts everything on this machine: PostgreSQL, the Cognito stand-in, the services, the gateway.
 *
 * @throws AlreadyRunningError, PortsTakenError, StartError; whatever was started is stopped then
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const temporary = options.stateDirectory === undefined
  const stateDirectory = options.stateDirectory ?? (await mkdtemp(join(tmpdir(), 'porttrack-')))
  await mkdir(stateDirectory, { recursive: true })
  // Root lets the database server, which runs as another user, pass through to its own folder.
  await chmod(stateDirectory, userInfo().uid === 0 ? 0o711 : 0o700)
  const ports = options.ports === 'ephemeral' ? await ephemeralPorts() : options.ports
  const claimed = await claim(stateDirectory, ports)
  const removeState = async () => {
    if (!temporary) return
    await removePostgresData(stateDirectory)
    await rm(stateDirectory, { recursive: true, force: true })
  }

  let starting: Starting | undefined
  try {
    if (options.fresh === true) await emptyState(stateDirectory)
    starting = await prepare(options, { stateDirectory, ports, claimed, temporary })
    const { signal } = options
    signal?.throwIfAborted()
    const stopEarly = () => void starting?.stop()
    signal?.addEventListener('abort', stopEarly, { once: true })
    try {
      await startAll(starting, options)
    } finally {
      signal?.removeEventListener('abort', stopEarly)
    }
    signal?.throwIfAborted()
  } catch (error) {
    await starting?.stop()
    await claimed.release()
    await removeState()
    throw error
  }
  return running(starting, { stateDirectory, ports, claimed, removeState })
}

interface Place {
  readonly stateDirectory: string
  readonly ports: Ports
  readonly claimed: RunningClaim
}

interface Starting {
  readonly secrets: Secrets
  readonly postgres: PostgresServer
  readonly processes: ReadonlyMap<ProcessName, ManagedProcess>
  readonly applications: readonly ApplicationName[]
  readonly tls: boolean
  startTokens(): Promise<void>
  startReplica: Platform['startReplica']
  stop(): Promise<void>
}

/** Where a replica listens. */
interface ReplicaPlace {
  readonly port: number
  readonly management: number
  readonly environment: Readonly<Record<string, string>>
}

/** Free ports, of the kind that the platform itself takes. */
async function freePlace(): Promise<Pick<ReplicaPlace, 'port' | 'management'>> {
  const free = await ephemeralPorts()
  return { port: free.gateway, management: free['gateway-management'] }
}

async function prepare(
  options: PlatformOptions,
  place: Place & { readonly temporary: boolean },
): Promise<Starting> {
  const { stateDirectory, ports, temporary } = place
  const logs = join(stateDirectory, 'logs')
  await mkdir(logs, { recursive: true, mode: 0o700 })
  const [secrets, keys] = await Promise.all([
    prepareSecrets(stateDirectory, applicationNames),
    prepareKeys(join(stateDirectory, 'keys'), applicationNames),
  ])
  const certificates = options.tls === true ? await makeCertificates(stateDirectory) : undefined
  const logFile = (name: ProcessName) => join(logs, `${name}.log`)
  const onCrash = (crash: Crash) => options.onCrash?.(crash)

  const postgres = await openPostgres({
    stateDirectory,
    port: ports.postgres,
    superuserPassword: secrets.superuserPassword,
    logFile: logFile('postgres'),
    durable: options.durable ?? !temporary,
    parameters: options.postgresParameters ?? {},
    onCrash,
  })
  if (postgres.moved !== undefined) {
    options.onProgress?.({ what: postgres.moved, seconds: undefined })
  }
  await postgres.endLeftBehind()
  await requireFree(ports)
  const cognito = await openCognito({
    stateDirectory,
    port: ports.cognito,
    secrets,
    logFile: logFile('cognito'),
    compileCache,
    onCrash,
  })

  const applications = options.applications ?? applicationNames
  const processes = new Map<ProcessName, ManagedProcess>()
  const replicas: ManagedProcess[] = []
  const recordChildren = async () => {
    const children = await Promise.all(
      [...processes.values(), ...replicas]
        // A server left behind is found by its own pid file and stopped the way it needs.
        .filter(({ name }) => name !== 'postgres')
        .map(async (child) => await child.identity()),
    )
    await place.claimed.recordChildren(children.filter((child) => child !== undefined))
  }
  const recorded = (child: ManagedProcess): ManagedProcess => ({
    name: child.name,
    logFile: child.logFile,
    get pid() {
      return child.pid
    },
    identity: async () => await child.identity(),
    kill: async () => {
      await child.kill()
    },
    stop: async () => {
      await child.stop()
    },
    async start() {
      await child.start()
      await recordChildren()
    },
  })

  processes.set('postgres', postgres.process)
  processes.set('cognito', recorded(cognito))
  const manageApplication = (name: ApplicationName, replica?: ReplicaPlace): ManagedProcess => {
    const environment = applicationEnvironment(name, {
      ports,
      keys,
      secrets,
      postgres,
      certificates,
    })
    const management = replica?.management ?? ports[`${name}-management`]
    return recorded(
      manageProcess({
        name,
        command: process.execPath,
        arguments: options.programs?.[name] ?? [...nodeOptions(name), sourceOf(name)],
        environment: {
          ...environment,
          NODE_COMPILE_CACHE: compileCache,
          ...options.environment,
          ...options.environmentOf?.[name],
          ...(replica === undefined
            ? {}
            : {
                ...replica.environment,
                PORT: String(replica.port),
                MANAGEMENT_PORT: String(replica.management),
              }),
        },
        directory: repositoryRoot,
        logFile: replica === undefined ? logFile(name) : join(logs, `${name}-${replica.port}.log`),
        ready: async () => await answersOk(`http://127.0.0.1:${management}/health/ready`),
        readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
        endsWithParent: true,
        stopSignal: 'SIGTERM',
        stopTimeoutMs: 25_000,
        onCrash,
      }),
    )
  }
  for (const name of applications) processes.set(name, manageApplication(name))

  let tokens: MachineTokenServer | undefined
  let stopped = false
  return {
    secrets,
    postgres,
    processes,
    applications,
    tls: certificates !== undefined,
    async startTokens() {
      tokens = await startMachineTokenServer({ port: ports.tokens, secrets })
      if (stopped) await tokens.stop()
    },
    async startReplica(name, own = {}) {
      const replica = { ...(await freePlace()), environment: own }
      const child = manageApplication(name, replica)
      replicas.push(child)
      await child.start()
      return {
        process: child,
        url: `${certificates === undefined || name === 'gateway' ? 'http' : 'https'}://127.0.0.1:${replica.port}`,
        managementUrl: `http://127.0.0.1:${replica.management}`,
      }
    },
    async stop() {
      stopped = true
      await Promise.all(replicas.map(async (replica) => await replica.stop()))
      await processes.get('gateway')?.stop()
      await Promise.all(serviceNames.map(async (name) => await processes.get(name)?.stop()))
      await Promise.all([tokens?.stop(), processes.get('cognito')?.stop()])
      await postgres.process.stop()
    },
  }
}

/** Waits for all, also when one fails: what is half started must be there to be stopped. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

async function startAll(starting: Starting, options: PlatformOptions): Promise<void> {
  const started = async (what: string, work: () => Promise<void>): Promise<void> => {
    const begin = performance.now()
    options.signal?.throwIfAborted()
    await work()
    options.onProgress?.({ what, seconds: (performance.now() - begin) / 1000 })
  }
  const start = async (name: ProcessName): Promise<void> => {
    await started(name, async () => await starting.processes.get(name)?.start())
  }
  const stores = async () => {
    await start('postgres')
    await started('databases', async () => {
      await starting.postgres.prepare(serviceNames.map((name) => roleOf(name, starting.secrets)))
    })
    const services = serviceNames.filter(
      (name) => starting.applications.includes(name) && options.programs?.[name] === undefined,
    )
    if (services.length === 0) return
    await started('migrations', async () => {
      const { postgres, secrets } = starting
      await migrate(services.map((name) => [name, postgres.url(roleOf(name, secrets))] as const))
    })
  }
  await all([stores(), start('cognito'), starting.startTokens()])
  await all(starting.applications.map(start))
}

/** @throws with what the migrations said when one of them failed */
async function migrate(urls: readonly (readonly [ServiceName, string])[]): Promise<void> {
  const program = join(import.meta.dirname, 'migrate-databases.ts')
  try {
    await run(process.execPath, ['--conditions=source', program], {
      env: {
        DATABASE_URLS: JSON.stringify(Object.fromEntries(urls)),
        NODE_COMPILE_CACHE: compileCache,
      },
    })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`the migrations failed:\n${stdout}${stderr}`, { cause: error })
  }
}

function running(
  starting: Starting,
  place: Place & { readonly removeState: () => Promise<void> },
): Platform {
  const { ports, stateDirectory } = place
  const { processes, postgres, secrets } = starting
  const tokens = new Map<Identity, AccessToken>()
  let stopping: Promise<void> | undefined

  const process = (name: ProcessName): ManagedProcess => {
    const found = processes.get(name)
    if (found === undefined) throw new Error(`${name} is not part of this platform`)
    return found
  }
  const signInHere = async (identity: Identity): Promise<AccessToken> =>
    await signIn(identity, { cognitoPort: ports.cognito, tokensPort: ports.tokens, secrets })
  const stop = async (): Promise<void> => {
    stopping ??= (async () => {
      await starting.stop()
      await place.claimed.release()
      await place.removeState()
    })()
    await stopping
  }
  return {
    stateDirectory,
    ports,
    gatewayUrl: `http://127.0.0.1:${ports.gateway}`,
    managementUrl: (name) => managementUrl(ports, name),
    serviceUrl: (name) => serviceUrl(name, { ports, tls: starting.tls }),
    databaseUrl: (name) => postgres.url(roleOf(name, secrets)),
    superuserUrl: (database) => postgres.superuserUrl(database),
    logFile: (name) => process(name).logFile,
    process,
    startReplica: async (name, own) => await starting.startReplica(name, own),
    signIn: signInHere,
    async token(identity) {
      const kept = tokens.get(identity)
      if (kept !== undefined && kept.expires - Date.now() > 5 * 60_000) return kept.token
      const renewed = await signInHere(identity)
      tokens.set(identity, renewed)
      return renewed.token
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function sourceOf(name: ApplicationName): string {
  const folder = name === 'gateway' ? [name] : ['services', name]
  return join(repositoryRoot, ...folder, 'src', 'main.ts')
}

function managementUrl(ports: Ports, name: ApplicationName): string {
  return `http://127.0.0.1:${ports[`${name}-management`]}`
}

function serviceUrl(name: ServiceName, { ports, tls }: { ports: Ports; tls: boolean }): string {
  return `${tls ? 'https' : 'http'}://127.0.0.1:${ports[name]}`
}

/** Loaded only where certificates are wanted. */
async function makeCertificates(
  stateDirectory: string,
): Promise<Readonly<Record<ApplicationName, string>>> {
  const { prepareCertificates } = await import('./certificates.ts')
  return await prepareCertificates(join(stateDirectory, 'tls'), applicationNames)
}

function roleOf(name: ServiceName, secrets: Secrets): { name: string; password: string } {
  const password = secrets.databasePasswords[name]
  if (password === undefined) throw new Error(`no password was made for the database ${name}`)
  return { name, password }
}

function applicationEnvironment(
  name: ApplicationName,
  parts: {
    readonly ports: Ports
    readonly keys: ProcessKeys<ApplicationName>
    readonly secrets: Secrets
    readonly postgres: PostgresServer
    /** The folder of each process; undefined in plain HTTP. */
    readonly certificates: Readonly<Record<ApplicationName, string>> | undefined
  },
): Record<string, string> {
  const { ports, keys, secrets, postgres, certificates } = parts
  const database: Record<string, string> =
    name === 'gateway' ? {} : { DATABASE_URL: postgres.url(roleOf(name, secrets)) }
  return {
    HOST: '127.0.0.1',
    PORT: String(ports[name]),
    MANAGEMENT_PORT: String(ports[`${name}-management`]),
    LOG_LEVEL: 'info',
    SERVICE_VERSION: '0.1.0-dev',
    AUTH_MODE: 'internal',
    INTERNAL_KEY_SET_FILE: keys.keySetFile,
    SIGNING_KEY: keys.signingKeys[name],
    CURSOR_KEY: secrets.cursorKeys[name] ?? '',
    WEBHOOK_KEY: secrets.webhookKeys[name] ?? '',
    // Receivers on this machine, for who tries webhooks out.
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
    COGNITO_USER_POOL_ID: userPoolId,
    COGNITO_CLIENT_IDS: acceptedClientIds.join(','),
    COGNITO_JWKS_URL: keysUrl(ports.cognito),
    DEVELOPMENT_KEYS: 'true',
    TRACE_SAMPLE_RATIO: '0.1',
    BACKGROUND: 'on',
    // Where the sample port lies.
    PORT_TIME_ZONES: '*=Europe/Madrid',
    TIME_ZONE: 'Europe/Madrid',
    // Nothing in front of these processes needs time to notice that one goes.
    DRAIN_SECONDS: '0',
    ...Object.fromEntries(
      serviceNames.map((service) => [
        `${service.toUpperCase()}_URL`,
        serviceUrl(service, { ports, tls: certificates !== undefined }),
      ]),
    ),
    ...(certificates === undefined ? {} : { TLS_MODE: 'mutual', TLS_DIR: certificates[name] }),
    ...database,
  }
}

async function requireFree(ports: Ports): Promise<void> {
  const repeated = repeatedPorts(ports)
  if (repeated.length > 0) {
    throw new Error(`${repeated.join(' and ')}: the port is given to something else already`)
  }
  const taken = await takenPorts(ports)
  if (taken.length > 0) throw new PortsTakenError(taken, ports)
}

async function emptyState(stateDirectory: string): Promise<void> {
  await removePostgresData(stateDirectory)
  const entries = await readdir(stateDirectory)
  await Promise.all(
    entries
      .filter((entry) => entry !== 'running.json')
      .map(async (entry) => {
        await rm(join(stateDirectory, entry), { recursive: true, force: true })
      }),
  )
}
