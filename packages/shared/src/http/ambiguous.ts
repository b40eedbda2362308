import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { kitErrors } from './errors.ts'
import type { Text } from './language.ts'
import { ProblemError } from './problem.ts'

/** A name, an IPv4 or a bracketed IPv6 address, with or without a port (RFC 9110 §7.2). */
const authority = /^(?:[\w.~!$&'()*+;=%-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i

/**
 * Refuses what Node's parser lets pass and readers behind each other could take for different
 * requests (RFC 9112 §2.3, §3.2, §6.1): versions other than 1.0 and 1.1, targets that are no path,
 * any number of hosts but one, transfer codings other than `chunked`, expectations other than
 * `100-continue` (RFC 9110 §10.1.1).
 */
export const refuseAmbiguous = (app: FastifyInstance): void => {
  // Node would answer other expectations itself, with nothing but a status.
  app.server.on('checkExpectation', (request, response) => {
    app.server.emit('request', request, response)
  })
  app.addHook('onRequest', (request, _reply, done) => {
    const detail = ambiguityOf(request.raw)
    if (detail === null) done()
    else done(new ProblemError(kitErrors.BAD_REQUEST, { detail }))
  })
}

/** What of a request two readers could understand differently, or null. */
export const ambiguityOf = ({
  httpVersion,
  url = '',
  headers,
  rawHeaders,
}: IncomingMessage): Text | null => {
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return { en: 'Not HTTP/1.1', es: 'No es HTTP/1.1' }
  if (!url.startsWith('/'))
    return { en: 'The target is not a path', es: 'El destino no es una ruta' }
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return {
      en: 'The only transfer coding is chunked',
      es: 'Solo se admite la codificación chunked',
    }
  const { expect } = headers
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    return {
      en: 'The only expectation that is met is 100-continue',
      es: 'La única expectativa que se cumple es 100-continue',
    }
  return hostFaultOf(rawHeaders)
}

const hostFaultOf = (headers: readonly string[]): Text | null => {
  let host: string | undefined
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue
    if (host !== undefined)
      return { en: 'More than one Host header', es: 'Más de una cabecera Host' }
    host = headers[index + 1] ?? ''
  }
  if (host === undefined) return { en: 'No Host header', es: 'Falta la cabecera Host' }
  return authority.test(host)
    ? null
    : { en: 'The Host header names no host', es: 'La cabecera Host no nombra ningún servidor' }
}
