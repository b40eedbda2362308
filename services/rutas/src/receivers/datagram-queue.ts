import type { Arrival } from '../ais/ingest.ts'

/** What a datagram takes beside its bytes, roughly. */
const overhead = 200

/** Bytes handed over at once, at most, when more than one datagram waits. */
const handful = 65_536

const newline = 10

/**
 * Datagrams on their way to ingest. Each is whole lines, so the last one is ended where it is not.
 *
 * @param room bytes that may wait
 */
export const createDatagramQueue = (room: number) => {
  let waiting: { bytes: Uint8Array; address: string }[] = []
  /** Place of the first that has not been handed over. */
  let first = 0
  let held = 0
  let ended = false
  let wake: (() => void) | null = null

  const takeHandful = (): Arrival => {
    const station = waiting[first]?.address ?? null
    const parts: Uint8Array[] = []
    let size = 0
    for (; first < waiting.length && size < handful; first += 1) {
      const { bytes, address } = waiting[first]!
      if (address !== station) break
      parts.push(bytes)
      if (bytes.at(-1) !== newline) parts.push(lineEnd)
      size += bytes.byteLength + 1
      held -= bytes.byteLength + overhead
    }
    if (first > 1_000 || first === waiting.length) {
      waiting = waiting.slice(first)
      first = 0
    }
    return { bytes: Buffer.concat(parts), station }
  }

  return {
    /** @returns whether there was room */
    push: (bytes: Uint8Array, address: string): boolean => {
      if (ended || held + bytes.byteLength + overhead > room) return false
      held += bytes.byteLength + overhead
      waiting.push({ bytes, address })
      wake?.()
      return true
    },
    /** Lets nothing more in; what waits is still handed over. */
    end: (): void => {
      ended = true
      wake?.()
    },
    next: async (): Promise<IteratorResult<Arrival, undefined>> => {
      while (first === waiting.length) {
        if (ended) return { done: true, value: undefined }
        await new Promise<void>((resolve) => (wake = resolve))
        wake = null
      }
      return { done: false, value: takeHandful() }
    },
  }
}

const lineEnd = Buffer.from('\n')
