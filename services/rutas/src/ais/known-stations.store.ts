import type { Sql } from '@porttrack/shared/database/transaction'
import { LRUCache } from 'lru-cache'
import { inTurns } from '../in-turns.ts'
import { readTargets } from '../targets/target.store.ts'
import { mmsiText } from '../targets/target.ts'
import { readPresences } from '../zones/presence.store.ts'
import { HeardStation, type Station } from './heard-station.ts'
import type { IncomingMessage } from './intake.ts'

/** Stations of one group of messages, by MMSI. */
type Group = ReadonlyMap<number, HeardStation>

/** Messages whose stations are recalled before others have their turn. */
const stretch = 2_000

/** What is known of stations: those heard of last in memory, the others in the database. */
export class KnownStations {
  readonly #stations: LRUCache<number, Station>
  /** Of groups that are not committed: whatever is forgotten of these the database cannot tell. */
  readonly #underWay = new Set<Group>()

  /** @param most stations that are remembered, at most */
  constructor(most: number) {
    this.#stations = new LRUCache({ max: most })
  }

  /** Stations that are remembered. */
  get size(): number {
    return this.#stations.size
  }

  /** The stations of these messages, read where they are not remembered. */
  async recall(sql: Sql, messages: readonly IncomingMessage[]): Promise<Map<number, HeardStation>> {
    const group = new Map<number, HeardStation>()
    const missing = new Set<number>()
    for await (const some of inTurns(messages, stretch)) {
      for (const { mmsi } of some) {
        if (mmsi === null || group.has(mmsi) || missing.has(mmsi)) continue
        const station = this.#stations.get(mmsi) ?? this.#ofGroupUnderWay(mmsi)
        if (station) group.set(mmsi, new HeardStation(mmsi, station))
        else missing.add(mmsi)
      }
    }
    if (missing.size > 0) {
      for (const [mmsi, station] of await read(sql, [...missing])) {
        this.#stations.set(mmsi, station)
        group.set(mmsi, new HeardStation(mmsi, station))
      }
    }
    return group
  }

  /** Takes over what a group has changed. Until it is `committed` the database does not know of it. */
  learn(group: Group): void {
    for (const station of group.values()) station.remember()
    this.#underWay.add(group)
  }

  /** From now on the database can tell what a group has changed. */
  committed(group: Group): void {
    this.#underWay.delete(group)
  }

  #ofGroupUnderWay(mmsi: number): Station | undefined {
    for (const group of this.#underWay) {
      const station = group.get(mmsi)?.station
      if (!station) continue
      this.#stations.set(mmsi, station)
      return station
    }
    return undefined
  }
}

const read = async (sql: Sql, mmsis: readonly number[]): Promise<Map<number, Station>> => {
  const targets = await readTargets(sql, mmsis)
  const presences = await readPresences(sql, mmsis)
  return new Map(
    mmsis.map((number) => {
      const mmsi = mmsiText(number)
      return [number, { target: targets.get(mmsi) ?? null, presences: presences.get(mmsi) ?? [] }]
    }),
  )
}
