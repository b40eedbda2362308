import {
  type AssembledMessage,
  type AssemblerOptions,
  createAssembler,
  type DroppedMessage,
} from './assembler.ts'
import { decodePayload } from './decode.ts'
import type { AisMessage } from './message.ts'
import { createLineReader } from './reader.ts'
import { type Rejection, reject } from './rejection.ts'
import { type Line, parseLine } from './sentence.ts'

/** A message with what its sentences say about it. */
export interface ReceivedMessage {
  readonly ok: true
  /** 1-based; of the first fragment received. */
  readonly lineNumber: number
  readonly message: AisMessage
  /** Armoured, all fragments joined: the same text for the same transmission at any station. */
  readonly payload: string
  /** Milliseconds since 1970 from the TAG block; null when the sentence has no time of its own. */
  readonly time: number | null
  /** Station that received it, from the TAG block. */
  readonly source: string | null
  /** `A` or `B` as a rule. */
  readonly channel: string | null
  /** True for VDO, a report of the station's own ship. */
  readonly own: boolean
}

export type AisResult = ReceivedMessage | Rejection

export interface AisDecoderOptions extends AssemblerOptions {
  /** Longest line in bytes, without its line ending. Default 4,096. */
  readonly maxLineLength?: number
}

export interface AisDecoder {
  /** Lines begun so far by `push`. */
  readonly lineCount: number
  /** Messages that wait for fragments. */
  readonly pendingCount: number
  /** Takes the next bytes of a stream. `nowMs` is the arrival, in milliseconds of any clock. */
  push(chunk: Uint8Array, nowMs: number): AisResult[]
  /** Takes one whole line, numbered by the caller: a datagram, or an element of a batch. */
  pushLine(line: string, lineNumber: number, nowMs: number): AisResult[]
  /** Gives up the messages that have waited too long; worth calling when no data comes. */
  expire(nowMs: number): AisResult[]
  /** Takes the end of the stream: its last line, and all that stayed incomplete. */
  end(nowMs: number): AisResult[]
}

/**
 * From bytes to messages: lines, sentences, fragments, payloads. Every line yields a result sooner
 * or later, except the further fragments of a message, which go into that message's result. Never
 * throws on input; one decoder per stream, as fragments are joined within it.
 */
export function createAisDecoder(options: AisDecoderOptions = {}): AisDecoder {
  const { maxLineLength, ...assemblerOptions } = options
  const assembler = createAssembler(assemblerOptions)
  let results: AisResult[] = []
  let now = 0

  const reader = createLineReader({
    ...(maxLineLength === undefined ? {} : { maxLength: maxLineLength }),
    onLine: takeLine,
    onTooLong: (lineNumber) => results.push(reject('line-too-long', lineNumber)),
  })

  function takeLine(line: Line): void {
    const fragment = parseLine(line)
    if (!fragment.ok) {
      results.push(fragment)
      return
    }
    if (fragment.total === 1) {
      takeWhole(fragment)
      return
    }
    const { message, dropped } = assembler.add(fragment, now)
    takeDropped(dropped)
    if (message !== null) takeWhole(message)
  }

  function takeWhole(whole: AssembledMessage): void {
    const { lineNumber, payload, time, source, channel, own } = whole
    const decoded = decodePayload(payload, whole.fillBits)
    if (!decoded.ok) {
      results.push(reject(decoded.reason, lineNumber))
      return
    }
    const { message } = decoded
    results.push({ ok: true, lineNumber, message, payload, time, source, channel, own })
  }

  function takeDropped(dropped: readonly DroppedMessage[]): void {
    for (const { reason, lineNumber } of dropped) results.push(reject(reason, lineNumber))
  }

  function collect(): AisResult[] {
    const collected = results
    results = []
    return collected
  }

  return {
    get lineCount() {
      return reader.lineCount
    },
    get pendingCount() {
      return assembler.pendingCount
    },
    push(chunk, nowMs) {
      now = nowMs
      reader.push(chunk)
      return collect()
    },
    pushLine(line, lineNumber, nowMs) {
      now = nowMs
      takeLine({ text: line, start: 0, end: line.length, number: lineNumber })
      return collect()
    },
    expire(nowMs) {
      takeDropped(assembler.expire(nowMs))
      return collect()
    },
    end(nowMs) {
      now = nowMs
      reader.end()
      takeDropped(assembler.clear())
      return collect()
    },
  }
}
