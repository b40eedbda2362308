import { type ReceivedSpan, startOtlpReceiver } from '@porttrack/shared/testing/otlp-receiver'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  applicationNames,
  type Platform,
  serviceNames,
  startPlatform,
} from '@porttrack/scripts/platform/platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBot } from './bot.ts'
import { type Sample, samplesOf } from './exposition.ts'
import { livePortDay, madeUp, personal } from './port-day.ts'
import { dashboards } from '@porttrack/observability/grafana/dashboards'
import { logFields } from '@porttrack/observability/logs/log-fields'
import type { PrometheusServer } from '@porttrack/release/test/measured/prometheus-server'
import { dataOf } from './dashboard-data.ts'
import { startScraping } from './scraping.ts'
import { type Signal, signals } from './signals.ts'

const undo = new AsyncDisposableStack()
let platform: Platform
let collector: Awaited<ReturnType<typeof startOtlpReceiver>>
let prometheus: PrometheusServer
let day: Awaited<ReturnType<typeof livePortDay>>
const begun = Date.now()

beforeAll(async () => {
  collector = undo.use(await startOtlpReceiver())
  const receiver = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(204).end())
  })
  await new Promise<void>((resolve) => {
    receiver.listen(0, '127.0.0.1', resolve)
  })
  undo.defer(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  platform = undo.use(
    await startPlatform({
      ports: 'ephemeral',
      tls: true,
      environment: {
        LOG_LEVEL: 'debug',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        SHED_DELAY_SECONDS: '3600',
        TRACE_SAMPLE_RATIO: '1',
      },
      environmentOf: {
        gateway: { RATE_LIMIT_CALLER: '150' },
        rutas: { VOYAGE_LOOK_SECONDS: '1', VOYAGE_TRACE_SETTLE_SECONDS: '0' },
      },
    }),
  )
  prometheus = undo.use(await startScraping(platform))
  const { port } = receiver.address() as AddressInfo
  day = await livePortDay(platform, `http://127.0.0.1:${port}/port`)
}, 120_000)
afterAll(() => undo.disposeAsync())

const metricsOf = async (name: (typeof applicationNames)[number]): Promise<Sample[]> => {
  const answer = await fetch(`${platform.managementUrl(name)}/metrics`)
  return samplesOf(await answer.text())
}

const shows = (samples: readonly Sample[], { name, labels = {} }: Signal): boolean =>
  samples.some(
    (sample) =>
      sample.name === name &&
      Number.isFinite(sample.value) &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )

describe.each(applicationNames)('the metrics of %s', (name) => {
  it('have every signal', async () => {
    await expect
      .poll(
        async () => {
          const samples = await metricsOf(name)
          return signals[name].filter((signal) => !shows(samples, signal))
        },
        // Gauges of the port are read once a minute.
        { timeout: 90_000, interval: 1_000 },
      )
      .toEqual([])
  })

  it('lead from a bucket to a trace', async () => {
    await expect
      .poll(async () => {
        const traces = new Set(collector.spans.map(({ traceId }) => traceId))
        const samples = await metricsOf(name)
        return samples.some(
          ({ name, traceId }) =>
            name === 'http_server_request_duration_seconds_bucket' && traces.has(traceId ?? ''),
        )
      })
      .toBe(true)
  })

  it('have as many series as there are routes, whatever is asked for', async () => {
    const samples = await metricsOf(name)
    const routes = new Set(samples.map(({ labels }) => labels['http_route']))
    expect([...routes].filter((route) => /nowhere|aaaa|\/x\/y|\0/.test(route ?? ''))).toEqual([])
    const values = samples.flatMap(({ labels }) => Object.values(labels))
    expect(values.filter((value) => value?.includes(madeUp))).toEqual([])
  })
})

