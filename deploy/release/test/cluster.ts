import { type AddressInfo, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Manifest } from '../manifests.ts'

export type Image = { tag: string; digest: string }

/** What a revision of helm stands for, and what the cluster is made of. */
export type Desired = {
  stable: Image
  canary: (Image & { weight: number; replicas: number }) | null
}

/** One call of helm or kubectl. */
export type Call = { program: string; args: string[]; input: string }

type Answer = { code: number; text: string }

type Rule = {
  matches: (line: string) => boolean
  act: (call: Call) => Promise<Answer | null>
  once: boolean
}

type Revision = {
  revision: number
  status: string
  description: string
  desired: Desired
  manifest: Manifest[]
}

export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`

const said = (text: string): Answer => ({ code: 1, text })

/**
 * What helm and kubectl see of a cluster with one service and two gateways: revisions,
 * Deployments that number their templates, pods, ConfigMaps and Leases with versions. The programs are
 * `bin/helm` and `bin/kubectl`, which ask it.
 */
export class TestCluster implements AsyncDisposable {
  readonly calls: string[] = []
  readonly revisions: Revision[] = []
  readonly service: string
  /** Names of the gateway's pods. */
  gateways = ['gateway-1', 'gateway-2']
  /** What is in force, whatever helm believes. */
  present: Desired | null = null
  /** What the chart and the values make of it at present. */
  chart = { logLevel: 'info', mayCall: ['postgres'], engine: 'native' }
  /** Called when what is in force changes. */
  onChange: (present: Desired | null) => Promise<void> = async () => undefined
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    this.#serve(socket).catch((error: unknown) => {
      if (!socket.destroyed) socket.end(`1\n${String(error)}`)
    })
  })
  /** Templates of the stable Deployment's pods, as JSON. */
  readonly #templates = new Map<number, string>()
  #manifest: Manifest[] = []
  readonly #objects = new Map<string, { version: number; content: Record<string, unknown> }>()
  #rules: Rule[] = []
  #version = 1

  private constructor(service: string) {
    this.service = service
  }

  static async start(stable: Image | null, service = 'barcos'): Promise<TestCluster> {
    const cluster = new TestCluster(service)
    await new Promise<void>((resolve) => {
      cluster.#server.listen(0, '127.0.0.1', resolve)
    })
    if (stable) await cluster.#install({ stable, canary: null }, 'Install complete')
    return cluster
  }

  /** The variables with which a program finds this cluster. */
  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo
    const bin = fileURLToPath(new URL('bin', import.meta.url))
    return { PATH: `${bin}:${process.env['PATH']}`, TEST_CLUSTER_PORT: String(port) }
  }

  /** Programs that have asked and have no answer yet. */
  get waiting(): number {
    return [...this.#sockets].filter((socket) => !socket.readableEnded).length
  }

  get weight(): number {
    return this.present?.canary?.weight ?? 0
  }

  /** Percent of all callers that are answered by pods of an image. */
  shareOf({ digest }: Image): number {
    if (this.present === null) return 0
    const { stable, canary } = this.present
    const byStable = stable.digest === digest ? 100 - this.weight : 0
    return byStable + (canary?.digest === digest ? this.weight : 0)
  }

  /** The setting that the pods of a track run with. */
  logLevelOf(track: 'stable' | 'canary'): string | undefined {
    const name = track === 'stable' ? this.service : `${this.service}-canary`
    const found = this.#manifest.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === name,
    )
    return found && templateOf(found).spec.containers[0]?.env[0]?.value
  }

  /** Somebody installs something by hand. */
  async installByHand(desired: Desired): Promise<void> {
    await this.#install(desired, 'Upgrade complete')
  }

  /** Somebody changes what runs, and helm does not know. */
  async changeByHand(desired: Desired): Promise<void> {
    await this.#become(desired)
  }

  /** The number of the stable Deployment's template. */
  get template(): number {
    return Math.max(...this.#templates.keys())
  }

  /** Lets calls whose line holds `part` fail. */
  fail(part: string, { once = false, message = 'the cluster said no' } = {}): void {
    const act = async () => said(message)
    this.#rules.push({ matches: (line) => line.includes(part), act, once })
  }

  /**
   * Holds the first call whose line holds `part`: when it has come, and what lets it go on. `halfway` it
   * has changed who gets which share, and no pod yet.
   */
  hold(part: string, { halfway = false } = {}): { reached: Promise<void>; letGo: () => void } {
    const reached = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    const act = async ({ args }: Call) => {
      if (halfway && this.present?.canary) {
        const weight = desiredOf(args).canary?.weight ?? 0
        await this.#become({ ...this.present, canary: { ...this.present.canary, weight } })
      }
      reached.resolve()
      await gone.promise
      return null
    }
    this.#rules.push({ matches: (line) => line.includes(part), act, once: true })
    return { reached: reached.promise, letGo: gone.resolve }
  }

  /** From here on everything works. */
  mend(): void {
    this.#rules = []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on('error', () => undefined)
    let text = ''
    for await (const chunk of socket.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      text += chunk as string
      const [program = '', count = '', ...rest] = text.split('\0')
      // The last part is what follows the last zero: nothing.
      if (count === '' || rest.length < Number(count) + 2) continue
      const call = { program, args: rest.slice(0, Number(count)), input: rest[Number(count)] ?? '' }
      const { code, text: answer } = await this.#answer(call, socket)
      if (!socket.destroyed) socket.end(`${code}\n${answer}`)
      return
    }
  }

  async #answer(call: Call, socket: Socket): Promise<Answer> {
    const line = [call.program, ...call.args].join(' ')
    this.calls.push(line)
    const rule = this.#rules.find(({ matches }) => matches(line))
    if (rule?.once) this.#rules = this.#rules.filter((each) => each !== rule)
    if (rule && call.args[0] === 'upgrade') this.#pend(call)
    const answer = (await rule?.act(call)) ?? null
    if (answer) return answer
    // Who asked was ended meanwhile, and would have done nothing more.
    if (socket.destroyed || socket.readableEnded) return said('ended')
    return call.program === 'helm' ? this.#helm(call) : this.#kubectl(call)
  }

  /** What helm leaves when it is ended, or fails, in the middle of a change. */
  #pend({ args }: Call): void {
    this.#record(desiredOf(args), 'pending-upgrade', 'Preparing upgrade')
  }

  async #helm({ args, input }: Call): Promise<Answer> {
    const [what, name, third] = args
    if (what === 'history') {
      if (this.revisions.length === 0) return said('Error: release: not found')
      return { code: 0, text: JSON.stringify(this.revisions) }
    }
    if (what === 'template') {
      return { code: 0, text: textOf(this.#made(desiredOf(args))) }
    }
    if (what === 'get' && name === 'manifest') {
      const found = this.#revision(Number(valueOf(args, '--revision')))
      return found ? { code: 0, text: textOf(found.manifest) } : said('Error: release: not found')
    }
    if (what === 'get') {
      const found = this.#revision(Number(valueOf(args, '--revision')))
      const { stable, canary } = found?.desired ?? { stable: { tag: '', digest: '' }, canary: null }
      const values = {
        image: stable,
        canary: { enabled: canary !== null, split: 'gateway' },
        rollout: { engine: this.chart.engine },
      }
      return { code: 0, text: JSON.stringify(values) }
    }
    if (what === 'upgrade') {
      const desired = desiredOf(args)
      const kept = args.includes('-') ? keptIn(input) : null
      const manifest = this.#made(desired, kept)
      await this.#install(desired, valueOf(args, '--description'), manifest)
      return { code: 0, text: `Release "${name}" has been upgraded.` }
    }
    if (what === 'uninstall') {
      this.revisions.length = 0
      this.present = null
      await this.onChange(null)
      return { code: 0, text: '' }
    }
    const target = this.#revision(Number(third))
    if (what !== 'rollback' || !target) return said(`Error: no such call: ${args.join(' ')}`)
    await this.#install(target.desired, `Rollback to ${third}`, target.manifest)
    return { code: 0, text: 'Rollback was a success!' }
  }

  #revision(number: number): Revision | undefined {
    return this.revisions.find(({ revision }) => revision === number)
  }

  #record(desired: Desired, status: string, description: string, manifest: Manifest[] = []): void {
    const last = this.revisions.at(-1)
    if (last?.status === 'deployed' && status === 'deployed') last.status = 'superseded'
    const isEnd = status === 'deployed' && !description.startsWith('Rollback')
    if (last?.status === 'pending-upgrade' && isEnd) this.revisions.pop()
    const revision = (this.revisions.at(-1)?.revision ?? 0) + 1
    this.revisions.push({ revision, status, description, desired, manifest })
  }

  async #install(
    desired: Desired,
    description: string,
    manifest = this.#made(desired),
  ): Promise<void> {
    this.#record(desired, 'deployed', description, manifest)
    await this.#become(desired, manifest)
  }

  async #become(desired: Desired, manifest?: Manifest[]): Promise<void> {
    if (manifest) this.#manifest = manifest
    const isAsBefore =
      this.present !== null && imageOf(this.present.stable) === imageOf(desired.stable)
    const [deployment] = manifest ?? (isAsBefore ? this.#manifest : this.#made(desired))
    if (deployment) this.#use(JSON.stringify(templateOf(deployment)))
    this.present = desired
    await this.onChange(desired)
  }

  /** What the chart makes of it: the stable Deployment first. */
  #made({ stable, canary }: Desired, kept: Manifest | null = null): Manifest[] {
    const deployment = (name: string, image: Image): Manifest => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { template: { spec: { containers: [container(image, this.chart.logLevel)] } } },
    })
    const controllers = { argo: 'Rollout', flagger: 'Canary' } as Record<string, string>
    const kind = controllers[this.chart.engine]
    return [
      kept ?? deployment(this.service, stable),
      ...(canary ? [deployment(`${this.service}-canary`, canary)] : []),
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: this.service },
        spec: { egress: this.chart.mayCall.map((app) => ({ to: [{ app }] })) },
      },
      ...(kind ? [{ apiVersion: 'v1', kind, metadata: { name: this.service } }] : []),
    ]
  }

  /** A template that comes back gets a new number and loses the old one. */
  #use(template: string): void {
    if (this.#templates.size > 0 && this.#templates.get(this.template) === template) return
    const next = this.#templates.size === 0 ? 1 : this.template + 1
    for (const [number, each] of this.#templates) {
      if (each === template) this.#templates.delete(number)
    }
    this.#templates.set(next, template)
  }

  async #kubectl({ args, input }: Call): Promise<Answer> {
    const [what = '', kind = '', name = ''] = args
    switch (what) {
      case 'get':
        if (kind === 'pods') return { code: 0, text: JSON.stringify({ items: this.#pods(args) }) }
        return { code: 0, text: JSON.stringify(this.#object(kind, name)) ?? '' }
      case 'create':
      case 'replace':
      case 'apply':
        // Whoever asked was killed before it had said what.
        if (input === '') return said('error: no objects passed')
        return this.#write(what, JSON.parse(input) as Record<string, unknown>)
      case 'patch': {
        if (kind === 'lease') {
          const present = this.#objects.get(`lease/${name}`)?.content
          if (!present) return said('Error from server (NotFound): there is none')
          const { metadata } = JSON.parse(valueOf(args, '--patch')) as { metadata: object }
          const { metadata: own } = present as { metadata: object }
          return this.#write('apply', { ...present, metadata: { ...own, ...metadata } })
        }
        const change = JSON.parse(valueOf(args, '--patch')) as { data: Record<string, string> }
        const { weight } = JSON.parse(change.data[`${this.service}.json`] ?? '') as {
          weight: number
        }
        if (this.present?.canary) {
          await this.#become({ ...this.present, canary: { ...this.present.canary, weight } })
        }
        return { code: 0, text: '' }
      }
      case 'scale':
        if (this.present) await this.#become({ ...this.present, canary: null })
        return { code: 0, text: '' }
      case 'rollout': {
        if (kind === 'status') return { code: 0, text: '' }
        const number = Number(args.find((each) => each.startsWith('--to-revision'))?.split('=')[1])
        const [, tag = '', digest = ''] =
          /:v([^@]+)@(sha256:[0-9a-f]+)/.exec(this.#templates.get(number) ?? '') ?? []
        if (digest === '') return said(`unable to find specified revision ${number} in history`)
        if (this.present)
          await this.#become({ ...this.present, stable: { tag: `v${tag}`, digest } })
        return { code: 0, text: '' }
      }
      default:
        return said(`error: no such call: ${args.join(' ')}`)
    }
  }

  #object(kind: string, name: string): unknown {
    if (kind === 'deployment') return this.#deployment(name)
    if (kind === 'configmap' && name === `${this.service}-upstreams`) {
      const split = { stable: 'http://stable', canary: 'http://canary', weight: this.weight }
      return { data: { [`${this.service}.json`]: JSON.stringify(split) } }
    }
    return this.#objects.get(`${kind}/${name}`)?.content
  }

  #deployment(name: string): unknown {
    const track = name === this.service ? 'stable' : 'canary'
    const image = track === 'stable' ? this.present?.stable : this.present?.canary
    if (!image) return undefined
    return {
      metadata: { annotations: { 'deployment.kubernetes.io/revision': String(this.template) } },
      spec: { replicas: 2, template: { spec: { containers: [container(image)] } } },
    }
  }

  #pods(args: string[]): unknown[] {
    const selector = valueOf(args, '--selector')
    if (selector.includes('=gateway')) return this.gateways.map((name) => ({ metadata: { name } }))
    const image = selector.includes('canary') ? this.present?.canary : this.present?.stable
    const ending = { metadata: { name: 'ending', deletionTimestamp: '2026-11-27T00:00:00Z' } }
    const pod = image && { metadata: { name: 'pod' }, spec: { containers: [container(image)] } }
    return [ending, ...(pod ? [pod] : [])]
  }

  #write(how: string, object: Record<string, unknown>): Answer {
    const metadata = object['metadata'] as { name: string; resourceVersion?: string }
    const key = `${String(object['kind']).toLowerCase()}/${metadata.name}`
    const present = this.#objects.get(key)
    if (how === 'create' && present) return said('Error from server (AlreadyExists): it exists')
    if (how === 'replace' && metadata.resourceVersion !== String(present?.version)) {
      return said('Error from server (Conflict): it was modified')
    }
    const version = (this.#version += 1)
    const content = { ...object, metadata: { ...metadata, resourceVersion: String(version) } }
    this.#objects.set(key, { version, content })
    return { code: 0, text: JSON.stringify(content) }
  }
}

const imageOf = ({ tag, digest }: Image): string => `registry/image:${tag}@${digest}`

const container = (image: Image, logLevel = 'info') => ({
  name: 'server',
  image: imageOf(image),
  env: [{ name: 'LOG_LEVEL', value: logLevel }],
})

type Template = { spec: { containers: { env: { value: string }[] }[] } }

const templateOf = ({ spec }: Manifest): Template => (spec as { template: Template }).template

const textOf = (manifests: readonly Manifest[]): string =>
  manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n')

/** The stable Deployment that is given to stay as it is, in the values on standard input. */
const keptIn = (input: string): Manifest =>
  JSON.parse((JSON.parse(input) as { canary: { stable: string } }).canary.stable) as Manifest

const valueOf = (args: readonly string[], flag: string): string =>
  args[args.indexOf(flag) + 1] ?? ''

/** What the values on helm's command line ask for. */
const desiredOf = (args: readonly string[]): Desired => {
  const values: Record<string, string> = {}
  for (const [index, each] of args.entries()) {
    if (each !== '--set' && each !== '--set-string') continue
    for (const pair of args[index + 1]?.split(',') ?? []) {
      const [name = '', value = ''] = pair.split('=')
      values[name] = value
    }
  }
  const image = (prefix: string): Image => ({
    tag: values[`${prefix}.tag`] ?? '',
    digest: values[`${prefix}.digest`] ?? '',
  })
  return {
    stable: image('image'),
    canary:
      values['canary.enabled'] === 'false'
        ? null
        : {
            ...image('canary.image'),
            weight: Number(values['canary.weight']),
            replicas: Number(values['canary.replicas']),
          },
  }
}
