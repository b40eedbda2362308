import { isDeepStrictEqual } from 'node:util'
import type { Severity } from '@porttrack/shared/http/dcsa'
import { listed, type Text } from '@porttrack/shared/http/language'
import { defineConditions } from '@porttrack/shared/states/lifecycle'
import { unLocationCodeFault } from '@porttrack/shared/places/un-location-code'
import {
  type Classifier,
  classifiers,
  type EventType,
  eventTypes,
  type Phase,
  phases,
  type ServiceType,
  serviceTypes,
} from '../timestamps/port-call-matrix.ts'
import { mostDelayReasons, type NewTimestamp } from '../timestamps/timestamp.schema.ts'
import { readImoNumber } from '../vessels/imo-number.ts'
import { readMmsiNumber } from '../vessels/mmsi-number.ts'
import { vesselTypes } from '../vessels/vessel.ts'
import type { DcsaEvent, MovesForecast } from './dcsa-event.schema.ts'

/** What keeps a timestamp that came by DCSA Port Call from counting, besides the rules of all. */
export const dcsaConditions = defineConditions({
  LATEST_OF_EVENT: 'the sender has not replaced the event by a later version of it',
})

/** What is said to the sender about its event; the place is a JSON pointer within the event. */
export type Remark = { severity: Severity; pointer: string; detail: Text }

const remark =
  (severity: Severity) =>
  (pointer: string, en: string, es: string): Remark => ({ severity, pointer, detail: { en, es } })
const error = remark('ERROR')
const warning = remark('WARN')
const information = remark('INFO')

/** What an event tells: one timestamp, the moves of a call, or nothing that can be recorded. */
type Told =
  { timestamp: NewTimestamp } | { movesForecasts: MovesForecast[] } | { nothing: Remark[] }

/**
 * What an event tells, read from the words of DCSA Port Call 2.0. Nothing when a part that is needed
 * is not there, or is a code that the standard does not have; each such part is named.
 */
export const toldBy = (event: DcsaEvent): Told => {
  const { portCallService: service, timestamp } = event
  // That something ended needs no timestamp.
  if (!timestamp && endsToldBy(event).length > 0) return { nothing: [] }
  const at = '#/portCallService/portCallService'
  const type = readCode<ServiceType>(
    service?.portCallServiceTypeCode,
    serviceTypes,
    `${at}TypeCode`,
  )
  if (type.code === 'MOVES') {
    return event.movesForecasts?.length
      ? { movesForecasts: event.movesForecasts }
      : {
          nothing: [
            error(
              '#/movesForecasts',
              'is missing: MOVES tells of moves',
              'falta: MOVES informa de movimientos',
            ),
          ],
        }
  }
  if (!timestamp) {
    const missing = warning(
      '#/timestamp',
      'is missing: the event is kept, and changes nothing',
      'falta: el evento se guarda y no cambia nada',
    )
    return { nothing: [...type.faults, missing] }
  }
  const eventType = readCode<EventType>(
    service?.portCallServiceEventTypeCode,
    eventTypes,
    `${at}EventTypeCode`,
  )
  const phase = readCode<Phase>(
    service?.portCallPhaseTypeCode ?? null,
    phases,
    '#/portCallService/portCallPhaseTypeCode',
  )
  const classifier = readCode<Classifier>(
    timestamp.classifierCode,
    classifiers,
    '#/timestamp/classifierCode',
  )
  const { serviceDateTime } = timestamp
  const nothing = [
    ...[type, eventType, phase, classifier].flatMap(({ faults }) => faults),
    ...(serviceDateTime === undefined ? [missing('#/timestamp/serviceDateTime')] : []),
  ]
  if (!type.code || !eventType.code || !classifier.code || !serviceDateTime || nothing.length > 0) {
    return { nothing }
  }
  const delayReasonCodes = [...new Set(timestamp.delayReasonCodes ?? [])].filter(isDelayReason)
  const locationName = service?.serviceLocation?.locationName
  return {
    timestamp: {
      portCallServiceTypeCode: type.code,
      portCallServiceEventTypeCode: eventType.code,
      ...(phase.code ? { portCallPhaseTypeCode: phase.code } : {}),
      classifierCode: classifier.code,
      serviceDateTime,
      ...(delayReasonCodes.length > 0
        ? { delayReasonCodes: delayReasonCodes.slice(0, mostDelayReasons) }
        : {}),
      ...(event.isFYI === undefined ? {} : { isFYI: event.isFYI }),
      ...(hasWords(locationName) ? { locationName } : {}),
      ...(hasWords(timestamp.remark) ? { remark: timestamp.remark } : {}),
    },
  }
}

