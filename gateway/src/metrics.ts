import { defineMetrics } from '@porttrack/shared/metrics/define-metrics'

export const metrics = defineMetrics({
  upstreamDuration: {
    type: 'histogram',
    name: 'gateway_upstream_request_duration_seconds',
    help: 'Time from sending a request to a service to the headers of its answer, by release, by the hundreds of the status, and by the lane (calls, streams that are long in coming, uploads); beside the server’s own histogram it tells whether the gateway or the service is slow, and canary from stable',
    labels: ['upstream', 'track', 'status_class', 'lane'],
    buckets: [
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30,
    ],
  },
  upstreamFailures: {
    type: 'counter',
    name: 'gateway_upstream_failures_total',
    help: 'Requests that a service gave no usable answer to, by why',
    labels: ['upstream', 'track', 'reason'],
  },
  upstreamWeight: {
    type: 'gauge',
    name: 'gateway_upstream_weight',
    help: 'Percent of callers that each release of a service gets; a release waits until every gateway shows what it has set',
    labels: ['upstream', 'track'],
  },
  circuitState: {
    type: 'gauge',
    name: 'gateway_circuit_state',
    help: 'Whether a release of a service is asked: 0 as usual, 1 one request tries whether it is back, 2 not at all since it does not answer',
    labels: ['upstream', 'track'],
  },
  clientConnections: {
    type: 'gauge',
    name: 'gateway_client_connections',
    help: 'Connections of callers that are open; near CLIENT_CONNECTIONS the next are refused',
  },
  clientConnectionsRefused: {
    type: 'counter',
    name: 'gateway_client_connections_refused_total',
    help: 'Connections of callers that were closed at once, since as many were open as may be, of all or of their address',
  },
  rateLimited: {
    type: 'counter',
    name: 'gateway_rate_limited_total',
    help: 'Requests refused with 429, by the limit that they were beyond',
    labels: ['limit'],
  },
  rateLimitsShared: {
    type: 'gauge',
    name: 'gateway_rate_limits_shared',
    help: '1 while the replicas share what they count for rate limits, 0 while each limits by itself: by itself it lets through what all together should',
  },
})
