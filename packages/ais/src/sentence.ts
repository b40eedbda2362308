import { type Rejection, type RejectionReason, reject } from './rejection.ts'
import { armourValue, NOT_ARMOUR } from './sixbit.ts'

/** Longest line that is looked at, in characters without its line ending. */
export const MAX_LINE_LENGTH = 4096

/** One VDM or VDO sentence: a whole message or a part of one. */
export interface Fragment {
  readonly ok: true
  /** 1-based, as given to `parseSentence`. */
  readonly lineNumber: number
  /** Two characters: `AI`, `BS`, `AB`, `AN`… */
  readonly talker: string
  /** True for VDO, a report of the station's own ship. */
  readonly own: boolean
  /** 1 to 9. */
  readonly total: number
  /** 1 to `total`. */
  readonly number: number
  /** `0` to `9`; null when the field is empty, as it is in single sentences. */
  readonly sequenceId: string | null
  /** `A` or `B`, also where the sentence says 1 or 2; null when the field is empty. */
  readonly channel: string | null
  readonly payload: string
  /** Bits, 0 to 5, to drop from the end of the payload; 0 on all but the last fragment. */
  readonly fillBits: number
  /** Station named in the TAG block, or after the checksum. */
  readonly source: string | null
  /** Milliseconds since 1970, from the TAG block, or from after the checksum. */
  readonly time: number | null
  /** Id of the sentence group in the TAG block (`g:1-2-1234` is 1234). */
  readonly groupId: string | null
}

interface Tag {
  source: string | null
  time: number | null
  groupId: string | null
}

const COMMA = 44
const ASTERISK = 42
const BACKSLASH = 92

const MAX_SOURCE_LENGTH = 64
const LATEST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
/** Read as seconds this is the year 5138, as milliseconds 1973: no log holds either. */
const FIRST_MILLISECONDS = 1e11

const sequenceIds = '0123456789'

/** Where the commas of the sentence being read are. */
const commas = new Int32Array(6)

/** Where a line is in a text: reading it there costs less than reading a slice. */
export interface Line {
  readonly text: string
  /** Of its first character. */
  readonly start: number
  /** Behind its last character. */
  readonly end: number
  /** 1-based, for what is said about it. */
  readonly number: number
}

/** Reads a text that is one line, as `parseLine` does. */
export function parseSentence(line: string, lineNumber = 0): Fragment | Rejection {
  return parseLine({ text: line, start: 0, end: line.length, number: lineNumber })
}

/**
 * Reads one line: a VDM or VDO sentence of any talker, with or without TAG blocks before it and
 * with or without its line ending. Never throws.
 *
 * Layout: NMEA 0183 and gpsd's AIVDM document. The TAG block's `c:` may be in seconds or
 * milliseconds; its other fields are passed over. Station and Unix time in seconds may also stand
 * after the checksum (`*5C,r003669945,1085889680`), as in older logs of the US Coast Guard.
 */
