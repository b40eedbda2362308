import { type Static, Type } from 'typebox'
import { reason } from '../text.ts'
import { redeclared } from './port-call.schema.ts'

const Reason = reason('Why; kept with the decision')
const reasoned = { reason: Type.Optional(Reason) }

const OccurredAt = (description: string) => Type.String({ format: 'date-time', description })
const occurredAt = {
  occurredAt: Type.Optional(
    OccurredAt('When it happened; also recorded as the actual timestamp that it is'),
  ),
}

const ReservationId = Type.String({
  format: 'uuid',
  description: 'The reservation whose berth it is; the call’s next one unless given',
})

export const Rejection = Type.Object({ reason: Reason }, { additionalProperties: false })

/** The body of these may be left out. */
export const Decision = Type.Union([
  Type.Object(reasoned, { additionalProperties: false }),
  Type.Null(),
])

/** What is declared anew; the rest stays as it was. */
export const Resubmission = Type.Union([
  Type.Object({ ...reasoned, ...redeclared }, { additionalProperties: false }),
  Type.Null(),
])

export const Step = Type.Union([
  Type.Object({ ...reasoned, ...occurredAt }, { additionalProperties: false }),
  Type.Null(),
])

export const Berthing = Type.Union([
  Type.Object(
    { ...reasoned, ...occurredAt, reservationId: Type.Optional(ReservationId) },
    { additionalProperties: false },
  ),
  Type.Null(),
])

export const Shift = Type.Union([
  Type.Object(
    {
      ...reasoned,
      occurredAt: Type.Optional(OccurredAt('When the ship left the berth where it lay')),
      arrivedAt: Type.Optional(OccurredAt('When it was made fast at the other')),
      reservationId: Type.Optional(ReservationId),
    },
    { additionalProperties: false },
  ),
  Type.Null(),
])

/** What may come with a decision, whichever it is. */
export type DecisionBody = NonNullable<Static<typeof Resubmission>> &
  NonNullable<Static<typeof Shift>>
