import { randomUUID } from 'node:crypto'
import { defineAccess } from '@porttrack/shared/auth/access'
import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { openPool } from '@porttrack/shared/database/pool'
import { pgDatabase } from '@porttrack/shared/database/transaction'
import type { NewEvent } from '@porttrack/shared/events/outbox'
import { defineService } from '@porttrack/shared/service/define-service'
import { startTestService } from '@porttrack/shared/testing/start-service'
import type { TokenIssuer } from '@porttrack/shared/testing/token-issuer'

/** As much of rutas as barcos knows: a service with a feed. */
const rutas = defineService({
  name: 'rutas',
  title: 'Rutas',
  description: 'Publishes what a test tells it to',
  env: { DATABASE_URL: databaseUrlSetting('PostgreSQL') },
  access: defineAccess({ 'feed:read': { roles: [], scopes: [], services: ['barcos'] } }),
  metrics: {},
  migrations: new URL('./', import.meta.url),
  open: ({ config, log }) => ({
    database: pgDatabase(openPool({ url: config.DATABASE_URL, log })),
  }),
  database: ({ database }) => database,
  routes: () => undefined,
})

export type ZoneData = {
  mmsi: string
  imo: string | null
  name: string | null
  zone: {
    id: string
    name: string
    kind: string
    UNLocationCode: string | null
    facilityCode: string | null
  }
  time: string
  position: { lat: number; lon: number }
  stoppedAt?: string | null
}

type Ship = { MMSINumber: string; vesselIMONumber?: string | null }

type Given = { ship: Ship; time: string } & Pick<ZoneData, 'stoppedAt'> & Partial<ZoneData['zone']>

/** A zone event as rutas publishes it; without `stoppedAt` as it once did. */
export const zoneEvent = (
  happening: 'entered' | 'left' | 'stopped',
  kind: string,
  { ship, time, stoppedAt, ...given }: Given,
): NewEvent & { data: ZoneData } => ({
  type: `rutas.zone.${happening}`,
  subject: ship.MMSINumber,
  time,
  data: {
    mmsi: ship.MMSINumber,
    imo: ship.vesselIMONumber ?? null,
    name: 'ALGECIRAS STAR',
    zone: {
      id: randomUUID(),
      name: `A ${kind}`,
      kind,
      UNLocationCode: 'ESALG',
      facilityCode: null,
      ...given,
    },
    time,
    position: { lat: 36.13, lon: -5.43 },
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  },
})

export const startRutas = async (issuer: TokenIssuer) => {
  const service = await startTestService(rutas, { issuer })
  return {
    ...service,
    publish: (...events: NewEvent[]) =>
      service.opened.database.transaction(async ({ publish }) => {
        for (const event of events) publish(event)
      }),
  }
}
