import { FeedbackElements } from '@porttrack/shared/http/dcsa'
import { mostItems } from '@porttrack/shared/http/dcsa-messages'
import { type Static, Type } from 'typebox'
import { classifiers, serviceTypes } from '../timestamps/port-call-matrix.ts'

/**
 * The messages of DCSA Port Call 2.0, as wide as the standard writes them: nothing is required,
 * codes are text, and properties that it does not know pass. What the words mean is judged apart.
 */

const optional = Type.Optional
const Text = (maxLength: number, description?: string) =>
  optional(Type.String({ maxLength, ...(description === undefined ? {} : { description }) }))
const Uuid = (description: string) => optional(Type.String({ format: 'uuid', description }))
const Instant = (description: string) =>
  optional(Type.String({ maxLength: 30, format: 'date-time', description }))
const Flag = (description: string) => optional(Type.Boolean({ description }))
const Measure = (description: string) => optional(Type.Number({ description }))
const Int32 = () => optional(Type.Integer({ minimum: -2_147_483_648, maximum: 2_147_483_647 }))

const Location = Type.Object({
  locationName: Text(100),
  facilityTypeCode: Text(10),
  address: optional(
    Type.Object({
      street: Text(70),
      streetNumber: Text(50),
      floor: Text(50),
      postCode: Text(10),
      POBox: Text(20),
      city: Text(35),
      stateRegion: Text(65),
      countryCode: Text(2, 'ISO 3166-1 alpha-2'),
    }),
  ),
  UNLocationCode: Text(5),
  facility: optional(
    Type.Object({ facilityCode: Text(6), facilityCodeListProvider: Text(10, 'SMDG or BIC') }),
  ),
  geoCoordinate: optional(
    Type.Object({
      latitude: Text(20, 'Decimal degrees'),
      longitude: Text(20, 'Decimal degrees'),
    }),
  ),
})

const CountBySize = Type.Object({
  totalUnits: Int32(),
  size20Units: Int32(),
  size40Units: Int32(),
  size45Units: Int32(),
})
const CountByTypeAndSize = Type.Object({
  totalUnits: optional(CountBySize),
  ladenUnits: optional(CountBySize),
  emptyUnits: optional(CountBySize),
  pluggedReeferUnits: optional(CountBySize),
  outOfGaugeUnits: optional(CountBySize),
})

const MovesForecast = Type.Object({
  carrierCode: Text(4, 'The carrier whose moves these are; those of all others together without'),
  carrierCodeListProvider: Text(5, 'SMDG or NMFTA'),
  restowUnits: optional(CountBySize),
  loadUnits: optional(CountByTypeAndSize),
  dischargeUnits: optional(CountByTypeAndSize),
})
export type MovesForecast = Static<typeof MovesForecast>

const VoyageNumberOrReference = Type.Object({
  carrierVoyageNumber: optional(Type.String()),
  universalVoyageReference: Text(5),
})

