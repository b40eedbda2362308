import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { reason, told } from '../text.ts'
import { nullable } from '../nullable.ts'
import { phases } from '../timestamps/port-call-matrix.ts'
import { orderedServiceTypes, serviceOrderActions, serviceOrderStates } from './service-order.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = (description: string) => Type.String({ format: 'date-time', description })
const Organization = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'Code of the provider’s organisation',
  examples: ['pilots-algeciras'],
})
const Words = Type.String({ minLength: 1, maxLength: 500, pattern: String.raw`\S` })
const Reason = reason('Why; kept with the decision')

const ordered = {
  portCallServiceTypeCode: Type.Enum([...orderedServiceTypes], {
    description: 'What is ordered (DCSA Port Call 2.0)',
  }),
  portCallPhaseTypeCode: Type.Enum([...phases], {
    description: 'INBD inbound, ALGS alongside, SHIF shifting, OUTB outbound',
  }),
  providerOrganization: Organization,
  requestedDateTime: Instant('When the service is to start'),
  quantity: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    description: 'Such as tugs, or tonnes',
  }),
  remark: Words,
}

export const NewServiceOrder = Type.Object(
  {
    ...ordered,
    portCallPhaseTypeCode: Type.Optional(ordered.portCallPhaseTypeCode),
    quantity: Type.Optional(ordered.quantity),
    remark: Type.Optional(ordered.remark),
  },
  { additionalProperties: false },
)
export type NewServiceOrder = Static<typeof NewServiceOrder>

/** The body may be left out. */
export const Confirmation = Type.Union([
  Type.Object(
    {
      plannedDateTime: Type.Optional(
        Instant('When the service will start; the requested time unless given'),
      ),
      reason: Type.Optional(Reason),
    },
    { additionalProperties: false },
  ),
  Type.Null(),
])

/** The body may be left out. */
export const Progress = Type.Union([
  Type.Object(
    {
      occurredAt: Type.Optional(Instant('When it happened; now unless given')),
      reason: Type.Optional(Reason),
    },
    { additionalProperties: false },
  ),
  Type.Null(),
])

export const Refusal = Type.Object({ reason: Reason }, { additionalProperties: false })

export const ServiceOrder = Type.Object(
  {
    id: Uuid,
    portCallId: Uuid,
    ...ordered,
    portCallPhaseTypeCode: nullable(ordered.portCallPhaseTypeCode),
    quantity: nullable(ordered.quantity),
    remark: nullable(ordered.remark),
    plannedDateTime: nullable(Instant('When its provider starts it')),
    startedDateTime: nullable(Instant('When it was started')),
    completedDateTime: nullable(Instant('When it was completed')),
    serviceDateTime: Instant('The time that counts for now: started, planned or requested'),
    state: Type.Enum([...serviceOrderStates]),
    decisions: Type.Array(
      Type.Object({
        action: Type.Enum(['request', ...serviceOrderActions]),
        from: nullable(Type.Enum([...serviceOrderStates])),
        to: Type.Enum([...serviceOrderStates]),
        reason: nullable(told.reason),
        decidedBy: Subject,
        decidedAt: Type.String({ format: 'date-time' }),
      }),
      { description: 'What was decided about it, in order' },
    ),
    version: Type.Integer({ minimum: 1 }),
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'ServiceOrder' },
)
export type ServiceOrder = Static<typeof ServiceOrder>

const listed = {
  ...pageQuery,
  state: Type.Optional(Type.Enum([...serviceOrderStates])),
  providerOrganization: Type.Optional(Organization),
  from: Type.Optional(Instant('Least time that counts')),
  to: Type.Optional(Instant('Time that counts before this')),
  sort: sortQuery(['serviceTime'], 'serviceTime'),
}

export const ServiceOrderQuery = Type.Object(listed, { additionalProperties: false })
export type ServiceOrderQuery = Static<typeof ServiceOrderQuery>
