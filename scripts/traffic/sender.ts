import { setTimeout as sleep } from 'node:timers/promises'
import type { SceneSentence } from './scene.ts'

/** About a day of the sample traffic; beyond it the oldest are given up. */
const mostWaiting = 100_000
const largestBatch = 5_000
const longestPauseMs = 10_000

export interface SenderOptions {
  /** Of the gateway. */
  readonly url: string
  /** An access token that may hand over AIS; `renew` when the last one was refused. */
  readonly token: (renew: boolean) => Promise<string>
  /** Told once when sentences cannot be delivered, and once when they can again. */
  readonly onTrouble: (text: string) => void
  /** Called with the time of the last sentence of each acknowledged batch. */
  readonly onAcknowledged?: (time: string) => void
}

export interface Sender {
  /** Sentences that are not acknowledged yet. */
  readonly waiting: number
  /** Takes sentences to deliver; never waits. */
  add(sentences: readonly SceneSentence[]): void
  /** Stops; what was not acknowledged is not delivered. */
  stop(): Promise<void>
}

/** Delivers sentences in order and again until they are acknowledged. */
export function startSender(options: SenderOptions): Sender {
  const waiting: SceneSentence[] = []
  const end = new AbortController()
  let pauseMs = 0
  let inTrouble = false
  let refused = false
  let wake: (() => void) | undefined

  async function deliver(): Promise<void> {
    while (!end.signal.aborted) {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const batch = waiting.slice(0, largestBatch)
      const outcome = await post(batch)
      if (end.signal.aborted) return
      if (outcome.trouble === undefined) {
        drop(batch)
        pauseMs = 0
        options.onAcknowledged?.(batch.at(-1)?.time ?? '')
        if (inTrouble) options.onTrouble('delivered again')
        inTrouble = false
        continue
      }
      if (!inTrouble) options.onTrouble(outcome.trouble)
      inTrouble = true
      // A batch that is refused for what it is would be refused for ever.
      if (outcome.hopeless) drop(batch)
      pauseMs = Math.min(longestPauseMs, Math.max(500, pauseMs * 2))
      await sleep(pauseMs, undefined, { signal: end.signal }).catch(() => undefined)
    }
  }

  /** Sentences may have been given up meanwhile: only those of the batch are taken away. */
  function drop(batch: readonly SceneSentence[]): void {
    const last = batch.at(-1)
    const index = last === undefined ? -1 : waiting.indexOf(last)
    waiting.splice(0, index + 1)
  }

  async function post(
    batch: readonly SceneSentence[],
  ): Promise<{ trouble: string | undefined; hopeless: boolean }> {
    try {
      const token = await options.token(refused)
      refused = false
      const response = await fetch(`${options.url}/rutas/v1/ais`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
        body: batch.map((sentence) => `${JSON.stringify(sentence)}\n`).join(''),
        signal: AbortSignal.any([end.signal, AbortSignal.timeout(30_000)]),
      })
      const answer = await response.text()
      if (response.status === 200) return { trouble: undefined, hopeless: false }
      refused = response.status === 401
      return {
        trouble: `POST /rutas/v1/ais answers ${response.status} ${answer.slice(0, 200)}`,
        hopeless: response.status === 400 || response.status === 413 || response.status === 415,
      }
    } catch (error) {
      return { trouble: `not delivered: ${String(error)}`, hopeless: false }
    }
  }

  const delivering = deliver()
  return {
    get waiting() {
      return waiting.length
    },
    add(sentences) {
      waiting.push(...sentences)
      if (waiting.length > mostWaiting) waiting.splice(0, waiting.length - mostWaiting)
      wake?.()
    },
    async stop() {
      end.abort()
      wake?.()
      await delivering
    },
  }
}
