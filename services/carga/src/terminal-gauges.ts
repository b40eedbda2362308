import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { every } from '@porttrack/shared/service/background'
import type { CargaDatabase } from './database.ts'
import { figuresStore } from './figures/figures.store.ts'
import type { metrics } from './metrics.ts'

type TerminalGaugesOptions = { database: CargaDatabase; metrics: Metrics<typeof metrics> }

const hour = 3_600_000

/**
 * Once a minute, what the terminal is like now. Each gauge is read by one statement, however often
 * metrics are collected.
 */
export const terminalGauges = ({ database, metrics }: TerminalGaugesOptions) => {
  const figures = figuresStore({ database })
  return every('terminal gauges', 60_000, async () => {
    const to = new Date()
    const since = (hours: number) => ({
      UNLocationCode: null,
      from: new Date(to.getTime() - hours * hour),
      to,
    })
    const [lastHour, dwell, turns, yards] = await Promise.all([
      figures.moves(since(1)),
      figures.dwell(since(24)),
      figures.turns(since(24)),
      figures.yards(null),
    ])
    metrics.movesLastHour.set(lastHour.moves)
    for (const [gauge, { count, seconds }] of [
      [metrics.meanDwell, dwell],
      [metrics.meanTurn, turns],
    ] as const) {
      if (count > 0) gauge.set({ window: '24h' }, seconds / count)
      else gauge.remove({ window: '24h' })
    }
    // A block that is gone is not shown as it was.
    metrics.yardOccupancy.reset()
    for (const { UNLocationCode, block, slots, taken } of yards) {
      metrics.yardOccupancy.set({ un_location_code: UNLocationCode, block }, taken / slots)
    }
  })
}
