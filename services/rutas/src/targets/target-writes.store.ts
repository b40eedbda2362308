import type pg from 'pg'
import { BinaryArray, CopyRows, type ElementType, elementTypes } from '../ais/binary-rows.ts'
import { copyInto } from '../ais/copy-rows.store.ts'
import type { HeardStation } from '../ais/heard-station.ts'
import { cellOf } from '../geography/bounding-box.ts'
import { inTurns } from '../in-turns.ts'
import type { KnownTarget } from './target.ts'

type Column = {
  name: string
  /** Type of the array that is sent. */
  type: string
  /** The value in the statement, where it is not the one that was sent. */
  value?: string
  begin: (length: number) => { add: (target: KnownTarget) => void; end: () => Buffer }
}

const column = <T>(
  name: string,
  type: ElementType<T>,
  read: (target: KnownTarget) => T | null,
): Column => ({
  name,
  type: type.name,
  begin: (length) => {
    const array = new BinaryArray(type, length)
    return { add: (target) => array.add(read(target)), end: () => array.end() }
  },
})

const { bool, int, real, smallint, text, time } = elementTypes

const json = (name: string, read: (target: KnownTarget) => object | null): Column => ({
  ...column(name, text, (target) => {
    const value = read(target)
    return value && JSON.stringify(value)
  }),
  value: `each.${name}::jsonb`,
})

const key = column('mmsi', int, ({ mmsi }) => Number(mmsi))

/** Columns that static data and the kind of report decide; few messages change them. */
const staticColumns: readonly Column[] = [
  column('kind', text, ({ kind }) => kind),
  column('station_class', text, ({ stationClass }) => stationClass),
  column('name', text, ({ name }) => name),
  column('name_confirmed', bool, ({ nameConfirmed }) => nameConfirmed),
  column('name_candidate', text, ({ nameCandidate }) => nameCandidate),
  column('call_sign', text, ({ callSign }) => callSign),
  column('imo', text, ({ imo }) => imo),
  column('ship_type', smallint, ({ shipType }) => shipType),
  json('dimensions', ({ dimensions }) => dimensions),
  column('draught', real, ({ draught }) => draught),
  column('destination', text, ({ destination }) => destination),
  json('eta', ({ eta }) => eta),
  column('static_at', time, ({ staticAt }) => staticAt),
]

/** Columns that each position report changes, in the order in which `addMove` writes them. */
const movingColumns = {
  fix_time: 'timestamptz',
  fix_own_time: 'bool',
  lat: 'float8',
  lon: 'float8',
  speed: 'real',
  course: 'real',
  heading: 'smallint',
  status: 'smallint',
  cell: 'int',
  suspect: 'text',
  received_at: 'timestamptz',
}

const addMove = (rows: CopyRows, { mmsi, target, onlyMoved }: Written): void => {
  const { fix, suspect, receivedAt } = target
  rows.row(13)
  rows.int(mmsi)
  rows.bool(onlyMoved)
  rows.time(fix && fix.time)
  rows.bool(fix && fix.ownTime)
  rows.double(fix && fix.lat)
  rows.double(fix && fix.lon)
  rows.real(fix && fix.speed)
  rows.real(fix && fix.course)
  rows.smallint(fix && fix.heading)
  rows.smallint(fix && fix.status)
  rows.int(fix && cellOf(fix))
  rows.ascii(suspect && JSON.stringify(suspect))
  rows.time(receivedAt)
}

const movingNames = Object.keys(movingColumns)

const movedValueOf = (name: string): string =>
  name === 'suspect' ? 'moved.suspect::jsonb' : `moved.${name}`

// By COPY: rows out of arrays cost PostgreSQL 1 µs each more.
const movedTable = 'pg_temp.moved_target'

const movedText = `CREATE TEMP TABLE IF NOT EXISTS moved_target (
  mmsi int, only_moved bool,
  ${Object.entries(movingColumns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')}
) ON COMMIT DELETE ROWS`

