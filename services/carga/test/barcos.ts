import { randomUUID } from 'node:crypto'
import { defineAccess } from '@porttrack/shared/auth/access'
import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { openPool } from '@porttrack/shared/database/pool'
import { pgDatabase } from '@porttrack/shared/database/transaction'
import type { NewEvent } from '@porttrack/shared/events/outbox'
import { defineService } from '@porttrack/shared/service/define-service'
import { startTestService } from '@porttrack/shared/testing/start-service'
import type { TokenIssuer } from '@porttrack/shared/testing/token-issuer'

/** As much of barcos as carga knows: a service with a feed. */
const barcos = defineService({
  name: 'barcos',
  title: 'Barcos',
  description: 'Publishes what a test tells it to',
  env: { DATABASE_URL: databaseUrlSetting('PostgreSQL') },
  access: defineAccess({ 'feed:read': { roles: [], scopes: [], services: ['carga'] } }),
  metrics: {},
  migrations: new URL('./', import.meta.url),
  open: ({ config, log }) => ({
    database: pgDatabase(openPool({ url: config.DATABASE_URL, log })),
  }),
  database: ({ database }) => database,
  routes: () => undefined,
})

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

export const startBarcos = async (issuer: TokenIssuer) => {
  const service = await startTestService(barcos, { issuer })
  return {
    ...service,
    publish: (...events: NewEvent[]) =>
      service.opened.database.transaction(async ({ publish }) => {
        for (const event of events) publish(event)
      }),
  }
}
