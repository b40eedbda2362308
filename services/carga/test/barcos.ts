import { randomUUID } from 'node:crypto'
import type { NewEvent } from '@porttrack/shared/events/outbox'

const call = (portCallId: string) => ({
  portCallId,
  vesselId: randomUUID(),
  vesselIMONumber: '9074729',
  MMSINumber: '224000001',
  vesselName: 'Algeciras Star',
  agentOrganization: 'acme',
  carrierOrganization: 'globex',
  terminalOrganization: null,
  UNLocationCode: 'ESALG',
  eta: '2026-11-20T10:00:00.000Z',
  etd: null,
})

/** A call's announcement as barcos publishes it. */
export const announced = (portCallId: string, change: object = {}): NewEvent => ({
  type: 'barcos.port-call.announced',
  subject: portCallId,
  data: {
    ...call(portCallId),
    purposes: ['LOADING'],
    portVisitReference: 'ALG-7',
    state: 'ANNOUNCED',
    ...change,
  },
})

/** A change of a call's state as barcos publishes it. */
export const stateChanged = (portCallId: string, to: string, change: object = {}): NewEvent => ({
  type: 'barcos.port-call.state-changed',
  subject: portCallId,
  data: {
    ...call(portCallId),
    action: 'berth',
    from: 'ARRIVED',
    to,
    reason: null,
    occurredAt: null,
    source: 'PERSON',
    berthId: null,
    ...change,
  },
})
