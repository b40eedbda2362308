import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  NoopSpanProcessor,
  ParentBasedSampler,
  type SpanProcessor,
  TracerProvider,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'

export type TracingOptions = {
  service: string
  version: string
  /** Share of new traces that are recorded, 0 to 1; a caller's decision is followed. */
  sampleRatio: number
  /** Base URL of an OTLP/HTTP collector; nothing is sent when it is absent. */
  endpoint?: string
  /** Further processors, such as one that keeps spans in memory for a test. */
  processors?: SpanProcessor[]
}

/**
 * Starts tracing for the process: W3C trace context in and out, spans to the collector. A collector
 * that is away costs spans, never requests: the queue is bounded and sends in the background.
 *
 * @returns a function that sends what is left and stops
 */
export const registerTracing = (options: TracingOptions): (() => Promise<void>) => {
  const { service, version, sampleRatio, endpoint, processors = [] } = options
  const exporting = endpoint
    ? [
        new BatchSpanProcessor({
          exporter: new OTLPTraceExporter({ url: tracesUrl(endpoint) }),
        }),
      ]
    : []
  const spanProcessors = [...exporting, ...processors]
  // Part by part: the SDK for Node brings exporters of every kind, which take a third of the start.
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    sampler: new ParentBasedSampler({
      root: new TraceIdRatioBasedSampler(spanProcessors.length > 0 ? sampleRatio : 0),
    }),
    // Also where spans go nowhere, requests have a trace id: log lines of all services share it.
    spanProcessors: spanProcessors.length > 0 ? spanProcessors : [new NoopSpanProcessor()],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
  )
  trace.setGlobalTracerProvider(provider)
  return () => provider.shutdown()
}

/** The tracer of the process; spans made before `registerTracing` go nowhere. */
export const tracer = () => trace.getTracer('porttrack')

/** Where an OTLP/HTTP collector takes traces, by its base URL. */
export const tracesUrl = (endpoint: string): string => new URL('v1/traces', slashed(endpoint)).href

const slashed = (url: string): string => (url.endsWith('/') ? url : `${url}/`)
