import { sortKeysOf } from '@porttrack/shared/http/sorting'
import { nameKeyOf } from '../vessels/vessel.ts'
import type { PlaceQuery } from './place.schema.ts'

/** The column that each sort key of a list of places stands for. */
const columns = { name: 'nameKey', code: 'code', id: 'id' } as const

/** The order that a query wants its places in, by columns. */
export const placeKeysOf = ({ sort = 'name' }: PlaceQuery) =>
  sortKeysOf<keyof typeof columns>(sort).map((key) => ({ ...key, field: columns[key.field] }))

/** Prisma's `where` for the places that a query names. */
export const placeFilterOf = ({ UNLocationCode, code, name, state }: PlaceQuery) => ({
  ...(UNLocationCode === undefined ? {} : { unLocationCode: UNLocationCode }),
  ...(code === undefined ? {} : { code }),
  ...(name === undefined ? {} : { nameKey: beginningWith(nameKeyOf(name)) }),
  ...(state === undefined ? {} : { state }),
})

/** A range, since Prisma leaves `%` and `_` in a `startsWith` as wildcards. */
const beginningWith = (key: string) => ({ gte: key, lt: `${key}\u{10FFFF}` })
