import {
  type Attributes,
  type Link,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { tracesUrl } from './register.ts'
import { voyageContext, voyageKey, voyageSpanId, voyageTraceId } from './voyage-trace.ts'

/** A stretch of a voyage that has ended: the whole, a leg or a stay. */
export type VoyageStretch = {
  /** Names it within the voyage; `voyageKey` the whole, of which the others are parts. */
  key: string
  /** From 1; each correction after an export is one more. */
  revision: number
  name: string
  /** Milliseconds since 1970. */
  from: number
  to: number
  attributes: Attributes
  events: readonly { name: string; time: number; attributes: Attributes }[]
  /** W3C trace contexts of the requests and events that touched it. */
  traceparents: readonly string[]
}

/** Sends stretches of voyages as spans of the voyages' own traces. */
export type VoyageSpans = {
  /** @throws Error when the collector does not take them; they may be sent again as they are */
  send: (voyageId: string, stretches: readonly VoyageStretch[]) => Promise<void>
  close: () => Promise<void>
}

type VoyageSpansOptions = {
  version: string
  exporter: SpanExporter
}

/** The name under which collectors list voyages, beside the processes of the platform. */
const serviceName = 'voyages'

/** Milliseconds that a collector may take for a voyage. */
const patience = 10_000

/** Exports to an OTLP/HTTP collector, by its base URL. */
export const otlpExporter = (endpoint: string): SpanExporter =>
  new OTLPTraceExporter({ url: tracesUrl(endpoint), timeoutMillis: patience })

/**
 * Sends voyages to a collector. Their spans are made whole, with the times of what happened at sea, and
 * go past the process's own sampler and queue: no voyage is left out, and none waits for a request.
 */
export const openVoyageSpans = ({ version, exporter }: VoyageSpansOptions): VoyageSpans => {
  const resource = resourceFromAttributes({
    'service.name': serviceName,
    'service.namespace': 'porttrack',
    'service.version': version,
  })
  const spanOf = (voyageId: string, stretch: VoyageStretch): ReadableSpan => {
    const { key, revision } = stretch
    const context: SpanContext = {
      traceId: voyageTraceId(voyageId),
      spanId: voyageSpanId(voyageId, key, revision),
      traceFlags: TraceFlags.SAMPLED,
    }
    return {
      name: stretch.name,
      kind: SpanKind.INTERNAL,
      spanContext: () => context,
      ...(key === voyageKey ? {} : { parentSpanContext: voyageContext(voyageId) }),
      startTime: hrTime(stretch.from),
      endTime: hrTime(stretch.to),
      duration: hrTime(stretch.to - stretch.from),
      status: { code: SpanStatusCode.UNSET },
      attributes: { ...stretch.attributes, 'porttrack.span.revision': revision },
      links: [...correction(voyageId, stretch), ...stretch.traceparents.flatMap(linkTo)],
      events: stretch.events.map(({ name, time, attributes }) => ({
        name,
        time: hrTime(time),
        attributes,
      })),
      ended: true,
      resource,
      instrumentationScope: { name: 'porttrack' },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }
  }
  return {
    send: (voyageId, stretches) =>
      new Promise((resolve, reject) => {
        exporter.export(
          stretches.map((stretch) => spanOf(voyageId, stretch)),
          ({ code, error }) => {
            if (code === ExportResultCode.SUCCESS) resolve()
            else reject(error ?? new Error('the collector has not taken the spans'))
          },
        )
      }),
    close: () => exporter.shutdown(),
  }
}

/** A span cannot be taken back: a corrected one points to the one that it replaces. */
const correction = (voyageId: string, { key, revision }: VoyageStretch): Link[] =>
  revision === 1
    ? []
    : [
        {
          context: {
            traceId: voyageTraceId(voyageId),
            spanId: voyageSpanId(voyageId, key, revision - 1),
            traceFlags: TraceFlags.SAMPLED,
          },
          attributes: { 'porttrack.link': 'replaces' },
        },
      ]

const linkTo = (traceparent: string): Link[] => {
  const [, traceId, spanId] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(traceparent) ?? []
  if (traceId === undefined || spanId === undefined) return []
  const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }
  return [{ context, attributes: { 'porttrack.link': 'touched by' } }]
}

const hrTime = (milliseconds: number): [number, number] => {
  const seconds = Math.floor(milliseconds / 1_000)
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1e6)]
}
