import { describe, expect, it } from 'vitest'
import type { Manifest } from './helm.ts'
import { faultsOf } from './schemas.ts'

const deployment = (spec: object): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'barcos' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c' }] } },
    ...spec,
  },
})

describe('the check of manifests', () => {
  it('takes what is right', async () => {
    expect(await faultsOf(deployment({ replicas: 2 }))).toEqual([])
  })

  it.each([
    ['a value of the wrong type', deployment({ replicas: 'two' }), 'integer'],
    ['a missing field', deployment({ selector: undefined }), 'selector'],
    ['a field that there is not', deployment({ replica: 2 }), '/spec/replica is no field of it'],
    [
      'a field of Flagger that there is not',
      {
        apiVersion: 'flagger.app/v1beta1',
        kind: 'MetricTemplate',
        metadata: { name: 'barcos' },
        spec: { provider: { type: 'prometheus', url: 'http://prometheus' }, query: '1' },
      },
      '/spec/provider/url is no field of it',
    ],
  ])('finds %s', async (_what, manifest, fault) => {
    expect((await faultsOf(manifest)).join('\n')).toContain(fault)
  })

  it('knows no other kinds', async () => {
    const manifest = { apiVersion: 'v2', kind: 'Thing', metadata: { name: 'x' } }
    await expect(faultsOf(manifest)).rejects.toThrow('no schema is known of v2 Thing')
  })
})
