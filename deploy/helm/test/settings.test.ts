import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processes } from '@porttrack/scripts/generate/processes'
import { kitEnv, readEnvironment } from '@porttrack/shared/service/env'
import { isSecret } from '@porttrack/shared/service/secret'
import type { TProperties } from 'typebox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Chart,
  type Container,
  environments,
  find,
  type Manifest,
  podsOf,
  render,
  type Service,
} from './helm.ts'

/** A value of each secret that its process takes. */
const usable: Record<string, string> = {
  DATABASE_URL: 'postgresql://barcos:password@postgres/barcos',
  CURSOR_KEY: 'signs cursors in the tests of the charts',
  WEBHOOK_KEY: 'encrypts secrets in the tests of the charts',
  SIGNING_KEY: JSON.stringify({
    kty: 'OKP',
    crv: 'Ed25519',
    kid: 'test',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  }),
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porttrack-charts-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const environmentOf = (container: Container): Record<string, string> =>
  Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]))

const serverOf = (manifests: readonly Manifest[], service: string): Container => {
  const [pod] = podsOf(find(manifests, 'Deployment', service))
  return pod!.spec.containers[0]!
}

/** The files that the process finds in its folder of secrets. */
const secretsOf = (manifests: readonly Manifest[], service: string): string[] => {
  const { spec } = find(manifests, 'ExternalSecret', `${service}-secrets`)
  const templated = Object.keys((spec.target.template?.data ?? {}) as object)
  const stored = (spec.data as { secretKey: string }[]).map(({ secretKey }) => secretKey)
  return [...templated, ...stored].filter((name) => name !== 'DB_PASSWORD')
}

const cases = processes.flatMap((process) =>
  environments
    .filter((environment) => environment !== 'dev')
    .flatMap((environment) => [false, true].map((canary) => ({ process, environment, canary }))),
)

describe.each(cases)('$process.name in $environment, canary $canary', (each) => {
  const { process, ...where } = each
  const chart: Chart = { ...where, service: process.name as Service }
  const declared = process.env as TProperties

  it('gives its pods settings that the process takes, and no others', async () => {
    const manifests = await render(chart)
    const env = environmentOf(serverOf(manifests, process.name))
    const known = { ...kitEnv, ...declared }
    expect(Object.keys(env).filter((name) => !Object.hasOwn(known, name))).toEqual([])
    expect(Object.keys(env).filter((name) => isSecret(known[name as never]))).toEqual([])

    const secrets = secretsOf(manifests, process.name)
    const own = await mkdtemp(join(folder, 'process-'))
    await Promise.all(
      secrets.map((name) => writeFile(join(own, name), usable[name] ?? '{"keys":[]}')),
    )
    const settings = readEnvironment(declared, { ...env, SECRETS_DIR: own })
    expect(settings).toMatchObject({ PORT: 8080, MANAGEMENT_PORT: 9090, BACKGROUND: 'on' })
    if (process.events) expect(secrets).toContain('WEBHOOK_KEY')
    if (process.consumes || process.name === 'gateway') expect(secrets).toContain('SIGNING_KEY')
  })

  it('tells where the processes are that it calls', async () => {
    const env = environmentOf(serverOf(await render(chart), process.name))
    const asked = Object.keys(declared).filter((name) => /^[A-Z]+_URL$/.test(name))
    const addresses = asked.filter((name) => !isSecret(declared[name]!))
    expect(Object.keys(env).filter((name) => addresses.includes(name))).toEqual(addresses)
    for (const name of addresses) {
      expect(env[name]).toBe(`https://${name.slice(0, -4).toLowerCase()}:8080`)
    }
  })
})

describe('migrations', () => {
  it.each(processes.filter(({ migrations }) => migrations))('of $name get its URL', async (it) => {
    const manifests = await render({ service: it.name as Service, environment: 'prod' })
    const [pod] = podsOf(find(manifests, 'Job', `${it.name}-migration`))
    expect(pod!.spec.containers[0]).toMatchObject({ args: ['migrate'] })
    expect(secretsOf(manifests, `${it.name}-migration`)).toEqual(['DATABASE_URL'])
  })
})
