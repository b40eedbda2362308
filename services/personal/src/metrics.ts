import { defineMetrics } from '@porttrack/shared/metrics/define-metrics'

export const metrics = defineMetrics({
  employeesRegistered: {
    type: 'counter',
    name: 'personal_employees_registered_total',
    help: 'Employees registered, by rest profile',
    labels: ['rest_profile'],
  },
  employeesDeactivated: {
    type: 'counter',
    name: 'personal_employees_deactivated_total',
    help: 'Employees deactivated; many at once are worth a look',
  },
  personalDataRequests: {
    type: 'counter',
    name: 'personal_data_requests_total',
    help: 'Personal data given out and erased, by kind; who asked for what is in the log of requests',
    labels: ['kind'],
  },
  certificatesRegistered: {
    type: 'counter',
    name: 'personal_certificates_registered_total',
    help: 'Certificates of employees registered',
  },
  certificateAlerts: {
    type: 'counter',
    name: 'personal_certificate_alerts_total',
    help: 'Alerts of certificates that end soon, by the threshold in days; several of one day mean that someone could not be planned soon',
    labels: ['threshold_days'],
  },
  assignments: {
    type: 'counter',
    name: 'personal_assignments_total',
    help: 'Assignments made, by whether a condition was set aside for them',
    labels: ['overridden'],
  },
  conditionsUnmet: {
    type: 'counter',
    name: 'personal_assignment_conditions_unmet_total',
    help: 'Conditions that someone did not meet when an assignment was asked for, by whether it was refused or made all the same; REST_KEPT overridden is a breach of the rules of rest that someone has answered for',
    labels: ['condition', 'outcome'],
  },
  malformedEvents: {
    type: 'counter',
    name: 'personal_malformed_events_total',
    help: 'Events of other services that were skipped because their data is not as agreed',
    labels: ['type'],
  },
  demandChanges: {
    type: 'counter',
    name: 'personal_demand_changes_total',
    help: 'Orders of port call services that were heard of, by what became of their shift; many that moved are planned too early',
    labels: ['outcome'],
  },
  workRecords: {
    type: 'counter',
    name: 'personal_work_records_total',
    help: 'Work records made, signed, corrected and annulled, by step; many corrections are worth a look',
    labels: ['step'],
  },
})
