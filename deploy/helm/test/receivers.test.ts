import { describe, expect, it } from 'vitest'
import {
  type Chart,
  engines,
  environments,
  find,
  type Manifest,
  ofKind,
  podsOf,
  render,
  services,
  type Values,
} from './helm.ts'

const peers = [{ ipBlock: { cidr: '10.0.96.0/20' } }]
const stations = [{ ipBlock: { cidr: '203.0.113.7/32' } }]
const list =
  'roof=udp://0.0.0.0:10110, hub=tcp-listen://[::]:10111,north=tcp://ais.example.org:5631'
const hearing = (AIS_RECEIVERS: string, more: Values = {}): Values => ({
  settingsFor: { rutas: { AIS_RECEIVERS } },
  network: { receivers: peers, stations },
  ...more,
})

const receiversOf = (manifests: readonly Manifest[]): Manifest[] =>
  ofKind(manifests, 'Service').filter(({ metadata }) => metadata.name.includes('-receivers-'))

/** Whether pods with these labels are meant. */
const chosenBy = (selector: object, labels: Record<string, string>): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value)

const cases: Chart[] = environments.flatMap((environment) =>
  engines.map((engine) => ({
    service: 'rutas',
    environment,
    engine,
    canary: true,
    values: hearing(list),
  })),
)

describe.each(cases)('rutas with receivers in $environment, $engine', (chart) => {
  it('is found by each protocol, at the ports that it listens at', async () => {
    const ports = receiversOf(await render(chart)).map(({ metadata, spec }) => [
      metadata.name,
      spec.ports,
    ])
    expect(ports).toEqual([
      [
        'rutas-receivers-udp',
        [{ name: 'udp-10110', port: 10_110, protocol: 'UDP', targetPort: 'udp-10110' }],
      ],
      [
        'rutas-receivers-tcp',
        [{ name: 'tcp-10111', port: 10_111, protocol: 'TCP', targetPort: 'tcp-10111' }],
      ],
    ])
  })

  it('hears in the pods that run the background, and in no canary', async () => {
    const manifests = await render(chart)
    const pods = manifests
      .filter(({ kind }) => kind === 'Deployment' || kind === 'Rollout')
      .map((manifest) => podsOf(manifest)[0]!)
    for (const { spec } of receiversOf(manifests)) {
      const heard = pods.filter(({ metadata }) =>
        chosenBy(spec.selector as object, metadata.labels),
      )
      expect(heard).toHaveLength(1)
      const [server] = heard[0]!.spec.containers
      expect(server).toMatchObject({
        env: expect.arrayContaining([{ name: 'BACKGROUND', value: 'on' }]),
        ports: expect.arrayContaining([
          { name: 'udp-10110', containerPort: 10_110, protocol: 'UDP' },
          { name: 'tcp-10111', containerPort: 10_111, protocol: 'TCP' },
        ]),
      })
    }
  })

  it('is open to its receivers, may reach its stations, and nobody else by these ports', async () => {
    const { spec } = find(await render(chart), 'NetworkPolicy', 'rutas')
    expect(spec.ingress).toContainEqual({
      ports: [
        { port: 10_110, protocol: 'UDP' },
        { port: 10_111, protocol: 'TCP' },
      ],
      from: peers,
    })
    expect(spec.egress).toContainEqual({
      ports: [{ port: 5_631, protocol: 'TCP' }],
      to: stations,
    })
  })
})

describe('rutas that is reached from outside', () => {
  const chart: Chart = { service: 'rutas', environment: 'prod' }

  it('knows who sends, and has all parts of a message in one pod', async () => {
    const [udp, tcp] = receiversOf(await render(chart)).map(({ spec }) => spec)
    const outside = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }
    expect(udp).toMatchObject({ ...outside, sessionAffinity: 'ClientIP' })
    expect(tcp).toMatchObject(outside)
    expect(tcp).not.toHaveProperty('sessionAffinity')
  })

  it('is not, within the cluster alone', async () => {
    const values = { ...hearing(list), receivers: { type: 'ClusterIP', annotations: null } }
    for (const { spec, metadata } of receiversOf(await render({ ...chart, values }))) {
      expect(spec).not.toHaveProperty('externalTrafficPolicy')
      expect(metadata).not.toHaveProperty('annotations')
    }
  })

  it('hears nothing without receivers', async () => {
    const manifests = await render({ ...chart, values: hearing('') })
    expect(receiversOf(manifests)).toEqual([])
    const ports = podsOf(find(manifests, 'Deployment', 'rutas'))[0]!.spec.containers[0]!
    expect(ports).toMatchObject({ ports: [{ name: 'api' }, { name: 'management' }] })
  })

  it.each(services.filter((service) => service !== 'rutas'))('is not %s', async (service) => {
    expect(receiversOf(await render({ service, environment: 'prod' }))).toEqual([])
  })
})

describe('the settings of one process', () => {
  it('win over those of all, and are nobody else’s', async () => {
    const values = {
      settings: { LOG_LEVEL: 'info' },
      settingsFor: { rutas: { LOG_LEVEL: 'warn' } },
    }
    const levelOf = async (service: 'rutas' | 'carga') =>
      podsOf(
        find(await render({ service, environment: 'prod', values }), 'Deployment', service),
      )[0]!.spec.containers[0]!.env?.find(({ name }) => name === 'LOG_LEVEL')?.value
    expect(await levelOf('rutas')).toBe('warn')
    expect(await levelOf('carga')).toBe('info')
  })
})
