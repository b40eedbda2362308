import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  answersOk,
  manageProcess,
  type ManagedProcess,
} from '@porttrack/local-postgres/managed-process'
import { startPlatform, type Platform } from '@porttrack/scripts/platform/platform'
import { ephemeralPorts } from '@porttrack/scripts/platform/ports'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, clientOf } from '../e2e/client.ts'

const patient = { timeout: 60_000, interval: 250 }
const hour = 3_600_000
const begin = Date.now() - 200 * hour
const at = (hours: number) => new Date(begin + hours * hour).toISOString()

/** What Jaeger's page of a trace is drawn from (`GET /api/traces/{id}`). */
type JaegerSpan = {
  traceID: string
  spanID: string
  operationName: string
  processID: string
  /** Microseconds since 1970, and how many it lasts. */
  startTime: number
  duration: number
  references: { refType: 'CHILD_OF' | 'FOLLOWS_FROM'; traceID: string; spanID: string }[]
  tags: { key: string; value: unknown }[]
  logs: { timestamp: number; fields: { key: string; value: unknown }[] }[]
}
type JaegerTrace = {
  spans: JaegerSpan[]
  processes: Record<string, { serviceName: string }>
}

let folder: string
let jaeger: ManagedProcess
let jaegerUrl: string
let platform: Platform
let call: Client

beforeAll(async () => {
  const program = process.env['JAEGER_PROGRAM']
  if (!program) throw new Error('JAEGER_PROGRAM is missing: what .ci/jaeger/build makes')
  folder = await mkdtemp(join(tmpdir(), 'porttrack-jaeger-'))
  const { tokens: query, cognito: grpc, postgres: otlp } = await ephemeralPorts()
  jaegerUrl = `http://127.0.0.1:${query}`
  await writeFile(join(folder, 'jaeger.json'), JSON.stringify(configOf({ query, grpc, otlp })))
  jaeger = manageProcess({
    name: 'jaeger',
    command: program,
    arguments: ['--config', join(folder, 'jaeger.json')],
    environment: {},
    directory: folder,
    logFile: join(folder, 'jaeger.log'),
    ready: () => answersOk(`${jaegerUrl}/api/services`),
    readyTimeoutMs: 60_000,
    endsWithParent: false,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    onCrash: ({ how, lines }) => {
      process.stderr.write(`Jaeger ended: ${how}\n${lines.join('\n')}\n`)
    },
  })
  await jaeger.start()
  platform = await startPlatform({
    ports: 'ephemeral',
    applications: ['rutas', 'gateway'],
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlp}`,
      TRACE_SAMPLE_RATIO: '1',
    },
    environmentOf: { rutas: { VOYAGE_TRACE_SETTLE_SECONDS: '0' } },
  })
  call = clientOf(platform)
}, 180_000)
afterAll(async () => {
  await platform?.stop()
  await jaeger?.stop()
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** Jaeger with its storage in memory and OTLP by HTTP. */
const configOf = (ports: { query: number; grpc: number; otlp: number }) => ({
  service: {
    extensions: ['jaeger_storage', 'jaeger_query'],
    pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
    telemetry: { metrics: { level: 'none' } },
  },
  extensions: {
    jaeger_storage: { backends: { memory: { memory: { max_traces: 10_000 } } } },
    jaeger_query: {
      storage: { traces: 'memory' },
      http: { endpoint: `127.0.0.1:${ports.query}` },
      grpc: { endpoint: `127.0.0.1:${ports.grpc}` },
    },
  },
  receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${ports.otlp}` } } } },
  exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
})

const traceOf = async (id: string): Promise<JaegerTrace | null> => {
  const answer = await fetch(`${jaegerUrl}/api/traces/${id}`)
  if (answer.status === 404) return null
  const { data } = (await answer.json()) as { data: JaegerTrace[] }
  return data[0] ?? null
}
const named = (trace: JaegerTrace | null): string[] =>
  (trace?.spans ?? []).map(({ operationName }) => operationName).toSorted()

it('shows a ship’s legs and stays, and leads to the requests that touched the voyage and back', async () => {
  const { body: voyage } = await call('POST /rutas/v1/voyages', {
    as: 'admin',
    body: {
      vesselIMONumber: '9321483',
      vesselName: 'TRACED',
      carrierVoyageNumber: '017W',
      calls: [
        { UNLocationCode: 'ESALG', plannedArrival: at(-10), plannedDeparture: at(0) },
        { UNLocationCode: 'PTSIE', plannedArrival: at(24), plannedDeparture: at(36) },
        { UNLocationCode: 'NLRTM', plannedArrival: at(100) },
      ],
    },
  })
  for (const [event, transportCallReference, hours] of [
    ['ARRIVAL', 'ESALG-1', -9],
    ['DEPARTURE', 'ESALG-1', 1],
    ['ARRIVAL', 'PTSIE-1', 30],
    ['DEPARTURE', 'PTSIE-1', 40],
    ['ARRIVAL', 'NLRTM-1', 101],
    ['DEPARTURE', 'NLRTM-1', 120],
  ] as const) {
    const answer = await call(`POST /rutas/v1/voyages/${voyage.id}/reports`, {
      as: 'admin',
      body: { event, transportCallReference, time: at(hours) },
    })
    expect(answer.status).toBe(200)
  }

  const { traceId } = voyage
  await expect
    .poll(async () => named(await traceOf(traceId)), patient)
    .toEqual([
      'leg ESALG → PTSIE',
      'leg PTSIE → NLRTM',
      'stay ESALG',
      'stay NLRTM',
      'stay PTSIE',
      'voyage 017W',
    ])
  const services = (await (await fetch(`${jaegerUrl}/api/services`)).json()) as { data: string[] }
  expect(services.data).toContain('voyages')
  const trace = await traceOf(traceId)
  const spans = new Map(trace?.spans.map((span) => [span.operationName, span]))
  const root = spans.get('voyage 017W')
  const leg = spans.get('leg ESALG → PTSIE')
  expect(leg).toMatchObject({
    startTime: Date.parse(at(1)) * 1_000,
    duration: 29 * hour * 1_000,
    tags: expect.arrayContaining([
      expect.objectContaining({ key: 'porttrack.leg.from', value: 'ESALG' }),
      expect.objectContaining({ key: 'porttrack.leg.to', value: 'PTSIE' }),
    ]),
    logs: [
      {
        timestamp: Date.parse(at(30)) * 1_000,
        fields: expect.arrayContaining([expect.objectContaining({ key: 'event', value: 'LATE' })]),
      },
    ],
  })
  for (const span of trace?.spans ?? []) {
    expect(trace?.processes[span.processID]?.serviceName).toBe('voyages')
    if (span === root) continue
    expect(span.references).toContainEqual(
      expect.objectContaining({ refType: 'CHILD_OF', spanID: root?.spanID }),
    )
  }

  const touching = leg?.references.find((reference) => reference.traceID !== traceId)
  expect(touching?.refType).toBe('FOLLOWS_FROM')
  const request = async () => {
    const found = await traceOf(touching?.traceID ?? '')
    const span = found?.spans.find(({ spanID }) => spanID === touching?.spanID)
    return {
      by: found?.processes[span?.processID ?? '']?.serviceName,
      linksBack: span?.references.some((each) => each.traceID === traceId),
      throughGateway: Object.values(found?.processes ?? {}).some(
        ({ serviceName }) => serviceName === 'gateway',
      ),
    }
  }
  // A process sends what it has recorded every few seconds.
  await expect
    .poll(request, patient)
    .toEqual({ by: 'rutas', linksBack: true, throughGateway: true })
})
