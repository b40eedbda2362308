import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { canaryChecks, verificationChecks, type View } from '../../analysis.ts'

const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'porttrack-analysis-'))
afterAll(() => rm(folder, { recursive: true }))

/** Series in promtool's notation, with a sample every 15 seconds. */
type Series = Record<string, string>

/** One view's series of a track: what is counted, and how fast it grows with each sample. */
const views = {
  gateway: {
    answers: (track: string, status: string) => ({
      count: `gateway_upstream_request_duration_seconds_count{namespace="n",upstream="barcos",track="${track}",status_class="${status}",lane="calls",pod="g"}`,
      sum: `gateway_upstream_request_duration_seconds_sum{namespace="n",upstream="barcos",track="${track}",status_class="${status}",lane="calls",pod="g"}`,
      bucket: (le: string) =>
        `gateway_upstream_request_duration_seconds_bucket{namespace="n",upstream="barcos",track="${track}",status_class="${status}",lane="calls",pod="g",le="${le}"}`,
    }),
    ok: '2xx',
    fault: '5xx',
  },
  server: {
    answers: (track: string, status: string) => ({
      count: `http_server_request_duration_seconds_count{namespace="n",service="barcos",track="${track}",http_route="/v1/vessels",http_response_status_code="${status}",pod="${track}"}`,
      sum: `http_server_request_duration_seconds_sum{namespace="n",service="barcos",track="${track}",http_route="/v1/vessels",http_response_status_code="${status}",pod="${track}"}`,
      bucket: (le: string) =>
        `http_server_request_duration_seconds_bucket{namespace="n",service="barcos",track="${track}",http_route="/v1/vessels",http_response_status_code="${status}",pod="${track}",le="${le}"}`,
    }),
    ok: '200',
    fault: '503',
  },
} as const

/** `count` requests more with each sample, each taking `mean` seconds, all below `le`. */
const answering = (
  view: View,
  { track, count, mean, le }: { track: string; count: number; mean: number; le: string },
): Series => {
  const { answers, ok } = views[view]
  const { count: counted, sum, bucket } = answers(track, ok)
  const others = ['0.05', '0.1', '0.25'].map((bound): [string, string] => [
    bucket(bound),
    Number(bound) >= Number(le) ? `0+${count}x60` : '0x60',
  ])
  return {
    [counted]: `0+${count}x60`,
    [sum]: `0+${count * mean}x60`,
    ...Object.fromEntries(others),
    [bucket('+Inf')]: `0+${count}x60`,
  }
}

const process = (track: string): Series => ({
  [`nodejs_eventloop_lag_p99_seconds{namespace="n",service="barcos",track="${track}",pod="${track}"}`]:
    '0.02x60',
  [`process_start_time_seconds{namespace="n",service="barcos",track="${track}",pod="${track}"}`]:
    '1764000000x60',
  [`feed_consumer_lag_seconds{namespace="n",service="barcos",track="${track}",source="rutas"}`]:
    '3x60',
})

/** A window of five minutes, looked at after ten. */
const healthy = (view: View): Series => ({
  ...answering(view, { track: 'stable', count: 190, mean: 0.04, le: '0.05' }),
  ...answering(view, { track: 'canary', count: 10, mean: 0.04, le: '0.05' }),
  ...process('stable'),
  ...process('canary'),
})

/** Lets promtool say whether each query gives its number; `null` for none or NaN. */
const expectNumbers = async (
  view: View,
  series: Series,
  {
    checks = canaryChecks,
    numbers,
  }: { checks?: typeof canaryChecks; numbers: Record<string, number | null> },
): Promise<void> => {
  const scope = { service: 'barcos', namespace: 'n', window: '5m', view }
  const queries = Object.entries(numbers).map(([name, value]) => {
    const query = checks.find((check) => check.name === name)?.query(scope) ?? ''
    return {
      // A comparison keeps no NaN. Rounded, since sums of fractions are not exact.
      expr: value === null ? `(${query}) > -Inf` : `round(${query}, 0.0001)`,
      eval_time: '10m',
      exp_samples: value === null ? [] : [{ labels: '{}', value }],
    }
  })
  const test = {
    interval: '15s',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: queries,
  }
  const path = join(folder, `${crypto.randomUUID()}.yaml`)
  await writeFile(path, JSON.stringify({ rule_files: [], tests: [test] }))
  await run('promtool', ['test', 'rules', path]).catch(
    (error: { stdout: string; stderr: string }) => {
      expect.fail(`${error.stdout}${error.stderr}`)
    },
  )
}

