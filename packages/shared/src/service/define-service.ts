// What the kit adds to Fastify's types comes with every service's definition.
import '@fastify/swagger'
import '../auth/authenticate.ts'
import '../http/deadline.ts'
import '../tracing/http-tracing.ts'
import './bodies.ts'
import './direct.ts'
import type { FastifyInstance } from 'fastify'
import type { TProperties } from 'typebox'
import type { Grant } from '../auth/access.ts'
import type { InternalTokens } from '../auth/internal-token.ts'
import type { Database } from '../database/transaction.ts'
import type { Consumer } from '../events/consumer.ts'
import type { EventTable } from '../events/define-events.ts'
import type { Contract } from '../http/contract.ts'
import type { Cursors } from '../http/pagination.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics, MetricTable } from '../metrics/define-metrics.ts'
import type { Resource } from './define-resource.ts'
import type { ServiceConfig } from './env.ts'
import type { PeerTls } from '../tls/peer-identity.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the process is about to stop: a connection that can be ended now should be. */
    isDraining: () => boolean
  }
}

/** The log, the settings and the metrics that everything of a service is made with. */
export type ServiceContext<Env extends TProperties, M extends MetricTable> = {
  config: ServiceConfig<Env>
  log: Logger
  metrics: Metrics<M>
  /** How other processes are reached; null in plain HTTP. */
  tls: PeerTls | null
}

/** Work that a service does without being asked; started after it listens, ended by `signal`. */
export type BackgroundJob = { name: string; run: (signal: AbortSignal) => Promise<void> }

/** What a service's resources are made with: what it opened, and what the kit made. */
export type ResourceContext<
  Env extends TProperties,
  M extends MetricTable,
  Opened extends object,
> = Opened & ServiceContext<Env, M> & { cursors: Cursors; tokens: InternalTokens }

/** Resources are checked against what the service opens, and say nothing of what that is. */
type Resources<
  Env extends TProperties,
  M extends MetricTable,
  Opened extends object,
> = readonly Resource<ResourceContext<NoInfer<Env>, NoInfer<M>, NoInfer<Opened>>>[]

/** What differs from service to service; everything alike is the kit's. */
export type ServiceDefinition<
  Env extends TProperties,
  M extends MetricTable,
  Opened extends object,
  Tx,
> = {
  /** A Spanish proper noun, never translated: folder, image, database, gateway prefix. */
  name: string
  title: string
  description: string
  env: Env
  access: { readonly grants: Readonly<Record<string, Grant>> }
  metrics: M
  events?: EventTable
  /** Folder of the database's migrations; none for a process without a database. */
  migrations?: URL
  open: (context: ServiceContext<Env, M>) => Promise<Opened> | Opened
  /** The database, once opened: the kit keeps feed, positions and idempotent answers in it. */
  database?: (opened: Opened) => Database<Tx>
  close?: (opened: Opened) => Promise<void>
  /** Throws when requests cannot be served; by default the database is asked. */
  ready?: (opened: Opened) => Promise<void>
  consumes?: (
    opened: Opened,
    context: ServiceContext<Env, M>,
  ) => readonly { url: string; consumer: Consumer<Tx> }[]
  background?: (opened: Opened, context: ServiceContext<Env, M>) => readonly BackgroundJob[]
  /** What the service serves, each declared in a folder of its own. */
  resources?: Resources<Env, M, Opened>
  /** Registers routes that are no resource's, such as a gateway's. */
  routes?: (app: FastifyInstance, context: ResourceContext<Env, M, Opened>) => void
  /** Prefix of `resources` and `routes`; `/v1` unless given. */
  prefix?: string
  /**
   * Paths that follow another standard's contract: its errors and its version instead of the kit's,
   * with the same authentication, limits and documents. Without `resources` only their errors are
   * of that kind, as at a gateway.
   */
  contracts?: readonly { contract: Contract; resources?: Resources<Env, M, Opened> }[]
  /** Hooks on every request, also to unknown paths and from callers that are refused. */
  hooks?: (app: FastifyInstance, opened: Opened & ServiceContext<Env, M>) => void
  /** What `/openapi.json` answers, as JSON text; the service's `own` document unless given. */
  document?: (own: object, opened: Opened & ServiceContext<Env, M>) => Promise<string>
  /**
   * Addresses and networks of proxies that are believed about who calls (`X-Forwarded-For`,
   * `-Proto`, `-Host`); none unless given.
   */
  trustedProxies?: (context: ServiceContext<Env, M>) => readonly string[]
  /** Whose tokens are accepted, where the service leaves no choice to `AUTH_MODE`. */
  authMode?: 'internal' | 'cognito'
  /** Largest body in bytes; 1 MiB unless given. A route may set its own. */
  bodyLimit?: number
  /**
   * Milliseconds in which a whole request must have arrived; 60 000 unless given. 0 leaves slow
   * bodies to the routes, slow headers are cut all the same.
   */
  requestTimeout?: number
}

/** Any definition, for what treats all services alike. */
// eslint-disable-next-line typescript/no-explicit-any -- the parameters differ from service to service
export type AnyService = ServiceDefinition<any, any, any, any>

/** Describes a service. Everything is inferred: a wrong metric or setting does not compile. */
export const defineService = <
  Env extends TProperties,
  const M extends MetricTable,
  Opened extends object,
  Tx = unknown,
>(
  definition: ServiceDefinition<Env, M, Opened, Tx>,
): ServiceDefinition<Env, M, Opened, Tx> => definition

/** Every resource of a service, those that follow another standard's contract last. */
export const resourcesOf = ({
  resources = [],
  contracts = [],
}: AnyService): readonly Resource<never>[] => [
  ...resources,
  ...contracts.flatMap(({ resources: contracted = [] }) => contracted),
]
