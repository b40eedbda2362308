import { decodePayload } from '@porttrack/ais/decode'
import type { Fragment } from '@porttrack/ais/sentence'
import type { Database, Sql } from '@porttrack/shared/database/transaction'
import { isDatabaseUnavailable } from '@porttrack/shared/database/unavailable'
import { kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'
import type pg from 'pg'
import { positionsText } from '../live/positions-text.ts'
import { appendLiveChange } from '../live/live.store.ts'
import { rowsOfTargets, type TargetRows, writeTargets } from '../targets/target-writes.store.ts'
import { boundsOf, dayOf, firstDetailedDay, type TrackPolicy } from '../tracks/track-day.ts'
import { openDays } from '../tracks/track.store.ts'
import { replacePresences } from '../zones/presence.store.ts'
import { recordStays } from '../zones/stay.store.ts'
import { readAllZones } from '../zones/zone.store.ts'
import { shapeOf } from '../zones/zone.ts'
import { type ZoneRules, zoneRules } from '../zones/zone-index.ts'
import {
  type Batch,
  type GroupOutcome,
  type KeptPart,
  MemoryOutdatedError,
  timeBucketOf,
} from './batch.ts'
import { binaryArray, CopyRows } from './binary-rows.ts'
import { copyInto } from './copy-rows.store.ts'
import {
  type Effects,
  effectsOf,
  type Known,
  type NewMessage,
  type PositionReported,
} from './effects.ts'
import { type Forwarded, recordOutcomes } from './forwarded-batch.store.ts'
import { ingestLock, newestMessage } from './ingest-order.ts'
import type { HeardStation } from './heard-station.ts'
import { type IncomingMessage, partsWait } from './intake.ts'
import { KnownMessages } from './known-messages.ts'
import { KnownStations } from './known-stations.store.ts'
import { beginStretches, GroupMessages, newMessages } from './new-messages.store.ts'
import { inTurns } from '../in-turns.ts'
import { endedStay, liveZoneEvent, zoneEvent } from './zone-events.ts'

type Rules = {
  marginMetres: number
  tracks: TrackPolicy
  /** What is remembered of stations and of messages, at most. */
  remembered: { stations: number; messages: number }
}

/** What the database holds, as far as the next batches need it, and what is on its way there. */
type Memory = {
  /** Number of the newest message. */
  last: number
  /** Of the zones. */
  readonly revision: string
  readonly zones: ZoneRules
  readonly messages: KnownMessages
  readonly stations: KnownStations
  /** Of groups that are prepared and not committed. */
  readonly underWay: Set<GroupMessages>
  /** Days that are ready to be written to. */
  readonly openedDays: Set<number>
}

/** A group of batches, ready to be written. */
type PreparedGroup = {
  readonly memory: Memory
  readonly batches: readonly Batch[]
  readonly outcome: GroupOutcome
  /** Number of the newest message before this group, and with it. */
  readonly before: number
  readonly last: number
  readonly messages: GroupMessages
  readonly days: readonly number[]
  /** Stretches of 30 s of which there was no message yet. */
  readonly stretches: readonly number[]
  /** Of messages that are no reports of positions. */
  readonly messageRows: CopyRows
  readonly positionRows: CopyRows
  readonly stations: ReadonlyMap<number, HeardStation>
  readonly targets: TargetRows
  /** Ships whose stays have changed. */
  readonly presences: Parameters<typeof replacePresences>[1]
  readonly released: Effects['released']
  readonly zoneReports: Effects['zoneReports']
  readonly live: { positions: Buffer; zoneEvents: string }
}

/**
 * Makes groups of batches durable: each with all its effects and events in one transaction, in the
 * order in which they were prepared. What a group follows from (last positions, stays, which messages
 * are known) is remembered, so that little has to be read, and a group can be prepared while the one
 * before is written.
 *
 * Memory is a guess that is checked: transactions follow each other under one advisory lock, and one
 * goes on only if the number of the newest message and the revision of the zones are what memory
 * says. Whoever else writes AIS or changes zones changes one of them. So a second process costs
 * time and harms nothing.
 *
 * Plain SQL, since here throughput is the point: rows by binary `COPY`, which takes 350,000 a second,
 * all else with one binary array a column, where Prisma's `createMany` takes 7,000 (batches of 1,000,
 * one client, November 2026).
 */
export const aisStore = (
  database: Database<pg.PoolClient>,
  { marginMetres, tracks, remembered }: Rules,
) => {
  const { sql } = database
  let memory: Memory | null = null

  const remember = async (): Promise<Memory> => {
    // A number is taken before its group is committed. Nobody writes while this is asked, so what has
    // a number up to the newest can be seen from then on.
    const { head, shapes } = await database.transaction(async ({ sql: inside }) => {
      await inside('SELECT pg_advisory_xact_lock_shared($1::bigint)', [ingestLock])
      const [row] = await inside<{ last: string; revision: string }>(
        `SELECT ${newestMessage} AS last, (SELECT revision FROM zone_revision)::text AS revision`,
      )
      return { head: row, shapes: (await readAllZones(inside)).map(shapeOf) }
    })
    return {
      last: Number(head?.last ?? 0),
      revision: head?.revision ?? '0',
      zones: zoneRules(shapes, marginMetres),
      messages: new KnownMessages(remembered.messages),
      stations: new KnownStations(remembered.stations),
      underWay: new Set(),
      openedDays: new Set(),
    }
  }

  /** The days of messages that are to be opened first: one past its detail is to be thinned again. */
  const daysToOpen = (messages: readonly IncomingMessage[], { openedDays }: Memory): number[] => {
    const detailed = firstDetailedDay(Date.now(), tracks)
    const days = new Set<number>()
    for (const { time } of messages) days.add(dayOf(time))
    return [...days].filter((day) => day < detailed || !openedDays.has(day))
  }

  const prepareGroup = async (batches: readonly Batch[]): Promise<PreparedGroup> => {
    memory ??= await remember()
    const mine = memory
    const messages = new GroupMessages(batches)
    const { fresh, outcomes, begun } = await newMessages(sql, messages, mine)
    const stations = await mine.stations.recall(sql, fresh)
    const before = mine.last
    const changes = new GroupChanges({ stations, rules: mine.zones }, before)
    for await (const some of inTurns(fresh, stretch)) changes.take(some)
    const { zoneReports } = changes
    const heard = [...stations.values()]
    const targets = await rowsOfTargets(heard)
    const positions = await positionsText(heard)
    const presences = heard.filter(({ staysChanged }) => staysChanged)
    mine.last += fresh.length
    mine.stations.learn(stations)
    mine.underWay.add(messages)
    return {
      memory: mine,
      batches,
      outcome: {
        batches: outcomes,
        quarantined: changes.quarantined,
        newStations: heard.filter((station) => station.target && !station.before).length,
        zoneEvents: zoneReports.map(({ kind, shape }) => ({ event: kind, kind: shape.zone.kind })),
      },
      before,
      last: mine.last,
      messages,
      days: daysToOpen(fresh, mine),
      stretches: begun,
      messageRows: changes.messageRows,
      positionRows: changes.positionRows,
      stations,
      targets,
      presences,
      released: changes.released,
      zoneReports,
      live: {
        positions,
        zoneEvents: JSON.stringify(zoneReports.map(liveZoneEvent)),
      },
    }
  }

  const writeGroup = (group: PreparedGroup): Promise<void> =>
    database.transaction(async ({ tx, sql: inside, publish }) => {
      const { before, last, zoneReports } = group
      await takeNumbers(inside, group)
      if (group.days.length > 0) await openDays(inside, group.days)
      for (const batch of group.batches) await keepParts(inside, batch)
      await recordOutcomes(inside, forwardedOutcomes(group))
      if (last === before) return

      await beginStretches(inside, group.stretches)
      await copyInto(tx, `ais_message (${messageColumns})`, group.messageRows)
      await copyInto(tx, `position (${positionColumns})`, group.positionRows)
      await releasePositions(inside, group.released)
      // Should a target be gone, someone has emptied the table by hand.
      if (!(await writeTargets(tx, group.targets))) throw new MemoryOutdatedError()
      await replacePresences(inside, group.presences)
      await recordStays(inside, zoneReports.flatMap(endedStay))
      for (const report of zoneReports) publish(zoneEvent(report))
      await appendLiveChange(inside, { last, ...group.live })
    })

  return {
    keptParts: (sender: string): Promise<{ parts: KeptPart[]; expired: string[] }> =>
      available(async () => {
        const rows = await sql<{ id: string; part: string; expired: boolean }>(
          `SELECT id::text, part, received_at < now() - $2 * interval '1 millisecond' AS expired
           FROM ais_pending_part WHERE sender = $1 ORDER BY ais_pending_part.id LIMIT 2000`,
          [sender, partsWait],
        )
        return {
          parts: rows
            .filter(({ expired }) => !expired)
            .map(({ id, part }) => ({ id, part: JSON.parse(part) as Fragment })),
          expired: rows.filter(({ expired }) => expired).map(({ id }) => id),
        }
      }),

    /** Works out what batches change, after all that was prepared before. One at a time. */
    prepare: async (batches: readonly Batch[]): Promise<PreparedGroup> => {
      try {
        return await available(() => prepareGroup(batches))
      } catch (error) {
        memory = null
        throw error
      }
    },

    /**
     * Makes a group durable. Whatever keeps it from that, memory begins anew: groups that were
     * prepared behind it are outdated.
     *
     * @throws MemoryOutdatedError when it is to be prepared again
     * @throws ProblemError 503
     */
    write: async (group: PreparedGroup): Promise<void> => {
      const { last, before, batches } = group
      try {
        if (group.memory !== memory) throw new MemoryOutdatedError()
        const asks = batches.some(
          ({ partsToDrop, partsToKeep, forwarded }) =>
            partsToDrop.length + partsToKeep.length > 0 || forwarded !== undefined,
        )
        if (last > before || asks) await available(() => writeGroup(group))
        group.memory.underWay.delete(group.messages)
        group.memory.stations.committed(group.stations)
        for (const day of group.days) group.memory.openedDays.add(day)
      } catch (error) {
        memory = null
        throw error
      }
    },

    /**
     * Forgets a group that is not written. One that was prepared while the group before it failed may
     * have been the first that a new memory took in: what is prepared next would follow from it.
     */
    discard: (group: PreparedGroup): void => {
      if (group.memory === memory) memory = null
    },

    /** How many stations and messages are remembered: none by a replica that does not write. */
    remembered: () => ({
      stations: memory?.stations.size ?? 0,
      messages: memory?.messages.size ?? 0,
    }),

    /** Forgets parts of senders that have not come back. */
    dropOldParts: async (): Promise<void> => {
      await sql(`DELETE FROM ais_pending_part WHERE received_at < now() - interval '10 minutes'`)
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
    // A message that is no report of a position, or a day, that memory did not know of.
    if (code === '23505' || code === '23514') throw new MemoryOutdatedError('', { cause: error })
    if (!isDatabaseUnavailable(error) && !/^(?:40|53|55|57|58)/.test(code)) throw error
    throw new ProblemError(kitErrors.UNAVAILABLE, { headers: { 'retry-after': '2' }, cause: error })
  }
}

/** Takes the numbers of a group, if nobody else has written since it was prepared. */
const takeNumbers = async (sql: Sql, { memory, before, last }: PreparedGroup): Promise<void> => {
  await sql('SELECT pg_advisory_xact_lock($1::bigint)', [ingestLock])
  // A statement of its own, which sees what was committed while this one waited for the lock.
  const taken = await sql(
    `SELECT CASE WHEN $2::bigint > $1::bigint THEN setval('ais_message_number', $2::bigint) END::text
     FROM zone_revision WHERE revision = $3::bigint AND ${newestMessage} = $1::bigint`,
    [before, last, memory.revision],
  )
  if (taken.length === 0) throw new MemoryOutdatedError()
}

/** Messages whose effects are worked out at once: what is made of them is gone before the next. */
const stretch = 200

/** Gathers what the messages of a group change, as rows where there are many. */
class GroupChanges {
  readonly messageRows = new CopyRows()
  readonly positionRows = new CopyRows()
  readonly released: Effects['released'] = []
  readonly zoneReports: Effects['zoneReports'] = []
  quarantined = 0
  #last: number
  readonly #known: Known

  constructor(known: Known, before: number) {
    this.#known = known
    this.#last = before
  }

  /** Takes the next messages, in their order. */
  take(messages: readonly IncomingMessage[]): void {
    const numbered = messages.map((incoming) => {
      this.#last += 1
      const decoded =
        incoming.mmsi === null ? null : decodePayload(incoming.payload, incoming.fillBits)
      return { id: this.#last, incoming, message: decoded?.ok ? decoded.message : null }
    })
    const effects = effectsOf(numbered, this.#known)
    for (const each of effects.others) addMessage(this.messageRows, each)
    for (const each of effects.positions) {
      if (each.quarantined) this.quarantined += 1
      addPosition(this.positionRows, each)
    }
    this.released.push(...effects.released)
    this.zoneReports.push(...effects.zoneReports)
  }
}

const forwardedOutcomes = ({
  batches,
  outcome,
}: PreparedGroup): { id: string; outcome: Forwarded }[] =>
  batches.flatMap(({ forwarded }, n) => {
    const told = outcome.batches[n]
    return forwarded !== undefined && told ? [{ id: forwarded, outcome: told }] : []
  })

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

const messageColumns =
  'time_bucket, payload, id, type, fill_bits, mmsi, time, own_time, received_at, source'

const addMessage = (rows: CopyRows, { id, incoming }: NewMessage): void => {
  rows.row(10)
  rows.int(timeBucketOf(incoming.time))
  rows.ascii(incoming.payload)
  rows.bigint(id)
  rows.smallint(incoming.type)
  rows.smallint(incoming.fillBits)
  rows.int(incoming.mmsi)
  rows.time(incoming.time)
  rows.bool(incoming.ownTime)
  rows.time(incoming.arrival)
  rows.ascii(incoming.source)
}

const positionColumns = `mmsi, time, message_id, lat, lon, speed, course, heading, status, source,
  quarantined, type, payload, fill_bits, own_time, received_at`

const addPosition = (
  rows: CopyRows,
  { fix, report: { id, incoming }, quarantined }: PositionReported,
): void => {
  rows.row(16)
  rows.int(incoming.mmsi)
  rows.time(fix.time)
  rows.bigint(id)
  rows.double(fix.lat)
  rows.double(fix.lon)
  rows.real(fix.speed)
  rows.real(fix.course)
  rows.smallint(fix.heading)
  rows.smallint(fix.status)
  rows.ascii(incoming.source)
  rows.bool(quarantined)
  rows.smallint(incoming.type)
  rows.ascii(incoming.payload)
  rows.smallint(incoming.fillBits)
  rows.bool(incoming.ownTime)
  rows.time(incoming.arrival)
}

/** Fixes that a second one has agreed with are part of the track like any other. */
const releasePositions = async (sql: Sql, released: Effects['released']): Promise<void> => {
  if (released.length === 0) return
  const times = released.map(({ time }) => time)
  const [first, last] = boundsOf(times)
  await sql(
    `UPDATE position SET quarantined = false
     FROM unnest($1::int[], $2::timestamptz[], $3::bigint[]) AS each(mmsi, time, message_id)
     WHERE position.mmsi = each.mmsi AND position.time = each.time
       AND position.message_id = each.message_id AND position.time BETWEEN $4 AND $5`,
    [
      binaryArray.int(released.map(({ mmsi }) => mmsi)),
      binaryArray.time(times),
      binaryArray.bigint(released.map(({ messageId }) => messageId)),
      new Date(first),
      new Date(last),
    ],
  )
}
