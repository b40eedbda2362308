import { type Span, TraceFlags } from '@opentelemetry/api'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { requestLog } from '../logging/logger.ts'
import { traceFields } from '../tracing/trace-fields.ts'
import type { kitMetrics } from './http-metrics.ts'
import type { Metrics } from './define-metrics.ts'

/** What stands for a status where the connection ended before there was one, as in nginx. */
const gaveUp = 499

/** A request that is over. */
export type ServedRequest = {
  id: string
  method: string
  route: string
  /** As it was sent, with its query. */
  url: string
  /** What was answered; null where the connection ended before there was a status. */
  status: number | null
  milliseconds: number
  /** Whether the whole answer was sent. */
  finished: boolean
  /** Of the caller. */
  address: string
  span: Span | null
}

/** Puts a request into the duration histogram (with its trace as exemplar) and into one log line. */
export type RecordRequest = (request: ServedRequest) => void

export const requestRecorder = (
  log: FastifyBaseLogger,
  metrics: Metrics<typeof kitMetrics>,
): RecordRequest => {
  const line = requestLog(log)
  return ({ id, method, route, url, status, milliseconds, finished, address, span }) => {
    const answered = status ?? gaveUp
    metrics.requestDuration.observe({
      value: milliseconds / 1_000,
      labels: {
        http_request_method: method,
        http_route: route,
        http_response_status_code: answered,
      },
      exemplarLabels: exemplarOf(span),
    })
    const queryAt = url.indexOf('?')
    line.info(
      {
        ...traceFields(span),
        'http.request.id': id,
        'http.request.method': method,
        'http.route': route,
        'url.path': queryAt < 0 ? url : url.slice(0, queryAt),
        'http.response.status_code': answered,
        'event.duration': Math.round(milliseconds * 1e6),
        'client.address': address,
      },
      finished ? 'request served' : 'connection ended before the answer did',
    )
  }
}

/** Where the trace of a request is recorded. prom-client types exemplar labels as the metric's own. */
const exemplarOf = (span: Span | null): object => {
  const context = span?.spanContext()
  return context?.traceFlags === TraceFlags.SAMPLED
    ? { trace_id: context.traceId, span_id: context.spanId }
    : {}
}

/** Records every request that the framework serves. */
export const observeRequests = fp<{ record: RecordRequest }>(async (app, options) => {
  const record = (request: FastifyRequest, reply: FastifyReply, finished: boolean): void => {
    const { id, method, url, span, ip: address } = request
    options.record({
      id,
      method,
      route: request.routeOptions.url ?? 'unknown',
      url,
      status: finished || reply.raw.headersSent ? reply.raw.statusCode : null,
      milliseconds: reply.elapsedTime,
      finished,
      address,
      span,
    })
  }

  app.addHook('onRequest', (request, reply, done) => {
    // Such a request has no onResponse; unseen, it would hide exactly the slow ones.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) record(request, reply, false)
    })
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    record(request, reply, true)
    done()
  })
})
