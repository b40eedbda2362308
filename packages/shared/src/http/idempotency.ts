import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../auth/caller.ts'
import type { Database, Sql, Unit } from '../database/transaction.ts'
import { kitErrors } from './errors.ts'
import { ProblemError } from './problem.ts'

const printable = /^[\x21-\x7e]{1,255}$/

/** Headers of an answer that are given again when it is replayed. */
const replayedHeaders = ['location', 'etag'] as const

/** How long an answer is kept, as a PostgreSQL interval. */
export const answerRetention = '24 hours'

/**
 * Carries out a change in one transaction and answers with what `work` returns. With an
 * `Idempotency-Key`, the claim of the key, the change and the kept answer are that one transaction,
 * so that a repeated request gets the first one's answer, whatever was killed in between. A refused
 * change keeps nothing and may be tried again.
 *
 * @throws ProblemError 409 while the first request still runs, 422 when the key came with another
 *   request, 400 when it is no printable ASCII of 1 to 255 characters
 */
export const write = async <Tx, T>(
  {
    request,
    reply,
    database,
  }: {
    request: FastifyRequest
    reply: FastifyReply
    database: Database<Tx>
  },
  work: (unit: Unit<Tx>) => Promise<T>,
): Promise<T> => {
  const key = keyOf(request)
  if (key === null) return database.transaction(work)
  const claim = {
    caller: callerKey(request.caller),
    key,
    hash: createHash('sha256')
      .update(JSON.stringify([request.method, request.url, request.body ?? null]))
      .digest('hex'),
  }
  return database.transaction(async (unit) => {
    const kept = await recall(unit.sql, claim)
    if (kept) {
      reply.code(kept.status).headers(kept.headers).header('idempotency-replayed', 'true')
      return kept.body as T
    }
    const body = await work(unit)
    const headers = Object.fromEntries(
      replayedHeaders.flatMap((name) => {
        const value = reply.getHeader(name)
        return value === undefined ? [] : [[name, String(value)]]
      }),
    )
    await unit.sql(
      `INSERT INTO kit.idempotent_answer (caller, key, request_hash, status, headers, body)
       VALUES ($1, $2, $3, $4::smallint, $5::jsonb, $6::jsonb)
       ON CONFLICT (caller, key) DO UPDATE
         SET request_hash = excluded.request_hash, status = excluded.status,
             headers = excluded.headers, body = excluded.body, created_at = now()`,
      [
        claim.caller,
        claim.key,
        claim.hash,
        reply.statusCode,
        JSON.stringify(headers),
        body === undefined ? null : JSON.stringify(body),
      ],
    )
    return body
  })
}

const keyOf = (request: FastifyRequest): string | null => {
  const header = request.headers['idempotency-key']
  if (header === undefined) return null
  if (typeof header !== 'string' || !printable.test(header)) {
    throw new ProblemError(kitErrors.VALIDATION_FAILED, {
      errors: [
        {
          pointer: 'header:idempotency-key',
          detail: {
            en: 'must be 1 to 255 printable ASCII characters',
            es: 'debe tener de 1 a 255 caracteres ASCII imprimibles',
          },
        },
      ],
    })
  }
  return header
}

const callerKey = ({ kind, subject }: Caller): string => `${kind}:${subject}`

type Claim = { caller: string; key: string; hash: string }
type Kept = { request_hash: string; status: number; headers: Record<string, string>; body: unknown }

const recall = async (sql: Sql, { caller, key, hash }: Claim): Promise<Kept | null> => {
  const lock = createHash('sha256').update(`${caller}\n${key}`).digest().readBigInt64BE()
  const [claimed] = await sql<{ free: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1::bigint) AS free',
    [String(lock)],
  )
  if (!claimed?.free) throw new ProblemError(kitErrors.REQUEST_IN_PROGRESS)
  const [kept] = await sql<Kept>(
    `SELECT request_hash, status, headers, body FROM kit.idempotent_answer
     WHERE caller = $1 AND key = $2 AND created_at > now() - $3::interval`,
    [caller, key, answerRetention],
  )
  if (kept && kept.request_hash !== hash) throw new ProblemError(kitErrors.IDEMPOTENCY_KEY_REUSED)
  return kept ?? null
}
