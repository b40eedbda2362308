import { isSpanContextValid, trace } from '@opentelemetry/api'
import fp from 'fastify-plugin'
import type { kitMetrics } from './http-metrics.ts'
import type { Metrics } from './define-metrics.ts'

/** Puts each answer into the duration histogram (with its trace as exemplar) and into one log line. */
export const observeRequests = fp<{ metrics: Metrics<typeof kitMetrics> }>(
  async (app, { metrics }) => {
    app.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'unknown'
      const seconds = reply.elapsedTime / 1_000
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
          http_response_status_code: reply.statusCode,
        },
        exemplarLabels: exemplar,
      })
      request.log.info(
        {
          'http.request.method': request.method,
          'http.route': route,
          'url.path': request.url.split('?', 1)[0],
          'http.response.status_code': reply.statusCode,
          'event.duration': Math.round(reply.elapsedTime * 1e6),
          'client.address': request.ip,
        },
        'request served',
      )
      done()
    })
  },
)
