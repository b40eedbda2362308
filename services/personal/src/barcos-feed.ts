import type { CloudEvent } from '@porttrack/shared/events/cloud-event'
import { defineConsumer, type EventHandler } from '@porttrack/shared/events/consumer'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Client } from './database.ts'
import { demandStates } from './demand/demand.ts'
import { noteOrder, type ToldOrder } from './demand/demand.store.ts'
import type { metrics } from './metrics.ts'

/** PostgreSQL stores no NUL characters. */
const Text = (maxLength: number) => Type.String({ maxLength, pattern: String.raw`^[^\u0000]*$` })
const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

const Instant = Type.String({
  format: 'date-time',
  // A leap second or a year that JavaScript and PostgreSQL read differently is no usable time.
  pattern: String.raw`^(?:19|2\d)\d{2}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:[0-5]`,
})
const Uuid = Type.String({ format: 'uuid' })

const order = {
  orderId: Uuid,
  portCallId: Uuid,
  portCallServiceTypeCode: Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,39}$' }),
  portCallPhaseTypeCode: nullable(Text(10)),
  providerOrganization: Text(100),
}

/** What of barcos' events is used here. */
const RequestedOrder = Type.Object({
  ...order,
  UNLocationCode: Type.String({ pattern: '^[A-Z]{2}[A-Z2-9]{3}$' }),
  requestedDateTime: Instant,
  quantity: nullable(Type.Integer({ minimum: 1 })),
})
const ChangedOrder = Type.Object({
  ...order,
  serviceDateTime: Instant,
  to: Type.Enum(demandStates),
  reason: nullable(Text(2_000)),
})

/** The most gangs that an order is taken to need. */
const mostGangs = 20

type BarcosFeedOptions = { metrics: Metrics<typeof metrics>; log: Logger }

/**
 * Turns what barcos tells of orders into demand for people. An event that is not as agreed is counted,
 * logged and skipped: it would hold up all that follow, and repeating cannot mend it.
 */
export const barcosFeed = ({ metrics, log }: BarcosFeedOptions) => {
  const skip = ({ id, type }: CloudEvent, reason: string): void => {
    metrics.malformedEvents.inc({ type })
    log.warn(
      { 'event.id': id.slice(0, 100), 'event.action': type, 'event.reason': reason },
      'event of barcos is not as agreed, skipped',
    )
  }

  const note =
    <S extends typeof RequestedOrder | typeof ChangedOrder>(
      schema: S,
      toldBy: (data: Static<S>) => Omit<ToldOrder, keyof ReturnType<typeof identityOf>>,
    ): EventHandler<Client> =>
    async (event, unit) => {
      const { data } = event
      if (!Value.Check(schema, data)) {
        const [fault] = Value.Errors(schema, data)
        return skip(event, `${fault?.instancePath} ${fault?.message}`)
      }
      const outcome = await noteOrder(unit, { ...identityOf(data), ...toldBy(data) }, 'barcos')
      metrics.demandChanges.inc({ outcome })
    }

  return defineConsumer<Client>({
    from: 'barcos',
    handlers: {
      'barcos.service-order.requested': note(RequestedOrder, (data) => ({
        startsAt: new Date(data.requestedDateTime),
        state: 'REQUESTED',
        reason: null,
        UNLocationCode: data.UNLocationCode,
        quantity: Math.min(data.quantity ?? 1, mostGangs),
      })),
      'barcos.service-order.state-changed': note(ChangedOrder, (data) => ({
        startsAt: new Date(data.serviceDateTime),
        state: data.to,
        reason: data.reason,
      })),
    },
  })
}

const identityOf = (data: Static<typeof RequestedOrder> | Static<typeof ChangedOrder>) => ({
  id: data.orderId.toLowerCase(),
  portCallId: data.portCallId.toLowerCase(),
  service: data.portCallServiceTypeCode,
  phase: data.portCallPhaseTypeCode,
  providerOrganization: data.providerOrganization,
})
