import { imoCheckDigitValid } from './imo.ts'
import type { AisMessage, Dimensions, Positioning } from './message.ts'
import type { RejectionReason } from './rejection.ts'
import { armourValue, NOT_ARMOUR, SIXBIT_TEXT } from './sixbit.ts'

export interface DecodeFailure {
  readonly ok: false
  readonly reason: Extract<
    RejectionReason,
    | 'empty-payload'
    | 'bad-fill-bits'
    | 'bad-armour'
    | 'unsupported-type'
    | 'unsupported-part'
    | 'bad-length'
    | 'bad-mmsi'
  >
}

export interface Decoded {
  readonly ok: true
  readonly message: AisMessage
}

/** Bits that a message of each type may have, the common one first. */
const lengths: Readonly<Record<number, readonly number[]>> = {
  1: [168],
  2: [168],
  3: [168],
  4: [168],
  5: [424, 422, 420],
  11: [168],
  18: [168],
  19: [312],
  24: [168, 160, 162, 158],
  27: [96, 168],
}

/** A type 21 message has from 272 bits to 360 with the longest extension of its name. */
const AID_MIN_BITS = 272
const AID_MAX_BITS = 360
const NAME_EXTENSION_START = 272

const GREATEST_MMSI = 999_999_999
const LAST_DIMENSION_END = 162
const DTE_BIT = 422

const failures = {
  empty: failure('empty-payload'),
  fillBits: failure('bad-fill-bits'),
  armour: failure('bad-armour'),
  type: failure('unsupported-type'),
  part: failure('unsupported-part'),
  length: failure('bad-length'),
  mmsi: failure('bad-mmsi'),
}

function failure(reason: DecodeFailure['reason']): DecodeFailure {
  return Object.freeze({ ok: false, reason })
}

/*
 * The payload is unpacked into words of 30 bits, five characters each: a field then lies in at
 * most two of them and takes a shift and a mask. One scratch array serves every call, as decoding
 * is synchronous; 424 bits need 15 words, and those behind the message are zero.
 */
const WORD_BITS = 30
const WORD_CHARACTERS = 5
const words = new Int32Array(17)

/*
 * Values by field content. Looking them up saves a division, and a number on the heap for each
 * message: an array that also holds null keeps its numbers boxed and hands out the same ones.
 */
const speeds = fieldValues(10, (value) => (value === 1023 ? null : value / 10))
const courses = fieldValues(12, (value) => (value < 3600 ? value / 10 : null))
/** Degrees a minute: sign · (value ÷ 4.733)², for the field read without its sign. */
const turnRates = fieldValues(8, (value) => {
  const turn = value < 128 ? value : value - 256
  return Math.abs(turn) < 127 ? Math.sign(turn) * (turn / 4.733) ** 2 : null
})

function fieldValues(bits: number, valueOf: (value: number) => number | null) {
  return Array.from({ length: 2 ** bits }, (_, value) => valueOf(value))
}

/**
 * Decodes the payload of a whole message (ITU-R M.1371-5; gpsd's AIVDM document).
 *
 * `payload` is armoured, as in the sentence; `fillBits` (0 to 5) are dropped from its end. Never
 * throws. What a field calls not available is null, and so is a value outside its range, such as a
 * latitude of 100°.
 */
export function decodePayload(payload: string, fillBits: number): Decoded | DecodeFailure {
  const type = payloadType(payload, fillBits)
  if (typeof type !== 'number') return type
  if (!unpack(payload, fillBits)) return failures.armour
  if (unsigned(8, 30) > GREATEST_MMSI) return failures.mmsi

  const message = read(type, payload.length * 6 - fillBits)
  return message === null ? failures.part : { ok: true, message }
}

/**
 * The sender of a message that `decodePayload` can decode, without decoding it: the MMSI as a number.
 * Else why it cannot. Looks at the first characters of the payload and at its length, so that the
 * armour of the others must have been checked, as `parseSentence` does.
 */
export function payloadSender(payload: string, fillBits: number): number | DecodeFailure {
  const type = payloadType(payload, fillBits)
  if (typeof type !== 'number') return type
  // The shortest message of any type has 16 characters.
  if (!unpackWord(payload, 0) || !unpackWord(payload, 1)) return failures.armour
  const mmsi = unsigned(8, 30)
  if (mmsi > GREATEST_MMSI) return failures.mmsi
  return type === 24 && unsigned(38, 2) > 1 ? failures.part : mmsi
}

