import type { RejectionReason } from './rejection.ts'
import type { Fragment } from './sentence.ts'

/** A payload with all its fragments joined. */
export interface AssembledMessage {
  /** Of the first fragment received. */
  readonly lineNumber: number
  readonly payload: string
  readonly fillBits: number
  readonly own: boolean
  readonly channel: string | null
  readonly source: string | null
  /** Milliseconds since 1970; of the first fragment received that has one. */
  readonly time: number | null
}

/** Fragments given up. */
export interface DroppedMessage {
  /** Of the first fragment received. */
  readonly lineNumber: number
  readonly reason: Extract<
    RejectionReason,
    'incomplete-message' | 'too-many-pending' | 'oversized-message'
  >
}

export interface Assembly {
  readonly message: AssembledMessage | null
  readonly dropped: readonly DroppedMessage[]
}

export interface AssemblerOptions {
  /** Milliseconds that a message may wait for its other fragments. Default 10,000. */
  readonly timeoutMs?: number
  /** Messages that may be incomplete at once; the oldest makes room. Default 1,000. */
  readonly maxPending?: number
}

export interface Assembler {
  readonly pendingCount: number
  /**
   * Takes the next fragment. `nowMs` is the caller's clock in milliseconds; only differences
   * matter. Fragments of one message may come in any order, and other messages between them.
   */
  add(fragment: Fragment, nowMs: number): Assembly
  /** Gives up the messages that have waited longer than the timeout. */
  expire(nowMs: number): DroppedMessage[]
  /** Gives up all that is incomplete, at the end of the input. */
  clear(): DroppedMessage[]
  /**
   * The fragments that wait, those of the oldest message first. Given to `add` of another assembler,
   * they wait there: an input that goes on elsewhere loses nothing.
   */
  waiting(): Fragment[]
}

interface Pending {
  readonly key: string
  readonly groupKey: string | null
  readonly since: number
  readonly lineNumber: number
  readonly own: boolean
  readonly channel: string | null
  readonly source: string | null
  time: number | null
  /** By fragment number less one; null until the fragment comes. */
  readonly payloads: (string | null)[]
  /** In the order received. */
  readonly fragments: Fragment[]
  missing: number
  characters: number
  fillBits: number
}

/**
 * Longest payload kept, in characters. Five slots, the most that a message takes, carry 1,064 bits
 * at most (ITU-R M.1371-5, message 26), which is 178 characters.
 */
const MAX_PAYLOAD_LENGTH = 256

const NONE: readonly DroppedMessage[] = Object.freeze([])

/**
 * Joins the fragments of multipart messages by sequence id, channel and source. In a TAG block
 * group only the first sentence need name the source: the group's id then stands for it.
 *
 * Memory is bounded by `maxPending` payloads of at most 256 characters, whatever arrives.
 */
export function createAssembler(options: AssemblerOptions = {}): Assembler {
  const { timeoutMs = 10_000, maxPending = 1000 } = options
  // Both maps keep the order of insertion, so the oldest entry is always the first.
  const pending = new Map<string, Pending>()
  const keyByGroup = new Map<string, string>()

  function remove(entry: Pending): void {
    pending.delete(entry.key)
    if (entry.groupKey !== null && keyByGroup.get(entry.groupKey) === entry.key) {
      keyByGroup.delete(entry.groupKey)
    }
  }

  function drop(entry: Pending, reason: DroppedMessage['reason']): DroppedMessage {
    remove(entry)
    return { lineNumber: entry.lineNumber, reason }
  }

  function expire(nowMs: number): DroppedMessage[] {
    const dropped: DroppedMessage[] = []
    for (const entry of pending.values()) {
      if (nowMs - entry.since <= timeoutMs) break
      dropped.push(drop(entry, 'incomplete-message'))
    }
    return dropped
  }

  function keyOf(fragment: Fragment, groupKey: string | null): string {
    const known = groupKey === null ? undefined : keyByGroup.get(groupKey)
    if (fragment.source === null && known !== undefined) return known
    const own = fragment.own ? 'O' : 'M'
    return `${own}${fragment.sequenceId ?? '-'}${fragment.channel ?? '-'}${fragment.source ?? ''}`
  }

  function belongs(fragment: Fragment, entry: Pending): boolean {
    if (fragment.total !== entry.payloads.length) return false
    const known = entry.payloads[fragment.number - 1] ?? null
    if (known !== null && known !== fragment.payload) return false
    // In a replay the caller's clock stands almost still; the times in the log do not.
    const { time } = entry
    return time === null || fragment.time === null || Math.abs(fragment.time - time) <= timeoutMs
  }

  function open(fragment: Fragment, keys: Pick<Pending, 'key' | 'groupKey'>, nowMs: number) {
    const entry: Pending = {
      ...keys,
      since: nowMs,
      lineNumber: fragment.lineNumber,
      own: fragment.own,
      channel: fragment.channel,
      source: fragment.source === null ? null : detach(fragment.source),
      time: null,
      payloads: new Array<string | null>(fragment.total).fill(null),
      fragments: [],
      missing: fragment.total,
      characters: 0,
      fillBits: 0,
    }
    pending.set(keys.key, entry)
    if (keys.groupKey !== null) keyByGroup.set(keys.groupKey, keys.key)
    return entry
  }

  function addPart(fragment: Fragment, nowMs: number): Assembly {
    const dropped = expire(nowMs)
    const { groupId, sequenceId, channel } = fragment
    const groupKey = groupId === null ? null : `${groupId}/${sequenceId ?? '-'}${channel ?? '-'}`
    const key = keyOf(fragment, groupKey)

    let entry = pending.get(key)
    if (entry !== undefined && !belongs(fragment, entry)) {
      dropped.push(drop(entry, 'incomplete-message'))
      entry = undefined
    }
    if (entry === undefined) {
      if (pending.size >= maxPending) {
        const [oldest] = pending.values()
        if (oldest !== undefined) dropped.push(drop(oldest, 'too-many-pending'))
      }
      entry = open(fragment, { key, groupKey }, nowMs)
    }

    const index = fragment.number - 1
    if (entry.payloads[index] === null) {
      const payload = detach(fragment.payload)
      entry.payloads[index] = payload
      entry.fragments.push({
        ...fragment,
        payload,
        talker: detach(fragment.talker),
        source: entry.source,
        groupId: groupId === null ? null : detach(groupId),
      })
      entry.missing--
      entry.characters += fragment.payload.length
      entry.time ??= fragment.time
      if (fragment.number === fragment.total) entry.fillBits = fragment.fillBits
    }
    if (entry.characters > MAX_PAYLOAD_LENGTH) {
      dropped.push(drop(entry, 'oversized-message'))
      return { message: null, dropped }
    }
    if (entry.missing > 0) return { message: null, dropped }
    remove(entry)
    return { message: join(entry), dropped }
  }

  return {
    get pendingCount() {
      return pending.size
    },
    add(fragment, nowMs) {
      return fragment.total === 1 ? { message: fragment, dropped: NONE } : addPart(fragment, nowMs)
    },
    expire,
    clear() {
      const dropped: DroppedMessage[] = []
      for (const entry of pending.values()) dropped.push(drop(entry, 'incomplete-message'))
      return dropped
    },
    waiting() {
      return [...pending.values()].flatMap(({ fragments }) => fragments)
    },
  }
}

function join(entry: Pending): AssembledMessage {
  const { lineNumber, fillBits, own, channel, source, time } = entry
  return { lineNumber, payload: entry.payloads.join(''), fillBits, own, channel, source, time }
}

/** Copies a string that may be a window on a longer one, which it would keep in memory. */
function detach(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
