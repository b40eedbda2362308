import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:https'
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removePostgresData } from '@porttrack/local-postgres/postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applicationNames } from './platform/platform.ts'
import { ephemeralPorts } from './platform/ports.ts'
import type { Ports } from './platform/ports.ts'

/**
 * `dev` itself, in a small clone whose services are the fixture's: all that is around them is
 * real. What the services answer is for the end-to-end tests.
 */
let clone: string
let ports: Ports
let portArguments: string[]

beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'porttrack-clone-'))
  const here = import.meta.dirname
  await cp(here, join(clone, 'scripts'), {
    recursive: true,
    filter: (source) => !/node_modules|dist|reports|tsconfig/.test(source.slice(here.length)),
  })
  await symlink(join(here, 'node_modules'), join(clone, 'scripts', 'node_modules'))
  await mkdir(join(clone, 'node_modules'))
  for (const name of applicationNames) {
    const folder = name === 'gateway' ? [name, 'src'] : ['services', name, 'src']
    await mkdir(join(clone, ...folder), { recursive: true })
    if (name !== 'gateway') {
      await mkdir(join(clone, 'services', name, 'prisma', 'migrations'), { recursive: true })
    }
    await cp(
      join(here, 'platform', 'fixtures', 'small-service.ts'),
      join(clone, ...folder, 'main.ts'),
    )
  }
  await symlink(join(here, 'node_modules'), join(clone, 'gateway', 'node_modules'))
  await symlink(join(here, 'node_modules'), join(clone, 'services', 'node_modules'))
  ports = await ephemeralPorts()
  portArguments = [
    '--ports',
    Object.entries(ports)
      .map((entry) => entry.join('='))
      .join(','),
  ]
})

afterAll(async () => {
  await removePostgresData(join(clone, '.porttrack'))
  await rm(clone, { recursive: true, force: true })
})

interface Running {
  readonly output: () => string
  /** Waits until the output has the text. */
  says(text: string): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

function run(script: string, ...commandLine: string[]): Running {
  const child = spawn(
    process.execPath,
    ['--conditions=source', join(clone, 'scripts', script), ...commandLine],
    { cwd: clone, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const ended = once(child, 'close').then(
    ([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null,
  )
  let over = false
  void ended.then(() => {
    over = true
  })
  return {
    output: () => output,
    async says(text) {
      const deadline = Date.now() + 60_000
      while (!output.includes(text)) {
        if (over || Date.now() > deadline) throw new Error(`"${text}" is not in:\n${output}`)
        await sleep(25)
      }
    },
    signal: (signal) => child.kill(signal),
    ended,
  }
}

function start(...options: string[]): Running {
  return run('dev.ts', '--no-traffic', ...portArguments, ...options)
}

test('says how it is used', async () => {
  const help = run('dev.ts', '--help')
  expect(await help.ended).toBe(0)
  expect(help.output()).toMatch(/^usage: /)
  const wrong = run('dev.ts', '--frehs')
  expect(await wrong.ended).toBe(2)
  expect(wrong.output()).toMatch(/--frehs[^]*usage: /)
})

test('access-token says what it lacks', async () => {
  const unknown = run('access-token.ts', 'captain')
  expect(await unknown.ended).toBe(2)
  expect(unknown.output()).toMatch(/no user or machine client "captain"[^]*harbour-master/)
  const help = run('access-token.ts', '--help')
  expect(await help.ended).toBe(0)
  expect(help.output()).toMatch(/^usage: /)
  const stopped = run('access-token.ts', 'viewer')
  expect(await stopped.ended).toBe(1)
  expect(stopped.output()).toMatch(/not running here/)
})

describe('a start', { timeout: 120_000 }, () => {
  test('tells where things are, lets sign in, refuses a second one, and stops when asked', async () => {
    const dev = start()
    await dev.says('Ctrl-C stops it')
    expect(dev.output()).toContain(`http://127.0.0.1:${ports.gateway}/reference`)
    expect(dev.output()).toMatch(/harbour-master +harbour-master@porttrack\.example +\S{19}/)

    const token = run('access-token.ts', 'agent')
    expect(await token.ended).toBe(0)
    expect(token.output()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)

    const second = start()
    expect(await second.ended).toBe(1)
    expect(second.output()).toContain('a platform already runs here')

    dev.signal('SIGINT')
    expect(await dev.ended).toBe(0)
    expect(dev.output()).toContain('PortTrack has stopped')
    await expect(fetch(`http://127.0.0.1:${ports.gateway}`)).rejects.toThrow()
  })

  test('names a service that crashes, with its last lines, and stops the rest', async () => {
    const dev = start()
    await dev.says('Ctrl-C stops it')
    await fetch(`http://127.0.0.1:${ports.carga}/crash`).catch(() => undefined)
    expect(await dev.ended).toBe(1)
    expect(dev.output()).toMatch(/carga ended: exit code 3[^]*about to crash on purpose/)
    await expect(fetch(`http://127.0.0.1:${ports.gateway}`)).rejects.toThrow()
  })

  test('goes on after it was killed, on the same ports with the same passwords', async () => {
    const secrets = await readFile(join(clone, '.porttrack', 'secrets.json'), 'utf8')
    const killed = start()
    await killed.says('Ctrl-C stops it')
    killed.signal('SIGKILL')
    await killed.ended
    const dev = start()
    await dev.says('Ctrl-C stops it')
    expect(await readFile(join(clone, '.porttrack', 'secrets.json'), 'utf8')).toBe(secrets)
    dev.signal('SIGTERM')
    expect(await dev.ended).toBe(0)
  })

  test('with --tls lets nobody reach a service without a certificate', async () => {
    const dev = start('--tls')
    await dev.says('Ctrl-C stops it')
    expect(dev.output()).toContain(join(clone, '.porttrack', 'tls'))
    const file = async (name: string) =>
      await readFile(join(clone, '.porttrack', 'tls', 'gateway', name), 'utf8')
    const [ca, cert, key] = await Promise.all(['ca.crt', 'tls.crt', 'tls.key'].map(file))
    const ask = async (shown: object) =>
      await new Promise<string>((resolve, reject) => {
        get(`https://127.0.0.1:${ports.barcos}`, { ca, agent: false, ...shown }, (answer) => {
          answer.on('data', (chunk: Buffer) => resolve(chunk.toString()))
        }).on('error', reject)
      })
    expect(JSON.parse(await ask({ cert, key }))).toMatchObject({
      TLS_MODE: 'mutual',
      RUTAS_URL: `https://127.0.0.1:${ports.rutas}`,
    })
    await expect(ask({})).rejects.toThrow(/certificate required/)
    dev.signal('SIGINT')
    expect(await dev.ended).toBe(0)
  })

  test('can be broken off', async () => {
    const dev = start('--fresh')
    await dev.says('PortTrack starts anew')
    dev.signal('SIGHUP')
    expect(await dev.ended).toBe(0)
    const token = run('access-token.ts', 'viewer')
    expect(await token.ended).toBe(1)
  })
})
