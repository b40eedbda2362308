import { type Line, MAX_LINE_LENGTH } from './sentence.ts'

export interface LineReaderOptions {
  /** Longest line in bytes, without its line ending. Default 4,096. */
  readonly maxLength?: number
  /**
   * A line without its line ending, one character per byte (latin1); numbers start at 1. The next
   * line comes in the same object.
   */
  readonly onLine: (line: Line) => void
  /** Told once per line over the limit, as soon as it is known. */
  readonly onTooLong: (lineNumber: number) => void
}

export interface LineReader {
  /** Lines begun so far, the unfinished one included. */
  readonly lineCount: number
  push(chunk: Uint8Array): void
  /** Hands over the last line when no newline ends it. */
  end(): void
}

/** Bytes that are made text at once. A line that is kept keeps as much in memory. */
const STRETCH = 65_536

const NEWLINE = 10
const RETURN = 13

/**
 * Splits a stream of bytes, in chunks of any size, into lines that end in LF or CRLF. What is kept
 * between chunks never exceeds one line of the greatest length.
 */
export function createLineReader(options: LineReaderOptions): LineReader {
  const { maxLength = MAX_LINE_LENGTH, onLine, onTooLong } = options
  // One more than a line may have, for the CR of a line ending cut in two.
  const kept = Buffer.alloc(maxLength + 1)
  let keptLength = 0
  let skipping = false
  let finished = 0
  const line = { text: '', start: 0, end: 0, number: 0 }

  function handOver(text: string, start: number, end: number): void {
    line.text = text
    line.start = start
    line.end = end
    line.number = finished + 1
    onLine(line)
  }

  function finish(bytes: Buffer, start: number, end: number): void {
    const last = end > start && bytes[end - 1] === RETURN ? end - 1 : end
    if (last - start > maxLength) onTooLong(finished + 1)
    else handOver(bytes.toString('latin1', start, last), 0, last - start)
  }

  function keep(bytes: Buffer, start: number, end: number): void {
    if (skipping || start === end) return
    const length = keptLength + end - start
    // Over the limit even when what comes next is the newline and the last byte its CR.
    if (length > maxLength + 1 || (length > maxLength && bytes[end - 1] !== RETURN)) {
      onTooLong(finished + 1)
      skipping = true
      keptLength = 0
      return
    }
    bytes.copy(kept, keptLength, start, end)
    keptLength = length
  }

  function pushStretch(bytes: Buffer): void {
    let start = 0
    if (keptLength > 0 || skipping) {
      const newline = bytes.indexOf(NEWLINE)
      keep(bytes, 0, newline < 0 ? bytes.length : newline)
      if (newline < 0) return
      if (!skipping) finish(kept, 0, keptLength)
      keptLength = 0
      skipping = false
      finished++
      start = newline + 1
    }
    // One text in which lines are read costs a third of a text for each.
    const text = bytes.toString('latin1', start)
    let at = 0
    for (let newline = text.indexOf('\n'); newline >= 0; newline = text.indexOf('\n', at)) {
      const end = newline > at && text.charCodeAt(newline - 1) === RETURN ? newline - 1 : newline
      if (end - at > maxLength) onTooLong(finished + 1)
      else handOver(text, at, end)
      finished++
      at = newline + 1
    }
    keep(bytes, start + at, bytes.length)
  }

  return {
    get lineCount() {
      return finished + (keptLength > 0 || skipping ? 1 : 0)
    },
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      for (let start = 0; start < bytes.length; start += STRETCH) {
        pushStretch(bytes.subarray(start, start + STRETCH))
      }
    },
    end() {
      if (keptLength > 0) finish(kept, 0, keptLength)
      if (keptLength > 0 || skipping) finished++
      keptLength = 0
      skipping = false
    },
  }
}
