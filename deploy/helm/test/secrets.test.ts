import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { type Chart, find, type Manifest, ofKind, render, services, type Values } from './helm.ts'

const barcos: Chart = { service: 'barcos', environment: 'prod' }

type Data = { secretKey: string; remoteRef: { key: string; property?: string } }[]
const dataOf = (manifests: readonly Manifest[], name: string): Record<string, string> =>
  Object.fromEntries(
    (find(manifests, 'ExternalSecret', name).spec.data as Data).map(({ secretKey, remoteRef }) => [
      secretKey,
      [remoteRef.key, remoteRef.property].filter(Boolean).join(' '),
    ]),
  )
const providerOf = (manifests: readonly Manifest[], name: string): unknown =>
  find(manifests, 'SecretStore', name).spec.provider

const withStore = (store: Values): Chart => ({ ...barcos, values: { secrets: { store } } })

describe('the page on the charts', () => {
  it.each(services)('names the secrets of %s that stores must have', async (service) => {
    const page = await readFile(new URL('../../../docs/charts.md', import.meta.url), 'utf8')
    const [, own = '', together = ''] =
      new RegExp(`^\\| ${service} +\\| ([^|]*)\\| ([^|]*)\\|$`, 'm').exec(page) ?? []
    const namesIn = (text: string): string[] =>
      [...text.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name)
    const data = dataOf(await render({ service, environment: 'prod' }), `${service}-secrets`)
    const stored = Object.keys(data).filter((name) => name !== 'key-set.json')
    const [required = ''] = own.split('; with `secrets.more`')
    expect(namesIn(required)).toEqual(stored)
    const kept = stored.filter((name) => name !== 'DATABASE_URL')
    expect(namesIn(together)).toEqual(kept.map((name) => `${service.toUpperCase()}_${name}`))
  })
})

describe('secrets', () => {
  it('are files, and never in the environment', async () => {
    const manifests = await render(barcos)
    const { spec } = find(manifests, 'Deployment', 'barcos').spec.template
    expect(spec.volumes).toContainEqual({
      name: 'secrets',
      secret: { secretName: 'barcos-secrets', defaultMode: 0o440 },
    })
    expect(JSON.stringify(manifests)).not.toMatch(/secretKeyRef|envFrom/)
  })

  it('come from AWS Secrets Manager, read as the process itself', async () => {
    const manifests = await render(barcos)
    expect(providerOf(manifests, 'barcos')).toEqual({
      aws: {
        service: 'SecretsManager',
        region: 'eu-west-1',
        auth: { jwt: { serviceAccountRef: { name: 'barcos' } } },
      },
    })
    expect(dataOf(manifests, 'barcos-secrets')).toEqual({
      DATABASE_URL: 'porttrack/prod/barcos DATABASE_URL',
      CURSOR_KEY: 'porttrack/prod/barcos CURSOR_KEY',
      WEBHOOK_KEY: 'porttrack/prod/barcos WEBHOOK_KEY',
      SIGNING_KEY: 'porttrack/prod/barcos SIGNING_KEY',
      'key-set.json': 'porttrack/prod/shared KEY_SET',
    })
  })

  it('come from Vault', async () => {
    const vault = { server: 'https://vault.port.example' }
    const manifests = await render(withStore({ provider: 'vault', vault }))
    expect(providerOf(manifests, 'barcos')).toMatchObject({
      vault: {
        server: 'https://vault.port.example',
        version: 'v2',
        auth: { kubernetes: { role: 'barcos', serviceAccountRef: { name: 'barcos' } } },
      },
    })
    expect(dataOf(manifests, 'barcos-secrets')).toMatchObject({
      CURSOR_KEY: 'porttrack/prod/barcos CURSOR_KEY',
    })
  })

  it('come in test from one Secret, the URL of the database with its password in it', async () => {
    const manifests = await render({ ...barcos, environment: 'test' })
    expect(dataOf(manifests, 'barcos-secrets')).toEqual({
      DB_PASSWORD: 'porttrack-source DB_PASSWORD',
      CURSOR_KEY: 'porttrack-source BARCOS_CURSOR_KEY',
      WEBHOOK_KEY: 'porttrack-source BARCOS_WEBHOOK_KEY',
      SIGNING_KEY: 'porttrack-source BARCOS_SIGNING_KEY',
      'key-set.json': 'porttrack-source KEY_SET',
    })
    const { template } = find(manifests, 'ExternalSecret', 'barcos-secrets').spec.target
    expect(template.data.DATABASE_URL).toBe(
      'postgresql://barcos:{{ .DB_PASSWORD | urlquery }}@postgres.porttrack-test.svc.cluster.local:5432/barcos',
    )
    for (const name of ['barcos', 'barcos-migration']) {
      expect(find(manifests, 'Role', name).rules).toContainEqual({
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['porttrack-source'],
        verbs: ['get'],
      })
      expect(find(manifests, 'RoleBinding', name)).toMatchObject({
        roleRef: { kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace: 'porttrack-test' }],
      })
    }
  })

  it('are invented where that is asked for', async () => {
    const data = [{ key: 'porttrack/test/barcos/CURSOR_KEY', value: 'x'.repeat(32) }]
    const store = { provider: 'fake', fake: { data } }
    const values = { secrets: { store, database: { host: '' } } }
    const manifests = await render({ ...barcos, environment: 'test', values })
    expect(providerOf(manifests, 'barcos')).toEqual({ fake: { data } })
    expect(dataOf(manifests, 'barcos-secrets')).toMatchObject({
      CURSOR_KEY: 'porttrack/test/barcos/CURSOR_KEY',
    })
  })

  it('are given as values in dev', async () => {
    const manifests = await render({ ...barcos, environment: 'dev' })
    const { stringData = {} } = find(manifests, 'Secret', 'barcos-secrets')
    expect(Object.keys(stringData).toSorted()).toEqual([
      'CURSOR_KEY',
      'DATABASE_URL',
      'SIGNING_KEY',
      'WEBHOOK_KEY',
      'key-set.json',
    ])
    expect(ofKind(manifests, 'ExternalSecret')).toEqual([])
  })

  it('are left alone where they are there', async () => {
    const values = { secrets: { source: 'existing', name: 'ours' } }
    const manifests = await render({ ...barcos, values })
    for (const kind of ['ExternalSecret', 'SecretStore', 'Secret']) {
      expect(ofKind(manifests, kind)).toEqual([])
    }
    const workloads = [
      find(manifests, 'Deployment', 'barcos'),
      find(manifests, 'Job', 'barcos-migration'),
    ]
    for (const { spec } of workloads) {
      expect(JSON.stringify(spec.template.spec.volumes)).toContain('"secretName":"ours"')
    }
  })

  it('that a process can do without are asked for by name', async () => {
    const values = { secrets: { more: ['RATE_LIMIT_STORE_URL'] } }
    const manifests = await render({ service: 'gateway', environment: 'prod', values })
    expect(dataOf(manifests, 'gateway-secrets')).toMatchObject({
      RATE_LIMIT_STORE_URL: 'porttrack/prod/gateway RATE_LIMIT_STORE_URL',
    })
  })
})

