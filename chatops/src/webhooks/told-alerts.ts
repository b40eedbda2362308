import { type Static, Type } from 'typebox'
import type { Incident } from '../incidents.ts'

const text = Type.String({ maxLength: 4_096 })
const Labels = Type.Record(Type.String({ maxLength: 256 }), text)

/** What Alertmanager and Grafana both send; what else they do is let be. */
export const ToldAlerts = Type.Object({
  alerts: Type.Array(
    Type.Object({
      status: Type.Union([Type.Literal('firing'), Type.Literal('resolved')]),
      labels: Labels,
      annotations: Labels,
      startsAt: Type.String({ maxLength: 64, pattern: '^\\d{4}-\\d\\d-\\d\\dT' }),
      endsAt: Type.String({ maxLength: 64 }),
    }),
    { maxItems: 100 },
  ),
})

type Told = Static<typeof ToldAlerts>['alerts'][number]

/** The sign of life of alerting, which is no incident. */
export const isWatchdog = ({ labels }: Told): boolean => labels['alertname'] === 'PortTrackWatchdog'

/** An alert as an incident: the same key as long as what it is about is the same. */
export const incidentOf = ({ status, labels, annotations, startsAt, endsAt }: Told): Incident => {
  const { alertname = 'unknown', service = '', namespace = '', severity = '' } = labels
  return {
    key: [alertname, namespace, service, labels['instance'] ?? '', labels['window'] ?? ''].join(
      '/',
    ),
    alert: alertname,
    service,
    namespace,
    severity,
    summary: annotations['summary'] ?? '',
    runbook: annotations['runbook_url'] ?? '',
    dashboard: annotations['dashboard'] ?? '',
    startedAt: startsAt,
    endedAt: status === 'resolved' ? endsAt : null,
  }
}
