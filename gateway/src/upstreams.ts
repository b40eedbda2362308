import { join } from 'node:path'
import type { Caller } from '@porttrack/shared/auth/caller'
import { type Contract, contractBelow } from '@porttrack/shared/http/contract'
import { dcsaContract } from '@porttrack/shared/http/dcsa'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { PeerTls } from '@porttrack/shared/tls/peer-identity'
import { type TString, Type } from 'typebox'
import { Circuit, type CircuitState } from './circuit.ts'
import { type Destination, Lane, type Room } from './lane.ts'
import type { metrics } from './metrics.ts'
import { addressPattern, type Split, trackOf, type TrackName, watchSplit } from './split.ts'

type Rooms = Readonly<Record<Allowance['lane'], Room>>

/** @param calls connections of ordinary requests */
const roomsOf = (calls: number): Rooms => ({
  calls: { connections: calls, waiting: 512 },
  streams: { connections: 2_048, waiting: 0 },
  uploads: { connections: 64, waiting: 256 },
})

/** What a request to a path may take. */
export type Allowance = {
  /** Largest request body, in bytes. */
  bodyLimit: number
  /** Milliseconds from the request's headers to those of the answer, the body's arrival included. */
  budget: number
  /** Which connections it uses: what is long in coming must not keep others waiting. */
  lane: 'calls' | 'streams' | 'uploads'
}

const ordinary: Allowance = { bodyLimit: 1_048_576, budget: 30_000, lane: 'calls' }
/** A reader of a feed may wait 30 seconds for the next event. */
const feed: Allowance = { ...ordinary, budget: 45_000, lane: 'streams' }
const eventStream: Allowance = { ...ordinary, lane: 'streams' }
/** An hour's upload of AIS sentences, as fast as they can be stored. */
const ingest: Allowance = { bodyLimit: 1_073_741_824, budget: 3_600_000, lane: 'uploads' }

/** A table of some thousands of lines. */
const table: Allowance = { bodyLimit: 4_194_304, budget: 60_000, lane: 'uploads' }

type Upstream = {
  /** Name of the service and first segment of its public paths. */
  name: string
  /** Paths that may take more than an ordinary request, without the service's prefix; `:id` is any id. */
  paths: Readonly<Record<string, Allowance>>
  /** Patterns of paths to GET that carry a secret of their own, and no token; without the prefix. */
  publicPaths?: readonly string[]
  /** Other standards' paths, which the gateway refuses in their words too; without the prefix. */
  contracts?: readonly Contract[]
}

/** The services behind the gateway. Each one's address is in the environment: `BARCOS_URL`… */
export const upstreams = [
  {
    name: 'barcos',
    paths: { '/v1/feed': feed, '/v1/port-calls/import': table, '/v1/vessels/import': table },
    contracts: [dcsaContract({ prefix: '/dcsa/port-call/v2', version: '2.0.0' })],
  },
  {
    name: 'carga',
    paths: {
      '/v1/feed': feed,
      '/v1/port-calls/:id/load-list/import': table,
      '/v1/port-calls/:id/load-list/import-message': table,
      '/v1/port-calls/:id/discharge-list/import': table,
      '/v1/port-calls/:id/discharge-list/import-message': table,
    },
    contracts: [
      dcsaContract({ prefix: '/dcsa/tnt/v3', version: '3.0.0' }),
      dcsaContract({ prefix: '/dcsa/vgm/v1', version: '1.0.0' }),
    ],
  },
  {
    name: 'rutas',
    paths: { '/v1/feed': feed, '/v1/live': eventStream, '/v1/ais': ingest },
  },
  {
    name: 'personal',
    paths: { '/v1/feed': feed },
    publicPaths: ['/v1/calendars/:id/shifts.ics'],
  },
] as const satisfies readonly Upstream[]

export type UpstreamName = (typeof upstreams)[number]['name']

/** Patterns of a service's paths that are read without a token, where callers of the gateway find them. */
export const publicPathsOf = (service: UpstreamName): string[] =>
  upstreams.flatMap(({ name, publicPaths = [] }: Upstream) =>
    name === service ? publicPaths.map((path) => `/${name}${path}`) : [],
  )

