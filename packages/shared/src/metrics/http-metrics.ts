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
  build: {
    type: 'gauge',
    name: 'service_build_info',
    help: '1, with the version that runs: which releases there are, and since when',
    labels: ['version'],
  },
  memoryLimit: {
    type: 'gauge',
    name: 'process_memory_limit_bytes',
    help: 'Memory beyond which the process is killed: its container’s limit, or what the machine has',
  },
  heapLimit: {
    type: 'gauge',
    name: 'nodejs_heap_size_limit_bytes',
    help: 'Size of the heap beyond which the process ends by itself',
  },
  poolConnections: {
    type: 'gauge',
    name: 'db_client_connection_count',
    help: 'Connections to the database by state, used or idle',
    labels: ['state'],
  },
  poolLimit: {
    type: 'gauge',
    name: 'db_client_connection_max',
    help: 'Connections to the database that there may be at most',
  },
  poolWaiting: {
    type: 'gauge',
    name: 'db_client_connection_pending_requests',
    help: 'Who waits for a connection to the database; more than none for long means a database that is slow or a pool that is small',
  },
  authenticationFailures: {
    type: 'counter',
    name: 'authentication_failures_total',
    help: 'Requests refused with 401, by why the token was not accepted',
    labels: ['reason'],
  },
  certificateRemaining: {
    type: 'gauge',
    name: 'tls_certificate_remaining_seconds',
    help: 'Time until the certificate in use ends, by what it is for; it should never come near zero, as a renewed one is taken up by itself',
    labels: ['use'],
  },
  connectionsRefused: {
    type: 'counter',
    name: 'tls_connections_refused_total',
    help: 'Connections that ended at the TLS handshake, by why: no certificate, one that is not trusted or has ended, or a peer that is not on the list',
    labels: ['reason'],
  },
  feedPublished: {
    type: 'gauge',
    name: 'feed_published_position',
    help: 'Position of the newest event of the own feed; a consumer’s position behind it is what that one has yet to apply',
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
  webhookAttempts: {
    type: 'counter',
    name: 'webhook_attempts_total',
    help: 'Attempts at webhook deliveries, by how they ended',
    labels: ['outcome'],
  },
  webhookLatency: {
    type: 'histogram',
    name: 'webhook_delivery_latency_seconds',
    help: 'Time from the publication of an event to its delivery by a webhook, retries included',
    buckets: [0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200, 28_800, 86_400],
  },
  webhookPending: {
    type: 'gauge',
    name: 'webhook_deliveries_pending',
    help: 'Deliveries of enabled webhooks that wait for an attempt',
  },
  webhookDue: {
    type: 'gauge',
    name: 'webhook_oldest_due_seconds',
    help: 'How long the delivery that waits longest for its attempt has been due; 0 when none is',
  },
  webhooks: {
    type: 'gauge',
    name: 'webhooks',
    help: 'Webhooks by state; one that is DISABLED has a receiver that nobody looks after',
    labels: ['state'],
  },
  webhooksDisabled: {
    type: 'counter',
    name: 'webhooks_disabled_total',
    help: 'Webhooks that were disabled because their receiver was gone or failed for too long',
    labels: ['reason'],
  },
  webhooksOvertaken: {
    type: 'counter',
    name: 'webhooks_overtaken_total',
    help: 'Times that a webhook was away for longer than events are kept, and has missed some',
  },
})