/** The message type, of a payload whose length suits it. */
function payloadType(payload: string, fillBits: number): number | DecodeFailure {
  if (payload.length === 0) return failures.empty
  if (!(fillBits >= 0 && fillBits <= 5) || (fillBits | 0) !== fillBits) return failures.fillBits
  const type = armourValue(payload.charCodeAt(0))
  if (type === NOT_ARMOUR) return failures.armour
  const bits = payload.length * 6 - fillBits
  if (type === 21) return bits < AID_MIN_BITS || bits > AID_MAX_BITS ? failures.length : type
  const allowed = lengths[type]
  if (allowed === undefined) return failures.type
  return bits !== allowed[0] && !allowed.includes(bits) ? failures.length : type
}

/** Unpacks one whole word. @returns whether its characters are armour */
function unpackWord(payload: string, word: number): boolean {
  let seen = 0
  let bits = 0
  for (let index = word * WORD_CHARACTERS; index < (word + 1) * WORD_CHARACTERS; index++) {
    const value = armourValue(payload.charCodeAt(index))
    seen |= value
    bits = (bits << 6) | value
  }
  words[word] = bits
  return (seen & NOT_ARMOUR) === 0
}

function unpack(payload: string, fillBits: number): boolean {
  const { length } = payload
  const wholeWords = length - (length % WORD_CHARACTERS)
  let seen = 0
  let index = 0
  let count = 0
  for (; index < wholeWords; index += WORD_CHARACTERS) {
    const first = armourValue(payload.charCodeAt(index))
    const second = armourValue(payload.charCodeAt(index + 1))
    const third = armourValue(payload.charCodeAt(index + 2))
    const fourth = armourValue(payload.charCodeAt(index + 3))
    const fifth = armourValue(payload.charCodeAt(index + 4))
    seen |= first | second | third | fourth | fifth
    words[count++] = (first << 24) | (second << 18) | (third << 12) | (fourth << 6) | fifth
  }
  let rest = 0
  for (let shift = WORD_BITS - 6; index < length; index++, shift -= 6) {
    const value = armourValue(payload.charCodeAt(index))
    seen |= value
    rest |= value << shift
  }
  words[count++] = rest
  words[count] = 0
  // Fill bits are no part of the message, and a text at its end must not read them.
  if (fillBits > 0) {
    const end = length * 6 - fillBits
    const word = Math.floor(end / WORD_BITS)
    const kept = end - word * WORD_BITS
    words[word] = words[word]! & ~((1 << (WORD_BITS - kept)) - 1)
  }
  return (seen & NOT_ARMOUR) === 0
}

/** `length` bits, 1 to 30, from bit `start`. */
function unsigned(start: number, length: number): number {
  const index = (start / WORD_BITS) | 0
  const end = start - index * WORD_BITS + length
  const mask = (1 << length) - 1
  if (end <= WORD_BITS) return (words[index]! >>> (WORD_BITS - end)) & mask
  const rest = end - WORD_BITS
  return ((words[index]! << rest) | (words[index + 1]! >>> (WORD_BITS - rest))) & mask
}

/** As `unsigned`, in two's complement. */
function signed(start: number, length: number): number {
  const unused = 32 - length
  return (unsigned(start, length) << unused) >> unused
}

function flag(start: number): boolean {
  return unsigned(start, 1) === 1
}

/** Six-bit text of up to `characters`, ended by `@`, without the blanks around it. */
function text(start: number, characters: number): string | null {
  return rawText(start, characters).trim() || null
}

/** Characters of a 20-character text that are whole in a message that may be cut short. */
function wholeCharacters(start: number, bits: number): number {
  return Math.min(20, Math.floor((bits - start) / 6))
}

function rawText(start: number, characters: number): string {
  let result = ''
  for (let index = 0; index < characters; index++) {
    const value = unsigned(start + index * 6, 6)
    if (value === 0) break
    result += SIXBIT_TEXT[value]!
  }
  return result
}

function mmsiText(value: number): string {
  const digits = String(value)
  return digits.length === 9 ? digits : digits.padStart(9, '0')
}

