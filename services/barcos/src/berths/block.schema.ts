import { Subject } from '@porttrack/shared/auth/subject'
import { pageQuery } from '@porttrack/shared/http/pagination'
import { type Static, Type } from 'typebox'
import { nullable } from '../nullable.ts'
import { Reason } from '../places/place.schema.ts'

const Instant = (description: string) => Type.String({ format: 'date-time', description })
const Metre = (description: string) =>
  Type.Number({
    minimum: 0,
    maximum: 10_000,
    description: `${description}, metres from the quay’s zero mark`,
  })
const Bollard = (description: string) =>
  Type.String({ minLength: 1, maxLength: 10, description: `${description}, by its number` })

const window = {
  startsAt: Instant('From when the metres are blocked'),
  endsAt: Instant('From when they are free again'),
}

/** The whole quay unless metres or two bollards are given. */
export const NewBlock = Type.Object(
  {
    ...window,
    fromMetre: Type.Optional(Metre('Where it begins')),
    toMetre: Type.Optional(Metre('Where it ends')),
    fromBollard: Type.Optional(Bollard('Bollard where it begins')),
    toBollard: Type.Optional(Bollard('Bollard where it ends')),
    reason: Reason,
  },
  { additionalProperties: false },
)
export type NewBlock = Static<typeof NewBlock>

export const Block = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    berthId: Type.String({ format: 'uuid' }),
    ...window,
    fromMetre: Metre('Where it begins'),
    toMetre: Metre('Where it ends'),
    reason: Reason,
    liftedAt: nullable(Instant('When it was lifted before its end')),
    version: Type.Integer({ minimum: 1 }),
    createdBy: Type.String({ ...Subject, description: 'Subject of who made it' }),
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Block' },
)
export type Block = Static<typeof Block>

export const BlockQuery = Type.Object(
  {
    ...pageQuery,
    from: Type.Optional(Instant('Blocks that end after this')),
    to: Type.Optional(Instant('Blocks that begin before this')),
    lifted: Type.Optional(
      Type.Boolean({ default: false, description: 'Whether lifted blocks are listed as well' }),
    ),
  },
  { additionalProperties: false },
)
export type BlockQuery = Static<typeof BlockQuery>
