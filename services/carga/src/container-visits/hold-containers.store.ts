import type { Sql } from '@porttrack/shared/database/transaction'

/**
 * Has those who announce a visit of a container, and those who tell something of it, wait for each other
 * until their transactions end: what is told while its visit is being announced finds the visit, or is
 * found by it. In an order of their own, so that nobody waits in a ring; before anything else is held.
 */
export const holdContainers = async (
  sql: Sql,
  equipmentReferences: readonly (string | undefined)[],
): Promise<void> => {
  const named = equipmentReferences.filter((reference) => reference !== undefined)
  const keys = [...new Set(named)].toSorted().map((reference) => `container ${reference}`)
  if (keys.length === 0) return
  await sql(
    `SELECT 1 FROM unnest($1::text[]) WITH ORDINALITY AS named(key, n),
       LATERAL pg_advisory_xact_lock(hashtextextended(named.key, 0)) ORDER BY n`,
    [keys],
  )
}