const isDelayReason = (code: string): boolean => /^[A-Z0-9]{1,3}$/.test(code)
const hasWords = (text: string | undefined): text is string => text !== undefined && /\S/.test(text)

const missing = (pointer: string): Remark => error(pointer, 'is missing', 'falta')

/** A code of the standard, null where there need be none, or what is wrong with it. */
const readCode = <C extends string>(
  given: string | null | undefined,
  codes: readonly C[],
  pointer: string,
): { code: C | null; faults: Remark[] } => {
  if (given === null) return { code: null, faults: [] }
  if (given === undefined) return { code: null, faults: [missing(pointer)] }
  const code = codes.find((each) => each === given)
  if (code !== undefined) return { code, faults: [] }
  const { en, es } = listed(codes, 'or')
  return { code: null, faults: [error(pointer, `must be ${en}`, `debe ser ${es}`)] }
}

/** The ship and the place that an event names, right or wrong. */
export const sightingOf = ({ portCall, portCallService, vessel }: DcsaEvent) => ({
  reportedVessel: {
    vesselIMONumber: vessel?.vesselIMONumber ?? null,
    MMSINumber: vessel?.vesselMMSINumber ?? null,
    name: vessel?.vesselName ?? null,
  },
  UNLocationCode:
    portCall?.UNLocationCode ?? portCallService?.serviceLocation?.UNLocationCode ?? null,
})

/**
 * What an event breaks of the rules of DCSA Port Call 2.0 and Just in Time 2.0 that concern neither
 * the matrix of timestamps nor other events. None of it stands in the way of recording.
 */
export const remarksOn = (event: DcsaEvent): Remark[] => [
  ...vesselRemarks(event),
  ...placeRemarks(event),
  ...phaseRemarks(event),
  ...referenceRemarks(event),
  ...delayRemarks(event),
  ...movesRemarks(event),
  ...flagRemarks(event),
]

const vesselRemarks = ({ vessel }: DcsaEvent): Remark[] => {
  if (!vessel?.vesselIMONumber && !vessel?.vesselMMSINumber) {
    return [
      warning(
        '#/vessel',
        'needs vesselIMONumber or vesselMMSINumber, or both',
        'necesita vesselIMONumber o vesselMMSINumber, o ambos',
      ),
    ]
  }
  const remarks: Remark[] = []
  const identities = [
    ['vesselIMONumber', readImoNumber],
    ['vesselMMSINumber', readMmsiNumber],
  ] as const
  for (const [name, read] of identities) {
    const reading = read(vessel[name] ?? '')
    if (vessel[name] && 'fault' in reading) {
      remarks.push({ severity: 'WARN', pointer: `#/vessel/${name}`, detail: reading.fault })
    }
  }
  const type = vessel.vesselTypeCode
  if (type !== undefined && !(type in vesselTypes)) {
    const { en, es } = listed(Object.keys(vesselTypes), 'or')
    remarks.push(warning('#/vessel/vesselTypeCode', `must be ${en}`, `debe ser ${es}`))
  }
  for (const [unit, measures] of Object.entries(measuresByUnit)) {
    const given = vessel[unit as keyof typeof measuresByUnit]
    const measured = measures.some((name) => vessel[name] !== undefined)
    if ((measured || given !== undefined) && given !== 'MTR' && given !== 'FOT') {
      remarks.push(warning(`#/vessel/${unit}`, 'must be MTR or FOT', 'debe ser MTR o FOT'))
    }
  }
  return remarks
}

/** A unit is needed whenever a dimension is given. */
const measuresByUnit = {
  vesselSizeUnit: ['lengthOverall', 'width'],
  draftUnit: ['airDraft', 'draft', 'aftDraft', 'forwardDraft'],
} as const

