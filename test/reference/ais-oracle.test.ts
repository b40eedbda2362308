/*
 * Compares every decoded field with `gpsdecode`, an independent decoder (Debian: gpsd-clients), on
 * real logs and on sentences of every type from our own encoder.
 *
 * gpsdecode runs with -u, which prints the fields as transmitted: its scaled output rounds the
 * course 3600 to a valid-looking 360.0, turns the speed 1023 into "nan" and loses the sign of the
 * turn. The meaning of each raw value (divisor, what is not available) is therefore written out
 * here once more, apart from the decoder. -s keeps parts A and B of type 24 apart.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAisDecoder } from '@porttrack/ais/ais-decoder'
import { encodeSentences } from '@porttrack/ais/encode'
import type { AisMessage } from '@porttrack/ais/message'
import { sentenceChecksum } from '@porttrack/ais/sentence'
import { armourCharacter } from '@porttrack/ais/sixbit'
import { sampleMessages } from '@porttrack/ais/testing/messages'
import { beforeAll, describe, expect, it } from 'vitest'

type Oracle = Record<string, string | number | boolean>
type Fields = Record<string, unknown>

const supportedTypes = [1, 2, 3, 4, 5, 11, 18, 19, 21, 24, 27]

function referenceDirectory(): string {
  const directory = process.env['REFERENCE_DIR']
  if (directory === undefined || directory === '') {
    throw new Error('REFERENCE_DIR is not set: name the folder that holds data/ais/')
  }
  const logs = join(directory, 'data', 'ais')
  if (!existsSync(logs)) throw new Error(`REFERENCE_DIR has no data/ais/: ${logs} does not exist`)
  return logs
}

function gpsdecode(sentences: string | Buffer): Oracle[] {
  const output = execFileSync('gpsdecode', ['-j', '-u', '-s'], {
    input: sentences,
    // Its complaints about empty payloads and orphaned fragments, which we reject as well.
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  })
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Oracle)
    .filter((message) => message['class'] === 'AIS')
    .filter((message) => supportedTypes.includes(Number(message['type'])))
}

function decode(sentences: string | Buffer): AisMessage[] {
  const decoder = createAisDecoder()
  const results = decoder.push(Buffer.from(sentences), 0)
  return [...results, ...decoder.end(0)].flatMap((result) => (result.ok ? [result.message] : []))
}

function number(oracle: Oracle, field: string): number {
  const value = oracle[field]
  if (typeof value !== 'number') throw new Error(`gpsdecode has no number ${field}`)
  return value
}

/** A text without the blanks around it, which gpsdecode keeps at the start. */
function text(oracle: Oracle, field: string): string | null {
  const value = oracle[field]
  if (typeof value !== 'string') throw new Error(`gpsdecode has no text ${field}`)
  return value.trim() || null
}

function nineDigits(value: number): string {
  return String(value).padStart(9, '0')
}

function notZero(value: number): number | null {
  return value === 0 ? null : value
}

function upTo(value: number, most: number): number | null {
  return value > most ? null : value
}

function position(oracle: Oracle): Fields {
  const scale = oracle['type'] === 27 ? 600 : 600_000
  const lon = number(oracle, 'lon') / scale
  const lat = number(oracle, 'lat') / scale
  return {
    lon: Math.abs(lon) > 180 ? null : lon,
    lat: Math.abs(lat) > 90 ? null : lat,
    accuracy: oracle['accuracy'],
    raim: oracle['raim'],
  }
}

function timeStamp(oracle: Oracle): Fields {
  const value = number(oracle, 'second')
  const special: Record<number, string> = { 61: 'manual', 62: 'dead-reckoning', 63: 'inoperative' }
  return { second: upTo(value, 59), positioning: special[value] ?? 'normal' }
}

function movement(oracle: Oracle): Fields {
  const speed = number(oracle, 'speed')
  const course = number(oracle, 'course')
  return {
    ...position(oracle),
    ...timeStamp(oracle),
    speed: speed === 1023 ? null : speed / 10,
    course: course >= 3600 ? null : course / 10,
    heading: upTo(number(oracle, 'heading'), 359),
  }
}

