import { fileURLToPath } from 'node:url'
import type { Service } from '@porttrack/pipeline/services'
import type { View } from './analysis.ts'
import { CommandError, run } from './command.ts'
import { Kubectl } from './kubectl.ts'
import { type Manifest, manifestsIn } from './manifests.ts'
import { type Environment, namespaceOf } from './settings.ts'
import { helmMargin } from './time-budget.ts'

/** An image as people (`tag`) and machines (`digest`) call it. */
export type Image = { tag: string; digest: string }

/** A revision of a Helm release. */
export type Revision = { revision: number; status: string; description: string }

/** What every run says of the revisions that it makes, by which they are known from those by hand. */
const madeBy = 'release command: '

/** Whether a run of the release command made a revision, and nobody by hand. */
export const isOfARun = ({ description }: Revision): boolean => description.startsWith(madeBy)

/** What was asked of helm for a revision. */
export type Installed = {
  image: Image
  canary: boolean
  view: View
  /** Who moves the weight: `native`, which is the release command, or a controller. */
  engine: string
}

/** What helm is to make of the release. */
export type Wanted = {
  stable: Image
  /** Null takes the canary away. */
  canary: (Image & { weight: number; replicas: number }) | null
  /** What only the stable release has, to stay as it is beside a canary. */
  kept?: readonly Manifest[]
}

type Deployment = {
  metadata: { annotations?: Record<string, string> }
  spec: {
    replicas?: number
    template: { spec: { containers: { name: string; image: string }[] } }
  }
}

type Pod = {
  metadata: { name: string; deletionTimestamp?: string }
  spec: { containers: { name: string; image: string }[] }
}

type Route = {
  metadata: { name: string }
  spec: {
    rules: {
      matches?: { headers?: unknown[] }[]
      backendRefs: { name: string; weight?: number }[]
    }[]
  }
}

const charts = fileURLToPath(new URL('../helm', import.meta.url))

/** As many revisions as let one go back to the last release but a few. */
const historyKept = 60

const deploymentRevision = 'deployment.kubernetes.io/revision'

type ClusterOptions = {
  /** Who asks, for others to read in helm's history. */
  run: string
  /** Seconds that helm may take for one change. */
  helmTimeout: number
  /** Seconds that it, or kubectl, may take to roll back. */
  rollbackTimeout: number
  /** Seconds that it may take to end when it is broken off. */
  grace: number
}

/** One service in one environment: what helm and kubectl are asked about it, and told. */
export class Cluster {
  readonly service: Service
  readonly environment: Environment
  readonly kubectl: Kubectl
  readonly #options: ClusterOptions

  constructor(target: { service: Service; environment: Environment }, options: ClusterOptions) {
    this.service = target.service
    this.environment = target.environment
    this.kubectl = new Kubectl(namespaceOf(target.environment))
    this.#options = options
  }

  get namespace(): string {
    return this.kubectl.namespace
  }

  /**
   * The revisions of the Helm release, newest last; none before the first installation.
   *
   * @throws CommandError
   */
  async history(): Promise<Revision[]> {
    try {
      const text = await this.#helm(['history', this.service, '--output', 'json'])
      return JSON.parse(text) as Revision[]
    } catch (error) {
      if (error instanceof CommandError && /release: not found/.test(error.said)) return []
      throw error
    }
  }

  /** What a revision was made with. */
  async installed(revision: number): Promise<Installed> {
    const which = ['--revision', String(revision), '--all', '--output', 'json']
    const values = JSON.parse(await this.#helm(['get', 'values', this.service, ...which])) as {
      image?: Partial<Image>
      canary?: { enabled?: boolean; split?: string }
      process?: { entrance?: boolean }
      rollout?: { engine?: string }
    }
    const { image = {}, canary = {}, process = {}, rollout = {} } = values
    return {
      image: { tag: image.tag ?? '', digest: image.digest ?? '' },
      canary: canary.enabled ?? false,
      view: process.entrance || canary.split === 'route' ? 'server' : 'gateway',
      engine: rollout.engine ?? 'native',
    }
  }