describe('a trace', () => {
  type Edge = {
    parent: Pick<ReceivedSpan, 'service' | 'kind'>
    child: Pick<ReceivedSpan, 'service' | 'kind'> & { name?: RegExp }
  }
  /** Who reads whose events. */
  const reading = [
    ['rutas', 'barcos'],
    ['barcos', 'carga'],
    ['barcos', 'personal'],
    ['barcos', 'rutas'],
    ['carga', 'barcos'],
    ['carga', 'personal'],
    ['personal', 'barcos'],
  ] as const
  const edges: readonly Edge[] = [
    // A request passes the gateway, and is one span on either side of it.
    {
      parent: { service: 'gateway', kind: 'server' },
      child: { service: 'gateway', kind: 'client' },
    },
    ...serviceNames.flatMap((service): Edge[] => [
      { parent: { service: 'gateway', kind: 'client' }, child: { service, kind: 'server' } },
      { parent: { service, kind: 'server' }, child: { service, kind: 'client', name: /^INSERT$/ } },
    ]),
    // What one service tells goes on in each that reads it, and into that one's database: AIS in barcos, a
    // port call in all others, a list of boxes in the demand for gangs and in the call's progress, a crew
    // in the call that it serves.
    ...reading.flatMap(([source, reader]): Edge[] => [
      {
        parent: { service: source, kind: 'server' },
        child: {
          service: reader,
          kind: 'consumer',
          name: new RegExp(String.raw`^process ${source}\.`),
        },
      },
      {
        parent: { service: reader, kind: 'consumer' },
        child: { service: reader, kind: 'client', name: /^INSERT$/ },
      },
    ]),
  ]

  it.each(edges)(
    'leads from $parent.service ($parent.kind) to $child.service ($child.kind)',
    async ({ parent, child }) => {
      await expect
        .poll(() => {
          const byId = new Map(collector.spans.map((span) => [span.spanId, span]))
          return collector.spans.some((span) => {
            const above = byId.get(span.parentSpanId ?? '')
            return (
              span.service === child.service &&
              span.kind === child.kind &&
              (child.name?.test(span.name) ?? true) &&
              above?.service === parent.service &&
              above.kind === parent.kind &&
              above.traceId === span.traceId
            )
          })
        })
        .toBe(true)
    },
  )

  it('is the caller’s own, where the caller has one', async () => {
    const traceId = '5af7651916cd43dd8448eb211c80319c'
    await day.call('GET /carga/v1/container-visits', {
      as: 'viewer',
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    })
    await expect
      .poll(() =>
        collector.spans.filter((span) => span.traceId === traceId).map(({ service }) => service),
      )
      .toEqual(expect.arrayContaining(['gateway', 'carga']))
  })
})

describe.each(dashboards)('the dashboard $title', (dashboard) => {
  it('has data in every panel', async () => {
    await expect
      .poll(() => dataOf(dashboard, { url: prometheus.url, begun }), { timeout: 30_000 })
      .toEqual({ empty: [] })
  })
})

describe('the bot, asked in Slack', () => {
  let bot: Awaited<ReturnType<typeof startBot>>
  beforeAll(async () => {
    bot = undo.use(await startBot(platform, prometheus.url))
  })

  it('tells which processes answer, and what they run', async () => {
    const all = applicationNames.map((name) => `🟢 *${name}* 0.1.0-dev (1/1)`)
    const told = async () => (await bot.answer('estado staging')).split('\n').toSorted()
    await expect
      .poll(told, { timeout: 30_000, interval: 1_000 })
      .toEqual(['*staging*', ...all].toSorted())
  })

  it('tells of a ship and her calls, from barcos through the gateway', async () => {
    expect(await bot.answer('barco 9074729')).toMatch(
      /^\*ESTRELLA DEL SUR\* · IMO 9074729\nESALG: [A-Z_]+$/,
    )
    expect(await bot.answer('ship 9166778')).toBe('No ship has that IMO number.')
  })
})

describe.each(applicationNames)('the log of %s', (name) => {
  /** Lines of the process itself; a runtime's own warnings are none. */
  const lines = async (): Promise<string[]> => {
    const text = await readFile(platform.logFile(name), 'utf8')
    return text.split('\n').filter((line) => line !== '')
  }

  it('is one ECS object a line, and ties each request to its trace', async () => {
    await expect
      .poll(async () => {
        const records = (await lines()).map((line) => JSON.parse(line) as Record<string, unknown>)
        return records.find(
          (record) =>
            record['message'] === 'request served' &&
            Number(record['http.response.status_code']) < 300,
        )
      })
      .toMatchObject({
        '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        'log.level': 'info',
        'ecs.version': expect.any(String),
        'service.name': name,
        'service.version': expect.any(String),
        'trace.id': expect.stringMatching(/^[0-9a-f]{32}$/),
        'http.request.method': expect.any(String),
        'http.route': expect.any(String),
        'event.duration': expect.any(Number),
      })
  })

  it('has no error in a day on which nothing failed', async () => {
    const records = (await lines()).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(records.filter((record) => /error|fatal/.test(String(record['log.level'])))).toEqual([])
  })

  it('has no field that Elasticsearch would not find', async () => {
    const names = (await lines()).flatMap((line) => fieldsOf(JSON.parse(line)))
    expect([...new Set(names)].filter((name) => !Object.hasOwn(logFields, name))).toEqual([])
  })

  it('names nobody and gives no secret away', async () => {
    const text = (await lines()).join('\n')
    for (const value of Object.values(personal)) expect(text).not.toContain(value)
    // Tokens, keys and passwords, by their shape.
    expect(text).not.toMatch(/eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+/)
    expect(text).not.toMatch(/-----BEGIN/)
    expect(text).not.toMatch(/postgres(?:ql)?:\/\/[^:/\s]+:[^@\s[]+@/)
    expect(text).not.toMatch(/whsec_[\w+/=]{16,}/)
    expect(text).not.toMatch(/[\w.+-]+@[\w-]+\.(?:com|example|org|es)\b/)
  })
})

/** Names as Elasticsearch has them: an object's fields with the object's name before theirs. */
const fieldsOf = (record: object, before = ''): string[] =>
  Object.entries(record).flatMap(([name, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? fieldsOf(value, `${before}${name}.`)
      : [`${before}${name}`.replace(/^labels\..*/, 'labels')],
  )
