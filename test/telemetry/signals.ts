import type { ApplicationName } from '@porttrack/scripts/platform/platform'

/** A series that a process shows once the port has lived a day, and the labels that it must have. */
export type Signal = { name: string; labels?: Record<string, string> }

const ofEvery: readonly Signal[] = [
  { name: 'http_server_request_duration_seconds_count' },
  { name: 'http_server_request_duration_seconds_bucket', labels: { le: '0.1' } },
  { name: 'process_cpu_seconds_total' },
  { name: 'process_resident_memory_bytes' },
  { name: 'process_memory_limit_bytes' },
  { name: 'process_start_time_seconds' },
  { name: 'nodejs_eventloop_lag_p99_seconds' },
  { name: 'nodejs_eventloop_stall_seconds_sum' },
  { name: 'nodejs_heap_size_used_bytes' },
  { name: 'nodejs_heap_size_limit_bytes' },
  { name: 'nodejs_gc_duration_seconds_count' },
  { name: 'service_build_info' },
]

const ofDatabases: readonly Signal[] = [
  { name: 'db_client_connection_count', labels: { state: 'used' } },
  { name: 'db_client_connection_count', labels: { state: 'idle' } },
  { name: 'db_client_connection_max' },
  { name: 'db_client_connection_pending_requests' },
  { name: 'feed_published_position' },
  { name: 'webhook_deliveries_pending' },
]

const ofReaders = (source: ApplicationName): readonly Signal[] => [
  { name: 'feed_consumer_position', labels: { source } },
  { name: 'feed_consumer_lag_seconds', labels: { source } },
  { name: 'feed_consumer_events_total', labels: { source } },
]

/** What each process must tell of itself. */
export const signals: Readonly<Record<ApplicationName, readonly Signal[]>> = {
  gateway: [
    ...ofEvery,
    { name: 'authentication_failures_total' },
    { name: 'gateway_upstream_weight', labels: { upstream: 'barcos', track: 'stable' } },
    { name: 'gateway_circuit_state' },
    ...['barcos', 'carga', 'rutas', 'personal'].map((upstream) => ({
      name: 'gateway_upstream_request_duration_seconds_count',
      labels: { upstream, lane: 'calls' },
    })),
  ],
  barcos: [
    ...ofEvery,
    ...ofDatabases,
    ...ofReaders('rutas'),
    { name: 'webhook_attempts_total' },
    { name: 'barcos_vessels_registered_total' },
    { name: 'barcos_port_calls_announced_total' },
    { name: 'barcos_ships_in_port' },
    { name: 'barcos_berth_occupancy_ratio', labels: { berth: 'JC1' } },
    { name: 'barcos_timestamps_recorded_total', labels: { source: 'AIS' } },
  ],
  carga: [
    ...ofEvery,
    ...ofDatabases,
    ...ofReaders('barcos'),
    { name: 'carga_container_visits_announced_total' },
    {
      name: 'carga_container_visit_events_recorded_total',
      labels: { event_code: 'DISC', classifier: 'ACT' },
    },
  ],
  rutas: [
    ...ofEvery,
    ...ofDatabases,
    ...ofReaders('barcos'),
    { name: 'rutas_ais_messages_accepted_total' },
    { name: 'rutas_ais_source_messages_total' },
    { name: 'rutas_ais_messages_duplicate_total' },
    { name: 'rutas_ais_messages_rejected_total' },
    { name: 'rutas_ais_batch_duration_seconds_count' },
    { name: 'rutas_ais_ingest_delay_seconds_count' },
    { name: 'rutas_zone_events_total' },
    { name: 'rutas_voyage_looks_total' },
    { name: 'rutas_voyage_spans_total', labels: { outcome: 'sent' } },
    { name: 'rutas_targets' },
  ],
  personal: [
    ...ofEvery,
    ...ofDatabases,
    ...ofReaders('barcos'),
    ...ofReaders('carga'),
    { name: 'personal_employees_registered_total' },
    { name: 'personal_assignments_total' },
    {
      name: 'personal_assignment_conditions_unmet_total',
      labels: { condition: 'REST_KEPT', outcome: 'refused' },
    },
  ],
}
