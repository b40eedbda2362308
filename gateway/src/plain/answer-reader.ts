import { BrokenAnswerError } from './broken-answer.ts'
import { ChunkedReader } from './chunked-reader.ts'

/** The largest head of an answer, interim ones before it included, in bytes: as large as Node's. */
const headLimit = 16_384

/** The largest body that is given in one piece, in bytes. */
const wholeLimit = 65_536

/** Interim answers (1xx) before the one that counts. */
const interimLimit = 8

const version = 'HTTP/1.1 '

/**
 * A whole head: status line and fields, each line ended by CR LF, nothing but text in values,
 * nothing but a token before the colon, no line that continues another (RFC 9112 §4, §5).
 */
const head =
  /^HTTP\/1\.1 [1-5]\d\d [\t\x20-\x7e\x80-\xff]*\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n$/

/** What no head has anywhere: lines ended in another way, and what is not text. */
const impossible = /(?<!\r)\n|\r(?!\n|$)|[^\t\r\n\x20-\x7e\x80-\xff]/

/** Who is told what an answer says. */
export type AnswerTaker = {
  /** @param headers names in lower case and values in turn, each field by itself */
  onHead(status: number, headers: readonly string[]): void
  /** The whole body, each character an octet: instead of `onData`, where it came with the head. */
  onWhole(body: string): void
  /** @param data a part of the body, a view that counts during the call alone */
  onData(data: Buffer): void
  /** The last of an answer; from here on the next request may be sent. */
  onEnd(): void
}

/**
 * Reads one answer after the other of one connection, and nothing that could be read in two ways: an
 * answer says once how long it is, by `content-length` or in chunks, and one that is over when the
 * connection ends, which nobody can tell from half an answer, is refused.
 */
export class AnswerReader {
  readonly #taker: AnswerTaker
  #bodyless = false
  /** The head as far as it has come; empty most times, since it comes at once. */
  #partial = ''
  #headBytes = 0
  #interim = 0
  #began = false
  #over = true
  /** Its end has been read, and is told when nothing else of what has come is looked at any more. */
  #ended = false
  #persistent = true
  #hint: number | null = null
  #left = 0
  #chunks: ChunkedReader | null = null
  readonly #give = (data: Buffer): void => {
    if (!this.#over) this.#taker.onData(data)
  }

  constructor(taker: AnswerTaker) {
    this.#taker = taker
  }

  /** Whether another request may follow on the connection, once the answer is over. */
  get persistent(): boolean {
    return this.#persistent
  }

  /** Seconds that the service will keep the connection open; null where it does not say. */
  get hint(): number | null {
    return this.#hint
  }

  /** Whether anything of the answer has come. */
  get began(): boolean {
    return this.#began
  }

  /** Waits for the answer to a request. */
  expect(method: string): void {
    this.#bodyless = method === 'HEAD'
    this.#partial = ''
    this.#headBytes = 0
    this.#interim = 0
    this.#began = false
    this.#over = false
    this.#ended = false
    this.#persistent = true
    this.#hint = null
    this.#left = -1
    this.#chunks = null
  }

  /** Wants no more of the answer: its taker is told nothing from now on. */
  drop(): void {
    this.#over = true
  }

