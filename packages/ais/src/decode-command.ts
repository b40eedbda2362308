import type { Readable, Writable } from 'node:stream'
import { type AisResult, createAisDecoder } from './ais-decoder.ts'
import { toFlatMessage } from './json.ts'
import { type RejectionReason, rejectionKinds } from './rejection.ts'

export interface DecodeStreams {
  readonly input: Readable
  readonly output: Writable
  readonly errors: Writable
  /** Arrival of a chunk in milliseconds, for the timeout of multipart messages. */
  readonly now: () => number
}

/**
 * Reads sentences from `input`, writes one JSON object a message to `output`, and to `errors` each
 * rejected line and at the end a summary. Waits when a stream is full, so that memory does not
 * grow with the input.
 *
 * @throws what `input` fails with.
 */
export async function decodeStream({ input, output, errors, now }: DecodeStreams): Promise<void> {
  const decoder = createAisDecoder()
  const counts = new Map<RejectionReason, number>()
  let messages = 0

  async function report(results: readonly AisResult[]): Promise<void> {
    let lines = ''
    let complaints = ''
    for (const result of results) {
      if (result.ok) {
        messages++
        lines += `${JSON.stringify(toFlatMessage(result))}\n`
        continue
      }
      const { reason, lineNumber } = result
      const { ignored, text } = rejectionKinds[reason]
      counts.set(reason, (counts.get(reason) ?? 0) + 1)
      if (!ignored) complaints += `line ${lineNumber}: ${reason}: ${text.en}\n`
    }
    await write(output, lines)
    await write(errors, complaints)
  }

  for await (const chunk of input) await report(decoder.push(chunk as Uint8Array, now()))
  await report(decoder.end(now()))
  await write(errors, `${summary({ lines: decoder.lineCount, messages, counts })}\n`)
}

async function write(stream: Writable, text: string): Promise<void> {
  if (text === '' || stream.write(text)) return
  await new Promise<void>((resolve) => {
    stream.once('drain', resolve)
  })
}

interface Totals {
  readonly lines: number
  readonly messages: number
  readonly counts: ReadonlyMap<RejectionReason, number>
}

function summary({ lines, messages, counts }: Totals): string {
  const parts = [`${lines} lines`, `${messages} messages`]
  for (const ignored of [false, true]) {
    const kind = [...counts].filter(([reason]) => rejectionKinds[reason].ignored === ignored)
    const total = kind.reduce((sum, [, count]) => sum + count, 0)
    const reasons = kind.map(([reason, count]) => `${reason} ${count}`).join(', ')
    parts.push(`${total} ${ignored ? 'ignored' : 'rejected'}${total > 0 ? ` (${reasons})` : ''}`)
  }
  return parts.join(', ')
}
