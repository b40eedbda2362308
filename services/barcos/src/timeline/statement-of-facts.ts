import type { Language, Text } from '@porttrack/shared/http/language'
import type { Bilingual, Field } from '@porttrack/shared/paper/paper'
import { timeAt, type TimeWindow } from '@porttrack/shared/time/local-time'
import type { CargoList } from '../cargo-progress/cargo-progress.ts'
import type { portCallPurposes } from '../port-calls/port-call.ts'
import type { Source } from '../reporter.ts'
import type { Timestamp } from '../timestamps/timestamp.schema.ts'
import { nameOfEvent } from './event-names.ts'

/** What a statement of facts is made of. Lengths and drafts are metres. */
export type Facts = {
  portCallId: string
  UNLocationCode: string
  /** IANA zone of the port. */
  timeZone: string
  agentOrganization: string
  purposes: readonly (typeof portCallPurposes)[number][]
  previousPort: string | null
  nextPort: string | null
  declaredArrivalDraft: number | null
  declaredDepartureDraft: number | null
  vessel: {
    name: string
    imoNumber: string | null
    mmsiNumber: string | null
    callSign: string | null
    flag: string | null
    type: string | null
    lengthOverall: number | null
    beam: number | null
    grossTonnage: number | null
    deadweight: number | null
  }
  /** Reservations that stand, by when they begin. */
  stays: readonly {
    berth: string
    fromMetre: number
    toMetre: number
    planned: TimeWindow
    alongsideFrom: Date | null
    alongsideTo: Date | null
  }[]
  /** Lists of cargo that are done, as carga tells it. */
  finished: readonly { list: CargoList; at: Date; total: number }[]
  /** The actual timestamps that count, by time. */
  events: readonly Timestamp[]
}

/** What a statement of facts says, line by line, before it is set in type. */
export type Statement = {
  language: Language
  title: Bilingual
  reference: string
  vesselName: string
  fields: Field[]
  stays: { berth: string; metres: string; planned: string[]; alongside: string[] }[]
  events: { local: string; utc: string; event: Bilingual; place: string; remark: string }[]
  /** By name, what stands above tables and below signatures. */
  words: Readonly<Record<keyof typeof words | 'local', Bilingual>>
}

const words = {
  berths: { en: 'Berths', es: 'Atraques' },
  noBerth: { en: 'No berth has been reserved', es: 'No se ha reservado ningún atraque' },
  berth: { en: 'Berth', es: 'Atraque' },
  metres: { en: 'Metres of the quay', es: 'Metros del muelle' },
  planned: { en: 'Reserved (local time)', es: 'Reservado (hora local)' },
  alongside: { en: 'Alongside (local time)', es: 'Atracado (hora local)' },
  events: { en: 'Events', es: 'Hechos' },
  noEvent: { en: 'No event has been recorded', es: 'No se ha registrado ningún hecho' },
  utc: { en: 'UTC', es: 'UTC' },
  event: { en: 'Event', es: 'Hecho' },
  place: { en: 'Place', es: 'Lugar' },
  remark: { en: 'Source and remark', es: 'Fuente y observación' },
  remarks: { en: 'Remarks', es: 'Observaciones' },
  signatures: { en: 'Signatures', es: 'Firmas' },
  master: { en: 'Master', es: 'Capitán' },
  agent: { en: 'Agent', es: 'Consignatario' },
  port: { en: 'Port', es: 'Autoridad portuaria' },
  name: { en: 'Name', es: 'Nombre' },
  date: { en: 'Date and signature', es: 'Fecha y firma' },
  issued: { en: 'Issued', es: 'Expedida' },
  page: { en: 'Page', es: 'Página' },
  of: { en: 'of', es: 'de' },
} as const satisfies Record<string, Text>

const purposeNames: Readonly<Record<(typeof portCallPurposes)[number], Text>> = {
  LOADING: { en: 'loading', es: 'carga' },
  DISCHARGING: { en: 'discharging', es: 'descarga' },
  CARGO_OPERATIONS: { en: 'cargo operations', es: 'operaciones de carga' },
  PASSENGERS: { en: 'passengers', es: 'pasajeros' },
  BUNKERING: { en: 'bunkering', es: 'suministro de combustible' },
  SUPPLIES: { en: 'supplies', es: 'provisiones' },
  CREW_CHANGE: { en: 'crew change', es: 'relevo de tripulación' },
  REPAIR: { en: 'repair', es: 'reparación' },
  DRY_DOCK: { en: 'dry dock', es: 'dique seco' },
  TANK_CLEANING: { en: 'tank cleaning', es: 'limpieza de tanques' },
  WASTE_DISPOSAL: { en: 'waste disposal', es: 'entrega de desechos' },
  AWAITING_ORDERS: { en: 'awaiting orders', es: 'espera de órdenes' },
  LAY_UP: { en: 'lay-up', es: 'amarre inactivo' },
  REFUGE: { en: 'refuge', es: 'refugio' },
  GOODWILL_VISIT: { en: 'goodwill visit', es: 'visita de cortesía' },
  OTHER: { en: 'other', es: 'otros' },
}

const sourceNames: Readonly<Record<Source, Text>> = {
  AIS: { en: 'AIS', es: 'SIA' },
  SYSTEM: { en: 'System', es: 'Sistema' },
  PERSON: { en: 'Person', es: 'Persona' },
}

/** What a list that is done is called among the events. */
const finishedNames: Readonly<Record<CargoList, Text>> = {
  LOAD: { en: 'Load list completed', es: 'Lista de carga completada' },
  DISCHARGE: { en: 'Discharge list completed', es: 'Lista de descarga completada' },
}

