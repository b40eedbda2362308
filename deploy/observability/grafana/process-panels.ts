import { promptly } from '@porttrack/release/analysis'
import type { Dashboard, Panel } from './panel.ts'

type Row = Dashboard['rows'][number]

/** Grafana's own window, at least four scrapes long. */
const window = '[$__rate_interval]'

const quantiles = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const

/** What every process shows of itself. `of` is a selector such as `service="barcos"`. */
export const processRows = (of: string): readonly Row[] => {
  const labels = `namespace="$namespace",${of}`
  const http = (part: string, more = '') =>
    `http_server_request_duration_seconds_${part}{${labels}${more}}${window}`
  const prompt = `,${promptly.server}`
  return [
    {
      title: 'What callers get',
      panels: [
        panel(
          ['Requests by route', 'reqps', 'Requests a second.'],
          [[`sum by (http_route) (rate(${http('count')}))`, '{{http_route}}']],
        ),
        panel(
          [
            'Errors by route',
            'percentunit',
            'Share of requests that were answered 5xx, by route; 0 where there are none.',
          ],
          [
            [
              `(sum by (http_route) (rate(${http('count', ',http_response_status_code=~"5.."')})) or 0 * sum by (http_route) (rate(${http('count')}))) / sum by (http_route) (rate(${http('count')}))`,
              '{{http_route}}',
            ],
          ],
        ),
        {
          ...panel(
            [
              'Latency',
              's',
              'Of all requests but long polls. Each point is a request whose trace is recorded: it opens the trace.',
            ],
            quantiles.map(([legend, quantile]) => [
              `histogram_quantile(${quantile}, sum by (le) (rate(${http('bucket', prompt)})))`,
              legend,
            ]),
          ),
          queries: quantiles.map(([legend, quantile]) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(${http('bucket', prompt)})))`,
            legend,
            exemplars: true,
          })),
        },
        panel(
          ['Latency by route', 's', 'Time within which 99 of 100 requests are answered.'],
          [
            [
              `histogram_quantile(0.99, sum by (http_route, le) (rate(${http('bucket', prompt)})))`,
              '{{http_route}}',
            ],
          ],
        ),
      ],
    },
    {
      title: 'The process',
      panels: [
        panel(
          ['CPU', 'percentunit', 'Of one core, which is all that a process uses.'],
          [[`rate(process_cpu_seconds_total{${labels}}${window})`, '{{instance}}']],
        ),
        panel(
          ['Memory', 'bytes', 'Resident, and how much of the heap is used; with what may be.'],
          [
            [`process_resident_memory_bytes{${labels}}`, 'resident {{instance}}'],
            [`nodejs_heap_size_used_bytes{${labels}}`, 'heap {{instance}}'],
            [`min(process_memory_limit_bytes{${labels}})`, 'limit'],
          ],
        ),
        panel(
          [
            'Event loop',
            'percentunit',
            'Share of time in which nothing in the process goes on, for 0.05 s or longer at a time: so many requests wait before they are looked at.',
          ],
          [[`rate(nodejs_eventloop_stall_seconds_sum{${labels}}${window})`, '{{instance}}']],
        ),
        panel(
          ['Versions', 'short', 'Which versions run, by release.'],
          [[`sum by (version, track) (service_build_info{${labels}})`, '{{version}} {{track}}']],
        ),
      ],
    },
  ]
}

/** What every process with a database shows. */
export const databaseRows = (of: string): readonly Row[] => {
  const labels = `namespace="$namespace",${of}`
  return [
    {
      title: 'Database and events',
      panels: [
        panel(
          [
            'Database connections',
            'short',
            'In use, at most, and who waits for one: nobody should, for long.',
          ],
          [
            [`sum by (state) (db_client_connection_count{${labels}})`, '{{state}}'],
            [`sum(db_client_connection_max{${labels}})`, 'at most'],
            [`sum(db_client_connection_pending_requests{${labels}})`, 'waiting'],
          ],
        ),
        panel(
          ['Webhooks', 'short', 'Deliveries that wait, and how long one has been due.'],
          [
            [`max(webhook_deliveries_pending{${labels}})`, 'pending'],
            [`max(webhook_oldest_due_seconds{${labels}})`, 'seconds due'],
          ],
        ),
        panel(
          ['Own feed', 'ops', 'How many events the service publishes, a second.'],
          [[`max(deriv(feed_published_position{${labels}}${window}))`, 'published']],
        ),
      ],
    },
  ]
}

/** What a service shows that learns from others. */
export const feedRow = (of: string): Row => {
  const labels = `namespace="$namespace",${of}`
  return {
    title: 'What it learns from others',
    panels: [
      panel(
        ['Feeds', 's', 'Age of what is applied now; 0 when caught up.'],
        [[`max by (source) (feed_consumer_lag_seconds{${labels}})`, '{{source}}']],
      ),
      panel(
        ['Events applied', 'ops', 'A second, by type.'],
        [[`sum by (type) (rate(feed_consumer_events_total{${labels}}${window}))`, '{{type}}']],
      ),
    ],
  }
}

/** A panel over time: what it is called, in which unit, what it shows; and expressions with legends. */
export const panel = (
  [title, unit, description]: readonly [title: string, unit: Panel['unit'], description: string],
  queries: readonly (readonly [expr: string, legend: string])[],
): Panel => ({
  title,
  description,
  kind: 'timeseries',
  unit,
  queries: queries.map(([expr, legend]) => ({ expr, legend })),
})
