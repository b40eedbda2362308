import type { Logger } from '@porttrack/shared/logging/logger'
import type { Metrics } from '@porttrack/shared/metrics/define-metrics'
import type { Secret } from '@porttrack/shared/service/secret'
import type { Redis } from 'iovalkey'
import type { metrics } from './metrics.ts'
import type { Quota, Untold } from './quota.ts'

/** How often replicas tell each other what they have counted, in milliseconds. */
const interval = 250

/** Keys of one quota that are told at once; the others wait for the next time. */
const mostKeys = 2_000

/** The store has this long to answer, in milliseconds. */
const patience = 1_000

/**
 * Adds to a count and gives the sum and how long it lasts. The window begins with the first replica
 * that counts, and the store's clock alone says when it ends.
 */
const addition = `
local used = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[2])
  redis.call('PEXPIRE', KEYS[1], left)
end
return { used, left }`

type SharedCountsOptions = {
  quotas: readonly Quota[]
  log: Logger
  metrics: Pick<Metrics<typeof metrics>, 'rateLimitsShared'>
}

/**
 * Shares what this replica counts with the others, by a Valkey or Redis server. Requests never wait
 * for it: each replica decides by what it knows, and what the others counted comes in four times a
 * second. While the server is away, each replica counts for itself.
 */
export class SharedCounts {
  readonly #options: SharedCountsOptions
  readonly #url: Secret
  readonly #connect: (url: string) => Redis
  #connectedTo: string
  #client: Redis
  #timer: NodeJS.Timeout | undefined
  #telling: Promise<void> = Promise.resolve()
  #shared: boolean | null = null
  #closed = false

  private constructor(url: Secret, connect: (url: string) => Redis, options: SharedCountsOptions) {
    this.#url = url
    this.#connect = connect
    this.#connectedTo = url.current()
    this.#client = connect(this.#connectedTo)
    this.#options = options
    for (const quota of options.quotas) quota.collect()
    this.#next()
  }

  /**
   * Does not wait for the server to be there.
   *
   * @param url `redis://[[user]:password@]host[:port][/database]`, or `rediss:` for TLS; another
   *   connection is made when it changes
   */
  static async open(url: Secret, options: SharedCountsOptions): Promise<SharedCounts> {
    // Loaded only where there is a server to talk to.
    const { Redis } = await import('iovalkey')
    const connect = (to: string): Redis => {
      const client = new Redis(to, {
        connectTimeout: patience,
        commandTimeout: patience,
        // What cannot be told at once is counted on, and told in full when the server is back.
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
      })
      // Each failure shows in what is told; without a listener the client would print it.
      client.on('error', () => undefined)
      return client
    }
    return new SharedCounts(url, connect, options)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#telling
    this.#client.disconnect()
  }

  #next(): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#telling = this.#tell().finally(() => this.#next())
    }, interval)
    this.#timer.unref()
  }

  async #tell(): Promise<void> {
    this.#followUrl()
    const news = this.#options.quotas.flatMap((quota) =>
      quota.untold(mostKeys).map((untold) => ({ quota, untold })),
    )
    try {
      const pipeline = this.#client.pipeline()
      // Asked though there be no news, so that it is known whether the server is there.
      pipeline.ping()
      for (const { quota, untold } of news) {
        pipeline.eval(addition, 1, storedKey(quota, untold), untold.requests, quota.window)
      }
      const [pinged, ...sums] = (await pipeline.exec()) ?? []
      if (!pinged || pinged[0]) throw pinged?.[0] ?? new Error('the server did not answer')
      let failed: Error | null = null
      for (const [index, { quota, untold }] of news.entries()) {
        const [error, sum] = sums[index] ?? []
        if (error || !isSum(sum)) {
          failed = error ?? new Error('the server answered something else')
          quota.keep(untold)
        } else quota.adopt(untold.key, { used: sum[0], endsIn: sum[1] })
      }
      this.#say(failed === null, failed)
    } catch (error) {
      for (const { quota, untold } of news) quota.keep(untold)
      // Answers to what was sent are waited for no longer, or what waits for them would pile up.
      if (this.#client.status === 'ready' && !this.#closed) this.#client.disconnect(true)
      this.#say(false, error)
    }
  }

  #followUrl(): void {
    const url = this.#url.current()
    if (url === this.#connectedTo) return
    this.#connectedTo = url
    this.#client.disconnect()
    this.#client = this.#connect(url)
  }

  /** One line when it changes, not one each time. */
  #say(shared: boolean, error: unknown): void {
    if (shared === this.#shared) return
    this.#shared = shared
    this.#options.metrics.rateLimitsShared.set(shared ? 1 : 0)
    if (shared) this.#options.log.info('rate limits are shared with the other replicas')
    else {
      const note = 'rate limits are not shared, each replica limits by itself'
      this.#options.log.warn({ err: error }, note)
    }
  }
}

const storedKey = ({ name }: Quota, { key }: Untold): string => `porttrack:rate:${name}:${key}`

const isSum = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((each) => Number.isInteger(each))
