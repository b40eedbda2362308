import { insertAll } from '@porttrack/shared/database/insert-all'
import type { Unit } from '@porttrack/shared/database/transaction'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import { keysetOf, positionIn } from '@porttrack/shared/database/keyset'
import type { SortKey } from '@porttrack/shared/http/sorting'
import { v7 as uuidv7 } from 'uuid'
import type { BarcosDatabase, Client, VesselRecordRow } from '../database.ts'
import type { Reporter } from '../reporter.ts'
import { changedProperties, type Recorded, type RecordedProperty } from './vessel-record.ts'
import { nameKeyOf } from './vessel.ts'
import type { VesselRecord, VesselRecordQuery } from './vessel.schema.ts'

/** A change of a ship, as its history keeps it. */
type Change = {
  vesselId: string
  /** Null for a ship that is new. */
  before: Recorded | null
  after: Recorded
  at: Date
  reporter: Reporter
  reason?: string | undefined
}

/** Keeps what has changed about ships: the former values end, the new ones begin. */
export const keepChanges = async (
  { tx, sql }: Unit<Client>,
  changes: readonly Change[],
): Promise<void> => {
  const rows: Omit<VesselRecordRow, 'validTo'>[] = []
  for (const { vesselId, before, after, at, reporter, reason = null } of changes) {
    const changed = changedProperties(before, after)
    if (before !== null && changed.length > 0) {
      await tx.vesselRecord.updateMany({
        where: { vesselId, property: { in: changed }, validTo: null },
        data: { validTo: at },
      })
    }
    for (const property of changed) {
      const value = after[property]
      if (value === null) continue
      rows.push({
        id: uuidv7(),
        vesselId,
        property,
        value,
        valueKey: property === 'name' ? nameKeyOf(value) : value,
        validFrom: at,
        reason: property === 'state' ? reason : null,
        source: reporter.source,
        recordedBy: reporter.subject,
      })
    }
  }
  await insertAll(sql, 'vessel_record', rows)
}

/** Newest first; the id makes the order total. */
const keys: SortKey<'validFrom' | 'id'>[] = [
  { field: 'validFrom', descending: true },
  { field: 'id', descending: true },
]

/** A page of what a ship was called, flew, answered to and was, the newest first. */
export const historyPage = async (
  { database, cursors }: { database: BarcosDatabase; cursors: Cursors },
  vesselId: string,
  query: VesselRecordQuery,
): Promise<Page<VesselRecord>> => {
  const list = `vessel history ${vesselId}`
  const { orderBy, where } = keysetOf(keys, cursors.read(list, query))
  const { property } = query
  const rows = await database.client.vesselRecord.findMany({
    where: { AND: [{ vesselId, ...(property === undefined ? {} : { property }) }, where] },
    orderBy,
    take: (query.limit ?? 50) + 1,
  })
  const page = cursors.page(list, query, { found: rows, positionOf: positionIn(keys) })
  return { ...page, items: page.items.map(recordOf) }
}

const recordOf = (row: VesselRecordRow): VesselRecord => ({
  property: row.property as RecordedProperty,
  value: row.value,
  validFrom: row.validFrom.toISOString(),
  validTo: row.validTo?.toISOString() ?? null,
  reason: row.reason,
  source: row.source as VesselRecord['source'],
  recordedBy: row.recordedBy,
})
