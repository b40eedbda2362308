import { setTimeout as sleep } from 'node:timers/promises'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { RutasMetrics } from '../metrics.ts'
import { type IngestAnswer, mostNamed } from './ais.schema.ts'
import type { Batch, BatchOutcome, KeptPart } from './batch.ts'
import {
  createIntake,
  describeRejection,
  type IncomingMessage,
  type FeedFormat,
  type RejectionReason,
} from './intake.ts'
import { createSourceLabels } from './source-labels.ts'

/** Messages in one transaction, at most. */
const batchSize = 2_000

/** Bytes that are decoded between two looks at the batch: some thousand lines. */
const sliceSize = 65_536

/** A batch that does not fill is written when its first message is this old, in milliseconds. */
const longestGathering = 500

/** A sender that says nothing for this long in the middle of a request is cut, in milliseconds. */
const longestSilence = 60_000

/** What ingest needs of the database. */
export type IngestStore = {
  keptParts: (sender: string) => Promise<{ parts: KeptPart[]; expired: string[] }>
  write: (batch: Batch) => Promise<BatchOutcome>
}

export type IngestMetrics = Pick<
  RutasMetrics,
  | 'messages'
  | 'sourceMessages'
  | 'duplicates'
  | 'rejected'
  | 'ignored'
  | 'quarantined'
  | 'batchDuration'
  | 'ingestDelay'
  | 'zoneEvents'
>

/** The body of a request was more than it may be. */
export class BodyTooLargeError extends Error {}

/** The sender fell silent in the middle of a request. */
export class SenderSilentError extends Error {}

/** Bytes as they came, and from which station, where the way they came by says so. */
export type Arrival = { bytes: Uint8Array; station: string | null }

export type Feed = {
  /** Who sends: parts of different senders are never joined. */
  sender: string
  /** What the sender is called in metrics. */
  source: string
  format: FeedFormat
  arrivals: AsyncIterator<Arrival>
  /** Largest number of bytes. */
  limit: number
  /** Longest silence in milliseconds; a minute unless given. */
  silence?: number
  /**
   * For senders that cannot be asked to come again: as long as it is not aborted, what the database
   * does not take is tried again, and nothing more is read meanwhile. Once it is, each is tried once.
   */
  persistUntil?: AbortSignal
}

/**
 * Takes AIS in: bytes become messages, messages batches, each batch one transaction. Nothing more is
 * read while a batch is written, so memory does not grow with the input; a sender that is faster than
 * the database waits. Batches of one process take turns here, those of several by a lock in the
 * database.
 */
