import type { LiveChange, LiveCursor } from './live-change.ts'

/** How often the database is asked for changes while anyone listens, in milliseconds. */
const lookInterval = 200

/** Changes read at once, at most. */
const pageSize = 10

type Source = {
  /** The changes that follow, in order; null when they are not all kept. */
  after: (cursor: LiveCursor, limit: number) => Promise<LiveChange[] | null>
}

/** Someone who listens. */
export type Listener = {
  /** Takes a change, without waiting. @returns false when there is no room for it now */
  take: (change: LiveChange) => boolean
  /** Resolves when there is room again, or the listener has gone. */
  room: () => Promise<void>
  gone: AbortSignal
}

/**
 * Tells any number of listeners what batches of AIS have changed, at the price of one query an
 * interval for all that keep up, and of none while nobody listens. Batches of every replica come by
 * the database, in the order of their commits. What a listener has no room for is read for it again,
 * once it has.
 */
export const createLiveHub = (source: Source) => {
  const listeners = new Set<(change: LiveChange | null) => void>()
  let position: LiveCursor = { last: 0n, written: 0 }
  let timer: NodeJS.Timeout | undefined

  const look = async (): Promise<void> => {
    try {
      for (let full = true; full && listeners.size > 0;) {
        const from = position
        const changes = await source.after(from, pageSize)
        full = changes?.length === pageSize
        // Begun anew meanwhile, for a listener that stands elsewhere.
        if (position !== from) continue
        if (changes === null) for (const tell of listeners) tell(null)
        for (const change of changes ?? []) {
          position = change.cursor
          for (const tell of listeners) tell(change)
        }
      }
    } catch {
      // Listeners hear nothing while the database is away, and all of it afterwards.
    }
    timer = listeners.size > 0 ? setTimeout(() => void look(), lookInterval) : undefined
  }

  /**
   * Joins those that are told at once, until there is no room or the listener has gone.
   *
   * @returns false when what follows is not all kept, at least for some of them
   */
  const keepUp = (tell: (change: LiveChange) => boolean, gone: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const leave = (isKept = true): void => {
        listeners.delete(listen)
        gone.removeEventListener('abort', onGone)
        resolve(isKept)
      }
      const onGone = (): void => leave()
      const listen = (change: LiveChange | null): void => {
        if (change === null) leave(false)
        else if (!tell(change)) leave()
      }
      listeners.add(listen)
      gone.addEventListener('abort', onGone)
      if (gone.aborted) leave()
      else timer ??= setTimeout(() => void look(), 0)
    })

  return {
    /**
     * Tells a listener everything that follows `cursor`, until it has gone.
     *
     * @returns false when what follows is not all kept
     */
    follow: async (cursor: LiveCursor, { take, room, gone }: Listener): Promise<boolean> => {
      let at = cursor
      let isKept = true
      const tell = (change: LiveChange): boolean => {
        if (change.cursor.last <= at.last) return true
        if (!take(change)) return false
        at = change.cursor
        return true
      }
      while (!gone.aborted) {
        if (listeners.size === 0) position = { ...at }
        if (isKept && at.last >= position.last) isKept = await keepUp(tell, gone)
        else {
          const changes = await source.after(at, pageSize)
          if (changes === null) return false
          isKept = true
          for (const change of changes) if (!tell(change)) break
        }
        await room()
      }
      return true
    },
  }
}

export type LiveHub = ReturnType<typeof createLiveHub>
