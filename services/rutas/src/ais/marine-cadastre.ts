import { encodePayload } from '@porttrack/ais/encode'
import type { AisMessage, ClassAPosition, Dimensions } from '@porttrack/ais/message'
import { SIXBIT_TEXT } from '@porttrack/ais/sixbit'
import { parse } from 'csv-parse/sync'
import { LRUCache } from 'lru-cache'
import { readTime } from './read-time.ts'

const needed = ['MMSI', 'BaseDateTime', 'LAT', 'LON'] as const

const known = [
  ...needed,
  'SOG',
  'COG',
  'Heading',
  'VesselName',
  'IMO',
  'CallSign',
  'VesselType',
  'Status',
  'Length',
  'Width',
  'Draft',
  'Cargo',
  'TransceiverClass',
] as const

type Column = (typeof known)[number]

/** A name without what the years write differently: `BaseDateTime` is `base_date_time` since 2025. */
const plain = (name: string): string => name.trim().toLowerCase().replaceAll('_', '')

/** The columns by their plain names, with those that were renamed. */
const columns = new Map<string, Column>([
  ...known.map((column) => [plain(column), column] as const),
  ['latitude', 'LAT'],
  ['longitude', 'LON'],
  ['transceiver', 'TransceiverClass'],
])

/** As it reads where each byte is taken for a character. */
const byteOrderMark = 'ï»¿'

/** Ships send their static data as often (ITU-R M.1371-5, table 1), in milliseconds. */
const staticInterval = 360_000

/** Ships of which it is remembered when their static data was last sent, at most. */
const mostShips = 50_000

/** A row, as the messages that the ship had sent. */
export type RowMessages = {
  /** Milliseconds since 1970. */
  time: number
  payloads: { payload: string; fillBits: number; type: number; mmsi: number }[]
}

type Cells = (column: Column) => string

/**
 * Reads the CSV in which NOAA's MarineCadastre publishes AIS (times in UTC, an empty cell for what is
 * not known). Each row becomes a position report, and every six minutes of a ship's time also its
 * static data, encoded as the ship had sent them: so a row that comes again is a duplicate like any
 * other.
 */
export class MarineCadastreRows {
  readonly #places: ReadonlyMap<Column, number>
  readonly #columns: number
  readonly #staticAt = new LRUCache<number, number>({ max: mostShips })

  /** @throws when the head lacks a column that is needed, or has one that is not known or twice */
  constructor(head: string) {
    const names = cellsOf(head.replace(byteOrderMark, '')) ?? []
    this.#columns = names.length
    this.#places = new Map(
      names.flatMap((name, place) => {
        const column = columns.get(plain(name))
        return column === undefined ? [] : [[column, place]]
      }),
    )
    const all = this.#places.size === names.length
    if (!all || needed.some((name) => !this.#places.has(name))) {
      throw new Error('no head of MarineCadastre')
    }
  }

