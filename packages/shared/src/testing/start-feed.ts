import { defineAccess } from '../auth/access.ts'
import { databaseUrlSetting } from '../database/connection-url.ts'
import { openPool } from '../database/pool.ts'
import { pgDatabase } from '../database/transaction.ts'
import type { NewEvent } from '../events/outbox.ts'
import { defineService } from '../service/define-service.ts'
import { startTestService } from './start-service.ts'
import type { TokenIssuer } from './token-issuer.ts'

type FeedOptions = {
  issuer: TokenIssuer
  /** The service that reads it. */
  reader: string
}

/** As much of another service as one that reads it knows: its feed, with what a test publishes. */
export const startFeed = async (name: string, { issuer, reader }: FeedOptions) => {
  const feed = defineService({
    name,
    title: name,
    description: 'Publishes what a test tells it to',
    env: { DATABASE_URL: databaseUrlSetting('PostgreSQL') },
    access: defineAccess({ 'feed:read': { roles: [], scopes: [], services: [reader] } }),
    metrics: {},
    migrations: new URL('./', import.meta.url),
    open: ({ config, log }) => ({
      database: pgDatabase(openPool({ url: config.DATABASE_URL, log })),
    }),
    database: ({ database }) => database,
  })
  const service = await startTestService(feed, { issuer })
  return {
    ...service,
    publish: (...events: NewEvent[]) =>
      service.opened.database.transaction(async ({ publish }) => {
        for (const event of events) publish(event)
      }),
  }
}
