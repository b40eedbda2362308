import type { Sql } from '../database/transaction.ts'
import type { Metrics } from '../metrics/define-metrics.ts'
import type { kitMetrics } from '../metrics/http-metrics.ts'
import { every } from '../service/background.ts'

/** How often the newest event is looked up, in milliseconds: as often as metrics are collected. */
const interval = 15_000

/** Tells how far the own feed has come, beside which its consumers' positions can be laid. */
export const measureFeed = (sql: Sql, { feedPublished }: Metrics<typeof kitMetrics>) =>
  every('feed position', interval, async () => {
    const [row] = await sql<{ newest: string }>(
      `SELECT greatest(max(position), (SELECT trimmed_to FROM kit.feed_epoch))::text AS newest
       FROM kit.outbox`,
    )
    feedPublished.set(Number(row?.newest ?? 0))
  })
