import { type ErrorKind, kitErrors } from '@porttrack/shared/http/errors'
import { ProblemError } from '@porttrack/shared/http/problem'

/** Why a service gave no usable answer: what the caller is told, and the metric's reason. */
export type Failure = { problem: ProblemError; reason: FailureReason }

type FailureReason = keyof typeof kinds

const kinds = {
  /** No connection could be made. */
  unreachable: kitErrors.UNAVAILABLE,
  /** Every connection is taken and enough requests wait. */
  saturated: kitErrors.UNAVAILABLE,
  /** The service has not answered for some time, and is not asked for now. */
  open: kitErrors.UNAVAILABLE,
  /** The gateway stops and ends what would be long in coming. */
  stopping: kitErrors.UNAVAILABLE,
  /** The connection broke, or what came was not HTTP. */
  broken: kitErrors.UPSTREAM_BROKEN,
  /** The service’s certificate is not trusted, has ended or is another’s. */
  untrusted: kitErrors.UPSTREAM_BROKEN,
  /** The service sent the caller elsewhere. */
  redirected: kitErrors.UPSTREAM_BROKEN,
  /** The service did not accept the gateway’s token: keys or clocks differ. */
  token: kitErrors.UPSTREAM_BROKEN,
  late: kitErrors.UPSTREAM_TIMEOUT,
  /** The caller’s body was too long in coming, too large, or not what was announced. */
  body: kitErrors.REQUEST_TIMEOUT,
  /** What was asked cannot be sent on. */
  unsendable: kitErrors.BAD_REQUEST,
} as const satisfies Record<string, ErrorKind>

/** @param retryIn milliseconds after which a caller who is refused for now may come back */
export const failure = (
  reason: FailureReason,
  { cause, retryIn = 2_000 }: { cause?: unknown; retryIn?: number } = {},
): Failure => {
  const kind = kinds[reason]
  const seconds = Math.max(1, Math.ceil(retryIn / 1_000))
  const headers: Record<string, string> =
    kind.status === 503 ? { 'retry-after': String(seconds) } : {}
  return { reason, problem: new ProblemError(kind, { headers, cause }) }
}

/**
 * Refusals that come by the thousands when they come, made once: an error of its own for each, with
 * its stack, would cost more than the rest of the answer.
 */
export const saturated = failure('saturated')

/** Failures that say that the service itself cannot be had, whatever is asked of it. */
export const isOutage = (reason: FailureReason): boolean =>
  reason === 'unreachable' || reason === 'untrusted' || reason === 'broken' || reason === 'late'

/** Faults of making a connection; anything later means that the service had the request. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ERR_CLIENT_CLOSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
])

/** Faults of what should be sent. */
const unsendable = new Set(['UND_ERR_INVALID_ARG', 'ERR_UNSENDABLE'])

/** What Node and OpenSSL have against a certificate (x509_v_error codes). */
const untrusted =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|ERR_TLS_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/

/** What an error of the upstream connection, or of the caller's body, means. */
export const failureOf = (error: Error & { code?: string }): Failure => {
  if (error instanceof ProblemError) return { reason: 'body', problem: error }
  if (unreachable.has(error.code ?? '')) return failure('unreachable', { cause: error })
  if (untrusted.test(error.code ?? '')) return failure('untrusted', { cause: error })
  if (unsendable.has(error.code ?? '')) return failure('unsendable', { cause: error })
  return failure('broken', { cause: error })
}
