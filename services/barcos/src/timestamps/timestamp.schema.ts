import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { unLocationCodePattern } from '../places/un-location-code.ts'
import { sources } from '../reporter.ts'
import { classifiers, eventTypes, phases, serviceTypes } from './port-call-matrix.ts'

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

export const NewTimestamp = Type.Object(
  {
    ...service,
    portCallPhaseTypeCode: Type.Optional(service.portCallPhaseTypeCode),
    locationName: Type.Optional(LocationName),
    remark: Type.Optional(Remark),
  },
  { additionalProperties: false },
)
export type NewTimestamp = Static<typeof NewTimestamp>

export const Timestamp = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    portCallId: nullable(
      Type.String({ format: 'uuid', description: 'Null for an orphan: no open call was known' }),
    ),
    ...service,
    portCallPhaseTypeCode: nullable(service.portCallPhaseTypeCode),
    serviceLocation: Type.Object({
      UNLocationCode: nullable(Type.String()),
      facilityCode: nullable(Type.String()),
      locationName: nullable(Type.String()),
      geoCoordinate: nullable(
        Type.Object({
          latitude: Type.Number({ minimum: -90, maximum: 90 }),
          longitude: Type.Number({ minimum: -180, maximum: 180 }),
        }),
      ),
    }),
    source: Type.Enum([...sources], {
      description:
        'AIS, another organisation’s system, or a person: a later one counts before an earlier',
    }),
    reportedVessel: Type.Object(
      {
        vesselIMONumber: nullable(Type.String()),
        MMSINumber: nullable(Type.String()),
        name: nullable(Type.String()),
      },
      { description: 'The ship as the source named it, right or wrong' },
    ),
    remark: nullable(Type.String()),
    recordedBy: nullable(Type.String({ description: 'Who said so; null for AIS' })),
    recordedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Timestamp' },
)
export type Timestamp = Static<typeof Timestamp>

export const TimestampQuery = Type.Object(
  {
    ...pageQuery,
    orphan: Type.Optional(
      Type.Boolean({ description: 'Only those without a port call, or only those with one' }),
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
