/** A payload's hash, from 1 to 2³² − 1: FNV-1a over the characters, of which each has one byte. */
export const payloadHash = (text: string): number => {
  let hash = 0x811c9dc5
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193)
  // Its low bits, which choose the place, have seen less of the text than the high ones.
  hash ^= hash >>> 15
  return hash >>> 0 || 1
}

/** Whole numbers from 1 to 2³² − 1, in 8 to 16 bytes each. */
export class HashSet {
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
