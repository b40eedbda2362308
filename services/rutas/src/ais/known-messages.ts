import { HashSet } from './payload-hash.ts'

/** Stretches of 30 s that are remembered, at most. */
const mostBuckets = 8_192

/**
 * Which messages the database has, as far as can be told without asking it: by a hash of 32 bits for
 * each message of the stretches that have been written from their beginning. It errs in one direction
 * only: what is `surely` new is new; all else is to be looked up.
 */
export class KnownMessages {
  /** The oldest first; null for a stretch of which not every message is known. */
  readonly #buckets = new Map<number, HashSet | null>()
  readonly #most: number
  #count = 0

  /** @param most messages that are remembered, at most */
  constructor(most: number) {
    this.#most = most
  }

  /** Messages that are remembered. */
  get size(): number {
    return this.#count
  }

  /** Whether anything is known of a stretch. */
  has(bucket: number): boolean {
    return this.#buckets.has(bucket)
  }

  /** Begins with a stretch; `empty` when the database has no message of it. */
  begin(bucket: number, empty: boolean): void {
    this.#buckets.set(bucket, empty ? new HashSet() : null)
    if (this.#buckets.size > mostBuckets) this.#forgetOldest()
  }

  isSurelyNew(bucket: number, hash: number): boolean {
    const hashes = this.#buckets.get(bucket)
    return hashes !== undefined && hashes !== null && !hashes.has(hash)
  }

  /** Whether an equal payload has come in the five minutes before, as far as is known. */
  cameBefore(bucket: number, hash: number): boolean {
    for (let earlier = bucket - 10; earlier < bucket; earlier++) {
      if (this.#buckets.get(earlier)?.has(hash)) return true
    }
    return false
  }

  add(bucket: number, hash: number): void {
    if (!this.#buckets.get(bucket)?.add(hash)) return
    this.#count += 1
    if (this.#count > this.#most) this.#forgetOldest()
  }

  #forgetOldest(): void {
    for (const [bucket, hashes] of this.#buckets) {
      this.#buckets.delete(bucket)
      this.#count -= hashes?.size ?? 0
      return
    }
  }
}
