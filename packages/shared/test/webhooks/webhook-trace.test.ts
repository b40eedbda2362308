import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { afterAll, assert, expect, it } from 'vitest'
import { registerTracing } from '../../src/tracing/register.ts'
import { startReceiver } from './receiver.ts'
import { ended, register, start } from './webhook-service.ts'

const exporter = new InMemorySpanExporter()
const stop = registerTracing({
  service: 'notes',
  version: 'test',
  sampleRatio: 1,
  processors: [new SimpleSpanProcessor({ exporter })],
})
const traceId = '0af7651916cd43dd8448eb211c80319c'

afterAll(() => stop())

it('links an attempt to the trace that its event comes from, and carries that along', async () => {
  await using service = await start()
  await using receiver = await startReceiver()
  const { id } = await register(service, { url: receiver.url })
  await service.request('POST', '/v1/notes', {
    body: { text: 'traced' },
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  })
  await ended(service, id, 1)
  const [message] = receiver.received
  assert(message)
  expect(message.event.traceparent).toContain(traceId)
  const span = exporter.getFinishedSpans().find(({ name }) => name.startsWith('deliver '))
  expect(span).toMatchObject({
    name: 'deliver notes.note.written',
    attributes: {
      'messaging.message.id': message.id,
      'server.address': '127.0.0.1',
      'http.response.status_code': 204,
    },
  })
  expect(span?.links.map(({ context }) => context.traceId)).toEqual([traceId])
  expect(span?.spanContext().traceId).not.toBe(traceId)
})
