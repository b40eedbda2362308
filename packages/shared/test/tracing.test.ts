import { SpanKind, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestService, type TestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'
import { registerTracing } from '../src/tracing/register.ts'
import { listener, notes } from './notes/notes.ts'

const exporter = new InMemorySpanExporter()
const stop = registerTracing({
  service: 'notes',
  version: 'test',
  sampleRatio: 1,
  processors: [new SimpleSpanProcessor({ exporter })],
})
const issuer = new TokenIssuer(['gateway', 'notes', 'carga'])
const traceId = '0af7651916cd43dd8448eb211c80319c'
const parentId = 'b7ad6b7169203331'

let service: TestService<object>
let reader: TestService<object>

beforeAll(async () => {
  service = await startTestService(notes, { issuer })
  reader = await startTestService(listener, { issuer, env: { NOTES_URL: service.url } })
})
afterAll(async () => {
  await reader[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
  await stop()
})

const spans = () =>
  exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId)
const childrenOf = (parent: ReadableSpan | undefined) =>
  spans().filter((span) => span.parentSpanContext?.spanId === parent?.spanContext().spanId)

it('follows a request from its caller into the database and over the feed to a consumer', async () => {
  const answer = await service.request('POST', '/v1/notes', {
    body: { text: 'traced' },
    headers: { traceparent: `00-${traceId}-${parentId}-01` },
  })
  expect(answer.status).toBe(201)
  await expect
    .poll(() => spans().map(({ name }) => name), { timeout: 10_000 })
    .toContain('process notes.note.written')

  const request = spans().find(({ kind }) => kind === SpanKind.SERVER)
  expect(request).toMatchObject({
    name: 'POST /v1/notes',
    parentSpanContext: { spanId: parentId },
    attributes: { 'http.route': '/v1/notes', 'http.response.status_code': 201 },
  })
  const statements = childrenOf(request).filter(({ kind }) => kind === SpanKind.CLIENT)
  expect(statements.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['BEGIN', 'INSERT', 'COMMIT']),
  )
  const processing = spans().find(({ kind }) => kind === SpanKind.CONSUMER)
  expect(processing?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
  expect(childrenOf(processing).map(({ name }) => name)).toContain('INSERT')
})

it('ties log lines and exemplars to the trace', async () => {
  const line = service
    .logs()
    .find((each) => each['message'] === 'request served' && each['trace.id'] === traceId)
  expect(line).toMatchObject({ 'http.response.status_code': 201, 'http.route': '/v1/notes' })
  const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
  expect(metrics).toContain(`trace_id="${traceId}"`)
})

it('makes no span for what is not sampled', async () => {
  const unsampled = '4bf92f3577b34da6a3ce929d0e0e4736'
  await service.request('GET', '/v1/notes', {
    headers: { traceparent: `00-${unsampled}-${parentId}-00` },
  })
  const traced = exporter.getFinishedSpans().map((span) => span.spanContext().traceId)
  expect(traced).not.toContain(unsampled)
  expect(trace.getActiveSpan()).toBeUndefined()
})
