import { describe, expect, it } from 'vitest'
import {
  canary as canaryImage,
  type Chart,
  type Container,
  engines,
  environments,
  find,
  type Manifest,
  ofKind,
  podsOf,
  type PodSpec,
  render,
  services,
  stable as stableImage,
} from './helm.ts'

const charts: Chart[] = services.flatMap((service) =>
  environments.flatMap((environment) =>
    engines.map((engine) => ({ service, environment, engine, canary: true })),
  ),
)

const containersOf = (manifests: readonly Manifest[]): Container[] =>
  manifests.flatMap(podsOf).flatMap(({ spec }) => spec.containers)

describe.each(charts)('$service in $environment, $engine', (chart) => {
  const { service } = chart

  it('runs as nobody in particular, on a file system that cannot be written', async () => {
    const pods = (await render(chart)).flatMap(podsOf)
    expect(pods.length).toBeGreaterThan(1)
    for (const { spec } of pods) {
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65_532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      })
      expect(spec).not.toHaveProperty('hostNetwork')
      expect(spec).not.toHaveProperty('hostPID')
      expect(JSON.stringify(spec.volumes ?? [])).not.toMatch(/hostPath|emptyDir/)
    }
    for (const { securityContext } of containersOf(await render(chart))) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      })
    }
  })

  it('asks for what it needs and gets no more', async () => {
    for (const { resources } of containersOf(await render(chart))) {
      expect(resources).toEqual({
        requests: { cpu: expect.anything(), memory: expect.any(String) },
        limits: { cpu: expect.anything(), memory: expect.any(String) },
      })
    }
  })

  it('is probed, and has time to end', async () => {
    const manifests = await render(chart)
    const servers = manifests
      .filter(({ kind }) => kind === 'Deployment' || kind === 'Rollout')
      .flatMap(podsOf)
    expect(servers.length).toBeGreaterThan(0)
    for (const { spec } of servers) {
      const [server] = spec.containers
      const live = { httpGet: { path: '/health/live', port: 'management' } }
      expect(server).toMatchObject({
        startupProbe: live,
        livenessProbe: live,
        readinessProbe: { httpGet: { path: '/health/ready', port: 'management' } },
      })
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(endOf(spec))
    }
  })

  it('loses one pod at a time', async () => {
    const manifests = await render(chart)
    const { spec } = find(manifests, 'PodDisruptionBudget', service)
    expect(spec.maxUnavailable).toBe(1)
    for (const manifest of manifests.filter(({ kind }) =>
      ['Deployment', 'Rollout'].includes(kind),
    )) {
      expect(podsOf(manifest)[0]!.metadata.labels).toMatchObject(
        spec.selector.matchLabels as object,
      )
    }
  })

  it('has no pod whose network is open', async () => {
    const manifests = await render(chart)
    const policies = ofKind(manifests, 'NetworkPolicy')
    for (const { metadata } of manifests.flatMap(podsOf)) {
      const chosen = policies.filter(({ spec }) =>
        Object.entries(spec.podSelector.matchLabels as object).every(
          ([name, value]) => metadata.labels[name] === value,
        ),
      )
      expect(chosen.map(({ spec }) => spec.policyTypes)).toEqual([['Ingress', 'Egress']])
    }
    // An empty list of peers would be everybody.
    for (const { spec } of policies) {
      for (const rule of (spec.ingress ?? []) as { from?: object[] }[]) {
        expect(rule.from?.length).toBeGreaterThan(0)
      }
      for (const rule of (spec.egress ?? []) as { to?: object[] }[]) {
        expect(rule.to?.length).toBeGreaterThan(0)
      }
    }
  })

  it('names its images by digest', async () => {
    for (const { image } of containersOf(await render(chart))) {
      expect(image).toMatch(/:v1\.[01]\.0[a-z0-9.-]*@sha256:[0-9a-f]{64}$/)
    }
  })

  it('has the same labels everywhere', async () => {
    const manifests = await render(chart)
    const pods = manifests.flatMap(podsOf)
    for (const { metadata } of [...manifests, ...pods]) {
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/name': expect.stringMatching(`^${service}`),
        'app.kubernetes.io/instance': service,
        'app.kubernetes.io/component': expect.stringMatching(/^(?:server|migration|test)$/),
        'app.kubernetes.io/version': expect.stringMatching(/^v1\./),
        'app.kubernetes.io/part-of': 'porttrack',
        'app.kubernetes.io/managed-by': 'Helm',
      })
    }
    for (const { metadata } of manifests) {
      expect(metadata).toMatchObject({ namespace: `porttrack-${chart.environment}` })
      expect(metadata.labels).toHaveProperty(['helm.sh/chart'])
    }
  })
})

