import { defineMetrics, type Metrics } from '@porttrack/shared/metrics/define-metrics'

export const metrics = defineMetrics({
  messages: {
    type: 'counter',
    name: 'rutas_ais_messages_accepted_total',
    help: 'AIS messages accepted, stored or known already, by type: what the receivers hear',
    labels: ['type'],
  },
  sourceMessages: {
    type: 'counter',
    name: 'rutas_ais_source_messages_total',
    help: 'AIS messages accepted, by source: a receiver that has fallen silent',
    labels: ['source'],
  },
  duplicates: {
    type: 'counter',
    name: 'rutas_ais_messages_duplicate_total',
    help: 'AIS messages that were stored already: overlap of receivers, and resends',
  },
  repeated: {
    type: 'counter',
    name: 'rutas_ais_messages_repeated_total',
    help: 'Positions whose payload had come in the five minutes before, by source: a station that repeats another with delay, and a time of its own',
    labels: ['source'],
  },
  newStations: {
    type: 'counter',
    name: 'rutas_stations_new_total',
    help: 'Stations heard for the first time: a feed that makes them up',
  },
  rejected: {
    type: 'counter',
    name: 'rutas_ais_messages_rejected_total',
    help: 'Lines and messages that could not be used, by source and reason: a receiver or a link at fault',
    labels: ['source', 'reason'],
  },
  ignored: {
    type: 'counter',
    name: 'rutas_ais_lines_ignored_total',
    help: 'Lines that are no AIS: blank ones, comments, other sentences of the receiver',
  },
  quarantined: {
    type: 'counter',
    name: 'rutas_positions_quarantined_total',
    help: 'Fixes held back because the ship cannot have come there',
  },
  batchDuration: {
    type: 'histogram',
    name: 'rutas_ais_batch_duration_seconds',
    help: 'Time to write what waits together, up to its commit: how close ingest is to its limit',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  ingestLeads: {
    type: 'gauge',
    name: 'rutas_ais_ingest_leads',
    help: 'Whether this replica writes the AIS of all: over the replicas the sum is 1, and for seconds 0 when one has gone',
  },
  remembered: {
    type: 'gauge',
    name: 'rutas_ais_remembered',
    help: 'Stations and messages that this replica remembers, and does not ask the database for: at their limits when a feed makes them up',
    labels: ['what'],
  },
  forwarded: {
    type: 'counter',
    name: 'rutas_ais_batches_forwarded_total',
    help: 'Batches of AIS handed to the replica that writes',
  },
  ingestDelay: {
    type: 'histogram',
    name: 'rutas_ais_ingest_delay_seconds',
    help: 'Age of messages that carry their time, when they arrive, one a batch, by source: late receivers and links',
    labels: ['source'],
    buckets: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600],
  },
  receiverConnections: {
    type: 'gauge',
    name: 'rutas_ais_receiver_connections',
    help: 'TCP connections that AIS comes by: none where one is expected is a link that is down',
    labels: ['source'],
  },
  receiverRefused: {
    type: 'counter',
    name: 'rutas_ais_receiver_refused_total',
    help: 'Connections and datagrams from networks that may not send, and connections beyond the limit',
    labels: ['source', 'reason'],
  },
  datagramsLost: {
    type: 'counter',
    name: 'rutas_ais_datagrams_lost_total',
    help: 'UDP datagrams lost here, by the kernel or for want of room: more arrives than is stored',
    labels: ['source', 'where'],
  },
  zoneEvents: {
    type: 'counter',
    name: 'rutas_zone_events_total',
    help: 'What zones have told of ships, such as entering, leaving and stopping',
    labels: ['event', 'kind'],
  },
  seaRouteDuration: {
    type: 'histogram',
    name: 'rutas_sea_route_duration_seconds',
    help: 'Time to find a sea route, for which the process does nothing else',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  },
  liveReaders: {
    type: 'gauge',
    name: 'rutas_live_readers',
    help: 'Live streams that are open',
  },
  liveDropped: {
    type: 'counter',
    name: 'rutas_live_dropped_total',
    help: 'Live streams ended because their reader took too little, by reason',
    labels: ['reason'],
  },
  voyages: {
    type: 'gauge',
    name: 'rutas_voyages',
    help: 'Voyages that have not ended, by state; the same from each replica',
    labels: ['state'],
  },
  voyagesDeviating: {
    type: 'gauge',
    name: 'rutas_voyages_deviating',
    help: 'Voyages that are late or off their route now; the same from each replica',
    labels: ['kind'],
  },
  voyageLag: {
    type: 'gauge',
    name: 'rutas_voyage_lag_seconds',
    help: 'How long the oldest work on voyages that is due has waited, over all replicas: looks at ships, what zones have seen, traces to send',
    labels: ['work'],
  },
  voyageLooks: {
    type: 'counter',
    name: 'rutas_voyage_looks_total',
    help: 'Times that the ship of a voyage was looked after, by what came of it',
    labels: ['outcome'],
  },
  voyageExports: {
    type: 'counter',
    name: 'rutas_voyage_spans_total',
    help: 'Spans of voyages that the trace collector has taken, or has not: is it away',
    labels: ['outcome'],
  },
  malformedEvents: {
    type: 'counter',
    name: 'rutas_malformed_events_total',
    help: 'Events of other services skipped because they were not as agreed',
    labels: ['type'],
  },
  targets: {
    type: 'gauge',
    name: 'rutas_targets',
    help: 'Targets by state: how much of the traffic is heard of now',
    labels: ['state'],
  },
})

export type RutasMetrics = Metrics<typeof metrics>
