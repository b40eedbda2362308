import type { Database } from '@porttrack/shared/database/transaction'
import { pause } from '@porttrack/shared/service/pause'
import { v7 as uuid } from 'uuid'

/**
 * Milliseconds after which a lease ends that is not renewed, by the database's clock. It is renewed,
 * or asked for, three times as often.
 */
const usualDuration = 6_000

/**
 * Lets one replica at a time hold a link. Should one stop without a word, another has the link some
 * seconds later. For an instant both may hold it, when the database was out of reach: the same message
 * from both is stored once.
 */
export const linkLease = (database: Database, duration = usualDuration) => {
  const holder = uuid()
  const interval = duration / 3

  /** @returns whether the lease is held */
  const claim = async (link: string): Promise<boolean> => {
    const rows = await database.sql(
      `INSERT INTO ais_link_lease AS lease (link, holder, expires_at)
       VALUES ($1, $2::uuid, now() + $3 * interval '1 millisecond')
       ON CONFLICT (link) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
       WHERE lease.holder = excluded.holder OR lease.expires_at < now()
       RETURNING 1 AS held`,
      [link, holder, duration],
    )
    return rows.length > 0
  }
  const release = async (link: string): Promise<void> => {
    await database.sql('DELETE FROM ais_link_lease WHERE link = $1 AND holder = $2::uuid', [
      link,
      holder,
    ])
  }

  return {
    /** Whether another replica holds a link. */
    heldElsewhere: async (link: string): Promise<boolean> => {
      const rows = await database.sql(
        `SELECT 1 AS held FROM ais_link_lease
         WHERE link = $1 AND holder <> $2::uuid AND expires_at > now()`,
        [link, holder],
      )
      return rows.length > 0
    },

    /** Does `work` whenever the lease is held, until `signal`; the signal it gets ends with the lease. */
    whileHeld: async (
      link: string,
      signal: AbortSignal,
      work: (held: AbortSignal) => Promise<void>,
    ): Promise<void> => {
      while (!signal.aborted) {
        if (!(await claim(link))) {
          await pause(interval, signal)
          continue
        }
        const lost = new AbortController()
        const held = AbortSignal.any([signal, lost.signal])
        const done = work(held).finally(() => lost.abort())
        try {
          await renew(() => claim(link), { interval, held })
        } finally {
          lost.abort()
          await done
          await release(link).catch(() => undefined)
        }
      }
    },
  }
}

export type LinkLease = ReturnType<typeof linkLease>

/** Renews until the lease is lost or `held` ends. */
const renew = async (
  claim: () => Promise<boolean>,
  { interval, held }: { interval: number; held: AbortSignal },
): Promise<void> => {
  let renewed = performance.now()
  while (!held.aborted) {
    await pause(interval, held)
    if (held.aborted) return
    try {
      if (!(await claim())) return
      renewed = performance.now()
    } catch {
      // Without an answer for longer it may be another's.
      if (performance.now() - renewed > 2.5 * interval) return
    }
  }
}
