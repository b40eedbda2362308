import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Database, Unit } from '../database/transaction.ts'
import { etagOf, requiredVersion } from './etag.ts'
import { write } from './idempotency.ts'

type Versioned = { version: number }
type Exchange<Tx> = { request: FastifyRequest; reply: FastifyReply; database: Database<Tx> }

/** Changes a resource that is at `version`, any where it is `*`, and gives it as it is then. */
type Work<Tx, R> = (unit: Unit<Tx>, version: number | '*') => Promise<R>

/**
 * Changes a resource by `write`, and answers with it and its new ETag. `If-Match` must name the version
 * that the change is meant for, so that nobody overwrites what they have not seen.
 *
 * @throws ProblemError as `requiredVersion` and `write` do
 */
export const change = async <Tx, R extends Versioned>(
  exchange: Exchange<Tx>,
  work: Work<Tx, R>,
): Promise<R> => changeAt(requiredVersion(exchange.request), exchange, work)

/**
 * Takes an action on a resource, as `change` does. `If-Match` may be left out, since the resource's
 * state says what can be done to it; where it is there, it counts.
 */
export const act = async <Tx, R extends Versioned>(
  exchange: Exchange<Tx>,
  work: Work<Tx, R>,
): Promise<R> => {
  const { request } = exchange
  const version = request.headers['if-match'] === undefined ? '*' : requiredVersion(request)
  return changeAt(version, exchange, work)
}

const changeAt = <Tx, R extends Versioned>(
  version: number | '*',
  exchange: Exchange<Tx>,
  work: Work<Tx, R>,
): Promise<R> =>
  write(exchange, async (unit) => {
    const resource = await work(unit, version)
    exchange.reply.header('etag', etagOf(resource.version))
    return resource
  })
