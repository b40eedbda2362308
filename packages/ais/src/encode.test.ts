import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAisDecoder } from './ais-decoder.ts'
import { decodePayload } from './decode.ts'
import { encodePayload, encodeSentences } from './encode.ts'
import type { ClassAPosition, StaticDataPartA } from './message.ts'
import { anyMessage } from './testing/messages.ts'

const position: ClassAPosition = {
  type: 1,
  repeat: 0,
  mmsi: '371798000',
  status: 0,
  turn: null,
  fastTurn: 'port',
  speed: 12.3,
  accuracy: true,
  lon: -123.395_383_333_333_33,
  lat: 48.381_633_333_333_33,
  course: 224,
  heading: 215,
  second: 33,
  positioning: 'normal',
  specialManoeuvre: null,
  raim: false,
}
const name: StaticDataPartA = { type: 24, repeat: 0, mmsi: '244270489', part: 'A', name: 'ONE' }

describe('encodeSentences', () => {
  it('writes the sentence that was received, but for its radio status', () => {
    expect(encodeSentences(position)).toEqual(['!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g20000,0*50'])
  })

  it('writes talker, own ship, channel and TAG block', () => {
    const [sentence] = encodeSentences(position, {
      talker: 'BS',
      own: true,
      channel: 'B',
      source: 'rx1',
      time: 1_700_000_000_000,
    })
    expect(sentence).toMatch(/^\\s:rx1,c:1700000000\*[0-9A-F]{2}\\!BSVDO,1,1,,B,15RTgt/)
  })

  it('decodes to the message that was encoded, through every layer', () => {
    const options = fc.record(
      {
        channel: fc.constantFrom('A' as const, 'B' as const),
        sequenceId: fc.nat(9),
        own: fc.boolean(),
        source: fc.constantFrom('rx1', 'a longer name of a station'),
        time: fc.integer({ min: 1e11, max: 4e12 }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(anyMessage, options, (message, given) => {
        const sentences = encodeSentences(message, given)
        for (const sentence of sentences) {
          expect(sentence.slice(sentence.indexOf('!')).length).toBeLessThanOrEqual(80)
        }
        const results = createAisDecoder().push(Buffer.from(`${sentences.join('\r\n')}\r\n`), 0)
        expect(results).toHaveLength(1)
        expect(results[0]).toMatchObject({
          ok: true,
          message,
          source: given.source ?? null,
          time: given.time ?? null,
          own: given.own ?? false,
          channel: given.channel ?? 'A',
        })
      }),
      { numRuns: 2000 },
    )
  })

  it('is exact: encoding what was decoded gives the same payload', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const encoded = encodePayload(message)
        const result = decodePayload(encoded.payload, encoded.fillBits)
        expect(result).toEqual({ ok: true, message })
        expect(result.ok && encodePayload(result.message)).toEqual(encoded)
      }),
      { numRuns: 2000 },
    )
  })

  it('rounds to the nearest step of a field', () => {
    const degrees = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true })
    fc.assert(
      fc.property(degrees(180), degrees(90), degrees(708), (lon, lat, turn) => {
        const message = { ...position, lon, lat, turn, fastTurn: null }
        const { payload, fillBits } = encodePayload(message)
        const result = decodePayload(payload, fillBits)
        if (!result.ok || result.message.type !== 1) throw new Error('not decoded')
        expect(Math.abs((result.message.lon ?? Number.NaN) - lon)).toBeLessThan(0.51 / 600_000)
        expect(Math.abs((result.message.lat ?? Number.NaN) - lat)).toBeLessThan(0.51 / 600_000)
        const steps = (rate: number) => 4.733 * Math.sign(rate) * Math.sqrt(Math.abs(rate))
        const error = steps(result.message.turn ?? Number.NaN) - steps(turn)
        expect(Math.abs(error)).toBeLessThan(0.51)
      }),
    )
  })

  it('takes the top of a field for what exceeds it, and north for a full circle', () => {
    const { payload } = encodePayload({
      ...position,
      speed: 150,
      turn: -5000,
      course: 359.99,
      heading: 360,
    })
    expect(decodePayload(payload, 0)).toMatchObject({
      message: { speed: 102.2, turn: -((126 / 4.733) ** 2), course: 0, heading: 0 },
    })
  })

  it.each([
    ['lat', { ...position, lat: 90.1 }],
    ['lat', { ...position, lat: Number.NaN }],
    ['lon', { ...position, lon: -180.1 }],
    ['speed', { ...position, speed: -1 }],
    ['course', { ...position, course: 361 }],
    ['heading', { ...position, heading: -1 }],
    ['turn', { ...position, turn: Number.NaN }],
    ['second', { ...position, second: 60 }],
    ['status', { ...position, status: 16 }],
    ['mmsi', { ...position, mmsi: '1234' }],
    ['repeat', { ...position, repeat: 4 }],
    ['name', { ...name, name: 'X'.repeat(21) }],
    ['name', { ...name, name: 'A@B' }],
    ['name', { ...name, name: 'ÑANDÚ' }],
  ])('refuses a %s outside its field', (field, message) => {
    expect(() => encodePayload(message)).toThrow(RangeError)
    expect(() => encodePayload(message)).toThrow(field)
  })

  it.each([
    { sequenceId: 10 },
    { talker: 'ai' },
    { source: 'a,b' },
    { source: '' },
    { time: -1 },
    { time: 1.5 },
    { time: 1500 },
  ])('refuses the option %j', (options) => {
    expect(() => encodeSentences(position, options)).toThrow(RangeError)
  })
})
