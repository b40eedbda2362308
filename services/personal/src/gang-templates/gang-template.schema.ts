import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { Code, visibleText } from '../employees/employee.schema.ts'
import { NewPosition, Position } from '../shifts/shift.schema.ts'

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

export const NewGangTemplate = Type.Object(
  {
    ...described,
    positions: Type.Array(NewPosition, {
      minItems: 1,
      maxItems: 100,
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
    positions: Type.Array(Type.Omit(Position, ['id'])),
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
