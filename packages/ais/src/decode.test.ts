import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePayload, payloadSender } from './decode.ts'
import { encodePayload } from './encode.ts'
import type { AisMessage, ClassAPosition, StaticDataPartB, VoyageData } from './message.ts'
import { armourCharacter } from './sixbit.ts'

function decoded(payload: string, fillBits = 0): AisMessage {
  const result = decodePayload(payload, fillBits)
  if (!result.ok) throw new Error(result.reason)
  return result.message
}

/** Payload of fields given as [value, bits], with its fill bits. */
function packed(...fields: (readonly [number, number])[]): readonly [string, number] {
  const bits = fields.map(([value, length]) => value.toString(2).padStart(length, '0')).join('')
  const fillBits = (6 - (bits.length % 6)) % 6
  const whole = bits + '0'.repeat(fillBits)
  const characters = whole.match(/.{6}/g) ?? []
  return [characters.map((six) => armourCharacter(Number.parseInt(six, 2))).join(''), fillBits]
}

const classA: ClassAPosition = {
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

const voyage: VoyageData = {
  type: 5,
  repeat: 0,
  mmsi: '371255000',
  aisVersion: 2,
  imo: '9266633',
  imoValid: true,
  flagStateNumber: null,
  callSign: 'HP6683',
  name: 'SEA ENTERPRISE',
  shipType: 90,
  dimensions: { bow: 13, stern: 15, port: 1, starboard: 6 },
  fixType: 1,
  eta: { month: 3, day: 29, hour: 11, minute: 0 },
  draught: 1.4,
  destination: 'LEMMER',
  dteReady: true,
}
const VOYAGE_PAYLOAD = '55R3Vn82=ILTQ3KKS>1<D60Dq@E918U<F222221J1`?164vc03S1CCAD`88888888888880'

describe('decodePayload, on transmissions received', () => {
  it('type 1', () => {
    expect(decoded('15RTgt0PAso;90TKcjM8h6g208CQ')).toEqual(classA)
  })

  it('type 3', () => {
    expect(decoded('33P;Tw0tjBQO22:E7dm66DrB20UP')).toMatchObject({
      type: 3,
      mmsi: '235070716',
      turn: -((13 / 4.733) ** 2),
      fastTurn: null,
      speed: 14.6,
      heading: 157,
      raim: true,
    })
  })

  it('type 5, of two sentences', () => {
    expect(decoded(VOYAGE_PAYLOAD, 2)).toEqual(voyage)
  })

  it('type 11', () => {
    expect(decoded(';4R33:1uUK2F`q?mOt@@GoQ00000')).toMatchObject({
      type: 11,
      mmsi: '304137000',
      utc: '2009-05-22T02:22:40Z',
      lon: -94.407_683_333_333_34,
      lat: 28.409_116_666_666_666,
      fixType: 1,
    })
  })

  it('type 18', () => {
    expect(decoded('B5NJ;PP005l4ot5Isbl03wsUkP06')).toEqual({
      type: 18,
      repeat: 0,
      mmsi: '367430530',
      speed: 0,
      accuracy: false,
      lon: -122.267_32,
      lat: 37.785_035,
      course: 0,
      heading: null,
      second: 55,
      positioning: 'normal',
      raim: false,
    })
  })

  it('type 19', () => {
    expect(decoded('C5N3SRgPEnJGEBT>NhWAwwo862PaLELTBJ:V00000000S0D:R220')).toMatchObject({
      type: 19,
      mmsi: '367059850',
      speed: 8.7,
      lat: 29.543_695,
      course: 335.9,
      heading: null,
      second: 46,
      name: 'CAPT.J.RIMES',
      shipType: 70,
      dimensions: { bow: 5, stern: 21, port: 4, starboard: 4 },
      fixType: 1,
    })
  })

  it('type 24, part A', () => {
    expect(decoded('H44cj<0DdvlHhuB222222222220', 2)).toEqual({
      type: 24,
      repeat: 0,
      mmsi: '273347120',
      part: 'A',
      name: 'EKO-FLOT',
    })
  })

  it('type 24, part B', () => {
    expect(decoded('H3`u5VDT47I4dcD@8olnh01P0030')).toEqual({
      type: 24,
      repeat: 0,
      mmsi: '244270489',
      part: 'B',
      shipType: 36,
      vendor: 'DGY',
      model: 1,
      serial: 182_996,
      callSign: 'PH7460',
      dimensions: { bow: 12, stern: 0, port: 0, starboard: 3 },
      motherShip: null,
    })
  })

  it('type 27, sent with 168 bits', () => {
    expect(decoded('KC5E2b@U19PFdLbMuc5=ROv62<7m')).toEqual({
      type: 27,
      repeat: 1,
      mmsi: '206914217',
      status: 2,
      accuracy: false,
      raim: false,
      lon: 82_214 / 600,
      lat: 4.84,
      speed: 57,
      course: 167,
    })
  })
})

describe('decodePayload, field by field', () => {
  const head = [
    [1, 6],
    [0, 2],
    [1234, 30],
  ] as const
  const rest = (fields: { turn?: number; speed?: number; course?: number; heading?: number }) =>
    decoded(
      ...packed(
        ...head,
        [15, 4],
        [fields.turn ?? 128, 8],
        [fields.speed ?? 1023, 10],
        [0, 1],
        [181 * 600_000, 28],
        [91 * 600_000, 27],
        [fields.course ?? 3600, 12],
        [fields.heading ?? 511, 9],
        [60, 6],
        [0, 25],
      ),
    )

  it('has null for all that is not available', () => {
    expect(rest({})).toEqual({
      type: 1,
      repeat: 0,
      mmsi: '000001234',
      status: 15,
      turn: null,
      fastTurn: null,
      speed: null,
      accuracy: false,
      lon: null,
      lat: null,
      course: null,
      heading: null,
      second: null,
      positioning: 'normal',
      specialManoeuvre: null,
      raim: false,
    })
  })

  it.each([
    [0, 0, null],
    [1, (1 / 4.733) ** 2, null],
    [126, (126 / 4.733) ** 2, null],
    [127, null, 'starboard'],
    [128, null, null],
    [129, null, 'port'],
    [130, -((126 / 4.733) ** 2), null],
    [255, -((1 / 4.733) ** 2), null],
  ])('turn field %i is %d degrees a minute, or fast to %s', (turn, rate, fastTurn) => {
    expect(rest({ turn })).toMatchObject({ turn: rate, fastTurn })
  })

  it('tells the highest speed from none', () => {
    expect(rest({ speed: 1022 })).toMatchObject({ speed: 102.2 })
    expect(rest({ speed: 1023 })).toMatchObject({ speed: null })
  })

  it('takes directions beyond the circle as not available', () => {
    expect(rest({ course: 3599, heading: 359 })).toMatchObject({ course: 359.9, heading: 359 })
    expect(rest({ course: 3601, heading: 360 })).toMatchObject({ course: null, heading: null })
  })

  it('takes a position off the globe as not available, and its edge as a position', () => {
    const at = (lon: number, lat: number) =>
      decoded(...packed([27, 6], [0, 2], [1234, 30], [0, 6], [lon, 18], [lat, 17], [0, 17]))
    expect(at(108_000, 54_000)).toMatchObject({ lon: 180, lat: 90 })
    expect(at(108_001, 54_001)).toMatchObject({ lon: null, lat: null })
    expect(at(2 ** 18 - 108_000, 2 ** 17 - 54_000)).toMatchObject({ lon: -180, lat: -90 })
    expect(at(2 ** 18 - 108_001, 2 ** 17 - 54_001)).toMatchObject({ lon: null, lat: null })
  })

  it('flags an IMO number with a wrong check digit', () => {
    const { payload, fillBits } = encodePayload({ ...voyage, imo: '9266634' })
    expect(decoded(payload, fillBits)).toMatchObject({ imo: '9266634', imoValid: false })
  })

  it('keeps a number that is not an IMO number apart', () => {
    const message = { ...voyage, imo: null, imoValid: null, flagStateNumber: '10000000' }
    const { payload, fillBits } = encodePayload(message)
    expect(decoded(payload, fillBits)).toEqual(message)
  })

  it('has null for empty static data', () => {
    const empty = {
      ...voyage,
      imo: null,
      imoValid: null,
      callSign: null,
      name: null,
      shipType: null,
      dimensions: null,
      fixType: null,
      eta: { month: null, day: null, hour: null, minute: null },
      draught: null,
      destination: null,
    }
    const { payload, fillBits } = encodePayload(empty)
    expect(decoded(payload, fillBits)).toEqual(empty)
  })

  it('takes a type 5 cut short, without the bits it lost', () => {
    const full = 'ABCDEFGHIJKLMNOPQRST'
    const { payload } = encodePayload({ ...voyage, destination: full })
    expect(decoded(payload, 4)).toMatchObject({ destination: full, dteReady: null })
    expect(decoded(payload.slice(0, 70), 0)).toMatchObject({
      destination: full.slice(0, 19),
      dteReady: null,
    })
  })

  it('does not read fill bits as text', () => {
    const { payload } = encodePayload({
      type: 24,
      repeat: 0,
      mmsi: '244270489',
      part: 'A',
      name: 'A',
    })
    const noisy = payload.slice(0, -1) + armourCharacter(0b000011)
    expect(decoded(noisy, 2)).toMatchObject({ name: 'A' })
  })

  const partB: StaticDataPartB = {
    type: 24,
    repeat: 0,
    mmsi: '982320001',
    part: 'B',
    shipType: 37,
    vendor: 'ABC',
    model: 3,
    serial: 12_345,
    callSign: 'XX1',
    dimensions: null,
    motherShip: '232000123',
  }

  it('reads the mother ship only of a craft', () => {
    const { payload, fillBits } = encodePayload(partB)
    expect(decoded(payload, fillBits)).toEqual(partB)
    expect(decoded(payload.slice(0, 27), 0)).toEqual(partB)
    expect(decoded(payload.slice(0, 27), 2)).toMatchObject({ motherShip: null, callSign: 'XX1' })
  })

  it('ends a name of type 21 at its @, extension or not', () => {
    const aid = {
      type: 21,
      repeat: 0,
      mmsi: '992320001',
      aidType: 14,
      name: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ01234567',
      accuracy: true,
      lon: 1,
      lat: -1,
      dimensions: null,
      fixType: 7,
      second: 12,
      positioning: 'normal',
      offPosition: true,
      raim: true,
      virtual: true,
    } as const
    const whole = encodePayload(aid)
    expect(whole.payload.length * 6 - whole.fillBits).toBe(360)
    expect(decoded(whole.payload, whole.fillBits)).toEqual(aid)
    const short = { ...aid, name: 'BUOY' }
    const brief = encodePayload(short)
    expect(brief.payload.length * 6 - brief.fillBits).toBe(272)
    expect(decoded(`${brief.payload.slice(0, -1)}wwww`, 4)).toEqual(short)
  })

  it.each([
    [2009, 5, 22, 2, 22, 40, '2009-05-22T02:22:40Z'],
    [2024, 2, 29, 23, 59, 59, '2024-02-29T23:59:59Z'],
    [2023, 2, 29, 0, 0, 0, null],
    [0, 5, 22, 2, 22, 40, null],
    [2009, 0, 22, 2, 22, 40, null],
    [2009, 13, 22, 2, 22, 40, null],
    [2009, 5, 0, 2, 22, 40, null],
    [2009, 5, 22, 24, 0, 0, null],
    [2009, 5, 22, 2, 60, 40, null],
    [2009, 5, 22, 2, 22, 60, null],
  ])('reads the clock %i-%i-%i %i:%i:%i as %s', (...values) => {
    const [year, month, day, hour, minute, second, utc] = values
    const time = [
      [year, 14],
      [month, 4],
      [day, 5],
      [hour, 5],
      [minute, 6],
      [second, 6],
    ] as const
    expect(decoded(...packed([4, 6], [0, 2], [1234, 30], ...time, [0, 90]))).toMatchObject({ utc })
  })
})

describe('decodePayload, refusing', () => {
  it.each([
    ['', 0, 'empty-payload'],
    ['15RTgt0PAso;90TKcjM8h6g208CQ', 6, 'bad-fill-bits'],
    ['15RTgt0PAso;90TKcjM8h6g208CQ', -1, 'bad-fill-bits'],
    ['15RTgt0PAso;90TKcjM8h6g208CQ', 0.5, 'bad-fill-bits'],
    ['15RTgt0PAso;90TKcjM8h6g208CQ', 2, 'bad-length'],
    ['15RTgt0PAso;90TKcjM8h6g208C', 0, 'bad-length'],
    ['15RTgt0PAso;90TKcjM8h6g208X', 0, 'bad-length'],
    ['15RTgt0PAso;90TKcjM8h6g208CX', 0, 'bad-armour'],
    ['15RTgt0PAso;90TKcjM8h6g2\u{1f6a2}CQ', 0, 'bad-armour'],
    ['X', 0, 'bad-armour'],
    ['85RTgt0PAso;90TKcjM8h6g208CQ', 0, 'unsupported-type'],
    ['05RTgt0PAso;90TKcjM8h6g208CQ', 0, 'unsupported-type'],
    [...packed([24, 6], [0, 2], [1234, 30], [2, 2], [0, 120]), 'unsupported-part'],
    [...packed([1, 6], [0, 2], [1_000_000_000, 30], [0, 130]), 'bad-mmsi'],
  ] as const)('%j with %d fill bits: %s', (payload, fillBits, reason) => {
    expect(decodePayload(payload, fillBits)).toEqual({ ok: false, reason })
  })

  const accepted: Record<number, number[]> = {
    1: [168],
    2: [168],
    3: [168],
    4: [168],
    5: [420, 422, 424],
    11: [168],
    18: [168],
    19: [312],
    21: Array.from({ length: 89 }, (_, index) => 272 + index),
    24: [158, 160, 162, 168],
    27: [96, 168],
  }

  it('takes the lengths of each type and no others', () => {
    for (let type = 0; type < 64; type++) {
      const taken: number[] = []
      for (let bits = 6; bits <= 600; bits++) {
        const [start] = packed([type, 6])
        const payload = start.padEnd(Math.ceil(bits / 6), '0')
        if (decodePayload(payload, payload.length * 6 - bits).ok) taken.push(bits)
      }
      expect(taken, `type ${type}`).toEqual(accepted[type] ?? [])
    }
  })

  it('never throws', () => {
    const armour = fc.constantFrom(...Array.from({ length: 64 }, (_, six) => armourCharacter(six)))
    const payloads = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.array(armour, { maxLength: 90, size: 'max' }).map((all) => all.join('')),
      fc.array(armour, { minLength: 27, maxLength: 27 }).map((all) => `1${all.join('')}`),
    )
    fc.assert(
      fc.property(payloads, fc.oneof(fc.nat(5), fc.double()), (payload, fillBits) => {
        expect(typeof decodePayload(payload, fillBits).ok).toBe('boolean')
      }),
      { numRuns: 3000 },
    )
  })
})

describe('the sender of a payload', () => {
  it('is known of what can be decoded, and of nothing else', () => {
    const armour = fc.constantFrom(...Array.from({ length: 64 }, (_, six) => armourCharacter(six)))
    const like = (first: string, rest: number) =>
      fc.array(armour, { minLength: rest, maxLength: rest }).map((all) => `${first}${all.join('')}`)
    const payloads = fc.oneof(
      fc.array(armour, { maxLength: 90, size: 'max' }).map((all) => all.join('')),
      // Types 1 and 24, with the lengths that they have.
      like('1', 27),
      like('H', 27),
      like('H', 26),
    )
    fc.assert(
      fc.property(payloads, fc.oneof(fc.nat(5), fc.double()), (payload, fillBits) => {
        const whole = decodePayload(payload, fillBits)
        const sender = payloadSender(payload, fillBits)
        expect(sender).toEqual(whole.ok ? Number(whole.message.mmsi) : whole)
      }),
      { numRuns: 500 },
    )
  })
})
