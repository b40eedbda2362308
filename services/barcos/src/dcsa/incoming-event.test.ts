import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serviceTypes } from '../timestamps/port-call-matrix.ts'
import type { DcsaEvent } from './dcsa-event.schema.ts'
import {
  endsToldBy,
  placeInEvent,
  remarksOn,
  repetitionOf,
  sightingOf,
  toldBy,
} from './incoming-event.ts'

const berth: DcsaEvent = {
  eventID: '0192f3a0-0000-7000-8000-000000000001',
  portCall: { UNLocationCode: 'ESALG' },
  portCallService: {
    portCallServiceTypeCode: 'BERTH',
    portCallServiceEventTypeCode: 'ARRI',
    portCallPhaseTypeCode: 'INBD',
  },
  vessel: { vesselIMONumber: '9074729' },
  timestamp: { classifierCode: 'EST', serviceDateTime: '2027-01-10T08:00:00Z' },
}

const pointersOf = (event: DcsaEvent): string[] => remarksOn(event).map(({ pointer }) => pointer)

describe('what an event tells', () => {
  it('is a timestamp, with what the port keeps of it', () => {
    const timestamp = {
      classifierCode: 'EST',
      serviceDateTime: '2027-01-10T08:00:00Z',
      delayReasonCodes: ['STR', 'STR', 'x y'],
      remark: '  ',
    }
    const serviceLocation = { locationName: 'Muelle Sur' }
    const portCallService = { ...berth.portCallService, serviceLocation }
    expect(toldBy({ ...berth, isFYI: true, timestamp, portCallService })).toEqual({
      timestamp: {
        portCallServiceTypeCode: 'BERTH',
        portCallServiceEventTypeCode: 'ARRI',
        portCallPhaseTypeCode: 'INBD',
        classifierCode: 'EST',
        serviceDateTime: '2027-01-10T08:00:00Z',
        delayReasonCodes: ['STR'],
        isFYI: true,
        locationName: 'Muelle Sur',
      },
    })
  })

  it('is nothing without the parts of a timestamp, each of which is named', () => {
    const told = toldBy({ portCallService: { portCallPhaseTypeCode: 'UP' }, timestamp: {} })
    if (!('nothing' in told)) throw new Error('something is told')
    expect(told.nothing.map(({ severity, pointer }) => [severity, pointer])).toEqual([
      ['ERROR', '#/portCallService/portCallServiceTypeCode'],
      ['ERROR', '#/portCallService/portCallServiceEventTypeCode'],
      ['ERROR', '#/portCallService/portCallPhaseTypeCode'],
      ['ERROR', '#/timestamp/classifierCode'],
      ['ERROR', '#/timestamp/serviceDateTime'],
    ])
  })

  it('is the moves where the service is MOVES', () => {
    const portCallService = { portCallServiceTypeCode: 'MOVES' }
    const movesForecasts = [{ carrierCode: 'MAEU', carrierCodeListProvider: 'SMDG' }]
    expect(toldBy({ portCallService, movesForecasts })).toEqual({ movesForecasts })
    expect(toldBy({ portCallService })).toMatchObject({ nothing: [{ severity: 'ERROR' }] })
  })

  it('is read from any words at all without failing', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(...serviceTypes, 'ARRI', 'INBD', 'EST', 'MTR'),
    )
    const part = (names: string[]) =>
      fc.option(
        fc.record(Object.fromEntries(names.map((name) => [name, text])), { requiredKeys: [] }),
        { nil: undefined },
      )
    const event = fc.record({
      portCall: part(['UNLocationCode']),
      portCallService: part([
        'portCallServiceTypeCode',
        'portCallServiceEventTypeCode',
        'portCallPhaseTypeCode',
      ]),
      vessel: part(['vesselIMONumber', 'vesselMMSINumber', 'vesselTypeCode', 'draftUnit']),
      timestamp: part(['classifierCode', 'serviceDateTime', 'remark']),
    })
    fc.assert(
      fc.property(event, (given) => {
        const told = toldBy(given as DcsaEvent)
        expect(Object.keys(told)).toHaveLength(1)
        for (const { severity, pointer } of remarksOn(given as DcsaEvent)) {
          expect(['WARN', 'ERROR']).toContain(severity)
          expect(pointer).toMatch(/^#\/\w/)
        }
      }),
    )
  })
})