const placeRemarks = ({ portCall, portCallService, vessel }: DcsaEvent): Remark[] => {
  const location = portCallService?.serviceLocation
  const at = '#/portCallService/serviceLocation'
  const codes = [
    ['#/portCall/UNLocationCode', portCall?.UNLocationCode],
    [`${at}/UNLocationCode`, location?.UNLocationCode],
    ['#/vessel/vesselPosition/UNLocationCode', vessel?.vesselPosition?.UNLocationCode],
  ] as const
  const remarks = codes.flatMap(([pointer, code]): Remark[] => {
    const detail = code === undefined ? null : unLocationCodeFault(code)
    return detail === null ? [] : [{ severity: 'WARN', pointer, detail }]
  })
  if (location?.facility && !location.UNLocationCode) {
    remarks.push(
      warning(
        `${at}/UNLocationCode`,
        'is missing: a facility is known by its place and code',
        'falta: una instalación se conoce por su lugar y su código',
      ),
    )
  }
  const provider = location?.facility?.facilityCodeListProvider
  if (location?.facility && provider !== 'SMDG' && provider !== 'BIC') {
    const pointer = `${at}/facility/facilityCodeListProvider`
    remarks.push(warning(pointer, 'must be SMDG or BIC', 'debe ser SMDG o BIC'))
  }
  for (const [name, limit] of [
    ['latitude', 90],
    ['longitude', 180],
  ] as const) {
    const degrees = location?.geoCoordinate?.[name]
    if (degrees !== undefined && readDegrees(degrees, limit) === null) {
      remarks.push(
        warning(
          `${at}/geoCoordinate/${name}`,
          `must be decimal degrees from -${limit} to ${limit}`,
          `debe estar en grados decimales, de -${limit} a ${limit}`,
        ),
      )
    }
  }
  return remarks
}

/** Decimal degrees (ISO 6709) written as text, or null when they are none on earth. */
const readDegrees = (text: string, limit: number): number | null => {
  const degrees = /^[+-]?\d{1,3}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  return Math.abs(degrees) <= limit ? degrees : null
}

/** The phases that DCSA Port Call 2.0 has for each service; those that are not here have none. */
const phasesOf: Readonly<Partial<Record<ServiceType, readonly Phase[]>>> = {
  BERTH: ['INBD', 'ALGS', 'OUTB'],
  PILOTAGE: ['INBD', 'SHIF', 'OUTB'],
  TOWAGE: ['INBD', 'SHIF', 'OUTB'],
  MOORING: ['INBD', 'SHIF', 'OUTB'],
  PILOT_BOARDING_PLACE: ['INBD'],
  SEA_PASSAGE: ['INBD', 'OUTB'],
  BUNKERING: ['ALGS'],
  CARGO_OPERATIONS: ['ALGS'],
  ALL_FAST: ['ALGS'],
  GANGWAY_DOWN_AND_SECURE: ['ALGS'],
  VESSEL_READY_FOR_CARGO_OPERATIONS: ['ALGS'],
  VESSEL_READY_TO_SAIL: ['ALGS'],
  DISCHARGE_CARGO_OPERATIONS: ['ALGS'],
  LOADING_CARGO_OPERATIONS: ['ALGS'],
  LASHING: ['ALGS'],
  SAFETY: ['ALGS'],
  SHORE_POWER: ['ALGS'],
}

const phaseRemarks = ({ portCallService }: DcsaEvent): Remark[] => {
  const type = portCallService?.portCallServiceTypeCode as ServiceType | undefined
  const phase = portCallService?.portCallPhaseTypeCode as Phase | undefined
  const usual = type === undefined ? undefined : phasesOf[type]
  if (!usual || phase === undefined || !phases.includes(phase) || usual.includes(phase)) return []
  const { en, es } = listed(usual, 'or')
  return [
    warning(
      '#/portCallService/portCallPhaseTypeCode',
      `is ${en} for ${type} in DCSA Port Call 2.0`,
      `es ${es} para ${type} en DCSA Port Call 2.0`,
    ),
  ]
}

const referenceRemarks = ({ terminalCall }: DcsaEvent): Remark[] => {
  const service = /^SR\d{5}[A-Z]$/
  const voyage = /^\d{2}[0-9A-Z]{2}[NEWSR]$/
  const references = [
    [
      'serviceCodeOrReference/universalServiceReference',
      terminalCall?.serviceCodeOrReference?.universalServiceReference,
      service,
      'SR12345A',
    ],
    ...(['exportVoyageNumberOrReference', 'importVoyageNumberOrReference'] as const).map(
      (name) =>
        [
          `${name}/universalVoyageReference`,
          terminalCall?.[name]?.universalVoyageReference,
          voyage,
          '2301W',
        ] as const,
    ),
  ] as const
  return references.flatMap(([path, reference, pattern, example]) =>
    reference === undefined || pattern.test(reference)
      ? []
      : [
          warning(
            `#/terminalCall/${path}`,
            `must be written like ${example}`,
            `debe escribirse como ${example}`,
          ),
        ],
  )
}

