import { defineService } from '@porttrack/shared/service/define-service'
import { Type } from 'typebox'
import { access } from './access.ts'
import { guard } from './guard.ts'
import { rememberTokens } from './internal-tokens.ts'
import { metrics } from './metrics.ts'
import { joinLive } from './openapi.ts'
import { proxyRoutes } from './proxy.ts'
import { referencePage } from './reference.ts'
import { openUpstreams, upstreamContracts, upstreamEnv } from './upstreams.ts'
import { welcomeRoute } from './welcome.ts'

export const gateway = defineService({
  name: 'gateway',
  title: 'PortTrack',
  description:
    'The one door to PortTrack: checks who asks, passes the request on to the service that its path names, and joins the services’ documents',
  env: {
    ...upstreamEnv,
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
  open: ({ config, log, metrics: upstreamMetrics }) => {
    const connections = openUpstreams(config, { log, metrics: upstreamMetrics })
    return { connections, joined: joinLive(connections) }
  },
  close: async ({ connections }) => {
    await Promise.all(connections.map((upstream) => upstream.close()))
  },
  // Ready as soon as it listens: a service that is down takes its own paths with it and no others.
  ready: async () => undefined,
  hooks: (app, { config }) => guard(app, originsOf(config.CORS_ORIGINS)),
  contracts: upstreamContracts,
  document: (own, { joined }) => joined(own),
  routes: (app, { connections, tokens, metrics: upstreamMetrics }) => {
    const tokenFor = rememberTokens((service, claims) => tokens.sign(service, claims))
    app.register(welcomeRoute)
    app.register(referencePage)
    app.register(proxyRoutes, {
      connections,
      tokenFor,
      metrics: upstreamMetrics,
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
