import { describe, expect, it } from 'vitest'
import {
  canary as canaryImage,
  type Chart,
  find,
  type Manifest,
  ofKind,
  podsOf,
  render,
  stable as stableImage,
} from './helm.ts'

const barcos: Chart = { service: 'barcos', environment: 'prod', canary: true }
const argo: Chart = { ...barcos, engine: 'argo' }
const flagger: Chart = { ...barcos, engine: 'flagger' }

const serverOf = (manifest: Manifest) => podsOf(manifest)[0]!.spec.containers[0]!
const imageOf = (manifest: Manifest): string => serverOf(manifest).image
const backgroundOf = (manifest: Manifest): string | undefined =>
  serverOf(manifest).env?.find(({ name }) => name === 'BACKGROUND')?.value

/** The pod, but for what tells one workload and one version from the other. */
const commonOf = (manifest: Manifest): object => {
  const { spec } = structuredClone(podsOf(manifest)[0]!)
  for (const container of spec.containers) {
    container.image = ''
    delete container.lifecycle
    container.env = container.env!.filter(({ name }) => name !== 'BACKGROUND')
  }
  return { ...spec, terminationGracePeriodSeconds: 0, topologySpreadConstraints: [] }
}

describe.each([
  ['Argo Rollouts', argo, 'Rollout'],
  ['Flagger', flagger, 'Deployment'],
])('%s', (_name, chart, kind) => {
  it('is given the same pods', async () => {
    const native = { ...barcos, values: { canary: { split: 'route' }, tls: { mode: 'off' } } }
    const expected = commonOf(find(await render(native), 'Deployment', 'barcos'))
    const manifests = await render(chart)
    expect(commonOf(find(manifests, kind, 'barcos'))).toEqual(expected)
    expect(commonOf(find(manifests, 'Deployment', 'barcos-background'))).toEqual(expected)
  })

  it('is given the canary’s image while there is one, and the stable one otherwise', async () => {
    expect(imageOf(find(await render(chart), kind, 'barcos'))).toContain(canaryImage.digest)
    const without = await render({ ...chart, canary: false })
    expect(imageOf(find(without, kind, 'barcos'))).toContain(stableImage.digest)
  })

  it('leaves consumers and jobs to pods of their own, of the stable image', async () => {
    const manifests = await render(chart)
    expect(backgroundOf(find(manifests, kind, 'barcos'))).toBe('off')
    const background = find(manifests, 'Deployment', 'barcos-background')
    expect(backgroundOf(background)).toBe('on')
    expect(imageOf(background)).toContain(stableImage.digest)
    // Whoever asks for barcos must not be sent to them.
    const { labels } = podsOf(background)[0]!.metadata
    for (const { metadata, spec } of ofKind(manifests, 'Service')) {
      const chosen = Object.entries(spec.selector as object).every(
        ([name, value]) => labels[name] === value,
      )
      expect([metadata.name, chosen]).toEqual([metadata.name, metadata.name === 'barcos-metrics'])
    }
  })

  it('has no pods beside it for a gateway, which has no background', async () => {
    const manifests = await render({ ...chart, service: 'gateway' })
    expect(backgroundOf(find(manifests, kind, 'gateway'))).toBe('on')
    expect(manifests.map(({ metadata }) => metadata.name)).not.toContain('gateway-background')
  })

  it('scales what it controls', async () => {
    const { spec } = find(await render(chart), 'HorizontalPodAutoscaler', 'barcos')
    expect(spec.scaleTargetRef).toMatchObject({ kind, name: 'barcos' })
  })
})

