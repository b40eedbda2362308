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
})