const upsertText = (() => {
  const names = [...staticColumns.map(({ name }) => name), ...movingNames]
  const values = [
    ...staticColumns.map(({ name, value = `each.${name}` }) => value),
    ...movingNames.map(movedValueOf),
  ]
  return `INSERT INTO target (mmsi, ${names.join(', ')})
          SELECT mmsi, ${values.join(', ')}
          FROM unnest($1::int[], ${staticColumns.map(({ type }, n) => `$${n + 2}::${type}[]`).join(', ')})
            AS each(mmsi, ${staticColumns.map(({ name }) => name).join(', ')})
            JOIN ${movedTable} AS moved USING (mmsi)
          ON CONFLICT (mmsi) DO UPDATE SET
            ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`
})()

const moveText = `UPDATE target
  SET ${movingNames.map((name) => `${name} = ${movedValueOf(name)}`).join(', ')}
  FROM ${movedTable} AS moved WHERE target.mmsi = moved.mmsi AND moved.only_moved`

/** A target to be written, and whether nothing but its position changed. */
type Written = { mmsi: number; target: KnownTarget; onlyMoved: boolean }

/** Targets to be written, as they are sent. */
export type TargetRows = {
  /** Where each is; none for a group of which no station was heard. */
  readonly moves: CopyRows
  readonly movedCount: number
  /** Arrays of what else has changed; null where nothing has. */
  readonly statics: Buffer[] | null
}

/** Targets whose columns are written together: few enough to stay in the processor's cache. */
const stretch = 500

/** What is to be written of stations; made in stretches, so that others get their turn. */
export const rowsOfTargets = async (stations: readonly HeardStation[]): Promise<TargetRows> => {
  const moves = new CopyRows()
  const changed: KnownTarget[] = []
  let movedCount = 0
  for await (const some of inTurns(stations, stretch)) {
    for (const { mmsi, before, target } of some) {
      if (!target) continue
      const onlyMoved = before !== null && sameStatics(before, target)
      addMove(moves, { mmsi, target, onlyMoved })
      if (onlyMoved) movedCount += 1
      else changed.push(target)
    }
  }
  return { moves, movedCount, statics: await staticsOf(changed) }
}

/**
 * Writes targets that were heard; those of which nothing but the position changed, with less.
 *
 * @returns whether each of those that only moved was there
 */
export const writeTargets = async (
  tx: pg.PoolClient,
  { moves, movedCount, statics }: TargetRows,
): Promise<boolean> => {
  if (moves.empty) return true
  await tx.query(movedText)
  await copyInto(tx, movedTable, moves)
  if (statics) await tx.query({ name: 'ais-upsert-targets', text: upsertText, values: statics })
  if (movedCount === 0) return true
  // Planned each time: how many there are decides the way.
  const { rowCount } = await tx.query(moveText)
  return rowCount === movedCount
}

const staticsOf = async (targets: readonly KnownTarget[]): Promise<Buffer[] | null> => {
  if (targets.length === 0) return null
  const arrays = [key, ...staticColumns].map(({ begin }) => begin(targets.length))
  for await (const some of inTurns(targets, stretch)) {
    for (const array of arrays) for (const target of some) array.add(target)
  }
  return arrays.map((array) => array.end())
}

// What a message does not carry stays the same object.
const sameStatics = (before: KnownTarget, after: KnownTarget): boolean =>
  before.kind === after.kind &&
  before.stationClass === after.stationClass &&
  before.name === after.name &&
  before.nameConfirmed === after.nameConfirmed &&
  before.nameCandidate === after.nameCandidate &&
  before.callSign === after.callSign &&
  before.imo === after.imo &&
  before.shipType === after.shipType &&
  before.dimensions === after.dimensions &&
  before.draught === after.draught &&
  before.destination === after.destination &&
  before.eta === after.eta &&
  before.staticAt === after.staticAt
