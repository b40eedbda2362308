import fc from 'fast-check'
import { imoCheckDigitValid } from '../imo.ts'
import type { AisMessage, Dimensions, Eta } from '../message.ts'
import { SIXBIT_TEXT } from '../sixbit.ts'

const characters = SIXBIT_TEXT.slice(1).split('')

function ranged(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max })
}

function orNull<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(values, { freq: 4 })
}

function text(maxLength: number): fc.Arbitrary<string | null> {
  return fc
    .array(fc.constantFrom(...characters), { maxLength, size: 'max' })
    .map((letters) => letters.join('').trim() || null)
}

function digits(length: number): fc.Arbitrary<string> {
  return ranged(0, 10 ** length - 1).map((value) => String(value).padStart(length, '0'))
}

const mmsi = digits(9)
const header = { repeat: ranged(0, 3), mmsi }

const position = {
  lat: orNull(ranged(-54_000_000, 54_000_000).map((value) => value / 600_000)),
  lon: orNull(ranged(-108_000_000, 108_000_000).map((value) => value / 600_000)),
  accuracy: fc.boolean(),
  raim: fc.boolean(),
}

const timeStamp = fc.oneof(
  ranged(0, 59).map((second) => ({ second, positioning: 'normal' as const })),
  fc
    .constantFrom('normal', 'manual', 'dead-reckoning', 'inoperative')
    .map((positioning) => ({ second: null, positioning })),
)

const movement = fc.tuple(
  fc.record({
    ...header,
    ...position,
    speed: orNull(ranged(0, 1022).map((value) => value / 10)),
    course: orNull(ranged(0, 3599).map((value) => value / 10)),
    heading: orNull(ranged(0, 359)),
  }),
  timeStamp,
)

const turn = fc.oneof(
  ranged(-126, 126).map((value) => ({
    turn: Math.sign(value) * (value / 4.733) ** 2,
    fastTurn: null,
  })),
  fc.constantFrom('port', 'starboard', null).map((fastTurn) => ({ turn: null, fastTurn })),
)

const classA = fc
  .tuple(
    fc.constantFrom(1, 2, 3),
    movement,
    turn,
    fc.record({ status: ranged(0, 15), specialManoeuvre: orNull(fc.boolean()) }),
  )
  .map(([type, [moving, stamp], turning, rest]): AisMessage => {
    return { type, ...moving, ...stamp, ...turning, ...rest }
  })

const utcReport = fc
  .tuple(
    fc.constantFrom(4, 11),
    fc.record({
      ...header,
      ...position,
      utc: orNull(
        ranged(Date.UTC(1, 0, 1) / 1000, Date.UTC(9999, 11, 31) / 1000).map((seconds) =>
          new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'),
        ),
      ),
      fixType: orNull(ranged(1, 15)),
    }),
  )
  .map(([type, rest]): AisMessage => ({ type, ...rest }))

const dimensions: fc.Arbitrary<Dimensions | null> = fc
  .record({
    bow: ranged(0, 511),
    stern: ranged(0, 511),
    port: ranged(0, 63),
    starboard: ranged(0, 63),
  })
  .map((size) => (size.bow + size.stern + size.port + size.starboard === 0 ? null : size))

const eta: fc.Arbitrary<Eta> = fc.record({
  month: orNull(ranged(1, 12)),
  day: orNull(ranged(1, 31)),
  hour: orNull(ranged(0, 23)),
  minute: orNull(ranged(0, 59)),
})

const shipNumber = fc.oneof(
  ranged(1, 9_999_999).map((value) => {
    const imo = String(value).padStart(7, '0')
    return { imo, imoValid: imoCheckDigitValid(imo), flagStateNumber: null }
  }),
  orNull(ranged(10_000_000, 0x3fffffff)).map((value) => {
    return { imo: null, imoValid: null, flagStateNumber: value === null ? null : String(value) }
  }),
)

const hull = { shipType: orNull(ranged(1, 255)), dimensions, fixType: orNull(ranged(1, 15)) }

const voyageData = fc
  .tuple(
    shipNumber,
    fc.record({
      ...header,
      ...hull,
      aisVersion: ranged(0, 3),
      callSign: text(7),
      name: text(20),
      eta,
      draught: orNull(ranged(1, 255).map((value) => value / 10)),
      destination: text(20),
      dteReady: fc.boolean(),
    }),
  )
  .map(([number, rest]): AisMessage => ({ type: 5, ...number, ...rest }))

const classB = movement.map(([moving, stamp]): AisMessage => ({ type: 18, ...moving, ...stamp }))

const extendedClassB = fc
  .tuple(movement, fc.record({ ...hull, name: text(20) }))
  .map(([[moving, stamp], rest]): AisMessage => ({ type: 19, ...moving, ...stamp, ...rest }))

const aid = fc
  .tuple(
    timeStamp,
    fc.record({
      ...header,
      ...position,
      aidType: orNull(ranged(1, 31)),
      name: text(34),
      dimensions,
      fixType: hull.fixType,
      offPosition: fc.boolean(),
      virtual: fc.boolean(),
    }),
  )
  .map(([stamp, rest]): AisMessage => ({ type: 21, ...stamp, ...rest }))

const staticPartA = fc
  .record({ ...header, name: text(20) })
  .map((rest): AisMessage => ({ type: 24, part: 'A', ...rest }))

const staticFields = {
  repeat: header.repeat,
  shipType: hull.shipType,
  vendor: text(3),
  model: ranged(0, 15),
  serial: ranged(0, 0xfffff),
  callSign: text(7),
}

const staticPartB = fc.oneof(
  fc
    .record({ ...staticFields, mmsi, dimensions })
    .filter((rest) => !rest.mmsi.startsWith('98'))
    .map((rest): AisMessage => ({ type: 24, part: 'B', ...rest, motherShip: null })),
  fc
    .record({
      ...staticFields,
      mmsi: digits(7).map((rest) => `98${rest}`),
      motherShip: orNull(ranged(1, 999_999_999).map((value) => String(value).padStart(9, '0'))),
    })
    .map((rest): AisMessage => ({ type: 24, part: 'B', ...rest, dimensions: null })),
)

const longRange = fc
  .record({
    ...header,
    accuracy: fc.boolean(),
    raim: fc.boolean(),
    status: ranged(0, 15),
    lat: orNull(ranged(-54_000, 54_000).map((value) => value / 600)),
    lon: orNull(ranged(-108_000, 108_000).map((value) => value / 600)),
    speed: orNull(ranged(0, 62)),
    course: orNull(ranged(0, 359)),
  })
  .map((rest): AisMessage => ({ type: 27, ...rest }))

/** Messages of every type, with values that the fields can hold exactly. */
export const anyMessage: fc.Arbitrary<AisMessage> = fc.oneof(
  classA,
  utcReport,
  voyageData,
  classB,
  extendedClassB,
  aid,
  staticPartA,
  staticPartB,
  longRange,
)

/** The same messages for the same seed. */
export function sampleMessages(count: number, seed: number): AisMessage[] {
  return fc.sample(anyMessage, { numRuns: count, seed })
}
