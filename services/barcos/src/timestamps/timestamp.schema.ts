import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { sources } from '../reporter.ts'
import {
  classifiers,
  eventTypes,
  matrixConditions,
  phases,
  serviceTypes,
} from './port-call-matrix.ts'
import { replyConditions } from './port-call-service.ts'
import { parties, partyConditions } from './service-parties.ts'
import { told } from '../text.ts'

/** DCSA Port Call 2.0: what happened, of which service, and when. */
const service = {
  portCallServiceTypeCode: Type.Enum([...serviceTypes], {
    description: 'Port call service (DCSA Port Call 2.0)',
  }),
  portCallServiceEventTypeCode: Type.Enum([...eventTypes], {
    description: 'ARRI arrived, DEPA departed, STRT started, CMPL completed',
  }),
  portCallPhaseTypeCode: Type.Enum([...phases], {
    description: 'INBD inbound, ALGS alongside, SHIF shifting, OUTB outbound',
  }),
  classifierCode: Type.Enum([...classifiers], {
    description: 'EST estimated, REQ requested, PLN planned, ACT actual',
  }),
  serviceDateTime: Type.String({
    format: 'date-time',
    description: 'When the service was or is to be provided',
  }),
}

const LocationName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: String.raw`\S`,
  description: 'Where in the port, as people call it',
})
const Remark = Type.String({ minLength: 1, maxLength: 500, pattern: String.raw`\S` })
const FacilityCode = Type.String({
  minLength: 1,
  maxLength: 6,
  pattern: String.raw`^\S(?:.*\S)?$`,
  description: 'Facility within the port, as its list provider names it',
})
const FacilityCodeListProvider = Type.Enum(['SMDG', 'BIC'])
const GeoCoordinate = Type.Object(
  {
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
  },
  { additionalProperties: false },
)
/** Each condition of a timestamp is named once. */
const mostBreaches = [matrixConditions, partyConditions, replyConditions].flatMap((conditions) =>
  Object.keys(conditions),
).length

/** Reasons of a delay that are kept, at most. */
export const mostDelayReasons = 20

const DelayReasonCodes = Type.Array(
  Type.String({ minLength: 1, maxLength: 3, pattern: '^[A-Z0-9]+$' }),
  {
    maxItems: mostDelayReasons,
    uniqueItems: true,
    description: 'Why it is late (SMDG code list DELAY)',
  },
)
const Uuid = Type.String({ format: 'uuid' })

/** Where the consumer of a service asks for it instead. */
const RequestedLocation = Type.Object(
  {
    UNLocationCode: Type.String({ pattern: unLocationCodePattern }),
    facility: Type.Optional(
      Type.Object(
        { facilityCode: FacilityCode, facilityCodeListProvider: FacilityCodeListProvider },
        { additionalProperties: false },
      ),
    ),
    locationName: Type.Optional(LocationName),
    geoCoordinate: Type.Optional(GeoCoordinate),
  },
  {
    additionalProperties: false,
    description: 'Only with REQ: where the service is asked for instead of its own location',
  },
)

export const NewTimestamp = Type.Object(
  {
    ...service,
    portCallPhaseTypeCode: Type.Optional(service.portCallPhaseTypeCode),
    replyTo: Type.Optional(
      Type.String({
        format: 'uuid',
        description: 'The timestamp of the service that this answers',
      }),
    ),
    onBehalfOf: Type.Optional(
      Type.Enum([...parties], {
        description:
          'The side that it speaks for; for callers who stand on several, such as the port’s office. By default the first that its classifier comes from',
      }),
    ),
    locationName: Type.Optional(LocationName),
    requestedLocation: Type.Optional(RequestedLocation),
    delayReasonCodes: Type.Optional(DelayReasonCodes),
    isFYI: Type.Optional(
      Type.Boolean({ description: 'Meant for another party, and told for information' }),
    ),
    remark: Type.Optional(Remark),
  },
  { additionalProperties: false },
)
export type NewTimestamp = Static<typeof NewTimestamp>

export const Timestamp = Type.Object(
  {
    id: Uuid,
    portCallId: nullable(
      Type.String({ format: 'uuid', description: 'Null for an orphan: no open call was known' }),
    ),
    portCallServiceId: nullable(
      Type.String({ format: 'uuid', description: 'The service of the call that it tells of' }),
    ),
    replyTo: nullable(Uuid),
    ...service,
    portCallPhaseTypeCode: nullable(service.portCallPhaseTypeCode),
    serviceLocation: Type.Object({
      UNLocationCode: nullable(told.unLocationCode),
      facilityCode: nullable(told.facility),
      facilityCodeListProvider: nullable(told.facility),
      locationName: nullable(told.placeName),
      geoCoordinate: nullable(GeoCoordinate),
    }),
    requestedLocation: nullable(RequestedLocation),
    delayReasonCodes: Type.Array(told.code, { maxItems: mostDelayReasons }),
    isFYI: Type.Boolean(),
    source: Type.Enum([...sources], {
      description:
        'AIS, another organisation’s system, or a person: a later one counts before an earlier',
    }),
    party: nullable(
      Type.Enum([...parties], {
        description: 'The side of the service that it speaks for; null for AIS',
      }),
    ),
    reportedVessel: Type.Object(
      {
        vesselIMONumber: nullable(told.shipNumber),
        MMSINumber: nullable(told.shipNumber),
        name: nullable(told.placeName),
      },
      { description: 'The ship as the source named it, right or wrong' },
    ),
    breaches: Type.Array(told.code, {
      maxItems: mostBreaches,
      description:
        'Codes of the conditions that it does not meet, when it was kept nevertheless: it never counts',
    }),
    remark: nullable(told.reason),
    recordedBy: nullable(Type.String({ ...Subject, description: 'Who said so; null for AIS' })),
    recordedAt: Type.String({ format: 'date-time' }),
    attachedBy: nullable(
      Type.String({
        ...Subject,
        description: 'Who attached it to the call, when it came as an orphan',
      }),
    ),
    attachedAt: nullable(Type.String({ format: 'date-time' })),
  },
  { $id: 'Timestamp' },
)
export type Timestamp = Static<typeof Timestamp>

/** To which call an orphan is attached. */
export const Attachment = Type.Object(
  {
    portCallId: Uuid,
    force: Type.Optional(
      Type.Boolean({ description: 'Attach it although ship or place differ; with a reason' }),
    ),
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        pattern: String.raw`\S`,
        description: 'Why; kept with the attachment',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Attachment = Static<typeof Attachment>

export const TimestampQuery = Type.Object(
  {
    ...pageQuery,
    orphan: Type.Optional(
      Type.Boolean({ description: 'Only those without a port call, or only those with one' }),
    ),
    candidateFor: Type.Optional(
      Type.String({
        format: 'uuid',
        description:
          'Only orphans that may belong to this call: of its ship, at its place or at none, from three days before its ETA until three days after its ETD',
      }),
    ),
    MMSINumber: Type.Optional(
      Type.String({ pattern: String.raw`^\d{9}$`, description: 'Reported MMSI' }),
    ),
    vesselIMONumber: Type.Optional(
      Type.String({ pattern: String.raw`^\d{7}$`, description: 'Reported IMO number' }),
    ),
    UNLocationCode: Type.Optional(
      Type.String({ pattern: unLocationCodePattern, description: 'Where it happened' }),
    ),
    sort: sortQuery(['recordedAt'], '-recordedAt'),
  },
  { additionalProperties: false },
)
export type TimestampQuery = Static<typeof TimestampQuery>
