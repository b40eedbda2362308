import { AsyncResource } from 'node:async_hooks'
import { type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import pg from 'pg'
import type { Logger } from '../logging/logger.ts'
import { tracer } from '../tracing/register.ts'
import { discardCancelled, statementDeadline, watchStatement } from './statement-deadline.ts'

export type PoolOptions = {
  url: string
  log: Logger
  /** Connections at most; default 10. */
  size?: number
  /** A statement is cut after this many milliseconds, or at its request's deadline; default 30,000. */
  statementTimeoutMs?: number
}

/**
 * A connection pool that outlives a restart of its server: a broken idle connection is logged and
 * replaced, and a request that finds no server within 3 s fails, to be answered 503.
 */
export const openPool = ({ url, log, size = 10, statementTimeoutMs = 30_000 }: PoolOptions) => {
  const pool = new ServicePool({
    connectionString: url,
    Client: ServiceClient,
    max: size,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    application_name: 'porttrack',
    // Disks have no arms any more: an index that finds a page of a list costs what it reads.
    options: '-c random_page_cost=1.1',
  })
  // Without a listener, node-postgres ends the process when an idle connection breaks.
  pool.on('error', (error) => log.warn({ err: error }, 'idle database connection lost'))
  discardCancelled(pool)
  return pool
}

/** Runs what waited for a connection for who asked, not for who gave the connection back. */
class ServicePool extends pg.Pool {
  override connect: pg.Pool['connect'] = ((callback?: (...given: unknown[]) => void) =>
    callback
      ? (super.connect as Query)(AsyncResource.bind(callback))
      : super.connect()) as pg.Pool['connect']
}

type Query = (...given: unknown[]) => unknown

/**
 * Makes one client span a statement, and has it cancelled at the deadline of the request that it is
 * for, wherever it comes from (Prisma's adapter or plain SQL).
 */
class ServiceClient extends pg.Client {
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
        callback(error, ...rest)
      }
      return plain.apply(this, [...given.slice(0, -1), reported])
    }
    const result = plain.apply(this, given)
    if (result instanceof Promise) result.then(() => ended(), ended)
    // A stream, such as COPY's: it ends by its own.
    else ended()
    return result
  }) as pg.Client['query']
}

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
