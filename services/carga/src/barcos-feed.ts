import type { CloudEvent } from '@porttrack/shared/events/cloud-event'
import { defineConsumer, type EventHandler } from '@porttrack/shared/events/consumer'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Client } from './database.ts'
import type { metrics } from './metrics.ts'
import { nullable } from './nullable.ts'
import { unLocationCodePattern } from './places/un-location-code.ts'
import { keepCall } from './port-calls/port-call.store.ts'

/** PostgreSQL stores no NUL characters. */
const Text = (maxLength: number) => Type.String({ maxLength, pattern: String.raw`^[^\u0000]*$` })

const Instant = Type.String({
  format: 'date-time',
  // A leap second or a year that JavaScript and PostgreSQL read differently is no usable time.
  pattern: String.raw`^(?:19|2\d)\d{2}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:[0-5]`,
})

const call = {
  portCallId: Type.String({ format: 'uuid' }),
  UNLocationCode: Type.String({ pattern: unLocationCodePattern }),
  vesselName: Text(200),
  vesselIMONumber: nullable(Text(20)),
  agentOrganization: Text(100),
  carrierOrganization: nullable(Text(100)),
  terminalOrganization: nullable(Text(100)),
  eta: nullable(Instant),
  etd: nullable(Instant),
}

/** What of barcos' events is used here. */
const WholeCall = Type.Object({
  ...call,
  state: Text(30),
  portVisitReference: nullable(Text(100)),
})
const ChangedCall = Type.Object({ ...call, to: Text(30) })

type BarcosFeedOptions = { metrics: Metrics<typeof metrics>; log: Logger }

/**
 * Keeps what barcos tells of port calls. An event that is not as agreed is counted, logged and
 * skipped: it would hold up all that follow, and repeating cannot mend it.
 */
export const barcosFeed = ({ metrics, log }: BarcosFeedOptions) => {
  const skip = ({ id, type }: CloudEvent, reason: string): void => {
    metrics.malformedEvents.inc({ type })
    log.warn(
      { 'event.id': id.slice(0, 100), 'event.action': type, 'event.reason': reason },
      'event of barcos is not as agreed, skipped',
    )
  }

  const keep =
    <S extends typeof WholeCall | typeof ChangedCall>(
      schema: S,
      stateOf: (data: Static<S>) => Pick<Static<typeof WholeCall>, 'state'> & {
        portVisitReference?: string | null
      },
    ): EventHandler<Client> =>
    async (event, unit) => {
      const { data, time } = event
      if (!Value.Check(Instant, time)) return skip(event, 'the time is none')
      if (!Value.Check(schema, data)) {
        const [fault] = Value.Errors(schema, data)
        return skip(event, `${fault?.instancePath} ${fault?.message}`)
      }
      const told = data as Static<S> & Static<typeof ChangedCall>
      await keepCall(unit, {
        id: told.portCallId.toLowerCase(),
        unLocationCode: told.UNLocationCode,
        vesselName: told.vesselName,
        vesselImoNumber: told.vesselIMONumber,
        agentOrganization: told.agentOrganization,
        carrierOrganization: told.carrierOrganization,
        terminalOrganization: told.terminalOrganization,
        eta: told.eta === null ? null : new Date(told.eta),
        etd: told.etd === null ? null : new Date(told.etd),
        toldAt: new Date(time),
        ...stateOf(told),
      })
    }

  const whole = keep(WholeCall, ({ state, portVisitReference }) => ({ state, portVisitReference }))
  return defineConsumer<Client>({
    from: 'barcos',
    handlers: {
      'barcos.port-call.announced': whole,
      'barcos.port-call.amended': whole,
      'barcos.port-call.state-changed': keep(ChangedCall, ({ to }) => ({ state: to })),
    },
  })
}
