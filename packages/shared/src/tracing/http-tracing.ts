import {
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import fp from 'fastify-plugin'
import { tracer } from './register.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The server span of the request; not recording when the trace is not sampled. */
    span: Span | null
  }
}

/**
 * One server span a request, child of the caller's trace context, and active while the request is
 * served. Made by hand rather than by instrumentation: see docs/adr/0004-spans-by-hand.md.
 */
export const httpTracing = fp(async (app) => {
  app.decorateRequest('span', null)

  app.addHook('onRequest', (request, reply, done) => {
    const parent = propagation.extract(context.active(), request.headers)
    const route = request.routeOptions.url
    const span = tracer().startSpan(
      route === undefined ? request.method : `${request.method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': request.method,
          'url.path': request.url.split('?', 1)[0] ?? '',
          'url.scheme': request.protocol,
          ...(route === undefined ? {} : { 'http.route': route }),
        },
      },
      parent,
    )
    request.span = span
    // A connection that ends before the answer does has no onResponse: the span ends here.
    reply.raw.once('close', () => {
      if (reply.raw.writableFinished) return
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'the connection ended' })
      span.end()
    })
    context.with(trace.setSpan(parent, span), done)
  })

  app.addHook('onResponse', (request, reply, done) => {
    const { span } = request
    if (span?.isRecording()) {
      span.setAttribute('http.response.status_code', reply.statusCode)
      if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span?.end()
    done()
  })
})
