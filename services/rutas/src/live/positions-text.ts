import type { HeardStation } from '../ais/heard-station.ts'
import { memoryOf, roomFor } from '../growing-memory.ts'
import { inTurns } from '../in-turns.ts'
import type { Fix } from '../targets/fix.ts'
import type { KnownTarget } from '../targets/target.ts'

/** Ships that are written before others get their turn. */
const atOnce = 500

/** Bytes of a position with the commas and brackets beside it, at most, without the ship's name. */
const mostBytes = 300

/** Bytes of a character of a name in JSON, at most: `\u0000`. */
const mostOfCharacter = 6

/**
 * JSON (`LivePosition[]`) of where those stations are that have moved: the last fix of each, as bytes. Written
 * by hand, since it is made of every position that comes in, where `JSON.stringify` of objects made for
 * it takes as long as all else that is done with a position, and texts put together leave the garbage
 * of their parts. Degrees are rounded to six digits, which is finer than AIS tells.
 */
export const positionsText = async (
  stations: readonly Pick<HeardStation, 'before' | 'target'>[],
): Promise<Buffer> => {
  const text = new JsonBytes()
  text.raw('[')
  let written = 0
  for await (const some of inTurns(stations, atOnce)) {
    for (const { before, target } of some) {
      // A fix that has not changed is the same object.
      if (!target?.fix || target.fix === before?.fix) continue
      if (written > 0) text.raw(',')
      addPosition(text, target, target.fix)
      written += 1
    }
  }
  text.raw(']')
  return text.end()
}

const addPosition = (text: JsonBytes, target: KnownTarget, fix: Fix): void => {
  const { name } = target
  text.reserve(mostBytes + (name?.length ?? 0) * mostOfCharacter)
  text.raw('{"mmsi":"')
  text.raw(target.mmsi)
  text.raw('","kind":"')
  text.raw(target.kind)
  text.raw('","name":')
  text.any(name)
  text.raw(',"shipType":')
  text.decimal(target.shipType, 0)
  text.raw(',"position":{"lat":')
  text.decimal(fix.lat, 6)
  text.raw(',"lon":')
  text.decimal(fix.lon, 6)
  text.raw('},"speed":')
  text.decimal(fix.speed, 1)
  text.raw(',"course":')
  text.decimal(fix.course, 1)
  text.raw(',"heading":')
  text.decimal(fix.heading, 0)
  text.raw(',"navigationStatus":')
  text.decimal(fix.status, 0)
  text.raw(',"time":"')
  text.time(fix.time)
  text.raw('"}')
}

const [zero, point, minus] = [48, 46, 45]
const scales = { 0: 1, 1: 10, 6: 1_000_000 } as const

/** JSON that is put together byte by byte; room for it is to be reserved before. */
class JsonBytes {
  #memory = memoryOf(16_384)
  #end = 0
  #minute = Number.NaN
  #minuteText = ''

  reserve(length: number): void {
    this.#memory = roomFor(this.#memory, { used: this.#end, length })
  }

  /** Text of ASCII alone that stands as it is. */
  raw(text: string): void {
    const { bytes } = this.#memory
    for (let n = 0; n < text.length; n++) bytes[this.#end + n] = text.charCodeAt(n)
    this.#end += text.length
  }

  /** A text, quoted, or null. */
  any(value: string | null): void {
    if (value === null) return this.raw('null')
    this.#end += this.#memory.bytes.write(JSON.stringify(value), this.#end)
  }

  /** A number of less than 10,000 in amount, rounded to so many decimals, or null. */
  decimal(value: number | null, decimals: keyof typeof scales): void {
    if (value === null) return this.raw('null')
    const scale = scales[decimals]
    const scaled = Math.round(Math.abs(value) * scale)
    if (value < 0 && scaled > 0) this.#byte(minus)
    const whole = Math.floor(scaled / scale)
    this.#digits(whole, whole < 10 ? 1 : whole < 100 ? 2 : whole < 1_000 ? 3 : 4)
    if (decimals === 0) return
    this.#byte(point)
    this.#digits(scaled - whole * scale, decimals)
  }

  /** RFC 3339 to the millisecond; the fixes of one group are mostly of the same minute. */
  time(time: number): void {
    const minute = Math.floor(time / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#minuteText = new Date(minute * 60_000).toISOString().slice(0, 17)
    }
    this.raw(this.#minuteText)
    const rest = time - minute * 60_000
    const seconds = Math.floor(rest / 1_000)
    this.#digits(seconds, 2)
    this.#byte(point)
    this.#digits(rest - seconds * 1_000, 3)
    this.raw('Z')
  }

  end(): Buffer {
    return this.#memory.bytes.subarray(0, this.#end)
  }

  #byte(code: number): void {
    this.#memory.bytes[this.#end] = code
    this.#end += 1
  }

  #digits(value: number, count: number): void {
    let rest = value
    for (let n = count - 1; n >= 0; n--) {
      const next = Math.floor(rest / 10)
      this.#memory.bytes[this.#end + n] = zero + rest - next * 10
      rest = next
    }
    this.#end += count
  }
}
