import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { TProperties } from 'typebox'
import { authenticate } from '../auth/authenticate.ts'
import type { CognitoVerifier, VerifyToken } from '../auth/cognito-verifier.ts'
import { registerInternalTokens } from '../auth/internal-token.ts'
import { KeySet, signingKeyOf } from '../auth/key-set.ts'
import { TokenMemory } from '../auth/token-memory.ts'
import { CloudEvent } from '../events/cloud-event.ts'
import { runConsumer } from '../events/consumer.ts'
import { organizationProperties } from '../events/define-events.ts'
import { measureFeed } from '../events/feed-metrics.ts'
import { feedRoutes } from '../events/feed.ts'
import { keepVersion } from '../http/api-version.ts'
import { keepDeadlines } from '../http/deadline.ts'
import { Problem } from '../http/errors.ts'
import { refuseAmbiguous } from '../http/ambiguous.ts'
import { refuseMalformed, refuseTunnels } from '../http/malformed.ts'
import { answerProblems, problemOf, sendProblem } from '../http/problem.ts'
import { requestIdOf } from '../http/request-id.ts'
import { Cursors, linkNextPages } from '../http/pagination.ts'
import { securityHeaders } from '../http/security-headers.ts'
import { type Logger, ownRequestLog } from '../logging/logger.ts'
import { createMetrics, type MetricTable } from '../metrics/define-metrics.ts'
import { kitMetrics } from '../metrics/http-metrics.ts'
import { observeRequests, requestRecorder } from '../metrics/observe-requests.ts'
import { describeProcess, measureConnections } from '../metrics/process-metrics.ts'
import { createRegistry } from '../metrics/registry.ts'
import { openTls } from '../tls/open-tls.ts'
import { PeerPool } from '../tls/peer-pool.ts'
import { httpTracing } from '../tracing/http-tracing.ts'
import { openWebhooks } from '../webhooks/webhooks.ts'
import { supervise } from './background.ts'
import { parseBodies, refuseNulAddresses } from './bodies.ts'
import { schemaCompilers } from './compilers.ts'
import type { Resource } from './define-resource.ts'
import type { ResourceContext, ServiceDefinition } from './define-service.ts'
import type { KitConfig, ServiceConfig } from './env.ts'
import { managementApp } from './health.ts'
import { directRequests } from './direct.ts'
import { describeApi } from './openapi.ts'
import { derived } from './secret.ts'
import { shedLoad } from './shed-load.ts'
import { sweepKitTables } from './sweep.ts'

/** A service that is built but not yet listening. */
export type BuiltService<Opened> = {
  /** The API. */
  app: FastifyInstance
  /** Health and metrics. */
  management: FastifyInstance
  /** What the definition's `open` gave. */
  opened: Opened
  /** Listens on both ports, then starts consumers and jobs. */
  start: () => Promise<void>
  /** Says "not ready"; requests are still served. */
  drain: () => void
  /** Ends jobs, lets requests in flight finish, closes what was opened. */
  close: () => Promise<void>
}

/**
 * Makes a service of its definition: everything that services have alike, around what differs. Two
 * services can be built in one process.
 */
export const buildService = async <
  Env extends TProperties,
  M extends MetricTable,
  Opened extends object,
  Tx,
