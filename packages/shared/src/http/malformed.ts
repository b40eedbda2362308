import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorKind, kitErrors } from './errors.ts'
import { inLanguage, languages } from './language.ts'
import { ProblemError, problemBody } from './problem.ts'

/** Node keeps the answer that is being sent on the socket; its own refusals look at it too. */
type AnsweringSocket = Socket & { _httpMessage?: ServerResponse | null }

const kinds: Record<string, ErrorKind> = {
  HPE_HEADER_OVERFLOW: kitErrors.HEADERS_TOO_LARGE,
  ERR_HTTP_REQUEST_TIMEOUT: kitErrors.REQUEST_TIMEOUT,
}

/**
 * Answers what is no HTTP request, is too large in its headers, or comes too slowly, and closes the
 * connection: 400, 431 or 408.
 */
export const refuseMalformed = (
  error: Error & { code?: string },
  socket: AnsweringSocket,
): void => {
  const answering = socket._httpMessage?.headersSent ?? false
  if (socket.writable && !answering && error.code !== 'ECONNRESET') {
    const kind = kinds[error.code ?? ''] ?? kitErrors.BAD_REQUEST
    // Whatever the caller said about languages was not understood.
    const [language] = languages
    const body = JSON.stringify(
      problemBody(new ProblemError(kind), { requestId: randomUUID(), language }),
    )
    socket.write(
      `HTTP/1.1 ${kind.status} ${inLanguage(kind.title, language)}\r\nContent-Type: application/problem+json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
  }
  socket.destroySoon()
}
