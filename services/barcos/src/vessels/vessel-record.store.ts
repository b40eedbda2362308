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
  /** Not before any change of the ship so far. */
  at: Date
  registeredAt: Date
  reporter: Reporter
  reason?: string | undefined
}

/** Who is said to have recorded what a ship had before its values were kept. */
const unknownRecorder = { source: 'SYSTEM', recordedBy: 'migration' } as const

type Beginning = Omit<VesselRecordRow, 'id' | 'vesselId' | 'property' | 'value' | 'valueKey'>

/** Keeps what has changed about ships: the former values end, the new ones begin. */
export const keepChanges = async (
  { tx, sql }: Unit<Client>,
  changes: readonly Change[],
): Promise<void> => {
  const rows: VesselRecordRow[] = []
  for (const { vesselId, before, after, at, registeredAt, reporter, reason = null } of changes) {
    const changed = changedProperties(before, after)
    const begin = (property: RecordedProperty, value: string | null, given: Beginning) => {
      if (value === null) return
      const valueKey = property === 'name' ? nameKeyOf(value) : value
      rows.push({ id: uuidv7(), vesselId, property, value, valueKey, ...given })
    }
    const endedBy = reporter.subject
    if (before !== null && changed.length > 0) {
      const ended = await tx.vesselRecord.updateManyAndReturn({
        where: { vesselId, property: { in: changed }, validTo: null },
        data: { validTo: at, endedBy },
        select: { property: true },
      })
      // A replica of a release that kept no values may have registered the ship.
      const unkept = changed.filter((each) => !ended.some(({ property }) => property === each))
      const former = { validFrom: registeredAt, validTo: at, reason: null, ...unknownRecorder }
      for (const property of unkept) begin(property, before[property], { ...former, endedBy })
    }
    for (const property of changed) {
      begin(property, after[property], {
        validFrom: at,
        validTo: null,
        reason: property === 'state' ? reason : null,
        source: reporter.source,
        recordedBy: reporter.subject,
        endedBy: null,
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
  endedBy: row.endedBy,
})
