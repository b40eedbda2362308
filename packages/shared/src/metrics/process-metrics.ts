import { totalmem } from 'node:os'
import { constrainedMemory } from 'node:process'
import { getHeapStatistics } from 'node:v8'
import type { Database } from '../database/transaction.ts'
import type { Metrics } from './define-metrics.ts'
import type { kitMetrics } from './http-metrics.ts'

/** What the process is and may use: set once, since none of it changes while it lives. */
export const describeProcess = (metrics: Metrics<typeof kitMetrics>, version: string): void => {
  metrics.build.set({ version }, 1)
  metrics.memoryLimit.set(memoryLimit())
  metrics.heapLimit.set(getHeapStatistics().heap_size_limit)
}

/** Reads the pool's counts, which cost nothing, whenever metrics are asked for. */
export const measureConnections = (
  { poolConnections, poolLimit, poolWaiting }: Metrics<typeof kitMetrics>,
  database: Pick<Database, 'connections'>,
): void => {
  const { used, idle, max, waiting } = database.connections()
  poolConnections.set({ state: 'used' }, used)
  poolConnections.set({ state: 'idle' }, idle)
  poolLimit.set(max)
  poolWaiting.set(waiting)
}

/** A container without a limit says 0, or more than any machine has. */
const memoryLimit = (): number => {
  const limit = constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}
