import type { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import type { UserPool } from '../user-pool.ts'

/** What a hostile request may be made of. */
export type Arsenal = {
  pool: UserPool
  issuer: TokenIssuer
  /** An address of the service behind the gateway, which counts whoever asks there. */
  upstreamUrl: string
}

/** Refused, and nothing reached the service. */
export type Refusal = {
  status: number
  /** The problem's code; null where the answer has no body. */
  code: string | null
  challenge?: string
}

/** Passed on to the service, once, made harmless. */
export type Passage = {
  /** Path and query as the service gets them. */
  target?: string
  method?: string
  body?: string
  /** Headers as the service gets them; undefined is one that it does not get. */
  headers?: Record<string, string | RegExp | undefined>
  /** What the token that the service gets says. */
  claims?: Record<string, unknown>
}

/** One request and what must come of it. */
export type HostileRequest = {
  name: string
  /** The request, byte by byte; characters are octets (Latin-1). */
  bytes: (arsenal: Arsenal) => string
  expected: { refused: Refusal } | { passes: Passage }
}

/** In a request that is passed on, nothing with this word may reach the service. */
export const marker = 'evil'

export const refused = (status: number, code: string | null, challenge?: string) => ({
  refused: { status, code, ...(challenge === undefined ? {} : { challenge }) },
})

export const passes = (passage: Passage = {}) => ({ passes: passage })

export const badRequest = refused(400, 'BAD_REQUEST')
export const notFound = refused(404, 'NOT_FOUND')

/** A token was brought and is not accepted (RFC 6750 §3.1). */
export const invalidToken = refused(401, 'UNAUTHENTICATED', 'Bearer error="invalid_token"')

/** No token was brought. */
export const noToken = refused(401, 'UNAUTHENTICATED', 'Bearer')

type Written = {
  /** The request line without the version's end, such as `GET /barcos/v1/x HTTP/1.1`. */
  line?: string
  /** Header lines as they are written; the token of an ordinary caller is added to them. */
  headers?: readonly string[]
  body?: string
}

/** A request of a caller whose token is good, so that what is hostile about it is the rest. */
export const withToken =
  ({ line = 'GET /barcos/v1/x HTTP/1.1', headers = [], body = '' }: Written) =>
  ({ pool }: Arsenal): string =>
    written({ line, headers: [`Authorization: Bearer ${pool.userToken()}`, ...headers], body })

/** A request with just these headers beside `Host` and `Connection: close`. */
export const written = ({
  line = 'GET /barcos/v1/x HTTP/1.1',
  headers = [],
  body = '',
}: Written): string =>
  `${[line, 'Host: port.example', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`
