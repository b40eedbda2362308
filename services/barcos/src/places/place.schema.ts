import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { sortQuery } from '@porttrack/shared/http/sorting'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { reason, visibleText } from '../text.ts'
import { unLocationCodePattern } from '@porttrack/shared/places/un-location-code'

const UNLocationCode = Type.String({
  pattern: unLocationCodePattern,
  description: 'UN/LOCODE of the port',
  examples: ['ESALG'],
})

/** What every place of a port is told apart by. */
export const placeNames = {
  UNLocationCode,
  code: Type.String({
    pattern: '^[A-Z0-9](?:[A-Z0-9./-]{0,18}[A-Z0-9])?$',
    description: 'The port’s own code, unique at the port among those of its kind',
    examples: ['JC-1'],
  }),
  name: Type.String({ minLength: 1, maxLength: 100, pattern: visibleText }),
}

export const Reason = reason('Why, for those who plan ships')

/** A length or depth in metres. */
export const metres = (what: string, maximum: number) =>
  Type.Number({ exclusiveMinimum: 0, maximum, description: `${what}, metres` })

const PlaceState = Type.Enum(['OPEN', 'CLOSED'])

/** What is kept of every place beside what a caller says of it. */
export const placeState = {
  state: PlaceState,
  stateReason: nullable(Reason),
  stateChangedAt: nullable(
    Type.String({ format: 'date-time', description: 'When it was last closed or opened' }),
  ),
  stateChangedBy: nullable(
    Type.String({ ...Subject, description: 'Subject of who closed or opened it' }),
  ),
  version: Type.Integer({ minimum: 1 }),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
}

export const PlaceClosing = Type.Object({ reason: Reason }, { additionalProperties: false })

/** The body may be left out. */
export const PlaceOpening = Type.Union([
  Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false }),
  Type.Null(),
])

export const PlaceQuery = Type.Object(
  {
    ...pageQuery,
    UNLocationCode: Type.Optional(UNLocationCode),
    code: Type.Optional(Type.String({ maxLength: 20, description: 'Exactly this code' })),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        pattern: visibleText,
        description: 'Beginning of the name, in capitals or not',
      }),
    ),
    state: Type.Optional(PlaceState),
    sort: sortQuery(['name', 'code'], 'name'),
  },
  { additionalProperties: false },
)
export type PlaceQuery = Static<typeof PlaceQuery>
