import type { Position } from '../http/pagination.ts'
import type { SortKey } from '../http/sorting.ts'

type Comparison = Record<string, unknown>

/**
 * Prisma's `orderBy` and `where` for the items of a list that come behind `position`, or for its
 * first ones when it is null. The last key's column must be unique. Null follows every value, as in
 * PostgreSQL's own order.
 *
 * @param nullable fields whose columns may be null
 */
export const keysetOf = (
  keys: readonly SortKey[],
  position: Position | null,
  nullable: readonly string[] = [],
): { orderBy: Record<string, 'asc' | 'desc'>[]; where: { AND?: Comparison[] } } => {
  const orderBy = keys.map(
    ({ field, descending }) =>
      ({ [field]: descending ? 'desc' : 'asc' }) satisfies Record<string, 'asc' | 'desc'>,
  )
  if (position === null) return { orderBy, where: {} }
  const behind = keys.flatMap((key, index): Comparison[] => {
    const same = keys.slice(0, index).map((each, n) => [each.field, position[n]] as const)
    const value = position[index] ?? null
    return conditionsBehind(key, value, nullable).map((condition) => ({
      ...Object.fromEntries(same),
      [key.field]: condition,
    }))
  })
  // An index scan can start at this bound; the OR alone would have it pass every earlier item.
  const bounds = keys
    .slice(0, 1)
    .filter(({ field }) => !nullable.includes(field))
    .map(({ field, descending }) => ({ [field]: { [descending ? 'lte' : 'gte']: position[0] } }))
  return { orderBy, where: { AND: [...bounds, { OR: behind }] } }
}

const conditionsBehind = (
  { field, descending }: SortKey,
  value: Position[number],
  nullable: readonly string[],
): unknown[] => {
  if (value === null) return descending ? [{ not: null }] : []
  if (descending) return [{ lt: value }]
  return nullable.includes(field) ? [{ gt: value }, null] : [{ gt: value }]
}

/** Where an item stands in a list with this order: what `keysetOf` takes for the next page. */
export const positionIn =
  <F extends string>(keys: readonly SortKey<F>[]) =>
  (item: Readonly<Record<F, Position[number] | Date>>): Position =>
    keys.map(({ field }) => {
      const value: Position[number] | Date = item[field]
      return value instanceof Date ? value.toISOString() : value
    })
