import { insertAll } from '@porttrack/shared/database/insert-all'
import type { Sql, Unit } from '@porttrack/shared/database/transaction'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { Cursors, Page } from '@porttrack/shared/http/pagination'
import type { RecordedEvent } from '../container-visit-events/container-visit-event.ts'
import type { ContainerVisit } from '../container-visits/container-visit.schema.ts'
import type { CargaDatabase, CargoListItemRow, Client, PortCallRow } from '../database.ts'
import { events } from '../events.ts'
import { type CargoListItem, type CargoListKind, forecastOf } from './cargo-list.ts'
import type { CargoListEntry, CargoListQuery, ListProgress } from './cargo-list.schema.ts'

/** The column by which a visit belongs to each list of a call, and where its container is once done. */
const ofList = {
  LOAD: { call: 'load_port_call_id', done: `v.state IN ('LOADED', 'DEPARTED')` },
  DISCHARGE: { call: 'discharge_port_call_id', done: `v.state <> 'ON_BOARD'` },
} as const satisfies Record<CargoListKind, { call: string; done: string }>

/**
 * Puts a list in the place of the one that the call had, ties the open visits of its containers to the
 * call, and tells how many moves are to come.
 */
export const replaceList = async (
  unit: Unit<Client>,
  call: PortCallRow,
  { list, items }: { list: CargoListKind; items: readonly CargoListItem[] },
): Promise<void> => {
  const { tx, sql, publish } = unit
  await sql('SELECT 1 FROM port_call WHERE id = $1::uuid FOR UPDATE', [call.id])
  await tx.cargoListItem.deleteMany({ where: { portCallId: call.id, list } })
  await insertAll(
    sql,
    'cargo_list_item',
    items.map(({ ISOEquipmentCode, ...item }) => ({
      portCallId: call.id,
      list,
      isoEquipmentCode: ISOEquipmentCode,
      ...item,
    })),
  )
  await sql(
    `UPDATE container_visit v SET ${ofList[list].call} = $1::uuid, version = version + 1,
       updated_at = now()
     WHERE v.equipment_reference = ANY($2::text[]) AND v.un_location_code = $3
       AND v.${ofList[list].call} IS NULL AND v.flow <> $4
       AND (v.flow, v.state) NOT IN
         (('EXPORT', 'DEPARTED'), ('IMPORT', 'GATED_OUT'), ('TRANSSHIPMENT', 'LOADED'))`,
    [
      call.id,
      items.map(({ equipmentReference }) => equipmentReference),
      call.unLocationCode,
      list === 'LOAD' ? 'IMPORT' : 'EXPORT',
    ],
  )
  const all = await tx.cargoListItem.findMany({ where: { portCallId: call.id } })
  const of = (kind: CargoListKind) => forecastOf(all.filter((row) => row.list === kind).map(itemOf))
  publish(
    eventOf(events, 'carga.moves.forecast', {
      subject: call.id,
      data: { ...identityOf(call), load: of('LOAD'), discharge: of('DISCHARGE') },
    }),
  )
}

/** What every event about a call's cargo says of the call. */
export const identityOf = (call: PortCallRow) => ({
  portCallId: call.id,
  UNLocationCode: call.unLocationCode,
  agentOrganization: call.agentOrganization,
  carrierOrganization: call.carrierOrganization,
  terminalOrganization: call.terminalOrganization,
})

/**
 * How far each list of a call is. `OFFSET 0` has the index asked for each container: a join might read
 * the visits of all calls.
 */
export const progressOfLists = (sql: Sql, portCallId: string): Promise<ListProgress[]> =>
  sql<ListProgress>(
    Object.entries(ofList)
      .map(
        ([list, { call, done }]) => `
          SELECT '${list}' AS list, count(*)::int AS total,
            count(*) FILTER (WHERE ${done})::int AS done, count(v.id)::int AS announced
          FROM cargo_list_item i LEFT JOIN LATERAL (
            SELECT id, state FROM container_visit
            WHERE ${call} = i.port_call_id AND equipment_reference = i.equipment_reference
            OFFSET 0
          ) v ON true
          WHERE i.port_call_id = $1::uuid AND i.list = '${list}'`,
      )
      .join(' UNION ALL '),
    [portCallId],
  )

/** Moves of one list that may be recorded at the same moment: more than a ship has cranes. */
const movesAtOnce = 50

