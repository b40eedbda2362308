import type { Fragment } from '@porttrack/ais/sentence'
import type { IncomingMessage } from './intake.ts'
import type { ZoneTransition } from '../zones/presence.ts'

/** Parts that wait for the rest of their message, as a sender's next request finds them. */
export type KeptPart = { readonly id: string; readonly part: Fragment }

/** What becomes durable at once. */
export type Batch = {
  /** Who sends: parts of different senders are never joined. */
  readonly sender: string
  readonly messages: readonly IncomingMessage[]
  /** Parts to keep for the sender's next request. */
  readonly partsToKeep: readonly Fragment[]
  /** Kept parts that are of no use any more. */
  readonly partsToDrop: readonly string[]
}

export type BatchOutcome = {
  stored: number
  duplicates: number
  quarantined: number
  zoneEvents: { event: ZoneTransition['kind']; kind: string }[]
}

/** Seconds for which an equal payload is the same message: stations hear one transmission apart. */
const bucketSeconds = 30

/** The stretch of 30 s that a time in milliseconds lies in. */
const timeBucketOf = (time: number): number => Math.floor(time / 1_000 / bucketSeconds)

/** The messages of a batch without those that it holds twice: the first of each stays. */
export const withoutRepeats = (
  messages: readonly IncomingMessage[],
): { bucket: number; incoming: IncomingMessage }[] => {
  const first = new Map<string, { bucket: number; incoming: IncomingMessage }>()
  for (const incoming of messages) {
    const bucket = timeBucketOf(incoming.time)
    const key = `${bucket} ${incoming.payload}`
    if (!first.has(key)) first.set(key, { bucket, incoming })
  }
  return [...first.values()]
}
