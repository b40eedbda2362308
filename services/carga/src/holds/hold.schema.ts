import { Subject } from '@porttrack/shared/auth/subject'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { Reason } from '../reason.schema.ts'
import { holdAuthorityNames, holdStates } from './hold.ts'
import { told } from '../told.ts'

const Authority = Type.Enum(holdAuthorityNames, {
  type: 'string',
  description: 'Who keeps the container; only it releases the hold',
})
const Instant = Type.String({ format: 'date-time' })

export const NewHold = Type.Object(
  { authority: Authority, reason: Reason },
  { additionalProperties: false },
)
export type NewHold = Static<typeof NewHold>

export const Hold = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    containerVisitId: Type.String({ format: 'uuid' }),
    authority: Authority,
    state: Type.Enum([...holdStates], { type: 'string' }),
    reason: told.reason,
    placedAt: Instant,
    placedBy: Subject,
    releaseReason: nullable(told.reason),
    releasedAt: nullable(Instant),
    releasedBy: nullable(Subject),
    version: Type.Integer({ minimum: 1 }),
  },
  { $id: 'Hold' },
)
export type Hold = Static<typeof Hold>

export const HoldParams = Type.Object({
  id: Type.String({ format: 'uuid' }),
  holdId: Type.String({ format: 'uuid' }),
})
