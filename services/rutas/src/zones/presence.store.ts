import type { Sql } from '@porttrack/shared/database/transaction'
import { binaryArray } from '../ais/binary-rows.ts'
import { mmsiText } from '../targets/target.ts'
import type { Moment, Presence } from './presence.ts'

type PresenceRow = {
  mmsi: number
  zoneId: string
  enteredAt: Date
  outsideSince: Date | null
  outsideLat: number | null
  outsideLon: number | null
  stillSince: Date | null
  stillLat: number | null
  stillLon: number | null
  stoppedAt: Date | null
  cameFrom: 1 | -1 | null
  dwelt: boolean
  speeding: boolean
}

/** Stays under way by MMSI, for ingest; none for a ship that is in no zone. */
export const readPresences = async (
  sql: Sql,
  mmsis: readonly number[],
): Promise<Map<string, readonly Presence[]>> => {
  const rows = await sql<PresenceRow>(
    `SELECT mmsi, zone_id::text AS "zoneId", entered_at AS "enteredAt",
            outside_since AS "outsideSince", outside_lat AS "outsideLat",
            outside_lon AS "outsideLon", still_since AS "stillSince", still_lat AS "stillLat",
            still_lon AS "stillLon", stopped_at AS "stoppedAt", came_from AS "cameFrom",
            dwelt, speeding
     FROM zone_presence WHERE mmsi = ANY($1::int[]) ORDER BY zone_presence.zone_id`,
    [mmsis],
  )
  return new Map(
    [...Map.groupBy(rows, ({ mmsi }) => mmsiText(mmsi))].map(([mmsi, stays]) => [
      mmsi,
      stays.map((row) => ({
        zoneId: row.zoneId,
        enteredAt: row.enteredAt.getTime(),
        cameFrom: row.cameFrom,
        outside: momentOf(row.outsideSince, row.outsideLat, row.outsideLon),
        still: momentOf(row.stillSince, row.stillLat, row.stillLon),
        stoppedAt: row.stoppedAt?.getTime() ?? null,
        dwelt: row.dwelt,
        speeding: row.speeding,
      })),
    ]),
  )
}

const momentOf = (time: Date | null, lat: number | null, lon: number | null): Moment | null =>
  time === null || lat === null || lon === null ? null : { time: time.getTime(), lat, lon }

/** Puts the stays of ships in the place of those they had, in ingest's transaction. */
export const replacePresences = async (
  sql: Sql,
  ships: readonly { mmsi: number; presences: readonly Presence[] }[],
): Promise<void> => {
  if (ships.length === 0) return
  const stays = ships.flatMap(({ mmsi, presences }) => presences.map((stay) => ({ ...stay, mmsi })))
  await sql('DELETE FROM zone_presence WHERE mmsi = ANY($1::int[])', [
    binaryArray.int(ships.map(({ mmsi }) => mmsi)),
  ])
  if (stays.length === 0) return
  await sql(
    `INSERT INTO zone_presence (mmsi, zone_id, entered_at, outside_since, outside_lat,
                                outside_lon, still_since, still_lat, still_lon,
                                stopped_at, came_from, dwelt, speeding)
     SELECT mmsi, zone::uuid, entered, outside_since, outside_lat, outside_lon, still_since,
            still_lat, still_lon, stopped, came_from, dwelt, speeding
     FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::float8[],
                 $6::float8[], $7::timestamptz[], $8::float8[], $9::float8[],
                 $10::timestamptz[], $11::smallint[], $12::bool[], $13::bool[])
       AS each(mmsi, zone, entered, outside_since, outside_lat, outside_lon, still_since,
               still_lat, still_lon, stopped, came_from, dwelt, speeding)`,
    [
      binaryArray.int(stays.map(({ mmsi }) => mmsi)),
      binaryArray.text(stays.map(({ zoneId }) => zoneId)),
      binaryArray.time(stays.map(({ enteredAt }) => enteredAt)),
      binaryArray.time(stays.map(({ outside }) => outside?.time ?? null)),
      binaryArray.double(stays.map(({ outside }) => outside?.lat ?? null)),
      binaryArray.double(stays.map(({ outside }) => outside?.lon ?? null)),
      binaryArray.time(stays.map(({ still }) => still?.time ?? null)),
      binaryArray.double(stays.map(({ still }) => still?.lat ?? null)),
      binaryArray.double(stays.map(({ still }) => still?.lon ?? null)),
      binaryArray.time(stays.map(({ stoppedAt }) => stoppedAt)),
      binaryArray.smallint(stays.map(({ cameFrom }) => cameFrom)),
      binaryArray.bool(stays.map(({ dwelt }) => dwelt)),
      binaryArray.bool(stays.map(({ speeding }) => speeding)),
    ],
  )
}
