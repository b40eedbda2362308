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

/** A payload's hash, from 1 to 2³² − 1: FNV-1a over the characters, of which each has one byte. */
export const payloadHash = (text: string): number => {
  let hash = 0x811c9dc5
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193)
  // Its low bits, which choose the place, have seen less of the text than the high ones.
  hash ^= hash >>> 15
  return hash >>> 0 || 1
}

/** Whole numbers from 1 to 2³² − 1, in 8 to 16 bytes each. */
class HashSet {
  /** 0 where nothing is. */
  #slots = new Uint32Array(64)
  size = 0

  has(hash: number): boolean {
    return this.#slots[this.#placeOf(hash)] === hash
  }

  /** @returns whether it was not there */
  add(hash: number): boolean {
    const place = this.#placeOf(hash)
    if (this.#slots[place] === hash) return false
    this.#slots[place] = hash
    this.size += 1
    if (this.size * 2 > this.#slots.length) this.#grow()
    return true
  }

  /** Where a hash is, or would be. */
  #placeOf(hash: number): number {
    const last = this.#slots.length - 1
    let place = hash & last
    for (let found = this.#slots[place]; found !== 0 && found !== hash;) {
      place = (place + 1) & last
      found = this.#slots[place]
    }
    return place
  }

  #grow(): void {
    const former = this.#slots
    this.#slots = new Uint32Array(former.length * 2)
    for (const hash of former) if (hash !== 0) this.#slots[this.#placeOf(hash)] = hash
  }
}
