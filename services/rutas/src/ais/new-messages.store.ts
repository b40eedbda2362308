import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Sql } from '@porttrack/shared/database/transaction'
import { boundsOf } from '../tracks/track-day.ts'
import { type Batch, type BatchOutcome, bucketSeconds, timeBucketOf } from './batch.ts'
import { binaryArray } from './binary-rows.ts'
import type { IncomingMessage } from './intake.ts'
import type { KnownMessages } from './known-messages.ts'
import { HashSet, payloadHash } from './payload-hash.ts'

/** Payloads by stretch of 30 s, which is what makes two messages the same. */
class Payloads {
  readonly #buckets = new Map<number, Set<string>>()

  has({ time, payload }: IncomingMessage): boolean {
    return this.#buckets.get(timeBucketOf(time))?.has(payload) ?? false
  }

  /** @returns whether it was not there */
  add({ time, payload }: IncomingMessage): boolean {
    const bucket = timeBucketOf(time)
    let payloads = this.#buckets.get(bucket)
    if (!payloads) this.#buckets.set(bucket, (payloads = new Set()))
    const before = payloads.size
    return payloads.add(payload).size > before
  }
}

/** The messages of a group, as those behind it ask for them while it is on its way. */
export class GroupMessages {
  /** The stretches in which there is one. */
  readonly buckets: ReadonlySet<number>
  readonly batches: readonly Batch[]
  /** Of the payloads, in the order of the batches. */
  readonly hashes: Uint32Array

  constructor(batches: readonly Batch[]) {
    this.batches = batches
    const buckets = new Set<number>()
    let count = 0
    for (const { messages } of batches) {
      for (const { time } of messages) buckets.add(timeBucketOf(time))
      count += messages.length
    }
    this.buckets = buckets
    this.hashes = new Uint32Array(count)
  }

  /** The messages whose payload has one of these hashes. */
  *alike(hashes: HashSet): Generator<IncomingMessage> {
    let before = 0
    for (const { messages } of this.batches) {
      for (let n = 0; n < messages.length; n++) {
        const message = messages[n]
        if (message && hashes.has(this.hashes[before + n] ?? 0)) yield message
      }
      before += messages.length
    }
  }
}

/** What is known of messages without asking the database. */
type KnownBefore = {
  readonly messages: KnownMessages
  /** Groups that are prepared and not committed. */
  readonly underWay: ReadonlySet<GroupMessages>
}

type NewMessages = {
  readonly fresh: IncomingMessage[]
  /** In the order of the batches. */
  readonly outcomes: BatchOutcome[]
  /** Stretches of which the database has no message yet. */
  readonly begun: number[]
}

/**
 * The messages of a group that neither the database has nor a group on its way there, each once, in
 * their order, and what that makes of each batch. From then on they are known.
 */
export const newMessages = async (
  sql: Sql,
  group: GroupMessages,
  { messages: known, underWay }: KnownBefore,
): Promise<NewMessages> => {
  const unseen = [...group.buckets].filter((bucket) => !known.has(bucket))
  // As they are now: one that is committed while the database is asked would be in neither.
  const onTheWay = [...underWay]
  const used = await usedBuckets(sql, unseen)
  for (const bucket of unseen) {
    const empty = !used.has(bucket) && !onTheWay.some(({ buckets }) => buckets.has(bucket))
    known.begin(bucket, empty)
  }
  const doubtful: IncomingMessage[] = []
  const repeating = new Set<IncomingMessage>()
  let place = 0
  for (const { messages } of group.batches) {
    for (const message of messages) {
      const [bucket, hash] = [timeBucketOf(message.time), payloadHash(message.payload)]
      if (!known.isSurelyNew(bucket, hash)) doubtful.push(message)
      if (isSentOnce(message) && known.cameBefore(bucket, hash)) repeating.add(message)
      known.add(bucket, hash)
      group.hashes[place] = hash
      place += 1
    }
    await nextTurn()
  }
  const old = await oldAmong(sql, doubtful, { group, underWay })
  const fresh: IncomingMessage[] = []
  const outcomes = group.batches.map(({ messages }) => {
    const before = fresh.length
    let repeated = 0
    for (const message of messages) {
      if (old.has(message)) continue
      if (repeating.has(message)) repeated += 1
      fresh.push(message)
    }
    const stored = fresh.length - before
    return { stored, duplicates: messages.length - stored, repeated }
  })
  return { fresh, outcomes, begun: unseen.filter((bucket) => !used.has(bucket)) }
}

