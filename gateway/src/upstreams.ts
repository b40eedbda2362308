import { type Contract, contractBelow } from '@porttrack/shared/http/contract'
import { dcsaContract } from '@porttrack/shared/http/dcsa'
import { type TString, Type } from 'typebox'
import { Pool } from 'undici'

/** Connections of a lane, and requests that may wait for one; more than that are refused. */
const lanes = {
  calls: { connections: 128, waiting: 512 },
  streams: { connections: 2_048, waiting: 0 },
  uploads: { connections: 64, waiting: 256 },
} as const

/** What a request to a path may take. */
export type Allowance = {
  /** Largest request body, in bytes. */
  bodyLimit: number
  /** Milliseconds from the request's headers to those of the answer, the body's arrival included. */
  budget: number
  /** Which connections it uses: what is long in coming must not keep others waiting. */
  lane: keyof typeof lanes
}

const ordinary: Allowance = { bodyLimit: 1_048_576, budget: 30_000, lane: 'calls' }
/** A reader of a feed may wait 30 seconds for the next event. */
const feed: Allowance = { ...ordinary, budget: 45_000, lane: 'streams' }
const eventStream: Allowance = { ...ordinary, lane: 'streams' }
/** An hour's upload of AIS sentences, as fast as they can be stored. */
const ingest: Allowance = { bodyLimit: 1_073_741_824, budget: 3_600_000, lane: 'uploads' }

type Upstream = {
  /** Name of the service and first segment of its public paths. */
  name: string
  /** Paths that may take more than an ordinary request, without the service's prefix. */
  paths: Readonly<Record<string, Allowance>>
  /** Other standards' paths, which the gateway refuses in their words too; without the prefix. */
  contracts?: readonly Contract[]
}

/** The services behind the gateway. Each one's address is in the environment: `BARCOS_URL`… */
export const upstreams = [
  {
    name: 'barcos',
    paths: { '/v1/feed': feed },
    contracts: [dcsaContract({ prefix: '/dcsa/port-call/v2', version: '2.0.0' })],
  },
  { name: 'carga', paths: { '/v1/feed': feed } },
  { name: 'rutas', paths: { '/v1/feed': feed, '/v1/ais': ingest } },
  { name: 'personal', paths: { '/v1/feed': feed } },
] as const satisfies readonly Upstream[]

export type UpstreamName = (typeof upstreams)[number]['name']

/** The contracts of all services, where callers of the gateway find them. */
export const upstreamContracts = upstreams.flatMap(({ name, contracts = [] }: Upstream) =>
  contracts.map((contract) => ({ contract: contractBelow(name, contract) })),
)

type UrlVariable = `${Uppercase<UpstreamName>}_URL`

const variableOf = (name: UpstreamName): UrlVariable =>
  `${name.toUpperCase() as Uppercase<UpstreamName>}_URL`

/** One variable for each upstream. */
export const upstreamEnv = Object.fromEntries(
  upstreams.map(({ name }) => [
    variableOf(name),
    Type.String({
      pattern: '^https?://[^/?#@]+/?$',
      description: `Base URL of ${name}, such as http://127.0.0.1:8101`,
    }),
  ]),
) as Record<UrlVariable, TString>

/** Requests on their way through one lane. */
export class Lane {
  readonly pool: Pool
  readonly #capacity: number
  #running = 0

  constructor(origin: string, { connections, waiting }: { connections: number; waiting: number }) {
    this.#capacity = connections + waiting
    this.pool = new Pool(origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      connectTimeout: 3_000,
      // Each request has a deadline of its own, which counts from its arrival.
      headersTimeout: 0,
    })
  }

  /** Takes a place for a request; false when there is none. */
  enter(): boolean {
    if (this.#running >= this.#capacity) return false
    this.#running += 1
    return true
  }

  leave(): void {
    this.#running -= 1
  }
}

/** A service that can be called: connections of its own, so that a slow one starves no other. */
export type OpenUpstream = {
  name: UpstreamName
  origin: string
  lanes: Readonly<Record<Allowance['lane'], Lane>>
  /** @param path without the service's prefix and without a query */
  allowanceOf: (path: string, accept: string | undefined) => Allowance
}

/** Opens connections to every upstream; none is made before it is needed. */
export const openUpstreams = (config: Readonly<Record<UrlVariable, string>>): OpenUpstream[] =>
  upstreams.map(({ name, paths }: Upstream & { name: UpstreamName }) => {
    const { origin } = new URL(config[variableOf(name)])
    const special = new Map(Object.entries(paths))
    return {
      name,
      origin,
      lanes: {
        calls: new Lane(origin, lanes.calls),
        streams: new Lane(origin, lanes.streams),
        uploads: new Lane(origin, lanes.uploads),
      },
      allowanceOf: (path, accept) =>
        special.get(path) ?? (accept?.includes('text/event-stream') ? eventStream : ordinary),
    }
  })

export const closeUpstreams = async (opened: readonly OpenUpstream[]): Promise<void> => {
  const all = opened.flatMap(({ lanes: own }) => Object.values(own))
  await Promise.all(all.map(({ pool }) => pool.destroy()))
}