  /**
   * @returns a reason for what is no row with a sender, a position, and numbers where they belong, or
   * whose time does not exist
   */
  read(line: string): RowMessages | 'bad-row' | 'bad-time' {
    const cells = cellsOf(line)
    if (cells?.length !== this.#columns) return 'bad-row'
    const cell: Cells = (column) => cells[this.#places.get(column) ?? -1]?.trim() ?? ''
    const mmsi = cell('MMSI')
    const written = cell('BaseDateTime').replace(' ', 'T')
    const [lat, lon] = [numberIn(cell('LAT'), -90, 90), numberIn(cell('LON'), -180, 180)]
    if (!/^\d{9}$/.test(mmsi) || typeof lat !== 'number' || typeof lon !== 'number') {
      return 'bad-row'
    }
    if (!numeric.every((column) => cell(column) === '' || isNumber(cell(column)))) return 'bad-row'
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(written)) return 'bad-row'
    const time = readTime(`${written}Z`)
    if (time === null) return 'bad-time'
    const messages = [positionOf(cell, { mmsi, lat, lon, second: new Date(time).getUTCSeconds() })]
    const before = this.#staticAt.get(Number(mmsi))
    if (before === undefined || Math.abs(time - before) >= staticInterval) {
      this.#staticAt.set(Number(mmsi), time)
      messages.push(...staticOf(cell, mmsi))
    }
    return {
      time,
      payloads: messages.map((message) => ({
        ...encodePayload(message),
        type: message.type,
        mmsi: Number(mmsi),
      })),
    }
  }
}

/** The cells of a line; null when its quotes are not closed. */
const cellsOf = (line: string): string[] | null => {
  if (!line.includes('"')) return line.split(',')
  try {
    return parse(line, { relax_column_count: true })[0] ?? null
  } catch {
    return null
  }
}

const numeric = [
  'SOG',
  'COG',
  'Heading',
  'VesselType',
  'Status',
  'Length',
  'Width',
  'Draft',
  'Cargo',
] as const

const isNumber = (text: string): boolean => /^-?\d{1,9}(\.\d{1,15})?$/.test(text)

/** A number from `least` to `most`; null for any other text, which is "not available". */
const numberIn = (text: string, least: number, most: number): number | null => {
  const value = isNumber(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : null
}

const wholeIn = (text: string, least: number, most: number): number | null => {
  const value = numberIn(text, least, most)
  return value === null ? null : Math.round(value)
}

const isClassB = (cell: Cells): boolean => cell('TransceiverClass').toUpperCase() === 'B'

const positionOf = (
  cell: Cells,
  given: Pick<ClassAPosition, 'mmsi' | 'lat' | 'lon' | 'second'>,
): AisMessage => {
  const course = numberIn(cell('COG'), 0, 359.94)
  const movement = {
    ...given,
    repeat: 0,
    speed: numberIn(cell('SOG'), 0, 102.2),
    course,
    heading: wholeIn(cell('Heading'), 0, 359),
    accuracy: false,
    raim: false,
    positioning: 'normal',
  } as const
  if (isClassB(cell)) return { type: 18, ...movement }
  const status = wholeIn(cell('Status'), 0, 15) ?? 15
  return { type: 1, ...movement, status, turn: null, fastTurn: null, specialManoeuvre: null }
}

/** Nothing where the row says nothing of the ship itself. */
const staticOf = (cell: Cells, mmsi: string): AisMessage[] => {
  const name = textIn(cell('VesselName'), 20)
  const callSign = textIn(cell('CallSign'), 7)
  const shipType = wholeIn(cell('VesselType'), 1, 255) ?? wholeIn(cell('Cargo'), 1, 255)
  const dimensions = dimensionsOf(cell)
  const imo = /^(?:IMO)?(\d{7})$/i.exec(cell('IMO'))?.[1] ?? null
  const draught = numberIn(cell('Draft'), 0.1, 25.5)
  const head = { mmsi, repeat: 0 }
  if (isClassB(cell)) {
    const named: AisMessage[] = name === null ? [] : [{ type: 24, part: 'A', ...head, name }]
    if (callSign === null && shipType === null && dimensions === null) return named
    const maker = { vendor: null, model: 0, serial: 0, motherShip: null }
    // A craft of a parent ship has no room for its size.
    const size = mmsi.startsWith('98') ? null : dimensions
    return [
      ...named,
      { type: 24, part: 'B', ...head, ...maker, callSign, shipType, dimensions: size },
    ]
  }
  const all = [name, callSign, shipType, dimensions, imo, draught]
  if (all.every((part) => part === null)) return []
  return [
    {
      type: 5,
      ...head,
      aisVersion: 0,
      imo,
      imoValid: null,
      flagStateNumber: null,
      callSign,
      name,
      shipType,
      dimensions,
      fixType: null,
      eta: { month: null, day: null, hour: null, minute: null },
      draught,
      destination: null,
      dteReady: null,
    },
  ]
}

/** Capitals of the six-bit set, up to a length; null when nothing is left. */
const textIn = (text: string, length: number): string | null => {
  const capitals = text.toUpperCase().slice(0, length).trim()
  const fits = [...capitals].every((each) => each !== '@' && SIXBIT_TEXT.includes(each))
  return fits && capitals !== '' ? capitals : null
}

/** The size alone, since the table does not tell where aboard the position was taken. */
const dimensionsOf = (cell: Cells): Dimensions | null => {
  const stern = wholeIn(cell('Length'), 1, 511)
  const starboard = wholeIn(cell('Width'), 1, 63)
  if (stern === null && starboard === null) return null
  return { bow: 0, stern: stern ?? 0, port: 0, starboard: starboard ?? 0 }
}
