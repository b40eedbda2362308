import type { Fragment } from '@porttrack/ais/sentence'
import type { ZoneTransition } from '../zones/presence.ts'
import type { IncomingMessage } from './intake.ts'

/** Parts that wait for the rest of their message, as a sender's next request finds them. */
export type KeptPart = { readonly id: string; readonly part: Fragment }

/** What one sender hands over at once. */
export type Batch = {
  /** Who sends: parts of different senders are never joined. */
  readonly sender: string
  readonly messages: readonly IncomingMessage[]
  /** Parts to keep for the sender's next request. */
  readonly partsToKeep: readonly Fragment[]
  /** Kept parts that are of no use any more. */
  readonly partsToDrop: readonly string[]
  /** Its number, if another replica has handed it over. */
  readonly forwarded?: string
}

export type BatchOutcome = {
  readonly stored: number
  readonly duplicates: number
  /** Of those stored, the positions whose payload had come in the five minutes before. */
  readonly repeated: number
}

/** What several batches together have changed. */
export type GroupOutcome = {
  /** In the order of the batches. */
  readonly batches: readonly BatchOutcome[]
  readonly quarantined: number
  /** Stations that have been heard for the first time. */
  readonly newStations: number
  readonly zoneEvents: readonly { event: ZoneTransition['kind']; kind: string }[]
}

/** Someone else has written meanwhile: what was prepared is to be prepared again. */
export class MemoryOutdatedError extends Error {}

/** Seconds for which an equal payload is the same message: stations hear one transmission apart. */
export const bucketSeconds = 30

/** The stretch of 30 s that a time in milliseconds lies in. */
export const timeBucketOf = (time: number): number => Math.floor(time / 1_000 / bucketSeconds)
