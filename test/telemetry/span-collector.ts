import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import protobuf from 'protobufjs'

/** The part of OTLP's trace messages that tells who called whom. */
const otlp = protobuf
  .parse(
    `
  syntax = "proto3";
  message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    bytes parent_span_id = 4;
    string name = 5;
    int32 kind = 6;
    repeated KeyValue attributes = 9;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { string string_value = 1; }
`,
  )
  .root.lookupType('ExportTraceServiceRequest')

type Attribute = { key: string; value: { stringValue: string } }
type Exported = {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: {
      spans: {
        traceId: Buffer
        spanId: Buffer
        parentSpanId: Buffer
        name: string
        kind: number
        attributes: Attribute[]
      }[]
    }[]
  }[]
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const

export type CollectedSpan = {
  service: string
  name: string
  kind: (typeof kinds)[number]
  traceId: string
  id: string
  /** Empty for the first of a trace. */
  parentId: string
  /** Attributes that are text. */
  attributes: Readonly<Record<string, string>>
}

/** A collector that keeps what it is sent: OTLP over HTTP, in protobuf. */
export const startSpanCollector = async () => {
  const spans: CollectedSpan[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const message = otlp.decode(Buffer.concat(chunks)) as unknown as Exported
      spans.push(...spansOf(message))
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: (): readonly CollectedSpan[] => spans,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type SpanCollector = Awaited<ReturnType<typeof startSpanCollector>>

const spansOf = ({ resourceSpans }: Exported): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = textsOf(resource.attributes)['service.name'] ?? ''
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, kind, traceId, spanId, parentSpanId, attributes }) => ({
        service,
        name,
        kind: kinds[kind] ?? 'unspecified',
        traceId: traceId.toString('hex'),
        id: spanId.toString('hex'),
        parentId: parentSpanId.toString('hex'),
        attributes: textsOf(attributes),
      })),
    )
  })

const textsOf = (attributes: readonly Attribute[]): Record<string, string> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value?.stringValue ?? '']))
