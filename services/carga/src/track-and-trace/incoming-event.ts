import type { Severity } from '@porttrack/shared/http/dcsa'
import type { Text } from '@porttrack/shared/http/language'
import {
  type EventCode,
  eventClassifierCodes,
  eventCodes,
  type RecordedEvent,
} from '../container-visit-events/container-visit-event.ts'
import type { TrackAndTraceEvent } from './dcsa-event.schema.ts'

/** What the sender of an event is told of it; `pointer` leads into the event. */
export type Remark = { severity: Severity; pointer: string; detail: Text }

const remark = (severity: Severity, pointer: string, detail: Text): Remark => ({
  severity,
  pointer,
  detail,
})

/** What an event says of a container's visit. */
export type Told = Pick<RecordedEvent, 'eventCode' | 'eventClassifierCode' | 'eventDateTime'>

const codes: ReadonlySet<string> = new Set(eventCodes)
const classifiers: ReadonlySet<string> = new Set(eventClassifierCodes)

/** Where the codes of each type of event stand, and which of them move a container's visit. */
const told: Readonly<
  Record<
    string,
    {
      property: 'transportEventTypeCode' | 'shipmentEventTypeCode' | 'equipmentEventTypeCode'
      knows: (code: string) => boolean
    }
  >
> = {
  TRANSPORT: {
    property: 'transportEventTypeCode',
    knows: (code) => code === 'ARRI' || code === 'DEPA',
  },
  SHIPMENT: { property: 'shipmentEventTypeCode', knows: (code) => code === 'RELS' },
  EQUIPMENT: {
    property: 'equipmentEventTypeCode',
    knows: (code) => codes.has(code) && !['ARRI', 'DEPA', 'RELS', 'YARD'].includes(code),
  },
}

/** Codes of shipment events of DCSA that say nothing of where a container is. */
const otherShipmentCodes: ReadonlySet<string> = new Set(
  'AMCF AMCN AMDC AMPR AMRE APPR CACF CADC CANC CARE CMPL CONF DECL DRFT HOLD ISSU PENA PENM PENU PSAM PSDL RECE REJE REQS SUAM SUBM SUDL SURR UPCF UPCN UPDC UPDT UPRE VOID'.split(
    ' ',
  ),
)

/** Types of event that are kept and told, and say nothing of where a container is. */
const keptTypes: ReadonlySet<string> = new Set(['IOT', 'REEFER'])

/**
 * What an event says of a container's visit, null where it says nothing of one; and what is to be
 * remarked.
 */
export const readEvent = (
  event: TrackAndTraceEvent,
): { told: Told | null; remarks: readonly Remark[] } => {
  const { eventClassification = {}, eventDateTime } = event
  const { eventTypeCode = '', eventClassifierCode = '' } = eventClassification
  if (keptTypes.has(eventTypeCode)) return { told: null, remarks: [] }
  const type = told[eventTypeCode]
  if (!type) {
    const place = '#/eventClassification/eventTypeCode'
    const detail = {
      en: 'is none of SHIPMENT, TRANSPORT, EQUIPMENT, IOT and REEFER: the event is kept only',
      es: 'no es SHIPMENT, TRANSPORT, EQUIPMENT, IOT ni REEFER: el evento solo se conserva',
    }
    return { told: null, remarks: [remark('WARN', place, detail)] }
  }
  const code = eventClassification[type.property] ?? ''
  if (eventTypeCode === 'SHIPMENT' && otherShipmentCodes.has(code)) {
    return { told: null, remarks: [] }
  }
  const remarks: Remark[] = []
  if (!type.knows(code)) {
    remarks.push(
      remark('WARN', `#/eventClassification/${type.property}`, {
        en: `is no code of ${eventTypeCode} events: the event is kept only`,
        es: `no es un código de eventos ${eventTypeCode}: el evento solo se conserva`,
      }),
    )
  }
  if (!classifiers.has(eventClassifierCode)) {
    remarks.push(
      remark('WARN', '#/eventClassification/eventClassifierCode', {
        en: 'is none of PLN, EST and ACT: the event is kept only',
        es: 'no es PLN, EST ni ACT: el evento solo se conserva',
      }),
    )
  }
  if (eventDateTime === undefined) {
    remarks.push(
      remark('WARN', '#/eventDateTime', {
        en: 'is missing: the event is kept only',
        es: 'falta: el evento solo se conserva',
      }),
    )
  }
  if (remarks.length > 0 || eventDateTime === undefined) return { told: null, remarks }
  return {
    told: {
      eventCode: code as EventCode,
      eventClassifierCode: eventClassifierCode as Told['eventClassifierCode'],
      eventDateTime: new Date(eventDateTime).toISOString(),
    },
    remarks: [],
  }
}

/** References of an event to a booking and to a transport document. */
export const referencesIn = ({ shipmentDetails }: TrackAndTraceEvent) => {
  const references = [
    ...(shipmentDetails?.documentReference ? [shipmentDetails.documentReference] : []),
    ...(shipmentDetails?.additionalDocumentReferences ?? []),
  ]
  const of = (type: string): string | null =>
    references.find(({ typeCode }) => typeCode === type)?.reference ?? null
  return { carrierBookingReference: of('BKG'), transportDocumentReference: of('TRD') }
}

const codePlace = '#/eventClassification'

export const noVisitRemark = remark('WARN', '#/equipmentDetails/equipmentReference', {
  en: 'has no visit that you may write to at this place: the event is kept only',
  es: 'no tiene ninguna estancia en la que pueda escribir en este lugar: el evento solo se conserva',
})
export const repeatedRemark = remark('INFO', '#/eventID', {
  en: 'is there more than once: the latest of them counts',
  es: 'está más de una vez: cuenta el último',
})
export const knownRemark = remark('INFO', '#/eventUpdatedDateTime', {
  en: 'is not later than what is known: nothing was changed',
  es: 'no es posterior a lo conocido: no se cambió nada',
})
export const retractedRemark = remark('WARN', '#/eventID', {
  en: 'was retracted before: the event is kept only',
  es: 'se retiró antes: el evento solo se conserva',
})
export const otherCodeRemark = remark('WARN', codePlace, {
  en: 'is of another code than before: the event is kept only',
  es: 'tiene otro código que antes: el evento solo se conserva',
})
export const otherOpenVisitRemark = remark('WARN', codePlace, {
  en: 'would open a visit beside another open one of this container: the event is kept only',
  es: 'abriría una estancia junto a otra abierta del contenedor: el evento solo se conserva',
})
export const fullRemark = remark('WARN', codePlace, {
  en: 'is one too many for the visit: the event is kept only',
  es: 'es uno de más para la estancia: el evento solo se conserva',
})

/** What stands in the way of an event that was recorded all the same. */
export const obstacleRemark = (detail: Text): Remark => remark('WARN', codePlace, detail)

/** What an event breaks by itself, so that it was not recorded. */
export const faultRemark = (pointer: string, { en, es }: Text): Remark =>
  remark('WARN', pointer === '#/eventDateTime' ? pointer : codePlace, {
    en: `${en}: the event is kept only`,
    es: `${es}: el evento solo se conserva`,
  })

/** What keeps a container from the place that it would then have. */
export const misplacedRemark = ({ detail: { en, es } }: { detail: Text }): Remark =>
  remark('WARN', codePlace, {
    en: `${en}: the event is kept only`,
    es: `${es}: el evento solo se conserva`,
  })