/** The contracts of all services, where callers of the gateway find them. */
export const upstreamContracts = upstreams.flatMap(({ name, contracts = [] }: Upstream) =>
  contracts.map((contract) => ({ contract: contractBelow(name, contract) })),
)

type UrlVariable = `${Uppercase<UpstreamName>}_URL`

const variableOf = (name: UpstreamName): UrlVariable =>
  `${name.toUpperCase() as Uppercase<UpstreamName>}_URL`

/** Where the services are. */
export const upstreamEnv = {
  UPSTREAMS_DIR: Type.String({
    default: '',
    description:
      'Folder with `<service>.json`: `stable` and `canary` base URLs, and the `weight` of callers in percent that the canary gets; looked at each second. None: everything goes to the URLs below',
  }),
  UPSTREAM_CONNECTIONS: Type.Integer({
    default: 48,
    minimum: 1,
    maximum: 2_048,
    description:
      'Ordinary requests that are under way to one release of a service at a time, from each gateway; others wait here. As many as the replicas of a service can work on at once: what is more waits in the service, and its health with it',
  }),
  CIRCUIT_BREAKER_FAILURES: Type.Integer({
    default: 5,
    minimum: 1,
    maximum: 1_000_000,
    description:
      'Requests in a row that a release of a service leaves without an answer (not reached, broken off, too late) until it is not asked any more',
  }),
  CIRCUIT_BREAKER_SECONDS: Type.Number({
    default: 2,
    minimum: 0.1,
    maximum: 300,
    description: 'Seconds after which one request tries whether that release is back',
  }),
  ...(Object.fromEntries(
    upstreams.map(({ name }) => [
      variableOf(name),
      Type.String({
        pattern: addressPattern,
        description: `Base URL of ${name}, such as http://127.0.0.1:8101, https with TLS_MODE=mutual; where UPSTREAMS_DIR has a file of the service, that counts`,
      }),
    ]),
  ) as Record<UrlVariable, TString>),
}

/** One release of a service: connections of its own, so that a slow one starves no other. */
export type OpenTrack = {
  track: TrackName
  origin: string
  lanes: Readonly<Record<Allowance['lane'], Lane>>
  circuit: Circuit
}

const openLanes = (destination: Destination, rooms: Rooms): OpenTrack['lanes'] => ({
  calls: new Lane(destination, rooms.calls, true),
  streams: new Lane(destination, rooms.streams, false),
  uploads: new Lane(destination, rooms.uploads, false),
})

/** How often weights are looked at while nobody calls, in milliseconds. */
const weightInterval = 1_000

type UpstreamOptions = {
  split: () => Split
  tls: PeerTls | null
  paths: Upstream['paths']
  rooms: Rooms
  circuit: { failures: number; pause: number }
  log: Logger
  metrics: Metrics<typeof metrics>
}

const circuitStates = { closed: 0, probing: 1, open: 2 } as const satisfies Record<
  CircuitState,
  number
>

/** A service that can be called, by its stable release or its canary. */
export class OpenUpstream {
  readonly name: UpstreamName
  readonly #options: UpstreamOptions
  readonly #paths: ReadonlyMap<string, Allowance>
  readonly #patterns: readonly { pattern: RegExp; allowance: Allowance }[]
  readonly #retired = new Set<Lane>()
  readonly #watching: NodeJS.Timeout
  #split: Split
  #stable: OpenTrack
  #canary: OpenTrack | null = null

