import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import { helmProgram } from '../helm-program.ts'

export const services = ['barcos', 'carga', 'rutas', 'personal', 'gateway'] as const
export const environments = ['dev', 'test', 'staging', 'prod'] as const
export const engines = ['native', 'argo', 'flagger'] as const

export type Service = (typeof services)[number]
export type Environment = (typeof environments)[number]

export type Manifest = {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  // oxlint-disable-next-line typescript/no-explicit-any
  spec?: any
  data?: Record<string, string>
  stringData?: Record<string, string>
  rules?: unknown[]
}

export type Values = { [name: string]: unknown }

export type Chart = {
  service: Service
  environment: Environment
  canary?: boolean
  engine?: (typeof engines)[number]
  /** What is set besides, and wins. */
  values?: Values
  /** The release's name, where it is not the service's. */
  release?: string
}

const program = await helmProgram()
const charts = fileURLToPath(new URL('../', import.meta.url))
const withoutCluster = {
  KUBECONFIG: '/dev/null',
  HELM_DRIVER: 'memory',
  HELM_MEMORY_DRIVER_DATA: '/dev/null',
}

export const stable = { tag: 'v1.0.0', digest: `sha256:${'a'.repeat(64)}` }
export const canary = { tag: 'v1.1.0-canary.3', digest: `sha256:${'b'.repeat(64)}` }

/** Runs Helm where there is no cluster; `input` is what it reads as a values file. */
export const helm = async (args: string[], input: Values = {}): Promise<string> =>
  await new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { cwd: charts, maxBuffer: 16_777_216, env: { ...process.env, ...withoutCluster } },
      (error, stdout, stderr) => (error ? reject(new Error(stdout + stderr)) : resolve(stdout)),
    )
    child.stdin?.end(JSON.stringify(input))
  })

const secrets = {
  DATABASE_URL: 'postgresql://barcos:password@postgres/barcos',
  CURSOR_KEY: 'signs cursors in the tests of the charts',
  WEBHOOK_KEY: 'encrypts secrets in the tests of the charts',
  SIGNING_KEY: '{}',
  'key-set.json': '{"keys":[]}',
}

const valuesOf = ({ environment, engine = 'native', values = {} }: Chart): Values => ({
  image: stable,
  canary: {
    image: canary,
    weight: 5,
    ...(engine === 'native' ? {} : { split: 'route' }),
    ...(values['canary'] as object),
  },
  rollout: { engine },
  ...(engine === 'native' ? {} : { tls: { mode: 'off' } }),
  ...(environment === 'dev' ? { secrets: { plain: secrets } } : {}),
  ...Object.fromEntries(Object.entries(values).filter(([name]) => name !== 'canary')),
})

const filesOf = ({ service, environment, canary: on = false }: Chart): string[] => [
  `--values=environments/${environment}.yaml`,
  ...(on ? [`--values=${service}/values-canary.yaml`] : []),
  '--values=-',
]

const rendered = new Map<string, Promise<Manifest[]>>()

/** What a chart becomes; rendered once. @throws with Helm's words when it refuses */
export const render = async (chart: Chart): Promise<Manifest[]> => {
  const key = JSON.stringify(chart)
  const manifests = rendered.get(key) ?? renderAnew(chart)
  rendered.set(key, manifests)
  return await manifests
}

const renderAnew = async (chart: Chart): Promise<Manifest[]> => {
  const { service, environment, release = service } = chart
  const namespace = `--namespace=porttrack-${environment}`
  const output = await helm(
    ['template', release, service, namespace, ...filesOf(chart)],
    valuesOf(chart),
  )
  return manifestsIn(output)
}

/** The manifests of a text. @throws when it is no YAML */
export const manifestsIn = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document) => {
      if (document.errors.length > 0) throw new Error(document.errors.join('\n'))
      return document.toJS() as Manifest | null
    })
    .filter((manifest) => manifest !== null)

/** Helm's own check of a chart. @throws with what it finds */
export const lint = async (chart: Chart): Promise<void> => {
  await helm(['lint', chart.service, '--strict', '--quiet', ...filesOf(chart)], valuesOf(chart))
}

/** Those of a kind; all of its names are given by `names`. */
export const ofKind = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind)

/** @throws when there is no such manifest */
export const find = (manifests: readonly Manifest[], kind: string, name: string): Manifest => {
  const found = ofKind(manifests, kind).find(({ metadata }) => metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}

type PodTemplate = {
  metadata: { labels: Record<string, string> }
  spec: PodSpec
}
export type PodSpec = {
  automountServiceAccountToken: boolean
  containers: Container[]
  securityContext: object
  terminationGracePeriodSeconds: number
  volumes?: { name: string }[]
}
export type Container = {
  name: string
  image: string
  args?: string[]
  command?: string[]
  env?: { name: string; value: string }[]
  resources: { limits: object; requests: object }
  securityContext: object
  livenessProbe?: object
  readinessProbe?: object
  startupProbe?: object
  lifecycle?: object
}

/** The pods of a manifest, where it has some. */
export const podsOf = ({ kind, metadata, spec }: Manifest): PodTemplate[] => {
  if (kind === 'Pod') return [{ metadata, spec } as unknown as PodTemplate]
  return ['Deployment', 'Job', 'Rollout'].includes(kind) ? [spec.template as PodTemplate] : []
}
