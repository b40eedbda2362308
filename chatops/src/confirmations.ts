import { randomInt } from 'node:crypto'

/** How long a code is good for, in milliseconds. */
const lifetime = 120_000

/** Wrong guesses after which a code is good no more. */
const guesses = 3

type Pending = { code: string; until: number; left: number; act: () => Promise<void> }

const keyOf = ({ user, room }: { user: string; room: string }): string => `${user} ${room}`

/**
 * Codes without which nothing reaches production: each good for two minutes, once, for the person who
 * was given it in the room where they were.
 *
 * @param now milliseconds that only grow, whatever the clock does
 */
export const createConfirmations = (now: () => number = () => performance.now()) => {
  const pending = new Map<string, Pending>()
  return {
    /** Keeps what is to be done until it is confirmed; what the same person asked before is dropped. */
    ask: (who: { user: string; room: string }, act: () => Promise<void>): string => {
      const code = String(randomInt(1_000_000)).padStart(6, '0')
      pending.set(keyOf(who), { code, until: now() + lifetime, left: guesses, act })
      return code
    },
    /** What was to be done; null when there is nothing, it is too late, or the code is another. */
    take: (who: { user: string; room: string }, code: string): (() => Promise<void>) | null => {
      const found = pending.get(keyOf(who))
      if (!found) return null
      if (found.until < now()) {
        pending.delete(keyOf(who))
        return null
      }
      if (found.code !== code) {
        found.left -= 1
        if (found.left === 0) pending.delete(keyOf(who))
        return null
      }
      pending.delete(keyOf(who))
      return found.act
    },
  }
}

export type Confirmations = ReturnType<typeof createConfirmations>