  constructor(name: UpstreamName, options: UpstreamOptions) {
    this.name = name
    this.#options = options
    this.#paths = new Map(Object.entries(options.paths))
    this.#patterns = Object.entries(options.paths)
      .filter(([path]) => path.includes(':'))
      .map(([path, allowance]) => ({
        pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`),
        allowance,
      }))
    this.#split = options.split()
    this.#stable = this.#open('stable', this.#split.stable)
    this.#adopt()
    this.#watching = setInterval(() => this.#refresh(), weightInterval)
    this.#watching.unref()
  }

  /** @param path without the service's prefix and without a query */
  allowanceOf(path: string, accept: string | undefined): Allowance {
    return (
      this.#paths.get(path) ??
      this.#patterns.find(({ pattern }) => pattern.test(path))?.allowance ??
      (accept?.includes('text/event-stream') ? eventStream : ordinary)
    )
  }

  /** The release that the service's document is read from. */
  get stable(): OpenTrack {
    this.#refresh()
    return this.#stable
  }

  /**
   * The release that a caller's request goes to.
   *
   * @param wish what a caller who may choose has asked for
   */
  trackFor(caller: Caller, wish: TrackName | null): OpenTrack {
    this.#refresh()
    if (this.#canary === null) return this.#stable
    const track = wish ?? trackOf(this.name, caller, this.#split.weight)
    return track === 'canary' ? this.#canary : this.#stable
  }

  async close(): Promise<void> {
    clearInterval(this.#watching)
    const open = [this.#stable, this.#canary].flatMap((track) => Object.values(track?.lanes ?? {}))
    await Promise.all([...open, ...this.#retired].map((lane) => lane.destroy()))
  }

  #refresh(): void {
    const split = this.#options.split()
    if (split === this.#split) return
    this.#split = split
    this.#adopt()
  }

  /** Opens what the split names and is not open, and lets go of what it no longer names. */
  #adopt(): void {
    const { stable, canary, weight } = this.#split
    if (this.#stable.origin !== stable) {
      this.#retire(this.#stable)
      this.#stable = this.#open('stable', stable)
    }
    if (this.#canary !== null && this.#canary.origin !== canary) {
      this.#retire(this.#canary)
      this.#canary = null
    }
    if (canary !== null) this.#canary ??= this.#open('canary', canary)
    const { upstreamWeight } = this.#options.metrics
    upstreamWeight.set({ upstream: this.name, track: 'stable' }, 100 - weight)
    upstreamWeight.set({ upstream: this.name, track: 'canary' }, weight)
  }

  #open(track: TrackName, origin: string): OpenTrack {
    const { circuit: limits, rooms, log, metrics: own, tls } = this.#options
    const labels = { upstream: this.name, track }
    own.circuitState.set(labels, circuitStates.closed)
    const circuit: Circuit = new Circuit({
      ...limits,
      onChange: (state) => {
        // What becomes of requests to a release that was let go says nothing of its successor.
        const current = track === 'stable' ? this.#stable : this.#canary
        if (current?.circuit !== circuit) return
        own.circuitState.set(labels, circuitStates[state])
        const place = { 'labels.upstream': this.name, 'labels.track': track }
        if (state === 'open')
          log.warn(place, 'the service does not answer and is not asked for now')
        if (state === 'closed') log.info(place, 'the service answers again')
      },
    })
    return { track, origin, circuit, lanes: openLanes({ name: this.name, origin, tls }, rooms) }
  }

  /** Requests that are on their way end in peace. */
  #retire(track: OpenTrack): void {
    this.#options.metrics.circuitState.remove({ upstream: this.name, track: track.track })
    for (const lane of Object.values(track.lanes)) {
      this.#retired.add(lane)
      void lane.close().finally(() => this.#retired.delete(lane))
    }
  }
}

type UpstreamConfig = Readonly<Record<UrlVariable, string>> & {
  readonly UPSTREAMS_DIR: string
  readonly UPSTREAM_CONNECTIONS: number
  readonly CIRCUIT_BREAKER_FAILURES: number
  readonly CIRCUIT_BREAKER_SECONDS: number
}

type OpenOptions = { log: Logger; metrics: Metrics<typeof metrics>; tls: PeerTls | null }

/** Opens every upstream; no connection is made before it is needed. */
export const openUpstreams = (
  config: UpstreamConfig,
  { log, metrics, tls }: OpenOptions,
): OpenUpstream[] => {
  const rooms = roomsOf(config.UPSTREAM_CONNECTIONS)
  return upstreams.map(({ name, paths }: Upstream & { name: UpstreamName }) => {
    const folder = config.UPSTREAMS_DIR
    const split = watchSplit(folder === '' ? null : join(folder, `${name}.json`), {
      address: config[variableOf(name)],
      secure: tls !== null,
      onFault: (error) =>
        log.error({ err: error, 'labels.upstream': name }, 'split not usable, it stays as it was'),
    })
    const circuit = {
      failures: config.CIRCUIT_BREAKER_FAILURES,
      pause: config.CIRCUIT_BREAKER_SECONDS * 1_000,
    }
    return new OpenUpstream(name, { split, tls, paths, rooms, circuit, log, metrics })
  })
}
