import { defineService } from '@porttrack/shared/service/define-service'
import { Type } from 'typebox'
import { access } from './access.ts'
import { connectionsEnv, limitConnections } from './connections.ts'
import { guard } from './guard.ts'
import { rememberTokens } from './internal-tokens.ts'
import { metrics } from './metrics.ts'
import { joinLive } from './openapi.ts'
import { proxyRoutes } from './proxy.ts'
import { limitRates, rateLimitEnv, rateLimitsOf, trustedProxiesOf } from './rate-limits.ts'
import { referencePage } from './reference.ts'
import { SharedCounts } from './shared-counts.ts'
import { openUpstreams, upstreamContracts, upstreamEnv } from './upstreams.ts'
import { welcomeRoute } from './welcome.ts'

export const gateway = defineService({
  name: 'gateway',
  title: 'PortTrack',
  description:
    'The one door to PortTrack: checks who asks, passes the request on to the service that its path names, and joins the services’ documents',
  env: {
    ...upstreamEnv,
    ...rateLimitEnv,
    ...connectionsEnv,
    BODY_STALL_SECONDS: Type.Number({
      default: 30,
      minimum: 0.1,
      maximum: 3_600,
      description:
        'A request whose body stands still for this long while a service waits for it is answered 408',
    }),
    CORS_ORIGINS: Type.String({
      default: '',
      description:
        'Origins whose web pages may use the API, in full and separated by commas; none when empty',
    }),
  },
  access,
  metrics,
  authMode: 'cognito',
  prefix: '',
  // Uploads may last; each request's own allowance cuts slow bodies.
  requestTimeout: 0,
  trustedProxies: ({ config }) => trustedProxiesOf(config.TRUSTED_PROXIES),
  open: async ({ config, log, metrics: own, tls }) => {
    const connections = openUpstreams(config, { log, metrics: own, tls })
    const rateLimits = rateLimitsOf(config)
    const quotas = [rateLimits.address, rateLimits.caller].filter((quota) => quota !== null)
    const store = config.RATE_LIMIT_STORE_URL
    const counts = store ? await SharedCounts.open(store, { quotas, log, metrics: own }) : null
    return { connections, joined: joinLive(connections, log), rateLimits, counts }
  },
  close: async ({ connections, counts }) => {
    await Promise.all([counts?.close(), ...connections.map((upstream) => upstream.close())])
  },
  // Ready as soon as it listens: a service that is down takes its own paths with it and no others.
  ready: async () => undefined,
  hooks: (app, { config, rateLimits, log, metrics: own }) => {
    limitConnections(app, {
      limit: config.CLIENT_CONNECTIONS,
      proxies: trustedProxiesOf(config.TRUSTED_PROXIES),
      log,
      metrics: own,
    })
    guard(app, originsOf(config.CORS_ORIGINS))
    limitRates(app, rateLimits, own)
  },
  contracts: upstreamContracts,
  document: (own, { joined }) => joined(own),
  routes: (app, { connections, tokens, config, rateLimits, metrics: own }) => {
    const tokenFor = rememberTokens((service, claims) => tokens.sign(service, claims))
    app.register(welcomeRoute)
    app.register(referencePage)
    app.register(proxyRoutes, {
      connections,
      tokenFor,
      bodyStall: config.BODY_STALL_SECONDS * 1_000,
      rateLimits,
      origins: originsOf(config.CORS_ORIGINS),
      metrics: own,
    })
  },
})

const originsOf = (list: string): ReadonlySet<string> =>
  new Set(
    list
      .split(',')
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ''),
  )
