import { Type } from 'typebox'

/** One key of a list's order. */
export type SortKey<F extends string = string> = { field: F; descending: boolean }

/**
 * The query parameter `sort` of a list: names of `fields` separated by commas, the first the most
 * important, with `-` before those that descend.
 *
 * @param usual the order where none is asked for; in words where it depends on what else is asked
 */
export const sortQuery = <F extends string>(
  fields: readonly F[],
  usual: F | `-${F}` | { otherwise: string },
) => {
  const name = `-?(?:${fields.join('|')})`
  return Type.Optional(
    Type.String({
      ...(typeof usual === 'string' ? { default: usual } : {}),
      maxLength: 200,
      pattern: `^${name}(?:,${name}){0,${fields.length - 1}}$`,
      examples: [`-${fields[0] ?? ''}`],
      description: `Order: ${fields.join(', ')}; several separated by commas, \`-\` before one that descends${typeof usual === 'string' ? '' : `; otherwise ${usual.otherwise}`}`,
    }),
  )
}

/** Reads a checked `sort`; `id` comes last, so that the order is total. */
export const sortKeysOf = <F extends string>(sort: string): SortKey<F | 'id'>[] => {
  const keys = sort.split(',').map((part) => ({
    field: part.replace(/^-/, '') as F | 'id',
    descending: part.startsWith('-'),
  }))
  const last: SortKey<F | 'id'> = { field: 'id', descending: keys[0]?.descending ?? false }
  return [...keys, last].filter(
    ({ field }, index, all) => all.findIndex((other) => other.field === field) === index,
  )
}
