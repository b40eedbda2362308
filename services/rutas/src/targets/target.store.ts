import type { Database, Sql } from '@porttrack/shared/database/transaction'
import { kitErrors } from '@porttrack/shared/http/errors'
import type { Position } from '@porttrack/shared/http/pagination'
import { ProblemError } from '@porttrack/shared/http/problem'
import type { BoundingBox } from '../geography/bounding-box.ts'
import { boxAround, cellsOf } from '../geography/bounding-box.ts'
import { metresPerDegree, type Place } from '../geography/geodesy.ts'
import type {
  NearTargetQuery,
  TargetListQuery,
  TrackPosition,
  TrackQuery,
} from './target.schema.ts'
import { arrivalsOf, type KnownTarget, mmsiText, type StateRules } from './target.ts'

type TargetRow = Omit<KnownTarget, 'mmsi' | 'fix' | 'staticAt' | 'receivedAt'> & {
  mmsi: number
  staticAt: number | null
  receivedAt: number
  fixTime: number | null
  fixOwnTime: boolean | null
  lat: number | null
  lon: number | null
  speed: number | null
  course: number | null
  heading: number | null
  status: number | null
}

const milliseconds = (column: string): string => `round(date_part('epoch', ${column}) * 1000)`

// Times as numbers: to write them as text and read that again costs more than the rest of a row.
const targetColumns = `mmsi, kind, station_class AS "stationClass", name,
  name_confirmed AS "nameConfirmed", name_candidate AS "nameCandidate",
  call_sign AS "callSign", imo, ship_type AS "shipType", dimensions, draught, destination, eta,
  ${milliseconds('static_at')} AS "staticAt", ${milliseconds('fix_time')} AS "fixTime", fix_own_time AS "fixOwnTime", lat, lon, speed,
  course, heading, status, suspect, ${milliseconds('received_at')} AS "receivedAt"`

type NearBounds = {
  place: Place
  withinMetres: number
  clock: { now: number; rules: StateRules }
  after: Position | null
  limit: number
}

/** A target and its distance in metres from the place that was asked about. */
type NearTarget = KnownTarget & { distance: number }

type Bounds = {
  box: BoundingBox | null
  clock: { now: number; rules: StateRules }
  after: Position | null
  limit: number
}

/**
 * Targets and their tracks, as ingest left them. Plain SQL: these are the hottest reads of the
 * service, and a list by `pg` costs half of what it costs by Prisma (`recipes`: 155 against 320 µs
 * for 50 rows).
 */
