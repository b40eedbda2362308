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
})
