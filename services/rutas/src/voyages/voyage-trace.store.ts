import type { Database } from '@porttrack/shared/database/transaction'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { VoyageSpans, VoyageStretch } from '@porttrack/shared/tracing/voyage-spans'
import type { PrismaClient } from '../database.ts'
import type { RutasMetrics } from '../metrics.ts'
import { journeyOf, type JourneyRules } from './journey.ts'
import { entryOf } from './voyage-journal.store.ts'
import { digestOf, type Stretch, stretchesOf, withdrawnStretch } from './voyage-stretches.ts'

type TraceOptions = {
  prisma: PrismaClient
  database: Pick<Database, 'sql'>
  spans: VoyageSpans
  rules: JourneyRules
  metrics: RutasMetrics
  log: Logger
}

/** Voyages sent in one pass at most. */
const passSize = 20

/** Seconds after which a voyage is sent again that a collector has not taken, or a process was killed over. */
const retrySeconds = 60

/** What is kept of a stretch that was withdrawn, in place of its digest. */
const withdrawn = 'withdrawn'

/** Brings the traces of voyages up to what the voyages have come to. */
export const voyageTraces = ({ prisma, database, spans, rules, metrics, log }: TraceOptions) => {
  /** @returns whether the collector has taken all there was */
  const send = async (id: string): Promise<boolean> => {
    const row = await prisma.voyage.findUnique({
      where: { id },
      include: { entries: { orderBy: { number: 'asc' } }, spans: true },
    })
    if (!row) return true
    const history = row.entries.map((entry) => ({
      entry: entryOf(entry),
      traceparent: entry.traceparent,
    }))
    const journey = journeyOf(
      history.map(({ entry }) => entry),
      rules,
    )
    const fresh = changesOf(row.spans, stretchesOf(row, { journey, history }), (key) =>
      withdrawnStretch(row, key, Date.now()),
    )
    if (fresh.length === 0) return true
    try {
      await spans.send(
        id,
        fresh.map(({ stretch }) => stretch),
      )
    } catch (error) {
      metrics.voyageExports.inc({ outcome: 'failed' }, fresh.length)
      log.warn(
        { err: error, 'voyage.id': id },
        'the collector has not taken a voyage, trying again',
      )
      return false
    }
    metrics.voyageExports.inc({ outcome: 'sent' }, fresh.length)
    for (const { stretch, digest } of fresh) {
      const { key, revision } = stretch
      const columns = { revision, digest, exportedAt: new Date() }
      await prisma.voyageSpan.upsert({
        where: { voyageId_key: { voyageId: id, key } },
        create: { voyageId: id, key, ...columns },
        update: columns,
      })
    }
    return true
  }

  return {
    /**
     * Sends what has changed, those that have waited longest first. A voyage stays due until the collector
     * has taken it: one that is killed meanwhile sends the same spans again. Stops at the first that is not
     * taken, since the collector is away then.
     */
    pass: async (): Promise<void> => {
      const due = await database.sql<{ id: string; claim: string }>(
        `UPDATE voyage SET trace_at = now() + $1 * interval '1 second'
         WHERE id IN (SELECT id FROM voyage WHERE trace_at <= now()
                      ORDER BY trace_at LIMIT $2::int FOR UPDATE SKIP LOCKED)
         RETURNING id::text, trace_at::text AS claim`,
        [retrySeconds, passSize],
      )
      for (const { id, claim } of due) {
        if (!(await send(id))) return
        // What has changed meanwhile has another time, and stays due.
        await database.sql(
          'UPDATE voyage SET trace_at = NULL WHERE id = $1::uuid AND trace_at = $2::timestamptz',
          [id, claim],
        )
      }
    },
  }
}

type Sent = { key: string; revision: number; digest: string }
type Fresh = { stretch: VoyageStretch; digest: string }

/** What a collector lacks: stretches that are new or say something else, and those that are none any more. */
const changesOf = (
  sent: readonly Sent[],
  stretches: readonly Stretch[],
  withdraw: (key: string) => Stretch,
): Fresh[] => {
  const known = new Map(sent.map((each) => [each.key, each]))
  const present = new Set(stretches.map(({ key }) => key))
  const next = (key: string): number => (known.get(key)?.revision ?? 0) + 1
  const changed = stretches.flatMap((stretch): Fresh[] => {
    const digest = digestOf(stretch)
    if (known.get(stretch.key)?.digest === digest) return []
    return [{ stretch: { ...stretch, revision: next(stretch.key) }, digest }]
  })
  const gone = sent.filter(({ key, digest }) => !present.has(key) && digest !== withdrawn)
  return [
    ...changed,
    ...gone.map(({ key }) => ({
      stretch: { ...withdraw(key), revision: next(key) },
      digest: withdrawn,
    })),
  ]
}