/** What stands where nothing is known. */
const unknown = '–'

/**
 * The statement of facts of a call: what an agent signs to say when the ship arrived, lay alongside,
 * worked and left. Times are the port's own, to the minute, with their offset, and UTC beside them.
 */
export const statementOfFacts = (facts: Facts, language: Language): Statement => {
  const both = ({ en, es }: Text): Bilingual => (language === 'es' ? [es, en] : [en, es])
  const field = (label: Text, value: string | number | null, unit = ''): Field => ({
    label: both(label),
    value: value === null ? unknown : `${lineOf(String(value))}${unit}`,
  })
  const { vessel, timeZone } = facts
  const window = (from: Date | null, to: Date | null): string[] => [
    from ? localTime(timeZone, from) : unknown,
    to ? localTime(timeZone, to) : unknown,
  ]
  return {
    language,
    title: both({ en: 'STATEMENT OF FACTS', es: 'DECLARACIÓN DE HECHOS' }),
    reference: facts.portCallId,
    vesselName: lineOf(vessel.name),
    fields: [
      field({ en: 'Port', es: 'Puerto' }, facts.UNLocationCode),
      field({ en: 'Call reference', es: 'Referencia de la escala' }, facts.portCallId),
      field({ en: 'Vessel', es: 'Buque' }, vessel.name),
      field({ en: 'Agent organisation', es: 'Consignatario' }, facts.agentOrganization),
      field({ en: 'IMO number', es: 'Número OMI' }, vessel.imoNumber),
      field({ en: 'MMSI', es: 'MMSI' }, vessel.mmsiNumber),
      field({ en: 'Call sign', es: 'Distintivo de llamada' }, vessel.callSign),
      field({ en: 'Flag', es: 'Pabellón' }, vessel.flag),
      field({ en: 'Length overall', es: 'Eslora total' }, vessel.lengthOverall, ' m'),
      field({ en: 'Beam', es: 'Manga' }, vessel.beam, ' m'),
      field({ en: 'Gross tonnage', es: 'Arqueo bruto' }, vessel.grossTonnage),
      field({ en: 'Deadweight', es: 'Peso muerto' }, vessel.deadweight, ' t'),
      field({ en: 'Previous port', es: 'Puerto anterior' }, facts.previousPort),
      field({ en: 'Next port', es: 'Puerto siguiente' }, facts.nextPort),
      field({ en: 'Arrival draft', es: 'Calado de llegada' }, facts.declaredArrivalDraft, ' m'),
      field({ en: 'Departure draft', es: 'Calado de salida' }, facts.declaredDepartureDraft, ' m'),
      field(
        { en: 'Purposes', es: 'Motivos' },
        facts.purposes.map((purpose) => purposeNames[purpose][language]).join(', '),
      ),
      field({ en: 'Time zone', es: 'Huso horario' }, timeZone),
    ],
    stays: facts.stays.map((stay) => ({
      berth: lineOf(stay.berth),
      metres: `${stay.fromMetre}–${stay.toMetre} m`,
      planned: window(stay.planned.from, stay.planned.to),
      alongside: window(stay.alongsideFrom, stay.alongsideTo),
    })),
    events: [
      ...facts.events.map((event) => {
        const { locationName, facilityCode } = event.serviceLocation
        const source = sourceNames[event.source][language]
        return {
          time: new Date(event.serviceDateTime),
          event: both(nameOfEvent(event)),
          place: lineOf(locationName ?? facilityCode ?? unknown),
          remark: remarkOf(event, { source, language }),
        }
      }),
      ...facts.finished.map(({ list, at, total }) => ({
        time: at,
        event: both(finishedNames[list]),
        place: unknown,
        remark: `carga: ${total} ${language === 'es' ? 'movimientos' : 'moves'}`,
      })),
    ]
      .toSorted((a, b) => a.time.getTime() - b.time.getTime())
      .map(({ time, ...line }) => ({
        local: localTime(timeZone, time),
        utc: `${time.toISOString().slice(0, 16).replace('T', ' ')}Z`,
        ...line,
      })),
    words: {
      ...(Object.fromEntries(
        Object.entries(words).map(([name, text]) => [name, both(text)]),
      ) as Statement['words']),
      local: both({ en: `Local time, ${timeZone}`, es: `Hora local, ${timeZone}` }),
    },
  }
}

/** Who told it, why it was late, and what was said besides. */
const remarkOf = (
  { delayReasonCodes, remark }: Timestamp,
  { source, language }: { source: string; language: Language },
): string => {
  const delay = language === 'es' ? 'demora' : 'delay'
  const said = [
    ...(delayReasonCodes.length === 0 ? [] : [`${delay} ${delayReasonCodes.join(', ')}`]),
    ...(remark === null ? [] : [lineOf(remark)]),
  ]
  return said.length === 0 ? source : `${source}: ${said.join('; ')}`
}

/** `2026-10-25 02:30 +01:00`: to the minute, and with the offset that tells an hour lived twice apart. */
const localTime = (timeZone: string, instant: Date): string => {
  const [, date = '', time = '', offset = ''] =
    /^(\S{10})T(\d{2}:\d{2}):\d{2}(\S+?)\[/.exec(timeAt(timeZone, instant)) ?? []
  return `${date} ${time} ${offset}`
}

/** Text as one line: what moves the cursor of a terminal has no place on paper. */
const lineOf = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
