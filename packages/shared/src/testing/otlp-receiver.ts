import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'

/** Of OTLP 1.x (opentelemetry-proto, `trace/v1` and what it is made of), what carries traces. */
const schema = `
syntax = "proto3";
package opentelemetry.proto;

message AnyValue {
  oneof value {
    string string_value = 1;
    bool bool_value = 2;
    int64 int_value = 3;
    double double_value = 4;
    ArrayValue array_value = 5;
    KeyValueList kvlist_value = 6;
    bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message InstrumentationScope {
  string name = 1;
  string version = 2;
  repeated KeyValue attributes = 3;
  uint32 dropped_attributes_count = 4;
}
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message Status { string message = 2; int32 code = 3; }
message Span {
  bytes trace_id = 1;
  bytes span_id = 2;
  string trace_state = 3;
  bytes parent_span_id = 4;
  string name = 5;
  int32 kind = 6;
  fixed64 start_time_unix_nano = 7;
  fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10;
  message Event {
    fixed64 time_unix_nano = 1;
    string name = 2;
    repeated KeyValue attributes = 3;
    uint32 dropped_attributes_count = 4;
  }
  repeated Event events = 11;
  uint32 dropped_events_count = 12;
  message Link {
    bytes trace_id = 1;
    bytes span_id = 2;
    string trace_state = 3;
    repeated KeyValue attributes = 4;
    uint32 dropped_attributes_count = 5;
    fixed32 flags = 6;
  }
  repeated Link links = 13;
  uint32 dropped_links_count = 14;
  Status status = 15;
  fixed32 flags = 16;
}
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message ResourceSpans {
  Resource resource = 1;
  repeated ScopeSpans scope_spans = 2;
  string schema_url = 3;
}
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
`

const request = protobuf.parse(schema).root.lookupType('ExportTraceServiceRequest')

type KeyValue = { key: string; value: Record<string, unknown> }
type Part = { traceId: string; spanId: string; attributes?: KeyValue[] }
type WireSpan = Part & {
  parentSpanId?: string
  name: string
  kind?: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  events?: { name: string; timeUnixNano: string; attributes?: KeyValue[] }[]
  links?: Part[]
}
type WireRequest = {
  resourceSpans?: {
    resource?: { attributes?: KeyValue[] }
    scopeSpans?: { spans?: WireSpan[] }[]
  }[]
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const

/** A span as a collector takes it; ids in hexadecimal, times in milliseconds since 1970. */
export type ReceivedSpan = {
  /** Empty where it has no name. */
  service: string
  traceId: string
  spanId: string
  parentSpanId: string | null
  name: string
  kind: (typeof kinds)[number]
  from: number
  to: number
  attributes: Record<string, unknown>
  events: { name: string; time: number; attributes: Record<string, unknown> }[]
  links: { traceId: string; spanId: string; attributes: Record<string, unknown> }[]
}

/**
 * A collector of traces: takes OTLP/HTTP in protobuf at `/v1/traces`, refuses what is none with 400, and
 * keeps the spans.
 */
export const startOtlpReceiver = async () => {
  const spans: ReceivedSpan[] = []
  /** What it answers instead of taking anything; null to take all. */
  let refusal: number | null = null
  let attempts = 0
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      attempts += 1
      const body = Buffer.concat(chunks)
      try {
        if (incoming.method !== 'POST' || incoming.url !== '/v1/traces') {
          answer.writeHead(404).end()
        } else if (refusal !== null) answer.writeHead(refusal).end()
        else if (incoming.headers['content-type'] !== 'application/x-protobuf') {
          answer.writeHead(415).end()
        } else {
          const isZipped = incoming.headers['content-encoding'] === 'gzip'
          spans.push(...spansOf(isZipped ? gunzipSync(body) : body))
          answer.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
        }
      } catch {
        answer.writeHead(400).end()
      }
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    attempts: () => attempts,
    /** Answers with a status from now on; null to take what comes. */
    refuse: (status: number | null) => {
      refusal = status
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const spansOf = (body: Uint8Array): ReceivedSpan[] => {
  const decoded = request.decode(body)
  const { resourceSpans = [] } = request.toObject(decoded, {
    longs: String,
    bytes: String,
  }) as WireRequest
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        service: nameOf(resource?.attributes),
        traceId: hexOf(span.traceId),
        spanId: hexOf(span.spanId),
        parentSpanId: span.parentSpanId ? hexOf(span.parentSpanId) : null,
        name: span.name,
        kind: kinds[span.kind ?? 0] ?? 'unspecified',
        from: millisecondsOf(span.startTimeUnixNano),
        to: millisecondsOf(span.endTimeUnixNano),
        attributes: valuesOf(span.attributes),
        events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
          name,
          time: millisecondsOf(timeUnixNano),
          attributes: valuesOf(attributes),
        })),
        links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({
          traceId: hexOf(traceId),
          spanId: hexOf(spanId),
          attributes: valuesOf(attributes),
        })),
      })),
    ),
  )
}

const nameOf = (attributes: readonly KeyValue[] | undefined): string => {
  const name = valuesOf(attributes)['service.name']
  return typeof name === 'string' ? name : ''
}

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex')

const millisecondsOf = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1_000_000n)

const valuesOf = (attributes: readonly KeyValue[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