describe('the migration', () => {
  it('has its own account, store and secret before the release has any', async () => {
    const manifests = await render(barcos)
    const { spec } = find(manifests, 'Job', 'barcos-migration').spec.template
    expect(spec.serviceAccountName).toBe('barcos-migration')
    expect(dataOf(manifests, 'barcos-migration-secrets')).toEqual({
      DATABASE_URL: 'porttrack/prod/barcos DATABASE_URL',
    })
    const own = manifests.filter(({ metadata }) => metadata.name.startsWith('barcos-migration'))
    const hooks = own.map(({ kind, metadata: { annotations = {} } }) =>
      [kind, annotations['helm.sh/hook'], annotations['helm.sh/hook-weight']].join(' '),
    )
    expect(hooks.toSorted()).toEqual([
      'ExternalSecret pre-install,pre-upgrade -10',
      'Job pre-install,pre-upgrade 0',
      'NetworkPolicy pre-install,pre-upgrade -10',
      'SecretStore pre-install,pre-upgrade -10',
      'ServiceAccount pre-install,pre-upgrade -10',
    ])
  })
})

describe('the certificate', () => {
  it('says who the process is in one URI, for both sides of a connection', async () => {
    const { spec } = find(await render(barcos), 'Certificate', 'barcos-tls')
    expect(spec).toMatchObject({
      secretName: 'barcos-tls',
      uris: ['spiffe://porttrack/barcos'],
      usages: ['digital signature', 'server auth', 'client auth'],
      issuerRef: { name: 'porttrack', kind: 'Issuer', group: 'cert-manager.io' },
    })
    expect(spec).not.toHaveProperty('dnsNames')
  })

  it('is not there in a mesh', async () => {
    const manifests = await render({ ...barcos, values: { tls: { mode: 'off' } } })
    expect(ofKind(manifests, 'Certificate')).toEqual([])
    const { spec } = find(manifests, 'Deployment', 'barcos').spec.template
    expect(spec.containers[0].env).toContainEqual({ name: 'TLS_MODE', value: 'off' })
    expect(spec.containers[0].env).toContainEqual({ name: 'RUTAS_URL', value: 'http://rutas:8080' })
  })

  it('is not what callers of the gateway see', async () => {
    const manifests = await render({ service: 'gateway', environment: 'prod' })
    expect(find(manifests, 'Service', 'gateway').spec.ports[0].appProtocol).toBe('http')
    expect(find(await render(barcos), 'Service', 'barcos').spec.ports[0].appProtocol).toBe('https')
  })
})