  /**
   * The objects that a revision consists of.
   *
   * @throws CommandError
   */
  async manifests(revision: number): Promise<Manifest[]> {
    const which = ['--revision', String(revision)]
    return manifestsIn(await this.#helm(['get', 'manifest', this.service, ...which]))
  }

  /**
   * The objects that the chart and the environment's values make of what is wanted.
   *
   * @throws CommandError, also when the chart refuses the values
   */
  async rendered(wanted: Wanted): Promise<Manifest[]> {
    return manifestsIn(await this.#helm(this.templateArguments(wanted)))
  }

  /** The arguments of the helm that shows what is wanted, and changes nothing. */
  templateArguments(wanted: Wanted): string[] {
    return ['template', this.service, `${charts}/${this.service}`, ...this.#valuesOf(wanted)]
  }

  /**
   * The arguments of the helm that makes the release what is wanted. With `kept` it reads values on its
   * standard input.
   */
  upgradeArguments(wanted: Wanted): string[] {
    return [
      'upgrade',
      this.service,
      `${charts}/${this.service}`,
      '--install',
      ...this.#valuesOf(wanted),
      '--description',
      `${madeBy}${this.#options.run}`,
      ...this.#changing(this.#options.helmTimeout),
    ]
  }

  #valuesOf({ stable, canary, kept }: Wanted): string[] {
    const values: string[] = [`${charts}/environments/${this.environment}.yaml`]
    const texts = { 'image.tag': stable.tag, 'image.digest': stable.digest }
    const set = Object.entries(texts)
    if (canary) {
      values.push(`${charts}/${this.service}/values-canary.yaml`)
      set.push(['canary.image.tag', canary.tag], ['canary.image.digest', canary.digest])
    }
    if (kept) values.push('-')
    return [
      ...values.flatMap((path) => ['--values', path]),
      ...set.flatMap(([name, value]) => ['--set-string', `${name}=${value}`]),
      ...(canary
        ? ['--set', `canary.weight=${canary.weight},canary.replicas=${canary.replicas}`]
        : ['--set', 'canary.enabled=false']),
    ]
  }

  /** @throws CommandError; the signal's reason when that broke it off */
  async upgrade(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { kept } = wanted
    // helm counts the wait for its hooks and for its objects each by itself.
    const timeout = this.#options.helmTimeout * 2 + helmMargin
    const input = kept && { input: JSON.stringify(keptAsValues(kept)) }
    await this.#helm(this.upgradeArguments(wanted), { signal, timeout, ...input })
  }

  /** @throws CommandError; the signal's reason when that broke it off */
  async rollBack(revision: number, signal: AbortSignal): Promise<void> {
    const { rollbackTimeout } = this.#options
    const timeout = rollbackTimeout + helmMargin
    const args = ['rollback', this.service, String(revision), ...this.#changing(rollbackTimeout)]
    await this.#helm(args, { signal, timeout })
  }

  /** @throws CommandError; the signal's reason when that broke it off */
  async uninstall(signal: AbortSignal): Promise<void> {
    const { rollbackTimeout } = this.#options
    const timeout = rollbackTimeout + helmMargin
    const wait = ['--wait', '--timeout', `${rollbackTimeout}s`]
    await this.#helm(['uninstall', this.service, ...wait], { signal, timeout })
  }

  /** The stable Deployment; null where there is none. */
  async stable(): Promise<{ revision: string; replicas: number; image: string } | null> {
    const found = await this.kubectl.get<Deployment>('deployment', this.service)
    return (
      found && {
        revision: found.metadata.annotations?.[deploymentRevision] ?? '',
        replicas: found.spec.replicas ?? 1,
        image: imageOf(this.service, found.spec.template.spec.containers),
      }
    )
  }

  /** The images of a track's pods, without those that are ending. */
  async podImages(track: 'stable' | 'canary'): Promise<string[]> {
    const labels = { 'app.kubernetes.io/instance': this.service, 'porttrack.io/track': track }
    const pods = await this.kubectl.list<Pod>('pods', labels)
    return pods
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ spec }) => imageOf(this.service, spec.containers))
  }

