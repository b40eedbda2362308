/** Series in promtool's notation, with a sample each minute. */
type Series = Readonly<Record<string, string>>

/** A time of a story that begins at 0. */
type Time = `${number}m` | `${number}h`

/** Two stories for an alert: one in which it must fire and then end, one in which it must not. */
export type AlertCase = {
  alert: string
  what: string
  /** Wrong at first or for a while, and right again. */
  wrong: Series
  /** Fires by then, and for what its labels say. */
  fires: Time
  labels?: Readonly<Record<string, string>>
  /** Has ended by then. */
  over: Time
  /** What looks alike, and is nothing. */
  like: string
  quiet: Series
  /** When the quiet one is looked at, where not during its first hour. */
  looks?: readonly Time[]
}

const n = 'namespace="p"'
const barcos = `${n},service="barcos",instance="b:9090"`
const second = `${n},service="barcos",instance="b2:9090"`
const http = (status: string, more = '') =>
  `http_server_request_duration_seconds_count{${barcos},http_request_method="GET",http_route="/v1/vessels",http_response_status_code="${status}"${more}}`
const bucket = (le: string) =>
  `http_server_request_duration_seconds_bucket{${barcos},http_request_method="GET",http_route="/v1/vessels",http_response_status_code="200",le="${le}"}`
const upstream = (part: string, more: string) =>
  `gateway_upstream_request_duration_seconds_${part}{${n},service="gateway",upstream="barcos",track="stable",lane="calls",${more}}`
const failures = (reason: string) =>
  `gateway_upstream_failures_total{${n},service="gateway",upstream="barcos",track="stable",reason="${reason}"}`

const voyages = (what: 'looks' | 'spans', outcome: string) =>
  `rutas_voyage_${what}_total{${n},service="rutas",instance="r:9090",outcome="${outcome}"}`

const voyageLag = (work: string, instance: string) =>
  `rutas_voyage_lag_seconds{${n},service="rutas",instance="${instance}",work="${work}"}`

/** `count` a minute for so many minutes, then so many of another. */
const rates = (...parts: readonly (readonly [perMinute: number, minutes: number])[]): string => {
  let value = 0
  return parts
    .map(([perMinute, minutes]) => {
      const text = `${value}+${perMinute}x${minutes}`
      value += perMinute * (minutes + 1)
      return text
    })
    .join(' ')
}

const day = 24 * 60

