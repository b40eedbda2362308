import type pg from 'pg'
import { BinaryArray, type ElementType, elementTypes } from '../ais/binary-rows.ts'
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

const { bool, double, int, real, smallint, text, time } = elementTypes

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

/** Columns that each position report changes. */
const movingColumns: readonly Column[] = [
  column('fix_time', time, ({ fix }) => fix?.time ?? null),
  column('fix_own_time', bool, ({ fix }) => fix?.ownTime ?? null),
  column('lat', double, ({ fix }) => fix?.lat ?? null),
  column('lon', double, ({ fix }) => fix?.lon ?? null),
  column('speed', real, ({ fix }) => fix?.speed ?? null),
  column('course', real, ({ fix }) => fix?.course ?? null),
  column('heading', smallint, ({ fix }) => fix?.heading ?? null),
  column('status', smallint, ({ fix }) => fix?.status ?? null),
  column('cell', int, ({ fix }) => fix && cellOf(fix)),
  json('suspect', ({ suspect }) => suspect),
  column('received_at', time, ({ receivedAt }) => receivedAt),
]

/** Rows of targets out of one array a column, as `each`. */
const eachTarget = (columns: readonly Column[]): string =>
  `unnest($1::int[], ${columns.map(({ type }, n) => `$${n + 2}::${type}[]`).join(', ')})
     AS each(mmsi, ${columns.map(({ name }) => name).join(', ')})`

const valueOf = ({ name, value = `each.${name}` }: Column): string => value

const upsertText = (() => {
  const columns = [...staticColumns, ...movingColumns]
  const names = columns.map(({ name }) => name)
  return `INSERT INTO target (mmsi, ${names.join(', ')})
          SELECT each.mmsi, ${columns.map(valueOf).join(', ')} FROM ${eachTarget(columns)}
          ON CONFLICT (mmsi) DO UPDATE SET
            ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`
})()

const moveText = `UPDATE target
  SET ${movingColumns.map((column) => `${column.name} = ${valueOf(column)}`).join(', ')}
  FROM ${eachTarget(movingColumns)} WHERE target.mmsi = each.mmsi`

/** Targets to be written: those of which more than the position changed, and the others. */
export type ChangedTargets = {
  readonly changed: readonly KnownTarget[]
  readonly moved: readonly KnownTarget[]
}

/** Tells apart what is to be written of targets that were heard. */
export const changedTargets = (stations: Iterable<HeardStation>): ChangedTargets => {
  const changed: KnownTarget[] = []
  const moved: KnownTarget[] = []
  for (const { before, target } of stations) {
    if (!target) continue
    if (before && sameStatics(before, target)) moved.push(target)
    else changed.push(target)
  }
  return { changed, moved }
}

/** Values of the two statements that write targets; null where there is nothing to be written. */
export type TargetRows = {
  readonly changed: Buffer[] | null
  readonly moved: Buffer[] | null
  readonly movedCount: number
}

/** Targets whose columns are written together: few enough to stay in the processor's cache. */
const stretch = 500

/** Targets to be written, as they are sent; made in stretches, so that others get their turn. */
export const rowsOfTargets = async ({ changed, moved }: ChangedTargets): Promise<TargetRows> => ({
  changed: await parametersOf(changed, [...staticColumns, ...movingColumns]),
  moved: await parametersOf(moved, movingColumns),
  movedCount: moved.length,
})

/**
 * Writes targets that were heard; those of which nothing but the position changed, with less.
 *
 * @returns whether each of those that only moved was there
 */
export const writeTargets = async (
  tx: pg.PoolClient,
  { changed, moved, movedCount }: TargetRows,
): Promise<boolean> => {
  if (changed) await tx.query({ name: 'ais-upsert-targets', text: upsertText, values: changed })
  if (!moved) return true
  const { rowCount } = await tx.query({ name: 'ais-move-targets', text: moveText, values: moved })
  return rowCount === movedCount
}

const parametersOf = async (
  targets: readonly KnownTarget[],
  columns: readonly Column[],
): Promise<Buffer[] | null> => {
  if (targets.length === 0) return null
  const arrays = [key, ...columns].map(({ begin }) => begin(targets.length))
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
