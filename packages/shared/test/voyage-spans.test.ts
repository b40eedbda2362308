import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOtlpReceiver } from '../src/testing/otlp-receiver.ts'
import { registerTracing, tracer } from '../src/tracing/register.ts'
import {
  linkToVoyage,
  presentTraceparent,
  voyageContext,
  voyageKey,
  voyageSpanId,
  voyageTraceId,
} from '../src/tracing/voyage-trace.ts'
import { openVoyageSpans, otlpExporter, type VoyageStretch } from '../src/tracing/voyage-spans.ts'

const voyageId = '019b0c5e-6f7a-7c3d-8e21-4a5b6c7d8e9f'
const traceId = '019b0c5e6f7a7c3d8e214a5b6c7d8e9f'
const touching = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const begin = Date.UTC(2026, 9, 1, 12, 0, 0, 250)
const hour = 3_600_000

const leg: VoyageStretch = {
  key: 'leg ESALG-1 NLRTM-1',
  revision: 1,
  name: 'leg ESALG → NLRTM',
  from: begin,
  to: begin + 90 * hour,
  attributes: { 'porttrack.leg.from': 'ESALG', 'porttrack.leg.miles': 1389.5 },
  events: [{ name: 'LATE', time: begin + 50 * hour, attributes: { minutes: 300 } }],
  traceparents: [touching, 'no trace context'],
}
const whole: VoyageStretch = {
  ...leg,
  key: voyageKey,
  name: 'voyage 017W',
  to: begin + 100 * hour,
  events: [],
  traceparents: [],
}

describe('ids', () => {
  it('follow from the voyage’s own, wherever they are reckoned', () => {
    expect(voyageTraceId(voyageId)).toBe(traceId)
    const id = voyageSpanId(voyageId, leg.key, 1)
    expect(id).toMatch(/^[0-9a-f]{16}$/)
    expect(voyageSpanId(voyageId, leg.key, 1)).toBe(id)
    const others = [
      voyageSpanId(voyageId, leg.key, 2),
      voyageSpanId(voyageId, voyageKey, 1),
      voyageSpanId(voyageId.replace('9f', '9e'), leg.key, 1),
    ]
    expect(new Set([id, ...others]).size).toBe(4)
  })
})

describe('spans in memory', () => {
  it('have the times of the sea, their places in the voyage, and links', async () => {
    const exporter = new InMemorySpanExporter()
    const spans = openVoyageSpans({ version: '1.2.3', exporter })
    await spans.send(voyageId, [leg, whole, { ...leg, revision: 2, to: begin + 91 * hour }])
    const [first, root, corrected] = exporter.getFinishedSpans()
    expect(first?.spanContext()).toMatchObject({ traceId, traceFlags: 1 })
    expect(first).toMatchObject({
      name: 'leg ESALG → NLRTM',
      startTime: [begin / 1_000 - 0.25, 250_000_000],
      duration: [90 * 3_600, 0],
      parentSpanContext: voyageContext(voyageId),
      events: [{ name: 'LATE', attributes: { minutes: 300 } }],
      links: [
        {
          context: {
            traceId: '0af7651916cd43dd8448eb211c80319c',
            spanId: 'b7ad6b7169203331',
          },
        },
      ],
    })
    expect(root?.parentSpanContext).toBeUndefined()
    expect(root?.spanContext()).toEqual(voyageContext(voyageId))
    expect(corrected?.spanContext().spanId).not.toBe(first?.spanContext().spanId)
    expect(corrected?.links[0]).toMatchObject({
      context: { spanId: first?.spanContext().spanId },
      attributes: { 'porttrack.link': 'replaces' },
    })
    await spans.close()
  })
})

describe('a collector', () => {
  it('takes voyages over OTLP, with all that they say', async () => {
    await using collector = await startOtlpReceiver()
    const spans = openVoyageSpans({ version: '1.2.3', exporter: otlpExporter(collector.url) })
    await spans.send(voyageId, [leg, whole])
    const root = voyageContext(voyageId).spanId
    expect(collector.spans).toEqual([
      {
        service: 'voyages',
        traceId,
        spanId: voyageSpanId(voyageId, leg.key, 1),
        parentSpanId: root,
        name: 'leg ESALG → NLRTM',
        kind: 'internal',
        from: begin,
        to: begin + 90 * hour,
        attributes: { ...leg.attributes, 'porttrack.span.revision': '1' },
        events: [{ name: 'LATE', time: begin + 50 * hour, attributes: { minutes: '300' } }],
        links: [
          {
            traceId: '0af7651916cd43dd8448eb211c80319c',
            spanId: 'b7ad6b7169203331',
            attributes: { 'porttrack.link': 'touched by' },
          },
        ],
      },
      expect.objectContaining({ spanId: root, parentSpanId: null, name: 'voyage 017W' }),
    ])
    await spans.close()
  })

  it('that refuses is told of by an error, and takes the same spans later', async () => {
    await using collector = await startOtlpReceiver()
    collector.refuse(400)
    const spans = openVoyageSpans({ version: '1.2.3', exporter: otlpExporter(collector.url) })
    await expect(spans.send(voyageId, [leg])).rejects.toThrow()
    collector.refuse(null)
    await spans.send(voyageId, [leg])
    expect(collector.spans.map(({ spanId }) => spanId)).toEqual([
      voyageSpanId(voyageId, leg.key, 1),
    ])
    await spans.close()
  })

  it('that says nothing is given up after ten seconds', { timeout: 60_000 }, async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve)
    })
    const { port } = silent.address() as AddressInfo
    const spans = openVoyageSpans({
      version: '1.2.3',
      exporter: otlpExporter(`http://127.0.0.1:${port}`),
    })
    await expect(spans.send(voyageId, [leg])).rejects.toThrow()
    await spans.close()
    silent.close()
  })
})

describe('what touches a voyage', () => {
  const exporter = new InMemorySpanExporter()
  let stop: () => Promise<void>
  beforeAll(() => {
    stop = registerTracing({
      service: 'notes',
      version: 'test',
      sampleRatio: 1,
      processors: [new SimpleSpanProcessor({ exporter })],
    })
  })
  afterAll(() => stop())

  it('is linked to it, and can be linked to', () => {
    const context = tracer().startActiveSpan('request', (span) => {
      linkToVoyage(voyageId)
      const { traceId: own, spanId } = span.spanContext()
      expect(presentTraceparent()).toBe(`00-${own}-${spanId}-01`)
      span.end()
      return span.spanContext()
    })
    const [span] = exporter.getFinishedSpans()
    expect(span?.spanContext()).toEqual(context)
    expect(span?.links).toMatchObject([{ context: voyageContext(voyageId) }])
  })

  it('is nothing where no span is at work', () => {
    expect(trace.getActiveSpan()).toBeUndefined()
    linkToVoyage(voyageId)
    expect(presentTraceparent()).toBeNull()
  })
})
