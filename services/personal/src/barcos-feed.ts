import { defineConsumer } from '@porttrack/shared/events/consumer'
import { EventInstant, eventReading, EventText } from '@porttrack/shared/events/event-reading'
import { type Static, Type } from 'typebox'
import type { Client } from './database.ts'
import { noteCall } from './demand/call-moves.store.ts'
import { demandStates, mostGangs } from './demand/demand.ts'
import { noteOrder } from './demand/demand.store.ts'
import { type FeedReading, Location, nullable } from './feed-reading.ts'

const Uuid = Type.String({ format: 'uuid' })

const order = {
  orderId: Uuid,
  portCallId: Uuid,
  portCallServiceTypeCode: Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,39}$' }),
  portCallPhaseTypeCode: nullable(EventText(10)),
  providerOrganization: EventText(100),
}
const call = {
  portCallId: Uuid,
  UNLocationCode: Location,
  agentOrganization: EventText(100),
  terminalOrganization: nullable(EventText(100)),
  eta: nullable(EventInstant),
}

/** What of barcos' events is used here. */
const RequestedOrder = Type.Object({
  ...order,
  UNLocationCode: Location,
  requestedDateTime: EventInstant,
  quantity: nullable(Type.Integer({ minimum: 1 })),
})
const ChangedOrder = Type.Object({
  ...order,
  serviceDateTime: EventInstant,
  to: Type.Enum(demandStates),
  reason: nullable(EventText(2_000)),
})
const WholeCall = Type.Object({ ...call, state: EventText(30) })
const ChangedCall = Type.Object({ ...call, to: EventText(30) })

type BarcosFeedOptions = FeedReading & { config: { MOVES_PER_GANG: number } }

/** Turns what barcos tells of orders and of calls into demand for people. */
export const barcosFeed = ({ metrics, log, config }: BarcosFeedOptions) => {
  const read = eventReading<Client>({ metrics, log })
  const terms = { movesPerGang: config.MOVES_PER_GANG, by: 'barcos' }
  const toldOfCall = (data: Static<typeof WholeCall> | Static<typeof ChangedCall>) => ({
    portCallId: data.portCallId.toLowerCase(),
    unLocationCode: data.UNLocationCode,
    organization: data.terminalOrganization ?? data.agentOrganization,
    expectedAt: data.eta === null ? null : new Date(data.eta),
    callState: 'state' in data ? data.state : data.to,
  })
  const whole = read(WholeCall, async (data, unit) => {
    const outcome = await noteCall(unit, toldOfCall(data), terms)
    if (outcome !== null) metrics.demandChanges.inc({ outcome })
  })
  return defineConsumer<Client>({
    from: 'barcos',
    handlers: {
      'barcos.service-order.requested': read(RequestedOrder, async (data, unit) => {
        const told = {
          ...identityOf(data),
          startsAt: new Date(data.requestedDateTime),
          state: 'REQUESTED' as const,
          reason: null,
          UNLocationCode: data.UNLocationCode,
          quantity: Math.min(data.quantity ?? 1, mostGangs),
        }
        metrics.demandChanges.inc({ outcome: await noteOrder(unit, told, 'barcos') })
      }),
      'barcos.service-order.state-changed': read(ChangedOrder, async (data, unit) => {
        const told = {
          ...identityOf(data),
          startsAt: new Date(data.serviceDateTime),
          state: data.to,
          reason: data.reason,
        }
        metrics.demandChanges.inc({ outcome: await noteOrder(unit, told, 'barcos') })
      }),
      'barcos.port-call.announced': whole,
      'barcos.port-call.amended': whole,
      'barcos.port-call.state-changed': read(ChangedCall, async (data, unit) => {
        const outcome = await noteCall(unit, toldOfCall(data), terms)
        if (outcome !== null) metrics.demandChanges.inc({ outcome })
      }),
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
