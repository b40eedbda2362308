import type { Database, Unit } from '@porttrack/shared/database/transaction'
import { isDatabaseUnavailable } from '@porttrack/shared/database/unavailable'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { Logger } from '@porttrack/shared/logging/logger'
import { LRUCache } from 'lru-cache'
import type { Tx } from '../database.ts'
import { events } from '../events.ts'
import type { RutasMetrics } from '../metrics.ts'
import type { SeaNetwork } from '../sea-routes/sea-network.ts'
import type { SeaRoute } from '../sea-routes/sea-route.schema.ts'
import type { Fix } from '../targets/fix.ts'
import { readTargets } from '../targets/target.store.ts'
import type { KnownTarget } from '../targets/target.ts'
import { type Entry, journeyOf, type Journey } from './journey.ts'
import {
  type Clock,
  detourChange,
  type Estimate,
  estimateNextCall,
  fixFault,
  isOnItsWay,
  milesFromRoute,
  overdueCall,
  routeBetween,
  seenFromPosition,
} from './outlook.ts'
import {
  type HeldVoyage,
  identityOf,
  type NewEntry,
  type VoyageJournal,
} from './voyage-journal.store.ts'
import { comparisonsOf, isoTime, type KeptEstimate, timeOrNull } from './voyage-view.store.ts'

type WatchOptions = {
  database: Database<Tx>
  journal: VoyageJournal
  seaNetwork: () => Promise<SeaNetwork>
  config: {
    ETA_CHANGE_MINUTES: number
    ETA_TOLERANCE_MINUTES: number
    VOYAGE_LOOK_SECONDS: number
    VOYAGE_OFF_ROUTE_MILES: number
  }
  /** Milliseconds after which a position says nothing of where a ship is. */
  lostAfter: number
  metrics: RutasMetrics
  log: Logger
}

/** Voyages looked after in one pass at most: what is more waits, so that ingest keeps its share. */
const passSize = 20

/** Routes between ports that are remembered; each takes some kilobytes. */
const mostRoutes = 500

const minute = 60_000

