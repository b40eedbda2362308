import { randomUUID } from 'node:crypto'
import { defineAccess } from '@porttrack/shared/auth/access'
import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { openPool } from '@porttrack/shared/database/pool'
import { pgDatabase } from '@porttrack/shared/database/transaction'
import type { NewEvent } from '@porttrack/shared/events/outbox'
import { defineService } from '@porttrack/shared/service/define-service'
import { startTestService } from '@porttrack/shared/testing/start-service'
import type { TokenIssuer } from '@porttrack/shared/testing/token-issuer'

/** As much of another service as personal knows: one with a feed. */
const feedOf = (name: 'barcos' | 'carga') =>
  defineService({
    name,
    title: name,
    description: 'Publishes what a test tells it to',
    env: { DATABASE_URL: databaseUrlSetting('PostgreSQL') },
    access: defineAccess({ 'feed:read': { roles: [], scopes: [], services: ['personal'] } }),
    metrics: {},
    migrations: new URL('./', import.meta.url),
    open: ({ config, log }) => ({
      database: pgDatabase(openPool({ url: config.DATABASE_URL, log })),
    }),
    database: ({ database }) => database,
    routes: () => undefined,
  })

export const startFeed = async (name: 'barcos' | 'carga', issuer: TokenIssuer) => {
  const service = await startTestService(feedOf(name), { issuer })
  return {
    ...service,
    publish: (...events: NewEvent[]) =>
      service.opened.database.transaction(async ({ publish }) => {
        for (const event of events) publish(event)
      }),
  }
}

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
