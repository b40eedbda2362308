import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Platform, startPlatform } from '@porttrack/scripts/platform/platform'
import { ephemeralPorts } from '@porttrack/scripts/platform/ports'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Desired, digestOf, TestCluster } from '../cluster.ts'
import { startRelease } from '../release-command.ts'
import { startCallers } from './callers.ts'
import { type PrometheusServer, startPrometheus } from './prometheus-server.ts'
import { startUserPool, type UserPool } from './user-pool.ts'
import { startVersion, type Version } from './version.ts'

const stable = { tag: 'v1.0.0', digest: digestOf('a') }
const good = { tag: 'v1.1.0', digest: digestOf('b') }
const faulty = { tag: 'v1.1.1', digest: digestOf('c') }
const slow = { tag: 'v1.1.2', digest: digestOf('d') }

const undo = new AsyncDisposableStack()
let folder: string
let pool: UserPool
let platform: Platform
let prometheus: PrometheusServer
let cluster: TestCluster
/** By digest: what a pod of that image is here. */
const versions = new Map<string, { version: Version; managementUrl: string }>()

/** What a cluster does with what it is told: files for the gateway, pods to scrape. */
const apply = async (desired: Desired | null): Promise<void> => {
  if (desired === null) return
  const pods = { stable: desired.stable, canary: desired.canary }
  const urlOf = (digest?: string) => versions.get(digest ?? '')?.version.url ?? null
  const split = {
    stable: urlOf(pods.stable.digest),
    canary: urlOf(pods.canary?.digest),
    weight: desired.canary?.weight ?? 0,
  }
  const file = join(folder, 'carga.json')
  await writeFile(`${file}.next`, JSON.stringify(split))
  await rename(`${file}.next`, file)
  const namespace = 'porttrack-prod'
  const gateway = { namespace, service: 'gateway', pod: 'gateway-1' }
  await prometheus.scrape([
    { address: new URL(platform.managementUrl('gateway')).host, labels: gateway },
    ...Object.entries(pods).flatMap(([track, image]) => {
      const found = versions.get(image?.digest ?? '')
      if (!found) return []
      const labels = { namespace, service: 'carga', track, pod: `carga-${track}` }
      return [{ address: new URL(found.managementUrl).host, labels }]
    }),
  ])
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porttrack-measured-'))
  undo.defer(() => rm(folder, { recursive: true }))
  pool = undo.use(await startUserPool())
  platform = undo.use(
    await startPlatform({
      ports: 'ephemeral',
      // carga reads the feed of barcos: how far behind it is, is asked once a release is promoted.
      applications: ['barcos', 'carga', 'gateway'],
      environment: { LOG_LEVEL: 'warn' },
      environmentOf: {
        gateway: {
          UPSTREAMS_DIR: folder,
          COGNITO_JWKS_URL: pool.keysUrl,
          RATE_LIMIT_ADDRESS: '0',
        },
      },
    }),
  )
  const replica = await platform.startReplica('carga')
  const { personal: port } = await ephemeralPorts()
  prometheus = undo.use(await startPrometheus(join(folder, 'prometheus'), port))
  const add = async (
    image: { digest: string },
    started: Promise<Version>,
    managementUrl: string,
  ) => {
    versions.set(image.digest, { version: undo.use(await started), managementUrl })
  }
  const { url, managementUrl } = replica
  await add(stable, startVersion(platform.serviceUrl('carga')), platform.managementUrl('carga'))
  await add(good, startVersion(url), managementUrl)
  await add(faulty, startVersion(url, { failing: 50 }), managementUrl)
  await add(slow, startVersion(url, { slower: 1.5 }), managementUrl)
  cluster = undo.use(await TestCluster.start(stable, 'carga'))
  cluster.gateways = ['gateway-1']
  cluster.onChange = apply
  await apply({ stable, canary: null })
  const callers = Array.from({ length: 240 }, (_, n) => ({
    token: pool.token(`caller-${n}`, 'viewer'),
  }))
  // Smoke tests: an administrator's may ask for the canary, so that few callers suffice at 5 %.
  const smoke = Array.from({ length: 20 }, () => ({
    token: pool.token('smoke-test', 'admin'),
    headers: { 'x-canary': 'always' },
  }))
  const path = `${platform.gatewayUrl}/carga/v1/container-visits`
  const { statuses } = undo.use(startCallers(path, [...callers, ...smoke]))
  // What everyone's first request takes says nothing of the stable release.
  await vi.waitUntil(() => (statuses().get(200) ?? 0) > 800, { timeout: 60_000, interval: 100 })
})
afterAll(() => undo.disposeAsync())

const quick = Object.entries({
  interval: 1,
  window: 6,
  patience: 60,
  verification: 3,
  'minimum-requests': 100,
}).flatMap(([flag, value]) => [`--${flag}`, String(value)])

const release = ({ tag, digest }: { tag: string; digest: string }) =>
  startRelease(
    [
      'carga',
      'prod',
      '--version',
      tag,
      '--digest',
      digest,
      '--prometheus',
      prometheus.url,
      ...quick,
    ],
    cluster.env,
  ).ended

const mostGiven = (): number =>
  Math.max(
    0,
    ...cluster.calls.flatMap((call) => {
      const found = /canary\.weight=(\d+)/.exec(call)
      return found ? [Number(found[1])] : []
    }),
  )

describe('measured by a Prometheus, with real processes behind a real split', () => {
  it.each([
    ['answers 2 % of the requests with an error', faulty, /success-rate/],
    ['is one and a half times as slow', slow, /mean-ratio/],
  ])('a version that %s goes back at the first step', async (what, image, why) => {
    cluster.calls.length = 0
    let takenBack = 0
    cluster.onChange = async (desired) => {
      if (desired?.canary === null) takenBack = performance.now()
      await apply(desired)
    }
    const { code, told, text } = await release(image)
    expect(code, text).toBe(1)
    expect(told.findLast(({ event }) => event === 'rolled-back')?.['why'], text).toMatch(why)
    expect(mostGiven()).toBe(5)
    expect(cluster.present).toEqual({ stable, canary: null })
    const harmedAt = versions.get(image.digest)?.version.harmedAt() ?? 0
    const seconds = ((takenBack - harmedAt) / 1_000).toFixed(1)
    process.stdout.write(`a version that ${what}: rolled back ${seconds} s after its first fault\n`)
  })

  it('a good version is promoted', async () => {
    cluster.onChange = apply
    const { code, text } = await release(good)
    expect(code, text).toBe(0)
    expect(cluster.present).toEqual({ stable: good, canary: null })
  })
})
