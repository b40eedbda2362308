import { promptly } from '@porttrack/release/analysis'
import { type Alert, day, duration, hour, minute, type Pace, type RuleGroup } from './alert.ts'

/** What is wrong with a process, told by what it says of itself and by whether it says anything. */
export const processRules = (pace: Pace = 1): RuleGroup => {
  const over = (seconds: number) => duration(seconds, pace)
  const requests = `sum by (namespace, service) (increase(http_server_request_duration_seconds_count[${over(5 * minute)}]))`
  const errors = `sum by (namespace, service) (increase(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[${over(5 * minute)}]))`
  const prompt = (part: string) =>
    `http_server_request_duration_seconds_${part}{service!="gateway",${promptly.server}}[${over(5 * minute)}]`
  const alerts: Alert[] = [
    {
      name: 'PortTrackDown',
      severity: 'page',
      // The gateway's own view counts too: it is asked for what Prometheus does not reach.
      expr: 'sum by (namespace, service) (up{service=~".+"}) == 0',
      forSeconds: minute,
      summary: 'No process of {{ $labels.service }} answers',
      description:
        'Callers get 503 for everything of {{ $labels.service }}; the other services go on.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackProcessGone',
      severity: 'ticket',
      expr: 'up{service=~".+"} == 0 unless on (namespace, service) sum by (namespace, service) (up) == 0',
      forSeconds: 5 * minute,
      summary: 'One process of {{ $labels.service }} does not answer',
      description: '{{ $labels.instance }} is gone; the others of {{ $labels.service }} carry on.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackRestarting',
      severity: 'ticket',
      expr: `changes(process_start_time_seconds{service=~".+"}[${over(15 * minute)}]) > 2`,
      forSeconds: 0,
      summary: '{{ $labels.service }} restarts again and again',
      description: '{{ $labels.instance }} has started {{ $value }} times in a quarter of an hour.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackErrors',
      severity: 'page',
      expr: `${errors} / ${requests} > 0.05 and ${errors} >= 5`,
      forSeconds: 2 * minute,
      summary: '{{ $labels.service }} answers many requests with an error',
      description:
        '{{ $value | humanizePercentage }} of the requests of the last 5 minutes were answered 5xx.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackSlow',
      severity: 'page',
      expr: `histogram_quantile(0.99, sum by (namespace, service, le) (rate(${prompt('bucket')}))) > 1 and sum by (namespace, service) (increase(${prompt('count')})) >= 20`,
      forSeconds: 5 * minute,
      summary: '{{ $labels.service }} is slow',
      description: 'One request in a hundred takes {{ $value | humanizeDuration }} or longer.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackCallsSlow',
      severity: 'page',
      expr: `label_replace(histogram_quantile(0.99, sum by (namespace, upstream, le) (rate(gateway_upstream_request_duration_seconds_bucket{${promptly.gateway}}[${over(5 * minute)}]))) > 2 and sum by (namespace, upstream) (increase(gateway_upstream_request_duration_seconds_count{${promptly.gateway}}[${over(5 * minute)}])) >= 20, "service", "$1", "upstream", "(.+)")`,
      forSeconds: 5 * minute,
      summary: 'The gateway waits long for {{ $labels.upstream }}',
      description:
        'One call in a hundred waits {{ $value | humanizeDuration }} or longer. Where {{ $labels.upstream }} itself is not slow, it is the way to it.',
      dashboard: 'gateway',
    },
    {
      name: 'PortTrackProcessor',
      severity: 'ticket',
      // A process runs on one core, whatever it is allowed.
      expr: `rate(process_cpu_seconds_total{service=~".+"}[${over(5 * minute)}]) > 0.9`,
      forSeconds: 10 * minute,
      summary: '{{ $labels.service }} is at the limit of its processor',
      description: '{{ $labels.instance }} uses {{ $value | humanizePercentage }} of a core.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackMemory',
      severity: 'ticket',
      // A fifth of the heap's limit may be the young generation's, which what stays cannot have.
      expr: [
        'process_resident_memory_bytes{service=~".+"} / process_memory_limit_bytes > 0.9',
        'nodejs_heap_size_used_bytes{service=~".+"} / nodejs_heap_size_limit_bytes > 0.8',
      ].join(' or '),
      forSeconds: 5 * minute,
      summary: '{{ $labels.service }} is at the limit of its memory',
      description:
        '{{ $labels.instance }} uses {{ $value | humanizePercentage }} of what it may, and is killed beyond.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackEventLoop',
      severity: 'ticket',
      expr: `rate(nodejs_eventloop_stall_seconds_sum{service=~".+"}[${over(5 * minute)}]) > 0.1`,
      forSeconds: 5 * minute,
      summary: '{{ $labels.service }} stands still again and again',
      description:
        'Nothing goes on in {{ $labels.instance }} for {{ $value | humanizePercentage }} of the time: so many of its requests wait before they are looked at.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackDatabasePool',
      severity: 'page',
      expr: `avg_over_time(db_client_connection_pending_requests{service=~".+"}[${over(2 * minute)}]) > 1`,
      forSeconds: 3 * minute,
      summary: 'Requests of {{ $labels.service }} wait for the database',
      description:
        '{{ $value | humanize }} requests on average wait for a connection in {{ $labels.instance }}.',
      dashboard: 'service',
    },
    {
      name: 'PortTrackCertificateEnding',
      severity: 'ticket',
      expr: `min by (namespace, service, use) (tls_certificate_remaining_seconds{service=~".+"}) < ${(5 * day) / pace}`,
      forSeconds: hour,
      summary: 'A certificate of {{ $labels.service }} is near its end',
      description:
        'It ends in {{ $value | humanizeDuration }}. It should have been renewed by itself ten days before; without it no call gets through.',
      dashboard: 'security',
    },
    {
      name: 'PortTrackAuthenticationFailures',
      severity: 'ticket',
      expr: `sum by (namespace, service) (rate(authentication_failures_total{service=~".+"}[${over(5 * minute)}])) > 1 and sum by (namespace, service) (rate(authentication_failures_total{service=~".+"}[${over(5 * minute)}])) > 5 * sum by (namespace, service) (rate(authentication_failures_total{service=~".+"}[${over(day)}]))`,
      forSeconds: 2 * minute,
      summary: 'Many callers of {{ $labels.service }} are not who they say',
      description: '{{ $value | humanize }} requests a second are refused with 401.',
      dashboard: 'security',
    },
  ]
  return { name: 'processes', recordings: [], alerts }
}
