import type { Database, Sql, Unit } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import { assertVersion } from '@porttrack/shared/http/etag'
import type { Position } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import { v7 as uuidv7 } from 'uuid'
import { ingestLock } from '../ais/ingest-order.ts'
import type { Prisma, PrismaClient, Tx, ZoneRow } from '../database.ts'
import type { Zone, ZoneInput, ZoneListQuery } from './zone.schema.ts'

/** Zones, read and changed by Prisma. */
export const zoneStore = (prisma: PrismaClient, database: Database<Tx>) => ({
  database,

  list: async (
    query: ZoneListQuery,
    { after, limit }: { after: Position | null; limit: number },
  ): Promise<Zone[]> => {
    const { kind, UNLocationCode } = query
    const rows = await prisma.zone.findMany({
      where: {
        ...(kind === undefined ? {} : { kind }),
        ...(UNLocationCode === undefined ? {} : { unLocationCode: UNLocationCode }),
        ...(after === null ? {} : { id: { gt: String(after[0]) } }),
      },
      orderBy: { id: 'asc' },
      take: limit,
    })
    return rows.map(zoneOf)
  },

  /** @throws ProblemError 404 */
  find: async (id: string): Promise<Zone> => found(await prisma.zone.findUnique({ where: { id } })),

  create: async (unit: Unit<Tx>, input: ZoneInput): Promise<Zone> => {
    await announceChange(unit)
    return zoneOf(await unit.tx.zone.create({ data: { id: uuidv7(), ...columnsOf(input) } }))
  },

  /** @throws ProblemError 404, and 412 when the zone is at another version */
  replace: async (
    unit: Unit<Tx>,
    id: string,
    { input, version }: { input: ZoneInput; version: number | '*' },
  ): Promise<Zone> => {
    await announceChange(unit)
    const zone = found(await unit.tx.zone.findUnique({ where: { id } }))
    assertVersion(version, zone.version)
    const data = { ...columnsOf(input), version: zone.version + 1, changedAt: new Date() }
    return zoneOf(await unit.tx.zone.update({ where: { id }, data }))
  },

  /**
   * Removes a zone and, without an event, the ships' stays in it.
   *
   * @throws ProblemError 404, and 412 when the zone is at another version
   */
  remove: async (unit: Unit<Tx>, id: string, version: number | '*'): Promise<void> => {
    await announceChange(unit)
    const zone = found(await unit.tx.zone.findUnique({ where: { id } }))
    assertVersion(version, zone.version)
    await unit.tx.zone.delete({ where: { id } })
  },
})

export type ZoneStore = ReturnType<typeof zoneStore>

/** All zones, in plain SQL since ingest reads them in its own transaction. */
export const readAllZones = async (sql: Sql): Promise<Zone[]> => {
  const rows = await sql<ZoneRow>(
    `SELECT id::text, name, kind, geometry, radius_metres AS "radiusMetres",
            un_location_code AS "unLocationCode", facility_code AS "facilityCode",
            still_minutes AS "stillMinutes", dwell_minutes AS "dwellMinutes",
            speed_limit_knots AS "speedLimitKnots", version, created_at AS "createdAt",
            changed_at AS "changedAt"
     FROM zone ORDER BY id`,
  )
  return rows.map(zoneOf)
}

/** Waits for the batch under way and makes the next one of every replica read the zones anew. */
const announceChange = async ({ sql }: Unit<Tx>): Promise<void> => {
  await sql('SELECT pg_advisory_xact_lock($1::bigint)::text', [ingestLock])
  await sql('UPDATE zone_revision SET revision = revision + 1 RETURNING revision::text')
}

const found = (row: ZoneRow | null): Zone => {
  if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
  return zoneOf(row)
}

// Kind and geometry are what the routes' schema and the table's checks let in.
const zoneOf = (row: ZoneRow): Zone => ({
  id: row.id,
  name: row.name,
  kind: row.kind as Zone['kind'],
  geometry: row.geometry as Zone['geometry'],
  radiusMetres: row.radiusMetres,
  UNLocationCode: row.unLocationCode,
  facilityCode: row.facilityCode,
  stillMinutes: row.stillMinutes,
  dwellMinutes: row.dwellMinutes,
  speedLimitKnots: row.speedLimitKnots,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  changedAt: row.changedAt.toISOString(),
})

const columnsOf = (input: ZoneInput) => ({
  name: input.name,
  kind: input.kind,
  geometry: input.geometry satisfies Prisma.InputJsonValue,
  radiusMetres: input.radiusMetres ?? null,
  unLocationCode: input.UNLocationCode ?? null,
  facilityCode: input.facilityCode ?? null,
  stillMinutes: input.stillMinutes ?? 5,
  dwellMinutes: input.dwellMinutes ?? null,
  speedLimitKnots: input.speedLimitKnots ?? null,
})
