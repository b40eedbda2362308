import { type Alert, duration, hour, minute, type Pace, type RuleGroup } from './alert.ts'

/** What is wrong in the port itself, or with what it hears of ships. */
export const portRules = (pace: Pace = 1): RuleGroup => {
  const over = (seconds: number) => duration(seconds, pace)
  const restSetAside =
    'personal_assignment_conditions_unmet_total{condition="REST_KEPT",outcome="overridden"}'
  const alerts: Alert[] = [
    {
      name: 'PortTrackAisSilent',
      severity: 'page',
      expr: `sum by (namespace) (rate(rutas_ais_source_messages_total[${over(5 * minute)}])) == 0`,
      forSeconds: 5 * minute,
      labels: { service: 'rutas' },
      summary: 'No AIS is heard',
      description:
        'For ten minutes no receiver has sent anything: positions on the map stand still, and arrivals are not noticed.',
      dashboard: 'port',
    },
    {
      name: 'PortTrackIngestLag',
      severity: 'ticket',
      expr: `histogram_quantile(0.95, sum by (namespace, source, le) (rate(rutas_ais_ingest_delay_seconds_bucket[${over(5 * minute)}]))) > 60`,
      forSeconds: 10 * minute,
      labels: { service: 'rutas' },
      summary: 'AIS from {{ $labels.source }} comes late',
      description: 'Messages are {{ $value | humanizeDuration }} old when they arrive.',
      dashboard: 'port',
    },
    {
      name: 'PortTrackIngestOverload',
      severity: 'page',
      expr: [
        `histogram_quantile(0.99, sum by (namespace, le) (rate(rutas_ais_batch_duration_seconds_bucket[${over(5 * minute)}]))) > 2.5`,
        `sum by (namespace) (rate(rutas_ais_datagrams_lost_total[${over(5 * minute)}])) > 0`,
      ].join(' or '),
      forSeconds: 5 * minute,
      labels: { service: 'rutas' },
      summary: 'More AIS arrives than is stored',
      description: 'Batches take too long or datagrams are lost: positions will be missing.',
      dashboard: 'port',
    },
    {
      name: 'PortTrackVoyageLooksFailing',
      severity: 'ticket',
      // Three: a voyage is looked after every five minutes, and one that fails once is looked after again.
      expr: `sum by (namespace) (increase(rutas_voyage_looks_total{outcome="failed"}[${over(20 * minute)}])) >= 3`,
      forSeconds: 5 * minute,
      labels: { service: 'rutas' },
      summary: 'Voyages are not looked after',
      description:
        'In 20 minutes {{ $value | humanize }} looks at ships of voyages failed: their expected arrivals and deviations stand still.',
      dashboard: 'rutas',
    },
    {
      name: 'PortTrackVoyagesBehind',
      severity: 'ticket',
      // Each replica tells of all. Traces wait while the collector is away, which has its own alert.
      expr: `max by (namespace, work) (rutas_voyage_lag_seconds{work!="trace"}) > ${(15 * minute) / pace}`,
      forSeconds: 10 * minute,
      labels: { service: 'rutas' },
      summary: 'Voyages are followed late ({{ $labels.work }})',
      description:
        'Work on voyages has waited for {{ $value | humanizeDuration }}: their states, expected arrivals and deviations are that old.',
      dashboard: 'rutas',
    },
    {
      name: 'PortTrackVoyageTracesWaiting',
      severity: 'ticket',
      expr: `sum by (namespace) (increase(rutas_voyage_spans_total{outcome="failed"}[${over(15 * minute)}])) > 0 unless sum by (namespace) (increase(rutas_voyage_spans_total{outcome="sent"}[${over(15 * minute)}])) > 0`,
      forSeconds: 15 * minute,
      labels: { service: 'rutas' },
      summary: 'The collector takes no voyages',
      description:
        'Traces of voyages wait in rutas until it does, and nothing else does; those of requests are lost meanwhile.',
      dashboard: 'rutas',
    },
    {
      name: 'PortTrackRestBreach',
      severity: 'ticket',
      // The first time a process counts is where its series begins, which is no increase of it.
      expr: `sum by (namespace) (increase(${restSetAside}[${over(hour)}])) > 0 or sum by (namespace) (${restSetAside} unless ${restSetAside} offset ${over(hour)}) > 0`,
      forSeconds: 0,
      labels: { service: 'personal' },
      summary: 'Someone was assigned against the rules of rest',
      description:
        'In the last hour {{ $value | humanize }} assignments set the rules of rest aside; who did so, and why, is kept with them.',
      dashboard: 'port',
    },
  ]
  return { name: 'port', recordings: [], alerts }
}

/** Always fires: whoever stops hearing it knows that nothing else would be heard either. */
export const watchdogRules = (): RuleGroup => ({
  name: 'watchdog',
  recordings: [],
  alerts: [
    {
      name: 'PortTrackWatchdog',
      severity: 'none',
      expr: 'vector(1)',
      forSeconds: 0,
      summary: 'Alerting works',
      description: 'This fires for as long as alerts are evaluated and sent.',
      dashboard: 'objectives',
    },
  ],
})