function size(oracle: Oracle): Fields {
  const dimensions = {
    bow: number(oracle, 'to_bow'),
    stern: number(oracle, 'to_stern'),
    port: number(oracle, 'to_port'),
    starboard: number(oracle, 'to_starboard'),
  }
  const known = Object.values(dimensions).some((metres) => metres > 0)
  return { dimensions: known ? dimensions : null }
}

function turn(value: number): Fields {
  if (value === -128) return { turn: null, fastTurn: null }
  if (Math.abs(value) === 127) return { turn: null, fastTurn: value > 0 ? 'starboard' : 'port' }
  return { turn: Math.sign(value) * (value / 4.733) ** 2, fastTurn: null }
}

function utc(timestamp: string): string | null {
  const time = new Date(timestamp)
  const unknown = Number.isNaN(time.getTime()) || timestamp.startsWith('0000')
  // The last test finds a 30 February, which a date would move into March.
  return unknown || time.toISOString().slice(0, 19) !== timestamp.slice(0, 19) ? null : timestamp
}

function eta(declared: string): Fields {
  const [month = 0, day = 0, hour = 24, minute = 60] = declared.match(/\d+/g)?.map(Number) ?? []
  return {
    month: month >= 1 && month <= 12 ? month : null,
    day: notZero(day),
    hour: upTo(hour, 23),
    minute: upTo(minute, 59),
  }
}

function voyage(oracle: Oracle): Fields {
  const registered = number(oracle, 'imo')
  const imo = registered > 0 && registered < 10_000_000 ? String(registered).padStart(7, '0') : null
  const weights = [7, 6, 5, 4, 3, 2]
  const sum = weights.reduce((total, weight, at) => total + weight * Number(imo?.[at]), 0)
  return {
    imo,
    imoValid: imo === null ? null : sum % 10 === Number(imo[6]),
    flagStateNumber: registered >= 10_000_000 ? String(registered) : null,
    aisVersion: oracle['ais_version'],
    callSign: text(oracle, 'callsign'),
    name: text(oracle, 'shipname'),
    shipType: notZero(number(oracle, 'shiptype')),
    ...size(oracle),
    fixType: notZero(number(oracle, 'epfd')),
    eta: eta(String(oracle['eta'])),
    draught: notZero(number(oracle, 'draught') / 10),
    destination: text(oracle, 'destination'),
    dteReady: oracle['dte'] === 0,
  }
}

function staticData(oracle: Oracle): Fields {
  // A part B that follows its part A is printed with A's name and without the key `part`.
  if (oracle['part'] === 'A') return { part: 'A', name: text(oracle, 'shipname') }
  const parent = oracle['mothership_mmsi']
  return {
    part: 'B',
    shipType: notZero(number(oracle, 'shiptype')),
    model: oracle['model'],
    serial: oracle['serial'],
    callSign: text(oracle, 'callsign'),
    ...(parent === undefined ? size(oracle) : { dimensions: null }),
    motherShip:
      typeof parent === 'number' && parent > 0 && parent <= 999_999_999 ? nineDigits(parent) : null,
  }
}

function aid(oracle: Oracle): Fields {
  return {
    ...position(oracle),
    ...timeStamp(oracle),
    ...size(oracle),
    aidType: notZero(number(oracle, 'aid_type')),
    name: text(oracle, 'name'),
    fixType: notZero(number(oracle, 'epfd')),
    offPosition: oracle['off_position'],
    virtual: oracle['virtual_aid'],
  }
}

function body(oracle: Oracle): Fields {
  switch (Number(oracle['type'])) {
    case 1:
    case 2:
    case 3: {
      const manoeuvre = number(oracle, 'maneuver')
      return {
        ...movement(oracle),
        ...turn(number(oracle, 'turn')),
        status: oracle['status'],
        specialManoeuvre: manoeuvre === 1 ? false : manoeuvre === 2 ? true : null,
      }
    }
    case 4:
    case 11: {
      const time = utc(String(oracle['timestamp']))
      return { ...position(oracle), utc: time, fixType: notZero(number(oracle, 'epfd')) }
    }
    case 5:
      return voyage(oracle)
    case 18:
      return movement(oracle)
    case 19:
      return {
        ...movement(oracle),
        ...size(oracle),
        name: text(oracle, 'shipname'),
        shipType: notZero(number(oracle, 'shiptype')),
        fixType: notZero(number(oracle, 'epfd')),
      }
    case 21:
      return aid(oracle)
    case 24:
      return staticData(oracle)
    case 27:
      return {
        ...position(oracle),
        status: oracle['status'],
        speed: upTo(number(oracle, 'speed'), 62),
        course: upTo(number(oracle, 'course'), 359),
      }
    default:
      throw new Error(`no comparison for type ${String(oracle['type'])}`)
  }
}

