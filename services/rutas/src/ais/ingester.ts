import { setTimeout as sleep } from 'node:timers/promises'
import { withoutDeadline } from '@porttrack/shared/http/deadline'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { RutasMetrics } from '../metrics.ts'
import { type Batch, type BatchOutcome, type GroupOutcome, MemoryOutdatedError } from './batch.ts'

/** Messages in one transaction, at most, unless one batch has more. */
export const largestGroup = 60_000

/** Messages that wait for their turn, at most, before senders are kept waiting. */
const mostWaiting = 180_000

/** Times that a group is prepared again since someone else has written. */
const mostAttempts = 10

/** Pause before the first attempt after one that failed, and the longest, in milliseconds. */
const pauses = { first: 250, longest: 5_000 }

type IngesterMetrics = Pick<
  RutasMetrics,
  'batchDuration' | 'duplicates' | 'quarantined' | 'newStations' | 'zoneEvents'
>

/** What a group changes, worked out and not yet written. */
type Prepared = { readonly outcome: GroupOutcome }

type GroupStore<P extends Prepared> = {
  prepare: (batches: readonly Batch[]) => Promise<P>
  /** @throws MemoryOutdatedError when it is to be prepared again */
  write: (prepared: P) => Promise<void>
  /** Forgets what was prepared and is not written, as it follows from what is not so. */
  discard: (prepared: P) => void
}

type Waiting = {
  batch: Batch
  /** Not to be written together with others: one of them may be at fault. */
  alone: boolean
  attempts: number
  /** Until this is aborted, a database that is away is waited for. */
  persistUntil: AbortSignal | null
  resolve: (outcome: BatchOutcome) => void
  reject: (error: unknown) => void
}

type Writing = { group: Waiting[]; done: Promise<unknown> }

/**
 * Writes batches in the order in which they come, several in one transaction when several wait, and
 * tells each sender once its own is durable. While one group is written the next is prepared.
 *
 * A database that is away fails all that wait, so that nothing overtakes what failed; what is to
 * persist keeps its place. So does one in which others write too often for a group to get its turn. A
 * group that fails for another reason is written batch by batch, so that only the one at fault fails.
 */
