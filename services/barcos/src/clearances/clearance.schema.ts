import { Subject } from '@porttrack/shared/auth/subject'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { sources } from '../reporter.ts'
import { reason, told } from '../text.ts'
import { authorityNames, clearanceStates } from './clearance.ts'

const Reason = reason('Why; kept with the decision')

/** What an authority decides; a refusal says why. */
export const ClearanceDecision = Type.Union([
  Type.Object(
    { state: Type.Literal('GRANTED'), reason: Type.Optional(Reason) },
    { additionalProperties: false },
  ),
  Type.Object({ state: Type.Literal('REFUSED'), reason: Reason }, { additionalProperties: false }),
])
export type ClearanceDecision = Static<typeof ClearanceDecision>

const Instant = Type.String({ format: 'date-time' })

export const Clearance = Type.Object(
  {
    portCallId: Type.String({ format: 'uuid' }),
    authority: Type.Enum([...authorityNames]),
    state: Type.Enum([...clearanceStates]),
    reason: nullable(told.reason),
    decidedBy: nullable(Subject),
    decidedAt: nullable(Instant),
    version: Type.Integer({ minimum: 1 }),
    history: Type.Array(
      Type.Object({
        from: Type.Enum([...clearanceStates]),
        to: Type.Enum([...clearanceStates]),
        reason: nullable(told.reason),
        source: Type.Enum([...sources]),
        decidedBy: Subject,
        decidedAt: Instant,
      }),
      { description: 'Every decision so far, the earliest first' },
    ),
  },
  { $id: 'Clearance' },
)
export type Clearance = Static<typeof Clearance>
