import type { Sql } from '../database/transaction.ts'

/**
 * How many statements of this database wait for a lock that another transaction holds, now: also when
 * it is asked in a transaction, which else sees only those who were connected at its first look.
 */
export const lockWaits = async (sql: Sql): Promise<number> => {
  await sql('SELECT pg_stat_clear_snapshot()')
  const waiting = await sql(
    `SELECT 1 FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  )
  return waiting.length
}
