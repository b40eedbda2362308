import type { FastifyPluginAsync } from 'fastify'
import type { Grant } from '../auth/access.ts'
import type { Database } from '../database/transaction.ts'
import type { EventTable } from '../events/define-events.ts'
import type { Cursors } from '../http/pagination.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/define-metrics.ts'
import type { kitMetrics } from '../metrics/http-metrics.ts'
import { every } from '../service/background.ts'
import type { BackgroundJob } from '../service/define-service.ts'
import type { KitConfig } from '../service/env.ts'
import { deliverWebhooks } from './deliver.ts'
import { deliveryQueue } from './delivery-queue.ts'
import { deliveryStore } from './delivery.store.ts'
import { createDestinations } from './destinations.ts'
import { createSecretBox } from './secret-box.ts'
import { webhookRoutes } from './webhook.routes.ts'
import { webhookStore } from './webhook.store.ts'

type WebhooksOptions = {
  service: string
  events: EventTable
  access: { readonly grants: Readonly<Record<string, Grant>> }
  database: Database
  cursors: Cursors
  config: KitConfig
  log: Logger
  metrics: Metrics<typeof kitMetrics>
}

/** A service's webhooks: how they are managed, and the work behind them. */
export type Webhooks = {
  routes: FastifyPluginAsync
  jobs: readonly BackgroundJob[]
  close: () => Promise<void>
}

/** @throws when the settings lack the key, or do not hold what they should */
export const openWebhooks = (options: WebhooksOptions): Webhooks => {
  const { service, events, access, database, cursors, config, log, metrics } = options
  const { sql } = database
  const timeoutMs = config.WEBHOOK_TIMEOUT_SECONDS * 1_000
  if (!config.WEBHOOK_KEY) {
    throw new Error('WEBHOOK_KEY is missing, which a service with events needs')
  }
  const secretBox = createSecretBox(config.WEBHOOK_KEY)
  const destinations = createDestinations({ allowed: config.WEBHOOK_ALLOWED_NETWORKS, timeoutMs })
  const webhooks = webhookStore({ sql, cursors, secretBox })
  const deliveries = deliveryStore({ sql, cursors, service })
  const queue = deliveryQueue(sql)
  return {
    routes: async (app) => {
      await app.register(webhookRoutes, {
        database,
        events,
        access,
        webhooks,
        deliveries,
        destinations,
        secretBox,
      })
    },
    jobs: [
      deliverWebhooks({
        service,
        events,
        queue,
        destinations,
        secretBox,
        log,
        metrics,
        settings: {
          timeoutMs,
          schedule: config.WEBHOOK_RETRY_SECONDS.split(',').map(Number),
          disableAfter: config.WEBHOOK_DISABLE_HOURS * 3_600,
        },
      }),
      every('measure webhooks', 15_000, async () => {
        const { pending, due, states } = await queue.measure()
        metrics.webhookPending.set(pending)
        metrics.webhookDue.set(due)
        metrics.webhooks.reset()
        for (const { state, count } of states) metrics.webhooks.set({ state }, count)
      }),
      every('seal webhook secrets anew', 3_600_000, () => webhooks.sealAnew()),
    ],
    close: () => destinations.agent.destroy(),
  }
}
