import { LRUCache } from 'lru-cache'

/** Keys that a quota remembers at most; whoever has not been heard of for longest is forgotten. */
const mostKeys = 100_000

export type QuotaOptions = {
  /** What callers and metrics know it by. */
  name: string
  /** Requests that one key may make in a window. */
  requests: number
  /** Length of a window in milliseconds; one begins with a key's first request. */
  window: number
}

/** How a key stands after one more request. */
export type Standing = {
  /** False when the request is more than the quota holds; it does not count then. */
  allowed: boolean
  /** Requests that are left in the window. */
  remaining: number
  /** Milliseconds until the window ends. */
  endsIn: number
}

/** What one key has used of its window. */
type Usage = {
  used: number
  /** When the window ends, by the monotonic clock. */
  ends: number
  /** Requests among `used` that no other replica has been told of; negative for those taken back. */
  untold: number
}

/** Requests of one key that other replicas do not know of. */
export type Untold = { key: string; requests: number }

/**
 * Counts requests by key in windows of a fixed length. Counting takes no promise and no timer, and
 * memory is bounded: neither a flood nor a store that is away slows a request down.
 */
export class Quota {
  readonly name: string
  readonly requests: number
  readonly window: number
  readonly #usages = new LRUCache<string, Usage>({ max: mostKeys })
  readonly #clock: () => number
  #changed: Set<string> | null = null

  constructor({ name, requests, window }: QuotaOptions, clock = () => performance.now()) {
    this.name = name
    this.requests = requests
    this.window = window
    this.#clock = clock
  }

  /** Takes one request of `key` into account, unless its window has none left. */
  take(key: string): Standing {
    const now = this.#clock()
    let usage = this.#usages.get(key)
    if (usage === undefined) {
      usage = { used: 0, ends: now + this.window, untold: 0 }
      this.#usages.set(key, usage)
    } else if (usage.ends <= now) {
      usage.used = 0
      usage.ends = now + this.window
      usage.untold = 0
    }
    const allowed = usage.used < this.requests
    if (allowed) {
      usage.used += 1
      if (this.#changed !== null) {
        usage.untold += 1
        this.#changed.add(key)
      }
    }
    return {
      allowed,
      remaining: Math.max(0, this.requests - usage.used),
      endsIn: usage.ends - now,
    }
  }

  /** Takes back a request that was refused for another reason. */
  giveBack(key: string): void {
    const usage = this.#usages.peek(key)
    if (usage === undefined || usage.used === 0) return
    usage.used -= 1
    if (this.#changed === null) return
    usage.untold -= 1
    this.#changed.add(key)
  }

  /** Has requests collected from here on, for other replicas to be told of. */
  collect(): void {
    this.#changed ??= new Set()
  }

  /** What other replicas have not been told of, of at most `most` keys; it counts as told then. */
  untold(most: number): Untold[] {
    const now = this.#clock()
    const found: Untold[] = []
    for (const key of this.#changed ?? []) {
      if (found.length >= most) break
      this.#changed?.delete(key)
      const usage = this.#usages.peek(key)
      if (usage === undefined || usage.ends <= now || usage.untold === 0) continue
      found.push({ key, requests: usage.untold })
      usage.untold = 0
    }
    return found
  }

  /** Remembers what could not be told. */
  keep({ key, requests }: Untold): void {
    const usage = this.#usages.peek(key)
    if (usage === undefined || usage.ends <= this.#clock()) return
    usage.untold += requests
    this.#changed?.add(key)
  }

  /** Takes over what all replicas together have counted, and when the window that they share ends. */
  adopt(key: string, { used, endsIn }: { used: number; endsIn: number }): void {
    const usage = this.#usages.peek(key)
    if (usage === undefined) return
    usage.used = used + usage.untold
    usage.ends = this.#clock() + endsIn
  }
}
