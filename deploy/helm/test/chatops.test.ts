import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readAccess } from '../../../chatops/src/access.ts'
import { helm, manifestsIn } from './helm.ts'
import { faultsOf } from './schemas.ts'

const chart = fileURLToPath(new URL('../../../chatops/chart', import.meta.url))
const peers = [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }]
const values = {
  image: { digest: `sha256:${'a'.repeat(64)}`, tag: 'v1.0.0' },
  access: { rooms: ['C0PORT'], people: { U0EVA: { name: 'Eva', role: 'releaser' } } },
  settings: {
    ANNOUNCE_ROOM: 'C0PORT',
    GITHUB_REPOSITORY: 'porttrack/porttrack',
    GITHUB_APP_ID: '12',
    GITHUB_INSTALLATION_ID: '34',
    PROMETHEUS_URL: 'http://prometheus:9090',
    GRAFANA_URL: 'https://grafana.example',
    GATEWAY_URL: 'http://gateway:8080',
    TOKEN_URL: 'https://pool.example/oauth2/token',
    CLIENT_ID: 'bot',
  },
  secretName: 'chatops-secrets',
  network: { webhooks: peers, monitoring: peers, prometheus: peers, gateway: peers },
}
const render = async (change: object = {}) =>
  manifestsIn(await helm(['template', 'chatops', chart, '--values=-'], { ...values, ...change }))

describe('the chart of the bot', () => {
  it('becomes manifests that a cluster takes', async () => {
    const manifests = await render()
    for (const manifest of manifests) expect(await faultsOf(manifest)).toEqual([])
    expect(manifests.map(({ kind }) => kind).toSorted()).toEqual([
      'ConfigMap',
      'Deployment',
      'NetworkPolicy',
      'PersistentVolumeClaim',
      'Service',
      'ServiceAccount',
      'ServiceMonitor',
    ])
  })

  it('runs one restricted process, of a digest, that is never two', async () => {
    const { spec } = (await render()).find(({ kind }) => kind === 'Deployment') ?? {}
    expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
    const [container] = spec.template.spec.containers
    expect(container.image).toMatch(/@sha256:a{64}$/)
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(spec.template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
  })

  it('gives the bot an access file that it takes', async () => {
    const { data } = (await render()).find(({ kind }) => kind === 'ConfigMap') ?? {}
    expect(readAccess(data?.['access.yaml'] ?? '')).toEqual(values.access)
  })

  it.each([
    ['no digest', { image: { tag: 'v1' } }],
    ['nobody’s room', { access: { rooms: [], people: {} } }],
    [
      'a role that there is not',
      { access: { rooms: ['C0A'], people: { U0A: { name: 'A', role: 'root' } } } },
    ],
    ['a secret among the settings', { settings: { ...values.settings, SLACK_BOT_TOKEN: 'xoxb' } }],
    ['no Secret', { secretName: '' }],
  ])('refuses %s', async (_what, change) => {
    await expect(render(change)).rejects.toThrow(/values don't meet the specifications|schema/i)
  })
})
