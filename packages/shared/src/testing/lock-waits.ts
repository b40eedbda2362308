import type { Sql } from '../database/transaction.ts'

/** How many statements of this database wait for a lock that another transaction holds. */
export const lockWaits = async (sql: Sql): Promise<number> => {
  const waiting = await sql(
    `SELECT 1 FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  )
  return waiting.length
}
