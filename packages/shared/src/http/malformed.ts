import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type ErrorKind, kitErrors } from './errors.ts'
import { inLanguage, languages } from './language.ts'
import { ProblemError, problemBody } from './problem.ts'

/** Node keeps the answer that is being sent on the socket; its own refusals look at it too. */
type AnsweringSocket = Socket & { _httpMessage?: ServerResponse | null }

/** Headers that every answer of the process has, by name. */
type Headers = Readonly<Record<string, string>>

const kinds: Record<string, ErrorKind> = {
  HPE_HEADER_OVERFLOW: kitErrors.HEADERS_TOO_LARGE,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: kitErrors.PAYLOAD_TOO_LARGE,
  ERR_HTTP_REQUEST_TIMEOUT: kitErrors.REQUEST_TIMEOUT,
}

/**
 * Answers what is no HTTP request, is too large in its headers or between its chunks, or comes too
 * slowly, and closes the connection: 400, 413, 431 or 408.
 */
export const refuseMalformed =
  (everyAnswer: Headers) =>
  (error: Error & { code?: string }, socket: AnsweringSocket): void => {
    const answering = socket._httpMessage?.headersSent ?? false
    if (socket.writable && !answering && error.code !== 'ECONNRESET') {
      socket.write(answerOf(kinds[error.code ?? ''] ?? kitErrors.BAD_REQUEST, everyAnswer))
    }
    socket.destroySoon()
  }

/** Answers CONNECT, which Node hands over as a bare connection: nothing here is a proxy. */
export const refuseTunnels = (app: FastifyInstance, everyAnswer: Headers): void => {
  app.server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => undefined)
    socket.write(
      answerOf(kitErrors.METHOD_NOT_ALLOWED, {
        ...everyAnswer,
        allow: 'GET, HEAD, POST, PUT, PATCH, DELETE',
      }),
    )
    socket.destroySoon()
  })
}

/** A whole answer, for a connection on which no request was understood. */
const answerOf = (kind: ErrorKind, headers: Headers): string => {
  // Whatever the caller said about languages was not understood.
  const [language] = languages
  const requestId = randomUUID()
  const body = JSON.stringify(problemBody(new ProblemError(kind), { requestId, language }))
  const sent = {
    ...headers,
    'x-request-id': requestId,
    'content-language': language,
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }
  return [
    `HTTP/1.1 ${kind.status} ${inLanguage(kind.title, language)}`,
    ...Object.entries(sent).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n')
}
