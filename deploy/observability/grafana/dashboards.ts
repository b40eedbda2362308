import { objectives } from '../alerts/objectives.ts'
import type { Dashboard } from './panel.ts'
import { databaseRows, feedRow, panel, processRows } from './process-panels.ts'

const window = '[$__rate_interval]'
const here = 'namespace="$namespace"'
const increase = (series: string): string => `increase(${series}[$__range])`

const gatewayCalls = (part: string, more = '') =>
  `gateway_upstream_request_duration_seconds_${part}{${here},lane="calls"${more}}${window}`

/** The port itself, for those who run it. */
const port: Dashboard = {
  name: 'port',
  title: 'Port',
  rows: [
    {
      title: 'Ships and berths',
      panels: [
        panel(
          ['Ships in port', 'short', 'By the state of their call.'],
          [[`max by (state) (barcos_ships_in_port{${here}})`, '{{state}}']],
        ),
        panel(
          ['Berth occupancy', 'percentunit', 'Share of a berth’s metres that ships lie at.'],
          [
            [
              `max by (un_location_code, berth) (barcos_berth_occupancy_ratio{${here}})`,
              '{{un_location_code}} {{berth}}',
            ],
          ],
        ),
        panel(
          ['Expected', 'short', 'Calls whose arrival lies in the next 24 hours.'],
          [[`max by (un_location_code) (barcos_calls_expected{${here}})`, '{{un_location_code}}']],
        ),
        panel(
          ['Times recorded', 'ops', 'A second, by who reported them.'],
          [
            [
              `sum by (source) (rate(barcos_timestamps_recorded_total{${here}}${window}))`,
              '{{source}}',
            ],
          ],
        ),
      ],
    },
    {
      title: 'Boxes and people',
      panels: [
        panel(
          ['Boxes moved', 'short', 'Events of containers that took place, within the time shown.'],
          [
            [
              `sum by (event_code) (${increase(`carga_container_visit_events_recorded_total{${here},classifier="ACT"}`)})`,
              '{{event_code}}',
            ],
          ],
        ),
        panel(
          ['Boxes announced', 'short', 'Within the time shown, by flow.'],
          [
            [
              `sum by (flow) (${increase(`carga_container_visits_announced_total{${here}}`)})`,
              '{{flow}}',
            ],
          ],
        ),
        panel(
          ['Assignments', 'short', 'Within the time shown.'],
          [
            [
              `sum by (overridden) (${increase(`personal_assignments_total{${here}}`)})`,
              'overridden: {{overridden}}',
            ],
          ],
        ),
        panel(
          [
            'Conditions set aside',
            'short',
            'Or refused for, within the time shown; REST_KEPT are the rules of rest.',
          ],
          [
            [
              `sum by (condition, outcome) (${increase(`personal_assignment_conditions_unmet_total{${here}}`)})`,
              '{{condition}} {{outcome}}',
            ],
          ],
        ),
      ],
    },
    {
      title: 'AIS',
      panels: [
        panel(
          ['AIS messages by source', 'ops', 'A second.'],
          [
            [
              `sum by (source) (rate(rutas_ais_source_messages_total{${here}}${window}))`,
              '{{source}}',
            ],
          ],
        ),
        panel(
          ['Targets', 'short', 'Ships by how lately they were heard.'],
          [[`max by (state) (rutas_targets{${here}})`, '{{state}}']],
        ),
        panel(
          ['Age on arrival', 's', 'Of 95 in 100 messages that carry their time.'],
          [
            [
              `histogram_quantile(0.95, sum by (source, le) (rate(rutas_ais_ingest_delay_seconds_bucket{${here}}${window})))`,
              '{{source}}',
            ],
          ],
        ),
        panel(
          ['Batches', 's', 'Time to store what came together, p99.'],
          [
            [
              `histogram_quantile(0.99, sum by (le) (rate(rutas_ais_batch_duration_seconds_bucket{${here}}${window})))`,
              'p99',
            ],
          ],
        ),
        panel(
          [
            'Not used',
            'ops',
            'Messages that could not be used, were known, or came from nowhere near.',
          ],
          [
            [
              `sum by (reason) (rate(rutas_ais_messages_rejected_total{${here}}${window}))`,
              'rejected: {{reason}}',
            ],
            [`sum(rate(rutas_ais_messages_duplicate_total{${here}}${window}))`, 'duplicate'],
            [`sum(rate(rutas_positions_quarantined_total{${here}}${window}))`, 'quarantined'],
          ],
        ),
        panel(
          ['Zone events', 'ops', 'A second.'],
          [[`sum by (event) (rate(rutas_zone_events_total{${here}}${window}))`, '{{event}}']],
        ),
      ],
    },
  ],
}