/** Tells that a list is done, when an event of a visit has moved the last container of it. */
export const tellWhenDone = async (
  { tx, sql, publish }: Unit<Client>,
  visit: ContainerVisit,
  { eventCode, eventClassifierCode }: Pick<RecordedEvent, 'eventCode' | 'eventClassifierCode'>,
): Promise<void> => {
  if (eventClassifierCode !== 'ACT' || (eventCode !== 'LOAD' && eventCode !== 'DISC')) return
  const list: CargoListKind = eventCode === 'LOAD' ? 'LOAD' : 'DISCHARGE'
  const portCallId = list === 'LOAD' ? visit.loadPortCallId : visit.dischargePortCallId
  if (portCallId === null) return
  const count = async () =>
    (await progressOfLists(sql, portCallId)).find((each) => each.list === list)
  const near = await count()
  if (!near || near.total === 0 || near.total - near.done > movesAtOnce) return
  // Of two last moves at once neither sees the other: near the end they are counted one by one.
  await sql('SELECT 1 FROM pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `end of ${list} ${portCallId}`,
  ])
  const own = await count()
  if (!own || own.done < own.total) return
  const call = await tx.portCall.findUnique({ where: { id: portCallId } })
  if (!call) return
  publish(
    eventOf(events, 'carga.cargo-list.completed', {
      subject: portCallId,
      data: { ...identityOf(call), list, total: own.total },
    }),
  )
}

type Row = CargoListItemRow & { isDone: boolean; containerVisitId: string | null }

/** The containers of a list, by number, with what has become of them; from the one behind `after`. */
const readList = (
  sql: Sql,
  { portCallId, list }: { portCallId: string; list: CargoListKind },
  { after, take }: { after: string; take: number },
): Promise<Row[]> => {
  const { call, done } = ofList[list]
  return sql<Row>(
    `SELECT i.equipment_reference AS "equipmentReference",
       i.iso_equipment_code AS "isoEquipmentCode", i.is_empty AS "isEmpty",
       i.gross_weight AS "grossWeight", i.port_of_loading AS "portOfLoading",
       i.port_of_discharge AS "portOfDischarge", i.bay, i."row", i.tier,
       i.internal_setpoint_temperature AS "internalSetpointTemperature",
       coalesce(v.done, false) AS "isDone", v.id::text AS "containerVisitId"
     FROM cargo_list_item i LEFT JOIN LATERAL (
       SELECT v.id, ${done} AS done FROM container_visit v
       WHERE v.${call} = i.port_call_id AND v.equipment_reference = i.equipment_reference
       ORDER BY v.id DESC LIMIT 1
     ) v ON true
     WHERE i.port_call_id = $1::uuid AND i.list = $2 AND i.equipment_reference > $3
     ORDER BY i.equipment_reference LIMIT $4`,
    [portCallId, list, after, take],
  )
}

type CargoListStoreOptions = { database: CargaDatabase; cursors: Cursors }

/** Load and discharge lists of port calls. */
export const cargoListStore = ({ database, cursors }: CargoListStoreOptions) => ({
  /** One page of a list, by container number. */
  list: async (
    of: { portCallId: string; list: CargoListKind },
    query: CargoListQuery,
  ): Promise<Page<CargoListEntry>> => {
    const name = `port-calls/${of.portCallId}/${of.list}`
    const [after = ''] = cursors.read(name, query) ?? []
    const rows = await readList(database.sql, of, {
      after: String(after),
      take: (query.limit ?? 50) + 1,
    })
    return cursors.page(name, query, {
      found: rows.map(entryOf),
      positionOf: ({ equipmentReference }) => [equipmentReference],
    })
  },

  /** A whole list, read a part at a time. */
  all: async function* (of: {
    portCallId: string
    list: CargoListKind
  }): AsyncGenerator<CargoListEntry> {
    let after = ''
    for (;;) {
      const rows = await readList(database.sql, of, { after, take: 500 })
      for (const row of rows) yield entryOf(row)
      const last = rows.at(-1)
      if (!last || rows.length < 500) return
      after = last.equipmentReference
    }
  },
})

export type CargoListStore = ReturnType<typeof cargoListStore>

const itemOf = (row: CargoListItemRow): CargoListItem => ({
  equipmentReference: row.equipmentReference,
  ISOEquipmentCode: row.isoEquipmentCode,
  isEmpty: row.isEmpty,
  grossWeight: row.grossWeight,
  portOfLoading: row.portOfLoading,
  portOfDischarge: row.portOfDischarge,
  bay: row.bay,
  row: row.row,
  tier: row.tier,
  internalSetpointTemperature: row.internalSetpointTemperature,
})

const entryOf = (row: Row): CargoListEntry => ({
  ...itemOf(row),
  isDone: row.isDone,
  containerVisitId: row.containerVisitId,
})
