import { describe, expect, it } from 'vitest'
import { type EventCall, eventOfMoves, eventOfTimestamp } from './outgoing-event.ts'

const call: EventCall = {
  id: '0192f3a0-0000-7000-8000-000000000001',
  portVisitReference: 'ALG-1',
  unLocationCode: 'ESALG',
  state: 'OMITTED',
  carrierServiceName: null,
  carrierServiceCode: 'FE1',
  universalServiceReference: null,
  carrierImportVoyageNumber: null,
  carrierExportVoyageNumber: null,
  universalImportVoyageReference: '2301W',
  universalExportVoyageReference: null,
  vessel: {
    imoNumber: '9074729',
    mmsiNumber: null,
    name: 'N'.repeat(70),
    callSign: null,
    type: 'CONT',
    lengthOverall: 300,
    beam: null,
  },
}
const happening = {
  eventID: '0192f3a0-0000-7000-8000-000000000002',
  replyToEventID: null,
  eventUpdatedDateTime: '2026-11-20T10:00:00.000Z',
  call,
  service: null,
  sent: null,
}
const timestamp: Parameters<typeof eventOfTimestamp>[0] = {
  id: happening.eventID,
  portCallId: call.id,
  portCallServiceId: null,
  replyTo: null,
  portCallServiceTypeCode: 'ANCHORAGE',
  portCallServiceEventTypeCode: 'STRT',
  portCallPhaseTypeCode: null,
  classifierCode: 'ACT',
  serviceDateTime: '2026-11-20T09:00:00.000Z',
  serviceLocation: {
    UNLocationCode: 'ESALG',
    facilityCode: 'TTIA',
    facilityCodeListProvider: 'SMDG',
    locationName: 'Zona A',
    geoCoordinate: { latitude: 36.123_456_789, longitude: -5.4 },
  },
  requestedLocation: null,
  delayReasonCodes: [],
  isFYI: false,
  source: 'AIS',
  party: null,
  breaches: [],
  remark: null,
  recordedBy: null,
  recordedAt: '2026-11-20T10:00:00.000Z',
  attachedBy: null,
  attachedAt: null,
}

describe('a timestamp as an event', () => {
  it('has what the port knows and leaves out what it does not', () => {
    expect(eventOfTimestamp(timestamp, happening)).toEqual({
      eventID: happening.eventID,
      eventUpdatedDateTime: '2026-11-20T10:00:00.000Z',
      portCall: {
        portCallID: call.id,
        portVisitReference: 'ALG-1',
        UNLocationCode: 'ESALG',
        isOmitted: true,
      },
      terminalCall: {
        serviceCodeOrReference: { carrierServiceCode: 'FE1' },
        importVoyageNumberOrReference: { universalVoyageReference: '2301W' },
      },
      portCallService: {
        portCallServiceTypeCode: 'ANCHORAGE',
        portCallServiceEventTypeCode: 'STRT',
        facilityTypeCode: 'ANCH',
        serviceLocation: {
          locationName: 'Zona A',
          UNLocationCode: 'ESALG',
          facility: { facilityCode: 'TTIA', facilityCodeListProvider: 'SMDG' },
          geoCoordinate: { latitude: '36.123457', longitude: '-5.4' },
        },
        isCanceled: false,
        isDeclined: false,
      },
      vessel: {
        vesselIMONumber: '9074729',
        vesselTypeCode: 'CONT',
        lengthOverall: 300,
        vesselName: 'N'.repeat(50),
        vesselSizeUnit: 'MTR',
      },
      timestamp: { classifierCode: 'ACT', serviceDateTime: '2026-11-20T09:00:00.000Z' },
    })
  })

  it('keeps what was sent with it, behind what the port knows better', () => {
    const sent = {
      terminalCall: {
        terminalCallReference: 'T-1',
        serviceCodeOrReference: { carrierServiceCode: 'OLD' },
        importVoyageNumberOrReference: { carrierVoyageNumber: '2103S' },
      },
      vessel: { vesselName: 'Misspelt', draftUnit: 'FOT', draft: 41.5 },
      portCallService: {
        facilityTypeCode: 'PBPL',
        serviceLocation: { address: { city: 'Algeciras' } },
      },
    }
    const event = eventOfTimestamp(timestamp, { ...happening, sent })
    expect(event.terminalCall).toEqual({
      terminalCallReference: 'T-1',
      serviceCodeOrReference: { carrierServiceCode: 'FE1' },
      importVoyageNumberOrReference: {
        carrierVoyageNumber: '2103S',
        universalVoyageReference: '2301W',
      },
    })
    expect(event.vessel).toMatchObject({ draftUnit: 'FOT', draft: 41.5, lengthOverall: 300 })
    expect(event.vessel?.vesselName).not.toBe('Misspelt')
    expect(event.portCallService).toMatchObject({
      facilityTypeCode: 'PBPL',
      serviceLocation: { address: { city: 'Algeciras' }, locationName: 'Zona A' },
    })
  })
})

describe('moves as an event', () => {
  it('have no timestamp and no phase', () => {
    const movesForecasts = [{ restowUnits: { totalUnits: 4 } }]
    const sent = {
      movesForecasts,
      portCallService: { portCallServiceTypeCode: 'MOVES', portCallPhaseTypeCode: 'ALGS' },
      timestamp: { classifierCode: 'EST' },
    }
    const event = eventOfMoves({ ...happening, sent })
    expect(event).toMatchObject({ movesForecasts, portCall: { portCallID: call.id } })
    expect(event.portCallService).toEqual({
      portCallServiceTypeCode: 'MOVES',
      portCallServiceEventTypeCode: 'ARRI',
    })
    expect(event).not.toHaveProperty('timestamp')
  })
})
