import fastifySwaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** Nothing but what the gateway itself serves, and no text in the page that runs. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The reference page at `/reference`, fed with the joined document and with nothing from elsewhere. */
export const referencePage = async (app: FastifyInstance): Promise<void> => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true }
  })
  await app.register(fastifySwaggerUi, {
    routePrefix: '/reference',
    staticCSP: policy,
    theme: { title: 'PortTrack API' },
    uiConfig: {
      // Without the bar that loads documents from elsewhere.
      layout: 'BaseLayout',
      deepLinking: true,
      docExpansion: 'none',
      tryItOutEnabled: true,
    },
    uiHooks: {
      preHandler: (request, reply, done) => {
        const { url } = request.routeOptions
        if (url === '/reference/json' || url === '/reference/yaml') reply.redirect('/openapi.json')
        else done()
      },
    },
  })
}
