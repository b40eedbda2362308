import { alertmanagerConfig } from './alertmanager/alertmanager.ts'
import { ruleGroups } from './alerts/rule-groups.ts'
import { contactPoints, grafanaRules, policies, withoutRules } from './grafana/alerting.ts'
import { dashboards } from './grafana/dashboards.ts'
import { dashboardProvider, dataSources } from './grafana/data-sources.ts'
import { grafanaDashboard } from './grafana/panel.ts'
import { indexTemplate, lifecyclePolicy } from './logs/log-fields.ts'
import { savedObjects } from './logs/saved-objects.ts'
import { operatorRules, ruleFiles, yaml } from './prometheus/rule-files.ts'
import { alertingEngines, composeScrapes, prometheusConfig } from './prometheus/server-config.ts'

/** What is made from the alerts, by its path from this folder; `pnpm generate` writes it. */
export const observabilityFiles = (): Record<string, string> => {
  const groups = ruleGroups()
  return {
    ...ruleFiles(groups),
    'kubernetes/prometheus-rule.yaml': operatorRules(groups),
    'grafana/provisioning/datasources/porttrack.yaml': yaml(dataSources),
    'grafana/provisioning/dashboards/porttrack.yaml': yaml(dashboardProvider),
    'grafana/alerting/grafana/rules.yaml': yaml(grafanaRules(groups)),
    'grafana/alerting/grafana/contact-points.yaml': yaml(contactPoints),
    'grafana/alerting/grafana/policies.yaml': yaml(policies),
    'grafana/alerting/alertmanager/no-rules.yaml': yaml(withoutRules(groups)),
    ...Object.fromEntries(
      dashboards.map((dashboard) => [
        `grafana/dashboards/${dashboard.name}.json`,
        `${JSON.stringify(grafanaDashboard(dashboard), null, 2)}\n`,
      ]),
    ),
    'logs/elasticsearch/index-template.json': `${JSON.stringify(indexTemplate, null, 2)}\n`,
    'logs/elasticsearch/lifecycle-policy.json': `${JSON.stringify(lifecyclePolicy, null, 2)}\n`,
    'logs/kibana/porttrack.ndjson': savedObjects(),
    'alertmanager/alertmanager.yaml': yaml(alertmanagerConfig()),
    ...Object.fromEntries(
      alertingEngines.map((engine) => [
        `prometheus/prometheus.${engine}.yaml`,
        yaml(
          prometheusConfig({
            engine,
            ruleFiles: ['/etc/prometheus/rules/*.yaml'],
            alertmanager: 'alertmanager:9093',
            scrapeConfigs: composeScrapes,
          }),
        ),
      ]),
    ),
  }
}
