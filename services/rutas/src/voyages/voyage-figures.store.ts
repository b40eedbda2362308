import type { Sql } from '@porttrack/shared/database/transaction'
import { deviationKinds } from './journey.ts'
import { voyageLifecycle, type VoyageState } from './voyage.ts'
import { sightingReader } from './zone-sighting.store.ts'

/** What is done for voyages behind the scenes, as the label `work` names it. */
type VoyageWork = 'look' | 'sighting' | 'trace'

/** A deviation that lasts; a call that was skipped is over when it is known. */
type LastingKind = Exclude<(typeof deviationKinds)[number], 'SKIPPED_CALL'>

type VoyageFigures = {
  /** Voyages that have not ended. */
  byState: Map<VoyageState, number>
  /** Those of them that deviate now. */
  deviating: Map<LastingKind, number>
  /** Seconds that the oldest work which is due has waited, of each kind. */
  lag: Record<VoyageWork, number>
}

/**
 * How voyages stand that go on, and how far what is done for them is behind: by indexes that hold only
 * what goes on or is due, however many voyages have ended.
 */
export const voyageFigures = async (sql: Sql): Promise<VoyageFigures> => {
  const groups = await sql<{ state: VoyageState; deviating: string[]; count: number }>(
    `SELECT state, deviating, count(*)::int AS count FROM voyage
     WHERE watch_at IS NOT NULL GROUP BY state, deviating`,
  )
  const [due] = await sql<{ look: Date | null; trace: Date | null; event: string | null }>(
    `SELECT (SELECT min(watch_at) FROM voyage) AS look, (SELECT min(trace_at) FROM voyage) AS trace,
            (SELECT outbox.id::text FROM kit.outbox AS outbox
             WHERE outbox.position > (SELECT position FROM kit.feed_cursor WHERE source = $1)
             ORDER BY outbox.position LIMIT 1) AS event`,
    [sightingReader],
  )
  const countOf = (counts: (group: (typeof groups)[number]) => boolean): number =>
    groups.filter(counts).reduce((sum, { count }) => sum + count, 0)
  const now = Date.now()
  const secondsSince = (time: number | undefined): number =>
    time === undefined ? 0 : Math.max(0, now - time) / 1_000
  return {
    byState: new Map(
      voyageLifecycle.stateNames
        .filter((state) => !voyageLifecycle.hasEnded(state))
        .map((state) => [state, countOf((group) => group.state === state)]),
    ),
    deviating: new Map(
      deviationKinds
        .filter((kind) => kind !== 'SKIPPED_CALL')
        .map((kind) => [kind, countOf(({ deviating }) => deviating.includes(kind))]),
    ),
    lag: {
      look: secondsSince(due?.look?.getTime()),
      sighting: secondsSince(due?.event ? madeAt(due.event) : undefined),
      trace: secondsSince(due?.trace?.getTime()),
    },
  }
}

/** When an event was written, in milliseconds since 1970: its id is a UUID of version 7 (RFC 9562, 5.7). */
const madeAt = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16)
