import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { databaseOn, withClient } from '@porttrack/shared/database/session'
// Declares what the tests are given.
import '@porttrack/shared/testing/database'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Counts, countRows, type Manifest } from '../backup.ts'
import { type RunningService, runService } from '../service-process.ts'

const run = promisify(execFile)
const server = inject('postgresUrl')
const folder = await mkdtemp(join(tmpdir(), 'porttrack-backups-'))
const issuer = new TokenIssuer()
const env = {
  INTERNAL_KEY_SET_FILE: issuer.keySetFile,
  SIGNING_KEY: issuer.signingKey('barcos'),
  CURSOR_KEY: 'signs the cursors before and after a restore',
}
const calls = 40

let made = 0
/** An empty database of a role that is no superuser, as a service has it. */
const emptyDatabase = async (): Promise<string> => {
  const name = `restore_${process.pid}_${(made += 1)}`
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name} OWNER porttrack`))
  const url = new URL(databaseOn(server, name))
  url.username = 'porttrack'
  url.password = 'pass word'
  return url.href
}

const rowsOf = (url: string): Promise<Counts> => withClient(url, countRows)

type Ended = { exitCode: number; output: string; errors: string }
const command = async (
  script: string,
  args: string[],
  variables: Record<string, string>,
): Promise<Ended> => {
  const path = fileURLToPath(new URL(`../${script}.ts`, import.meta.url))
  const options = { env: { ...process.env, ...variables } }
  try {
    const ended = await run(process.execPath, ['--conditions=source', path, ...args], options)
    return { exitCode: 0, output: ended.stdout, errors: ended.stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { exitCode: code, output: stdout, errors: stderr }
  }
}

const request = async (barcos: RunningService, line: string, body?: object) => {
  const [method = 'GET', path = '/'] = line.split(' ')
  const token = issuer.gatewayToken('barcos', { roles: ['admin', 'harbour-master'] })
  const response = await fetch(barcos.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  return { status: response.status, body: (await response.json()) as any }
}

/** The calls that barcos has. */
const seen = async (barcos: RunningService) => {
  const { body } = await request(barcos, 'GET /v1/port-calls?limit=100')
  return body.items as { id: string }[]
}

let source: string
let dump: string
/** A reader's cursor, of after all that was dumped and a little more. */
let cursor: string
let before: { id: string }[]

beforeAll(async () => {
  await withClient(server, (client) =>
    client.query(`CREATE ROLE porttrack LOGIN PASSWORD 'pass word'`),
  )
  source = await emptyDatabase()
  await using barcos = await runService('barcos', { url: source, env })
  const vessel = { name: 'Punta Europa', vesselIMONumber: '9074729', MMSINumber: '224000123' }
  const ship = await request(barcos, 'POST /v1/vessels', vessel)
  const announce = async () => {
    const { status, body } = await request(barcos, 'POST /v1/port-calls', {
      vesselId: ship.body.id,
      agentOrganization: 'acme',
      UNLocationCode: 'ESALG',
      purposes: ['LOADING'],
    })
    if (status !== 201) throw new Error(JSON.stringify(body))
  }
  for (let call = 0; call < calls; call++) await announce()
  before = await seen(barcos)

  // The dump is taken while the service goes on.
  const ended = new AbortController()
  const goOn = (async () => {
    while (!ended.signal.aborted) await announce()
  })()
  const { exitCode, output, errors } = await command('back-up', ['barcos', folder], {
    DATABASE_URL: source,
  })
  ended.abort()
  await goOn
  if (exitCode !== 0) throw new Error(errors)
  dump = output.trim()
  cursor = (await request(barcos, 'GET /v1/feed?limit=1000')).body.next
}, 180_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  issuer[Symbol.dispose]()
  const names = Array.from({ length: made }, (_, index) => `restore_${process.pid}_${index + 1}`)
  await withClient(server, async (client) => {
    for (const name of names) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await client.query('DROP ROLE porttrack')
  })
})

describe('a dump', () => {
  it('is whole, and tells what is in it', async () => {
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
    const manifest = JSON.parse(await readFile(`${dump}.json`, 'utf8')) as Manifest
    expect(manifest).toMatchObject({ service: 'barcos', serverVersion: expect.any(Number) })
    expect(manifest.rows['public.port_call']).toBeGreaterThanOrEqual(calls)
    expect(manifest.rows['kit.outbox']).toBeGreaterThanOrEqual(calls)
  })

  it('leaves nothing behind when it fails', async () => {
    const url = new URL(source)
    url.password = 'wrong'
    const { exitCode, errors } = await command('back-up', ['barcos', folder], {
      DATABASE_URL: url.href,
    })
    expect(exitCode).toBe(1)
    expect(errors).toContain('password authentication failed')
    expect(errors).not.toContain('wrong')
    expect(await readdir(folder)).toHaveLength(2)
  })
})

describe('a restored database', () => {
  it('has every row, and the service starts on it and answers as before', async () => {
    const url = await emptyDatabase()
    const { exitCode, output, errors } = await command('restore', [dump], { DATABASE_URL: url })
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' })
    expect(output).toContain('as many as dumped')
    const manifest = JSON.parse(await readFile(`${dump}.json`, 'utf8')) as Manifest
    expect(await rowsOf(url)).toEqual(manifest.rows)

    await using barcos = await runService('barcos', { url, env })
    expect(await seen(barcos)).toEqual(expect.arrayContaining(before))
    const call = { agentOrganization: 'acme', UNLocationCode: 'ESALG', purposes: ['LOADING'] }
    const { body } = await request(barcos, `GET /v1/port-calls/${before[0]?.id}`)
    const announced = await request(barcos, 'POST /v1/port-calls', {
      ...call,
      vesselId: body.vesselId,
    })
    expect(announced.status).toBe(201)
    // A reader that had read on is told to begin anew, instead of missing what follows.
    const next = `GET /v1/feed?after=${encodeURIComponent(cursor)}`
    expect((await request(barcos, next)).status).toBe(410)
    expect((await request(barcos, 'GET /v1/feed')).status).toBe(200)
  })

  it('was empty before', async () => {
    const { exitCode, errors } = await command('restore', [dump], { DATABASE_URL: source })
    expect(exitCode).toBe(1)
    expect(errors).toContain('the database is not empty')
  })

  it('is not made of a dump that is damaged or unfinished', async () => {
    const url = await emptyDatabase()
    const damaged = join(folder, 'damaged.dump')
    const bytes = await readFile(dump)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    await writeFile(damaged, bytes)
    expect((await command('restore', [damaged], { DATABASE_URL: url })).errors).toContain(
      'is the dump finished?',
    )
    await writeFile(`${damaged}.json`, await readFile(`${dump}.json`))
    const { exitCode, errors } = await command('restore', [damaged], { DATABASE_URL: url })
    expect(exitCode).toBe(1)
    expect(errors).toContain('is damaged')
    expect(await rowsOf(url)).toEqual({})
  })

  it('is refused when it has not the rows that were dumped', async () => {
    const manifest = JSON.parse(await readFile(`${dump}.json`, 'utf8')) as Manifest
    const other = join(folder, 'other.dump')
    await writeFile(other, await readFile(dump))
    manifest.rows['public.port_call'] = (manifest.rows['public.port_call'] ?? 0) + 1
    await writeFile(`${other}.json`, JSON.stringify(manifest))
    const { exitCode, errors } = await command('restore', [other], {
      DATABASE_URL: await emptyDatabase(),
    })
    expect(exitCode).toBe(1)
    expect(errors).toContain('not what was dumped: public.port_call has')
  })
})

describe('the drill', () => {
  const databases = async (): Promise<string[]> =>
    await withClient(server, async (client) => {
      const sql = `SELECT datname FROM pg_database WHERE datname LIKE 'drill_%'`
      return (await client.query<{ datname: string }>(sql)).rows.map(({ datname }) => datname)
    })

  it('restores, starts the service, and leaves nothing', async () => {
    const { exitCode, output, errors } = await command('drill', [dump], {
      DRILL_SERVER_URL: server,
    })
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' })
    expect(output).toMatch(
      /^barcos of \S+: restored in [\d.]+ s, ready [\d.]+ s after its start\n$/,
    )
    expect(await databases()).toEqual([])
  })

  it('fails with a dump that cannot be lived on, and leaves nothing', async () => {
    const { exitCode, errors } = await command('drill', [join(folder, 'other.dump')], {
      DRILL_SERVER_URL: server,
    })
    expect(exitCode).toBe(1)
    expect(errors).toContain('not what was dumped')
    expect(await databases()).toEqual([])
  })
})