export const targetStore = ({ sql }: Pick<Database, 'sql'>) => ({
  list: async (query: TargetListQuery, bounds: Bounds): Promise<KnownTarget[]> => {
    const { text, values } = listStatement(query, bounds)
    const rows = await sql<TargetRow>(text, values)
    return rows.map(targetOf)
  },

  /** @throws ProblemError 404 */
  find: async (mmsi: string): Promise<KnownTarget> => {
    const [row] = await sql<TargetRow>(`SELECT ${targetColumns} FROM target WHERE mmsi = $1`, [
      Number(mmsi),
    ])
    if (!row) throw new ProblemError(kitErrors.NOT_FOUND)
    return targetOf(row)
  },

  /** Targets within some metres of a place, the nearest first, each with its distance. */
  nearest: async (query: NearTargetQuery, bounds: NearBounds): Promise<NearTarget[]> => {
    const { text, values } = nearestStatement(query, bounds)
    const rows = await sql<TargetRow & { distance: number }>(text, values)
    return rows.map(({ distance, ...row }) => ({ ...targetOf(row), distance }))
  },

  /**
   * Positions in order of time, each with its key, of which `after` names the last one read.
   *
   * @throws ProblemError 404 when the station has never been heard
   */
  track: async (
    mmsi: string,
    query: TrackQuery,
    { after, limit }: { after: Position | null; limit: number },
  ): Promise<(TrackPosition & { messageId: string })[]> => {
    const rows = await sql<TrackRow>(trackStatement, trackValues(mmsi, query, { after, limit }))
    if (rows.length === 0) {
      const known = await sql('SELECT 1 FROM target WHERE mmsi = $1', [Number(mmsi)])
      if (known.length === 0) throw new ProblemError(kitErrors.NOT_FOUND)
    }
    return rows.map(trackPositionOf)
  },

  /** The same, all of them, read as they are taken; nothing for a station that has not been heard. */
  async *wholeTrack(
    mmsi: string,
    query: Pick<TrackQuery, 'from' | 'to' | 'quarantined'>,
  ): AsyncGenerator<TrackPosition> {
    for (let after: Position | null = null; ;) {
      const values = trackValues(mmsi, query, { after, limit: positionsAtOnce })
      const rows: TrackRow[] = await sql<TrackRow>(trackStatement, values)
      for (const row of rows) yield trackPositionOf(row)
      const last = rows.at(-1)
      if (!last || rows.length < positionsAtOnce) return
      after = [last.time.toISOString(), last.messageId]
    }
  },

  /** Number of targets by state. */
  countByState: async ({ now, rules }: { now: number; rules: StateRules }) => {
    const [row] = await sql<{ active: string; stale: string; lost: string }>(
      `SELECT count(*) FILTER (WHERE received_at > $1)::text AS active,
              count(*) FILTER (WHERE received_at <= $1 AND received_at > $2)::text AS stale,
              count(*) FILTER (WHERE received_at <= $2)::text AS lost
       FROM target`,
      [new Date(now - rules.staleAfter), new Date(now - rules.lostAfter)],
    )
    return {
      ACTIVE: Number(row?.active ?? 0),
      STALE: Number(row?.stale ?? 0),
      LOST: Number(row?.lost ?? 0),
    }
  },
})

export type TargetStore = ReturnType<typeof targetStore>

/** Targets by MMSI, for ingest, inside its transaction. */
export const readTargets = async (
  sql: Sql,
  mmsis: readonly number[],
): Promise<Map<string, KnownTarget>> => {
  const rows = await sql<TargetRow>(
    `SELECT ${targetColumns} FROM target WHERE mmsi = ANY($1::int[])`,
    [mmsis],
  )
  return new Map(rows.map((row) => [mmsiText(row.mmsi), targetOf(row)]))
}

/** The statement of a list: walks the primary key, or the squares and names that a filter names. */
export const listStatement = (
  query: TargetListQuery,
  { box, clock, after, limit }: Bounds,
): { text: string; values: unknown[] } => {
  const values: unknown[] = []
  const value = (given: unknown): string => `$${values.push(given)}`
  const conditions = conditionsOf(query, { box, clock }, value)
  if (after) conditions.push(`mmsi > ${value(after[0])}`)
  return {
    text: `SELECT ${targetColumns} FROM target WHERE ${conditions.join(' AND ')}
           ORDER BY mmsi LIMIT ${value(limit)}`,
    values,
  }
}

/** The statement of the nearest targets: looks into the squares that the circle touches. */
export const nearestStatement = (
  query: NearTargetQuery,
  { place, withinMetres, clock, after, limit }: NearBounds,
): { text: string; values: unknown[] } => {
  const values: unknown[] = []
  const value = (given: unknown): string => `$${values.push(given)}`
  const box = boxAround(place, withinMetres)
  const conditions = conditionsOf(query, { box, clock }, value)
  const [lat, lon] = [`${value(place.lat)}::float8`, `${value(place.lon)}::float8`]
  // As `distanceMetres` reckons it.
  const distance = `2 * ${metresPerDegree} * degrees(asin(least(1, sqrt(
      power(sin(radians(lat - ${lat}) / 2), 2) +
      cos(radians(${lat})) * cos(radians(lat)) * power(sin(radians(lon - ${lon}) / 2), 2)))))`
  const within = [`distance <= ${value(withinMetres)}::float8`]
  if (after) within.push(`(distance, mmsi) > (${value(after[0])}::float8, ${value(after[1])}::int)`)
  return {
    text: `SELECT ${targetColumns}, distance
           FROM (SELECT *, ${distance} AS distance FROM target
                 WHERE ${conditions.join(' AND ')}) AS target
           WHERE ${within.join(' AND ')}
           ORDER BY distance, mmsi LIMIT ${value(limit)}`,
    values,
  }
}

