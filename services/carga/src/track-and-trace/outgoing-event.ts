import type { EventCode, RecordedEvent } from '../container-visit-events/container-visit-event.ts'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import type { TrackAndTraceEvent } from './dcsa-event.schema.ts'

/** Where each event of a visit belongs in DCSA's classification; YARD is PortTrack's own. */
const typeOf = (code: EventCode): 'TRANSPORT' | 'SHIPMENT' | 'EQUIPMENT' | null => {
  if (code === 'YARD') return null
  if (code === 'ARRI' || code === 'DEPA') return 'TRANSPORT'
  return code === 'RELS' ? 'SHIPMENT' : 'EQUIPMENT'
}

/** The property that has the code of each type of event. */
const codeProperty = {
  TRANSPORT: 'transportEventTypeCode',
  SHIPMENT: 'shipmentEventTypeCode',
  EQUIPMENT: 'equipmentEventTypeCode',
} as const

type Told = {
  eventID: string
  eventUpdatedDateTime: string
  isRetracted: boolean
  event: Pick<RecordedEvent, 'eventCode' | 'eventClassifierCode' | 'eventDateTime'>
}

/** An event of a container visit as DCSA Track and Trace tells it; null for what it has no code for. */
export const eventOfVisit = (
  visit: ContainerVisit,
  { eventID, eventUpdatedDateTime, isRetracted, event }: Told,
): TrackAndTraceEvent | null => {
  const type = typeOf(event.eventCode)
  if (type === null) return null
  return {
    eventID,
    ...(isRetracted ? { isRetracted } : {}),
    eventDateTime: event.eventDateTime,
    eventUpdatedDateTime,
    eventLocation: { UNLocationCode: visit.UNLocationCode },
    eventClassification: {
      eventTypeCode: type,
      eventClassifierCode: event.eventClassifierCode,
      [codeProperty[type]]: event.eventCode,
    },
    ...shipmentOf(visit),
    equipmentDetails: {
      equipmentReference: visit.equipmentReference,
      ISOEquipmentCode: visit.ISOEquipmentCode,
      emptyIndicatorCode: visit.isEmpty ? 'EMPTY' : 'LADEN',
      movementType: visit.flow,
      ...(visit.seals.length === 0 ? {} : { seals: visit.seals }),
    },
  }
}

const shipmentOf = ({ carrierBookingReference, transportDocumentReference }: ContainerVisit) => {
  const [first, ...others] = [
    ...(carrierBookingReference === null
      ? []
      : [{ typeCode: 'BKG', reference: carrierBookingReference }]),
    ...(transportDocumentReference === null
      ? []
      : [{ typeCode: 'TRD', reference: transportDocumentReference }]),
  ]
  if (first === undefined) return {}
  return {
    shipmentDetails: {
      documentReference: first,
      ...(others.length === 0 ? {} : { additionalDocumentReferences: others }),
    },
  }
}
