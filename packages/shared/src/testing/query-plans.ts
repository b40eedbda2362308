import pg from 'pg'
import type { Sql } from '../database/transaction.ts'

/** What a connection was asked to run. */
export type Statement = { text: string; values: unknown[] }

/**
 * Does `work`, and gives what every connection of this process was asked to read meanwhile. One at a
 * time: it listens to all of them.
 */
export const readsOf = async (work: () => Promise<unknown>): Promise<Statement[]> => {
  const seen: Statement[] = []
  // eslint-disable-next-line typescript/unbound-method -- it is called with its client below
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const [first, second] = given
    const config = typeof first === 'string' ? { text: first } : (first as Partial<Statement>)
    const values = config.values ?? (Array.isArray(second) ? second : [])
    seen.push({ text: config.text ?? '', values })
    return (query as (...all: unknown[]) => unknown).apply(this, given)
  } as typeof query
  try {
    await work()
  } finally {
    pg.Client.prototype.query = query
  }
  return seen.filter(({ text }) => /^\s*(?:SELECT|WITH)\b/i.test(text))
}

/** How a statement reads a table: from end to end or not, and how many rows it looks at. */
export type TableRead = { table: string; whole: boolean; rows: number }

type PlanNode = {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: PlanNode[]
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

/** How PostgreSQL runs a statement, by running it. */
export const tableReadsOf = async (sql: Sql, { text, values }: Statement): Promise<TableRead[]> => {
  const explain = 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)'
  const [row] = await sql<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`${explain} ${text}`, values)
  if (!row) throw new Error('PostgreSQL explains nothing')
  return nodesOf(row['QUERY PLAN'][0].Plan).flatMap((node) => {
    const { 'Relation Name': table, 'Actual Rows': given, 'Actual Loops': times } = node
    if (table === undefined) return []
    const passedOver =
      (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
    return [{ table, whole: node['Node Type'] === 'Seq Scan', rows: times * (given + passedOver) }]
  })
}

/**
 * What is wrong with how PostgreSQL runs a statement: it reads a table from end to end, or looks at
 * more rows than `most`.
 *
 * @param isLarge of which tables it must not read all; of every one unless given
 */
export const planFaults = async (
  sql: Sql,
  statement: Statement,
  { most, isLarge = () => true }: { most: number; isLarge?: (table: string) => boolean },
): Promise<string[]> => {
  const reads = await tableReadsOf(sql, statement)
  const rows = reads.reduce((sum, read) => sum + read.rows, 0)
  return [
    ...reads.flatMap(({ table, whole }) =>
      whole && isLarge(table) ? [`reads all of ${table}`] : [],
    ),
    ...(rows > most ? [`looks at ${rows} rows`] : []),
  ]
}
