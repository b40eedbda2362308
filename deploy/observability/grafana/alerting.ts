import { createHash } from 'node:crypto'
import { type Alert, duration, hour, minute, type RuleGroup } from '../alerts/alert.ts'
import { dashboardPathOf, runbookOf } from '../prometheus/rule-files.ts'
import { prometheusUid } from './panel.ts'

/** Seconds of data that a rule is evaluated on: an instant query asks for the newest alone. */
const lookBack = 600

/** The same alerts for Grafana to evaluate, which then notifies of them itself. */
export const grafanaRules = (groups: readonly RuleGroup[]) => ({
  apiVersion: 1,
  groups: groups
    .filter(({ alerts }) => alerts.length > 0)
    .map(({ name, alerts }) => ({
      orgId: 1,
      name,
      folder: 'PortTrack',
      interval: '1m',
      rules: alerts.map(grafanaRule),
    })),
})

const grafanaRule = (alert: Alert) => ({
  uid: uidOf(alert),
  title: `${alert.name} ${uidOf(alert).slice(-4)}`,
  condition: 'fires',
  data: [
    {
      refId: 'A',
      relativeTimeRange: { from: lookBack, to: 0 },
      datasourceUid: prometheusUid,
      model: { refId: 'A', expr: escaped(alert.expr), instant: true, range: false },
    },
    {
      // A series is what is wrong, whatever its number: that of "no process is up" is 0.
      refId: 'fires',
      datasourceUid: '__expr__',
      model: { refId: 'fires', type: 'math', expression: 'is_number($${A})' },
    },
  ],
  for: duration(alert.forSeconds),
  // No series is what all is well looks like.
  noDataState: 'OK',
  execErrState: 'Error',
  labels: { alertname: alert.name, severity: alert.severity, ...alert.labels },
  annotations: {
    summary: template(alert.summary),
    description: template(alert.description),
    runbook_url: runbookOf(alert),
    dashboard: dashboardPathOf(alert),
  },
})

/** Stays the same while the alert does, so that its history does. */
const uidOf = ({ name, expr }: Alert): string =>
  `pt-${createHash('sha256').update(`${name} ${expr}`).digest('hex').slice(0, 16)}`

/** Grafana replaces `$NAME` in these files by the environment's; two of them stand for one. */
const escaped = (text: string): string => text.replaceAll('$', '$$$$')

/** Where Prometheus writes `$value`, Grafana has the values of all queries by name. */
const template = (text: string): string => escaped(text.replaceAll('$value ', '$values.A.Value '))

/** Who is told: Slack and the bot, whose secrets Grafana finds in its environment. */
export const contactPoints = {
  apiVersion: 1,
  contactPoints: (
    [
      ['page', '#porttrack-guardia'],
      ['ticket', '#porttrack-avisos'],
      ['watchdog', null],
    ] as const
  ).map(([name, channel]) => ({
    orgId: 1,
    name,
    receivers: [
      ...(channel === null
        ? []
        : [
            {
              uid: `porttrack-slack-${name}`,
              type: 'slack',
              settings: {
                url: '$SLACK_WEBHOOK_URL',
                recipient: channel,
                title:
                  '{{ if eq .Status "firing" }}{{ .CommonLabels.severity }}{{ else }}resolved{{ end }}: {{ .CommonLabels.alertname }} · {{ .CommonLabels.service }} · {{ .CommonLabels.namespace }}',
                text: '{{ range .Alerts }}{{ .Annotations.summary }}. {{ .Annotations.description }}\n{{ .Annotations.runbook_url }}\n{{ end }}',
              },
            },
          ]),
      {
        uid: `porttrack-bot-${name}`,
        type: 'webhook',
        settings: {
          url: 'http://chatops:8080/webhooks/grafana',
          httpMethod: 'POST',
          maxAlerts: '50',
          // Each body is signed, so that the bot knows who tells and that it is new.
          hmacConfig: {
            secret: '$GRAFANA_WEBHOOK_SECRET',
            header: 'X-Grafana-Alerting-Signature',
            timestampHeader: 'X-Grafana-Alerting-Timestamp',
          },
        },
      },
    ],
  })),
}

/** Which alert goes to whom, as Alertmanager's routes have it. */
export const policies = {
  apiVersion: 1,
  policies: [
    {
      orgId: 1,
      receiver: 'ticket',
      group_by: ['alertname', 'namespace', 'service'],
      group_wait: '30s',
      group_interval: duration(5 * minute),
      repeat_interval: duration(4 * hour),
      routes: [
        {
          receiver: 'watchdog',
          object_matchers: [['severity', '=', 'none']],
          group_wait: '0s',
          group_interval: duration(minute),
          repeat_interval: duration(minute),
        },
        {
          receiver: 'page',
          object_matchers: [['severity', '=', 'page']],
          repeat_interval: duration(hour),
        },
      ],
    },
  ],
}

/** Takes the rules away again, where Alertmanager notifies instead. */
export const withoutRules = (groups: readonly RuleGroup[]) => ({
  apiVersion: 1,
  deleteRules: groups.flatMap(({ alerts }) =>
    alerts.map((alert) => ({ orgId: 1, uid: uidOf(alert) })),
  ),
  resetPolicies: [1],
})