describe('remarks on an event', () => {
  it('are none for one that keeps to the rules', () => {
    expect(remarksOn(berth)).toEqual([])
  })

  it.each<[string, DcsaEvent, string[]]>([
    ['a ship that is not named', { ...berth, vessel: {} }, ['#/vessel']],
    [
      'numbers that no ship has, and a type that is none',
      {
        ...berth,
        vessel: {
          vesselIMONumber: '9074728',
          vesselMMSINumber: '970000000',
          vesselTypeCode: 'SHIP',
        },
      },
      ['#/vessel/vesselIMONumber', '#/vessel/vesselMMSINumber', '#/vessel/vesselTypeCode'],
    ],
    [
      'dimensions without a unit, and units that are none',
      { ...berth, vessel: { vesselIMONumber: '9074729', width: 3, draftUnit: 'CM' } },
      ['#/vessel/vesselSizeUnit', '#/vessel/draftUnit'],
    ],
    [
      'places that are none',
      {
        ...berth,
        portCall: { UNLocationCode: 'ZZ1' },
        portCallService: {
          ...berth.portCallService,
          serviceLocation: {
            facility: { facilityCode: 'ADT' },
            geoCoordinate: { latitude: '90.1', longitude: 'east' },
          },
        },
      },
      [
        '#/portCall/UNLocationCode',
        '#/portCallService/serviceLocation/UNLocationCode',
        '#/portCallService/serviceLocation/facility/facilityCodeListProvider',
        '#/portCallService/serviceLocation/geoCoordinate/latitude',
        '#/portCallService/serviceLocation/geoCoordinate/longitude',
      ],
    ],
    [
      'a phase that the standard does not have for the service',
      {
        ...berth,
        portCallService: {
          portCallServiceTypeCode: 'PILOTAGE',
          portCallServiceEventTypeCode: 'STRT',
          portCallPhaseTypeCode: 'ALGS',
        },
      },
      ['#/portCallService/portCallPhaseTypeCode'],
    ],
    [
      'references that are not written as the standard writes them',
      {
        ...berth,
        terminalCall: {
          serviceCodeOrReference: { universalServiceReference: 'SR1234AA' },
          exportVoyageNumberOrReference: { universalVoyageReference: '2301X' },
          importVoyageNumberOrReference: { universalVoyageReference: '2301W' },
        },
      },
      [
        '#/terminalCall/serviceCodeOrReference/universalServiceReference',
        '#/terminalCall/exportVoyageNumberOrReference/universalVoyageReference',
      ],
    ],
    [
      'reasons of delay that are none, and too many',
      {
        ...berth,
        timestamp: {
          ...berth.timestamp,
          delayReasonCodes: ['x', ...Array.from({ length: 21 }, (_, n) => `A${n + 10}`)],
        },
      },
      ['#/timestamp/delayReasonCodes/0', '#/timestamp/delayReasonCodes'],
    ],
    [
      'the end of a terminal call, which is none of the port’s',
      { ...berth, terminalCall: { isOmitted: true } },
      ['#/terminalCall/isOmitted'],
    ],
  ])('name %s', (_what, event, pointers) => {
    expect(pointersOf(event)).toEqual(pointers)
  })
})

describe('the ends that an event tells of', () => {
  it('are those of its call and of its service', () => {
    const portCallService = { ...berth.portCallService, isCanceled: true, isDeclined: false }
    expect(endsToldBy({ ...berth, portCall: { isOmitted: true }, portCallService })).toEqual([
      'omitted',
      'canceled',
    ])
    expect(endsToldBy(berth)).toEqual([])
  })
})

describe('the place that an event names', () => {
  it('is the call’s, or else the service’s', () => {
    const serviceLocation = { UNLocationCode: 'ESBCN' }
    const portCallService = { ...berth.portCallService, serviceLocation }
    expect(sightingOf({ ...berth, portCallService }).UNLocationCode).toBe('ESALG')
    expect(sightingOf({ portCallService }).UNLocationCode).toBe('ESBCN')
    expect(sightingOf({})).toEqual({
      reportedVessel: { vesselIMONumber: null, MMSINumber: null, name: null },
      UNLocationCode: null,
    })
  })
})

describe('an event that came before', () => {
  const at = (hour: number, event: unknown = berth) => ({
    updatedAt: new Date(Date.UTC(2026, 10, 20, hour)),
    event,
  })

  it('is replaced only by other words of a later time', () => {
    const other = { ...berth, isFYI: true }
    expect(repetitionOf(at(10), at(11, other))).toBeNull()
    expect(repetitionOf(at(10), at(11, structuredClone(berth)))).toMatchObject({ severity: 'INFO' })
    expect(repetitionOf(at(10), at(10, other))).toMatchObject({ severity: 'WARN' })
    expect(repetitionOf(at(10), at(9, other))).toMatchObject({ severity: 'WARN' })
  })
})

describe('the place of a fault of the timestamp', () => {
  it.each([
    ['#/classifierCode', '#/timestamp/classifierCode'],
    ['#/serviceDateTime', '#/timestamp/serviceDateTime'],
    ['#/portCallServiceTypeCode', '#/portCallService/portCallServiceTypeCode'],
    ['#/portCallPhaseTypeCode', '#/portCallService/portCallPhaseTypeCode'],
    ['#/replyTo', '#/replyToEventID'],
  ])('%s is %s in the event', (pointer, place) => {
    expect(placeInEvent(pointer)).toBe(place)
  })
})