/** A timestamp or a forecast of moves, with the call, the service and the ship that it is about. */
export const DcsaEvent = Type.Object(
  {
    eventID: Uuid('Id of the event; the same event again has the same'),
    replyToEventID: Uuid('The event that this one answers'),
    eventUpdatedDateTime: Instant('When the event was last updated: a later one replaces'),
    isFYI: Flag('Meant for another party, and sent for information'),
    portCall: optional(
      Type.Object({
        portCallID: Uuid('Id of the port call'),
        portVisitReference: Text(50, 'The port’s own reference of the visit'),
        UNLocationCode: Text(5, 'Port that is called at'),
        isOmitted: Flag('The ship passes the port by'),
      }),
    ),
    terminalCall: optional(
      Type.Object({
        terminalCallID: Uuid('Id of the terminal call'),
        terminalCallReference: Text(100),
        sequenceNumber: Int32(),
        carrierServiceName: Text(50),
        serviceCodeOrReference: optional(
          Type.Object({
            carrierServiceCode: optional(Type.String()),
            universalServiceReference: Text(8),
          }),
        ),
        exportVoyageNumberOrReference: optional(VoyageNumberOrReference),
        importVoyageNumberOrReference: optional(VoyageNumberOrReference),
        isOmitted: Flag('The ship passes the terminal by'),
      }),
    ),
    portCallService: optional(
      Type.Object({
        portCallServiceID: Uuid('Id of the service'),
        portCallServiceTypeCode: Text(50, 'BERTH, PILOTAGE, MOVES…'),
        portCallServiceEventTypeCode: Text(4, 'ARRI, DEPA, STRT or CMPL'),
        portCallPhaseTypeCode: Text(4, 'INBD, ALGS, SHIF or OUTB'),
        facilityTypeCode: Text(4, 'PBPL pilot boarding place, BRTH berth, ANCH anchorage'),
        serviceLocation: optional(Location),
        isCanceled: Flag('Called off by who provides the service'),
        isDeclined: Flag('Declined by who consumes the service'),
      }),
    ),
    vessel: optional(
      Type.Object({
        vesselIMONumber: Text(8),
        vesselMMSINumber: Text(9),
        vesselName: Text(50),
        vesselCallSign: Text(10),
        vesselTypeCode: Text(4),
        vesselPosition: optional(Location),
        milesToDestinationPort: Measure('Nautical miles to the berth in the port'),
        vesselSizeUnit: Text(3, 'Unit of length and width: MTR or FOT'),
        lengthOverall: Measure('Length overall'),
        width: Measure('Beam'),
        draftUnit: Text(3, 'Unit of the drafts: MTR or FOT'),
        airDraft: Measure('Height over the water'),
        draft: Measure('Draft'),
        aftDraft: Measure('Draft at the stern'),
        forwardDraft: Measure('Draft at the bow'),
      }),
    ),
    timestamp: optional(
      Type.Object({
        classifierCode: Text(3, 'EST, REQ, PLN or ACT'),
        serviceDateTime: Instant('When the service was or is to be provided'),
        delayReasonCodes: optional(
          Type.Array(Type.String({ maxLength: 3 }), { description: 'SMDG code list DELAY' }),
        ),
        remark: Text(500),
      }),
    ),
    movesForecasts: optional(
      Type.Array(MovesForecast, { description: 'With MOVES, and only with it' }),
    ),
  },
  { $id: 'DcsaEvent' },
)
export type DcsaEvent = Static<typeof DcsaEvent>

export const PostedEvents = Type.Object({
  events: Type.Array(Type.Ref('DcsaEvent'), { maxItems: mostItems }),
})

const Feedback = FeedbackElements(
  'How the request was processed; `propertyPath` tells of which event each is',
)

export const PostedEventsFeedback = Type.Object({ feedbackElements: optional(Feedback) })

/** Most events of a page, whatever `limit` says. */
export const longestPage = 200

export const EventsPage = Type.Object({
  events: Type.Array(Type.Ref('DcsaEvent'), { maxItems: longestPage }),
  feedbackElements: optional(Feedback),
})
export type EventsPage = { events: DcsaEvent[] }

const Exactly = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 100, description }))
const Id = (description: string) => Type.Optional(Type.String({ format: 'uuid', description }))
const Time = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }))

/** Every filter of the standard; several narrow down together. */
export const DcsaEventQuery = Type.Object(
  {
    UNLocationCode: Exactly('Port that is called at'),
    portVisitReference: Exactly('The port’s own reference of the visit'),
    carrierServiceName: Exactly('Name of the carrier’s service'),
    carrierServiceCode: Exactly('Code of the carrier’s service'),
    universalServiceReference: Exactly('Reference of the liner service'),
    terminalCallReference: Exactly('As the event was sent with'),
    carrierImportVoyageNumber: Exactly('Carrier’s number of the import voyage'),
    universalImportVoyageReference: Exactly('Universal reference of the import voyage'),
    carrierExportVoyageNumber: Exactly('Carrier’s number of the export voyage'),
    universalExportVoyageReference: Exactly('Universal reference of the export voyage'),
    portCallServiceTypeCode: Type.Optional(Type.Enum([...serviceTypes])),
    vesselIMONumber: Exactly('With or without IMO before it'),
    vesselName: Exactly('The whole name, in whatever case'),
    vesselMMSINumber: Exactly('MMSI of the registered ship'),
    portCallID: Id('Id of the port call'),
    terminalCallID: Id('As the event was sent with'),
    portCallServiceID: Id('Id of the service'),
    timestampID: Id('Id of the timestamp that the event was made of'),
    classifierCode: Type.Optional(Type.Enum([...classifiers])),
    eventTimestampMin: Time('Least time of the service; of a forecast, when it was updated'),
    eventTimestampMax: Time('Greatest time of the service; of a forecast, when it was updated'),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 2_147_483_647,
        description: `Most events of a page: 50 unless given, never more than ${longestPage}`,
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2_000,
        description: '`Next-Page-Cursor` of the page before, with the same filters',
      }),
    ),
  },
  { additionalProperties: false },
)
export type DcsaEventQuery = Static<typeof DcsaEventQuery>
