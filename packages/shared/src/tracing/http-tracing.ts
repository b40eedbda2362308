import type { IncomingHttpHeaders } from 'node:http'
import {
  context,
  type Context,
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

type TracedRequest = {
  method: string
  /** Pattern of the route that serves it, if any does. */
  route: string | undefined
  url: string
  protocol: string
  headers: IncomingHttpHeaders
}

/** Begins the server span of a request, child of the caller's trace context. */
export const startServerSpan = ({
  method,
  route,
  url,
  protocol,
  headers,
}: TracedRequest): { span: Span; parent: Context } => {
  const parent = propagation.extract(context.active(), headers)
  const name = route === undefined ? method : `${method} ${route}`
  const span = tracer().startSpan(name, { kind: SpanKind.SERVER }, parent)
  // Most traces are not recorded, and need nothing but their context.
  if (span.isRecording()) {
    span.setAttributes({
      'http.request.method': method,
      'url.path': url.split('?', 1)[0] ?? '',
      'url.scheme': protocol,
      ...(route === undefined ? {} : { 'http.route': route }),
    })
  }
  return { span, parent }
}

/** @param status what was answered; null when the connection ended before the answer did */
export const endServerSpan = (span: Span, status: number | null): void => {
  if (!span.isRecording()) return
  if (status === null) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'the connection ended' })
  } else {
    span.setAttribute('http.response.status_code', status)
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}

/**
 * One server span a request, active while the request is served. Made by hand rather than by
 * instrumentation: see docs/adr/0004-spans-by-hand.md.
 */
export const httpTracing = fp(async (app) => {
  app.decorateRequest('span', null)

  app.addHook('onRequest', (request, reply, done) => {
    const { method, url, protocol, headers } = request
    const route = request.routeOptions.url
    const { span, parent } = startServerSpan({ method, route, url, protocol, headers })
    request.span = span
    // A connection that ends before the answer does has no onResponse: the span ends here.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) endServerSpan(span, null)
    })
    context.with(trace.setSpan(parent, span), done)
  })

  app.addHook('onResponse', (request, reply, done) => {
    if (request.span) endServerSpan(request.span, reply.raw.statusCode)
    done()
  })
})
