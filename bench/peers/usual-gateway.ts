import fastifyJwt from '@fastify/jwt'
import proxy from '@fastify/http-proxy'
import { createPublicKey } from 'node:crypto'
import Fastify from 'fastify'
import { Histogram, Registry } from 'prom-client'

/**
 * A gateway as one would put it together from well-known plugins: a token's signature checked for
 * each request, a duration histogram, Fastify's own log lines, the request passed on. Traces, where
 * wanted, come from `usual-traces.ts`.
 */
const { PORT, UPSTREAM, KEYS_URL } = process.env
if (!PORT || !UPSTREAM || !KEYS_URL) throw new Error('PORT, UPSTREAM and KEYS_URL are needed')

const { keys } = (await (await fetch(KEYS_URL)).json()) as { keys: [{ kty: string }] }
const publicKey = createPublicKey({ key: keys[0], format: 'jwk' })

const app = Fastify({ logger: true })
const registry = new Registry()
const duration = new Histogram({
  name: 'http_server_request_duration_seconds',
  help: 'Duration of requests',
  labelNames: ['method', 'route', 'status'],
  registers: [registry],
})

await app.register(fastifyJwt, {
  secret: { public: publicKey.export({ type: 'spki', format: 'pem' }) },
  verify: { algorithms: ['RS256'] },
})
app.addHook('onRequest', async (request) => {
  await request.jwtVerify()
})
app.addHook('onResponse', async (request, reply) => {
  duration.observe(
    {
      method: request.method,
      route: request.routeOptions.url ?? '',
      status: reply.statusCode,
    },
    reply.elapsedTime / 1_000,
  )
})
await app.register(proxy, {
  upstream: UPSTREAM,
  prefix: '/barcos',
  undici: { connections: 128, pipelining: 1 },
})
await app.listen({ port: Number(PORT), host: '127.0.0.1' })
