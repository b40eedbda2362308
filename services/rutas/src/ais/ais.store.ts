import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Fragment } from '@porttrack/ais/sentence'
import type { Database, Sql, Unit } from '@porttrack/shared/database/transaction'
import { isDatabaseUnavailable } from '@porttrack/shared/database/unavailable'
import { eventOf } from '@porttrack/shared/events/define-events'
import type { NewEvent } from '@porttrack/shared/events/outbox'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { events } from '../events.ts'
import { cellOf } from '../geography/bounding-box.ts'
import { movedTargets } from '../live/live-change.ts'
import { appendLiveChange } from '../live/live.store.ts'
import { mmsiText, readTargets } from '../targets/target.store.ts'
import { type KnownTarget, validImo } from '../targets/target.ts'
import type { Moment, Presence } from '../zones/presence.ts'
import { type EndedStay, recordStays } from '../zones/stay.store.ts'
import { ingestLock, readAllZones } from '../zones/zone.store.ts'
import { dayOf, firstDetailedDay, type TrackPolicy } from '../tracks/track-day.ts'
import { openDays } from '../tracks/track.store.ts'
import { shapeOf } from '../zones/zone.ts'
import { type ZoneRules, zoneRules } from '../zones/zone-index.ts'
import { type Batch, type BatchOutcome, withoutRepeats } from './batch.ts'
import { CopyRows } from './copy-rows.ts'
import { type Effects, effectsOf, type NewMessage, type ZoneReport } from './effects.ts'
import type { IngestStore } from './ingest.ts'
import { partsWait } from './intake.ts'

type Rules = { marginMetres: number; tracks: TrackPolicy }

/**
 * Makes batches of AIS messages durable: each with all its effects and events in one transaction.
 * Batches of every request and replica follow each other under one advisory lock, so that a ship's
 * messages have their effects in order and once, wherever they arrive.
 *
 * Plain SQL, since here throughput is the point: positions by binary `COPY`, which takes 350,000 rows
 * a second, all else with one array a column, which takes 155,000 and more, where Prisma's
 * `createMany` takes 7,000 (batches of 1,000, one client, November 2026).
 */
export const aisStore = (
  database: Database<pg.PoolClient>,
  { marginMetres, tracks }: Rules,
): IngestStore & { dropOldParts: () => Promise<void> } => {
  let zones: { revision: string; rules: ZoneRules } | null = null
  /** Days that are ready to be written to. */
  const opened = new Set<number>()

  /** The days of a batch that are to be opened first: one past its detail is to be thinned again. */
  const daysToOpen = ({ messages }: Batch): number[] => {
    const detailed = firstDetailedDay(Date.now(), tracks)
    const days = new Set(messages.map(({ time }) => dayOf(time)))
    return [...days].filter((day) => day < detailed || !opened.has(day))
  }

  const currentZones = async (sql: Sql, revision: string): Promise<ZoneRules> => {
    if (zones?.revision !== revision) {
      const shapes = (await readAllZones(sql)).map(shapeOf)
      zones = { revision, rules: zoneRules(shapes, marginMetres) }
    }
    return zones.rules
  }

  return {
    keptParts: async (sender) => {
      const rows = await available(() =>
        database.sql<{ id: string; part: string; expired: boolean }>(
          `SELECT id::text, part, received_at < now() - $2 * interval '1 millisecond' AS expired
           FROM ais_pending_part WHERE sender = $1 ORDER BY ais_pending_part.id LIMIT 2000`,
          [sender, partsWait],
        ),
      )
      return {
        parts: rows
          .filter(({ expired }) => !expired)
          .map(({ id, part }) => ({ id, part: JSON.parse(part) as Fragment })),
        expired: rows.filter(({ expired }) => expired).map(({ id }) => id),
      }
    },

    write: async (batch) => {
      const days = daysToOpen(batch)
      try {
        const outcome = await available(() =>
          database.transaction(async (unit) => {
            await unit.sql('SELECT pg_advisory_xact_lock($1::bigint)', [ingestLock])
            if (days.length > 0) await openDays(unit.sql, days)
            await keepParts(unit.sql, batch)
            return writeMessages(unit, batch, (revision) => currentZones(unit.sql, revision))
          }),
        )
        for (const day of days) opened.add(day)
        return outcome
      } catch (error) {
        // Should a day have gone meanwhile (a restored database), the sender's next attempt makes it.
        opened.clear()
        throw error
      }
    },

    /** Forgets parts of senders that have not come back. */
    dropOldParts: async () => {
      await database.sql(
        `DELETE FROM ais_pending_part WHERE received_at < now() - interval '10 minutes'`,
      )
    },
  }
}