export function parseLine(given: Line): Fragment | Rejection {
  const { text: line, number: lineNumber } = given
  let { start } = given
  if (given.end - start > MAX_LINE_LENGTH + 2) return reject('line-too-long', lineNumber)
  const end = endOfText(given)
  if (end - start > MAX_LINE_LENGTH) return reject('line-too-long', lineNumber)
  if (end === start) return reject('empty', lineNumber)

  let tag: Tag | null = null
  while (start < end && line.charCodeAt(start) === BACKSLASH) {
    const close = line.indexOf('\\', start + 1)
    if (close < 0 || close >= end) return reject('bad-tag-block', lineNumber)
    tag ??= { source: null, time: null, groupId: null }
    if (!readTag(line.slice(start + 1, close), tag)) return reject('bad-tag-block', lineNumber)
    start = close + 1
  }
  // A TAG block may stand on a line of its own.
  if (start >= end) return reject('empty', lineNumber)

  const kind = sentenceKind(line, start, end)
  if (kind !== 'VDM' && kind !== 'VDO') return reject(kind, lineNumber)

  // By parts, since the payload, which is most of a sentence, then needs the fewest questions.
  let checksum = 0
  let commaCount = 0
  let seen = 0
  let star = start + 1
  while (star < end && commaCount < 5) {
    const code = line.charCodeAt(star)
    if (code === ASTERISK) break
    checksum ^= code
    if (code === COMMA) commas[commaCount++] = star
    star++
  }
  if (commaCount === 5) {
    for (; star < end; star++) {
      const code = line.charCodeAt(star)
      if (code === COMMA || code === ASTERISK) break
      checksum ^= code
      seen |= armourValue(code)
    }
    for (; star < end; star++) {
      const code = line.charCodeAt(star)
      if (code === ASTERISK) break
      checksum ^= code
      if (code !== COMMA) continue
      if (commaCount === 5) commas[5] = star
      commaCount++
    }
  }
  if (star === end) return reject('missing-checksum', lineNumber)
  if (hexByte(line, star + 1, end) !== checksum) return reject('bad-checksum', lineNumber)
  if (commaCount !== 6) return reject('malformed', lineNumber)
  if (star + 3 < end) {
    if (line.charCodeAt(star + 3) !== COMMA) return reject('malformed', lineNumber)
    tag ??= { source: null, time: null, groupId: null }
    readTrailer(line.slice(star + 4, end), tag)
  }

  const total = digitField(line, commas[0]!, commas[1]!)
  const number = digitField(line, commas[1]!, commas[2]!)
  if (total < 0 || number < 0) return reject('malformed', lineNumber)
  if (total < 1 || total > 9 || number < 1 || number > total) {
    return reject('bad-fragment-count', lineNumber)
  }
  const sequenceLength = commas[3]! - commas[2]! - 1
  const sequence = line.charCodeAt(commas[2]! + 1) - 48
  if (sequenceLength > 1 || (sequenceLength === 1 && (sequence < 0 || sequence > 9))) {
    return reject('malformed', lineNumber)
  }
  if (commas[4]! - commas[3]! > 2) return reject('malformed', lineNumber)

  const payloadStart = commas[4]! + 1
  const payloadEnd = commas[5]!
  if (payloadStart === payloadEnd) return reject('empty-payload', lineNumber)
  if ((seen & NOT_ARMOUR) !== 0) return reject('bad-armour', lineNumber)

  const fillBits = star === payloadEnd + 2 ? line.charCodeAt(payloadEnd + 1) - 48 : -1
  // Fill bits in the middle of a message would shift all that follows.
  if (fillBits < 0 || fillBits > 5 || (fillBits > 0 && number < total)) {
    return reject('bad-fill-bits', lineNumber)
  }

  return {
    ok: true,
    lineNumber,
    talker: talkerAt(line, start + 1),
    own: kind === 'VDO',
    total,
    number,
    sequenceId: sequenceLength === 0 ? null : sequenceIds.charAt(sequence),
    channel: channelOf(line.charCodeAt(commas[3]! + 1)),
    payload: line.slice(payloadStart, payloadEnd),
    fillBits,
    source: tag === null ? null : tag.source,
    time: tag === null ? null : tag.time,
    groupId: tag === null ? null : tag.groupId,
  }
}

function talkerAt(text: string, at: number): string {
  const common = text.charCodeAt(at) === 65 && text.charCodeAt(at + 1) === 73
  return common ? 'AI' : text.slice(at, at + 2)
}

function channelOf(code: number): string | null {
  switch (code) {
    case 65:
    case 49:
      return 'A'
    case 66:
    case 50:
      return 'B'
    case COMMA:
      return null
    default:
      return String.fromCharCode(code)
  }
}

function endOfText({ text, start, end: last }: Line): number {
  let end = last
  while (end > start) {
    const code = text.charCodeAt(end - 1)
    if (code !== 10 && code !== 13 && code !== 32 && code !== 9) break
    end--
  }
  return end
}

