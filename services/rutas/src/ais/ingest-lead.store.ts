import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@porttrack/shared/logging/logger'
import type { BackgroundJob } from '@porttrack/shared/service/define-service'
import { pause } from '@porttrack/shared/service/pause'
import { withoutDeadline } from '@porttrack/shared/http/deadline'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { RutasMetrics } from '../metrics.ts'
import type { LinkLease } from '../receivers/link-lease.store.ts'
import type { Batch, BatchOutcome } from './batch.ts'
import type { ForwardedBatchStore } from './forwarded-batch.store.ts'

/** Name of the lease; no receiver can have it. */
const leaseName = '*ingest*'

/** Milliseconds for which nobody writes when the one that leads is killed. */
export const leadLeaseDuration = 2_000

/** How often the one that leads looks for batches of others, in milliseconds. */
const lookInterval = 100

/** How often the others ask what became of theirs, in milliseconds. */
const askInterval = 50

/** For how long it is believed who leads, in milliseconds. */
const leadKnownFor = 500

/** A batch that nobody has written after this long is taken back, in milliseconds. */
const patience = 10_000

type Ingester = {
  room: () => Promise<void> | undefined
  take: (batch: Batch, persistUntil?: AbortSignal | null) => Promise<BatchOutcome>
}

type Waiting = {
  batch: Batch
  persistUntil: AbortSignal | null
  since: number
  resolve: (outcome: Promise<BatchOutcome>) => void
}

/**
 * Of several replicas one leads: it writes AIS, and remembers what the next batch follows from. The
 * others hand their batches over, by a table of the database, and answer their senders once it has
 * written them. That is for speed alone: a replica that finds nobody who leads, or waits in vain,
 * takes its batches back and writes them itself.
 *
 * Batches keep their order: as long as any of this replica is on its way to another, so are those
 * that follow.
 */
export const createIngestLead = ({
  ingester,
  store,
  lease,
  metrics,
  log,
}: {
  ingester: Ingester
  store: ForwardedBatchStore
  lease: LinkLease
  metrics: Pick<RutasMetrics, 'ingestLeads' | 'forwarded'>
  log: Logger
}) => {
  let leads = false
  let elsewhere = { known: false, until: 0 }
  const handedOver = new Map<string, Waiting>()
  let asking = false
  let entering: Promise<unknown> = Promise.resolve()

  const othersLead = async (): Promise<boolean> => {
    if (leads) return false
    if (performance.now() < elsewhere.until) return elsewhere.known
    const known = await lease.heldElsewhere(leaseName)
    elsewhere = { known, until: performance.now() + leadKnownFor }
    return known
  }

  /** Puts a batch behind those that came before. @returns what becomes of it, as `outcome` */
  const enter = async (
    batch: Batch,
    persistUntil: AbortSignal | null,
  ): Promise<{ outcome: Promise<BatchOutcome> }> => {
    try {
      if (handedOver.size > 0 || (await othersLead())) {
        const id = await store.handOver(batch)
        metrics.forwarded.inc()
        const outcome = new Promise<BatchOutcome>((resolve) => {
          handedOver.set(id, { batch, persistUntil, since: performance.now(), resolve })
        })
        if (!asking) void withoutDeadline(ask)
        return { outcome }
      }
    } catch (error) {
      log.debug({ err: error }, 'batch not handed over')
      // What came before shall not be overtaken.
      while (handedOver.size > 0) await sleep(askInterval)
    }
    return { outcome: ingester.take(batch, persistUntil) }
  }

  /** Writes here what had been handed over. */
  const takeBack = (ids: Iterable<string>): void => {
    for (const id of ids) {
      const each = handedOver.get(id)
      handedOver.delete(id)
      each?.resolve(ingester.take(each.batch, each.persistUntil))
    }
  }

  const look = async (): Promise<void> => {
    const ids = [...handedOver.keys()]
    const outcomes = await store.outcomesOf(ids)
    const told: string[] = []
    for (const [id, outcome] of outcomes) {
      if (outcome === null) continue
      told.push(id)
      handedOver.get(id)?.resolve(outcome === 'failed' ? failure() : Promise.resolve(outcome))
      handedOver.delete(id)
    }
    // A crash of the database has taken the others.
    takeBack(ids.filter((id) => !outcomes.has(id)))
    if (told.length > 0) await store.forget(told)
    const [oldest] = handedOver.values()
    if (!oldest || leads) return
    if (performance.now() - oldest.since < patience && (await othersLead())) return
    const left = [...handedOver.keys()]
    const withdrawn = await store.withdraw(left)
    takeBack(left.filter((id) => withdrawn.has(id)))
  }

  /** Asks what became of batches until it is known of all. */
  const ask = async (): Promise<void> => {
    asking = true
    while (handedOver.size > 0) {
      await sleep(askInterval)
      await look().catch(() => {
        // The database is away. Who can come again is told to; the others wait.
        for (const [id, { since, persistUntil, resolve }] of handedOver) {
          if (performance.now() - since < patience) continue
          if (persistUntil && !persistUntil.aborted) continue
          handedOver.delete(id)
          resolve(unavailable())
        }
      })
    }
    asking = false
  }

  /** Writes what others hand over, while `held`. */
  const lead = async (held: AbortSignal): Promise<void> => {
    const taken = new Set<string>()
    leads = true
    metrics.ingestLeads.set(1)
    try {
      while (!held.aborted) {
        await ingester.room()
        const found = await store.waiting([...taken]).catch(() => [])
        for (const { id, batch } of found) {
          taken.add(id)
          void ingester
            .take({ ...batch, forwarded: id })
            .catch((error: unknown) => (isAway(error) ? undefined : store.recordFailure(id)))
            .catch(() => undefined)
            .finally(() => taken.delete(id))
        }
        if (found.length === 0) await pause(lookInterval, held)
      }
    } finally {
      leads = false
      metrics.ingestLeads.set(0)
    }
  }

  return {
    /** Resolves once the batch is durable, whoever writes it. */
    take: (batch: Batch, persistUntil: AbortSignal | null): Promise<BatchOutcome> => {
      const entered = entering.then(() => enter(batch, persistUntil))
      entering = entered.catch(() => undefined)
      return entered.then(({ outcome }) => outcome)
    },

    job: {
      name: 'lead ingest',
      run: (signal) => lease.whileHeld(leaseName, signal, lead),
    } satisfies BackgroundJob,
  }
}

const isAway = (error: unknown): boolean =>
  error instanceof ProblemError && error.kind.status === 503

const failure = (): Promise<never> =>
  Promise.reject(new Error('the batch could not be written where it was handed over'))

const unavailable = (): Promise<never> =>
  Promise.reject(new ProblemError(kitErrors.UNAVAILABLE, { headers: { 'retry-after': '2' } }))