const barcos: Dashboard = {
  name: 'barcos',
  title: 'barcos',
  rows: [
    ...processRows('service="barcos"'),
    ...databaseRows('service="barcos"'),
    feedRow('service="barcos"'),
  ],
}

const carga: Dashboard = {
  name: 'carga',
  title: 'carga',
  rows: [
    ...processRows('service="carga"'),
    ...databaseRows('service="carga"'),
    feedRow('service="carga"'),
  ],
}

const rutas: Dashboard = {
  name: 'rutas',
  title: 'rutas',
  rows: [
    ...processRows('service="rutas"'),
    ...databaseRows('service="rutas"'),
    feedRow('service="rutas"'),
    {
      title: 'Voyages',
      panels: [
        panel(
          [
            'Looks at voyages',
            'ops',
            'Ships of voyages looked after, a second, by what came of it.',
          ],
          [[`sum by (outcome) (rate(rutas_voyage_looks_total{${here}}${window}))`, '{{outcome}}']],
        ),
        panel(
          ['Voyages as traces', 'ops', 'Spans that the collector took or did not, a second.'],
          [[`sum by (outcome) (rate(rutas_voyage_spans_total{${here}}${window}))`, '{{outcome}}']],
        ),
        panel(
          ['Voyages', 'short', 'That have not ended, and those of them that deviate now.'],
          [
            [`max by (state) (rutas_voyages{${here}})`, '{{state}}'],
            [`max by (kind) (rutas_voyages_deviating{${here}})`, '{{kind}}'],
          ],
        ),
        panel(
          ['Work on voyages that waits', 's', 'For how long, by what it is.'],
          [[`max by (work) (rutas_voyage_lag_seconds{${here}})`, '{{work}}']],
        ),
      ],
    },
    {
      title: 'Live',
      panels: [
        panel(
          ['Live streams', 'short', 'That are open.'],
          [[`sum(rutas_live_readers{${here}})`, 'readers']],
        ),
      ],
    },
  ],
}

const personal: Dashboard = {
  name: 'personal',
  title: 'personal',
  rows: [
    ...processRows('service="personal"'),
    ...databaseRows('service="personal"'),
    feedRow('service="personal"'),
  ],
}

/** One page for any service, to which alerts lead. */
const service: Dashboard = {
  name: 'service',
  title: 'Service',
  variables: [
    { name: 'service', query: 'label_values(up{namespace="$namespace",service=~".+"}, service)' },
  ],
  rows: [
    ...processRows('service="$service"'),
    ...databaseRows('service="$service"'),
    feedRow('service="$service"'),
  ],
}

const gateway: Dashboard = {
  name: 'gateway',
  title: 'Gateway',
  rows: [
    {
      title: 'Services, as the gateway sees them',
      panels: [
        panel(
          ['Calls by service', 'reqps', 'A second.'],
          [[`sum by (upstream) (rate(${gatewayCalls('count')}))`, '{{upstream}}']],
        ),
        panel(
          ['Time to the first byte', 's', 'p99 by service.'],
          [
            [
              `histogram_quantile(0.99, sum by (upstream, le) (rate(${gatewayCalls('bucket')})))`,
              '{{upstream}}',
            ],
          ],
        ),
        panel(
          ['Answers', 'reqps', 'A second, by the hundreds of the status.'],
          [[`sum by (status_class) (rate(${gatewayCalls('count')}))`, '{{status_class}}']],
        ),
        panel(
          [
            'Failures by reason',
            'reqps',
            'Requests without a usable answer, a second; empty where there are none.',
          ],
          [
            [
              `sum by (upstream, reason) (rate(gateway_upstream_failures_total{${here}}${window}))`,
              '{{upstream}} {{reason}}',
            ],
          ],
        ),
        panel(
          ['Circuits', 'short', '0 asked as usual, 1 tried, 2 not asked.'],
          [[`max by (upstream, track) (gateway_circuit_state{${here}})`, '{{upstream}} {{track}}']],
        ),
      ],
    },
    {
      title: 'Callers',
      panels: [
        panel(
          ['Connections', 'short', 'Open at each gateway; `CLIENT_CONNECTIONS` is the most.'],
          [[`gateway_client_connections{${here}}`, '{{instance}}']],
        ),
      ],
    },
    ...processRows('service="gateway"'),
  ],
}

