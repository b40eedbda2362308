import { AsyncResource } from 'node:async_hooks'
import { type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import pg from 'pg'
import type { Logger } from '../logging/logger.ts'
import type { Secret } from '../service/secret.ts'
import { tracer } from '../tracing/register.ts'
import { ConnectionUrl, isLoginRefused } from './connection-url.ts'
import { inOwnTurn } from './own-turn.ts'
import { discardCancelled, statementDeadline, watchStatement } from './statement-deadline.ts'

export type PoolOptions = {
  /** Connections opened after it has changed use the new one. */
  url: Secret
  log: Logger
  /** Connections at most; default 10. */
  size?: number
  /** A statement is cut after this many milliseconds, or at its request's deadline; default 30,000. */
  statementTimeoutMs?: number
}

/** How long a request waits for a password that the server accepts, in milliseconds. */
const loginPatience = 5_000

/** Milliseconds between two attempts of one request to log in. */
const loginPause = 250

/**
 * A connection pool that outlives a restart of its server and a change of its password: a broken idle
 * connection is logged and replaced, one of a password that has been replaced is not used again, and
 * a request that finds no server within 3 s, or no accepted password within 5 s, fails, to be
 * answered 503.
 */
export const openPool = ({ url, log, size = 10, statementTimeoutMs = 30_000 }: PoolOptions) => {
  const connectionUrl = new ConnectionUrl(url, log)
  const pool = new ServicePool(connectionUrl, {
    // One class for each pool, since node-postgres makes clients of the options alone.
    Client: class extends ServiceClient {
      constructor(given: pg.ClientConfig = {}) {
        super({ ...given, connectionString: connectionUrl.inUse }, connectionUrl.generation)
      }
    },
    max: size,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    // Temporary tables are not frozen while their session lasts, and hold up the whole server at last.
    maxLifetimeSeconds: 3_600,
    statement_timeout: statementTimeoutMs,
    application_name: 'porttrack',
    // Disks have no arms any more: an index that finds a page of a list costs what it reads.
    options: '-c random_page_cost=1.1',
  })
  // Without a listener, node-postgres ends the process when an idle connection breaks.
  pool.on('error', (error) => log.warn({ err: error }, 'idle database connection lost'))
  // While a connection passes from one user to the next nobody listens to it, and a message that came
  // together with the end of the statement before would end the process too. Its user's next statement
  // fails, and the pool takes it out.
  pool.on('connect', (client) => client.on('error', () => undefined))
  discardCancelled(pool)
  return pool
}

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  release: (broken?: Error | boolean) => void,
) => void

/** Hands out connections of the URL in use, and lets go of those of a former one. */
class ServicePool extends pg.Pool {
  readonly #url: ConnectionUrl

  constructor(url: ConnectionUrl, config: pg.PoolConfig) {
    super(config)
    this.#url = url
  }

  override connect: pg.Pool['connect'] = ((callback?: Connected) => {
    if (callback) return this.#take(callback)
    return new Promise((resolve, reject) => {
      this.#take((error, client) => {
        if (client) resolve(client)
        else reject(error)
      })
    })
  }) as pg.Pool['connect']

  #take(callback: Connected): void {
    const asked = performance.now()
    const attempt = (): void => {
      this.#url.look()
      super.connect(given)
    }
    // What waited for a connection runs for who asked, not for who gave the connection back.
    const given: Connected = AsyncResource.bind(((error, client, release) => {
      if (client) {
        if ((client as unknown as ServiceClient).generation === this.#url.generation) {
          return callback(undefined, client, release)
        }
        release(true)
        return attempt()
      }
      if (isLoginRefused(error) && performance.now() - asked < loginPatience) {
        setTimeout(attempt, loginPause)
        return
      }
      callback(error, undefined, release)
    }) satisfies Connected)
    attempt()
  }
}

type Query = (...given: unknown[]) => unknown

/**
 * Makes one client span a statement, and has it cancelled at the deadline of the request that it is
 * for, wherever it comes from (Prisma's adapter or plain SQL).
 */
class ServiceClient extends pg.Client {
  /** Which of the pool's URLs it was opened with. */
  readonly generation: number

  constructor(given: pg.ClientConfig, generation: number) {
    super(given)
    this.generation = generation
  }

  // node-postgres overloads `query` in six ways; all of them pass through unchanged.
  override query: pg.Client['query'] = ((...given: unknown[]) => {
    const plain: Query = (...all) => (super.query as Query)(...all)
    const text = statementText(given[0])
    let deadline: number | null
    try {
      deadline = statementDeadline(text)
    } catch (error) {
      return failed(given, error)
    }
    const span = startSpan(this, text)
    if (deadline === null && span === null) return plain.apply(this, given)
    const unwatch = deadline === null ? null : watchStatement(this, deadline)
    const ended = (error?: unknown) => {
      unwatch?.()
      if (error) span?.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
      span?.end()
    }
    const callback = given.at(-1)
    if (typeof callback === 'function') {
      // A pool's own `query` comes this way.
      const reported = (error: unknown, ...rest: unknown[]) => {
        ended(error)
        inOwnTurn(() => callback(error, ...rest))
      }
      return plain.apply(this, [...given.slice(0, -1), reported])
    }
    const result = plain.apply(this, given)
    if (result instanceof Promise) {
      result.then(() => ended(), ended)
      return result.then(inTurn)
    }
    // A stream, such as COPY's: it ends by its own.
    ended()
    return result
  }) as pg.Client['query']
}

const inTurn = <T>(answer: T): Promise<T> =>
  new Promise((resolve) => inOwnTurn(() => resolve(answer)))

/** Null where the trace is not recorded. */
const startSpan = (client: pg.Client, text: string): Span | null => {
  if (!trace.getActiveSpan()?.isRecording()) return null
  const operation = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'QUERY'
  return tracer().startSpan(operation, {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': client.database ?? '',
      'db.operation.name': operation,
      'db.query.text': text.slice(0, 2_000),
    },
  })
}

/** Fails a call of `query` in the way that its caller listens for. */
const failed = (given: readonly unknown[], error: unknown): Promise<never> | undefined => {
  const callback = given.at(-1)
  if (typeof callback !== 'function') return Promise.reject(error)
  process.nextTick(callback, error)
  return undefined
}

const statementText = (given: unknown): string => {
  if (typeof given === 'string') return given
  if (given !== null && typeof given === 'object' && 'text' in given) return String(given.text)
  return ''
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'failed')
