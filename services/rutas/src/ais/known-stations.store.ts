import type { Sql } from '@porttrack/shared/database/transaction'
import { LRUCache } from 'lru-cache'
import { mmsiText, readTargets } from '../targets/target.store.ts'
import type { KnownTarget } from '../targets/target.ts'
import { readPresences } from '../zones/presence.store.ts'
import type { Presence } from '../zones/presence.ts'

/** A station's target, null while none is known, and the ship's stays in zones. */
type Station = { target: KnownTarget | null; presences: readonly Presence[] }

const none: readonly Presence[] = []

/** What is known of stations: those heard of last in memory, the others in the database. */
export class KnownStations {
  readonly #stations: LRUCache<number, Station>

  /** @param most stations that are remembered, at most */
  constructor(most: number) {
    this.#stations = new LRUCache({ max: most })
  }

  /** Stations that are remembered. */
  get size(): number {
    return this.#stations.size
  }

  /** Targets and stays of these stations, read where they are not remembered. */
  async recall(
    sql: Sql,
    mmsis: Iterable<number>,
  ): Promise<{
    targets: Map<string, KnownTarget>
    presences: Map<string, readonly Presence[]>
  }> {
    const all = [...mmsis]
    const missing = all.filter((mmsi) => !this.#stations.has(mmsi))
    if (missing.length > 0) await this.#read(sql, missing)
    const targets = new Map<string, KnownTarget>()
    const presences = new Map<string, readonly Presence[]>()
    for (const each of all) {
      const station = this.#stations.get(each)
      if (!station?.target) continue
      const { mmsi } = station.target
      targets.set(mmsi, station.target)
      if (station.presences.length > 0) presences.set(mmsi, station.presences)
    }
    return { targets, presences }
  }

  /** Takes over what messages have changed. */
  learn(
    targets: ReadonlyMap<string, KnownTarget>,
    presences: ReadonlyMap<string, readonly Presence[]>,
  ): void {
    for (const [mmsi, target] of targets) {
      const before = this.#stations.get(Number(mmsi))?.presences ?? none
      this.#stations.set(Number(mmsi), { target, presences: presences.get(mmsi) ?? before })
    }
  }

  async #read(sql: Sql, mmsis: readonly number[]): Promise<void> {
    const targets = await readTargets(sql, mmsis)
    const presences = await readPresences(sql, mmsis)
    for (const number of mmsis) {
      const mmsi = mmsiText(number)
      const target = targets.get(mmsi) ?? null
      this.#stations.set(number, { target, presences: presences.get(mmsi) ?? none })
    }
  }
}