/** Remembers in the database that there is a message of these stretches. */
export const beginStretches = async (sql: Sql, buckets: readonly number[]): Promise<void> => {
  if (buckets.length === 0) return
  await sql('INSERT INTO ais_stretch SELECT unnest($1::int[]) ON CONFLICT DO NOTHING', [
    binaryArray.int(buckets),
  ])
}

/**
 * Whether a ship does not send the same again, as with a position: it carries the second and the state
 * of the radio. Static data are sent again and again.
 */
const isSentOnce = ({ type }: IncomingMessage): boolean => type <= 3 || type === 18

/** Those of doubtful messages that are not new. */
const oldAmong = async (
  sql: Sql,
  doubtful: readonly IncomingMessage[],
  { group, underWay }: { group: GroupMessages; underWay: ReadonlySet<GroupMessages> },
): Promise<Set<IncomingMessage>> => {
  const old = new Set<IncomingMessage>()
  if (doubtful.length === 0) return old
  const hashes = new HashSet()
  for (const { payload } of doubtful) hashes.add(payloadHash(payload))
  const onTheWay = new Payloads()
  for (const each of underWay) for (const message of each.alike(hashes)) onTheWay.add(message)
  // Each equal to one before it in the group.
  const repeated = new Set<IncomingMessage>()
  const before = new Payloads()
  for (const message of group.alike(hashes)) if (!before.add(message)) repeated.add(message)
  const toLookUp: IncomingMessage[] = []
  for (const message of doubtful) {
    if (repeated.has(message) || onTheWay.has(message)) old.add(message)
    else toLookUp.push(message)
  }
  for (const message of await storedAmong(sql, toLookUp)) old.add(message)
  return old
}

/** Those stretches of which the database has a message. */
const usedBuckets = async (sql: Sql, buckets: readonly number[]): Promise<Set<number>> => {
  if (buckets.length === 0) return new Set()
  // A former version has written messages only. The subquery looks into the index for each; a join
  // might read all of it.
  const rows = await sql<{ bucket: number; used: boolean | null }>(
    `SELECT bucket, EXISTS (SELECT FROM ais_stretch WHERE time_bucket = bucket)
                    OR (SELECT true FROM ais_message
                        WHERE time_bucket = bucket AND time_bucket BETWEEN $2 AND $3 LIMIT 1) AS used
     FROM unnest($1::int[]) AS bucket`,
    [binaryArray.int(buckets), ...boundsOf(buckets)],
  )
  return new Set(rows.flatMap(({ bucket, used }) => (used ? [bucket] : [])))
}

/** Milliseconds since 1970 of the beginning of a stretch. */
const startOf = (bucket: number): number => bucket * bucketSeconds * 1_000

/** Those messages that the database has: reports of positions in the track of their ship. */
const storedAmong = async (
  sql: Sql,
  messages: readonly IncomingMessage[],
): Promise<Set<IncomingMessage>> => {
  if (messages.length === 0) return new Set()
  const buckets = messages.map(({ time }) => timeBucketOf(time))
  const [first, last] = boundsOf(buckets)
  // The bounds, so that no day but theirs is looked into.
  const rows = await sql<{ place: number; known: boolean | null }>(
    `SELECT place::int - 1 AS place,
            coalesce(
              (SELECT true FROM position
               WHERE mmsi = each.mmsi AND payload = each.payload
                 AND time >= each.since AND time < each.since + interval '${bucketSeconds} seconds'
                 AND time BETWEEN $5 AND $6 LIMIT 1),
              (SELECT true FROM ais_message
               WHERE time_bucket = each.bucket AND payload = each.payload
                 AND time_bucket BETWEEN $7 AND $8)) AS known
     FROM unnest($1::int[], $2::int[], $3::timestamptz[], $4::text[])
       WITH ORDINALITY AS each(mmsi, bucket, since, payload, place)`,
    [
      binaryArray.int(messages.map(({ mmsi }) => mmsi)),
      binaryArray.int(buckets),
      binaryArray.time(buckets.map(startOf)),
      binaryArray.text(messages.map(({ payload }) => payload)),
      new Date(startOf(first)),
      new Date(startOf(last + 1)),
      first,
      last,
    ],
  )
  const stored = new Set<IncomingMessage>()
  for (const { place, known } of rows) {
    const message = messages[place]
    if (known && message) stored.add(message)
  }
  return stored
}
