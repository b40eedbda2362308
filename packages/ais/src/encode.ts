import type { AisMessage, Dimensions, Eta, Positioning } from './message.ts'
import { sentenceChecksum } from './sentence.ts'
import { armourCharacter, SIXBIT_TEXT } from './sixbit.ts'

export interface EncodedPayload {
  readonly payload: string
  /** 0 to 5. */
  readonly fillBits: number
}

export interface SentenceOptions {
  /** Two capital letters or digits. Default `AI`. */
  readonly talker?: string
  /** Own ship: VDO instead of VDM. Default false. */
  readonly own?: boolean
  readonly channel?: 'A' | 'B'
  /** 0 to 9, used when the message takes several sentences. Default 0. */
  readonly sequenceId?: number
  /** Station for the TAG block, 1 to 64 printable characters other than `,`, `*` and `\`. */
  readonly source?: string
  /** Milliseconds since 1970 for the TAG block, before 5138; whole seconds, or after 1973. */
  readonly time?: number
}

/** With the longest header and checksum this makes a sentence of 82 characters (NMEA 0183). */
const MAX_PAYLOAD_CHARACTERS = 60

/** A reader tells seconds and milliseconds apart at this value: it is 1973 or 5138. */
const FIRST_MILLISECONDS = 1e11
const LATEST_TIME = FIRST_MILLISECONDS * 1000 - 1

const NO_LONGITUDE = 181
const NO_LATITUDE = 91

/**
 * Sentences of a message, without line endings, as a receiver would hand them on.
 *
 * @throws {RangeError} as `encodePayload`, and for options outside their range.
 */
export function encodeSentences(message: AisMessage, options: SentenceOptions = {}): string[] {
  const { talker = 'AI', own = false, channel = 'A', sequenceId = 0 } = options
  if (!/^[A-Z0-9]{2}$/.test(talker)) throw new RangeError(`talker ${talker} is not two letters`)
  integer('sequenceId', sequenceId, { least: 0, most: 9 })
  const tag = tagBlock(options)
  const { payload, fillBits } = encodePayload(message)
  const total = Math.ceil(payload.length / MAX_PAYLOAD_CHARACTERS)
  const sentences: string[] = []
  for (let number = 1; number <= total; number++) {
    const start = (number - 1) * MAX_PAYLOAD_CHARACTERS
    const fields = [
      `${talker}${own ? 'VDO' : 'VDM'}`,
      total,
      number,
      total > 1 ? sequenceId : '',
      channel,
      payload.slice(start, start + MAX_PAYLOAD_CHARACTERS),
      number === total ? fillBits : 0,
    ].join(',')
    sentences.push(`${tag}!${fields}*${sentenceChecksum(fields)}`)
  }
  return sentences
}

/**
 * Payload of a message in the shape that `decodePayload` yields; what is null is sent as not
 * available. Numbers are rounded to the field's resolution, and those over a field that means
 * "that or more" at its top (speed, turn, draught, dimensions) take the top. Text is sent in
 * capitals. Fields that the shape lacks (radio status, regional bits, class B equipment) are zero.
 *
 * @throws {RangeError} for a number outside its field, or a text that is too long or has a
 * character outside the six-bit set.
 */
export function encodePayload(message: AisMessage): EncodedPayload {
  const bits = new BitWriter()
  bits.add(message.type, 6)
  bits.add(integer('repeat', message.repeat, { least: 0, most: 3 }), 2)
  bits.add(mmsiNumber('mmsi', message.mmsi), 30)
  writeBody(bits, message)
  return bits.armour()
}

class BitWriter {
  readonly #bits: number[] = []

