import type { Unit } from '@porttrack/shared/database/transaction'
import { defineConsumer } from '@porttrack/shared/events/consumer'
import { EventInstant, eventReading, EventText } from '@porttrack/shared/events/event-reading'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { type Static, Type } from 'typebox'
import type { Client } from './database.ts'
import type { metrics } from './metrics.ts'
import { nullable } from './nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { keepCall } from './port-calls/port-call.store.ts'

const call = {
  portCallId: Type.String({ format: 'uuid' }),
  UNLocationCode: Type.String({ pattern: unLocationCodePattern }),
  vesselName: EventText(200),
  vesselIMONumber: nullable(EventText(20)),
  agentOrganization: EventText(100),
  carrierOrganization: nullable(EventText(100)),
  terminalOrganization: nullable(EventText(100)),
  eta: nullable(EventInstant),
  etd: nullable(EventInstant),
}

/** What of barcos' events is used here. */
const WholeCall = Type.Object({
  ...call,
  state: EventText(30),
  portVisitReference: nullable(EventText(100)),
})
const ChangedCall = Type.Object({ ...call, to: EventText(30) })

type BarcosFeedOptions = { metrics: Metrics<typeof metrics>; log: Logger }

/** Keeps what barcos tells of port calls. */
export const barcosFeed = ({ metrics, log }: BarcosFeedOptions) => {
  const read = eventReading<Client>({ metrics, log })
  const keep = (
    unit: Unit<Client>,
    {
      data,
      time,
      ...told
    }: {
      data: Static<typeof ChangedCall> | Static<typeof WholeCall>
      time: string
      state: string
      portVisitReference?: string | null
    },
  ) =>
    keepCall(unit, {
      id: data.portCallId.toLowerCase(),
      unLocationCode: data.UNLocationCode,
      vesselName: data.vesselName,
      vesselImoNumber: data.vesselIMONumber,
      agentOrganization: data.agentOrganization,
      carrierOrganization: data.carrierOrganization,
      terminalOrganization: data.terminalOrganization,
      eta: data.eta === null ? null : new Date(data.eta),
      etd: data.etd === null ? null : new Date(data.etd),
      toldAt: new Date(time),
      ...told,
    })

  const whole = read(WholeCall, (data, unit, { time }) => {
    const { state, portVisitReference } = data
    return keep(unit, { data, time, state, portVisitReference })
  })
  return defineConsumer<Client>({
    from: 'barcos',
    handlers: {
      'barcos.port-call.announced': whole,
      'barcos.port-call.amended': whole,
      'barcos.port-call.state-changed': read(ChangedCall, (data, unit, { time }) =>
        keep(unit, { data, time, state: data.to }),
      ),
    },
  })
}
