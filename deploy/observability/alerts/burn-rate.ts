import { answered, notTheService, promptly } from '@porttrack/release/analysis'
import {
  type Alert,
  day,
  duration,
  hour,
  minute,
  type Pace,
  type Recording,
  type RuleGroup,
} from './alert.ts'
import type { Objective } from './objectives.ts'

/**
 * Alerts on how fast the error budget of 30 days is spent, over a long window and a short one: the long
 * one says that it matters, the short one that it goes on. The factors are those of the Site Reliability
 * Workbook, chapter 5: 14.4 times spends 2 % of the budget in an hour.
 */
const burns = [
  {
    speed: 'Fast',
    severity: 'page',
    factor: 14.4,
    long: hour,
    short: 5 * minute,
    wait: 2 * minute,
  },
  {
    speed: 'Fast',
    severity: 'page',
    factor: 6,
    long: 6 * hour,
    short: 30 * minute,
    wait: 15 * minute,
  },
  { speed: 'Slow', severity: 'ticket', factor: 3, long: day, short: 2 * hour, wait: hour },
  { speed: 'Slow', severity: 'ticket', factor: 1, long: 3 * day, short: 6 * hour, wait: 3 * hour },
] as const

const windows: readonly number[] = [
  ...new Set(burns.flatMap(({ long, short }) => [long, short])),
].toSorted((a, b) => a - b)

/**
 * Requests in the long window without which a share says nothing: of fewer than these, one that fails
 * would be more than a promise of 99.9 % allows for.
 */
const leastRequests = 100

type Indicator = {
  name: 'availability' | 'latency'
  promise: number
  /** Requests that count, and those of them that broke the promise, per second. */
  total: (window: string) => string
  bad: (window: string) => string
}

/**
 * The recorded series and the alerts of one service's objectives. They are told from the gateway's side,
 * which counts too what never reached a process.
 */
export const objectiveRules = (objective: Objective, pace: Pace = 1): RuleGroup => {
  const indicators = indicatorsOf(objective)
  return {
    name: `objectives.${objective.service}`,
    recordings: indicators.flatMap((indicator) =>
      windows.flatMap((window) => recordingsOf(objective, { indicator, window, pace })),
    ),
    alerts: indicators.flatMap((indicator) =>
      burns.map((burn) => alertOf(objective, { indicator, burn, pace })),
    ),
  }
}

const recordingsOf = (
  { service }: Objective,
  { indicator, window, pace }: { indicator: Indicator; window: number; pace: Pace },
): Recording[] => {
  const span = duration(window, pace)
  const labels = { service, objective: indicator.name }
  // Named by what the window is in an installation, so that alerts and dashboards find it at any pace.
  const name = duration(window)
  const requests = `slo:requests:rate${name}{service="${service}",objective="${indicator.name}"}`
  return [
    {
      record: `slo:requests:rate${name}`,
      expr: indicator.total(span),
      labels,
    },
    {
      record: `slo:errors:ratio_rate${name}`,
      // Where nothing failed there is a share of 0, and where nobody asked there is none.
      expr: `(${indicator.bad(span)} or on (namespace) 0 * ${requests}) / on (namespace) (${requests} > 0)`,
      labels,
    },
  ]
}

const alertOf = (
  { service }: Objective,
  { indicator, burn, pace }: { indicator: Indicator; burn: (typeof burns)[number]; pace: Pace },
): Alert => {
  const of = `{service="${service}",objective="${indicator.name}"}`
  const limit = `${burn.factor} * ${budgetOf(indicator)}`
  const floor = round(leastRequests / (burn.long / pace))
  const [long, short] = [duration(burn.long), duration(burn.short)]
  const kind = indicator.name === 'availability' ? 'Availability' : 'Latency'
  return {
    name: `PortTrack${kind}Budget${burn.speed}`,
    severity: burn.severity,
    expr: [
      `slo:errors:ratio_rate${long}${of} > ${limit}`,
      `slo:errors:ratio_rate${short}${of} > ${limit}`,
      `slo:requests:rate${long}${of} > ${floor}`,
    ].join(' and '),
    forSeconds: burn.wait,
    labels: { window: long },
    summary: `${service} spends its ${indicator.name} budget ${burn.factor} times too fast`,
    description: `{{ $value | humanizePercentage }} of the requests of the last ${long} ${
      indicator.name === 'availability' ? 'failed' : 'took too long'
    }; ${percent(1 - indicator.promise)} are allowed for.`,
    dashboard: 'objectives',
  }
}

/** Of the gateway itself: also what it answers without a service. */
const own = (more: string, window: string): string =>
  `sum by (namespace) (rate(http_server_request_duration_seconds_count{${labels('service="gateway"', more)}}[${window}]))`

const indicatorsOf = ({ service, availability, latency }: Objective): Indicator[] => {
  // Every caller of every service comes through the gateway.
  const upstream = service === 'gateway' ? '' : `upstream="${service}"`
  const answers = (part: string, more: string, window: string) =>
    `sum by (namespace) (rate(gateway_upstream_request_duration_seconds_${part}{${labels(upstream, more)}}[${window}]))`
  const failures = (but: string, window: string) =>
    `sum by (namespace) (rate(gateway_upstream_failures_total{${labels(upstream, `reason!~"${but}"`)}}[${window}]))`

  const total = (window: string) =>
    plus(answers('count', '', window), failures(`${notTheService}|${answered}`, window))
  const bad = (window: string) =>
    plus(answers('count', 'status_class="5xx"', window), failures(notTheService, window))
  const prompt = (window: string) => answers('count', promptly.gateway, window)
  const within = `le="${latency.withinSeconds}"`
  return [
    service === 'gateway'
      ? {
          name: 'availability',
          promise: availability,
          total: (window) => own('', window),
          bad: (window) => own('http_response_status_code=~"5.."', window),
        }
      : { name: 'availability', promise: availability, total, bad },
    {
      name: 'latency',
      promise: latency.share,
      total: prompt,
      bad: (window) =>
        `(${prompt(window)} - ${answers('bucket', `${promptly.gateway},${within}`, window)})`,
    },
  ]
}

/** The sum of two series either of which may be missing. */
const plus = (one: string, other: string): string => `((${one} + ${other}) or ${one} or ${other})`

const labels = (...parts: readonly string[]): string =>
  parts.filter((part) => part !== '').join(',')

const budgetOf = ({ promise }: Indicator): number => round(1 - promise)

/** Six digits, which is what a share or a rate is known to. */
const round = (value: number): number => Number(value.toPrecision(6))

const percent = (share: number): string => `${round(share * 100)} %`
