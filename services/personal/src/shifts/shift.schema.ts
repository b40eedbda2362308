import { pageQuery } from '@porttrack/shared/http/pagination'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { Code, Reason, visibleText } from '../employees/employee.schema.ts'
import { shiftLifecycle } from './shift.ts'
import { told } from '../told.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })

const requirements = {
  role: Type.String({ ...Code, description: 'Role that the person must hold' }),
  skills: Type.Array(Code, { maxItems: 50, uniqueItems: true }),
  certificates: Type.Array(Code, {
    maxItems: 50,
    uniqueItems: true,
    description: 'Types of certificates that must be good until the shift ends',
  }),
}

/** People that one shift has, at most. */
export const mostPositions = 100

export const NewPosition = Type.Object(
  {
    role: requirements.role,
    skills: Type.Optional(requirements.skills),
    certificates: Type.Optional(requirements.certificates),
  },
  { additionalProperties: false },
)

export const Position = Type.Object({ id: Uuid, ...requirements })
export type Position = Static<typeof Position>

const plan = {
  UNLocationCode: Type.String({ pattern: unLocationCodePattern, examples: ['ESALG'] }),
  kindOfWork: Type.String({ ...Code, examples: ['MOORING'] }),
  startsAt: Instant,
  endsAt: Type.String({ format: 'date-time', description: 'It does not belong to the shift' }),
}
const place = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: visibleText,
  description: 'Berth, yard or gate, in the port’s own words',
})
const emergency = {
  description:
    'For the safety of ship, people or cargo: its work is recorded, and breaks no rule of rest (STCW A-VIII/1.8)',
}
const portCallId = Type.String({ format: 'uuid', description: 'The port call that it serves' })

export const NewShift = Type.Object(
  {
    ...plan,
    place: Type.Optional(place),
    portCallId: Type.Optional(portCallId),
    emergency: Type.Optional(Type.Boolean({ ...emergency, default: false })),
    positions: Type.Array(NewPosition, {
      minItems: 1,
      maxItems: mostPositions,
      description: 'One for each person',
    }),
  },
  { additionalProperties: false },
)
/** What a person of a shift must be, as given. */
export type NewPosition = Static<typeof NewPosition>
export type NewShift = Static<typeof NewShift>

export const Cancellation = Type.Object({ reason: Reason }, { additionalProperties: false })

export const Shift = Type.Object(
  {
    id: Uuid,
    ...plan,
    place: Type.Union([place, Type.Null()]),
    portCallId: Type.Union([portCallId, Type.Null()]),
    emergency: Type.Boolean(emergency),
    positions: Type.Array(Position, { maxItems: mostPositions }),
    state: Type.Enum(shiftLifecycle.stateNames, { type: 'string' }),
    cancellationReason: Type.Union([told.reason, Type.Null()]),
    serviceOrderId: Type.Union([Uuid, Type.Null()], {
      description:
        'The demand that it serves: the order of a port call service in barcos, or the moves of the call',
    }),
    rotationId: Type.Union([Uuid, Type.Null()], {
      description: 'The rotation that it was made by',
    }),
    rotationDay: Type.Union([Type.String({ format: 'date' }), Type.Null()], {
      description: 'The day of the rotation’s calendar that it was made for',
    }),
    version: Type.Integer({ minimum: 1 }),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { $id: 'Shift' },
)
export type Shift = Static<typeof Shift>

export const ShiftParams = Type.Object({ id: Uuid })

export const ShiftQuery = Type.Object(
  {
    ...pageQuery,
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'Shifts that end after this' }),
    ),
    to: Type.Optional(
      Type.String({ format: 'date-time', description: 'Shifts that begin before this' }),
    ),
    state: Type.Optional(Type.Enum(shiftLifecycle.stateNames, { type: 'string' })),
    portCallId: Type.Optional(portCallId),
    sort: sortQuery(['startsAt'], 'startsAt'),
  },
  { additionalProperties: false },
)
export type ShiftQuery = Static<typeof ShiftQuery>
