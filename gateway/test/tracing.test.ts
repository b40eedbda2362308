import { SpanKind } from '@opentelemetry/api'
import { type TracingOptions, registerTracing } from '@porttrack/shared/tracing/register'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer } from './http.ts'

type Processor = NonNullable<TracingOptions['processors']>[number]
type Ended = Parameters<Processor['onEnd']>[0]

const spans: Ended[] = []
const headers: Record<string, unknown>[] = []
let stop: () => Promise<void>
let rutas: TestServer
let gateway: TestGateway
beforeAll(async () => {
  const keep: Processor = {
    onStart: () => undefined,
    onEnd: (span) => void spans.push(span),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  }
  stop = registerTracing({
    service: 'gateway',
    version: 'test',
    sampleRatio: 0,
    processors: [keep],
  })
  rutas = await startServer((request, response) => {
    headers.push(request.headers)
    response.end()
  })
  gateway = await startGateway({ rutas: rutas.url })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await rutas[Symbol.asyncDispose]()
  await stop()
})
beforeEach(() => {
  spans.length = 0
  headers.length = 0
})

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'

it('a recorded trace goes on through a server span and a client span', async () => {
  const traceparent = `00-${trace}-00f067aa0ba902b7-01`
  await call(gateway, '/rutas/v1/targets', { headers: { traceparent, baggage: 'user=admin' } })
  await expect.poll(() => spans.length).toBe(2)
  const client = spans.find(({ kind }) => kind === SpanKind.CLIENT)
  const server = spans.find(({ kind }) => kind === SpanKind.SERVER)
  expect(server).toMatchObject({
    name: 'GET /rutas/*',
    parentSpanContext: { traceId: trace, spanId: '00f067aa0ba902b7' },
  })
  expect(client?.parentSpanContext?.spanId).toBe(server?.spanContext().spanId)
  expect(client?.attributes).toMatchObject({ 'http.response.status_code': 200 })
  expect(headers[0]?.['traceparent']).toBe(`00-${trace}-${client?.spanContext().spanId}-01`)
  expect(headers[0]).not.toHaveProperty('baggage')
})

it('a trace that is not recorded goes on without spans', async () => {
  await call(gateway, '/rutas/v1/targets', {
    headers: { traceparent: `00-${trace}-00f067aa0ba902b7-00`, tracestate: 'vendor=opaque' },
  })
  expect(headers[0]).toMatchObject({ tracestate: 'vendor=opaque' })
  expect(headers[0]?.['traceparent']).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`))
  expect(spans).toEqual([])
})

it('a malformed one is replaced', async () => {
  await call(gateway, '/rutas/v1/targets', {
    headers: { traceparent: 'nonsense', tracestate: 'x=y' },
  })
  expect(headers[0]?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  expect(headers[0]).not.toHaveProperty('tracestate')
})
