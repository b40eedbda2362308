import { type Static, Type } from 'typebox'
import { restRules } from './rest-rules.ts'
import { told } from '../told.ts'

const Instant = Type.String({ format: 'date-time' })

export const NonConformity = Type.Object(
  {
    employeeId: Type.String({ format: 'uuid' }),
    personnelNumber: told.personnelNumber,
    rule: Type.Enum(restRules, { type: 'string' }),
    from: Type.String({ format: 'date-time', description: 'Beginning of the window' }),
    to: Type.String({ format: 'date-time', description: 'End of the window' }),
    bound: Type.Enum(['least', 'most'], {
      type: 'string',
      description: 'Whether the rule asks for the least rest or the most work',
    }),
    limitMinutes: Type.Integer({ description: 'What the rule asks for' }),
    foundMinutes: Type.Integer({ description: 'What there is, rounded' }),
    exempt: Type.Boolean({
      description: 'Kept if it were not for the work of an emergency (STCW A-VIII/1.8)',
    }),
    detail: Type.String({ ...told.sentence, description: 'The same in a sentence' }),
  },
  { $id: 'NonConformity' },
)
export type NonConformity = Static<typeof NonConformity>

export const RestAssessment = Type.Object({
  assessed: Type.Integer({ description: 'How many people were looked at' }),
  items: Type.Array(Type.Ref('NonConformity')),
})

export const RestQuery = Type.Object(
  {
    from: Type.String({ ...Instant, description: 'Windows that end after this' }),
    to: Type.String({
      ...Instant,
      description: 'Windows that begin before this; at most 100 days later',
    }),
    employeeId: Type.Optional(Type.String({ format: 'uuid' })),
  },
  { additionalProperties: false },
)
export type RestQuery = Static<typeof RestQuery>
