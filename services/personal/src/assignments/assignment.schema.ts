import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { Reason } from '../employees/employee.schema.ts'
import { mostPositions } from '../shifts/shift.schema.ts'
import { assignmentConditions, assignmentStates } from './assignment.ts'
import { told } from '../told.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })
const orNull = (description: string) => Type.Union([Instant, Type.Null()], { description })

export const NewAssignment = Type.Object(
  {
    positionId: Uuid,
    employeeId: Uuid,
    override: Type.Optional(
      Type.Object(
        { reason: Reason },
        {
          additionalProperties: false,
          description:
            'Sets conditions aside that are not met, but for being active and free; needs the permission `assignment:override`',
        },
      ),
    ),
  },
  { additionalProperties: false },
)
export type NewAssignment = Static<typeof NewAssignment>

export const GangAssignment = Type.Object(
  { gangId: Type.String({ format: 'uuid', description: 'The standing gang' }) },
  { additionalProperties: false },
)

export const Withdrawal = Type.Object({ reason: Reason }, { additionalProperties: false })

export const Assignment = Type.Object(
  {
    id: Uuid,
    shiftId: Uuid,
    positionId: Type.Union([Uuid, Type.Null()], {
      description: 'Null where the position is gone since it was withdrawn',
    }),
    employeeId: Uuid,
    startsAt: Instant,
    endsAt: Instant,
    state: Type.Enum(assignmentStates, {
      type: 'string',
      description: 'PLANNED in a draft; CONFIRMED once its shift is published',
    }),
    overridden: Type.Array(told.code, {
      maxItems: Object.keys(assignmentConditions).length,
      description: 'Codes of the conditions that were set aside',
    }),
    assignedAt: Instant,
    withdrawnAt: orNull('When it was withdrawn'),
  },
  { $id: 'Assignment' },
)
export type Assignment = Static<typeof Assignment>

export const Suggestion = Type.Object(
  {
    employeeId: Uuid,
    restIn7Days: Type.Integer({
      description: 'Minutes of rest in the 7 days until the shift ends, the shift being worked',
    }),
    nightsIn28Days: Type.Integer({
      description: 'Shifts with 3 hours of the night at least in the 28 days before',
    }),
  },
  { $id: 'Suggestion' },
)
export type Suggestion = Static<typeof Suggestion>

const mostSuggestions = 100

export const Suggestions = Type.Object({
  items: Type.Array(Type.Ref('Suggestion'), { maxItems: mostSuggestions }),
})
export const Filled = Type.Object({
  items: Type.Array(Type.Ref('Assignment'), { maxItems: mostPositions }),
})

export const ShiftParams = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The shift' }),
})
export const PositionParams = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The shift' }),
  positionId: Uuid,
})
export const AssignmentParams = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The shift' }),
  assignmentId: Uuid,
})

export const AssignmentQuery = Type.Object(pageQuery, { additionalProperties: false })
export type AssignmentQuery = Static<typeof AssignmentQuery>

export const SuggestionQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostSuggestions, default: 20 })) },
  { additionalProperties: false },
)