  /** The gateway's pods that take requests or are about to. */
  async gatewayPods(): Promise<string[]> {
    const labels = {
      'app.kubernetes.io/instance': 'gateway',
      'app.kubernetes.io/component': 'server',
    }
    const pods = await this.kubectl.list<Pod>('pods', labels)
    return pods
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name)
  }

  /** Percent of callers that the canary is to get, by whatever divides them. */
  async weight(): Promise<number> {
    const [split, route] = await Promise.all([this.#split(), this.#route()])
    const shares = route?.spec.rules
      .filter(isForEveryone)
      .flatMap(({ backendRefs }) => backendRefs)
      .filter(({ name }) => name === this.#canary)
      .map(({ weight = 1 }) => weight)
    return Math.max(split?.weight ?? 0, ...(shares ?? []))
  }

  /** Gives every caller the stable release, without helm. */
  async setWeightZero(): Promise<void> {
    const [split, route] = await Promise.all([this.#split(), this.#route()])
    if (split) {
      const content = JSON.stringify({ ...split, weight: 0 })
      const target = { kind: 'configmap', name: `${this.service}-upstreams` }
      await this.kubectl.patch(target, { data: { [`${this.service}.json`]: content } })
    }
    if (route) {
      const rules = route.spec.rules.map((rule) =>
        isForEveryone(rule) ? { ...rule, backendRefs: rule.backendRefs.map(this.#without) } : rule,
      )
      const target = { kind: 'httproute', name: route.metadata.name }
      await this.kubectl.patch(target, { spec: { rules } })
    }
  }

  /** Ends the canary's pods, without helm. */
  async scaleCanaryToZero(): Promise<void> {
    if ((await this.kubectl.get('deployment', this.#canary)) === null) return
    await this.kubectl.call(['scale', `deployment/${this.#canary}`, '--replicas=0'])
  }

  /** Brings the stable Deployment back to a revision of its own, without helm. */
  async undoStable(revision: string, signal: AbortSignal): Promise<void> {
    const stable = `deployment/${this.service}`
    const timeout = this.#options.rollbackTimeout
    await this.kubectl.call(['rollout', 'undo', stable, `--to-revision=${revision}`], { signal })
    await this.kubectl.call(['rollout', 'status', stable, `--timeout=${timeout}s`], {
      timeout: timeout + 10,
      signal,
    })
  }

  get #canary(): string {
    return `${this.service}-canary`
  }

  readonly #without = <T extends { name: string }>(backend: T) =>
    backend.name === this.#canary
      ? { ...backend, weight: 0 }
      : backend.name === `${this.service}-stable`
        ? { ...backend, weight: 100 }
        : backend

  async #split(): Promise<{ weight: number } | null> {
    type ConfigMap = { data?: Record<string, string> }
    const map = await this.kubectl.get<ConfigMap>('configmap', `${this.service}-upstreams`)
    const text = map?.data?.[`${this.service}.json`]
    return text === undefined ? null : (JSON.parse(text) as { weight: number })
  }

  async #route(): Promise<Route | null> {
    try {
      return await this.kubectl.get<Route>('httproute', this.service)
    } catch (error) {
      // A cluster without the Gateway API knows no such kind.
      if (error instanceof CommandError && /resource type/.test(error.said)) return null
      throw error
    }
  }

  /** What every change by helm has in common. Fields that kubectl took in an emergency are taken back. */
  #changing(timeout: number): string[] {
    const wait = ['--wait', '--wait-for-jobs', '--timeout', `${timeout}s`]
    return [...wait, '--force-conflicts', '--history-max', String(historyKept)]
  }

  #helm(
    args: readonly string[],
    options: { signal?: AbortSignal; input?: string; timeout?: number } = {},
  ): Promise<string> {
    const { grace } = this.#options
    return run('helm', [...args, '--namespace', this.namespace], { grace, ...options })
  }
}

/**
 * The values by which manifests stay as they are beside a canary, which helm reads on its standard input.
 * JSON is YAML too, and a line of it cannot be taken for the end of a manifest.
 */
export const keptAsValues = (kept: readonly Manifest[]) => ({
  canary: { stable: kept.map((manifest) => JSON.stringify(manifest)).join('\n---\n') },
})

/** Rules for a header are for smoke tests, whatever the weight. */
const isForEveryone = ({ matches = [] }: Route['spec']['rules'][number]): boolean =>
  matches.every(({ headers = [] }) => headers.length === 0)

const imageOf = (service: string, containers: readonly { name: string; image: string }[]): string =>
  (containers.find(({ name }) => name === service) ?? containers[0])?.image ?? ''
