import { type Dispatcher, errors, request } from 'undici'
import { AddressNotAllowedError } from './destinations.ts'
import { type AttemptOutcome, outcomeOf, retryAfterSeconds } from './webhook.ts'

/** Bytes of an answer that are read at most; what it says is of no interest. */
const answerLimit = 16_384

export type Sending = {
  url: string
  headers: Record<string, string>
  body: string
  agent: Dispatcher
  /** Milliseconds for the whole of the attempt. */
  timeoutMs: number
  /** Breaks the attempt off. */
  signal: AbortSignal
}

/** What came of one attempt. */
export type Attempt = {
  startedAt: Date
  durationMs: number
  outcome: AttemptOutcome
  responseStatus: number | null
  /** Code of the error, for who looks for its cause. */
  detail: string | null
  /** Seconds that the receiver asked to be left alone. */
  retryAfter: number | null
}

/**
 * Makes one attempt at a delivery. Redirects are not followed, and the answer is read up to a limit.
 *
 * @throws when `signal` has broken it off
 */
export const send = async (given: Sending): Promise<Attempt> => {
  const { url, headers, body, agent, timeoutMs, signal } = given
  const startedAt = new Date()
  const begun = performance.now()
  const timeout = AbortSignal.timeout(timeoutMs)
  const ended = (
    outcome: AttemptOutcome,
    rest: Partial<Pick<Attempt, 'responseStatus' | 'detail' | 'retryAfter'>>,
  ): Attempt => ({
    startedAt,
    durationMs: Math.round(performance.now() - begun),
    outcome,
    responseStatus: null,
    detail: null,
    retryAfter: null,
    ...rest,
  })
  try {
    const answer = await request(url, {
      method: 'POST',
      headers,
      body,
      dispatcher: agent,
      signal: AbortSignal.any([signal, timeout]),
    })
    const attempt = ended(outcomeOf(answer.statusCode), {
      responseStatus: answer.statusCode,
      retryAfter: retryAfterSeconds(firstOf(answer.headers['retry-after']), Date.now()),
    })
    // The status has decided; an answer that is too long or breaks off changes nothing.
    await answer.body.dump({ limit: answerLimit }).catch(() => undefined)
    return attempt
  } catch (error) {
    if (signal.aborted) throw error
    if (timeout.aborted) return ended('TIMED_OUT', {})
    return ended(failureOf(error), { detail: codeOf(error) })
  }
}

const firstOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header

const failureOf = (error: unknown): AttemptOutcome => {
  if (error instanceof AddressNotAllowedError) return 'ADDRESS_NOT_ALLOWED'
  if (error instanceof errors.ConnectTimeoutError) return 'TIMED_OUT'
  const code = codeOf(error) ?? ''
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'NAME_NOT_RESOLVED'
  return tlsCode.test(code) ? 'TLS_FAILED' : 'CONNECTION_FAILED'
}

/** Codes of OpenSSL's verification and of Node's TLS. */
const tlsCode = /CERT|^ERR_(?:SSL|TLS)|^EPROTO$|^UNABLE_TO_|^DEPTH_ZERO|^HOSTNAME_MISMATCH$/

const codeOf = (error: unknown): string | null => {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : null
}
