import { FeedbackElements } from '@porttrack/shared/http/dcsa'
import { mostItems } from '@porttrack/shared/http/dcsa-messages'
import { type Static, Type } from 'typebox'

/**
 * The messages of DCSA Track and Trace 3.0, as wide as the standard writes them: nothing is required,
 * codes are text, and properties that it does not know pass. What the words mean is judged apart.
 */

const optional = Type.Optional
const Text = (maxLength: number, description?: string) =>
  optional(Type.String({ maxLength, ...(description === undefined ? {} : { description }) }))
const Instant = (description: string) =>
  optional(Type.String({ maxLength: 30, format: 'date-time', description }))

/** What is kept and told as it was sent. */
const open = () => Type.Object({}, { additionalProperties: true })

/** Longest text of what the standard sets no length for. */
const unbounded = 500

const Party = Type.Object({
  partyCode: Text(150),
  codeListProvider: Text(100),
  codeListName: Text(100),
  partyFunction: Text(3),
})

const Location = Type.Object({
  locationName: Text(100),
  facilityTypeCode: Text(10),
  UNLocationCode: Text(5),
  address: optional(open()),
  facility: optional(
    Type.Object({
      facilityName: Text(100),
      facilityCode: Text(6),
      facilityCodeListProvider: Text(10, 'SMDG or BIC'),
    }),
  ),
  geoCoordinate: optional(Type.Object({ latitude: Text(20), longitude: Text(20) })),
})

const DocumentReference = Type.Object({
  typeCode: Text(unbounded, 'BKG booking, TRD transport document…'),
  reference: Text(100),
})

/** An event of a shipment, a transport, a container, a sensor or a reefer. */
export const TrackAndTraceEvent = Type.Object(
  {
    eventRouting: optional(
      Type.Object({
        originatingParty: optional(Party),
        forwardingParties: optional(Type.Array(Party)),
        destinationParty: optional(Party),
      }),
    ),
    eventID: Text(500, 'Id of the event; the same event again has the same'),
    isRetracted: optional(Type.Boolean({ description: 'What was sent with this id is void' })),
    eventDateTime: Instant('When it happens or happened'),
    eventUpdatedDateTime: Instant('When the event was last updated: a later one replaces'),
    eventLocation: optional(Location),
    eventClassification: optional(
      Type.Object({
        eventTypeCode: Text(unbounded, 'SHIPMENT, TRANSPORT, EQUIPMENT, IOT or REEFER'),
        eventClassifierCode: Text(10, 'PLN, EST or ACT'),
        shipmentEventTypeCode: Text(unbounded),
        transportEventTypeCode: Text(unbounded, 'ARRI or DEPA'),
        equipmentEventTypeCode: Text(unbounded, 'GTIN, LOAD, DISC…'),
        iotEventTypeCode: Text(unbounded),
        reeferEventTypeCode: Text(unbounded),
      }),
    ),
    shipmentDetails: optional(
      Type.Object(
        {
          documentReference: optional(DocumentReference),
          additionalDocumentReferences: optional(Type.Array(DocumentReference)),
        },
        { additionalProperties: true },
      ),
    ),
    transportDetails: optional(open()),
    equipmentDetails: optional(
      Type.Object({
        equipmentReference: Text(11),
        ISOEquipmentCode: Text(4),
        emptyIndicatorCode: Text(unbounded, 'EMPTY or LADEN'),
        movementType: Text(unbounded, 'IMPORT, EXPORT or TRANSSHIPMENT'),
        seals: optional(
          Type.Array(
            Type.Object({
              number: Text(15),
              source: Text(unbounded),
              type: Text(unbounded),
              placement: Text(unbounded),
            }),
          ),
        ),
      }),
    ),
    iotDetails: optional(open()),
    reeferDetails: optional(open()),
  },
  { $id: 'TrackAndTraceEvent' },
)
export type TrackAndTraceEvent = Static<typeof TrackAndTraceEvent>

export const PostedTrackAndTraceEvents = Type.Object({
  events: Type.Array(Type.Ref('TrackAndTraceEvent'), { maxItems: mostItems }),
})

const Feedback = FeedbackElements(
  'How the request was processed; `propertyPath` tells of which event each is',
)

export const MessageFeedback = Type.Object({ feedbackElements: optional(Feedback) })

/** Most items of a page, whatever `limit` says. */
export const longestPage = 200

export const TrackAndTracePage = Type.Object({
  events: Type.Array(Type.Ref('TrackAndTraceEvent'), { maxItems: longestPage }),
  feedbackElements: optional(Feedback),
})

/** The limit and cursor of a DCSA list. */
export const dcsaPaging = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_147_483_647,
      description: `Most items of a page: 50 unless given, never more than ${longestPage}`,
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2_000,
      description: '`Next-Page-Cursor` of the page before, with the same filters',
    }),
  ),
}

const Exactly = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 100, description }))
const Time = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }))

/** References by which DCSA's lists of cargo are asked. */
export const dcsaReferences = {
  carrierBookingReference: Exactly('Reference of the booking'),
  transportDocumentReference: Exactly('Reference of the transport document'),
  equipmentReference: Exactly('Number of the container'),
}

/** Every filter of the standard; several narrow down together. */
export const TrackAndTraceQuery = Type.Object(
  {
    ...dcsaReferences,
    eventTypes: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{1,20}(?:,[A-Z]{1,20}){0,9}$',
        description: 'Types of events, separated by commas',
        examples: ['EQUIPMENT,IOT,REEFER'],
      }),
    ),
    eventUpdatedDateTimeMin: Time('Least time of update'),
    eventUpdatedDateTimeMax: Time('Greatest time of update'),
    ...dcsaPaging,
  },
  { additionalProperties: false },
)
export type TrackAndTraceQuery = Static<typeof TrackAndTraceQuery>
