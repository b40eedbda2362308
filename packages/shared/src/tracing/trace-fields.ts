import { isSpanContextValid, type Span } from '@opentelemetry/api'

/** By what a log line is found from its trace, in ECS's words; nothing without a trace. */
export const traceFields = (span: Span | null | undefined): Record<string, string> => {
  const context = span?.spanContext()
  return context !== undefined && isSpanContextValid(context)
    ? { 'trace.id': context.traceId, 'span.id': context.spanId }
    : {}
}
