import { type Pace, duration, hour, minute } from '../alerts/alert.ts'

/** Where messages go. Secrets are read from files, so that the configuration can be shown to anyone. */
export type Destinations = {
  /** File with the address of Slack's incoming webhook. */
  slackUrlFile: string
  /** Channel for what wakes someone, and for what waits. */
  pageChannel: string
  ticketChannel: string
  /** Where the bot takes alerts, and the file with the token by which it knows who tells. */
  bot: { url: string; tokenFile: string }
}

export const destinations: Destinations = {
  slackUrlFile: '/run/secrets/porttrack/SLACK_WEBHOOK_URL',
  pageChannel: '#porttrack-guardia',
  ticketChannel: '#porttrack-avisos',
  bot: {
    url: 'http://chatops:8080/webhooks/alertmanager',
    tokenFile: '/run/secrets/porttrack/ALERTMANAGER_TOKEN',
  },
}

/** Alerts that follow from another one of the same service, and would only hide it. */
const consequences = {
  PortTrackDown: [
    'PortTrackUnreachable',
    'PortTrackProcessGone',
    'PortTrackErrors',
    'PortTrackAvailabilityBudget.*',
    'PortTrackFeed.*',
    'PortTrackWebhooksLate',
    'PortTrackAisSilent',
  ],
  PortTrackDatabasePool: ['PortTrackSlow', 'PortTrackLatencyBudget.*'],
  PortTrackSlow: ['PortTrackCallsSlow', 'PortTrackLatencyBudget.*'],
} as const

/** Alertmanager's configuration. */
export const alertmanagerConfig = (to: Destinations = destinations, pace: Pace = 1) => {
  const bot = {
    url: to.bot.url,
    send_resolved: true,
    max_alerts: 50,
    http_config: { authorization: { credentials_file: to.bot.tokenFile } },
  }
  const slack = (channel: string) => ({
    api_url_file: to.slackUrlFile,
    channel,
    send_resolved: true,
    color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}',
    title:
      '{{ if eq .Status "firing" }}{{ .CommonLabels.severity }}{{ else }}resolved{{ end }}: {{ .CommonLabels.alertname }} · {{ .CommonLabels.service }} · {{ .CommonLabels.namespace }}',
    text: '{{ range .Alerts }}{{ .Annotations.summary }}. {{ .Annotations.description }}\n{{ end }}<{{ (index .Alerts 0).Annotations.runbook_url }}|What to do>',
    fallback: '{{ .CommonLabels.alertname }} {{ .Status }}',
  })
  return {
    route: {
      receiver: 'ticket',
      group_by: ['alertname', 'namespace', 'service'],
      // Long enough for what belongs together to come together.
      group_wait: duration(30, pace),
      group_interval: duration(5 * minute, pace),
      repeat_interval: duration(4 * hour, pace),
      routes: [
        {
          receiver: 'watchdog',
          matchers: ['severity="none"'],
          group_wait: '0s',
          group_interval: duration(minute, pace),
          repeat_interval: duration(minute, pace),
        },
        { receiver: 'page', matchers: ['severity="page"'], repeat_interval: duration(hour, pace) },
      ],
    },
    inhibit_rules: [
      ...Object.entries(consequences).map(([cause, others]) => ({
        source_matchers: [`alertname="${cause}"`],
        target_matchers: [`alertname=~"${others.join('|')}"`],
        equal: ['service'],
      })),
      // Whoever has been woken needs no ticket of the same.
      {
        source_matchers: ['alertname=~"PortTrack(Availability|Latency)BudgetFast"'],
        target_matchers: ['alertname=~"PortTrack(Availability|Latency)BudgetSlow"'],
        equal: ['namespace', 'service', 'objective'],
      },
    ],
    receivers: [
      { name: 'page', slack_configs: [slack(to.pageChannel)], webhook_configs: [bot] },
      { name: 'ticket', slack_configs: [slack(to.ticketChannel)], webhook_configs: [bot] },
      // The bot says so when it has not heard it for a while.
      { name: 'watchdog', webhook_configs: [{ ...bot, send_resolved: false }] },
    ],
  }
}
