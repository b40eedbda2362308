import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import { every } from '@porttrack/shared/service/background'
import type { BarcosDatabase } from './database.ts'
import type { CallDay } from './figures/figures.ts'
import { figuresStore } from './figures/figures.store.ts'
import type { metrics } from './metrics.ts'
import { inPort } from './port-calls/port-call.ts'
import { sources } from './reporter.ts'

type PortGaugesOptions = {
  database: BarcosDatabase
  metrics: Metrics<typeof metrics>
  config: { ON_TIME_TOLERANCE_SECONDS: number }
}

const hour = 3_600_000

/**
 * Once a minute, what the port is like now. Each gauge is read by one statement, however often metrics
 * are collected.
 */
export const portGauges = ({ database, metrics, config }: PortGaugesOptions) => {
  const figures = figuresStore({ database })
  return every('port gauges', 60_000, async () => {
    const now = new Date()
    const before = (hours: number) => new Date(now.getTime() - hours * hour)
    const [ships, berths, calls, expected, orphans] = await Promise.all([
      figures.shipsInPort(),
      figures.berthsNow(),
      figures.callDays(
        [
          { date: 'earlier', from: before(7 * 24), to: before(24) },
          { date: 'last day', from: before(24), to: now },
        ],
        {
          UNLocationCode: null,
          visibility: 'all',
          toleranceSeconds: config.ON_TIME_TOLERANCE_SECONDS,
        },
      ),
      figures.callsExpected(),
      figures.orphans(),
    ])
    for (const state of inPort) {
      metrics.shipsInPort.set({ state }, ships.find((each) => each.state === state)?.ships ?? 0)
    }
    // A berth that is gone, or has another code, is not shown as it was.
    metrics.berthOccupancy.reset()
    for (const { UNLocationCode, code, occupancy } of berths) {
      metrics.berthOccupancy.set({ un_location_code: UNLocationCode, berth: code }, occupancy)
    }
    metrics.callsExpected.reset()
    for (const { UNLocationCode, calls: due } of expected) {
      metrics.callsExpected.set({ un_location_code: UNLocationCode }, due)
    }
    for (const source of sources) {
      const open = orphans.find((each) => each.source === source)?.orphans ?? 0
      metrics.openOrphans.set({ source }, open)
    }
    setMeans(
      metrics,
      '24h',
      calls.filter(({ date }) => date === 'last day'),
    )
    setMeans(metrics, '7d', calls)
  })
}

const setMeans = (
  { meanWaiting, meanIdle, onTime }: Metrics<typeof metrics>,
  window: string,
  calls: readonly CallDay[],
): void => {
  const sum = (name: Exclude<keyof CallDay, 'date' | 'berthId'>): number =>
    calls.reduce((total, each) => total + each[name], 0)
  for (const [gauge, part, whole] of [
    [meanWaiting, sum('waitingSeconds'), sum('waitingCalls')],
    [meanIdle, sum('idleSeconds'), sum('idleCalls')],
    [onTime, sum('onTime'), sum('due')],
  ] as const) {
    if (whole > 0) gauge.set({ window }, part / whole)
    else gauge.remove({ window })
  }
}
