import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientId, consoleClientId, issuer } from './identities.ts'
import { lastLines } from '@porttrack/local-postgres/log-files'
import { removePostgresData } from '@porttrack/local-postgres/postgres'
import { applicationNames, startPlatform } from './platform.ts'
import type { Platform, PlatformOptions } from './platform.ts'
import { ephemeralPorts } from './ports.ts'
import { identify, isRunning } from '@porttrack/local-postgres/process-identity'
import type { Crash } from '@porttrack/local-postgres/managed-process'
import { AlreadyRunningError, findRunning } from './running.ts'

const fixture = join(import.meta.dirname, 'fixtures', 'small-service.ts')
const programs = Object.fromEntries(applicationNames.map((name) => [name, [fixture]]))

const crashes: Crash[] = []

function start(options: Partial<PlatformOptions> = {}): Promise<Platform> {
  return startPlatform({
    ports: 'ephemeral',
    programs,
    durable: false,
    onCrash: (crash) => crashes.push(crash),
    ...options,
  })
}

function claimsOf(token: string): Record<string, unknown> {
  const payload = token.split('.')[1] ?? ''
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

describe('a running platform', () => {
  let platform: Platform

  beforeAll(async () => {
    platform = await start()
  }, 90_000)

  afterAll(async () => {
    await platform.stop()
  })

  test('gives each service a database that no other service may enter', async () => {
    const [row] = await query(platform.databaseUrl('barcos'), 'SELECT current_database() AS name')
    expect(row).toEqual({ name: 'barcos' })
    const elsewhere = platform.databaseUrl('barcos').replace(/barcos$/, 'carga')
    await expect(query(elsewhere, 'SELECT 1')).rejects.toThrow(/permission denied/)
  })

  test('hands its processes settings, and none of this process', async () => {
    const answer = await fetch(platform.serviceUrl('barcos'))
    const environment = (await answer.json()) as Record<string, string>
    expect(environment).toMatchObject({
      PORT: String(platform.ports.barcos),
      AUTH_MODE: 'internal',
      DATABASE_URL: platform.databaseUrl('barcos'),
      RUTAS_URL: platform.serviceUrl('rutas'),
      CARGA_URL: platform.serviceUrl('carga'),
      PERSONAL_URL: platform.serviceUrl('personal'),
    })
    expect(environment).not.toHaveProperty('VITEST')
    const keySet = JSON.parse(
      await readFile(environment['INTERNAL_KEY_SET_FILE'] ?? '', 'utf8'),
    ) as {
      keys: { issuer: string; kid: string; d?: string }[]
    }
    expect(keySet.keys.map((key) => key.issuer).toSorted()).toEqual(applicationNames.toSorted())
    expect(keySet.keys.every((key) => key.d === undefined)).toBe(true)
    const kept = await stat(join(platform.stateDirectory, 'keys', 'barcos.json'))
    expect(kept.mode & 0o777).toBe(0o600)
    const signingKey = JSON.parse(environment['SIGNING_KEY'] ?? '') as { kid: string }
    expect(keySet.keys.find((key) => key.issuer === 'barcos')?.kid).toBe(signingKey.kid)
  })

  test('signs users in with their role and organisation', async () => {
    expect(claimsOf(await platform.token('agent'))).toMatchObject({
      iss: issuer,
      token_use: 'access',
      client_id: consoleClientId,
      'cognito:groups': expect.arrayContaining(['agent', 'org.acme']) as unknown,
    })
    expect(claimsOf(await platform.token('harbour-master'))['cognito:groups']).toEqual([
      'harbour-master',
    ])
  })

  test('signs machines in with scopes and without groups', async () => {
    const claims = claimsOf(await platform.token('carrier'))
    expect(claims).toMatchObject({
      iss: issuer,
      token_use: 'access',
      client_id: clientId('carrier'),
      sub: clientId('carrier'),
      scope: 'barcos/read barcos/write carga/read carga/write org/acme',
    })
    expect(claims).not.toHaveProperty('cognito:groups')
  })

  test('refuses a machine with a wrong secret or a scope it may not have', async () => {
    const url = `http://127.0.0.1:${platform.ports.tokens}/oauth2/token`
    const ask = async (form: Record<string, string>) => {
      const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
      return { status: response.status, body: await response.json() }
    }
    const client = { client_id: clientId('carrier'), client_secret: 'wrong' }
    expect(await ask({ grant_type: 'client_credentials', ...client })).toEqual({
      status: 400,
      body: { error: 'invalid_client' },
    })
    expect(await ask({ grant_type: 'password', ...client })).toEqual({
      status: 400,
      body: { error: 'unsupported_grant_type' },
    })
  })

  test('kills a service and starts it again on the same port', async () => {
    const rutas = platform.process('rutas')
    const before = rutas.pid
    await rutas.kill()
    expect(rutas.pid).toBeUndefined()
    await expect(fetch(platform.serviceUrl('rutas'))).rejects.toThrow()
    await rutas.start()
    expect(rutas.pid).not.toBe(before)
    expect((await fetch(platform.serviceUrl('rutas'))).status).toBe(200)
    expect(crashes).toEqual([])
  })

  test('kills the database and starts it again with its data', async () => {
    await query(platform.databaseUrl('carga'), 'CREATE TABLE kept AS SELECT 7 AS number')
    const postgres = platform.process('postgres')
    await postgres.kill()
    await postgres.start()
    expect(await query(platform.databaseUrl('carga'), 'SELECT number FROM kept')).toEqual([
      { number: 7 },
    ])
  })

  test('tells of a service that ended by itself, with its last lines', async () => {
    const personal = platform.process('personal')
    await fetch(`${platform.serviceUrl('personal')}/crash`).catch(() => undefined)
    await expect.poll(() => crashes).toHaveLength(1)
    expect(crashes.pop()).toEqual({
      name: 'personal',
      how: 'exit code 3',
      logFile: personal.logFile,
      lines: ['a small service starts', 'about to crash on purpose'],
    })
    await personal.start()
  })

  test('is alone on its folder', async () => {
    await expect(start({ stateDirectory: platform.stateDirectory })).rejects.toThrow(
      AlreadyRunningError,
    )
  })
})

describe('a folder that is kept', () => {
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'porttrack-kept-'))
  })

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true })
  })

  test('keeps data and users until told to begin anew', async () => {
    const subjectOf = async (platform: Platform) => claimsOf(await platform.token('viewer'))['sub']
    const first = await start({ stateDirectory: directory, applications: [] })
    await query(first.databaseUrl('barcos'), 'CREATE TABLE kept ()')
    const subject = await subjectOf(first)
    await first.stop()

    const second = await start({ stateDirectory: directory, applications: [] })
    expect(await query(second.databaseUrl('barcos'), 'SELECT FROM kept')).toEqual([])
    expect(await subjectOf(second)).toBe(subject)
    await second.stop()

    const third = await start({ stateDirectory: directory, applications: [], fresh: true })
    await expect(query(third.databaseUrl('barcos'), 'SELECT FROM kept')).rejects.toThrow(
      /does not exist/,
    )
    expect(await subjectOf(third)).not.toBe(subject)
    await third.stop()
  }, 120_000)

  test('is taken over after its owner was killed, and nothing of it lives on', async () => {
    const owner = spawn(
      process.execPath,
      ['--conditions=source', join(import.meta.dirname, 'fixtures', 'owner.ts'), directory],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [told] = (await once(owner.stdout, 'data')) as [Buffer]
    const pids = JSON.parse(told.toString()) as number[]
    const children = await Promise.all(pids.map(identify))
    expect(children).not.toContain(undefined)
    owner.kill('SIGKILL')
    await once(owner, 'exit')

    const next = await start({ stateDirectory: directory, applications: [] })
    await next.stop()
    const alive = await Promise.all(
      children.map(async (child) => child !== undefined && (await isRunning(child))),
    )
    expect(alive).not.toContain(true)
  }, 120_000)

  test('starts over what a power cut has left half done', async () => {
    const first = await start({ stateDirectory: directory, applications: [] })
    await query(first.superuserUrl('postgres'), 'GRANT CONNECT ON DATABASE barcos TO PUBLIC')
    await first.stop()
    await writeFile(join(directory, 'running.json'), '{"owner":')
    expect(await findRunning(directory)).toBeUndefined()

    const second = await start({ stateDirectory: directory, applications: [] })
    const [row] = await query(
      second.superuserUrl('postgres'),
      `SELECT has_database_privilege('carga', 'barcos', 'CONNECT') AS "carga enters"`,
    )
    expect(row).toEqual({ 'carga enters': false })
    await second.stop()
  }, 60_000)

  // Only root keeps data outside of the state folder, where it outlives a clone that is deleted.
  test.skipIf(userInfo().uid !== 0)(
    'begins anew in a clone made where another was deleted',
    async () => {
      const closed = await mkdtemp(join(tmpdir(), 'porttrack-closed-'))
      const stateDirectory = join(closed, 'state')
      const first = await start({ stateDirectory, applications: [] })
      await query(first.superuserUrl('postgres'), 'CREATE TABLE left_behind ()')
      await first.stop()
      await rm(stateDirectory, { recursive: true })

      const second = await start({ stateDirectory, applications: [] })
      const [row] = await query(
        second.superuserUrl('postgres'),
        `SELECT to_regclass('left_behind') AS "left behind"`,
      )
      expect(row).toEqual({ 'left behind': null })
      await second.stop()
      await removePostgresData(stateDirectory)
      await rm(closed, { recursive: true })
    },
    60_000,
  )

  test('says which port is taken', async () => {
    const ports = await ephemeralPorts()
    const server = createServer().listen(ports.cognito, '127.0.0.1')
    await once(server, 'listening')
    await expect(start({ stateDirectory: directory, ports })).rejects.toThrow(
      `port ${ports.cognito} (cognito) is taken`,
    )
    server.close()
  })

  test('stops what was started when the start is broken off', async () => {
    const ports = await ephemeralPorts()
    const broken = new AbortController()
    const starting = start({
      stateDirectory: directory,
      ports,
      signal: broken.signal,
      onProgress: ({ what }) => {
        if (what === 'barcos') broken.abort(new Error('broken off'))
      },
    })
    await expect(starting).rejects.toThrow(/broken off|did not start/)
    const again = await start({ stateDirectory: directory, ports, applications: ['barcos'] })
    await again.stop()
    expect(await lastLines(again.logFile('barcos'), 1)).toEqual(['a small service ends'])
  }, 120_000)

  test('names a service that never becomes ready', async () => {
    const failing = start({
      stateDirectory: directory,
      applications: ['barcos'],
      environmentOf: { barcos: { DATABASE_URL: 'postgresql://127.0.0.1:1/none' } },
      readyTimeoutMs: 1_000,
    })
    await expect(failing).rejects.toThrow('barcos did not start: not ready after 1 s')
  }, 60_000)
})