/** What filters ask of a target; `value` takes a value and gives its place in the statement. */
const conditionsOf = (
  { state, kind, name }: Pick<TargetListQuery, 'state' | 'kind' | 'name'>,
  { box, clock }: Pick<Bounds, 'box' | 'clock'>,
  value: (given: unknown) => string,
): string[] => {
  const conditions = ['true']
  if (kind !== undefined) conditions.push(`kind = ${value(kind)}`)
  if (name !== undefined) {
    // Names are in capitals: the six-bit alphabet has no others.
    const begin = name.toUpperCase().replaceAll(/[\\%_]/g, String.raw`\$&`)
    conditions.push(`name LIKE ${value(`${begin}%`)}`)
  }
  if (state !== undefined) {
    const { from, to } = arrivalsOf(state, clock)
    if (from !== null) conditions.push(`received_at >= ${value(new Date(from))}`)
    if (to !== null) conditions.push(`received_at < ${value(new Date(to))}`)
  }
  if (box) {
    const cells = cellsOf(box)
    if (cells) conditions.push(`cell = ANY(${value(cells)}::int[])`)
    const [west, east] = [value(box.west), value(box.east)]
    conditions.push(
      `lat BETWEEN ${value(box.south)} AND ${value(box.north)}`,
      box.west > box.east
        ? `(lon >= ${west} OR lon <= ${east})`
        : `lon BETWEEN ${west} AND ${east}`,
    )
  }
  return conditions
}

type TrackRow = Omit<TrackPosition, 'time' | 'position' | 'navigationStatus'> & {
  time: Date
  messageId: string
  lat: number
  lon: number
  status: number | null
}

/** Reads a stretch of the primary keys of the days that it touches, and nothing else. */
export const trackStatement = `
  SELECT time, message_id::text AS "messageId", lat, lon, speed, course, heading, status, source,
         quarantined
  FROM position
  WHERE mmsi = $1 AND time >= greatest($2::timestamptz, $4::timestamptz)
    AND time < $3::timestamptz
    AND (time, message_id) > ($4::timestamptz, $5::bigint)
    AND ($6::boolean OR NOT quarantined)
  ORDER BY time, message_id LIMIT $7`

const positionsAtOnce = 1_000

const trackValues = (
  mmsi: string,
  { from, to, quarantined }: Pick<TrackQuery, 'from' | 'to' | 'quarantined'>,
  { after, limit }: { after: Position | null; limit: number },
): unknown[] => [
  Number(mmsi),
  from ?? '-infinity',
  to ?? 'infinity',
  after?.[0] ?? '-infinity',
  after?.[1] ?? -1,
  quarantined ?? false,
  limit,
]

const trackPositionOf = (row: TrackRow): TrackPosition & { messageId: string } => ({
  messageId: row.messageId,
  time: row.time.toISOString(),
  position: { lat: row.lat, lon: row.lon },
  speed: row.speed,
  course: row.course,
  heading: row.heading,
  navigationStatus: row.status,
  source: row.source,
  quarantined: row.quarantined,
})

const targetOf = (row: TargetRow): KnownTarget => {
  const { fixTime, fixOwnTime, lat, lon, speed, course, heading, status, ...rest } = row
  return {
    ...rest,
    mmsi: mmsiText(row.mmsi),
    staticAt: row.staticAt,
    receivedAt: row.receivedAt,
    fix:
      fixTime !== null && fixOwnTime !== null && lat !== null && lon !== null
        ? { time: fixTime, ownTime: fixOwnTime, lat, lon, speed, course, heading, status }
        : null,
  }
}