  /** @throws BrokenAnswerError when it is not an answer, or something follows it that was not asked for */
  read(bytes: Buffer): void {
    this.#began = true
    if (this.#left >= 0 || this.#chunks !== null) {
      this.#readBody(bytes)
    } else {
      const read = this.#readHeads(bytes)
      if (read >= 0 && read < bytes.length && !this.#over) this.#readBody(bytes.subarray(read))
    }
    if (!this.#ended) return
    this.#ended = false
    this.#taker.onEnd()
  }

  /** Bytes after the end of an answer belong to none: what else comes on the connection cannot be trusted. */
  #expectNothing(left: number): void {
    if (left > 0) this.#persistent = false
  }

  /** @returns how many bytes belong to heads; -1 when more must come */
  #readHeads(bytes: Buffer): number {
    const before = this.#partial.length
    const room = headLimit - this.#headBytes - before
    const text = this.#partial + bytes.toString('latin1', 0, room + wholeLimit)
    let from = 0
    for (;;) {
      const end = text.indexOf('\r\n\r\n', from)
      const headBytes = (end < 0 ? text.length : end + 4) - from
      if (this.#headBytes + headBytes > headLimit)
        throw new BrokenAnswerError('has too large a head')
      if (end < 0) {
        this.#waitForMore(text.slice(from))
        return -1
      }
      this.#headBytes += headBytes
      const status = this.#readHead(text.slice(from, end + 4))
      from = end + 4
      if (status >= 200) break
    }
    this.#partial = ''
    const read = from - before
    // All in one piece, as most bodies are, it needs no buffer of its own.
    if (this.#left >= 0 && this.#left <= Math.min(text.length - from, wholeLimit)) {
      this.#expectNothing(bytes.length - read - this.#left)
      if (this.#left > 0 && !this.#over) this.#taker.onWhole(text.slice(from, from + this.#left))
      this.#end()
    }
    return read
  }

  #waitForMore(partial: string): void {
    // Told now: what never becomes a head would be waited for until the deadline.
    const start = Math.min(partial.length, version.length)
    if (!version.startsWith(partial.slice(0, start))) throw new BrokenAnswerError('is not HTTP/1.1')
    if (impossible.test(partial)) throw new BrokenAnswerError('has a head that is not of HTTP/1.1')
    this.#partial = partial
  }

  /** @returns the status */
  #readHead(text: string): number {
    if (!head.test(text)) throw new BrokenAnswerError('has a head that is not of HTTP/1.1')
    const status = Number(text.slice(version.length, version.length + 3))
    if (status < 200) return this.#readInterim(status)

    const headers: string[] = []
    let length: string | null = null
    let coding: string | null = null
    let from = text.indexOf('\r\n') + 2
    // The last line is the empty one.
    while (from < text.length - 2) {
      const colon = text.indexOf(':', from)
      const end = text.indexOf('\r\n', colon)
      const name = text.slice(from, colon).toLowerCase()
      const value = withoutSpace(text, colon + 1, end)
      from = end + 2
      headers.push(name, value)
      if (name === 'content-length') {
        if (length !== null) throw new BrokenAnswerError('says twice how long it is')
        length = value
      } else if (name === 'transfer-encoding') {
        if (coding !== null) throw new BrokenAnswerError('says twice how it is coded')
        coding = value
      } else if (name === 'connection') {
        if (/(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(value)) this.#persistent = false
      } else if (name === 'keep-alive') {
        const seconds = /(?:^|[,;\s])timeout=(\d{1,6})(?:[,;\s]|$)/i.exec(value)?.[1]
        if (seconds !== undefined) this.#hint = Number(seconds)
      }
    }
    this.#frame(status, length, coding)
    this.#taker.onHead(status, headers)
    return status
  }

  #readInterim(status: number): number {
    // Nobody asked for another protocol, and what follows would be in that one.
    if (status === 101) throw new BrokenAnswerError('changes the protocol')
    this.#interim += 1
    if (this.#interim > interimLimit) throw new BrokenAnswerError('has too many before it')
    return status
  }

  /** How long the body is (RFC 9112 §6.3), said in one way only. */
  #frame(status: number, length: string | null, coding: string | null): void {
    if (length !== null && !/^\d{1,15}$/.test(length)) {
      throw new BrokenAnswerError('has a length that is no number')
    }
    if (coding !== null) {
      if (length !== null) throw new BrokenAnswerError('has both a length and chunks')
      if (coding.toLowerCase() !== 'chunked') {
        throw new BrokenAnswerError('is coded in a way that is not known')
      }
    }
    if (status === 204) {
      if (coding !== null || (length !== null && Number(length) > 0)) {
        throw new BrokenAnswerError('has a body where none can be')
      }
      this.#left = 0
    } else if (this.#bodyless || status === 304) {
      this.#left = 0
    } else if (coding !== null) {
      this.#chunks = new ChunkedReader()
    } else if (length !== null) {
      this.#left = Number(length)
    } else {
      throw new BrokenAnswerError('does not say how long it is')
    }
  }

  #readBody(bytes: Buffer): void {
    if (this.#chunks !== null) {
      const read = this.#chunks.read(bytes, this.#give)
      this.#expectNothing(bytes.length - read)
      if (this.#chunks.over) this.#end()
      return
    }
    const data = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes
    this.#left -= data.length
    this.#expectNothing(bytes.length - data.length)
    this.#give(data)
    if (this.#left === 0) this.#end()
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#ended = true
  }
}

/** What stands from `from` to `to` in `text`, without the spaces and tabs around it. */
const withoutSpace = (text: string, from: number, to: number): string => {
  let start = from
  let end = to
  while (start < end && isSpace(text.charCodeAt(start))) start += 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09