function longitude(start: number): number | null {
  const value = signed(start, 28)
  return value >= -108_000_000 && value <= 108_000_000 ? value / 600_000 : null
}

function latitude(start: number): number | null {
  const value = signed(start, 27)
  return value >= -54_000_000 && value <= 54_000_000 ? value / 600_000 : null
}

function heading(start: number): number | null {
  const value = unsigned(start, 9)
  return value < 360 ? value : null
}

function second(timeStamp: number): number | null {
  return timeStamp < 60 ? timeStamp : null
}

function positioning(timeStamp: number): Positioning {
  switch (timeStamp) {
    case 61:
      return 'manual'
    case 62:
      return 'dead-reckoning'
    case 63:
      return 'inoperative'
    default:
      return 'normal'
  }
}

function orNull(value: number): number | null {
  return value === 0 ? null : value
}

function within(value: number, least: number, most: number): number | null {
  return value >= least && value <= most ? value : null
}

function dimensions(start: number): Dimensions | null {
  const bow = unsigned(start, 9)
  const stern = unsigned(start + 9, 9)
  const port = unsigned(start + 18, 6)
  const starboard = unsigned(start + 24, 6)
  return bow + stern + port + starboard === 0 ? null : { bow, stern, port, starboard }
}

function utcTime(): string | null {
  const year = unsigned(38, 14)
  const month = unsigned(52, 4)
  const day = unsigned(56, 5)
  const hour = unsigned(61, 5)
  const minute = unsigned(66, 6)
  const secondOfMinute = unsigned(72, 6)
  if (year < 1 || year > 9999 || month < 1 || day < 1) return null
  if (hour > 23 || minute > 59 || secondOfMinute > 59) return null
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  time.setUTCHours(hour, minute, secondOfMinute)
  if (time.getUTCMonth() !== month - 1 || time.getUTCDate() !== day) return null
  return time.toISOString().replace('.000Z', 'Z')
}

function aidName(bits: number): string | null {
  const name = rawText(43, 20)
  if (name.length < 20) return name.trim() || null
  const extension = Math.floor((bits - NAME_EXTENSION_START) / 6)
  return (name + rawText(NAME_EXTENSION_START, extension)).trim() || null
}

/** One function a type, so that each is optimised by itself. */
function read(type: number, bits: number): AisMessage | null {
  switch (type) {
    case 1:
    case 2:
    case 3:
      return readClassA(type)
    case 4:
    case 11:
      return readUtcReport(type)
    case 5:
      return readVoyageData(bits)
    case 18:
      return readClassB()
    case 19:
      return readExtendedClassB()
    case 21:
      return readAid(bits)
    case 24:
      return readStaticData(bits)
    case 27:
      return readLongRange()
    default:
      return null
  }
}

function repeat(): number {
  return unsigned(6, 2)
}

function mmsi(): string {
  return mmsiText(unsigned(8, 30))
}

function readClassA(type: 1 | 2 | 3): AisMessage {
  const turn = unsigned(42, 8)
  const timeStamp = unsigned(137, 6)
  const manoeuvre = unsigned(143, 2)
  return {
    type,
    repeat: repeat(),
    mmsi: mmsi(),
    status: unsigned(38, 4),
    turn: turnRates[turn]!,
    fastTurn: turn === 127 ? 'starboard' : turn === 129 ? 'port' : null,
    speed: speeds[unsigned(50, 10)]!,
    accuracy: flag(60),
    lon: longitude(61),
    lat: latitude(89),
    course: courses[unsigned(116, 12)]!,
    heading: heading(128),
    second: second(timeStamp),
    positioning: positioning(timeStamp),
    specialManoeuvre: manoeuvre === 1 ? false : manoeuvre === 2 ? true : null,
    raim: flag(148),
  }
}

function readUtcReport(type: 4 | 11): AisMessage {
  return {
    type,
    repeat: repeat(),
    mmsi: mmsi(),
    utc: utcTime(),
    accuracy: flag(78),
    lon: longitude(79),
    lat: latitude(107),
    fixType: orNull(unsigned(134, 4)),
    raim: flag(148),
  }
}

