import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { NodeSDK } from '@opentelemetry/sdk-node'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'

/** OpenTelemetry's own instrumentation, one trace in ten recorded; loaded before the gateway. */
new NodeSDK({
  autoDetectResources: false,
  sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.1) }),
  spanProcessors: [
    new BatchSpanProcessor({
      exporter: new OTLPTraceExporter({ url: process.env.COLLECTOR ?? '' }),
    }),
  ],
  logRecordProcessors: [],
  metricReaders: [],
  instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()],
}).start()