/** What the decoder must yield for a message that gpsdecode printed. */
function expected(oracle: Oracle): Fields {
  const { type = 0, repeat = 0 } = oracle
  return { type, repeat, mmsi: nineDigits(number(oracle, 'mmsi')), ...body(oracle) }
}

/** Our message without what gpsdecode does not tell. */
function comparable(message: AisMessage): Fields {
  if (message.type !== 24 || message.part === 'A') return { ...message }
  // gpsdecode reads seven characters here, as revisions of the standard before the fifth had it:
  // three of the maker and then the bits of model and serial number as text. The first three are
  // compared separately.
  const { vendor: _, ...rest } = message
  return rest
}

function compare(sentences: string | Buffer): Map<number, number> {
  const ours = decode(sentences)
  const theirs = gpsdecode(sentences)
  const counts = new Map<number, number>()
  expect(ours.map(({ type, mmsi }) => `${type} ${mmsi}`)).toEqual(
    theirs.map((oracle) => `${oracle['type']} ${nineDigits(number(oracle, 'mmsi'))}`),
  )
  ours.forEach((message, index) => {
    const oracle = theirs[index]
    if (oracle === undefined) throw new Error(`gpsdecode has no message ${index}`)
    expect(comparable(message), `message ${index}`).toEqual(expected(oracle))
    if (message.type === 24 && message.part === 'B') {
      const vendor = String(oracle['vendorid']).slice(0, 3).trim()
      expect(message.vendor ?? '', `message ${index}`).toBe(vendor)
    }
    counts.set(message.type, (counts.get(message.type) ?? 0) + 1)
  })
  return counts
}

beforeAll(() => {
  try {
    execFileSync('gpsdecode', ['-V'], { stdio: 'ignore' })
  } catch {
    throw new Error('gpsdecode is not on the PATH: install gpsd-clients')
  }
})

describe('real logs', () => {
  it('are decoded as gpsdecode decodes them, message for message', () => {
    const logs = referenceDirectory()
    const files = readdirSync(logs).filter((file) => file.endsWith('.nmea'))
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const counts = compare(readFileSync(join(logs, file)))
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
      console.log(`${file}: ${total} messages compared, by type ${JSON.stringify([...counts])}`)
      expect(total, file).toBeGreaterThan(0)
    }
  })
})

/** Numbers from 0 to 63, the same in every run. */
function sixBits(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 26
  }
}

/** The sentence with every bit after the MMSI and part number drawn at random. */
function scrambled(sentence: string, next: () => number): string {
  const fields = sentence.slice(1, sentence.indexOf('*')).split(',')
  const kept = fields[2] === '1' ? 7 : 0
  fields[5] = [...(fields[5] ?? '')]
    .map((character, index) => (index < kept ? character : armourCharacter(next())))
    .join('')
  const content = fields.join(',')
  return `!${content}*${sentenceChecksum(content)}`
}

const messages = sampleMessages(6000, 20_240_229)

function expectEveryType(counts: ReadonlyMap<number, number>): void {
  console.log(`messages compared, by type ${JSON.stringify([...counts])}`)
  expect([...counts.keys()].toSorted((one, other) => one - other)).toEqual(supportedTypes)
  for (const [type, count] of counts) expect(count, `type ${type}`).toBeGreaterThan(100)
}

describe('sentences of the encoder', () => {
  it('are decoded by gpsdecode to what was encoded, in every type', () => {
    const sentences = messages.flatMap((message) => encodeSentences(message))
    const text = `${sentences.join('\r\n')}\r\n`
    expect(decode(text)).toEqual(messages)
    expectEveryType(compare(text))
  })

  it('are decoded alike with their fields drawn at random, in range or not', () => {
    const next = sixBits(1)
    const sentences = messages.flatMap((message) => encodeSentences(message))
    const random = sentences.map((sentence) => scrambled(sentence, next))
    expectEveryType(compare(`${random.join('\r\n')}\r\n`))
  })
})
