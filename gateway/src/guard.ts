import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** How long the rest of a body that was refused is still taken and thrown away, in milliseconds. */
const lingering = 5_000

const allowed = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const readable =
  'deprecation, etag, idempotency-replayed, link, location, ratelimit, ratelimit-policy, retry-after, sunset, x-request-id'
const sendable =
  'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id'

/**
 * What every connection and every answer of the gateway has, whoever asks for whatever.
 *
 * @param origins web pages of other origins that may read answers (CORS), each written in full
 */
export const guard = (app: FastifyInstance, origins: ReadonlySet<string>): void => {
  // The caller is told to send its body only when someone is there to take it.
  app.server.on('checkContinue', (request, response) => {
    app.server.emit('request', request, response)
  })

  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    if (origins.size > 0) reply.header('vary', 'origin')
    if (origin !== undefined && origins.has(origin)) {
      reply.header('access-control-allow-origin', origin)
      reply.header('access-control-expose-headers', readable)
      if (request.method === 'OPTIONS' && request.headers['access-control-request-method']) {
        reply
          .code(204)
          .header('access-control-allow-methods', allowed)
          .header('access-control-allow-headers', sendable)
          .header('access-control-max-age', '600')
          .send()
        return
      }
    }
    done()
  })

  app.addHook('onResponse', (request, _reply, done) => {
    takeRest(request.raw)
    done()
  })
}

/** Takes what is left of a body whose request has been answered, and throws it away. */
export const takeRest = (raw: IncomingMessage): void => {
  if (raw.complete || raw.destroyed) return
  // Closed at once, the connection would take the answer with it before the caller has read it.
  raw.resume()
  const cut = setTimeout(() => raw.socket.destroy(), lingering)
  const spare = () => clearTimeout(cut)
  raw.once('end', spare).once('close', spare)
}