export const createIngester = <P extends Prepared>({
  store,
  metrics,
}: {
  store: GroupStore<P>
  metrics: IngesterMetrics
}) => {
  let queue: Waiting[] = []
  let waiting = 0
  let running = false
  let pause = 0
  let hungry: (() => void)[] = []
  let arrived: (() => void) | null = null

  const sizeOf = ({ batch }: Waiting): number => batch.messages.length
  const tellRoom = (): void => {
    if (waiting >= mostWaiting) return
    const told = hungry
    hungry = []
    for (const resolve of told) resolve()
  }

  /** Takes the next ones from the queue that go together. */
  const takeGroup = (): Waiting[] => {
    let size = 0
    let count = 0
    for (const each of queue) {
      size += sizeOf(each)
      if (count > 0 && (size > largestGroup || each.alone || queue[0]?.alone)) break
      count += 1
    }
    const group = queue.slice(0, count)
    queue = queue.slice(count)
    return group
  }

  const settled = (group: readonly Waiting[]): void => {
    waiting -= group.reduce((sum, each) => sum + sizeOf(each), 0)
    tellRoom()
  }

  const fail = (all: readonly Waiting[], error: unknown): void => {
    settled(all)
    for (const { reject } of all) reject(error)
  }

  /** Puts back, in their places, those of a group that failed and of the queue that may yet do. */
  const afterFailure = (group: Waiting[], cause: unknown): void => {
    if (cause instanceof MemoryOutdatedError && (group[0]?.attempts ?? 0) < mostAttempts) {
      for (const each of group) each.attempts += 1
      queue = [...group, ...queue]
      return
    }
    const error = cause instanceof MemoryOutdatedError ? busy(cause) : cause
    if (isAway(error)) {
      const all = [...group, ...queue]
      for (const each of all) each.attempts = 0
      const persists = ({ persistUntil }: Waiting) => persistUntil !== null && !persistUntil.aborted
      queue = all.filter(persists)
      fail(
        all.filter((each) => !persists(each)),
        error,
      )
      const longer = Math.min(Math.max(pause * 2, pauses.first), pauses.longest)
      pause = queue.length > 0 ? longer : 0
      return
    }
    if (group.length === 1) return fail(group, error)
    for (const each of group) each.alone = true
    queue = [...group, ...queue]
  }

  const write = (group: Waiting[], prepared: P): Writing => {
    const observe = metrics.batchDuration.startTimer()
    const done = store.write(prepared).then(() => {
      observe()
      const { batches, quarantined, newStations, zoneEvents } = prepared.outcome
      pause = 0
      settled(group)
      for (const [n, { resolve }] of group.entries()) {
        const outcome = batches[n] ?? { stored: 0, duplicates: 0, repeated: 0 }
        metrics.duplicates.inc(outcome.duplicates)
        resolve(outcome)
      }
      metrics.quarantined.inc(quarantined)
      metrics.newStations.inc(newStations)
      for (const labels of zoneEvents) metrics.zoneEvents.inc(labels)
    })
    // Met when the next group is prepared.
    done.catch(() => undefined)
    return { group, done }
  }

  /**
   * Waits for what is being written. Should it fail, what was prepared behind it follows from
   * something that is not so, and is put back.
   *
   * @returns whether it was written
   */
  const meet = async (writing: Writing, behind: readonly Waiting[]): Promise<boolean> => {
    try {
      await writing.done
      return true
    } catch (error) {
      queue = [...behind, ...queue]
      afterFailure(writing.group, error)
      return false
    }
  }

  const run = async (): Promise<void> => {
    let writing: Writing | null = null
    while (queue.length > 0 || writing) {
      if (queue.length === 0 && writing) {
        const ended = writing.done.catch(() => undefined)
        await Promise.race([new Promise<void>((resolve) => (arrived = resolve)), ended])
        arrived = null
        if (queue.length > 0) continue
        await meet(writing, [])
        writing = null
        continue
      }
      if (pause > 0) await sleepUntilEnded(pause, queue)
      const group = takeGroup()
      const prepared = await store.prepare(group.map(({ batch }) => batch)).catch(failed)
      const before: Writing | null = writing
      writing = null
      if (before && !(await meet(before, group))) {
        if (!(prepared instanceof Failed)) store.discard(prepared)
        continue
      }
      if (prepared instanceof Failed) afterFailure(group, prepared.error)
      else writing = write(group, prepared)
    }
    running = false
  }

  return {
    /** Resolves when there is room for another batch. */
    room: (): Promise<void> | undefined =>
      waiting < mostWaiting ? undefined : new Promise((resolve) => hungry.push(resolve)),

    /**
     * Resolves once the batch is durable.
     *
     * @throws ProblemError 503 when the database is away, and what the store throws
     */
    take: (batch: Batch, persistUntil: AbortSignal | null = null): Promise<BatchOutcome> =>
      new Promise((resolve, reject) => {
        const each = { batch, alone: false, attempts: 0, persistUntil, resolve, reject }
        queue.push(each)
        waiting += sizeOf(each)
        arrived?.()
        if (running) return
        running = true
        // For all who wait, not only for the request that came first.
        void withoutDeadline(run)
      }),
  }
}

class Failed {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}

const failed = (error: unknown): Failed => new Failed(error)

const isAway = (error: unknown): boolean =>
  error instanceof ProblemError && error.kind.status === 503

const busy = (cause: unknown): ProblemError =>
  new ProblemError(kitErrors.UNAVAILABLE, { headers: { 'retry-after': '2' }, cause })

/** Waits, but not for those who are told to stop. */
const sleepUntilEnded = async (
  milliseconds: number,
  waiting: readonly Waiting[],
): Promise<void> => {
  const signals = waiting.flatMap(({ persistUntil }) => persistUntil ?? [])
  const signal = AbortSignal.any([...new Set(signals)])
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
}
