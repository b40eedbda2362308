import type { CloudEvent } from '@porttrack/shared/events/cloud-event'
import type { EventHandler } from '@porttrack/shared/events/consumer'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Client } from './database.ts'
import type { metrics } from './metrics.ts'

/** Text of another service; PostgreSQL stores no NUL characters. */
export const Text = (maxLength: number) =>
  Type.String({ maxLength, pattern: String.raw`^[^\u0000]*$` })

export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

export const Instant = Type.String({
  format: 'date-time',
  // A leap second or a year that JavaScript and PostgreSQL read differently is no usable time.
  pattern: String.raw`^(?:19|2\d)\d{2}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:[0-5]`,
})

export const Location = Type.String({ pattern: '^[A-Z]{2}[A-Z2-9]{3}$' })

export type FeedReading = { metrics: Metrics<typeof metrics>; log: Logger }

/**
 * Makes handlers of events whose data is as agreed. One that is not is counted, logged and skipped: it
 * would hold up all that follow, and repeating cannot mend it.
 */
export const reading =
  ({ metrics, log }: FeedReading) =>
  <S extends TSchema>(
    schema: S,
    apply: (data: Static<S>, unit: Parameters<EventHandler<Client>>[1]) => Promise<void>,
  ): EventHandler<Client> =>
  async ({ id, type, data }: CloudEvent, unit) => {
    if (Value.Check(schema, data)) return apply(data, unit)
    const [fault] = Value.Errors(schema, data)
    metrics.malformedEvents.inc({ type })
    log.warn(
      {
        'event.id': id.slice(0, 100),
        'event.action': type,
        'event.reason': `${fault?.instancePath} ${fault?.message}`,
      },
      'event of another service is not as agreed, skipped',
    )
  }
