import type { Position } from '../http/pagination.ts'
import type { SortKey } from '../http/sorting.ts'

type Comparison = Record<string, unknown>

/**
 * Prisma's `orderBy` and `where` for the items of a list that come behind `position`, or for its
 * first ones when it is null. The keys' columns must not be nullable and the last must be unique.
 */
export const keysetOf = (
  keys: readonly SortKey[],
  position: Position | null,
): { orderBy: Record<string, 'asc' | 'desc'>[]; where: { OR?: Comparison[] } } => {
  const orderBy = keys.map(
    ({ field, descending }) =>
      ({ [field]: descending ? 'desc' : 'asc' }) satisfies Record<string, 'asc' | 'desc'>,
  )
  if (position === null) return { orderBy, where: {} }
  const behind = keys.map(({ field, descending }, index): Comparison => {
    const same = keys.slice(0, index).map((key, n) => [key.field, position[n]] as const)
    return { ...Object.fromEntries(same), [field]: { [descending ? 'lt' : 'gt']: position[index] } }
  })
  return { orderBy, where: { OR: behind } }
}

/** Where an item stands in a list with this order: what `keysetOf` takes for the next page. */
export const positionIn =
  <F extends string>(keys: readonly SortKey<F>[]) =>
  (item: Readonly<Record<F, string | number>>): Position =>
    keys.map(({ field }) => item[field])