const security: Dashboard = {
  name: 'security',
  title: 'Security',
  rows: [
    {
      title: 'Who is refused',
      panels: [
        panel(
          ['Refused by reason', 'reqps', 'Answered 401, a second.'],
          [
            [
              `sum by (service, reason) (rate(authentication_failures_total{${here}}${window}))`,
              '{{service}} {{reason}}',
            ],
          ],
        ),
        panel(
          ['Not allowed', 'reqps', 'Answered 403 or 404 for what is not theirs, a second.'],
          [
            [
              `sum by (service) (rate(http_server_request_duration_seconds_count{${here},http_response_status_code=~"403|404"}${window}))`,
              '{{service}}',
            ],
          ],
        ),
        panel(
          ['Refused by limit', 'reqps', 'Answered 429, a second; empty where nobody was.'],
          [[`sum by (limit) (rate(gateway_rate_limited_total{${here}}${window}))`, '{{limit}}']],
        ),
        panel(
          ['Connections beyond the limit', 'ops', 'Closed as soon as they were made, a second.'],
          [[`sum(rate(gateway_client_connections_refused_total{${here}}${window}))`, 'refused']],
        ),
      ],
    },
    {
      title: 'Between processes',
      panels: [
        panel(
          ['Certificates', 'dtdurations', 'Time until the one in use ends.'],
          [
            [
              `min by (service, use) (tls_certificate_remaining_seconds{${here}})`,
              '{{service}} {{use}}',
            ],
          ],
        ),
        panel(
          ['Connections refused', 'ops', 'At the TLS handshake, a second; empty where none was.'],
          [
            [
              `sum by (service, reason) (rate(tls_connections_refused_total{${here}}${window}))`,
              '{{service}} {{reason}}',
            ],
          ],
        ),
      ],
    },
  ],
}

const canary: Dashboard = {
  name: 'canary',
  title: 'Canary',
  variables: [
    {
      name: 'upstream',
      query: 'label_values(gateway_upstream_weight{namespace="$namespace"}, upstream)',
    },
  ],
  rows: [
    {
      title: 'Stable beside canary',
      panels: [
        panel(
          ['Weight', 'short', 'Percent of callers.'],
          [[`max by (track) (gateway_upstream_weight{${here},upstream="$upstream"})`, '{{track}}']],
        ),
        panel(
          ['Requests', 'reqps', 'A second.'],
          [
            [
              `sum by (track) (rate(${gatewayCalls('count', ',upstream="$upstream"')}))`,
              '{{track}}',
            ],
          ],
        ),
        panel(
          ['Errors', 'percentunit', 'Share of answers that are 5xx.'],
          [
            [
              `(sum by (track) (rate(${gatewayCalls('count', ',upstream="$upstream",status_class="5xx"')})) or 0 * sum by (track) (rate(${gatewayCalls('count', ',upstream="$upstream"')}))) / sum by (track) (rate(${gatewayCalls('count', ',upstream="$upstream"')}))`,
              '{{track}}',
            ],
          ],
        ),
        panel(
          ['p99', 's', 'Time to the first byte.'],
          [
            [
              `histogram_quantile(0.99, sum by (track, le) (rate(${gatewayCalls('bucket', ',upstream="$upstream"')})))`,
              '{{track}}',
            ],
          ],
        ),
        panel(
          ['Mean', 's', 'Shows what is too little to move the p99.'],
          [
            [
              `sum by (track) (rate(${gatewayCalls('sum', ',upstream="$upstream"')})) / sum by (track) (rate(${gatewayCalls('count', ',upstream="$upstream"')}))`,
              '{{track}}',
            ],
          ],
        ),
        panel(
          ['Event loop', 's', 'p99 delay of each release’s processes.'],
          [
            [
              `max by (track) (nodejs_eventloop_lag_p99_seconds{${here},service="$upstream"})`,
              '{{track}}',
            ],
          ],
        ),
      ],
    },
  ],
}

const objectivesDashboard: Dashboard = {
  name: 'objectives',
  title: 'Objectives',
  rows: objectives.map(({ service: of, availability, latency }) => ({
    title: of,
    panels: (
      [
        ['availability', availability],
        ['latency', latency.share],
      ] as const
    ).flatMap(([objective, promise]) => {
      const selector = `{${here},service="${of}",objective="${objective}"}`
      const budget = Number((1 - promise).toPrecision(6))
      return [
        {
          ...panel(
            [
              `${of}: ${objective} budget left`,
              'percentunit',
              'Of the last three days, at the rate of a budget of 30 days; below 0 more is spent than is allowed for.',
            ],
            [[`1 - slo:errors:ratio_rate3d${selector} / ${budget}`, 'left']],
          ),
          kind: 'stat' as const,
          width: 4,
        },
        {
          ...panel(
            [
              `${of}: ${objective} burn rate`,
              'short',
              'How many times faster than allowed for the budget is spent, over a short and a long time.',
            ],
            ['5m', '1h', '6h', '1d'].map((span) => [
              `slo:errors:ratio_rate${span}${selector} / ${budget}`,
              span,
            ]),
          ),
          width: 8,
        },
      ]
    }),
  })),
}

export const dashboards: readonly Dashboard[] = [
  port,
  service,
  barcos,
  carga,
  rutas,
  personal,
  gateway,
  security,
  canary,
  objectivesDashboard,
]