const delayRemarks = ({ timestamp }: DcsaEvent): Remark[] => {
  const codes = timestamp?.delayReasonCodes ?? []
  const remarks = codes.flatMap((code, index) =>
    isDelayReason(code)
      ? []
      : [
          warning(
            `#/timestamp/delayReasonCodes/${index}`,
            'must be a code of the SMDG code list DELAY, such as STR',
            'debe ser un código de la lista DELAY de SMDG, como STR',
          ),
        ],
  )
  const more = new Set(codes.filter(isDelayReason)).size - mostDelayReasons
  if (more <= 0) return remarks
  return [
    ...remarks,
    warning(
      '#/timestamp/delayReasonCodes',
      `has more than ${mostDelayReasons} codes, of which the first are kept`,
      `tiene más de ${mostDelayReasons} códigos; se guardan los primeros`,
    ),
  ]
}

const movesRemarks = ({ portCallService, movesForecasts, timestamp }: DcsaEvent): Remark[] => {
  const remarks: Remark[] = []
  const isMoves = portCallService?.portCallServiceTypeCode === 'MOVES'
  if (movesForecasts !== undefined && !isMoves) {
    remarks.push(
      warning(
        '#/movesForecasts',
        'comes only with MOVES: kept with the event, and shown with no call',
        'solo acompaña a MOVES: se guarda con el evento y no se muestra en ninguna escala',
      ),
    )
  }
  if (!isMoves) return remarks
  if (timestamp) {
    remarks.push(
      error(
        '#/timestamp',
        'MOVES has no timestamp: only the moves are taken',
        'MOVES no tiene marcas de tiempo: solo se toman los movimientos',
      ),
    )
  }
  const eventType = portCallService?.portCallServiceEventTypeCode
  if (eventType !== undefined && eventType !== 'ARRI') {
    remarks.push(
      warning(
        '#/portCallService/portCallServiceEventTypeCode',
        'must be ARRI for MOVES',
        'debe ser ARRI para MOVES',
      ),
    )
  }
  if (portCallService?.portCallPhaseTypeCode !== undefined) {
    remarks.push(
      warning(
        '#/portCallService/portCallPhaseTypeCode',
        'must be left out: MOVES has no phase',
        'no debe indicarse: MOVES no tiene fase',
      ),
    )
  }
  const seen = new Set<string | undefined>()
  for (const [index, { carrierCode, carrierCodeListProvider }] of (
    movesForecasts ?? []
  ).entries()) {
    if (seen.has(carrierCode)) {
      remarks.push(
        carrierCode === undefined
          ? warning(
              `#/movesForecasts/${index}`,
              'only one entry may be without carrierCode',
              'solo una entrada puede ir sin carrierCode',
            )
          : warning(
              `#/movesForecasts/${index}/carrierCode`,
              'was named before in this event',
              'ya se ha nombrado en este evento',
            ),
      )
    }
    seen.add(carrierCode)
    const listKnown = carrierCodeListProvider === 'SMDG' || carrierCodeListProvider === 'NMFTA'
    if (carrierCode !== undefined && !listKnown) {
      remarks.push(
        warning(
          `#/movesForecasts/${index}/carrierCodeListProvider`,
          'must be SMDG or NMFTA',
          'debe ser SMDG o NMFTA',
        ),
      )
    }
  }
  return remarks
}

/** What an event may say has ended, by where it says so. */
const endPointers = {
  omitted: '#/portCall/isOmitted',
  canceled: '#/portCallService/isCanceled',
  declined: '#/portCallService/isDeclined',
} as const
export type ToldEnd = keyof typeof endPointers

/** What an event says has ended: its call, or its service by the provider's or the consumer's word. */
export const endsToldBy = ({ portCall, portCallService }: DcsaEvent): ToldEnd[] => {
  const told: Record<ToldEnd, boolean | undefined> = {
    omitted: portCall?.isOmitted,
    canceled: portCallService?.isCanceled,
    declined: portCallService?.isDeclined,
  }
  return (Object.keys(endPointers) as ToldEnd[]).filter((end) => told[end] === true)
}

/** What is said of an end that is told and does not come about. */
export const endRefusedRemark = (end: ToldEnd, why: Text): Remark => ({
  severity: 'WARN',
  pointer: endPointers[end],
  detail: {
    en: `is kept with the event, and changes nothing: ${why.en}`,
    es: `se guarda con el evento y no cambia nada: ${why.es}`,
  },
})

/** A port's terminal is no call of its own here. */
const flagRemarks = ({ terminalCall }: DcsaEvent): Remark[] =>
  terminalCall?.isOmitted === true
    ? [
        warning(
          '#/terminalCall/isOmitted',
          'is kept with the event: the port call is omitted by portCall.isOmitted',
          'se guarda con el evento: la escala se omite con portCall.isOmitted',
        ),
      ]
    : []

