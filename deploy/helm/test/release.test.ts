import { Cluster, keptAsValues, type Wanted } from '@porttrack/release/cluster'
import { partsOf, sharedChanges } from '@porttrack/release/manifests'
import { describe, expect, it } from 'vitest'
import {
  canary,
  find,
  helm,
  type Manifest,
  manifestsIn,
  ofKind,
  podsOf,
  type Service,
  services,
  stable,
} from './helm.ts'

const options = { run: 'somebody', helmTimeout: 900, rollbackTimeout: 300, grace: 15 }

/** What Helm makes of the release command's own arguments. */
const upgrade = async (service: Service, wanted: Wanted): Promise<Manifest[]> => {
  const cluster = new Cluster({ service, environment: 'prod' }, options)
  const output = await helm(
    [
      ...cluster.upgradeArguments(wanted),
      `--namespace=${cluster.namespace}`,
      '--dry-run=client',
      '--output=json',
    ],
    wanted.kept && keptAsValues(wanted.kept),
  )
  return manifestsIn((JSON.parse(output) as { manifest: string }).manifest)
}

const imageOf = (manifests: readonly Manifest[], name: string): string =>
  podsOf(find(manifests, 'Deployment', name))[0]!.spec.containers[0]!.image

describe.each(services)('the release command with the chart of %s', (service) => {
  it('begins with a canary that nobody reaches', async () => {
    const manifests = await upgrade(service, {
      stable,
      canary: { ...canary, weight: 0, replicas: 1 },
    })
    expect(imageOf(manifests, service)).toContain(stable.digest)
    expect(imageOf(manifests, `${service}-canary`)).toContain(canary.digest)
    expect(weightIn(manifests, service)).toBe(0)
  })

  it('leaves what is only the stable release’s as it is, whatever the chart makes of it', async () => {
    const { own } = partsOf(await upgrade(service, { stable, canary: null }))
    const older = structuredClone(own)
    for (const manifest of older) {
      if (manifest.kind === 'Deployment') podsOf(manifest)[0]!.spec.containers[0]!.env = []
      else Object.assign(manifest, { spec: { ...(manifest.spec as object), minReplicas: 2 } })
    }
    const manifests = await upgrade(service, {
      stable,
      canary: { ...canary, weight: 5, replicas: 3 },
      kept: older,
    })
    expect(partsOf(manifests).own.filter(({ metadata }) => metadata.name === service)).toEqual(
      older,
    )
    expect(imageOf(manifests, `${service}-canary`)).toContain(canary.digest)
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(names.length).toBe(new Set(names).size)
  })

  it('shares nothing between stable and canary that another image changes', async () => {
    const [before, after] = await Promise.all(
      [stable, canary].map((image) => upgrade(service, { stable: image, canary: null })),
    )
    expect(sharedChanges(partsOf(before!).shared, partsOf(after!).shared)).toEqual([])
    expect(partsOf(before!).shared.length).toBeGreaterThan(5)
  })

  it('gives it callers', async () => {
    const manifests = await upgrade(service, {
      stable,
      canary: { ...canary, weight: 25, replicas: 2 },
    })
    expect(weightIn(manifests, service)).toBe(25)
    const { spec } = find(manifests, 'HorizontalPodAutoscaler', `${service}-canary`)
    expect(spec.minReplicas).toBe(2)
  })

  it('promotes it', async () => {
    const manifests = await upgrade(service, { stable: canary, canary: null })
    expect(imageOf(manifests, service)).toContain(canary.digest)
    expect(ofKind(manifests, 'Deployment').map(({ metadata }) => metadata.name)).toEqual([service])
    expect(weightIn(manifests, service)).toBe(0)
  })
})

/** Percent of callers for the canary, where the command looks for it. */
const weightIn = (manifests: readonly Manifest[], service: Service): number => {
  if (service !== 'gateway') {
    const { data = {} } = find(manifests, 'ConfigMap', `${service}-upstreams`)
    return (JSON.parse(data[`${service}.json`]!) as { weight: number }).weight
  }
  const { rules } = find(manifests, 'HTTPRoute', service).spec
  return rules.at(-1).backendRefs.find(({ name }: { name: string }) => name === 'gateway-canary')
    .weight
}
