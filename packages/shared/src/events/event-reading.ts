import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Logger } from '../logging/logger.ts'
import type { Unit } from '../database/transaction.ts'
import type { CloudEvent } from './cloud-event.ts'
import type { EventHandler } from './consumer.ts'

/**
 * Text in another service's event.
 *
 * @param maxLength characters at most; PostgreSQL stores no NUL characters
 */
export const EventText = (maxLength: number) =>
  Type.String({ maxLength, pattern: String.raw`^[^\u0000]*$` })

/** An instant in another service's event, RFC 3339. */
export const EventInstant = Type.String({
  format: 'date-time',
  // A leap second or a year that JavaScript and PostgreSQL read differently is no usable time.
  pattern: String.raw`^(?:19|2\d)\d{2}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:[0-5]`,
})

const Envelope = Type.Object({ id: Type.String({ format: 'uuid' }), time: EventInstant })

type EventReading = {
  metrics: { malformedEvents: { inc: (labels: { type: string }) => void } }
  log: Logger
}

/**
 * Makes handlers of events whose id, time and data are as agreed. One that is not is counted, logged
 * and skipped: it would hold up all that follow, and repeating cannot mend it.
 */
export const eventReading =
  <Tx>({ metrics, log }: EventReading) =>
  <S extends TSchema>(
    schema: S,
    apply: (data: Static<S>, unit: Unit<Tx>, event: CloudEvent) => Promise<void>,
  ): EventHandler<Tx> =>
  async (event, unit) => {
    const { id, type, source, data } = event
    if (Value.Check(Envelope, event) && Value.Check(schema, data)) return apply(data, unit, event)
    const [fault] = [...Value.Errors(Envelope, event), ...Value.Errors(schema, data)]
    metrics.malformedEvents.inc({ type })
    log.warn(
      {
        'event.id': id.slice(0, 100),
        'event.action': type,
        'event.provider': source.slice(1, 64),
        'event.reason': `${fault?.instancePath} ${fault?.message}`,
      },
      'event of another service is not as agreed, skipped',
    )
  }
