import { createRequire } from 'node:module'
import type { Text } from '@porttrack/shared/http/language'
import type { Fault } from '@porttrack/shared/http/problem'
import type { CargoListItem, CargoListKind } from './cargo-list.ts'

/** The package is CommonJS without types of its own; this is as much of it as is used. */
type EdifactParser = {
  onopensegment: (name: string) => void
  onelement: () => void
  oncomponent: (value: string) => void
  encoding: (level: string) => void
  /** @throws Error for what is no UN/EDIFACT */
  write: (chunk: string) => void
  /** @throws Error for a document that ends within a segment */
  end: () => void
}

const require = createRequire(import.meta.url)
// Without a validator it asks nothing of segments.
const { Parser } = require('edifact') as { Parser: new () => EdifactParser }

/** A segment: its elements, each a list of components. */
type Segment = { name: string; elements: string[][] }

/** The document names of COPRAR (UNTDID 1001): an order to load or to discharge. */
const orders: Readonly<Record<CargoListKind, string>> = { LOAD: '45', DISCHARGE: '43' }

/** What was read of a message. A faulty container is named by its place among those of the message. */
export type CargoMessage = {
  message: 'COPRAR' | 'BAPLIE'
  items: { row: number; item: CargoListItem }[]
  faults: Fault[]
}

const unreadable = (en: string, es: string): CargoMessage => ({
  message: 'COPRAR',
  items: [],
  faults: [{ pointer: '#', detail: { en, es } }],
})

/**
 * Reads an order to load or discharge (COPRAR) or a stowage plan (BAPLIE) of UN/EDIFACT as the SMDG
 * uses them. Of a plan, the containers count that are loaded or discharged at `place`.
 */
