import { describe, expect, it } from 'vitest'
import { type Chart, render, type Values } from './helm.ts'

const barcos: Chart = { service: 'barcos', environment: 'prod' }
const gateway: Chart = { service: 'gateway', environment: 'prod' }

const rutas: Chart = { service: 'rutas', environment: 'prod' }
const hearing = (AIS_RECEIVERS: string, network: Values = {}): Values => ({
  settingsFor: { rutas: { AIS_RECEIVERS } },
  network,
})

const cases: [string, Chart, Values, string][] = [
  [
    'a canary without a tag',
    barcos,
    { canary: { enabled: true, image: { tag: '' } } },
    "at '/canary/image/tag': minLength: got 0, want 1",
  ],
  [
    'a weight over 50',
    barcos,
    { canary: { weight: 51 } },
    "at '/canary/weight': maximum: got 51, want 50",
  ],
  [
    'a weight below 0',
    barcos,
    { canary: { weight: -1 } },
    "at '/canary/weight': minimum: got -1, want 0",
  ],
  [
    'an image without a tag',
    barcos,
    { image: { tag: '' } },
    "at '/image/tag': minLength: got 0, want 1",
  ],
  [
    'an image in prod without a digest',
    barcos,
    { image: { tag: 'v1.0.0' } },
    "at '/image/digest': minLength: got 0, want 1",
  ],
  [
    'a canary in prod without a digest',
    barcos,
    { canary: { enabled: true, image: { tag: 'v1.1.0-canary.1' } } },
    "at '/canary/image/digest': minLength: got 0, want 1",
  ],
  [
    'a digest that is none',
    barcos,
    { image: { tag: 'v1.0.0', digest: 'latest' } },
    "at '/image/digest': 'latest' does not match pattern",
  ],
  [
    'a route below a Service with mutual TLS',
    barcos,
    { canary: { split: 'route' } },
    "at '/tls/mode': value must be 'off'",
  ],
  [
    'Argo Rollouts where the gateway splits',
    barcos,
    { rollout: { engine: 'argo' }, tls: { mode: 'off' } },
    "at '/canary/split': value must be 'route'",
  ],
  [
    'Flagger where the gateway splits',
    barcos,
    { rollout: { engine: 'flagger' }, tls: { mode: 'off' } },
    "at '/canary/split': value must be 'route'",
  ],
  [
    'a gateway that splits its own callers',
    gateway,
    { canary: { split: 'gateway' } },
    "at '/canary/split': value must be 'route'",
  ],
  [
    'an engine that there is not',
    barcos,
    { rollout: { engine: 'spinnaker' } },
    "at '/rollout/engine': value must be one of 'native', 'argo', 'flagger'",
  ],
  [
    'a setting that there is not',
    barcos,
    { settings: { PORT_TIME_ZONE: '*=Etc/UTC' } },
    "at '/settings': additional properties 'PORT_TIME_ZONE' not allowed",
  ],
  [
    'a setting of another process',
    barcos,
    { settings: { RATE_LIMIT_CALLER: 1 } },
    "at '/settings': additional properties 'RATE_LIMIT_CALLER' not allowed",
  ],
  [
    'a setting that the chart gives',
    barcos,
    { settings: { BACKGROUND: 'off' } },
    "at '/settings': additional properties 'BACKGROUND' not allowed",
  ],
  [
    'a secret among the settings',
    barcos,
    { settings: { CURSOR_KEY: 'x'.repeat(32) } },
    "at '/settings': additional properties 'CURSOR_KEY' not allowed",
  ],
  [
    'a setting out of its range',
    barcos,
    { settings: { TRACE_SAMPLE_RATIO: 2 } },
    "at '/settings/TRACE_SAMPLE_RATIO': maximum: got 2, want 1",
  ],
  [
    'a value that there is not',
    barcos,
    { replica: 2 },
    "additional properties 'replica' not allowed",
  ],
  [
    'secrets in plain in prod',
    barcos,
    { secrets: { source: 'plain' } },
    "at '/environment': value must be one of 'dev', 'test'",
  ],
  [
    'invented secrets in prod',
    barcos,
    { secrets: { store: { provider: 'fake', fake: { data: [{ key: 'a', value: 'b' }] } } } },
    "at '/environment': value must be one of 'dev', 'test'",
  ],
  [
    'a Vault that is nowhere',
    barcos,
    { secrets: { store: { provider: 'vault' } } },
    "at '/secrets/store/vault/server': minLength: got 0, want 1",
  ],
  [
    'an existing Secret without a name',
    barcos,
    { secrets: { source: 'existing' } },
    "at '/secrets/name': minLength: got 0, want 1",
  ],
  [
    'a plain secret that is missing',
    { ...barcos, environment: 'dev' },
    { secrets: { plain: { CURSOR_KEY: 'x' } } },
    'secrets.plain.DATABASE_URL is missing, which secrets.source plain needs',
  ],
  [
    'a database that nobody may reach',
    barcos,
    { network: { database: [] } },
    "at '/network/database': minItems: got 0, want 1",
  ],
  [
    'a gateway without a user pool',
    gateway,
    { cognito: { userPoolId: '' } },
    "at '/cognito/userPoolId': minLength: got 0, want 1",
  ],
  [
    'a gateway without a Gateway',
    gateway,
    { route: { parentRefs: [] } },
    "at '/route/parentRefs': minItems: got 0, want 1",
  ],
  [
    'a setting of one process that it does not take',
    rutas,
    { settingsFor: { rutas: { RATE_LIMIT_CALLER: 1 } } },
    "at '/settingsFor/rutas': additional properties 'RATE_LIMIT_CALLER' not allowed",
  ],
  [
    'settings of a process that there is not',
    rutas,
    { settingsFor: { ships: {} } },
    "at '/settingsFor': additional properties 'ships' not allowed",
  ],
  [
    'a receiver that is none',
    rutas,
    hearing('roof=serial://0.0.0.0:10110'),
    'roof=serial://0.0.0.0:10110 is not name=udp|tcp-listen|tcp://host:port',
  ],
  [
    'a receiver that listens to itself alone',
    rutas,
    hearing('roof=udp://127.0.0.1:10110'),
    'listens at 127.0.0.1, where nothing reaches it in a cluster',
  ],
  [
    'a receiver at a port that only root opens',
    rutas,
    hearing('roof=udp://0.0.0.0:514'),
    'take a port from 1024 on that is not 8080 or 9090',
  ],
  [
    'a receiver at the port of the API',
    rutas,
    hearing('hub=tcp-listen://0.0.0.0:8080'),
    'take a port from 1024 on that is not 8080 or 9090',
  ],
  [
    'receivers to which nobody may send',
    rutas,
    hearing('roof=udp://0.0.0.0:10110', { receivers: [] }),
    'network.receivers says nobody may send to AIS_RECEIVERS',
  ],
  [
    'a station that may not be connected to',
    rutas,
    hearing('north=tcp://ais.example.org:5631'),
    'network.stations names no station that AIS_RECEIVERS could connect to',
  ],
  [
    'more pods at least than at most',
    barcos,
    { autoscaling: { maxReplicas: 2 } },
    'autoscaling.maxReplicas, 2, is less than autoscaling.minReplicas, 3',
  ],
]

describe('the charts refuse', () => {
  it.each(cases)('%s', async (_what, chart, values, words) => {
    await expect(render({ ...chart, values })).rejects.toThrow(words)
  })

  it('a release by another name', async () => {
    await expect(render({ ...barcos, release: 'ships' })).rejects.toThrow(
      'the release must be called barcos',
    )
  })
})
