import type { Service } from '@porttrack/pipeline/services'

/**
 * What a canary must show before more callers get it: the one source of the release command, of what
 * Argo Rollouts and Flagger ask (`helm-template.ts`), and of the tests by promtool.
 */

/** The releases of a service that stand side by side. */
type Track = 'stable' | 'canary'

/**
 * Whose figures count: the gateway's, which sees too what never reached a pod, or those of the pods
 * themselves, where something else than the gateway divides the callers.
 */
export type View = 'gateway' | 'server'

/** What a query is about. `window` is a PromQL duration: it looks at no earlier sample than that. */
export type Scope = { service: string; namespace: string; window: string; view: View }

/** Both ends are good. */
export type Bounds = { min?: number; max?: number }

export type Check = {
  name: string
  /** For people: what the number is. */
  what: string
  unit: '' | 's' | '%' | '×'
  /** One number, or none, or NaN where there is nothing to tell it from. */
  query: (scope: Scope) => string
  /** `traffic` stands for the least number of requests, which an environment says. */
  bounds: Bounds | 'traffic'
  /** Whether it says something only once there were enough requests. */
  needsTraffic: boolean
}

const selector = (metric: string, labels: Record<string, string>, more = ''): string => {
  const equal = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return `${metric}{${[...equal, ...(more === '' ? [] : [more])].join(',')}}`
}

/**
 * How far counters have come within the window, a series that began in it counted from zero. Unlike
 * `increase` it misses no first error of a new pod, and extrapolates nothing.
 */
const amount = (series: string, window: string): string =>
  `clamp_min(last_over_time(${series}[${window}]) - (${series} offset ${window} or last_over_time(${series}[${window}]) * 0), 0)`

/** A series that is not there counts as zero where others prove that someone counts. */
const orZero = (sum: string): string => `(${sum} or vector(0))`

/** Failures of the caller's making, or of the gateway's own stop. */
export const notTheService = 'body|unsendable|stopping'
/** Failures that came with an answer, which is counted among the answers. */
export const answered = 'redirected|token'

const processLabels = ({ namespace, service }: Scope, track: Track) => ({
  namespace,
  service,
  track,
})

const upstreamLabels = ({ namespace, service }: Scope, track: Track) => ({
  namespace,
  upstream: service,
  track,
})

/** A reader of a feed waits up to half a minute for its answer, by design. */
export const promptly = { gateway: 'lane="calls"', server: 'http_route!="/v1/feed"' } as const

const duration = (scope: Scope, track: Track) => (part: string, more?: string) =>
  scope.view === 'gateway'
    ? selector(
        `gateway_upstream_request_duration_seconds_${part}`,
        upstreamLabels(scope, track),
        more,
      )
    : selector(`http_server_request_duration_seconds_${part}`, processLabels(scope, track), more)

const sumOf = (series: string, { window }: Scope): string => `sum(${amount(series, window)})`

const failures = (scope: Scope, track: Track, but: string): string =>
  orZero(
    sumOf(
      selector('gateway_upstream_failures_total', upstreamLabels(scope, track), `reason!~"${but}"`),
      scope,
    ),
  )

const requests = (scope: Scope, track: Track): string => {
  const answers = orZero(sumOf(duration(scope, track)('count'), scope))
  return scope.view === 'gateway'
    ? `(${answers} + ${failures(scope, track, `${notTheService}|${answered}`)})`
    : answers
}

const errors = (scope: Scope, track: Track): string => {
  const faults = { gateway: 'status_class="5xx"', server: 'http_response_status_code=~"5.."' }
  const answers = orZero(sumOf(duration(scope, track)('count', faults[scope.view]), scope))
  return scope.view === 'gateway'
    ? `(${answers} + ${failures(scope, track, notTheService)})`
    : answers
}

const errorShare = (scope: Scope, track: Track): string =>
  `${errors(scope, track)} / ${requests(scope, track)}`

const p99 = (scope: Scope, track: Track): string =>
  `histogram_quantile(0.99, sum by (le) (${amount(duration(scope, track)('bucket', promptly[scope.view]), scope.window)}))`

const mean = (scope: Scope, track: Track): string => {
  const of = (part: string) => sumOf(duration(scope, track)(part, promptly[scope.view]), scope)
  return `(${of('sum')} / ${of('count')})`
}

const lag = (scope: Scope, track: Track): string =>
  `max(avg_over_time(${selector('nodejs_eventloop_lag_p99_seconds', processLabels(scope, track))}[${scope.window}]))`

