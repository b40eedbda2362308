import { context, isSpanContextValid, trace } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { requestLog } from '../logging/logger.ts'
import type { kitMetrics } from './http-metrics.ts'
import type { Metrics } from './define-metrics.ts'

/** What stands for a status where the connection ended before there was one, as in nginx. */
const gaveUp = 499

/** Puts each request into the duration histogram (with its trace as exemplar) and into one log line. */
export const observeRequests = fp<{ metrics: Metrics<typeof kitMetrics> }>(
  async (app, { metrics }) => {
    const line = requestLog(app.log)
    const record = (request: FastifyRequest, reply: FastifyReply, finished: boolean): void => {
      const route = request.routeOptions.url ?? 'unknown'
      const seconds = reply.elapsedTime / 1_000
      const status = finished || reply.raw.headersSent ? reply.statusCode : gaveUp
      const active = request.span?.spanContext() ?? trace.getActiveSpan()?.spanContext()
      // prom-client types exemplar labels as the metric's own; an exemplar has its own set.
      const exemplar: object =
        active?.traceFlags === 1 && isSpanContextValid(active)
          ? { trace_id: active.traceId, span_id: active.spanId }
          : {}
      metrics.requestDuration.observe({
        value: seconds,
        labels: {
          http_request_method: request.method,
          http_route: route,
          http_response_status_code: status,
        },
        exemplarLabels: exemplar,
      })
      line.info(
        {
          'http.request.id': request.id,
          'http.request.method': request.method,
          'http.route': route,
          'url.path': request.url.split('?', 1)[0],
          'http.response.status_code': status,
          'event.duration': Math.round(reply.elapsedTime * 1e6),
          'client.address': request.ip,
        },
        finished ? 'request served' : 'connection ended before the answer did',
      )
    }

    app.addHook('onRequest', (request, reply, done) => {
      // Such a request has no onResponse; unseen, it would hide exactly the slow ones.
      reply.raw.once('close', () => {
        if (reply.raw.writableFinished) return
        const active = context.active()
        const own = request.span ? trace.setSpan(active, request.span) : active
        context.with(own, () => record(request, reply, false))
      })
      done()
    })
    app.addHook('onResponse', (request, reply, done) => {
      record(request, reply, true)
      done()
    })
  },
)