describe.each(['gateway', 'server'] as const)('the queries of the %s’s figures', (view) => {
  const { answers, fault } = views[view]
  const errors = answers('canary', fault).count

  it('give a healthy canary’s numbers', () =>
    expectNumbers(view, healthy(view), {
      numbers: {
        requests: 200,
        'stable-requests': 3_800,
        'success-rate': 1,
        'error-difference': 0,
        p99: 0.0495,
        'p99-ratio': 1,
        'mean-ratio': 1,
        'event-loop-lag': 0.02,
        restarts: 0,
      },
    }))

  it('see two errors in a hundred', () =>
    expectNumbers(
      view,
      {
        ...healthy(view),
        [answers('canary', views[view].ok).count]: '0+49x60',
        [errors]: '0+1x60',
      },
      { numbers: { requests: 1_000, 'success-rate': 0.98, 'error-difference': 0.02 } },
    ))

  it('see what is half as slow again, though the bucket is the same', () =>
    expectNumbers(
      view,
      {
        ...healthy(view),
        ...answering(view, { track: 'canary', count: 10, mean: 0.06, le: '0.05' }),
      },
      { numbers: { 'mean-ratio': 1.5, 'p99-ratio': 1 } },
    ))

  it('count a burst of errors that began a series, between two scrapes', () =>
    expectNumbers(
      view,
      { ...healthy(view), [errors]: `${'_ '.repeat(30)}50x30` },
      { numbers: { requests: 250, 'success-rate': 0.8 } },
    ))

  it('look at nothing from before the window', () =>
    expectNumbers(
      view,
      { ...healthy(view), [errors]: '50x60' },
      { numbers: { 'success-rate': 1 } },
    ))

  it('give no number for a canary that nobody counts', () =>
    expectNumbers(
      view,
      {
        ...answering(view, { track: 'stable', count: 190, mean: 0.04, le: '0.05' }),
        ...process('stable'),
      },
      {
        numbers: {
          requests: 0,
          'success-rate': null,
          'error-difference': null,
          p99: null,
          'p99-ratio': null,
          'mean-ratio': null,
          'event-loop-lag': null,
          restarts: null,
        },
      },
    ))

  it('give no ratio while nobody calls', () =>
    expectNumbers(
      view,
      {
        ...healthy(view),
        ...answering(view, { track: 'canary', count: 0, mean: 0, le: '0.05' }),
      },
      { numbers: { requests: 0, 'success-rate': null, p99: null, 'mean-ratio': null } },
    ))

  it('see a restart', () =>
    expectNumbers(
      view,
      {
        ...healthy(view),
        [`process_start_time_seconds{namespace="n",service="barcos",track="canary",pod="canary"}`]:
          '1764000000x30 1764000500x30',
      },
      { numbers: { restarts: 1 } },
    ))

  it('give the promoted release’s numbers', () =>
    expectNumbers(view, healthy(view), {
      checks: verificationChecks('barcos'),
      numbers: { requests: 3_800, 'success-rate': 1, restarts: 0, 'consumer-lag': 3 },
    }))
})

describe('the gateway’s figures', () => {
  const failures = (reason: string) =>
    `gateway_upstream_failures_total{namespace="n",upstream="barcos",track="canary",reason="${reason}",pod="g"}`

  it('have what never reached a pod', () =>
    expectNumbers(
      'gateway',
      { ...healthy('gateway'), [failures('unreachable')]: '0+10x60' },
      { numbers: { requests: 400, 'success-rate': 0.5 } },
    ))

  it('hold nothing against the canary that its callers did', () =>
    expectNumbers(
      'gateway',
      { ...healthy('gateway'), [failures('body')]: '0+10x60' },
      { numbers: { requests: 200, 'success-rate': 1 } },
    ))

  it('leave long polls out of its times', () =>
    expectNumbers(
      'gateway',
      {
        ...healthy('gateway'),
        'gateway_upstream_request_duration_seconds_count{namespace="n",upstream="barcos",track="canary",status_class="2xx",lane="streams",pod="g"}':
          '0+1x60',
        'gateway_upstream_request_duration_seconds_sum{namespace="n",upstream="barcos",track="canary",status_class="2xx",lane="streams",pod="g"}':
          '0+30x60',
      },
      { numbers: { requests: 220, 'mean-ratio': 1 } },
    ))
})
