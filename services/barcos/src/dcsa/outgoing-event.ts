import type { ServiceType } from '../timestamps/port-call-matrix.ts'
import type { Timestamp } from '../timestamps/timestamp.schema.ts'
import type { DcsaEvent } from './dcsa-event.schema.ts'

/** What PortTrack knows of the call that an event is about. */
export type EventCall = {
  id: string
  portVisitReference: string | null
  unLocationCode: string
  state: string
  carrierServiceName: string | null
  carrierServiceCode: string | null
  universalServiceReference: string | null
  carrierImportVoyageNumber: string | null
  carrierExportVoyageNumber: string | null
  universalImportVoyageReference: string | null
  universalExportVoyageReference: string | null
  vessel: {
    imoNumber: string | null
    mmsiNumber: string | null
    name: string
    callSign: string | null
    type: string | null
    lengthOverall: number | null
    beam: number | null
  }
}

type EventService = { id: string; isCanceled: boolean; isDeclined: boolean }

type Happening = {
  eventID: string
  replyToEventID: string | null
  /** RFC 3339 in UTC. */
  eventUpdatedDateTime: string
  call: EventCall
  service: EventService | null
  /** The event as it was sent to PortTrack, if it came that way. */
  sent: DcsaEvent | null
}

/** A timestamp of a call as an event of DCSA Port Call 2.0. */
export const eventOfTimestamp = (
  timestamp: Omit<Timestamp, 'reportedVessel'>,
  { sent, ...of }: Happening,
): DcsaEvent => {
  const { serviceLocation: place } = timestamp
  const type = timestamp.portCallServiceTypeCode
  const named = sent?.portCallService
  return {
    ...envelope({ sent, ...of }),
    ...(timestamp.isFYI ? { isFYI: true } : {}),
    portCallService: {
      ...present({ portCallServiceID: of.service?.id }),
      portCallServiceTypeCode: type,
      portCallServiceEventTypeCode: timestamp.portCallServiceEventTypeCode,
      ...present({
        portCallPhaseTypeCode: timestamp.portCallPhaseTypeCode,
        facilityTypeCode: named?.facilityTypeCode ?? facilityTypes[type],
      }),
      serviceLocation: {
        ...named?.serviceLocation,
        ...present({ locationName: place.locationName, UNLocationCode: place.UNLocationCode }),
        ...(place.facilityCode === null
          ? {}
          : {
              facility: present({
                facilityCode: place.facilityCode,
                facilityCodeListProvider: place.facilityCodeListProvider,
              }),
            }),
        ...(place.geoCoordinate === null
          ? {}
          : {
              geoCoordinate: {
                latitude: degrees(place.geoCoordinate.latitude),
                longitude: degrees(place.geoCoordinate.longitude),
              },
            }),
      },
      isCanceled: of.service?.isCanceled ?? false,
      isDeclined: of.service?.isDeclined ?? false,
    },
    timestamp: {
      classifierCode: timestamp.classifierCode,
      serviceDateTime: timestamp.serviceDateTime,
      ...(timestamp.delayReasonCodes.length > 0
        ? { delayReasonCodes: timestamp.delayReasonCodes }
        : {}),
      ...present({ remark: timestamp.remark }),
    },
  }
}

/** A forecast of moves that was sent for a call, as an event of DCSA Port Call 2.0. */
export const eventOfMoves = (of: Happening & { sent: DcsaEvent }): DcsaEvent => ({
  ...envelope(of),
  ...present({ isFYI: of.sent.isFYI }),
  portCallService: {
    ...present({ serviceLocation: of.sent.portCallService?.serviceLocation }),
    portCallServiceTypeCode: 'MOVES',
    portCallServiceEventTypeCode: 'ARRI',
  },
  movesForecasts: of.sent.movesForecasts ?? [],
})

type Ending = Pick<Happening, 'eventID' | 'eventUpdatedDateTime' | 'call'>

/** That a call was omitted, and with it its terminal calls. */
export const eventOfOmission = (of: Ending): DcsaEvent =>
  envelope({ ...of, replyToEventID: null, service: null, sent: null })

type EndedService = EventService & {
  serviceType: string
  eventType: string
  phase: string | null
  unLocationCode: string
}

/** That a service was called off. */
export const eventOfServiceEnd = (service: EndedService, of: Ending): DcsaEvent => ({
  ...envelope({ ...of, replyToEventID: null, service, sent: null }),
  portCallService: {
    portCallServiceID: service.id,
    portCallServiceTypeCode: service.serviceType,
    portCallServiceEventTypeCode: service.eventType,
    ...present({
      portCallPhaseTypeCode: service.phase,
      facilityTypeCode: facilityTypes[service.serviceType as ServiceType],
    }),
    serviceLocation: { UNLocationCode: service.unLocationCode },
    isCanceled: service.isCanceled,
    isDeclined: service.isDeclined,
  },
})

