import { duration, type Pace } from '../alerts/alert.ts'
import { services } from '@porttrack/pipeline/services'

/** Who notifies: one of them, never both. */
export const alertingEngines = ['grafana', 'alertmanager'] as const

export type AlertingEngine = (typeof alertingEngines)[number]

type Scraped = {
  engine: AlertingEngine
  /** Files of rules, by pattern. */
  ruleFiles: readonly string[]
  /** Address of Alertmanager, `host:port`. */
  alertmanager: string
  scrapeConfigs: readonly object[]
  pace?: Pace
}

/**
 * Prometheus's configuration. Rules are evaluated whoever notifies, since dashboards use what they
 * record; where Grafana notifies, Prometheus tells nobody of what fires.
 */
export const prometheusConfig = ({
  engine,
  ruleFiles,
  alertmanager,
  scrapeConfigs,
  pace = 1,
}: Scraped) => ({
  global: { scrape_interval: duration(15, pace), evaluation_interval: duration(15, pace) },
  rule_files: ruleFiles,
  ...(engine === 'alertmanager'
    ? { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }
    : {}),
  scrape_configs: scrapeConfigs,
})

/** The processes of the compose file, by their names there. */
export const composeScrapes = [
  {
    job_name: 'porttrack',
    // A metric's own labels win: the gateway's say which release a request went to.
    honor_labels: true,
    static_configs: services.map((service) => ({
      targets: [`${service}:9090`],
      labels: { namespace: 'porttrack', service, track: 'stable' },
    })),
  },
  {
    job_name: 'observability',
    static_configs: [
      { targets: ['localhost:9090'], labels: { component: 'prometheus' } },
      { targets: ['chatops:9090'], labels: { component: 'chatops' } },
    ],
  },
] as const
