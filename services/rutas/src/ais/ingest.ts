import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { type Language, languages } from '@porttrack/shared/http/language'
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

/** Messages in one batch, at most. */
const batchSize = 2_000

/** Batches of one sender that may be on their way to the database. */
const mostUnderWay = 60

/** Bytes that are decoded at once, some two hundred lines: then others get their turn. */
const sliceSize = 16_384

/** A batch that does not fill is written when its first message is this old, in milliseconds. */
const longestGathering = 250

/** A sender that says nothing for this long in the middle of a request is cut, in milliseconds. */
const longestSilence = 60_000

/** Where batches become durable. */
export type IngestSink = {
  keptParts: (sender: string) => Promise<{ parts: KeptPart[]; expired: string[] }>
  /** Resolves when there is room for another batch. */
  room: () => Promise<void> | undefined
  /** Resolves once a batch is durable; those of one sender become so in their order. */
  take: (batch: Batch, persistUntil: AbortSignal | null) => Promise<BatchOutcome>
}

type IngestMetrics = Pick<
  RutasMetrics,
  'messages' | 'sourceMessages' | 'repeated' | 'rejected' | 'ignored' | 'ingestDelay'
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
  /** Of the answer’s reasons; the first of all unless given. */
  language?: Language
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
 * Takes AIS in: bytes become messages, and messages batches. A sender whose batches have not become
 * durable is not read from beyond some of them, and none is when too many wait altogether, so memory
 * does not grow with the input.
 */
export const createIngest = ({
  sink,
  metrics,
  keepDays,
}: {
  sink: IngestSink
  metrics: IngestMetrics
  /** Days for which messages are kept; older ones are rejected. */
  keepDays: number
}) => {
  const labelOf = createSourceLabels()

  const count = (messages: readonly IncomingMessage[], source: string): void => {
    const types = new Map<number, number>()
    for (const { type } of messages) types.set(type, (types.get(type) ?? 0) + 1)
    for (const [type, number] of types) metrics.messages.inc({ type: String(type) }, number)
    metrics.sourceMessages.inc({ source }, messages.length)
  }

  /** Of one message a batch: those of a batch came together, and to tell of each costs as much as it. */
  const observeDelay = (messages: readonly IncomingMessage[], source: string): void => {
    const timed = messages.find(({ ownTime }) => ownTime)
    if (!timed) return
    metrics.ingestDelay.observe({ source }, Math.max(0, timed.arrival - timed.time) / 1_000)
  }

  return {
    /**
     * Takes one request in, and answers once all of it is durable. When it throws, what was committed
     * before stays, and a resend stores nothing twice.
     *
     * @throws BodyTooLargeError, SenderSilentError, and what the sink throws
     */
    take: async (feed: Feed): Promise<IngestAnswer> => {
      const { sender, format, arrivals, limit, silence = longestSilence, persistUntil } = feed
      const { language = languages[0] } = feed
      const persist = persistUntil ? persistently(persistUntil) : once
      const source = labelOf(feed.source)
      const kept = await persist(() => sink.keptParts(sender))
      metrics.rejected.inc({ source, reason: 'incomplete-message' }, kept.expired.length)
      const answer = emptyAnswer()
      let gathered: IncomingMessage[] = []
      let gatheredSince = 0
      /** Kept parts of which a batch has told that they can go. */
      const dropped = new Set<string>()
      let received = 0
      /** Bytes decoded since others had their turn. */
      let sinceTurn = 0
      const underWay = new UnderWay()

      const intake = createIntake(
        { format, restored: kept.parts.map(({ part }) => part), now: Date.now(), keepDays },
        {
          onMessage: (incoming) => {
            if (gathered.length === 0) gatheredSince = performance.now()
            gathered.push(incoming)
          },
          onIgnored: () => {
            answer.ignored += 1
            metrics.ignored.inc()
          },
          onRejected: (reason, line) => {
            metrics.rejected.inc({ source, reason })
            if (line !== null) name(answer, { line, reason, language })
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
        await underWay.fewerThan(mostUnderWay)
        await sink.room()
        for (const id of partsToDrop) dropped.add(id)
        observeDelay(messages, source)
        const batch = { sender, messages, partsToKeep, partsToDrop }
        underWay.add(
          sink.take(batch, persistUntil ?? null).then(({ stored, duplicates, repeated }) => {
            metrics.repeated.inc({ source }, repeated)
            answer.stored += stored
            answer.duplicates += duplicates
            answer.accepted += stored + duplicates
            count(messages, source)
          }),
        )
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
          sinceTurn += slice.byteLength
          if (sinceTurn < sliceSize) continue
          await nextTurn()
          sinceTurn = 0
        }
        underWay.assertNoneFailed()
      }
      intake.end(Date.now())
      await flush(true)
      await underWay.fewerThan(1)
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

const name = (
  answer: IngestAnswer,
  { line, reason, language }: { line: number; reason: RejectionReason; language: Language },
): void => {
  answer.rejectedCount += 1
  answer.rejectedByReason[reason] = (answer.rejectedByReason[reason] ?? 0) + 1
  if (answer.rejected.length < mostNamed) {
    answer.rejected.push({ line, reason, detail: describeRejection(reason, language) })
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

/** Work that has begun and not ended. */
class UnderWay {
  readonly #all = new Set<Promise<void>>()
  #failed: { error: unknown } | null = null

  add(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        this.#failed ??= { error }
      })
      .finally(() => this.#all.delete(done))
    this.#all.add(done)
  }

  /** Waits until less is under way. @throws what a piece of work has thrown */
  async fewerThan(count: number): Promise<void> {
    while (this.#all.size >= count && !this.#failed) await Promise.race(this.#all)
    this.assertNoneFailed()
  }

  /** @throws what a piece of work has thrown */
  assertNoneFailed(): void {
    if (this.#failed) throw this.#failed.error
  }
}