/** Seconds until the process has ended by itself. */
const endOf = ({ containers: [server] }: PodSpec): number => {
  const drain = server!.env?.find(({ name }) => name === 'DRAIN_SECONDS')?.value
  const lifecycle = server!.lifecycle as { preStop: { sleep: { seconds: number } } } | undefined
  return (lifecycle?.preStop.sleep.seconds ?? 0) + Number(drain) + 20
}

describe('who may reach whom', () => {
  it('is what calls, and is the same on both sides', async () => {
    const calls: string[] = []
    const called: string[] = []
    for (const service of services) {
      const { spec } = find(
        await render({ service, environment: 'prod' }),
        'NetworkPolicy',
        service,
      )
      for (const { ports, to } of spec.egress as Rule[]) {
        if (ports[0]?.port === 8080) calls.push(...processesOf(to).map((to) => `${service} ${to}`))
      }
      for (const { ports, from } of spec.ingress as Rule[]) {
        if (ports[0]?.port === 8080)
          called.push(...processesOf(from).map((by) => `${by} ${service}`))
      }
    }
    expect(calls.toSorted()).toEqual(called.toSorted())
    for (const read of ['barcos rutas', 'barcos carga', 'barcos personal']) {
      expect(calls).toContain(read)
    }
  })
})

type Rule = { ports: { port: number }[]; to?: Peer[]; from?: Peer[] }
type Peer = { podSelector?: { matchLabels: Record<string, string> } }
const processesOf = (peers: Peer[] = []): string[] =>
  peers.flatMap(({ podSelector }) => podSelector?.matchLabels['app.kubernetes.io/instance'] ?? [])

describe('a native canary', () => {
  const chart: Chart = { service: 'barcos', environment: 'prod', canary: true }

  it('differs from the stable release by track, image, background and how it ends', async () => {
    const manifests = await render(chart)
    const [stable] = podsOf(find(manifests, 'Deployment', 'barcos'))
    const [canary] = podsOf(find(manifests, 'Deployment', 'barcos-canary'))
    const server = canary!.spec.containers[0]!
    expect(server.env).toContainEqual({ name: 'BACKGROUND', value: 'off' })
    expect(server.image).toContain(`:${canaryImage.tag}@${canaryImage.digest}`)
    expect(canary!.metadata.labels['porttrack.io/track']).toBe('canary')

    const back = structuredClone(canary!)
    back.metadata.labels['porttrack.io/track'] = 'stable'
    back.metadata.labels['app.kubernetes.io/version'] = stableImage.tag
    back.spec.terminationGracePeriodSeconds -= 90
    const [container] = back.spec.containers
    container!.image = `ghcr.io/porttrack/porttrack/barcos:${stableImage.tag}@${stableImage.digest}`
    container!.env!.find(({ name }) => name === 'BACKGROUND')!.value = 'on'
    delete container!.lifecycle
    expect(back).toEqual(stable)
  })

  it('leaves the stable release as it is without one', async () => {
    const before = find(await render({ ...chart, canary: false }), 'Deployment', 'barcos')
    expect(find(await render(chart), 'Deployment', 'barcos')).toEqual(before)
  })

  it('migrates with the newest image', async () => {
    const imageOf = async (canary: boolean) =>
      podsOf(find(await render({ ...chart, canary }), 'Job', 'barcos-migration'))[0]?.spec
        .containers[0]?.image
    expect(await imageOf(false)).toContain(stableImage.digest)
    expect(await imageOf(true)).toContain(canaryImage.digest)
  })

  it.each([
    [0, 1],
    [5, 1],
    [25, 1],
    [50, 3],
  ])('with %i %% of the callers has %i pods at least', async (weight, pods) => {
    const manifests = await render({ ...chart, values: { canary: { weight } } })
    const { spec } = find(manifests, 'HorizontalPodAutoscaler', 'barcos-canary')
    expect(spec.minReplicas).toBe(pods)
    expect(find(manifests, 'Deployment', 'barcos-canary').spec).not.toHaveProperty('replicas')
  })
})