/** Looks after the ships of voyages: where they are, when they arrive, whether they are late or off. */
export const voyageWatch = (options: WatchOptions) => {
  const { database, journal, seaNetwork, config, lostAfter, metrics, log } = options
  const routes = new LRUCache<string, { route: SeaRoute | null }>({ max: mostRoutes })

  const plannedRoute = (network: SeaNetwork, from: string, to: string): SeaRoute | null => {
    const key = `${from} ${to}`
    const known = routes.get(key)
    if (known) return known.route
    const route = routeBetween(network, from, to)
    routes.set(key, { route })
    return route
  }

  const detour = (network: SeaNetwork, journey: Journey, fix: Fix): NewEntry[] => {
    const [from, to] = [journey.calls[journey.at], journey.calls[journey.next ?? -1]]
    if (journey.state !== 'UNDERWAY' || !from || !to) return []
    const route = plannedRoute(network, from.UNLocationCode, to.UNLocationCode)
    if (!route) return []
    const nauticalMiles = milesFromRoute(fix, route)
    const kind = detourChange(journey, nauticalMiles, config.VOYAGE_OFF_ROUTE_MILES)
    return kind === null
      ? []
      : [{ kind, time: fix.time, source: 'WATCH', content: { nauticalMiles } }]
  }

  const isNews = ({ call, arrival }: Estimate): boolean =>
    call.estimatedArrival === null ||
    Math.abs(arrival - call.estimatedArrival) >= config.ETA_CHANGE_MINUTES * minute

  const keepEstimate = async (
    { tx, publish }: Unit<Tx>,
    { row }: HeldVoyage,
    estimate: Estimate,
  ): Promise<void> => {
    const { call, arrival, positionAt, declared, distance, speed, reasons } = estimate
    const { transportCallReference, UNLocationCode, portCallId } = call
    const kept: KeptEstimate = {
      transportCallReference,
      arrival,
      estimatedAt: positionAt,
      declared,
      distance,
      speed,
      reasons,
    }
    await tx.voyage.update({
      where: { id: row.id },
      data: { estimate: kept },
    })
    const data = {
      ...identityOf(row),
      transportCallReference,
      UNLocationCode,
      portCallId,
      arrival: isoTime(arrival),
      previous: timeOrNull(call.estimatedArrival),
      positionAt: isoTime(positionAt),
      distance,
      speed,
      reasons: reasons.map(({ code }) => code),
      ...comparisonsOf(kept, call, config.ETA_TOLERANCE_MINUTES),
    }
    publish(eventOf(events, 'rutas.eta.changed', { subject: row.id, data }))
  }

  const look = async (id: string, network: SeaNetwork): Promise<boolean> =>
    database.transaction(async (unit) => {
      const held = await journal.hold(unit, id)
      const { mmsi } = held.row
      const targets = mmsi === null ? null : await readTargets(unit.sql, [Number(mmsi)])
      const target = targets?.get(mmsi ?? '')
      const now = Date.now()
      const fix = freshFix(target, { now, lostAfter })

      const sightings = fix ? seenFromPosition(held.journey, fix, network.ports) : []
      const seen = sightings.map(({ kind, call, time }): NewEntry => ({
        kind,
        time,
        source: 'POSITION',
        content: {
          UNLocationCode: call.UNLocationCode,
          facilityCode: null,
          transportCallReference: null,
          portCallId: null,
        },
      }))
      // What follows is judged by where the ship has come to with it.
      const journey = journeyOf([...held.history, ...numbered(held, seen)], journal.rules)
      const estimate =
        target && fix && isOnItsWay(journey)
          ? estimateNextCall(network, { journey, target, fix, now })
          : null
      const told: NewEntry[] =
        estimate && isNews(estimate)
          ? [
              {
                kind: 'ESTIMATED',
                time: estimate.positionAt,
                source: 'WATCH',
                content: {
                  transportCallReference: estimate.call.transportCallReference,
                  arrival: estimate.arrival,
                },
              },
            ]
          : []
      const overdue = overdueCall(journey, { now, lateMinutes: journal.rules.lateMinutes })
      const missed: NewEntry[] = overdue
        ? [
            {
              kind: 'OVERDUE',
              time: now,
              source: 'WATCH',
              content: { transportCallReference: overdue.transportCallReference },
            },
          ]
        : []
      const off = fix ? detour(network, journey, fix) : []
      const count = await journal.record(unit, held, [...seen, ...told, ...missed, ...off])
      if (estimate && told.length > 0) await keepEstimate(unit, held, estimate)
      return count > 0
    })

  return {
    /**
     * Looks after the ships that it is time for, up to 20 voyages, those that have waited longest first.
     * Several replicas share them.
     */
    pass: async (): Promise<void> => {
      const due = await database.sql<{ id: string }>(
        `UPDATE voyage SET watch_at = now() + $1 * interval '1 second'
         WHERE id IN (SELECT id FROM voyage WHERE watch_at <= now()
                      ORDER BY watch_at LIMIT $2::int FOR UPDATE SKIP LOCKED)
         RETURNING id::text`,
        [config.VOYAGE_LOOK_SECONDS, passSize],
      )
      if (due.length === 0) return
      const network = await seaNetwork()
      for (const { id } of due) {
        try {
          const isChanged = await look(id, network)
          metrics.voyageLooks.inc({ outcome: isChanged ? 'changed' : 'unchanged' })
        } catch (error) {
          if (isDatabaseUnavailable(error)) throw error
          // One voyage must not keep the others waiting; it is looked after again in its turn.
          metrics.voyageLooks.inc({ outcome: 'failed' })
          log.error({ err: error, 'voyage.id': id }, 'a voyage could not be looked after')
        }
      }
    },
  }
}

/** Entries as they will be numbered, to see what they come to. */
const numbered = ({ history }: HeldVoyage, entries: readonly NewEntry[]): Entry[] =>
  entries.map((entry, n) => {
    const number = (history.at(-1)?.number ?? 0) + 1 + n
    return { ...entry, id: `entry ${number}`, number }
  })

/** The last fix of a ship, unless it is too old or from a clock that is ahead. */
const freshFix = (target: KnownTarget | undefined, clock: Clock): Fix | null => {
  const fix = target?.fix ?? null
  return fixFault(fix, clock) === null ? fix : null
}