export const alertCases: readonly AlertCase[] = [
  {
    alert: 'PortTrackAvailabilityBudgetFast',
    what: 'two requests in a hundred fail',
    wrong: {
      [upstream('count', 'status_class="2xx"')]: rates([98, 120], [100, 120]),
      [upstream('count', 'status_class="5xx"')]: rates([2, 120], [0, 120]),
    },
    fires: '80m',
    labels: { service: 'barcos', severity: 'page', objective: 'availability' },
    over: '180m',
    like: 'one in a thousand fails, which is promised',
    quiet: {
      [upstream('count', 'status_class="2xx"')]: rates([999, 240]),
      [upstream('count', 'status_class="5xx"')]: rates([1, 240]),
    },
  },
  {
    alert: 'PortTrackAvailabilityBudgetFast',
    what: 'nothing reaches the service',
    wrong: {
      [upstream('count', 'status_class="2xx"')]: rates([100, 60], [0, 30], [100, 200]),
      [failures('unreachable')]: rates([0, 60], [100, 30], [0, 200]),
    },
    fires: '85m',
    over: '240m',
    like: 'callers break off what they send, at night with few others',
    quiet: {
      [upstream('count', 'status_class="2xx"')]: rates([1, 240]),
      [failures('body')]: rates([1, 240]),
    },
  },
  {
    alert: 'PortTrackAvailabilityBudgetSlow',
    what: 'half a percent fails for days',
    wrong: {
      [upstream('count', 'status_class="2xx"')]: rates([995, 2 * day], [1_000, 2 * day]),
      [upstream('count', 'status_class="5xx"')]: rates([5, 2 * day], [0, 2 * day]),
    },
    fires: '40h',
    labels: { service: 'barcos', severity: 'ticket' },
    over: '60h',
    like: 'one of thirty at night fails',
    quiet: {
      [upstream('count', 'status_class="2xx"')]: rates([0, day], [1, 28], [0, day]),
      [upstream('count', 'status_class="5xx"')]: rates([0, day], [1, 1], [0, day]),
    },
    looks: ['25h', '26h', '30h'],
  },
  {
    alert: 'PortTrackLatencyBudgetFast',
    what: 'a third of the calls take long',
    wrong: {
      [upstream('count', 'status_class="2xx"')]: rates([90, 240]),
      [upstream('bucket', 'status_class="2xx",le="0.5"')]: rates([60, 120], [90, 120]),
    },
    fires: '80m',
    labels: { service: 'barcos', severity: 'page', objective: 'latency' },
    over: '180m',
    like: 'long polls are as long as they are asked to be',
    quiet: {
      [upstream('count', 'status_class="2xx"')]: rates([90, 240]),
      [upstream('bucket', 'status_class="2xx",le="0.5"')]: rates([90, 240]),
      [upstream('count', 'status_class="2xx"').replace('"calls"', '"streams"')]: rates([90, 240]),
      [upstream('bucket', 'status_class="2xx",le="0.5"').replace('"calls"', '"streams"')]: rates([
        0, 240,
      ]),
    },
  },
  {
    alert: 'PortTrackLatencyBudgetSlow',
    what: 'four calls in a hundred take long, for a day',
    wrong: {
      [upstream('count', 'status_class="2xx"')]: rates([100, 3 * day]),
      [upstream('bucket', 'status_class="2xx",le="0.5"')]: rates([96, 2 * day], [100, day]),
    },
    fires: '30h',
    labels: { service: 'barcos', severity: 'ticket' },
    over: '60h',
    like: 'half a percent does',
    quiet: {
      [upstream('count', 'status_class="2xx"')]: rates([200, 2 * day]),
      [upstream('bucket', 'status_class="2xx",le="0.5"')]: rates([199, 2 * day]),
    },
    looks: ['30h', '47h'],
  },
  {
    alert: 'PortTrackDown',
    what: 'both processes are gone',
    wrong: { [`up{${barcos}}`]: '1x5 0x10 1x30', [`up{${second}}`]: '1x5 0x30 1x10' },
    fires: '10m',
    labels: { service: 'barcos', severity: 'page' },
    over: '20m',
    like: 'one of two is gone',
    quiet: { [`up{${barcos}}`]: '0x60', [`up{${second}}`]: '1x60' },
  },
  {
    alert: 'PortTrackProcessGone',
    what: 'one of two is gone',
    wrong: { [`up{${barcos}}`]: '0x20 1x20', [`up{${second}}`]: '1x40' },
    fires: '10m',
    labels: { instance: 'b:9090', severity: 'ticket' },
    over: '25m',
    like: 'both are gone, which has an alert of its own',
    quiet: { [`up{${barcos}}`]: '0x60', [`up{${second}}`]: '0x60' },
  },
  {
    alert: 'PortTrackRestarting',
    what: 'a process starts anew each three minutes',
    wrong: { [`process_start_time_seconds{${barcos}}`]: '1x5 2x3 3x3 4x60' },
    fires: '15m',
    labels: { service: 'barcos', severity: 'ticket' },
    over: '35m',
    like: 'a release starts it once',
    quiet: { [`process_start_time_seconds{${barcos}}`]: '1x10 2x50' },
  },
  {
    alert: 'PortTrackErrors',
    what: 'a tenth of the requests is answered 503',
    wrong: {
      [http('200')]: rates([90, 60]),
      [http('503')]: rates([10, 20], [0, 40]),
    },
    fires: '10m',
    labels: { service: 'barcos', severity: 'page' },
    over: '40m',
    like: 'as many callers are refused, and three of ten requests at night fail',
    quiet: {
      [http('200')]: rates([1, 60]),
      [http('403')]: rates([30, 60]),
      [http('503')]: '0x30 3x30',
    },
  },
  {
    alert: 'PortTrackSlow',
    what: 'requests take two seconds',
    wrong: {
      [http('200')]: rates([60, 60]),
      [bucket('1')]: rates([0, 20], [60, 40]),
      [bucket('2.5')]: rates([60, 60]),
      [bucket('+Inf')]: rates([60, 60]),
    },
    fires: '15m',
    labels: { service: 'barcos', severity: 'page' },
    over: '35m',
    like: 'one slow request in an idle hour',
    quiet: {
      [http('200')]: '0x10 1x50',
      [bucket('1')]: '0x60',
      [bucket('2.5')]: '0x10 1x50',
      [bucket('+Inf')]: '0x10 1x50',
    },
  },
  {
    alert: 'PortTrackCallsSlow',
    what: 'the way to a service takes four seconds',
    wrong: {
      [upstream('count', 'status_class="2xx"')]: rates([60, 60]),
      [upstream('bucket', 'status_class="2xx",le="1"')]: rates([0, 20], [60, 40]),
      [upstream('bucket', 'status_class="2xx",le="5"')]: rates([60, 60]),
      [upstream('bucket', 'status_class="2xx",le="+Inf"')]: rates([60, 60]),
    },
    fires: '15m',
    labels: { upstream: 'barcos', severity: 'page' },
    over: '35m',
    like: 'calls take under a second',
    quiet: {
      [upstream('count', 'status_class="2xx"')]: rates([60, 60]),
      [upstream('bucket', 'status_class="2xx",le="1"')]: rates([60, 60]),
      [upstream('bucket', 'status_class="2xx",le="+Inf"')]: rates([60, 60]),
    },
  },
  {
    alert: 'PortTrackProcessor',
    what: 'the whole core is used',
    wrong: { [`process_cpu_seconds_total{${barcos}}`]: rates([59, 30], [10, 30]) },
    fires: '20m',
    labels: { instance: 'b:9090', severity: 'ticket' },
    over: '45m',
    like: 'five busy minutes',
    quiet: { [`process_cpu_seconds_total{${barcos}}`]: rates([10, 20], [59, 5], [10, 30]) },
  },
  {
    alert: 'PortTrackMemory',
    what: 'nearly all memory is used',
    wrong: {
      [`process_resident_memory_bytes{${barcos}}`]: '95x20 40x40',
      [`process_memory_limit_bytes{${barcos}}`]: '100x60',
    },
    fires: '10m',
    labels: { instance: 'b:9090', severity: 'ticket' },
    over: '25m',
    like: 'much of the heap is garbage for a moment',
    quiet: {
      [`process_resident_memory_bytes{${barcos}}`]: '60x60',
      [`process_memory_limit_bytes{${barcos}}`]: '100x60',
      [`nodejs_heap_size_used_bytes{${barcos}}`]: '50x10 95x3 50x40',
      [`nodejs_heap_size_limit_bytes{${barcos}}`]: '100x60',
    },
  },
  {
    alert: 'PortTrackMemory',
    what: 'nearly all the heap is used',
    wrong: {
      [`nodejs_heap_size_used_bytes{${barcos}}`]: '95x20 40x40',
      [`nodejs_heap_size_limit_bytes{${barcos}}`]: '100x60',
    },
    fires: '10m',
    over: '25m',
    like: 'half of it is',
    quiet: {
      [`nodejs_heap_size_used_bytes{${barcos}}`]: '50x60',
      [`nodejs_heap_size_limit_bytes{${barcos}}`]: '100x60',
    },
  },
  {
    alert: 'PortTrackEventLoop',
    what: 'the event loop stands still for a fifth of the time',
    wrong: { [`nodejs_eventloop_stall_seconds_sum{${barcos}}`]: rates([12, 20], [0.1, 40]) },
    fires: '10m',
    labels: { instance: 'b:9090', severity: 'ticket' },
    over: '40m',
    like: 'it did so once',
    quiet: {
      [`nodejs_eventloop_stall_seconds_sum{${barcos}}`]: rates([0, 20], [20, 0], [0, 40]),
    },
  },
  {
    alert: 'PortTrackDatabasePool',
    what: 'requests wait for connections',
    wrong: { [`db_client_connection_pending_requests{${barcos}}`]: '8x20 0x40' },
    fires: '8m',
    labels: { instance: 'b:9090', severity: 'page' },
    over: '30m',
    like: 'a burst waits for a moment',
    quiet: { [`db_client_connection_pending_requests{${barcos}}`]: '0x10 30x1 0x40' },
  },
  {
    alert: 'PortTrackCertificateEnding',
    what: 'it was not renewed',
    wrong: {
      [`tls_certificate_remaining_seconds{${barcos},use="server"}`]: `${4 * 86_400}x120 ${30 * 86_400}x60`,
    },
    fires: '90m',
    labels: { service: 'barcos', use: 'server', severity: 'ticket' },
    over: '150m',
    like: 'it is renewed ten days before its end',
    quiet: { [`tls_certificate_remaining_seconds{${barcos},use="server"}`]: `${9 * 86_400}x240` },
  },
  {
    alert: 'PortTrackAuthenticationFailures',
    what: 'somebody tries tokens',
    wrong: {
      [`authentication_failures_total{${barcos},reason="signature"}`]: rates(
        [2, day],
        [600, 20],
        [2, 60],
      ),
    },
    fires: '1455m',
    labels: { service: 'barcos', severity: 'ticket' },
    over: '1490m',
    like: 'the same client is wrong all day',
    quiet: { [`authentication_failures_total{${barcos},reason="expired"}`]: rates([90, day]) },
    looks: ['600m', '1000m'],
  },
  {
    alert: 'PortTrackFeedLag',
    what: 'events are old when they are applied',
    wrong: { [`feed_consumer_lag_seconds{${barcos},source="rutas"}`]: '300x20 0x40' },
    fires: '10m',
    labels: { service: 'barcos', source: 'rutas', severity: 'page' },
    over: '25m',
    like: 'it catches up after a restart',
    quiet: { [`feed_consumer_lag_seconds{${barcos},source="rutas"}`]: '0x10 300x3 0x40' },
  },
  {
    alert: 'PortTrackFeedStalled',
    what: 'the reader hangs',
    wrong: {
      [`feed_published_position{${n},service="rutas"}`]: '10+5x60',
      [`feed_consumer_position{${barcos},source="rutas"}`]: '10x30 200+5x30',
    },
    fires: '25m',
    labels: { service: 'barcos', source: 'rutas', severity: 'page' },
    over: '45m',
    like: 'there is nothing to read, or it is read a little later',
    quiet: {
      [`feed_published_position{${n},service="rutas"}`]: '10x60',
      [`feed_consumer_position{${barcos},source="rutas"}`]: '10x60',
      [`feed_published_position{${n},service="carga"}`]: '10+5x60',
      [`feed_consumer_position{${barcos},source="carga"}`]: '5+5x60',
    },
  },
  {
    alert: 'PortTrackWebhooksLate',
    what: 'nobody attempts what is due',
    wrong: { [`webhook_oldest_due_seconds{${barcos}}`]: '0+60x20 0x40' },
    fires: '15m',
    labels: { service: 'barcos', severity: 'ticket' },
    over: '30m',
    like: 'a batch takes a minute',
    quiet: { [`webhook_oldest_due_seconds{${barcos}}`]: '60x60' },
  },
  {
    alert: 'PortTrackAisSilent',
    what: 'the receivers fall silent',
    wrong: {
      [`rutas_ais_source_messages_total{${n},service="rutas",source="udp"}`]: rates(
        [60, 20],
        [0, 20],
        [60, 20],
      ),
    },
    fires: '35m',
    labels: { service: 'rutas', severity: 'page' },
    over: '50m',
    like: 'one of two receivers is silent',
    quiet: {
      [`rutas_ais_source_messages_total{${n},service="rutas",source="udp"}`]: '100x60',
      [`rutas_ais_source_messages_total{${n},service="rutas",source="tcp"}`]: rates([60, 60]),
    },
  },
  {
    alert: 'PortTrackIngestLag',
    what: 'a receiver sends what is five minutes old',
    wrong: {
      [`rutas_ais_ingest_delay_seconds_bucket{${n},service="rutas",source="udp",le="60"}`]: rates(
        [0, 30],
        [60, 30],
      ),
      [`rutas_ais_ingest_delay_seconds_bucket{${n},service="rutas",source="udp",le="300"}`]: rates([
        60, 60,
      ]),
      [`rutas_ais_ingest_delay_seconds_bucket{${n},service="rutas",source="udp",le="+Inf"}`]: rates(
        [60, 60],
      ),
    },
    fires: '20m',
    labels: { source: 'udp', severity: 'ticket' },
    over: '45m',
    like: 'it is seconds old',
    quiet: {
      [`rutas_ais_ingest_delay_seconds_bucket{${n},service="rutas",source="udp",le="60"}`]: rates([
        60, 60,
      ]),
      [`rutas_ais_ingest_delay_seconds_bucket{${n},service="rutas",source="udp",le="+Inf"}`]: rates(
        [60, 60],
      ),
    },
  },
  {
    alert: 'PortTrackIngestOverload',
    what: 'datagrams are lost',
    wrong: {
      [`rutas_ais_datagrams_lost_total{${n},service="rutas",source="udp",where="kernel"}`]: rates(
        [0, 5],
        [50, 20],
        [0, 30],
      ),
    },
    fires: '20m',
    labels: { service: 'rutas', severity: 'page' },
    over: '45m',
    like: 'some were lost at a start',
    quiet: {
      [`rutas_ais_datagrams_lost_total{${n},service="rutas",source="udp",where="kernel"}`]: '40x60',
    },
  },
  {
    alert: 'PortTrackVoyageLooksFailing',
    what: 'the same voyage fails at each look',
    wrong: {
      [voyages('looks', 'failed')]: '0+0.2x30 6x60',
      [voyages('looks', 'unchanged')]: rates([10, 90]),
    },
    fires: '28m',
    labels: { service: 'rutas', severity: 'ticket' },
    over: '60m',
    like: 'a look fails once, and is done again',
    quiet: {
      [voyages('looks', 'failed')]: '0x5 1x60',
      [voyages('looks', 'unchanged')]: rates([10, 60]),
    },
  },
  {
    alert: 'PortTrackVoyagesBehind',
    what: 'more voyages go on than are looked after',
    wrong: {
      [voyageLag('look', 'r:9090')]: '0+60x60 0x30',
      [voyageLag('look', 'r2:9090')]: '0+60x60 0x30',
    },
    fires: '30m',
    labels: { service: 'rutas', severity: 'ticket', work: 'look' },
    over: '65m',
    like: 'traces wait for a collector that is away, and looks as long as a replica takes to start',
    quiet: {
      [voyageLag('trace', 'r:9090')]: '0+60x60',
      [voyageLag('look', 'r:9090')]: '0+60x20 0x40',
    },
  },
  {
    alert: 'PortTrackVoyageTracesWaiting',
    what: 'the collector is away',
    wrong: {
      [voyages('spans', 'failed')]: '0+2x40 80x60',
      [voyages('spans', 'sent')]: '5x40 5+2x60',
    },
    fires: '25m',
    labels: { service: 'rutas', severity: 'ticket' },
    over: '60m',
    like: 'a few are not taken while others are',
    quiet: {
      [voyages('spans', 'failed')]: '0+1x60',
      [voyages('spans', 'sent')]: '0+4x60',
    },
  },
  {
    alert: 'PortTrackRestBreach',
    what: 'a planner sets the rules of rest aside',
    wrong: {
      [`personal_assignment_conditions_unmet_total{${n},service="personal",condition="REST_KEPT",outcome="overridden"}`]:
        '_x10 1x200',
    },
    fires: '15m',
    labels: { service: 'personal', severity: 'ticket' },
    over: '80m',
    like: 'someone is refused for want of rest, or a missing skill is set aside',
    quiet: {
      [`personal_assignment_conditions_unmet_total{${n},service="personal",condition="REST_KEPT",outcome="refused"}`]:
        '0+1x60',
      [`personal_assignment_conditions_unmet_total{${n},service="personal",condition="SKILLS_HELD",outcome="overridden"}`]:
        '0+1x60',
    },
  },
]
