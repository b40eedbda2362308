import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareKeys } from '@porttrack/scripts/platform/keys'
import { docker, inwardAddressOf, tryDocker } from './docker.ts'

export const services = ['barcos', 'carga', 'rutas', 'personal'] as const
export const processes = [...services, 'gateway'] as const
/** Every process of the platform, and the bot. */
export const images = [...processes, 'chatops'] as const
export type ImageName = (typeof images)[number]

/** The images that `.ci/images` builds. */
export const imageOf = (name: ImageName): string => `porttrack/${name}:test`

/** As the charts run it: nothing may be written, no capability is held and none can be gained. */
const restrictions = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges']

/** What the images are run with: a database for each service, and secrets as files. */
export type Surroundings = AsyncDisposable & {
  /** Creates the container of a process, which `docker start` then starts; gives its id. */
  create: (name: ImageName, run?: Run) => Promise<string>
}

type Run = {
  /** Another image than the process's own. */
  image?: string
  /** Arguments of the process, such as `migrate`. */
  args?: string[]
  /** Arguments of `docker create`. */
  options?: string[]
}

/** Starts a PostgreSQL server in a container and writes the secrets of every process. */
export const surroundings = async (): Promise<Surroundings> => {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'porttrack-images-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const postgres = await startPostgres(started)
  const { keySetFile, signingKeys } = await prepareKeys(join(folder, 'keys'), processes)
  await Promise.all([chmod(join(folder, 'keys'), 0o755), chmod(keySetFile, 0o644)])
  for (const name of processes) {
    await writeSecrets(join(folder, name), {
      SIGNING_KEY: signingKeys[name],
      CURSOR_KEY: `signs cursors of ${name} in this test`,
      WEBHOOK_KEY: `encrypts secrets of ${name} in this test`,
      DATABASE_URL: `postgresql://postgres:tests@${postgres}:5432/${name}`,
    })
  }
  await writeSecrets(join(folder, 'chatops'), botSecrets)
  await mkdir(join(folder, 'access'))
  const access = { rooms: ['C0PORT'], people: { U0ANA: { name: 'Ana', role: 'observer' } } }
  await writeFile(join(folder, 'access', 'access.yaml'), JSON.stringify(access))
  await chmod(join(folder, 'access'), 0o755)
  await chmod(folder, 0o755)

  const settings: Record<string, string> = {
    INTERNAL_KEY_SET_FILE: '/run/secrets/keys/key-set.json',
    // Each alone: nothing answers there.
    BARCOS_URL: 'http://127.0.0.1:1',
    CARGA_URL: 'http://127.0.0.1:1',
    RUTAS_URL: 'http://127.0.0.1:1',
    PERSONAL_URL: 'http://127.0.0.1:1',
    COGNITO_USER_POOL_ID: 'eu-west-1_Images',
    COGNITO_CLIENT_IDS: 'images',
    DRAIN_SECONDS: '1',
  }
  const optionsOf = (name: ImageName): string[] => [
    ...Object.entries(name === 'chatops' ? botSettings : settings).map(
      ([key, value]) => `--env=${key}=${value}`,
    ),
    ...(name === 'chatops'
      ? [`--volume=${join(folder, 'access')}:/etc/chatops:ro`, '--volume=/var/lib/chatops']
      : []),
  ]
  const stack = started.move()
  return {
    create: async (name, { image = imageOf(name), args = [], options = [] } = {}) => {
      const id = await docker(
        'create',
        ...restrictions,
        '--publish=127.0.0.1::8080',
        '--publish=127.0.0.1::9090',
        `--volume=${join(folder, name)}:/run/secrets/porttrack:ro`,
        `--volume=${join(folder, 'keys')}:/run/secrets/keys:ro`,
        ...optionsOf(name),
        ...options,
        image,
        ...args,
      )
      stack.defer(async () => {
        await docker('rm', '--force', '--volumes', id)
      })
      return id
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Slack, GitHub and the platform are not there: the bot waits for the one, and asks the others nothing. */
const botSettings: Record<string, string> = {
  ACCESS_FILE: '/etc/chatops/access.yaml',
  DATA_DIR: '/var/lib/chatops',
  ANNOUNCE_ROOM: 'C0PORT',
  GITHUB_REPOSITORY: 'porttrack/porttrack',
  GITHUB_APP_ID: '1',
  GITHUB_INSTALLATION_ID: '1',
  PROMETHEUS_URL: 'http://127.0.0.1:1',
  GRAFANA_URL: 'http://127.0.0.1:1',
  GATEWAY_URL: 'http://127.0.0.1:1',
  TOKEN_URL: 'http://127.0.0.1:1',
  CLIENT_ID: 'images',
}

export const botSecrets = {
  SLACK_APP_TOKEN: 'xapp-images',
  SLACK_BOT_TOKEN: 'xoxb-images',
  GITHUB_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string,
  ALERTMANAGER_TOKEN: 'shown by Alertmanager in this test',
  GRAFANA_WEBHOOK_SECRET: 'signs for Grafana in this test',
  GITHUB_WEBHOOK_SECRET: 'signs for GitHub in this test',
  CLIENT_SECRET: 'proves the client in this test',
}

const writeSecrets = async (folder: string, secrets: Record<string, string>): Promise<void> => {
  await mkdir(folder)
  for (const [name, value] of Object.entries(secrets)) {
    await writeFile(join(folder, name), value, { mode: 0o644 })
  }
  await chmod(folder, 0o755)
}

/** Starts a server with a database for each service, and gives the address that containers use. */
const startPostgres = async (started: AsyncDisposableStack): Promise<string> => {
  const image = process.env['TEST_POSTGRES_IMAGE'] ?? 'porttrack/test-postgres:15'
  const id = await docker('run', '--detach', '--env=POSTGRES_PASSWORD=tests', image)
  started.defer(async () => {
    await docker('rm', '--force', '--volumes', id)
  })
  const query = async (sql: string): Promise<boolean> => {
    // Over TCP: the official image first starts a server on the socket only, to set itself up.
    const url = 'postgresql://postgres:tests@127.0.0.1/postgres'
    const { exitCode } = await tryDocker('exec', id, 'psql', '--dbname', url, '--command', sql)
    return exitCode === 0
  }
  const deadline = Date.now() + 60_000
  while (!(await query('SELECT 1'))) {
    if (Date.now() > deadline) throw new Error(`${image} does not answer after a minute`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  for (const service of services) await query(`CREATE DATABASE ${service}`)
  return await inwardAddressOf(id)
}
