import { describe, expect, it } from 'vitest'
import { controllerOf, type Manifest, manifestsIn, partsOf, sharedChanges } from './manifests.ts'

const object = (kind: string, content: object, name = 'barcos'): Manifest => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...content,
})
const policy = (...apps: string[]): Manifest =>
  object('NetworkPolicy', { spec: { egress: apps.map((app) => ({ to: [{ app }] })) } })

describe('what stable pods share with a canary', () => {
  it.each([
    ['is as it was', policy('postgres'), policy('postgres')],
    ['lets them reach more', policy('postgres'), policy('valkey', 'postgres')],
    [
      'has one more entry',
      object('ConfigMap', { data: { a: '1' } }),
      object('ConfigMap', { data: { a: '1', b: '2' } }),
    ],
    [
      'has a first annotation, and other labels',
      object('ServiceAccount', { metadata: { name: 'barcos', labels: { version: '1' } } }),
      object('ServiceAccount', { metadata: { name: 'barcos', annotations: { role: 'a' } } }),
    ],
  ])('may change when it %s', (_what, before, after) => {
    expect(sharedChanges([before], [after, object('Role', {})])).toEqual([])
  })

  it.each([
    ['is gone', policy('postgres'), object('Role', {}), 'NetworkPolicy barcos (is gone)'],
    [
      'reaches less',
      policy('postgres', 'valkey'),
      policy('valkey'),
      'NetworkPolicy barcos (spec.egress)',
    ],
    [
      'has another entry',
      object('ConfigMap', { data: { a: '1' } }),
      object('ConfigMap', { data: { a: '2' } }),
      'ConfigMap barcos (data.a)',
    ],
    [
      'has lost an entry',
      object('Secret', { stringData: { a: '1' } }),
      object('Secret', { stringData: {} }),
      'Secret barcos (stringData.a)',
    ],
    [
      'selects fewer pods',
      object('Service', { spec: { selector: { app: 'barcos' } } }),
      object('Service', { spec: { selector: { app: 'barcos', tier: 'new' } } }),
      'Service barcos (spec.selector.tier)',
    ],
  ])('may not when it %s', (_what, before, after, change) => {
    expect(sharedChanges([before], [after])).toEqual([change])
  })
})

it('is told apart from what is the stable release’s own, and from what reaches no pod', () => {
  const { own, shared } = partsOf(
    ['Deployment', 'HorizontalPodAutoscaler', 'Service', 'PrometheusRule'].map((kind) =>
      object(kind, {}),
    ),
  )
  expect(own.map(({ kind }) => kind)).toEqual(['Deployment', 'HorizontalPodAutoscaler'])
  expect(shared.map(({ kind }) => kind)).toEqual(['Service'])
})

it('is read from YAML, without hooks', () => {
  const hook = 'kind: Job\nmetadata: { name: a, annotations: { helm.sh/hook: test } }'
  expect(
    manifestsIn(`---\n# Source: a\nkind: Rollout\nmetadata: { name: a }\n---\n${hook}\n---\n`),
  ).toEqual([{ kind: 'Rollout', metadata: { name: 'a' } }])
  expect(() => manifestsIn('a: [')).toThrow()
})

it('says which controller releases', () => {
  expect(controllerOf([object('Rollout', {})])).toBe('argo')
  expect(controllerOf([object('Deployment', {}), object('Canary', {})])).toBe('flagger')
  expect(controllerOf([object('Deployment', {})])).toBeNull()
})