  /** The lowest `length` bits of `value`, two's complement when negative. */
  add(value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit--) this.#bits.push((value >> bit) & 1)
  }

  flag(value: boolean): void {
    this.#bits.push(value ? 1 : 0)
  }

  /** Text of exactly `characters`, filled up with `@`. */
  text(value: string, characters: number): void {
    for (let index = 0; index < characters; index++) {
      this.add(index < value.length ? SIXBIT_TEXT.indexOf(value.charAt(index)) : 0, 6)
    }
  }

  /** Zeros up to the next whole byte. */
  fillByte(): void {
    this.add(0, (8 - (this.#bits.length % 8)) % 8)
  }

  armour(): EncodedPayload {
    const fillBits = (6 - (this.#bits.length % 6)) % 6
    const bits = [...this.#bits, ...new Array<number>(fillBits).fill(0)]
    let payload = ''
    for (let start = 0; start < bits.length; start += 6) {
      let value = 0
      for (let index = start; index < start + 6; index++) value = value * 2 + bits[index]!
      payload += armourCharacter(value)
    }
    return { payload, fillBits }
  }
}

function writeBody(bits: BitWriter, message: AisMessage): void {
  switch (message.type) {
    case 1:
    case 2:
    case 3:
      bits.add(integer('status', message.status, { least: 0, most: 15 }), 4)
      bits.add(turnValue(message.turn, message.fastTurn), 8)
      bits.add(speedValue(message.speed), 10)
      bits.flag(message.accuracy)
      writePosition(bits, message)
      bits.add(courseValue(message.course), 12)
      bits.add(headingValue(message.heading), 9)
      bits.add(timeStampValue(message.second, message.positioning), 6)
      bits.add(message.specialManoeuvre === null ? 0 : message.specialManoeuvre ? 2 : 1, 2)
      bits.add(0, 3)
      bits.flag(message.raim)
      bits.add(0, 19)
      return
    case 4:
    case 11:
      writeUtc(bits, message.utc)
      bits.flag(message.accuracy)
      writePosition(bits, message)
      bits.add(orZero('fixType', message.fixType, 15), 4)
      bits.add(0, 10)
      bits.flag(message.raim)
      bits.add(0, 19)
      return
    case 5:
      bits.add(integer('aisVersion', message.aisVersion, { least: 0, most: 3 }), 2)
      bits.add(shipNumber(message.imo, message.flagStateNumber), 30)
      bits.text(sixbitText('callSign', message.callSign, 7), 7)
      bits.text(sixbitText('name', message.name, 20), 20)
      bits.add(orZero('shipType', message.shipType, 255), 8)
      writeDimensions(bits, message.dimensions)
      bits.add(orZero('fixType', message.fixType, 15), 4)
      writeEta(bits, message.eta)
      bits.add(Math.min(255, scaled('draught', message.draught ?? 0, 10)), 8)
      bits.text(sixbitText('destination', message.destination, 20), 20)
      bits.flag(message.dteReady === false)
      bits.add(0, 1)
      return
    case 18:
      writeClassB(bits, message)
      bits.add(0, 8)
      bits.flag(message.raim)
      bits.add(0, 20)
      return
    case 19:
      writeClassB(bits, message)
      bits.add(0, 4)
      bits.text(sixbitText('name', message.name, 20), 20)
      bits.add(orZero('shipType', message.shipType, 255), 8)
      writeDimensions(bits, message.dimensions)
      bits.add(orZero('fixType', message.fixType, 15), 4)
      bits.flag(message.raim)
      bits.add(0, 6)
      return
    case 21: {
      const name = sixbitText('name', message.name, 34)
      bits.add(orZero('aidType', message.aidType, 31), 5)
      bits.text(name.slice(0, 20), 20)
      bits.flag(message.accuracy)
      writePosition(bits, message)
      writeDimensions(bits, message.dimensions)
      bits.add(orZero('fixType', message.fixType, 15), 4)
      bits.add(timeStampValue(message.second, message.positioning), 6)
      bits.flag(message.offPosition)
      bits.add(0, 8)
      bits.flag(message.raim)
      bits.flag(message.virtual)
      bits.add(0, 2)
      bits.text(name.slice(20), Math.max(0, name.length - 20))
      bits.fillByte()
      return
    }
    case 24:
      if (message.part === 'A') {
        bits.add(0, 2)
        bits.text(sixbitText('name', message.name, 20), 20)
        return
      }
      bits.add(1, 2)
      bits.add(orZero('shipType', message.shipType, 255), 8)
      bits.text(sixbitText('vendor', message.vendor, 3), 3)
      bits.add(integer('model', message.model, { least: 0, most: 15 }), 4)
      bits.add(integer('serial', message.serial, { least: 0, most: 0xfffff }), 20)
      bits.text(sixbitText('callSign', message.callSign, 7), 7)
      if (message.mmsi.startsWith('98')) {
        bits.add(message.motherShip === null ? 0 : mmsiNumber('motherShip', message.motherShip), 30)
      } else {
        writeDimensions(bits, message.dimensions)
      }
      bits.add(0, 6)
      return
    case 27: {
      const { lon, lat, speed } = message
      bits.flag(message.accuracy)
      bits.flag(message.raim)
      bits.add(integer('status', message.status, { least: 0, most: 15 }), 4)
      bits.add(degrees('lon', lon ?? NO_LONGITUDE, { limit: 180, none: 181, scale: 600 }), 18)
      bits.add(degrees('lat', lat ?? NO_LATITUDE, { limit: 90, none: 91, scale: 600 }), 17)
      bits.add(speed === null ? 63 : Math.min(62, scaled('speed', speed, 1)), 6)
      bits.add(message.course === null ? 511 : turnOfCompass('course', message.course, 1), 9)
      bits.add(0, 2)
      return
    }
    default:
      throw new RangeError(`message type ${String((message as AisMessage).type)} is not encoded`)
  }
}

interface Positioned {
  readonly lon: number | null
  readonly lat: number | null
}

function writePosition(bits: BitWriter, { lon, lat }: Positioned): void {
  bits.add(degrees('lon', lon ?? NO_LONGITUDE, { limit: 180, none: 181, scale: 600_000 }), 28)
  bits.add(degrees('lat', lat ?? NO_LATITUDE, { limit: 90, none: 91, scale: 600_000 }), 27)
}

function writeClassB(bits: BitWriter, message: Extract<AisMessage, { type: 18 | 19 }>): void {
  bits.add(0, 8)
  bits.add(speedValue(message.speed), 10)
  bits.flag(message.accuracy)
  writePosition(bits, message)
  bits.add(courseValue(message.course), 12)
  bits.add(headingValue(message.heading), 9)
  bits.add(timeStampValue(message.second, message.positioning), 6)
}

function writeDimensions(bits: BitWriter, dimensions: Dimensions | null): void {
  const { bow, stern, port, starboard } = dimensions ?? { bow: 0, stern: 0, port: 0, starboard: 0 }
  bits.add(Math.min(511, scaled('bow', bow, 1)), 9)
  bits.add(Math.min(511, scaled('stern', stern, 1)), 9)
  bits.add(Math.min(63, scaled('port', port, 1)), 6)
  bits.add(Math.min(63, scaled('starboard', starboard, 1)), 6)
}

function writeEta(bits: BitWriter, eta: Eta): void {
  bits.add(eta.month === null ? 0 : integer('eta month', eta.month, { least: 1, most: 12 }), 4)
  bits.add(eta.day === null ? 0 : integer('eta day', eta.day, { least: 1, most: 31 }), 5)
  bits.add(eta.hour === null ? 24 : integer('eta hour', eta.hour, { least: 0, most: 23 }), 5)
  bits.add(eta.minute === null ? 60 : integer('eta minute', eta.minute, { least: 0, most: 59 }), 6)
}

function writeUtc(bits: BitWriter, utc: string | null): void {
  const time = utc === null ? null : new Date(utc)
  const year = time === null ? 0 : time.getUTCFullYear()
  if (time !== null && !(year >= 1 && year <= 9999)) throw new RangeError(`utc ${utc} is no time`)
  bits.add(year, 14)
  bits.add(time === null ? 0 : time.getUTCMonth() + 1, 4)
  bits.add(time === null ? 0 : time.getUTCDate(), 5)
  bits.add(time === null ? 24 : time.getUTCHours(), 5)
  bits.add(time === null ? 60 : time.getUTCMinutes(), 6)
  bits.add(time === null ? 60 : time.getUTCSeconds(), 6)
}

interface Range {
  readonly least: number
  readonly most: number
}

function integer(field: string, value: number, { least, most }: Range): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${field} ${value} is not a whole number from ${least} to ${most}`)
  }
  return value
}

function orZero(field: string, value: number | null, most: number): number {
  return value === null ? 0 : integer(field, value, { least: 1, most })
}

/** A quantity that is never negative, in steps of one `scale`th. */
function scaled(field: string, value: number, scale: number): number {
  if (!(value >= 0)) throw new RangeError(`${field} ${value} is not 0 or more`)
  return Math.round(value * scale)
}

interface DegreesField {
  readonly limit: number
  readonly none: number
  readonly scale: number
}

function degrees(field: string, value: number, { limit, none, scale }: DegreesField): number {
  if (!(Math.abs(value) <= limit || value === none)) {
    throw new RangeError(`${field} ${value} is not within ${limit} degrees`)
  }
  return Math.round(value * scale)
}

/** A direction; what rounds up to the full circle, and 360 itself, is north. */
function turnOfCompass(field: string, value: number, scale: number): number {
  if (!(value >= 0 && value <= 360)) throw new RangeError(`${field} ${value} is not 0 to 360`)
  return Math.round(value * scale) % (360 * scale)
}

function speedValue(speed: number | null): number {
  return speed === null ? 1023 : Math.min(1022, scaled('speed', speed, 10))
}

function courseValue(course: number | null): number {
  return course === null ? 3600 : turnOfCompass('course', course, 10)
}

function headingValue(heading: number | null): number {
  return heading === null ? 511 : turnOfCompass('heading', heading, 1)
}

function turnValue(turn: number | null, fastTurn: 'port' | 'starboard' | null): number {
  if (turn === null) return fastTurn === null ? -128 : fastTurn === 'starboard' ? 127 : -127
  if (Number.isNaN(turn)) throw new RangeError('turn is not a number')
  return Math.sign(turn) * Math.min(126, Math.round(4.733 * Math.sqrt(Math.abs(turn))))
}

const timeStamps: Readonly<Record<Positioning, number>> = {
  normal: 60,
  manual: 61,
  'dead-reckoning': 62,
  inoperative: 63,
}

/** The field holds either a second or a way of positioning; the second wins. */
function timeStampValue(second: number | null, positioning: Positioning): number {
  return second === null
    ? timeStamps[positioning]
    : integer('second', second, { least: 0, most: 59 })
}

function mmsiNumber(field: string, mmsi: string): number {
  if (!/^\d{9}$/.test(mmsi)) throw new RangeError(`${field} ${mmsi} is not nine digits`)
  return Number(mmsi)
}

function shipNumber(imo: string | null, flagStateNumber: string | null): number {
  if (imo !== null) {
    if (!/^\d{7}$/.test(imo)) throw new RangeError(`imo ${imo} is not seven digits`)
    return Number(imo)
  }
  if (flagStateNumber === null) return 0
  const range = { least: 10_000_000, most: 0x3fffffff }
  return integer('flagStateNumber', Number(flagStateNumber), range)
}

function sixbitText(field: string, value: string | null, characters: number): string {
  const text = (value ?? '').toUpperCase()
  if (text.length > characters) {
    throw new RangeError(`${field} ${text} is longer than ${characters} characters`)
  }
  for (const character of text) {
    // Not the first of the set: @ would end the text.
    if (SIXBIT_TEXT.indexOf(character) < 1) {
      throw new RangeError(`${field} ${text} has a character outside the six-bit set`)
    }
  }
  return text
}

function tagBlock({ source, time }: SentenceOptions): string {
  const fields: string[] = []
  if (source !== undefined) {
    if (!/^[\x20-\x7e]{1,64}$/.test(source) || /[,*\\]/.test(source)) {
      throw new RangeError(`source ${source} cannot stand in a TAG block`)
    }
    fields.push(`s:${source}`)
  }
  if (time !== undefined) {
    integer('time', time, { least: 0, most: LATEST_TIME })
    const whole = time % 1000 === 0
    if (!whole && time < FIRST_MILLISECONDS) throw new RangeError(`time ${time} reads as seconds`)
    fields.push(`c:${whole ? time / 1000 : time}`)
  }
  if (fields.length === 0) return ''
  const block = fields.join(',')
  return `\\${block}*${sentenceChecksum(block)}\\`
}
