import { once } from 'node:events'
import { request as sendRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Sql } from '../src/database/transaction.ts'
import { startTestService, type TestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'
import { registerTracing, tracer } from '../src/tracing/register.ts'
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

let service: TestService<{ database: { sql: Sql } }>
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
  await expect.poll(() => spans().map(({ name }) => name)).toContain('process notes.note.written')

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

it('measures a statement outside transactions until its answer, in the trace that asked for it', async () => {
  const { sql } = service.opened.database
  const asked = await Promise.all(
    // More than there are connections: the last ones wait for what the first ones give back.
    Array.from({ length: 12 }, () =>
      tracer().startActiveSpan('asking', async (span) => {
        await sql('SELECT pg_sleep(0.05)::text')
        await sql('SELECT 1 / 0').catch(() => undefined)
        span.end()
        return span.spanContext()
      }),
    ),
  )
  for (const { traceId: own, spanId } of asked) {
    const statements = exporter
      .getFinishedSpans()
      .filter((span) => span.spanContext().traceId === own && span.kind === SpanKind.CLIENT)
    expect(statements.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([
      spanId,
      spanId,
    ])
    const [slow, failed] = statements
    const [seconds, nanoseconds] = slow?.duration ?? [0, 0]
    expect(seconds + nanoseconds / 1e9).toBeGreaterThan(0.04)
    expect(failed?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'division by zero' })
  }
})

it('keeps the trace of a request whose body comes later than its headers', async () => {
  const own = '11111111111111111111111111111111'
  const request = sendRequest(`${service.url}/v1/notes`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${issuer.gatewayToken('notes', { roles: ['harbour-master'] })}`,
      'content-type': 'application/json',
      traceparent: `00-${own}-${parentId}-01`,
    },
  })
  request.flushHeaders()
  await sleep(100)
  request.write('{"text":')
  await sleep(100)
  request.end('"late"}')
  const status = await new Promise((resolve) => {
    request.on('response', (response) => resolve(response.resume().statusCode))
  })
  expect(status).toBe(201)
  const names = exporter
    .getFinishedSpans()
    .filter((span) => span.spanContext().traceId === own)
    .map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['POST /v1/notes', 'BEGIN', 'INSERT', 'COMMIT']))
})

it('records what a caller gave up waiting for', async () => {
  const own = '22222222222222222222222222222222'
  const token = issuer.gatewayToken('notes', { roles: ['admin'] })
  const after = (await service.request('GET', '/v1/feed?limit=1000', { as: { roles: ['admin'] } }))
    .body.next
  const request = sendRequest(`${service.url}/v1/feed?wait=5&after=${after}`, {
    headers: { authorization: `Bearer ${token}`, traceparent: `00-${own}-${parentId}-01` },
  })
  request.on('error', () => undefined).end()
  await once(service.app.server, 'request')
  await sleep(200)
  request.destroy()
  const span = () =>
    exporter
      .getFinishedSpans()
      .find((each) => each.spanContext().traceId === own && each.kind === SpanKind.SERVER)
  await expect.poll(() => span()?.status.code).toBe(SpanStatusCode.ERROR)
  expect(service.logs()).toContainEqual(
    expect.objectContaining({ 'trace.id': own, 'http.response.status_code': 499 }),
  )
  const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
  expect(metrics).toMatch(/_count\{[^}]*http_response_status_code="499"/)
})