/** Where in an event that stands which a rule about timestamps names by its own place. */
const placesInEvent: Readonly<Record<string, string>> = {
  portCallServiceTypeCode: '#/portCallService/portCallServiceTypeCode',
  portCallServiceEventTypeCode: '#/portCallService/portCallServiceEventTypeCode',
  portCallPhaseTypeCode: '#/portCallService/portCallPhaseTypeCode',
  replyTo: '#/replyToEventID',
  requestedLocation: '#/portCallService/serviceLocation',
  onBehalfOf: '#/timestamp/classifierCode',
}

/** The place in an event of a fault of the timestamp that it tells. */
export const placeInEvent = (pointer: string): string => {
  const [, name = ''] = pointer.split('/')
  return placesInEvent[name] ?? pointer.replace(/^#/, '#/timestamp')
}

/** One version of an event: when it was updated, and what it says. */
type Version = { updatedAt: Date; event: unknown }

/**
 * What is said of an event that was received before, or null when the given version replaces the
 * known one: it says something else, and was updated later.
 */
export const repetitionOf = (known: Version, given: Version): Remark | null => {
  if (isDeepStrictEqual(known.event, given.event)) {
    return information(
      '#/eventID',
      'was received before: nothing changes',
      'ya se había recibido: no cambia nada',
    )
  }
  if (given.updatedAt > known.updatedAt) return null
  return warning(
    '#/eventUpdatedDateTime',
    `is not after ${known.updatedAt.toISOString()}, the version that is known: nothing changes`,
    `no es posterior a ${known.updatedAt.toISOString()}, la versión conocida: no cambia nada`,
  )
}

type Call = {
  unLocationCode: string
  vessel: { imoNumber: string | null; mmsiNumber: string | null }
}

/** Where an event contradicts the call that it was found to belong to. */
export const callRemarks = ({ portCall, vessel }: DcsaEvent, call: Call): Remark[] => {
  const imo = vessel?.vesselIMONumber ? readImoNumber(vessel.vesselIMONumber) : null
  const named = [
    ['#/portCall/UNLocationCode', portCall?.UNLocationCode, call.unLocationCode],
    ['#/vessel/vesselIMONumber', imo && 'value' in imo ? imo.value : null, call.vessel.imoNumber],
    ['#/vessel/vesselMMSINumber', vessel?.vesselMMSINumber, call.vessel.mmsiNumber],
  ] as const
  return named.flatMap(([pointer, given, known]) =>
    !given || known === null || given === known
      ? []
      : [
          warning(
            pointer,
            `differs from the port call’s, which is ${known}`,
            `difiere del de la escala, que es ${known}`,
          ),
        ],
  )
}

/** What is said of an event that belongs to no call that its sender may write to. */
export const unplacedRemark = (tells: 'timestamp' | 'moves'): Remark =>
  tells === 'timestamp'
    ? warning(
        '#/portCall',
        'belongs to no open port call that is known: kept, to be attached by the port',
        'no corresponde a ninguna escala abierta conocida: se guarda para que el puerto lo asigne',
      )
    : warning(
        '#/portCall',
        'belongs to no open port call that is known: kept; send it anew, updated later, once there is one',
        'no corresponde a ninguna escala abierta conocida: se guarda; envíelo de nuevo, actualizado, cuando exista',
      )

/** What is said of a reply whose event is not known, or is the reply itself. */
export const unansweredRemark = (itself: boolean): Remark =>
  itself
    ? warning(
        '#/replyToEventID',
        'is the event itself, which answers another or none',
        'es el propio evento, que responde a otro o a ninguno',
      )
    : warning(
        '#/replyToEventID',
        'names no timestamp that is known here: taken as answering nothing',
        'no nombra ninguna marca de tiempo conocida: se toma como que no responde a nada',
      )

export const foreignEventRemark = error(
  '#/eventID',
  'is the id of another party’s event',
  'es el identificador de un evento de otra parte',
)

export const ownEventRemark = information(
  '#/eventID',
  'is the id of an event that this port has told: nothing changes',
  'es el identificador de un evento que este puerto ha comunicado: no cambia nada',
)

export const repeatedRemark = information(
  '#/eventID',
  'comes more than once in this message: its latest version is taken',
  'aparece más de una vez en este mensaje: se toma su última versión',
)

/** What is said where the call or its service takes no more timestamps. */
export const refusedRemark = (detail: Text): Remark => ({
  severity: 'ERROR',
  pointer: '#/portCall',
  detail,
})