export const readCargoMessage = (
  text: string,
  { list, place }: { list: CargoListKind; place: string },
): CargoMessage => {
  let segments: Segment[]
  try {
    segments = segmentsOf(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return unreadable(
      `cannot be read as UN/EDIFACT: ${reason}`,
      `no se puede leer como UN/EDIFACT: ${reason}`,
    )
  }
  const headers = segments.filter(({ name }) => name === 'UNH')
  const message = componentOf(headers[0], 1, 0)
  if (headers.length !== 1 || (message !== 'COPRAR' && message !== 'BAPLIE')) {
    return unreadable(
      'must hold one message, COPRAR or BAPLIE',
      'debe contener un solo mensaje, COPRAR o BAPLIE',
    )
  }
  const cut = envelopeFault(segments)
  if (cut) return unreadable(cut.en, cut.es)
  const order = componentOf(
    segments.find(({ name }) => name === 'BGM'),
    0,
    0,
  )
  if (message === 'COPRAR' && order !== orders[list]) {
    return unreadable(
      `must be an order of document name ${orders[list]}, not ${order ?? 'of none'}`,
      `debe ser una orden con nombre de documento ${orders[list]}, no ${order ?? 'sin ninguno'}`,
    )
  }
  const groups =
    message === 'COPRAR' ? groupsFrom(segments, isEquipment) : groupsFrom(segments, isSlot)
  const read: CargoMessage = { message, items: [], faults: [] }
  groups.forEach((group, index) => {
    const row = index + 1
    const equipment = group.find(isEquipment)
    // A slot of a plan may be empty.
    if (!equipment) return
    const item = itemOf(group, equipment)
    if (message === 'BAPLIE') {
      const here = list === 'LOAD' ? item.portOfLoading : item.portOfDischarge
      if (here !== place) return
    }
    read.items.push({ row, item })
  })
  return read
}

/**
 * What says that a part of an interchange was lost, or null: the end of the message counts its segments,
 * the first and the last included, and both ends name what they end (ISO 9735-1).
 */
const envelopeFault = (segments: readonly Segment[]): Text | null => {
  const first = segments.findIndex(({ name }) => name === 'UNH')
  const last = segments.findIndex(({ name }) => name === 'UNT')
  if (last < first) {
    return { en: 'is cut: UNT is missing', es: 'está cortado: falta UNT' }
  }
  const [header, trailer] = [segments[first], segments[last]]
  const count = last - first + 1
  const told = componentOf(trailer, 0, 0)
  if (Number(told) !== count) {
    return {
      en: `has ${count} segments, and ${told ?? 'no number'} by its UNT`,
      es: `tiene ${count} segmentos, y ${told ?? 'ningún número'} según su UNT`,
    }
  }
  if (componentOf(trailer, 1, 0) !== componentOf(header, 0, 0)) {
    return { en: 'UNT ends another message', es: 'UNT termina otro mensaje' }
  }
  const interchange = segments.find(({ name }) => name === 'UNB')
  if (!interchange) return null
  const end = segments.find(({ name }) => name === 'UNZ')
  if (!end) return { en: 'is cut: UNZ is missing', es: 'está cortado: falta UNZ' }
  return componentOf(end, 1, 0) === componentOf(interchange, 4, 0)
    ? null
    : { en: 'UNZ ends another interchange', es: 'UNZ termina otro intercambio' }
}

/** @throws Error for what is no UN/EDIFACT */
const segmentsOf = (text: string): Segment[] => {
  const segments: Segment[] = []
  const parser = new Parser()
  // The body came as UTF-8, whatever repertoire the interchange names.
  parser.encoding('UNOY')
  parser.onopensegment = (name) => segments.push({ name, elements: [] })
  parser.onelement = () => segments.at(-1)?.elements.push([])
  parser.oncomponent = (value) => segments.at(-1)?.elements.at(-1)?.push(value)
  parser.write(text)
  parser.end()
  return segments
}

const isEquipment = (segment: Segment): boolean =>
  segment.name === 'EQD' && componentOf(segment, 0, 0) === 'CN'

/** Stowage cell: LOC+147 of BAPLIE. */
const isSlot = (segment: Segment): boolean =>
  segment.name === 'LOC' && componentOf(segment, 0, 0) === '147'

/** The segments from each that begins a group to the next, the message's end left out. */
const groupsFrom = (
  segments: readonly Segment[],
  begins: (segment: Segment) => boolean,
): Segment[][] => {
  const groups: Segment[][] = []
  for (const segment of segments) {
    if (['UNT', 'UNZ', 'CNT'].includes(segment.name)) continue
    if (begins(segment)) groups.push([segment])
    else groups.at(-1)?.push(segment)
  }
  return groups
}

const componentOf = (
  segment: Segment | undefined,
  element: number,
  component: number,
): string | undefined => {
  const value = segment?.elements[element]?.[component]?.trim()
  return value === '' ? undefined : value
}

const itemOf = (group: readonly Segment[], equipment: Segment): CargoListItem => {
  const location = (qualifier: string): string | undefined =>
    componentOf(
      group.find((segment) => segment.name === 'LOC' && componentOf(segment, 0, 0) === qualifier),
      1,
      0,
    )
  // Bay, row and tier, of three, two and two digits (ISO 9711-1).
  const slot = /^(\d{3})(\d{2})(\d{2})$/.exec(location('147') ?? '')
  const temperature = componentOf(
    group.find(({ name }) => name === 'TMP'),
    1,
    0,
  )
  return {
    equipmentReference: (componentOf(equipment, 1, 0) ?? '').replaceAll(' ', ''),
    ISOEquipmentCode: componentOf(equipment, 2, 0) ?? '',
    isEmpty: componentOf(equipment, 5, 0) === '4',
    grossWeight: weightOf(group),
    portOfLoading: location('9') ?? null,
    portOfDischarge: location('11') ?? null,
    bay: slot?.[1] ?? null,
    row: slot?.[2] ?? null,
    tier: slot?.[3] ?? null,
    internalSetpointTemperature:
      temperature !== undefined && Number.isFinite(Number(temperature))
        ? Number(temperature)
        : null,
  }
}

/** Gross weight, by preference verified: MEA+AAE+VGM and +G of COPRAR, MEA+VGM and +WT of BAPLIE. */
const weightOf = (group: readonly Segment[]): number | null => {
  const weights = group.filter(
    ({ name, elements }) => name === 'MEA' && ['AAE', 'WT', 'VGM'].includes(elements[0]?.[0] ?? ''),
  )
  const verified = weights.find(({ elements }) =>
    [elements[0]?.[0], elements[1]?.[0]].includes('VGM'),
  )
  const measured = verified ?? weights[0]
  const [unit, value] = measured?.elements[2] ?? []
  const weight = Number(value)
  return unit === 'KGM' && Number.isFinite(weight) && weight > 0 ? Math.round(weight) : null
}

/** Whose list is written. */
type Call = {
  id: string
  UNLocationCode: string
  vesselName: string
  vesselIMONumber: string | null
}

type Written = { call: Call; list: CargoListKind; items: readonly CargoListItem[]; at: Date }

/** A list as an order to load or discharge (COPRAR D.00B). */
export const writeCoprar = ({ call, list, items, at }: Written): string =>
  interchange(call, at, [
    ['UNH', '1', ['COPRAR', 'D', '00B', 'UN', 'SMDG21']],
    ['BGM', orders[list], call.id.slice(-12), '9'],
    ...transport(call),
    ['LOC', list === 'LOAD' ? '9' : '11', [call.UNLocationCode, '139', '6']],
    ...items.flatMap((item): Piece[] => [
      equipmentSegment(item),
      ...locations(item),
      ...(item.grossWeight === null
        ? []
        : [['MEA', 'AAE', 'G', ['KGM', String(item.grossWeight)]] as Piece]),
      ...temperatureSegment(item),
    ]),
    ['CNT', ['16', String(items.length)]],
  ])

/** A list as a stowage plan (BAPLIE D.95B); containers without a slot are left out. */
export const writeBaplie = ({ call, items, at }: Written): string =>
  interchange(call, at, [
    ['UNH', '1', ['BAPLIE', 'D', '95B', 'UN', 'SMDG22']],
    ['BGM', '', call.id.slice(-12), '9'],
    ['DTM', ['137', stamp(at), '201']],
    ...transport(call),
    ['LOC', '5', [call.UNLocationCode, '139', '6']],
    ...items.flatMap(({ bay, row, tier, ...item }): Piece[] => {
      if (bay === null || row === null || tier === null) return []
      const slot = bay.padStart(3, '0') + row.padStart(2, '0') + tier.padStart(2, '0')
      return [
        ['LOC', '147', [slot, '', '5']],
        ...(item.grossWeight === null
          ? []
          : [['MEA', 'WT', '', ['KGM', String(item.grossWeight)]] as Piece]),
        ...temperatureSegment(item),
        ...locations(item),
        equipmentSegment(item),
      ]
    }),
  ])

/** A segment's tag and elements, those of several components as a list. */
type Piece = [string, ...(string | string[])[]]

const transport = ({ vesselName, vesselIMONumber }: Call): Piece[] => [
  ['TDT', '20', '', '1', '', '', '', '', [vesselIMONumber ?? '', '146', '', vesselName]],
]

const equipmentSegment = (
  item: Pick<CargoListItem, 'equipmentReference' | 'ISOEquipmentCode' | 'isEmpty'>,
): Piece => [
  'EQD',
  'CN',
  item.equipmentReference,
  [item.ISOEquipmentCode, '102', '5'],
  '',
  '',
  item.isEmpty ? '4' : '5',
]

const locations = (item: Pick<CargoListItem, 'portOfLoading' | 'portOfDischarge'>): Piece[] => [
  ...(item.portOfLoading === null ? [] : [['LOC', '9', [item.portOfLoading, '139', '6']] as Piece]),
  ...(item.portOfDischarge === null
    ? []
    : [['LOC', '11', [item.portOfDischarge, '139', '6']] as Piece]),
]

const temperatureSegment = ({
  internalSetpointTemperature: temperature,
}: Pick<CargoListItem, 'internalSetpointTemperature'>): Piece[] =>
  temperature === null ? [] : [['TMP', '2', [temperature.toFixed(1), 'CEL']]]

/** `YYMMDDHHMM`, UTC. */
const stamp = (at: Date): string => at.toISOString().replaceAll(/\D/g, '').slice(2, 12)

/** Wraps the segments of one message into an interchange with their counts. */
const interchange = ({ id }: Call, at: Date, pieces: readonly Piece[]): string => {
  const reference = id.slice(-12)
  const time = stamp(at)
  const all: Piece[] = [
    ['UNB', ['UNOC', '3'], 'PORTTRACK', 'PARTNER', [time.slice(0, 6), time.slice(6)], reference],
    ...pieces,
    ['UNT', String(pieces.length + 1), '1'],
    ['UNZ', '1', reference],
  ]
  return `UNA:+.? '\n${all.map(segmentText).join('\n')}\n`
}

const segmentText = ([tag, ...elements]: Piece): string => {
  const texts = elements.map((element) =>
    [element].flat().map(escaped).join(':').replace(/:+$/, ''),
  )
  return `${[tag, ...texts].join('+').replace(/\++$/, '')}'`
}

const escaped = (value: string): string =>
  value.replaceAll(/[?+:']/g, (character) => `?${character}`)
