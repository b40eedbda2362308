import type { Sql } from './transaction.ts'

/**
 * Inserts rows by one statement with one parameter, where Prisma's `createMany` takes a second for
 * each thousand. Columns that no row names get their defaults.
 *
 * @param table name in the database; not from a caller
 * @param rows by the names of the Prisma schema, whose columns are the same in snake case
 */
export const insertAll = async (
  sql: Sql,
  table: string,
  rows: readonly object[],
): Promise<void> => {
  if (rows.length === 0) return
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const names = fields.map((field) => `"${columnName(field)}"`).join(', ')
  const named = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([field, value]) => [columnName(field), value])),
  )
  await sql(
    `INSERT INTO "${table}" (${names})
     SELECT ${names} FROM jsonb_populate_recordset(NULL::"${table}", $1::jsonb)`,
    [JSON.stringify(named)],
  )
}

const columnName = (field: string): string =>
  field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
