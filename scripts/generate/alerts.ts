import { duration, type Alert } from '../../deploy/observability/alerts/alert.ts'
import { objectives } from '../../deploy/observability/alerts/objectives.ts'
import { ruleGroups } from '../../deploy/observability/alerts/rule-groups.ts'
import { page, table } from './markdown.ts'

/** Every alert and every objective, as one page. */
export const alertsPage = (): string => {
  const alerts = ruleGroups().flatMap((group) => group.alerts)
  const byName = Map.groupBy(alerts, ({ name }) => name)
  const rows = [...byName]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, variants]) => rowOf(name, variants))
  return page('Alerts', '`deploy/observability/alerts`', [
    'What alerts, dashboards and logs are for, and how they are run, tells [observability](observability.md). `page` wakes someone, `ticket` waits for the morning, `none` is a sign of life.',
    table(['alert', 'severity', 'after', 'what'], rows),
    '## Objectives',
    'Over 30 days, told from the gateway’s side. Long polls, streams and uploads have no part in latency.',
    table(
      ['service', 'answered without a fault', 'answered in time', 'in time is'],
      objectives.map(({ service, availability, latency }) => [
        `\`${service}\``,
        percent(availability),
        percent(latency.share),
        `${latency.withinSeconds} s`,
      ]),
    ),
  ])
}

const rowOf = (name: string, variants: readonly Alert[]): string[] => [
  `[${name}](runbooks/${name}.md)`,
  [...new Set(variants.map(({ severity }) => severity))].join(', '),
  [...new Set(variants.map(({ forSeconds }) => waits(forSeconds)))].join(', '),
  variants[0]?.labels?.['window'] === undefined ? plain(variants[0]?.summary ?? '') : budget(name),
]

const waits = (seconds: number): string => (seconds === 0 ? 'at once' : duration(seconds))

const budget = (name: string): string =>
  `A service spends its ${/Availability/.test(name) ? 'availability' : 'latency'} budget too fast`

/** Without the templates that are filled in when it fires. */
const plain = (summary: string): string =>
  summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_all, label: string) => `\`${label}\``)

const percent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`
