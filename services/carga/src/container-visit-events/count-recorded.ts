import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { metrics as metricsOfCarga } from '../metrics.ts'
import type { RecordedEvent } from './container-visit-event.ts'

/** Counts events that were recorded on visits. */
export const countRecorded = (
  metrics: Pick<Metrics<typeof metricsOfCarga>, 'containerVisitEventsRecorded'>,
  events: readonly Pick<RecordedEvent, 'eventCode' | 'eventClassifierCode'>[],
): void => {
  for (const { eventCode, eventClassifierCode } of events) {
    metrics.containerVisitEventsRecorded.inc({
      event_code: eventCode,
      classifier: eventClassifierCode,
    })
  }
}
