import { setTimeout as sleep } from 'node:timers/promises'
import { createMetrics } from '@porttrack/shared/metrics/define-metrics'
import { createRegistry } from '@porttrack/shared/metrics/registry'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import { describe, expect, it } from 'vitest'
import { metrics } from '../metrics.ts'
import { type Batch, type GroupOutcome, MemoryOutdatedError } from './batch.ts'
import { createIngester, largestGroup } from './ingester.ts'

const batchOf = (sender: string): Batch => ({
  sender,
  messages: [],
  partsToKeep: [],
  partsToDrop: [],
})

const anyMessage: Batch['messages'][number] = {
  payload: '13HOI:0P0000VOHLCnHQKwvL05Ip',
  fillBits: 0,
  type: 1,
  mmsi: 227_006_760,
  time: 0,
  ownTime: true,
  arrival: 0,
  source: null,
}

type Group = { outcome: GroupOutcome; senders: string[] }

/** Writes what `fails` lets through, and remembers which senders' batches went together. */
const openIngester = (fails: (senders: readonly string[], attempt: number) => Error | null) => {
  const written: string[][] = []
  let attempt = 0
  const ingester = createIngester<Group>({
    store: {
      prepare: async (batches) => ({
        senders: batches.map(({ sender }) => sender),
        outcome: {
          batches: batches.map((_, n) => ({ stored: n, duplicates: 0, repeated: 0 })),
          quarantined: 0,
          newStations: 0,
          zoneEvents: [],
        },
      }),
      write: async ({ senders }) => {
        attempt += 1
        const error = fails(senders, attempt)
        if (error) throw error
        written.push(senders)
      },
      discard: () => undefined,
    },
    metrics: createMetrics(metrics, createRegistry()),
  })
  return { ingester, written }
}

const away = () => new ProblemError(kitErrors.UNAVAILABLE)
const told = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'written',
    (error: unknown) => (error instanceof ProblemError ? String(error.kind.status) : 'failed'),
  )

describe('batches that wait', () => {
  it('are written together, in their order, and each is told its own outcome', async () => {
    const { ingester, written } = openIngester(() => null)
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd'].map((sender) => ingester.take(batchOf(sender))),
    )
    expect(written.flat()).toEqual(['a', 'b', 'c', 'd'])
    expect(written.length).toBeLessThan(4)
    const last = written.at(-1) ?? []
    expect(outcomes.at(-1)?.stored).toBe(last.length - 1)
  })

  it('fail alone when one of them is at fault', async () => {
    const { ingester, written } = openIngester((senders) =>
      senders.includes('bad') ? new Error('at fault') : null,
    )
    const all = ['a', 'b', 'bad', 'c'].map((sender) => told(ingester.take(batchOf(sender))))
    expect(await Promise.all(all)).toEqual(['written', 'written', 'failed', 'written'])
    expect(written.flat()).toEqual(['a', 'b', 'c'])
  })

  it('are prepared again when someone else has written, and given up in the end', async () => {
    const { ingester, written } = openIngester((_, attempt) =>
      attempt < 4 ? new MemoryOutdatedError() : null,
    )
    expect(await told(ingester.take(batchOf('a')))).toBe('written')
    expect(written).toEqual([['a']])
    const never = openIngester(() => new MemoryOutdatedError())
    expect(await told(never.ingester.take(batchOf('a')))).toBe('503')
  })

  it('all fail when the database is away, but for those that persist, which keep their order', async () => {
    const { ingester, written } = openIngester((_, attempt) => (attempt <= 2 ? away() : null))
    const persist = new AbortController().signal
    const all = [
      told(ingester.take(batchOf('a'), persist)),
      told(ingester.take(batchOf('hasty'))),
      told(ingester.take(batchOf('b'), persist)),
      told(ingester.take(batchOf('c'), persist)),
    ]
    expect(await Promise.all(all)).toEqual(['written', '503', 'written', 'written'])
    expect(written.flat()).toEqual(['a', 'b', 'c'])
  })

  it('persist when others write too, however often', async () => {
    const { ingester } = openIngester((_, attempt) =>
      attempt <= 12 ? new MemoryOutdatedError() : null,
    )
    const persist = new AbortController().signal
    expect(await told(ingester.take(batchOf('a'), persist))).toBe('written')
  })

  it('follow from what is written, not from what was prepared behind a group that failed', async () => {
    // As the store does it: each group is numbered from where memory says that the one before ends.
    let memory: number | null = null
    const written: number[] = []
    let outages = 2
    const ingester = createIngester<{ outcome: GroupOutcome; before: number }>({
      store: {
        prepare: async (batches) => {
          const before: number = (memory ??= written.length)
          memory += batches.length
          const none = { stored: 0, duplicates: 0, repeated: 0 }
          return {
            before,
            outcome: {
              batches: batches.map(() => none),
              quarantined: 0,
              newStations: 0,
              zoneEvents: [],
            },
          }
        },
        write: async ({ before }) => {
          await sleep(5)
          const error =
            outages-- > 0 ? away() : before === written.length ? null : new MemoryOutdatedError()
          if (!error) return void written.push(before)
          memory = null
          throw error
        },
        discard: () => {
          memory = null
        },
      },
      metrics: createMetrics(metrics, createRegistry()),
    })
    const persist = new AbortController().signal
    // Too large to go together.
    const large = (sender: string): Batch => ({
      ...batchOf(sender),
      messages: Array.from({ length: largestGroup }, () => anyMessage),
    })
    const all = ['a', 'b', 'c'].map((sender) => told(ingester.take(large(sender), persist)))
    expect(await Promise.all(all)).toEqual(['written', 'written', 'written'])
    expect(written).toEqual([0, 1, 2])
  })

  it('are tried once more when they shall persist no longer', async () => {
    const { ingester } = openIngester(() => away())
    const end = new AbortController()
    const asked = told(ingester.take(batchOf('a'), end.signal))
    setTimeout(() => end.abort(), 50)
    expect(await asked).toBe('503')
  })
})
