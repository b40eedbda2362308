import { defineConsumer } from '@porttrack/shared/events/consumer'
import { type Static, Type } from 'typebox'
import type { Client } from './database.ts'
import { noteCall } from './demand/call-moves.store.ts'
import { demandStates, mostGangs } from './demand/demand.ts'
import { noteOrder } from './demand/demand.store.ts'
import { type FeedReading, Instant, Location, nullable, reading, Text } from './feed-reading.ts'

const Uuid = Type.String({ format: 'uuid' })

const order = {
  orderId: Uuid,
  portCallId: Uuid,
  portCallServiceTypeCode: Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,39}$' }),
  portCallPhaseTypeCode: nullable(Text(10)),
  providerOrganization: Text(100),
}
const call = {
  portCallId: Uuid,
  UNLocationCode: Location,
  agentOrganization: Text(100),
  terminalOrganization: nullable(Text(100)),
  eta: nullable(Instant),
}

/** What of barcos' events is used here. */
const RequestedOrder = Type.Object({
  ...order,
  UNLocationCode: Location,
  requestedDateTime: Instant,
  quantity: nullable(Type.Integer({ minimum: 1 })),
})
const ChangedOrder = Type.Object({
  ...order,
  serviceDateTime: Instant,
  to: Type.Enum(demandStates),
  reason: nullable(Text(2_000)),
})
const WholeCall = Type.Object({ ...call, state: Text(30) })
const ChangedCall = Type.Object({ ...call, to: Text(30) })

type BarcosFeedOptions = FeedReading & { config: { MOVES_PER_GANG: number } }

/** Turns what barcos tells of orders and of calls into demand for people. */
export const barcosFeed = ({ metrics, log, config }: BarcosFeedOptions) => {
  const read = reading({ metrics, log })
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