/**
 * Whatever keeps the database from committing is answered 503, so that the sender comes again: a
 * resend stores nothing twice. Classes by PostgreSQL's Appendix A: 40 rolled back, 53 resources, 55
 * and 57 interrupted, 58 system.
 */
const available = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!isDatabaseUnavailable(error) && !/^(?:40|53|55|57|58)/.test(code)) throw error
    throw new ProblemError(kitErrors.UNAVAILABLE, { headers: { 'retry-after': '2' }, cause: error })
  }
}

const keepParts = async (sql: Sql, batch: Batch): Promise<void> => {
  const { sender, partsToKeep, partsToDrop } = batch
  if (partsToDrop.length > 0) {
    await sql('DELETE FROM ais_pending_part WHERE id = ANY($1::bigint[])', [partsToDrop])
  }
  if (partsToKeep.length > 0) {
    await sql(
      `INSERT INTO ais_pending_part (sender, part, received_at)
       SELECT $1, part, now() FROM unnest($2::text[]) WITH ORDINALITY AS each(part, n) ORDER BY n`,
      [sender, partsToKeep.map((part) => JSON.stringify(part))],
    )
  }
}

const writeMessages = async (
  { tx, sql, publish }: Unit<pg.PoolClient>,
  { messages }: Batch,
  zonesAt: (revision: string) => Promise<ZoneRules>,
): Promise<BatchOutcome> => {
  const distinct = withoutRepeats(messages)
  if (distinct.length === 0) return { stored: 0, duplicates: 0, quarantined: 0, zoneEvents: [] }
  const [head] = await sql<{ last: string; revision: string }>(
    `SELECT setval('ais_message_number', nextval('ais_message_number') + $1 - 1)::text AS last,
            (SELECT revision FROM zone_revision)::text AS revision`,
    [distinct.length],
  )
  const first = BigInt(head?.last ?? 0) - BigInt(distinct.length - 1)
  const numbered = distinct.map((each, n) => ({ ...each, id: String(first + BigInt(n)) }))
  const isNew = await insertMessages(tx, numbered)
  const fresh = numbered.filter(({ id }) => isNew.has(id))

  const mmsis = [...new Set(fresh.flatMap(({ incoming }) => incoming.message?.mmsi ?? []))]
  const targets = await readTargets(sql, mmsis.map(Number))
  const effects = effectsOf(fresh satisfies NewMessage[], {
    targets,
    presences: await readPresences(sql, mmsis.map(Number)),
    rules: await zonesAt(head?.revision ?? '0'),
  })
  await copyPositions(tx, effects.positions)
  await releasePositions(sql, effects.released)
  await writeTargets(tx, effects.targets, targets)
  await replacePresences(tx, effects.presences)
  await recordStays(sql, effects.zoneReports.flatMap(endedStay))
  for (const report of effects.zoneReports) publish(zoneEvent(report))
  await appendLiveChange(sql, {
    last: head?.last ?? '0',
    positions: movedTargets(targets, effects.targets),
    zoneEvents: effects.zoneReports.map((report) => ({
      type: `rutas.zone.${report.kind}`,
      ...zoneEventData(report),
    })),
  })
  return {
    stored: fresh.length,
    duplicates: messages.length - fresh.length,
    quarantined: effects.positions.filter(({ quarantined }) => quarantined).length,
    zoneEvents: effects.zoneReports.map(({ kind, shape }) => ({
      event: kind,
      kind: shape.zone.kind,
    })),
  }
}

const endedStay = (report: ZoneReport): EndedStay[] => {
  if (report.kind !== 'left') return []
  const { shape, at, target, enteredAt, stoppedAt } = report
  return [{ zoneId: shape.zone.id, mmsi: target.mmsi, enteredAt, leftAt: at.time, stoppedAt }]
}

