import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { Code, visibleText } from '../employees/employee.schema.ts'

const Uuid = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })

const described = {
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: visibleText,
    description: 'Unique among gangs; it names no person, since it is not erased with one',
  }),
  kindOfWork: Type.String({
    ...Code,
    description: 'What it does as a rule',
    examples: ['MOORING'],
  }),
}

/** Members of a gang, at most. */
const mostMembers = 100

export const NewGang = Type.Object(
  {
    ...described,
    members: Type.Array(Uuid, {
      minItems: 1,
      maxItems: mostMembers,
      uniqueItems: true,
      description: 'The employees; who stands earlier is placed first',
    }),
  },
  { additionalProperties: false },
)
export type NewGang = Static<typeof NewGang>

export const Gang = Type.Object(
  {
    id: Uuid,
    ...described,
    members: Type.Array(Uuid, {
      maxItems: mostMembers,
      description: 'Without those who were erased',
    }),
    version: Type.Integer({ minimum: 1 }),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { $id: 'Gang' },
)
export type Gang = Static<typeof Gang>

export const GangParams = Type.Object({ id: Uuid })

export const GangQuery = Type.Object(
  { ...pageQuery, kindOfWork: Type.Optional(Code) },
  { additionalProperties: false },
)
export type GangQuery = Static<typeof GangQuery>
