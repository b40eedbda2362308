import { BrokenAnswerError } from './broken-answer.ts'

/** Extensions of one chunk's size, which are read over (RFC 9112 §7.1.1), in bytes. */
const extensionLimit = 1_024

/** All trailer fields, which are read over too, in bytes. */
const trailerLimit = 16_384

/** Digits of a chunk's size: 8 are 4 GB, more than any piece that a service writes at once. */
const digitLimit = 8

type State =
  | 'first digit'
  | 'size'
  | 'extension'
  | 'end of size'
  | 'data'
  | 'CR after data'
  | 'LF after data'
  | 'trailer line'
  | 'trailer'
  | 'end of trailer'
  | 'last LF'
  | 'over'

/**
 * Takes a body out of its chunks (RFC 9112 §7.1), as strictly as it is defined: lines end in CR LF
 * and in nothing else, sizes are hexadecimal digits and nothing else, and what is not text has no
 * place in extensions and trailers.
 */
export class ChunkedReader {
  #state: State = 'first digit'
  #size = 0
  #digits = 0
  #extension = 0
  #trailer = 0

  get over(): boolean {
    return this.#state === 'over'
  }

  /**
   * Reads as much of `bytes` as belongs to the body, and gives its data to `take`, as views of them.
   *
   * @returns how many bytes that were; fewer than there are when the body has ended
   * @throws BrokenAnswerError
   */
  read(bytes: Buffer, take: (data: Buffer) => void): number {
    let at = 0
    while (at < bytes.length && this.#state !== 'over') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#size)
        this.#size -= end - at
        if (this.#size === 0) this.#state = 'CR after data'
        take(bytes.subarray(at, end))
        at = end
      } else {
        this.#step(bytes[at] ?? 0)
        at += 1
      }
    }
    return at
  }

  #step(byte: number): void {
    switch (this.#state) {
      case 'first digit':
      case 'size':
        return this.#readSize(byte)
      case 'extension':
        return this.#readExtension(byte)
      case 'end of size':
        expect(byte, lineFeed)
        this.#state = this.#size === 0 ? 'trailer line' : 'data'
        return
      case 'CR after data':
        expect(byte, carriageReturn)
        this.#state = 'LF after data'
        return
      case 'LF after data':
        expect(byte, lineFeed)
        this.#digits = 0
        this.#state = 'first digit'
        return
      case 'last LF':
        expect(byte, lineFeed)
        this.#state = 'over'
        return
      case 'trailer line':
      case 'trailer':
      case 'end of trailer':
        return this.#readTrailer(byte)
      case 'data':
      case 'over':
        // Not read byte by byte: see read.
        return
    }
  }

  #readSize(byte: number): void {
    const digit = valueOf(byte)
    if (digit >= 0) {
      this.#digits += 1
      if (this.#digits > digitLimit) throw new BrokenAnswerError('has a chunk too large')
      this.#size = this.#size * 16 + digit
      this.#state = 'size'
      return
    }
    if (this.#state === 'first digit') throw new BrokenAnswerError('has a chunk without a size')
    this.#extension = 0
    if (byte === carriageReturn) this.#state = 'end of size'
    else if (byte === semicolon) this.#state = 'extension'
    else throw new BrokenAnswerError('has a size of a chunk that is no number')
  }

  #readExtension(byte: number): void {
    this.#extension += 1
    if (this.#extension > extensionLimit) throw new BrokenAnswerError('has too long an extension')
    if (byte === carriageReturn) this.#state = 'end of size'
    else if (!isText(byte)) throw new BrokenAnswerError('has an extension that is no text')
  }

  #readTrailer(byte: number): void {
    this.#trailer += 1
    if (this.#trailer > trailerLimit) throw new BrokenAnswerError('has too large a trailer')
    if (this.#state === 'end of trailer') {
      expect(byte, lineFeed)
      this.#state = 'trailer line'
    } else if (byte === carriageReturn) {
      this.#state = this.#state === 'trailer line' ? 'last LF' : 'end of trailer'
    } else if (isText(byte)) {
      this.#state = 'trailer'
    } else {
      throw new BrokenAnswerError('has a trailer that is no text')
    }
  }
}

const carriageReturn = 0x0d
const lineFeed = 0x0a
const semicolon = 0x3b

const expect = (byte: number, wanted: number): void => {
  if (byte !== wanted) throw new BrokenAnswerError('has a chunk that does not end where it says')
}

/** Of a hexadecimal digit; -1 for anything else. */
const valueOf = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** Octets of a field value (RFC 9110 §5.5). */
const isText = (byte: number): boolean => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f)
