import type { Database } from '@porttrack/shared/database/transaction'
import { pause } from '@porttrack/shared/service/pause'
import { v7 as uuid } from 'uuid'

/** A lease that is not renewed ends after this, by the database's clock; as a PostgreSQL interval. */
const duration = '6 seconds'

/** How often a lease is renewed, or asked for, in milliseconds. */
const interval = 2_000

/** Without an answer for this long the lease may be another's, in milliseconds. */
const patience = 5_000

/**
 * Lets one replica at a time hold a link. Should one stop without a word, another has the link some
 * seconds later. For an instant both may hold it, when the database was out of reach: the same message
 * from both is stored once.
 */
export const linkLease = (database: Database) => {
  const holder = uuid()

  /** @returns whether the lease is held */
  const claim = async (link: string): Promise<boolean> => {
    const rows = await database.sql(
      `INSERT INTO ais_link_lease AS lease (link, holder, expires_at)
       VALUES ($1, $2::uuid, now() + $3::interval)
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
          await renew(() => claim(link), held)
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
const renew = async (claim: () => Promise<boolean>, held: AbortSignal): Promise<void> => {
  let renewed = performance.now()
  while (!held.aborted) {
    await pause(interval, held)
    if (held.aborted) return
    try {
      if (!(await claim())) return
      renewed = performance.now()
    } catch {
      if (performance.now() - renewed > patience) return
    }
  }
}
