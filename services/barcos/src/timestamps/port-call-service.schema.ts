import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { sources } from '../reporter.ts'
import { classifiers, eventTypes, phases, serviceTypes } from './port-call-matrix.ts'
import { negotiationStates } from './port-call-service.ts'
import { parties } from './service-parties.ts'
import { told } from '../text.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })
const Parties = Type.Array(Type.Enum([...parties]), { maxItems: parties.length })

/** The timestamp that counts of one classifier. */
const EffectiveTime = Type.Object({
  classifierCode: Type.Enum([...classifiers]),
  serviceDateTime: Instant,
  timestampId: Uuid,
  source: Type.Enum([...sources]),
  recordedAt: Instant,
})

export const PortCallService = Type.Object(
  {
    id: Uuid,
    portCallId: Uuid,
    portCallServiceTypeCode: Type.Enum([...serviceTypes]),
    portCallServiceEventTypeCode: Type.Enum([...eventTypes]),
    portCallPhaseTypeCode: nullable(Type.Enum([...phases])),
    occurrence: Type.Integer({
      minimum: 1,
      description: 'Counts services of the same type, event type and phase of a call',
    }),
    serviceLocation: Type.Object({
      UNLocationCode: told.unLocationCode,
      facilityCode: nullable(told.facility),
      facilityCodeListProvider: nullable(told.facility),
      locationName: nullable(told.placeName),
    }),
    isCanceled: Type.Boolean({ description: 'Called off by its provider' }),
    isDeclined: Type.Boolean({ description: 'Called off by its consumer' }),
    providers: Parties,
    consumers: Parties,
    negotiation: Type.Object({
      state: Type.Enum([...negotiationStates]),
      awaits: nullable(
        Type.Enum(['PROVIDER', 'CONSUMER'], { description: 'Whose turn it is to answer' }),
      ),
      serviceDateTime: nullable(
        Type.String({
          format: 'date-time',
          description: 'The time that counts for now: what happened, or else what was said last',
        }),
      ),
    }),
    effective: Type.Array(EffectiveTime, {
      maxItems: classifiers.length,
      description: 'The timestamp that counts of each classifier, the first said first',
    }),
  },
  { $id: 'PortCallService' },
)
export type PortCallService = Static<typeof PortCallService>

export const PortCallServiceQuery = Type.Object({ ...pageQuery }, { additionalProperties: false })
export type PortCallServiceQuery = Static<typeof PortCallServiceQuery>