function sentenceKind(
  line: string,
  start: number,
  end: number,
): 'VDM' | 'VDO' | Extract<RejectionReason, 'not-ais' | 'malformed'> {
  const first = line.charCodeAt(start)
  if (first === 33) {
    if (start + 6 < end && isVd(line, start)) {
      const last = line.charCodeAt(start + 5)
      if (last === 77) return 'VDM'
      if (last === 79) return 'VDO'
    }
  } else if (first !== 36) {
    // Recorded logs carry comments behind #.
    return first === 35 ? 'not-ais' : 'malformed'
  }
  // The address is five letters or digits, or `P` and a maker's code of any length.
  let comma = start + 1
  while (comma < end && isAddressCharacter(line.charCodeAt(comma))) comma++
  const addressed = comma >= start + 4 && comma < end && line.charCodeAt(comma) === COMMA
  if (!addressed || line.startsWith('VDM', start + 3) || line.startsWith('VDO', start + 3)) {
    return 'malformed'
  }
  return 'not-ais'
}

function isVd(line: string, start: number): boolean {
  return (
    line.charCodeAt(start + 6) === COMMA &&
    line.charCodeAt(start + 3) === 86 &&
    line.charCodeAt(start + 4) === 68
  )
}

function isAddressCharacter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 48 && code <= 57)
}

/** Number 0 to 99 between two commas: 99 for more digits than that, -1 if it is no number. */
function digitField(line: string, before: number, after: number): number {
  const length = after - before - 1
  if (length < 1) return -1
  if (length === 1) {
    const digit = line.charCodeAt(before + 1) - 48
    return digit >= 0 && digit <= 9 ? digit : -1
  }
  for (let index = before + 1; index < after; index++) {
    const code = line.charCodeAt(index)
    if (code < 48 || code > 57) return -1
  }
  return length > 2 ? 99 : Number(line.slice(before + 1, after))
}

/** Byte written as two hexadecimal digits at `start`, or -1. */
function hexByte(text: string, start: number, end: number): number {
  if (start + 2 > end) return -1
  const high = hexDigit(text.charCodeAt(start))
  const low = hexDigit(text.charCodeAt(start + 1))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 65 && code <= 70) return code - 55
  if (code >= 97 && code <= 102) return code - 87
  return -1
}

/** Adds what the inside of a TAG block says to `tag`; false when it must not be trusted. */
function readTag(block: string, tag: Tag): boolean {
  const star = block.length - 3
  if (star < 0 || block.charCodeAt(star) !== ASTERISK) return false
  let checksum = 0
  for (let index = 0; index < star; index++) checksum ^= block.charCodeAt(index)
  if (hexByte(block, star + 1, block.length) !== checksum) return false

  let start = 0
  while (start < star) {
    let end = block.indexOf(',', start)
    if (end < 0 || end > star) end = star
    if (block.charCodeAt(start + 1) === 58) {
      const value = block.slice(start + 2, end)
      const key = block.charAt(start)
      if (key === 's') {
        if (value.length > MAX_SOURCE_LENGTH) return false
        tag.source = value === '' ? null : value
      } else if (key === 'c') {
        const time = unixTime(value)
        if (time === null) return false
        tag.time = time
      } else if (key === 'g') {
        tag.groupId = groupId(value)
      }
    }
    start = end + 1
  }
  return true
}

/** Milliseconds of a Unix time in seconds or milliseconds, null when it is neither. */
function unixTime(text: string): number | null {
  if (!/^\d{1,15}$/.test(text)) return null
  const value = Number(text)
  const time = value < FIRST_MILLISECONDS ? value * 1000 : value
  return time > LATEST_TIME ? null : time
}

function groupId(text: string): string | null {
  const match = /^\d{1,2}-\d{1,2}-(\d{1,10})$/.exec(text)
  return match?.[1] ?? null
}

function readTrailer(text: string, tag: Tag): void {
  for (const field of text.split(',')) {
    if (/^\d{9,13}$/.test(field)) tag.time ??= unixTime(field)
    else if (/^[rb]\w{2,63}$/.test(field)) tag.source ??= field
  }
}

/** Checksum of NMEA 0183: XOR of the bytes of `text`, which is what stands between `!` and `*`. */
export function sentenceChecksum(text: string): string {
  let checksum = 0
  for (let index = 0; index < text.length; index++) checksum ^= text.charCodeAt(index)
  return checksum.toString(16).toUpperCase().padStart(2, '0')
}
