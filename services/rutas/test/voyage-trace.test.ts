import { startOtlpReceiver } from '@porttrack/shared/testing/otlp-receiver'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { registerTracing } from '@porttrack/shared/tracing/register'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'

/** Two cores are shared with other suites. */
const patience = { timeout: 60_000 }
const hour = 3_600_000
const begin = Date.now() - 200 * hour
const at = (hours: number) => new Date(begin + hours * hour).toISOString()

const requests = new InMemorySpanExporter()
const stopTracing = registerTracing({
  service: 'rutas',
  version: 'test',
  sampleRatio: 1,
  processors: [new SimpleSpanProcessor({ exporter: requests })],
})
let collector: Awaited<ReturnType<typeof startOtlpReceiver>>
const open = () =>
  startTestService(rutas, {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, VOYAGE_TRACE_SETTLE_SECONDS: '0' },
  })
let service: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  collector = await startOtlpReceiver()
  service = await open()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
  await stopTracing()
})

const schedule = async () => {
  const { body } = await service.request('POST', '/v1/voyages', {
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
  return body as { id: string; traceId: string }
}
const traceId = 'c0ffee0000000000000000000000000d'
const spanId = 'c0ffee000000000d'
const report = (id: string, event: string, transportCallReference: string, time: string) =>
  service.request('POST', `/v1/voyages/${id}/reports`, {
    body: { event, transportCallReference, time },
    headers: { traceparent: `00-${traceId}-${spanId}-01` },
  })
const spansOf = ({ traceId: own }: { traceId: string }) =>
  collector.spans.filter((span) => span.traceId === own)
const named = (voyage: { traceId: string }) => spansOf(voyage).map(({ name }) => name)

it('shows a voyage as a trace: legs, stays, deviations, and who touched it', async () => {
  const voyage = await schedule()
  await report(voyage.id, 'ARRIVAL', 'ESALG-1', at(-9))
  await report(voyage.id, 'DEPARTURE', 'ESALG-1', at(1))
  await report(voyage.id, 'ARRIVAL', 'PTSIE-1', at(30))
  await expect
    .poll(() => named(voyage).toSorted(), patience)
    .toEqual(['leg ESALG → PTSIE', 'stay ESALG'])
  await report(voyage.id, 'DEPARTURE', 'PTSIE-1', at(40))
  await report(voyage.id, 'ARRIVAL', 'NLRTM-1', at(101))
  await report(voyage.id, 'DEPARTURE', 'NLRTM-1', at(120))
  await expect.poll(() => named(voyage), patience).toContain('voyage 017W')

  const spans = spansOf(voyage)
  expect(spans).toHaveLength(6)
  const root = spans.find(({ name }) => name === 'voyage 017W')
  expect(root).toMatchObject({
    service: 'voyages',
    parentSpanId: null,
    from: Date.parse(at(-9)),
    to: Date.parse(at(120)),
    attributes: {
      'porttrack.voyage.id': voyage.id,
      'porttrack.voyage.state': 'COMPLETED',
      'porttrack.vessel.imo': '9321483',
    },
  })
  const leg = spans.find(({ name }) => name === 'leg ESALG → PTSIE')
  expect(leg).toMatchObject({
    parentSpanId: root?.spanId,
    from: Date.parse(at(1)),
    to: Date.parse(at(30)),
    attributes: { 'porttrack.leg.from': 'ESALG', 'porttrack.leg.to': 'PTSIE' },
    events: [
      {
        name: 'LATE',
        time: Date.parse(at(30)),
        attributes: { 'porttrack.call.reference': 'PTSIE-1', 'porttrack.deviation.minutes': '360' },
      },
    ],
  })
  // From the voyage to the requests that touched it, and back.
  expect(leg?.links.map((link) => link.traceId)).toContain(traceId)
  const touching = requests
    .getFinishedSpans()
    .filter((span) => span.spanContext().traceId === traceId && span.name.startsWith('POST'))
  expect(touching.length).toBeGreaterThan(0)
  for (const span of touching) {
    expect(span.links).toMatchObject([
      { context: { traceId: voyage.traceId, spanId: root?.spanId } },
    ])
  }
})

it('sends what is corrected again as another span, which names the one before; the rest once', async () => {
  const voyage = await schedule()
  await report(voyage.id, 'ARRIVAL', 'ESALG-1', at(-9))
  await report(voyage.id, 'DEPARTURE', 'ESALG-1', at(1))
  await expect.poll(() => named(voyage), patience).toEqual(['stay ESALG'])
  await report(voyage.id, 'ARRIVAL', 'PTSIE-1', at(30))
  await expect.poll(() => named(voyage), patience).toEqual(['stay ESALG', 'leg ESALG → PTSIE'])
  await report(voyage.id, 'ARRIVAL', 'PTSIE-1', at(28))
  await expect.poll(() => named(voyage), patience).toHaveLength(3)
  const [, first, second] = spansOf(voyage)
  expect(second).toMatchObject({
    name: 'leg ESALG → PTSIE',
    to: Date.parse(at(28)),
    attributes: { 'porttrack.span.revision': '2' },
  })
  expect(second?.links).toContainEqual(
    expect.objectContaining({
      spanId: first?.spanId,
      attributes: { 'porttrack.link': 'replaces' },
    }),
  )

  const { items } = (await service.request('GET', `/v1/voyages/${voyage.id}/timeline`)).body
  for (const { id, transportCallReference, kind } of items) {
    if (kind !== 'ARRIVAL' || transportCallReference !== 'PTSIE-1') continue
    await service.request('POST', `/v1/voyages/${voyage.id}/reports/${id}/retract`, {
      body: { reason: 'another ship' },
    })
  }
  await expect.poll(() => named(voyage), patience).toContain('withdrawn: leg ESALG-1 PTSIE-1')
  expect(spansOf(voyage).filter(({ name }) => name === 'stay ESALG')).toHaveLength(1)
})

it('waits for a collector that is away, and answers meanwhile', async () => {
  collector.refuse(503)
  const before = collector.attempts()
  const voyage = await schedule()
  await report(voyage.id, 'ARRIVAL', 'ESALG-1', at(-9))
  expect((await report(voyage.id, 'DEPARTURE', 'ESALG-1', at(1))).status).toBe(200)
  await expect.poll(() => collector.attempts(), patience).toBeGreaterThan(before)
  expect((await service.request('GET', `/v1/voyages/${voyage.id}`)).status).toBe(200)
  collector.refuse(null)
  // Due again, as it is a minute after an attempt that failed.
  await expect
    .poll(async () => {
      await service.opened.database.sql('UPDATE voyage SET trace_at = now() WHERE id = $1::uuid', [
        voyage.id,
      ])
      return named(voyage)
    }, patience)
    .toContain('stay ESALG')
})
