import { Subject } from '@porttrack/shared/auth/subject'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { Reason } from '../places/place.schema.ts'

const Instant = (description: string) => Type.String({ format: 'date-time', description })

const given = {
  startsAt: Instant('From when no ship is sent there'),
  endsAt: Instant('From when ships are sent there again'),
  reason: Reason,
}

export const NewApproachPlaceBlock = Type.Object(given, { additionalProperties: false })
export type NewApproachPlaceBlock = Static<typeof NewApproachPlaceBlock>

export const ApproachPlaceBlock = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    placeId: Type.String({ format: 'uuid', description: 'The anchorage or pilot boarding place' }),
    ...given,
    liftedAt: nullable(Instant('When it was lifted before its end')),
    version: Type.Integer({ minimum: 1 }),
    createdBy: Type.String({ ...Subject, description: 'Subject of who made it' }),
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'ApproachPlaceBlock' },
)
export type ApproachPlaceBlock = Static<typeof ApproachPlaceBlock>