const zoneEventData = ({ shape, at, target }: ZoneReport) => {
  const { id, name, kind, UNLocationCode, facilityCode } = shape.zone
  return {
    mmsi: target.mmsi,
    imo: validImo(target),
    name: target.name,
    zone: { id, name, kind, UNLocationCode, facilityCode },
    time: isoTime(at.time),
    position: { lat: at.lat, lon: at.lon },
  }
}

const zoneEvent = (report: ZoneReport): NewEvent => {
  const data = zoneEventData(report)
  const about = { subject: data.mmsi, time: data.time }
  if (report.kind === 'crossed') {
    const towards = report.towards === 1 ? ('LEFT' as const) : ('RIGHT' as const)
    return eventOf(events, 'rutas.zone.crossed', { ...about, data: { ...data, towards } })
  }
  if (report.kind === 'speed-exceeded') {
    const { speed } = report
    const { speedLimitKnots } = report.shape.zone
    const exceeding = { ...data, speed, speedLimitKnots: speedLimitKnots ?? speed }
    return eventOf(events, 'rutas.zone.speed-exceeded', { ...about, data: exceeding })
  }
  if (report.kind !== 'left') {
    return eventOf(events, `rutas.zone.${report.kind}`, { ...about, data })
  }
  const stoppedAt = report.stoppedAt === null ? null : isoTime(report.stoppedAt)
  return eventOf(events, 'rutas.zone.left', { ...about, data: { ...data, stoppedAt } })
}

type Numbered = NewMessage & { bucket: number }

/** @returns the ids of those that were not there */
const insertMessages = async (
  tx: pg.PoolClient,
  messages: readonly Numbered[],
): Promise<Set<string>> => {
  const of = <T>(read: (message: Numbered) => T) => messages.map(read)
  const { rows } = await tx.query<{ id: string }>({
    name: 'ais-insert-messages',
    text: `INSERT INTO ais_message (time_bucket, payload, id, type, fill_bits, mmsi, time, own_time,
                                    received_at, source)
           SELECT bucket, payload, id, type, fill_bits, mmsi, to_timestamp(time / 1000), own_time,
                  to_timestamp(received / 1000), source
           FROM unnest($1::int[], $2::text[], $3::bigint[], $4::smallint[], $5::smallint[],
                       $6::int[], $7::float8[], $8::bool[], $9::float8[], $10::text[])
             AS each(bucket, payload, id, type, fill_bits, mmsi, time, own_time, received, source)
           ON CONFLICT (time_bucket, payload) DO NOTHING
           RETURNING id::text`,
    values: [
      plainArray(of(({ bucket }) => bucket)),
      textArray(of(({ incoming }) => incoming.payload)),
      plainArray(of(({ id }) => id)),
      plainArray(of(({ incoming }) => incoming.type)),
      plainArray(of(({ incoming }) => incoming.fillBits)),
      plainArray(of(({ incoming }) => numberOf(incoming.message?.mmsi))),
      plainArray(of(({ incoming }) => incoming.time)),
      plainArray(of(({ incoming }) => incoming.ownTime)),
      plainArray(of(({ incoming }) => incoming.arrival)),
      textArray(of(({ incoming }) => incoming.source)),
    ],
  })
  return new Set(rows.map(({ id }) => id))
}

const positionColumns =
  'mmsi, time, message_id, lat, lon, speed, course, heading, status, source, quarantined'

const copyPositions = async (tx: pg.PoolClient, positions: Effects['positions']): Promise<void> => {
  if (positions.length === 0) return
  const rows = new CopyRows()
  for (const position of positions) {
    rows.row(11)
    rows.int(Number(position.mmsi))
    rows.time(position.time)
    rows.bigint(BigInt(position.messageId))
    rows.double(position.lat)
    rows.double(position.lon)
    rows.real(position.speed)
    rows.real(position.course)
    rows.smallint(position.heading)
    rows.smallint(position.status)
    rows.text(position.source)
    rows.bool(position.quarantined)
  }
  await pipeline(
    Readable.from([rows.end()]),
    tx.query(copyFrom(`COPY position (${positionColumns}) FROM STDIN (FORMAT binary)`)),
  )
}

