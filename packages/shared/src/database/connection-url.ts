import pg from 'pg'
import type { Logger } from '../logging/logger.ts'
import { type Secret, secretSetting } from '../service/secret.ts'

/** Declares the URL of a database, which holds its user and password, among a service's settings. */
export const databaseUrlSetting = (description: string) =>
  secretSetting({ description, pattern: '^postgres(?:ql)?://.+' })

/** PostgreSQL's codes for a login that is refused (Appendix A, class 28). */
const refusals = new Set(['28000', '28P01'])

/** Whether the server does not accept the password, or the user. */
export const isLoginRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && refusals.has(String(error.code))

/** A new URL is tried no more often than this, in milliseconds. */
const trialInterval = 250

/** A trial that takes longer has failed, in milliseconds. */
const trialTimeout = 3_000

/**
 * The URL that connections are opened with. A new one is first tried on a connection of its own and
 * used from when the server has let it in: so a password may be changed at the server or in the
 * secret first, and a URL that is wrong does no harm while the one before still works.
 */
export class ConnectionUrl {
  readonly #secret: Secret
  readonly #log: Logger
  #inUse: string
  #generation = 0
  #trial: Promise<void> | null = null
  #triedAt = Number.NEGATIVE_INFINITY
  /** The URL that a refusal was told of. */
  #refused: string | null = null

  constructor(secret: Secret, log: Logger) {
    this.#secret = secret
    this.#log = log
    this.#inUse = secret.current()
  }

  get inUse(): string {
    return this.#inUse
  }

  /** How often another URL has come into use. */
  get generation(): number {
    return this.#generation
  }

  /** Begins the trial of a new URL if there is one; cheap when there is none. */
  look(): void {
    const wanted = this.#secret.current()
    if (wanted === this.#inUse || this.#trial !== null) return
    const now = performance.now()
    if (now - this.#triedAt < trialInterval) return
    this.#triedAt = now
    this.#trial = this.#try(wanted).finally(() => {
      this.#trial = null
    })
  }

  async #try(wanted: string): Promise<void> {
    try {
      const client = new pg.Client({
        connectionString: wanted,
        connectionTimeoutMillis: trialTimeout,
        application_name: 'porttrack',
      })
      // A connection that breaks while it is closed has served its purpose.
      client.on('error', () => undefined)
      await client.connect()
      void client.end().catch(() => undefined)
      this.#inUse = wanted
      this.#generation += 1
      this.#refused = null
      this.#log.info('new connections to the database use the new secret')
    } catch (error) {
      if (this.#refused === wanted) return
      this.#refused = wanted
      this.#log.warn(
        { err: error },
        'the new secret of the database is not accepted yet, the one before stays in use',
      )
    }
  }
}
