import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { watchSplit } from '../../../gateway/src/split.ts'
import { type Chart, find, ofKind, render, type Values } from './helm.ts'

const chart: Chart = { service: 'barcos', environment: 'prod', canary: true }
const mesh: Values = { tls: { mode: 'off' }, canary: { split: 'route', weight: 25 } }

/** What the gateway makes of the file that the chart gives it. */
const asGatewayReads = async (chart: Chart) => {
  const { data = {} } = find(await render(chart), 'ConfigMap', `${chart.service}-upstreams`)
  const folder = await mkdtemp(join(tmpdir(), 'porttrack-split-'))
  try {
    const path = join(folder, `${chart.service}.json`)
    await writeFile(path, data[`${chart.service}.json`]!)
    const fault = (error: unknown): never => {
      throw error
    }
    const secure = chart.values?.['tls'] === undefined
    return watchSplit(path, { address: 'https://nowhere:1', secure, onFault: fault })()
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the gateway’s split', () => {
  it('is what the chart’s file says', async () => {
    expect(await asGatewayReads({ ...chart, values: { canary: { weight: 25 } } })).toEqual({
      stable: 'https://barcos-stable:8080',
      canary: 'https://barcos-canary:8080',
      weight: 25,
    })
  })

  it('has no canary without one', async () => {
    expect(await asGatewayReads({ ...chart, canary: false })).toEqual({
      stable: 'https://barcos-stable:8080',
      canary: null,
      weight: 0,
    })
  })

  it('is left to the mesh where an HTTPRoute splits', async () => {
    expect(await asGatewayReads({ ...chart, values: mesh })).toEqual({
      stable: 'http://barcos:8080',
      canary: null,
      weight: 0,
    })
  })

  it('finds the file of every service where it looks for it', async () => {
    const [pod] = ofKind(
      await render({ service: 'gateway', environment: 'prod' }),
      'Deployment',
    ).map(({ spec }) => spec.template.spec)
    const folder = pod.containers[0].env.find(
      ({ name }: { name: string }) => name === 'UPSTREAMS_DIR',
    ).value
    const { name } = pod.containers[0].volumeMounts.find(
      ({ mountPath }: { mountPath: string }) => mountPath === folder,
    )
    const volume = pod.volumes.find((volume: { name: string }) => volume.name === name)
    expect(volume.projected.sources).toEqual(
      ['barcos', 'carga', 'rutas', 'personal'].map((service) => ({
        configMap: { name: `${service}-upstreams`, optional: true },
      })),
    )
  })
})

describe('the split by HTTPRoute', () => {
  const weights = [
    { name: 'barcos-stable', port: 8080, weight: 75 },
    { name: 'barcos-canary', port: 8080, weight: 25 },
  ]

  it('of a service is below its Service', async () => {
    const { spec } = find(await render({ ...chart, values: mesh }), 'HTTPRoute', 'barcos')
    expect(spec.parentRefs).toEqual([{ group: '', kind: 'Service', name: 'barcos', port: 8080 }])
    expect(spec.rules).toEqual([
      {
        matches: [{ headers: [{ name: 'x-canary', value: 'always' }] }],
        backendRefs: [{ name: 'barcos-canary', port: 8080 }],
      },
      { backendRefs: weights },
    ])
  })

  it('of the gateway is below the Gateways that it is reached by', async () => {
    const entrance: Chart = { ...chart, service: 'gateway', values: { canary: { weight: 5 } } }
    const { spec } = find(await render(entrance), 'HTTPRoute', 'gateway')
    expect(spec.parentRefs).toEqual([{ name: 'porttrack', namespace: 'gateways' }])
    expect(spec.hostnames).toEqual(['api.porttrack.example'])
    expect(spec.rules.at(-1).backendRefs).toEqual([
      { name: 'gateway-stable', port: 8080, weight: 95 },
      { name: 'gateway-canary', port: 8080, weight: 5 },
    ])
  })

  it('sends nobody to a canary that there is not', async () => {
    const { spec } = find(
      await render({ ...chart, canary: false, values: mesh }),
      'HTTPRoute',
      'barcos',
    )
    expect(spec.rules).toEqual([
      {
        backendRefs: [
          { name: 'barcos-stable', port: 8080, weight: 100 },
          { name: 'barcos-canary', port: 8080, weight: 0 },
        ],
      },
    ])
  })

  it('is not there where the gateway splits', async () => {
    expect(ofKind(await render(chart), 'HTTPRoute')).toEqual([])
  })

  it('goes to Services that choose the pods of one track each', async () => {
    const manifests = await render(chart)
    for (const track of ['stable', 'canary']) {
      const { spec } = find(manifests, 'Service', `barcos-${track}`)
      expect(spec.selector).toMatchObject({ 'porttrack.io/track': track })
    }
    expect(find(manifests, 'Service', 'barcos').spec.selector).toMatchObject({
      'porttrack.io/track': 'stable',
    })
  })
})