/** By the processes' own start times, so that it needs nothing that watches the cluster. */
const restarts = (scope: Scope, track: Track): string =>
  `sum(changes(${selector('process_start_time_seconds', processLabels(scope, track))}[${scope.window}]))`

/** What every step asks of the canary. */
export const canaryChecks: readonly Check[] = [
  {
    name: 'requests',
    what: 'requests to the canary',
    unit: '',
    query: (scope) => requests(scope, 'canary'),
    bounds: 'traffic',
    needsTraffic: false,
  },
  {
    name: 'stable-requests',
    what: 'requests to the stable release, to compare with',
    unit: '',
    query: (scope) => requests(scope, 'stable'),
    bounds: 'traffic',
    needsTraffic: false,
  },
  {
    name: 'success-rate',
    what: 'requests that the canary answered without a fault of its own',
    unit: '%',
    query: (scope) => `1 - ${errorShare(scope, 'canary')}`,
    bounds: { min: 0.99 },
    needsTraffic: true,
  },
  {
    name: 'error-difference',
    what: 'share of errors, the canary’s above the stable release’s',
    unit: '%',
    query: (scope) => `${errorShare(scope, 'canary')} - ${errorShare(scope, 'stable')}`,
    bounds: { max: 0.005 },
    needsTraffic: true,
  },
  {
    name: 'p99',
    what: 'time in which 99 of 100 requests are answered',
    unit: 's',
    query: (scope) => p99(scope, 'canary'),
    bounds: { max: 1 },
    needsTraffic: true,
  },
  {
    // Buckets are up to 2.5 times apart: a ratio below that can be one request's doing.
    name: 'p99-ratio',
    what: 'the canary’s p99 to the stable release’s',
    unit: '×',
    query: (scope) => `${p99(scope, 'canary')} / ${p99(scope, 'stable')}`,
    bounds: { max: 2.5 },
    needsTraffic: true,
  },
  {
    // The mean has no buckets, and shows what is too little to move the p99 into the next one.
    name: 'mean-ratio',
    what: 'the canary’s mean time to the stable release’s',
    unit: '×',
    query: (scope) => `${mean(scope, 'canary')} / ${mean(scope, 'stable')}`,
    bounds: { max: 1.25 },
    needsTraffic: true,
  },
  {
    name: 'event-loop-lag',
    what: 'p99 delay of the canary’s event loop',
    unit: 's',
    query: (scope) => lag(scope, 'canary'),
    bounds: { max: 0.25 },
    needsTraffic: false,
  },
  {
    name: 'restarts',
    what: 'restarts of the canary',
    unit: '',
    query: (scope) => restarts(scope, 'canary'),
    bounds: { max: 0 },
    needsTraffic: false,
  },
]

const verifications: readonly Check[] = [
  {
    name: 'requests',
    what: 'requests since the promotion',
    unit: '',
    query: (scope) => requests(scope, 'stable'),
    bounds: 'traffic',
    needsTraffic: false,
  },
  {
    name: 'success-rate',
    what: 'requests answered without a fault of the service',
    unit: '%',
    query: (scope) => `1 - ${errorShare(scope, 'stable')}`,
    bounds: { min: 0.99 },
    needsTraffic: true,
  },
  {
    name: 'p99',
    what: 'time in which 99 of 100 requests are answered',
    unit: 's',
    query: (scope) => p99(scope, 'stable'),
    bounds: { max: 1 },
    needsTraffic: true,
  },
  {
    name: 'restarts',
    what: 'restarts',
    unit: '',
    query: (scope) => restarts(scope, 'stable'),
    bounds: { max: 0 },
    needsTraffic: false,
  },
]

/** What a canary does not do, and so could not show: it runs no consumers. */
const consumerLag: Check = {
  name: 'consumer-lag',
  what: 'age of the event that another service’s feed is read up to',
  unit: 's',
  query: (scope) =>
    `max(last_over_time(${selector('feed_consumer_lag_seconds', processLabels(scope, 'stable'))}[${scope.window}]))`,
  bounds: { max: 60 },
  needsTraffic: false,
}

const readersOfFeeds: ReadonlySet<Service> = new Set(['barcos', 'carga', 'rutas', 'personal'])

/** What is asked of a service once all callers get the new release. */
export const verificationChecks = (service: Service): readonly Check[] =>
  readersOfFeeds.has(service) ? [...verifications, consumerLag] : verifications
