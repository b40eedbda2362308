import { type Alert, duration, minute, type Pace, type RuleGroup } from './alert.ts'

/** What services tell each other, and others, and do not get told in time. */
export const eventRules = (pace: Pace = 1): RuleGroup => {
  const over = (seconds: number) => duration(seconds, pace)
  const consumers = 'max by (namespace, service, source)'
  const published =
    'max by (namespace, source) (label_replace(feed_published_position{service=~".+"}, "source", "$1", "service", "(.+)"))'
  const alerts: Alert[] = [
    {
      name: 'PortTrackFeedLag',
      severity: 'page',
      expr: `${consumers} (feed_consumer_lag_seconds{service=~".+"}) > ${minute / pace}`,
      forSeconds: 5 * minute,
      summary: '{{ $labels.service }} is behind with the events of {{ $labels.source }}',
      description:
        'It applies what happened {{ $value | humanizeDuration }} ago: what its users see is that old.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackFeedStalled',
      severity: 'page',
      // Behind, and not moving: a reader that hangs tells of no lag.
      expr: `${published} - on (namespace, source) group_right ${consumers} (feed_consumer_position{service=~".+"}) > 0 and ${consumers} (changes(feed_consumer_position{service=~".+"}[${over(10 * minute)}])) == 0`,
      forSeconds: 5 * minute,
      summary: '{{ $labels.service }} does not read the events of {{ $labels.source }}',
      description:
        '{{ $value }} events lie in the outbox of {{ $labels.source }}, and none has been read for 10 minutes.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackWebhooksLate',
      severity: 'ticket',
      expr: `max by (namespace, service) (webhook_oldest_due_seconds{service=~".+"}) > ${(5 * minute) / pace}`,
      forSeconds: 5 * minute,
      summary: 'Webhooks of {{ $labels.service }} are late',
      description:
        'A delivery has waited {{ $value | humanizeDuration }} beyond its time for someone to attempt it.',
      dashboard: 'service',
    },
  ]
  return { name: 'events', recordings: [], alerts }
}
