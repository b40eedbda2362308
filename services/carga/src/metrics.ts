import { defineMetrics } from '@porttrack/shared/metrics/define-metrics'

export const metrics = defineMetrics({
  containerVisitsAnnounced: {
    type: 'counter',
    name: 'carga_container_visits_announced_total',
    help: 'Container visits announced, by flow; a day without any is a broken connection to carriers',
    labels: ['flow'],
  },
  containerVisitEventsRecorded: {
    type: 'counter',
    name: 'carga_container_visit_events_recorded_total',
    help: 'Events of container visits recorded, by code and classifier: the moves of the terminal',
    labels: ['event_code', 'classifier'],
  },
  containerVisitEventsRefused: {
    type: 'counter',
    name: 'carga_container_visit_events_refused_total',
    help: 'Actual events refused because they cannot follow, by code; many mean events come late',
    labels: ['event_code'],
  },
  malformedEvents: {
    type: 'counter',
    name: 'carga_malformed_events_total',
    help: 'Events of other services that were skipped because their data is not as agreed',
    labels: ['type'],
  },
  movesLastHour: {
    type: 'gauge',
    name: 'carga_moves_last_hour',
    help: 'Containers loaded and discharged within the hour; none while ships are worked is a standstill',
  },
  meanDwell: {
    type: 'gauge',
    name: 'carga_dwell_mean_seconds',
    help: 'Mean time ashore of containers that left within the window; absent when none did',
    labels: ['window'],
  },
  meanTurn: {
    type: 'gauge',
    name: 'carga_gate_turn_mean_seconds',
    help: 'Mean time of trucks from the gate and back that left within the window; absent when none did',
    labels: ['window'],
  },
  yardOccupancy: {
    type: 'gauge',
    name: 'carga_yard_occupancy_ratio',
    help: 'Share of a block’s slots that containers stand in now, from 0 to 1',
    labels: ['un_location_code', 'block'],
  },
})