/** Fixes that a second one has agreed with are part of the track like any other. */
const releasePositions = async (sql: Sql, released: Effects['released']): Promise<void> => {
  if (released.length === 0) return
  await sql(
    `UPDATE position SET quarantined = false
     FROM unnest($1::int[], $2::timestamptz[], $3::bigint[]) AS each(mmsi, time, message_id)
     WHERE position.mmsi = each.mmsi AND position.time = each.time
       AND position.message_id = each.message_id`,
    [
      released.map(({ mmsi }) => Number(mmsi)),
      released.map(({ time }) => isoTime(time)),
      released.map(({ messageId }) => messageId),
    ],
  )
}

/**
 * A time, sent as milliseconds since 1970: written and read as text, times cost more than all else
 * that a report changes.
 */
const moment = 'moment'

type TargetColumn = {
  name: string
  /** Type in the database, or a `moment`. */
  type: string
  valuesOf: (targets: readonly KnownTarget[]) => string
}

const text = (name: string, read: (target: KnownTarget) => string | null): TargetColumn => ({
  name,
  type: 'text',
  valuesOf: (all) => textArray(all.map(read)),
})

const plain = (
  name: string,
  type: string,
  read: (target: KnownTarget) => number | boolean | null,
): TargetColumn => ({ name, type, valuesOf: (all) => plainArray(all.map(read)) })

const json = (name: string, read: (target: KnownTarget) => object | null): TargetColumn => ({
  name,
  type: 'jsonb',
  valuesOf: (all) => jsonArray(all.map(read)),
})

/** Columns that static data and the kind of report decide; few messages change them. */
const staticColumns: readonly TargetColumn[] = [
  text('kind', ({ kind }) => kind),
  text('station_class', ({ stationClass }) => stationClass),
  text('name', ({ name }) => name),
  plain('name_confirmed', 'bool', ({ nameConfirmed }) => nameConfirmed),
  text('name_candidate', ({ nameCandidate }) => nameCandidate),
  text('call_sign', ({ callSign }) => callSign),
  text('imo', ({ imo }) => imo),
  plain('ship_type', 'smallint', ({ shipType }) => shipType),
  json('dimensions', ({ dimensions }) => dimensions),
  plain('draught', 'real', ({ draught }) => draught),
  text('destination', ({ destination }) => destination),
  json('eta', ({ eta }) => eta),
  plain('static_at', moment, ({ staticAt }) => staticAt),
]

/** Columns that each position report changes. */
const movingColumns: readonly TargetColumn[] = [
  plain('fix_time', moment, ({ fix }) => fix?.time ?? null),
  plain('fix_own_time', 'bool', ({ fix }) => fix?.ownTime ?? null),
  plain('lat', 'float8', ({ fix }) => fix?.lat ?? null),
  plain('lon', 'float8', ({ fix }) => fix?.lon ?? null),
  plain('speed', 'real', ({ fix }) => fix?.speed ?? null),
  plain('course', 'real', ({ fix }) => fix?.course ?? null),
  plain('heading', 'smallint', ({ fix }) => fix?.heading ?? null),
  plain('status', 'smallint', ({ fix }) => fix?.status ?? null),
  plain('cell', 'int', ({ fix }) => fix && cellOf(fix)),
  json('suspect', ({ suspect }) => suspect),
  plain('received_at', moment, ({ receivedAt }) => receivedAt),
]

/** Rows of targets out of one array a column, as `each`. */
const eachTarget = (columns: readonly TargetColumn[]): { from: string; values: string[] } => ({
  from: `unnest($1::int[], ${columns.map(({ type }, n) => `$${n + 2}::${arrayType(type)}[]`).join(', ')})
           AS each(mmsi, ${columns.map(({ name }) => name).join(', ')})`,
  values: columns.map(({ name, type }) =>
    type === moment ? `to_timestamp(each.${name} / 1000)` : `each.${name}`,
  ),
})

const arrayType = (type: string): string => (type === moment ? 'float8' : type)

const upsertTargetsText = (() => {
  const columns = [...staticColumns, ...movingColumns]
  const names = columns.map(({ name }) => name)
  const { from, values } = eachTarget(columns)
  return `INSERT INTO target (mmsi, ${names.join(', ')})
          SELECT each.mmsi, ${values.join(', ')} FROM ${from}
          ON CONFLICT (mmsi) DO UPDATE SET
            ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`
})()

