import { defineMetrics } from '@porttrack/shared/metrics/define-metrics'

export const metrics = defineMetrics({
  vesselsRegistered: {
    type: 'counter',
    name: 'barcos_vessels_registered_total',
    help: 'Vessels registered',
  },
  portCallsAnnounced: {
    type: 'counter',
    name: 'barcos_port_calls_announced_total',
    help: 'Port calls announced; a day without any is a broken connection to agents',
  },
  reservationRequests: {
    type: 'counter',
    name: 'barcos_reservation_requests_total',
    help: 'Berth reservations asked for, moved or released, by outcome; many taken or misfit show planners working against each other or wrong particulars',
    labels: ['outcome'],
  },
  timestampsRecorded: {
    type: 'counter',
    name: 'barcos_timestamps_recorded_total',
    help: 'Timestamps of port call services recorded, by who reported them and for which service',
    labels: ['source', 'service_type'],
  },
  orphanTimestamps: {
    type: 'counter',
    name: 'barcos_orphan_timestamps_total',
    help: 'Timestamps recorded without a port call: ships that nobody has announced',
  },
  serviceOrderDecisions: {
    type: 'counter',
    name: 'barcos_service_order_decisions_total',
    help: 'Steps of service orders by action and service; many denials are a port short of pilots or tugs',
    labels: ['action', 'service_type'],
  },
  malformedEvents: {
    type: 'counter',
    name: 'barcos_malformed_events_total',
    help: 'Events of other services that were skipped because their data is not as agreed',
    labels: ['type'],
  },
  shipsInPort: {
    type: 'gauge',
    name: 'barcos_ships_in_port',
    help: 'Ships in port by the state of their call',
    labels: ['state'],
  },
  berthOccupancy: {
    type: 'gauge',
    name: 'barcos_berth_occupancy_ratio',
    help: 'Share of a berth’s metres that ships lie at now, from 0 to 1',
    labels: ['un_location_code', 'berth'],
  },
  meanWaiting: {
    type: 'gauge',
    name: 'barcos_waiting_mean_seconds',
    help: 'Mean time from anchorage or port entry to the berth, of ships that berthed within the window; absent when none did',
    labels: ['window'],
  },
  meanIdle: {
    type: 'gauge',
    name: 'barcos_idle_at_departure_mean_seconds',
    help: 'Mean time from the end of cargo operations to leaving the berth, of ships that left within the window; absent when none did',
    labels: ['window'],
  },
  onTime: {
    type: 'gauge',
    name: 'barcos_calls_on_time_ratio',
    help: 'Share of calls that came within the tolerance of their time, of those that berthed within the window; absent when none did',
    labels: ['window'],
  },
  callsExpected: {
    type: 'gauge',
    name: 'barcos_calls_expected',
    help: 'Calls announced or approved whose declared arrival lies in the 24 hours to come',
    labels: ['un_location_code'],
  },
  openOrphans: {
    type: 'gauge',
    name: 'barcos_orphan_timestamps_open',
    help: 'Timestamps that still belong to no port call; a growing number is work for the harbour office',
    labels: ['source'],
  },
})