function readClassB(): AisMessage {
  const timeStamp = unsigned(133, 6)
  return {
    type: 18,
    repeat: repeat(),
    mmsi: mmsi(),
    speed: speeds[unsigned(46, 10)]!,
    accuracy: flag(56),
    lon: longitude(57),
    lat: latitude(85),
    course: courses[unsigned(112, 12)]!,
    heading: heading(124),
    second: second(timeStamp),
    positioning: positioning(timeStamp),
    raim: flag(147),
  }
}

function readExtendedClassB(): AisMessage {
  const timeStamp = unsigned(133, 6)
  return {
    type: 19,
    repeat: repeat(),
    mmsi: mmsi(),
    speed: speeds[unsigned(46, 10)]!,
    accuracy: flag(56),
    lon: longitude(57),
    lat: latitude(85),
    course: courses[unsigned(112, 12)]!,
    heading: heading(124),
    second: second(timeStamp),
    positioning: positioning(timeStamp),
    name: text(143, 20),
    shipType: orNull(unsigned(263, 8)),
    dimensions: dimensions(271),
    fixType: orNull(unsigned(301, 4)),
    raim: flag(305),
  }
}

function readAid(bits: number): AisMessage {
  const timeStamp = unsigned(253, 6)
  return {
    type: 21,
    repeat: repeat(),
    mmsi: mmsi(),
    aidType: orNull(unsigned(38, 5)),
    name: aidName(bits),
    accuracy: flag(163),
    lon: longitude(164),
    lat: latitude(192),
    dimensions: dimensions(219),
    fixType: orNull(unsigned(249, 4)),
    second: second(timeStamp),
    positioning: positioning(timeStamp),
    offPosition: flag(259),
    raim: flag(268),
    virtual: flag(269),
  }
}

function readLongRange(): AisMessage {
  return {
    type: 27,
    repeat: repeat(),
    mmsi: mmsi(),
    status: unsigned(40, 4),
    accuracy: flag(38),
    raim: flag(39),
    lon: coarseDegrees(signed(44, 18), 180),
    lat: coarseDegrees(signed(62, 17), 90),
    speed: within(unsigned(79, 6), 0, 62),
    course: within(unsigned(85, 9), 0, 359),
  }
}

function coarseDegrees(value: number, limit: number): number | null {
  return Math.abs(value) <= limit * 600 ? value / 600 : null
}

function readVoyageData(bits: number): AisMessage {
  const number = unsigned(40, 30)
  const imo = number > 0 && number <= 9_999_999 ? String(number).padStart(7, '0') : null
  return {
    type: 5,
    repeat: repeat(),
    mmsi: mmsi(),
    aisVersion: unsigned(38, 2),
    imo,
    imoValid: imo === null ? null : imoCheckDigitValid(imo),
    flagStateNumber: number > 9_999_999 ? String(number) : null,
    callSign: text(70, 7),
    name: text(112, 20),
    shipType: orNull(unsigned(232, 8)),
    dimensions: dimensions(240),
    fixType: orNull(unsigned(270, 4)),
    eta: {
      month: within(unsigned(274, 4), 1, 12),
      day: within(unsigned(278, 5), 1, 31),
      hour: within(unsigned(283, 5), 0, 23),
      minute: within(unsigned(288, 6), 0, 59),
    },
    draught: orNull(unsigned(294, 8) / 10),
    destination: text(302, wholeCharacters(302, bits)),
    dteReady: bits > DTE_BIT ? !flag(DTE_BIT) : null,
  }
}

function readStaticData(bits: number): AisMessage | null {
  const part = unsigned(38, 2)
  if (part > 1) return null
  const sender = mmsi()
  if (part === 0) {
    const name = text(40, wholeCharacters(40, bits))
    return { type: 24, repeat: repeat(), mmsi: sender, part: 'A', name }
  }
  const whole = bits >= LAST_DIMENSION_END
  const craft = sender.startsWith('98')
  const parent = whole && craft ? unsigned(132, 30) : 0
  return {
    type: 24,
    repeat: repeat(),
    mmsi: sender,
    part: 'B',
    shipType: orNull(unsigned(40, 8)),
    vendor: text(48, 3),
    model: unsigned(66, 4),
    serial: unsigned(70, 20),
    callSign: text(90, 7),
    dimensions: whole && !craft ? dimensions(132) : null,
    motherShip: parent > 0 && parent <= 999_999_999 ? mmsiText(parent) : null,
  }
}