const envelope = ({ call, sent, ...event }: Happening): DcsaEvent => ({
  eventID: event.eventID,
  ...present({ replyToEventID: event.replyToEventID }),
  eventUpdatedDateTime: event.eventUpdatedDateTime,
  portCall: {
    portCallID: call.id,
    ...present({ portVisitReference: call.portVisitReference }),
    UNLocationCode: call.unLocationCode,
    isOmitted: call.state === 'OMITTED',
  },
  ...terminalCallOf(call, sent),
  vessel: vesselOf(call, sent),
})

/** The call's own references go before those that the event was sent with. */
const terminalCallOf = (
  call: EventCall,
  sent: DcsaEvent | null,
): Pick<DcsaEvent, 'terminalCall'> => {
  const given = sent?.terminalCall
  const terminalCall = present({
    ...given,
    carrierServiceName: call.carrierServiceName ?? given?.carrierServiceName,
    serviceCodeOrReference: whole({
      carrierServiceCode:
        call.carrierServiceCode ?? given?.serviceCodeOrReference?.carrierServiceCode,
      universalServiceReference:
        call.universalServiceReference ?? given?.serviceCodeOrReference?.universalServiceReference,
    }),
    exportVoyageNumberOrReference: whole({
      carrierVoyageNumber:
        call.carrierExportVoyageNumber ?? given?.exportVoyageNumberOrReference?.carrierVoyageNumber,
      universalVoyageReference:
        call.universalExportVoyageReference ??
        given?.exportVoyageNumberOrReference?.universalVoyageReference,
    }),
    importVoyageNumberOrReference: whole({
      carrierVoyageNumber:
        call.carrierImportVoyageNumber ?? given?.importVoyageNumberOrReference?.carrierVoyageNumber,
      universalVoyageReference:
        call.universalImportVoyageReference ??
        given?.importVoyageNumberOrReference?.universalVoyageReference,
    }),
  })
  return Object.keys(terminalCall).length === 0 ? {} : { terminalCall }
}

/** The registered ship; what changes from voyage to voyage is as it was sent. */
const vesselOf = (
  { vessel }: EventCall,
  sent: DcsaEvent | null,
): NonNullable<DcsaEvent['vessel']> => ({
  ...present({
    vesselPosition: sent?.vessel?.vesselPosition,
    milesToDestinationPort: sent?.vessel?.milesToDestinationPort,
    draftUnit: sent?.vessel?.draftUnit,
    airDraft: sent?.vessel?.airDraft,
    draft: sent?.vessel?.draft,
    aftDraft: sent?.vessel?.aftDraft,
    forwardDraft: sent?.vessel?.forwardDraft,
    vesselIMONumber: vessel.imoNumber,
    vesselMMSINumber: vessel.mmsiNumber,
    vesselCallSign: vessel.callSign,
    vesselTypeCode: vessel.type,
    lengthOverall: vessel.lengthOverall,
    width: vessel.beam,
  }),
  vesselName: vessel.name.slice(0, 50),
  ...(vessel.lengthOverall === null && vessel.beam === null ? {} : { vesselSizeUnit: 'MTR' }),
})

/** Where a service takes place by its nature. */
const facilityTypes: Readonly<Partial<Record<ServiceType, string>>> = {
  BERTH: 'BRTH',
  CARGO_OPERATIONS: 'BRTH',
  ALL_FAST: 'BRTH',
  GANGWAY_DOWN_AND_SECURE: 'BRTH',
  VESSEL_READY_FOR_CARGO_OPERATIONS: 'BRTH',
  VESSEL_READY_TO_SAIL: 'BRTH',
  DISCHARGE_CARGO_OPERATIONS: 'BRTH',
  LOADING_CARGO_OPERATIONS: 'BRTH',
  LASHING: 'BRTH',
  SAFETY: 'BRTH',
  SHORE_POWER: 'BRTH',
  PILOT_BOARDING_PLACE: 'PBPL',
  ANCHORAGE: 'ANCH',
  ANCHORAGE_OPERATIONS: 'ANCH',
}

/** Six decimals are a tenth of a metre. */
const degrees = (value: number): string => String(Number(value.toFixed(6)))

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> }

/** Only what has a value: DCSA leaves out what is not known. */
const present = <T extends object>(properties: T): Present<T> =>
  Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== null && value !== undefined),
  ) as Present<T>

const whole = <T extends object>(properties: T): Present<T> | undefined => {
  const known = present(properties)
  return Object.keys(known).length === 0 ? undefined : known
}
