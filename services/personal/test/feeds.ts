import { randomUUID } from 'node:crypto'
import type { NewEvent } from '@porttrack/shared/events/outbox'

/** An order of a service as barcos tells of it. */
export const orderOf = (change: { portCallServiceTypeCode?: string } = {}) => ({
  orderId: randomUUID(),
  portCallId: randomUUID(),
  agentOrganization: 'acme',
  portCallServiceTypeCode: 'TOWAGE',
  portCallPhaseTypeCode: 'INBD',
  providerOrganization: 'tugs',
  ...change,
})
type Order = ReturnType<typeof orderOf>

export const requested = (order: Order, time: string, more: object = {}): NewEvent => ({
  type: 'barcos.service-order.requested',
  subject: order.orderId,
  data: { ...order, UNLocationCode: 'ESALG', requestedDateTime: time, quantity: 1, ...more },
})

export const changedTo = (order: Order, to: string, time: string, more: object = {}): NewEvent => ({
  type: 'barcos.service-order.state-changed',
  subject: order.orderId,
  data: {
    ...order,
    serviceDateTime: time,
    action: 'confirm',
    from: 'REQUESTED',
    to,
    reason: null,
    ...more,
  },
})

const callOf = (portCallId: string) => ({
  portCallId,
  UNLocationCode: 'ESALG',
  agentOrganization: 'acme',
  carrierOrganization: null,
  terminalOrganization: 'terminal-1',
})

/** A port call as barcos tells of it. */
export const announced = (portCallId: string, eta: string | null): NewEvent => ({
  type: 'barcos.port-call.announced',
  subject: portCallId,
  data: { ...callOf(portCallId), eta, state: 'ANNOUNCED' },
})

export const callChangedTo = (portCallId: string, to: string, eta: string): NewEvent => ({
  type: 'barcos.port-call.state-changed',
  subject: portCallId,
  data: { ...callOf(portCallId), eta, from: 'ANNOUNCED', to },
})

/** The moves of a call as carga forecasts them. */
export const forecast = (portCallId: string, load: number, discharge: number): NewEvent => ({
  type: 'carga.moves.forecast',
  subject: portCallId,
  data: { ...callOf(portCallId), load: { total: load }, discharge: { total: discharge } },
})