export const createIngest = ({
  store,
  metrics,
  keepDays,
}: {
  store: IngestStore
  metrics: IngestMetrics
  /** Days for which messages are kept; older ones are rejected. */
  keepDays: number
}) => {
  const takeTurn = createTurns()
  const labelOf = createSourceLabels()

  const write = (batch: Batch, source: string): Promise<BatchOutcome> =>
    takeTurn(async () => {
      const observe = metrics.batchDuration.startTimer()
      const outcome = await store.write(batch)
      observe()
      for (const { type } of batch.messages) metrics.messages.inc({ type: String(type) })
      for (const labels of outcome.zoneEvents) metrics.zoneEvents.inc(labels)
      metrics.sourceMessages.inc({ source }, batch.messages.length)
      metrics.duplicates.inc(outcome.duplicates)
      metrics.quarantined.inc(outcome.quarantined)
      return outcome
    })

  return {
    /**
     * Takes one request in, and answers once all of it is durable. When it throws, what was committed
     * before stays, and a resend stores nothing twice.
     *
     * @throws BodyTooLargeError, SenderSilentError, and what the store throws
     */
    take: async (feed: Feed): Promise<IngestAnswer> => {
      const { sender, format, arrivals, limit, silence = longestSilence, persistUntil } = feed
      const persist = persistUntil ? persistently(persistUntil) : once
      const source = labelOf(feed.source)
      const kept = await persist(() => store.keptParts(sender))
      metrics.rejected.inc({ source, reason: 'incomplete-message' }, kept.expired.length)
      const answer = emptyAnswer()
      let gathered: IncomingMessage[] = []
      let gatheredSince = 0
      let dropped: ReadonlySet<string> = new Set()
      let received = 0

      const intake = createIntake(
        { format, restored: kept.parts.map(({ part }) => part), now: Date.now(), keepDays },
        {
          onMessage: (incoming) => {
            if (gathered.length === 0) gatheredSince = performance.now()
            gathered.push(incoming)
            if (incoming.ownTime) {
              const delay = Math.max(0, incoming.arrival - incoming.time)
              metrics.ingestDelay.observe({ source }, delay / 1_000)
            }
          },
          onIgnored: () => {
            answer.ignored += 1
            metrics.ignored.inc()
          },
          onRejected: (reason, line) => {
            metrics.rejected.inc({ source, reason })
            if (line !== null) name(answer, reason, line)
          },
        },
      )
      const flush = async (keep: boolean): Promise<void> => {
        const messages = gathered
        gathered = []
        const { parts, restored } = intake.waiting()
        const useless = kept.parts.flatMap(({ id }, place) => (restored.has(place) ? [] : [id]))
        const partsToDrop = [...useless, ...kept.expired].filter((id) => !dropped.has(id))
        const partsToKeep = keep ? parts : []
        if (keep) answer.pending = parts.length
        if (messages.length + partsToKeep.length + partsToDrop.length === 0) return
        const batch = { sender, messages, partsToKeep, partsToDrop }
        const outcome = await persist(() => write(batch, source))
        dropped = new Set([...dropped, ...partsToDrop])
        answer.stored += outcome.stored
        answer.duplicates += outcome.duplicates
        answer.accepted += outcome.stored + outcome.duplicates
      }

      for (;;) {
        const next = arrivals.next()
        // Met below; but should a batch fail first, nobody waits for it any more.
        next.catch(() => undefined)
        if (gathered.length > 0) {
          const left = gatheredSince + longestGathering - performance.now()
          if (left <= 0 || (await inTime(next, left)) === 'late') await flush(false)
        }
        const chunk = await inTime(next, silence)
        if (chunk === 'late') throw new SenderSilentError()
        if (chunk.done === true) break
        const { bytes, station } = chunk.value
        received += bytes.byteLength
        if (received > limit) throw new BodyTooLargeError()
        for (const slice of slicesOf(bytes)) {
          intake.push(slice, Date.now(), station)
          if (gathered.length >= batchSize) await flush(false)
        }
      }
      intake.end(Date.now())
      await flush(true)
      return answer
    },
  }
}

export type Ingest = ReturnType<typeof createIngest>

/** Pause before the first attempt after one that failed, and the longest, in milliseconds. */
const retryPauses = { first: 250, longest: 5_000 }

const once = <T>(work: () => Promise<T>): Promise<T> => work()

/** Tries again what the database did not take, until `end`; then once more. */
const persistently =
  (end: AbortSignal) =>
  async <T>(work: () => Promise<T>): Promise<T> => {
    for (let wait = retryPauses.first; ; wait = Math.min(wait * 2, retryPauses.longest)) {
      try {
        return await work()
      } catch (error) {
        if (end.aborted || !(error instanceof ProblemError && error.kind.status === 503))
          throw error
      }
      await sleep(wait, undefined, { signal: end }).catch(() => undefined)
    }
  }

const emptyAnswer = (): IngestAnswer => ({
  accepted: 0,
  stored: 0,
  duplicates: 0,
  ignored: 0,
  pending: 0,
  rejected: [],
  rejectedCount: 0,
  rejectedByReason: {},
})

const name = (answer: IngestAnswer, reason: RejectionReason, line: number): void => {
  answer.rejectedCount += 1
  answer.rejectedByReason[reason] = (answer.rejectedByReason[reason] ?? 0) + 1
  if (answer.rejected.length < mostNamed) {
    answer.rejected.push({ line, reason, detail: describeRejection(reason) })
  }
}

/** What the network hands over at once may be any size. */
const slicesOf = (chunk: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(chunk.byteLength / sliceSize) }, (_, n) =>
    chunk.subarray(n * sliceSize, (n + 1) * sliceSize),
  )

const inTime = async <T>(work: Promise<T>, milliseconds: number): Promise<T | 'late'> => {
  const alarm = new AbortController()
  const late = sleep(milliseconds, 'late' as const, { signal: alarm.signal }).catch(
    () => 'late' as const,
  )
  try {
    return await Promise.race([work, late])
  } finally {
    alarm.abort()
  }
}

/** Carries out one piece of work after the other, in the order they came. */
const createTurns = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }
}
