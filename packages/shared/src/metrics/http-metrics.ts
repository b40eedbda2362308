import { defineMetrics } from './define-metrics.ts'

/** Metrics that the kit keeps for every service. Names follow OpenTelemetry's conventions. */
export const kitMetrics = defineMetrics({
  requestDuration: {
    type: 'histogram',
    name: 'http_server_request_duration_seconds',
    help: 'Time from a request’s headers to the end of its answer; rate, errors and latency of each route',
    labels: ['http_request_method', 'http_route', 'http_response_status_code'],
    exemplars: true,
    buckets: [
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ],
  },
  authenticationFailures: {
    type: 'counter',
    name: 'authentication_failures_total',
    help: 'Requests refused with 401, by why the token was not accepted',
    labels: ['reason'],
  },
  feedPosition: {
    type: 'gauge',
    name: 'feed_consumer_position',
    help: 'Position reached in another service’s feed',
    labels: ['source'],
  },
  feedLag: {
    type: 'gauge',
    name: 'feed_consumer_lag_seconds',
    help: 'Age of the event that another service’s feed is read up to, applied or about to be; 0 when caught up',
    labels: ['source'],
  },
  feedEvents: {
    type: 'counter',
    name: 'feed_consumer_events_total',
    help: 'Events applied from another service’s feed',
    labels: ['source', 'type'],
  },
  feedFailures: {
    type: 'counter',
    name: 'feed_consumer_failures_total',
    help: 'Attempts to read or apply another service’s feed that failed and will be repeated',
    labels: ['source'],
  },
})
