import { defineAccess } from '@porttrack/shared/auth/access'
import { databaseUrlSetting } from '@porttrack/shared/database/connection-url'
import { openPool } from '@porttrack/shared/database/pool'
import { pgDatabase } from '@porttrack/shared/database/transaction'
import type { NewEvent } from '@porttrack/shared/events/outbox'
import { defineService } from '@porttrack/shared/service/define-service'
import { startTestService } from '@porttrack/shared/testing/start-service'
import type { TokenIssuer } from '@porttrack/shared/testing/token-issuer'

/** Nothing of barcos but its feed, with the outbox that the kit gives every service. */
const feedOfBarcos = defineService({
  name: 'barcos',
  title: 'Feed of barcos',
  description: 'Publishes what a test tells it to',
  env: { DATABASE_URL: databaseUrlSetting('PostgreSQL') },
  access: defineAccess({ 'feed:read': { roles: ['admin'], scopes: [], services: ['rutas'] } }),
  metrics: {},
  migrations: new URL('./', import.meta.url),
  open: ({ config, log }) => ({
    database: pgDatabase(openPool({ url: config.DATABASE_URL, log })),
  }),
  database: ({ database }) => database,
})

/** A feed that rutas reads over HTTP, as it reads that of barcos. */
export const startBarcosFeed = async (issuer: TokenIssuer) => {
  const service = await startTestService(feedOfBarcos, { issuer })
  return {
    ...service,
    publish: (...events: NewEvent[]) =>
      service.opened.database.transaction(async (unit) => {
        for (const event of events) unit.publish(event)
      }),
  }
}
