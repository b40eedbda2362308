import { createHash } from 'node:crypto'
import { context, propagation, type SpanContext, trace, TraceFlags } from '@opentelemetry/api'

/**
 * The id of the trace that a voyage is: the voyage's own id, a UUID, without its hyphens. So whoever
 * knows a voyage finds its trace, and no table is needed for it.
 */
export const voyageTraceId = (voyageId: string): string =>
  voyageId.replaceAll('-', '').toLowerCase()

/** The key of the span that the whole voyage is. */
export const voyageKey = 'voyage'

/**
 * The id of a span of a voyage's trace: the same wherever and whenever it is reckoned.
 *
 * @param key names the stretch within the voyage
 * @param revision from 1; a stretch that is corrected after it was exported is another span
 */
export const voyageSpanId = (voyageId: string, key: string, revision: number): string => {
  const digest = createHash('sha256').update(`${voyageId}/${key}/${revision}`).digest('hex')
  const id = digest.slice(0, 16)
  // All zeros is no span id (W3C Trace Context §3.2.2.4).
  return /^0+$/.test(id) ? digest.slice(16, 32) : id
}

/** The context of the span that the whole voyage is. */
export const voyageContext = (voyageId: string): SpanContext => ({
  traceId: voyageTraceId(voyageId),
  spanId: voyageSpanId(voyageId, voyageKey, 1),
  traceFlags: TraceFlags.SAMPLED,
})

/** Links the span at work, such as that of a request, to a voyage that it touches. */
export const linkToVoyage = (voyageId: string): void => {
  const span = trace.getActiveSpan()
  if (span?.isRecording()) span.addLink({ context: voyageContext(voyageId) })
}

/** The trace context at work (W3C), for what is to link to it; null where the trace is not recorded. */
export const presentTraceparent = (): string | null => {
  if (!trace.getActiveSpan()?.isRecording()) return null
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  return carrier.traceparent ?? null
}