>(
  definition: ServiceDefinition<Env, M, Opened, Tx>,
  { config, log }: { config: ServiceConfig<Env>; log: Logger },
): Promise<BuiltService<Opened>> => {
  const kitConfig: KitConfig = config
  const registry = createRegistry()
  const kit = createMetrics(kitMetrics, registry)
  describeProcess(kit, kitConfig.SERVICE_VERSION)
  const acceptsCognito = (definition.authMode ?? kitConfig.AUTH_MODE) === 'cognito'
  // Other processes show nothing to browsers; the gateway says it for the services behind it.
  const everyAnswer = acceptsCognito ? securityHeaders : {}
  // The check for slow headers and bodies runs each second, not each 30.
  const http = {
    headersTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    // A request without a Host is refused with a problem instead, see refuseAmbiguous.
    requireHostHeader: false,
  }
  const { access } = definition
  const tls = openTls({
    config: kitConfig,
    facesUsers: acceptsCognito,
    access,
    http,
    log,
    metrics: kit,
  })
  const context = {
    config,
    log,
    metrics: createMetrics(definition.metrics, registry),
    tls: tls.peers,
  }
  const opened = await definition.open(context)
  const database = definition.database?.(opened)

  const begun = ({ id }: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply.headers(everyAnswer).header('x-request-id', id)
  const logger: FastifyBaseLogger = log
  const proxies = definition.trustedProxies?.(context) ?? []
  const app = Fastify({
    loggerInstance: logger,
    logController: ownRequestLog(),
    genReqId: requestIdOf,
    requestIdHeader: false,
    trustProxy: proxies.length > 0 && [...proxies],
    bodyLimit: definition.bodyLimit ?? 1_048_576,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: definition.requestTimeout ?? 60_000,
    ...(tls.serverFactory ? { serverFactory: tls.serverFactory } : { http }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    schemaController: { compilersFactory: schemaCompilers() },
    // No hook has seen what comes here.
    frameworkErrors: (error, request, reply) =>
      sendProblem(request, begun(request, reply), problemOf(error)),
    clientErrorHandler: refuseMalformed(everyAnswer),
  })
  const contracts = definition.contracts ?? []
  app.decorate(
    'contracts',
    contracts.map(({ contract }) => contract),
  )
  app.addHook('onRequest', (request, reply, done) => {
    begun(request, reply)
    done()
  })
  let draining = false
  app.decorate('isDraining', () => draining)
  // Tells callers not to send their next request on a connection that is about to be closed.
  app.addHook('onSend', async (request, reply) => {
    if (draining || tls.outdated(request.raw.socket)) reply.header('connection', 'close')
  })
  definition.hooks?.(app, { ...opened, ...context })
  answerProblems(app)
  refuseAmbiguous(app)
  refuseTunnels(app, everyAnswer)
  refuseNulAddresses(app)
  parseBodies(app)
  linkNextPages(app)
  await app.register(httpTracing)
  const record = requestRecorder(log, kit)
  await app.register(observeRequests, { record })
  // A process without a database passes deadlines on, and has nothing to cancel.
  if (database) keepDeadlines(app)
  await shedLoad(app, kitConfig.SHED_DELAY_SECONDS)
  app.addSchema(Problem)
  app.addSchema(CloudEvent)

  const keySet = kitConfig.INTERNAL_KEY_SET_FILE
    ? new KeySet(kitConfig.INTERNAL_KEY_SET_FILE, (error) =>
        log.error({ err: error }, 'key set not readable, the keys known before stay in use'),
      )
    : null
  const signingKey = kitConfig.SIGNING_KEY ? derived(kitConfig.SIGNING_KEY, signingKeyOf) : null
  const tokens = await registerInternalTokens(app, { name: definition.name, signingKey, keySet })
  const memory = new TokenMemory()
  const cognito = acceptsCognito ? await cognitoVerifier(kitConfig, log) : null
  const check: VerifyToken = cognito?.verify ?? (async (token) => tokens.verify(token))
  await app.register(authenticate, {
    access,
    verify: (token) => memory.recall(token, () => check(token)),
    failures: kit.authenticationFailures,
  })
  await app.register(directRequests, { known: (token) => memory.known(token), proxies, record })
  const { document } = definition
  await describeApi(app, {
    ...definition,
    version: kitConfig.SERVICE_VERSION,
    contracts: app.contracts,
    document: document && ((own) => document(own, { ...opened, ...context })),
  })

  const cursors = new Cursors(kitConfig.CURSOR_KEY)
  const { name: service, events } = definition
  const webhooks =
    database &&
    events &&
    openWebhooks({
      service,
      events,
      access,
      database,
      cursors,
      config: kitConfig,
      log,
      metrics: kit,
    })
  const served: ResourceContext<Env, M, Opened> = { ...opened, ...context, cursors, tokens }
  const serve = (scope: FastifyInstance, resources: readonly Resource<typeof served>[]) => {
    // All schemas first: routes refer to those of any resource.
    for (const { schemas = [] } of resources) for (const schema of schemas) scope.addSchema(schema)
    for (const { routes } of resources) routes(scope, served)
  }
  await app.register(
    async (scope) => {
      serve(scope, definition.resources ?? [])
      definition.routes?.(scope, served)
      if (database) {
        await scope.register(feedRoutes, {
          service: definition.name,
          sql: database.sql,
          organizations: organizationProperties(definition.events ?? {}),
        })
      }
      if (webhooks) await scope.register(webhooks.routes, { prefix: '/webhooks' })
    },
    { prefix: definition.prefix ?? '/v1' },
  )

  for (const { contract, resources } of contracts) {
    if (!resources) continue
    // Contracts of one publisher share the shape of their errors.
    if (!app.getSchema(contract.errorSchema.$id)) app.addSchema(contract.errorSchema)
    await app.register(
      async (scope) => {
        keepVersion(scope, contract)
        serve(scope, resources)
      },
      { prefix: contract.prefix },
    )
  }

  const management = managementApp(log, {
    metrics: () => {
      if (database) measureConnections(kit, database)
      return registry.metrics()
    },
    contentType: registry.contentType,
    readiness: {
      draining: () => draining,
      check: async () => {
        if (app.isUnderPressure()) throw new Error('shedding load')
        if (definition.ready) await definition.ready(opened)
        else await database?.sql('SELECT 1')
      },
    },
  })
  const stopping = new AbortController()
  const background: Promise<void>[] = []

  return {
    app,
    management,
    opened,
    start: async () => {
      if (!acceptsCognito && !keySet) {
        throw new Error('INTERNAL_KEY_SET_FILE is needed to check internal tokens')
      }
      await management.listen({ host: kitConfig.HOST, port: kitConfig.MANAGEMENT_PORT })
      await app.listen({ host: kitConfig.HOST, port: kitConfig.PORT })
      if (kitConfig.BACKGROUND === 'off') return
      const { signal } = stopping
      for (const { url, consumer } of definition.consumes?.(opened, context) ?? []) {
        if (!database) throw new Error(`${definition.name} has no database to keep positions in`)
        const token = () => tokens.sign(consumer.from, { sub: definition.name })
        background.push(
          runConsumer({
            consumer,
            database,
            connection: new PeerPool(new URL(url).origin, {
              name: consumer.from,
              tls: tls.peers,
              pool: {},
            }),
            token,
            log,
            metrics: kit,
            signal,
          }),
        )
      }
      const jobs = [...(definition.background?.(opened, context) ?? [])]
      if (database) jobs.push(sweepKitTables(database.sql), measureFeed(database.sql, kit))
      if (webhooks) jobs.push(...webhooks.jobs)
      for (const job of jobs) background.push(supervise(job, { log, signal }))
    },
    drain: () => {
      draining = true
    },
    close: async () => {
      draining = true
      stopping.abort()
      await closeServer(app)
      await Promise.all(background)
      await webhooks?.close()
      await definition.close?.(opened)
      await database?.close()
      await closeServer(management)
      cognito?.close()
      tls.close()
    },
  }
}

/**
 * Closes an app as soon as its requests in flight are answered. Left alone, a connection whose last
 * answer comes after closing has begun is kept for its whole idle time.
 */
const closeServer = async (app: FastifyInstance): Promise<void> => {
  const freeing = setInterval(() => app.server.closeIdleConnections(), 50)
  try {
    await app.close()
  } finally {
    clearInterval(freeing)
  }
}

/** Loaded only where Cognito tokens are checked: services behind the gateway do without its memory. */
const cognitoVerifier = async (config: KitConfig, log: Logger): Promise<CognitoVerifier> => {
  const { createCognitoVerifier } = await import('../auth/cognito-verifier.ts')
  return createCognitoVerifier(config, log)
}