const moveTargetsText = (() => {
  const { from, values } = eachTarget(movingColumns)
  return `UPDATE target SET ${movingColumns.map(({ name }, n) => `${name} = ${values[n]}`).join(', ')}
          FROM ${from} WHERE target.mmsi = each.mmsi`
})()

/** Writes targets that were heard; those of which nothing but the position changed, with less. */
const writeTargets = async (
  tx: pg.PoolClient,
  targets: Effects['targets'],
  known: ReadonlyMap<string, KnownTarget>,
): Promise<void> => {
  const { moved = [], changed = [] } = Object.groupBy(targets.values(), (target) => {
    const before = known.get(target.mmsi)
    return before && sameStatics(before, target) ? 'moved' : 'changed'
  })
  const send = async (name: string, text: string, given: TargetBatch): Promise<void> => {
    if (given.targets.length === 0) return
    const mmsis = plainArray(given.targets.map(({ mmsi }) => Number(mmsi)))
    const values = given.columns.map(({ valuesOf }) => valuesOf(given.targets))
    await tx.query({ name, text, values: [mmsis, ...values] })
  }
  await send('ais-upsert-targets', upsertTargetsText, {
    targets: changed,
    columns: [...staticColumns, ...movingColumns],
  })
  await send('ais-move-targets', moveTargetsText, { targets: moved, columns: movingColumns })
}

type TargetBatch = { targets: readonly KnownTarget[]; columns: readonly TargetColumn[] }

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

const readPresences = async (
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

const replacePresences = async (
  tx: pg.PoolClient,
  presences: Effects['presences'],
): Promise<void> => {
  if (presences.size === 0) return
  const stays = [...presences].flatMap(([mmsi, all]) =>
    all.map((stay) => ({ ...stay, mmsi: Number(mmsi) })),
  )
  await tx.query({
    name: 'ais-clear-presences',
    text: 'DELETE FROM zone_presence WHERE mmsi = ANY($1::int[])',
    values: [plainArray([...presences.keys()].map(Number))],
  })
  if (stays.length === 0) return
  await tx.query({
    name: 'ais-insert-presences',
    text: `INSERT INTO zone_presence (mmsi, zone_id, entered_at, outside_since, outside_lat,
                                      outside_lon, still_since, still_lat, still_lon,
                                      stopped_at, came_from, dwelt, speeding)
           SELECT * FROM unnest($1::int[], $2::uuid[], $3::timestamptz[], $4::timestamptz[],
                                $5::float8[], $6::float8[], $7::timestamptz[], $8::float8[],
                                $9::float8[], $10::timestamptz[], $11::smallint[],
                                $12::bool[], $13::bool[])`,
    values: [
      plainArray(stays.map(({ mmsi }) => mmsi)),
      textArray(stays.map(({ zoneId }) => zoneId)),
      timeArray(stays.map(({ enteredAt }) => enteredAt)),
      timeArray(stays.map(({ outside }) => outside?.time ?? null)),
      plainArray(stays.map(({ outside }) => outside?.lat ?? null)),
      plainArray(stays.map(({ outside }) => outside?.lon ?? null)),
      timeArray(stays.map(({ still }) => still?.time ?? null)),
      plainArray(stays.map(({ still }) => still?.lat ?? null)),
      plainArray(stays.map(({ still }) => still?.lon ?? null)),
      timeArray(stays.map(({ stoppedAt }) => stoppedAt)),
      plainArray(stays.map(({ cameFrom }) => cameFrom)),
      plainArray(stays.map(({ dwelt }) => dwelt)),
      plainArray(stays.map(({ speeding }) => speeding)),
    ],
  })
}

const isoTime = (time: number): string => new Date(time).toISOString()

const numberOf = (mmsi: string | undefined): number | null =>
  mmsi === undefined ? null : Number(mmsi)

// Array literals are written here, since node-postgres escapes each number as if it were text.
const plainArray = (values: readonly (number | string | boolean | null)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`

const textArray = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`

const jsonArray = (values: readonly (object | null)[]): string =>
  textArray(values.map((value) => value && JSON.stringify(value)))

const timeArray = (values: readonly (number | null)[]): string =>
  textArray(values.map((value) => (value === null ? null : isoTime(value))))

const quoted = (text: string): string =>
  `"${/[\\"]/.test(text) ? text.replaceAll(/[\\"]/g, String.raw`\$&`) : text}"`
