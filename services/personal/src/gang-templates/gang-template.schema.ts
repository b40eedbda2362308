import { pageQuery } from '@porttrack/shared/http/pagination'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'
import { type Static, Type } from 'typebox'
import { Code, visibleText } from '../employees/employee.schema.ts'
import { mostPositions, NewPosition, Position } from '../shifts/shift.schema.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })

const described = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: visibleText,
    description: 'Unique among gang templates',
  }),
  kindOfWork: Type.String({ ...Code, examples: ['MOORING'] }),
}

const Serves = Type.Object(
  {
    portCallServiceTypeCode: Type.String({ ...Code, examples: ['PILOTAGE', 'TOWAGE', 'MOORING'] }),
    UNLocationCode: Type.Optional(
      Type.String({
        pattern: unLocationCodePattern,
        description: 'The port; every port that has no template of its own unless given',
      }),
    ),
    leadMinutes: Type.Integer({
      minimum: 0,
      maximum: 720,
      description: 'How long before the service its people begin',
    }),
    durationMinutes: Type.Integer({
      minimum: 1,
      maximum: 720,
      description: 'How long after the service’s time they work',
    }),
  },
  {
    additionalProperties: false,
    description:
      'Orders of a port call service that it is manned for: each that is confirmed gets a draft shift',
  },
)

export const NewGangTemplate = Type.Object(
  {
    ...described,
    serves: Type.Optional(Serves),
    positions: Type.Array(NewPosition, {
      minItems: 1,
      maxItems: mostPositions,
      description: 'One for each person',
    }),
  },
  { additionalProperties: false },
)
export type NewGangTemplate = Static<typeof NewGangTemplate>

export const GangTemplate = Type.Object(
  {
    id: Uuid,
    ...described,
    serves: Type.Union([Serves, Type.Null()]),
    positions: Type.Array(Type.Omit(Position, ['id']), { maxItems: mostPositions }),
    version: Type.Integer({ minimum: 1 }),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { $id: 'GangTemplate' },
)
export type GangTemplate = Static<typeof GangTemplate>

export const GangTemplateParams = Type.Object({ id: Uuid })

export const GangTemplateQuery = Type.Object(
  { ...pageQuery, kindOfWork: Type.Optional(Code) },
  { additionalProperties: false },
)
export type GangTemplateQuery = Static<typeof GangTemplateQuery>