describe('Argo Rollouts', () => {
  it('passes through the steps, each measured', async () => {
    const { spec } = find(await render(argo), 'Rollout', 'barcos')
    const measured = [
      { pause: { duration: '10m' } },
      { analysis: { templates: [{ templateName: 'barcos' }] } },
    ]
    expect(spec.strategy.canary.steps).toEqual([
      { setWeight: 5 },
      {
        setHeaderRoute: {
          name: 'barcos-header',
          match: [{ headerName: 'x-canary', headerValue: { exact: 'always' } }],
        },
      },
      ...measured,
      { setWeight: 25 },
      ...measured,
      { setWeight: 50 },
      ...measured,
    ])
  })

  it('moves the weights of the route between both Services', async () => {
    const manifests = await render(argo)
    const { canary } = find(manifests, 'Rollout', 'barcos').spec.strategy
    expect(canary).toMatchObject({
      stableService: 'barcos-stable',
      canaryService: 'barcos-canary',
      trafficRouting: {
        managedRoutes: [{ name: 'barcos-header' }],
        plugins: { 'argoproj-labs/gatewayAPI': { httpRoutes: [{ name: 'barcos' }] } },
      },
    })
    const { rules } = find(manifests, 'HTTPRoute', 'barcos').spec
    expect(rules).toEqual([
      {
        backendRefs: [
          { name: 'barcos-stable', port: 8080, weight: 100 },
          { name: 'barcos-canary', port: 8080, weight: 0 },
        ],
      },
    ])
  })

  it('takes nothing but a number within the bounds for a success', async () => {
    const { spec } = find(await render(argo), 'AnalysisTemplate', 'barcos')
    const metrics = spec.metrics as {
      name: string
      successCondition: string
      failureLimit: number
    }[]
    expect(metrics.length).toBeGreaterThan(5)
    for (const { successCondition, failureLimit } of metrics) {
      expect(successCondition).toMatch(
        /^len\(result\) == 1 && !isNaN\(result\[0\]\)(?: && result\[0\] [<>]= \d+(?:\.\d+)?)+$/,
      )
      expect(failureLimit).toBe(0)
    }
  })
})

describe('Flagger', () => {
  it('passes through the steps, and takes back at the first check that fails', async () => {
    const { spec } = find(await render(flagger), 'Canary', 'barcos')
    expect(spec.targetRef).toMatchObject({ kind: 'Deployment', name: 'barcos' })
    expect(spec.analysis).toMatchObject({ interval: '10m', threshold: 1, stepWeights: [5, 25, 50] })
    expect(spec.service.gatewayRefs).toEqual([
      { group: '', kind: 'Service', name: 'barcos', port: 8080 },
    ])
  })

  it('asks what Argo Rollouts asks', async () => {
    const manifests = await render(flagger)
    const checks = find(manifests, 'Canary', 'barcos').spec.analysis.metrics as {
      name: string
      templateRef: { name: string }
      thresholdRange: { min?: number; max?: number }
    }[]
    const asked = checks.map(({ name, templateRef, thresholdRange }) => {
      expect(Object.keys(thresholdRange).length).toBeGreaterThan(0)
      return { name, query: find(manifests, 'MetricTemplate', templateRef.name).spec.query }
    })
    const { spec } = find(await render(argo), 'AnalysisTemplate', 'barcos')
    expect(asked).toEqual(
      spec.metrics.map((metric: { name: string; provider: { prometheus: { query: string } } }) => ({
        name: metric.name,
        query: metric.provider.prometheus.query,
      })),
    )
    expect(asked[0]!.query).toContain('namespace="porttrack-prod"')
  })

  it('keeps its hands off what changes beneath the processes', async () => {
    const off = { 'flagger.app/config-tracking': 'disabled' }
    const manifests = await render(flagger)
    const { template } = find(manifests, 'ExternalSecret', 'barcos-secrets').spec.target
    expect(template.metadata.annotations).toEqual(off)
    expect(find(manifests, 'ConfigMap', 'barcos-upstreams').metadata.annotations).toEqual(off)
    const dev = await render({ ...flagger, environment: 'dev' })
    expect(find(dev, 'Secret', 'barcos-secrets').metadata.annotations).toEqual(off)
    const entrance = await render({
      ...flagger,
      service: 'gateway',
      values: { tls: { mode: 'mutual' } },
    })
    expect(find(entrance, 'Certificate', 'gateway-tls').spec.secretTemplate.annotations).toEqual(
      off,
    )
  })

  it('makes Services and route itself', async () => {
    const manifests = await render(flagger)
    const names = ofKind(manifests, 'Service').map(({ metadata }) => metadata.name)
    expect(names).toEqual(['barcos-metrics'])
    expect(ofKind(manifests, 'HTTPRoute')).toEqual([])
  })
})
