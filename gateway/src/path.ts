import { kitErrors } from '@porttrack/shared/http/errors'
import type { Text } from '@porttrack/shared/http/language'
import { ProblemError } from '@porttrack/shared/http/problem'

/** Characters that a request target may have (RFC 3986), without `#`, which ends no request. */
const target = /^\/[\w\-.~:/?[\]@!$&'()*+,;=%|^{}"<>`]*$/

const dotSegment = /(^|\/)\.{1,2}(\/|$)/

/**
 * The path and query that a service gets: what the caller asked for without the service's prefix,
 * unchanged. Whatever two readers could understand differently is refused: empty and dot segments,
 * encoded slashes, control characters, broken encoding.
 *
 * @throws ProblemError 404 when the prefix is only there after decoding, 400 when it is ambiguous
 */
export const pathFor = (service: string, url: string): { path: string; target: string } => {
  if (!target.test(url))
    throw refused({
      en: 'has characters that an address cannot have',
      es: 'tiene caracteres que una dirección no puede tener',
    })
  if (!url.startsWith(`/${service}/`)) throw new ProblemError(kitErrors.NOT_FOUND)
  const rest = url.slice(service.length + 1)
  const queryAt = rest.indexOf('?')
  const path = queryAt < 0 ? rest : rest.slice(0, queryAt)
  if (path.includes('//'))
    throw refused({ en: 'has an empty segment', es: 'tiene un segmento vacío' })
  const decoded = path.includes('%') ? decode(path) : path
  if (dotSegment.test(decoded))
    throw refused({ en: 'has a dot segment', es: 'tiene un segmento de puntos' })
  return { path, target: rest }
}

const decode = (path: string): string => {
  if (/%(2f|5c)/i.test(path))
    throw refused({ en: 'has an encoded slash', es: 'tiene una barra codificada' })
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    throw refused({ en: 'is not well encoded', es: 'está mal codificada' })
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\0-\x1f\x7f]/.test(decoded))
    throw refused({ en: 'has a control character', es: 'tiene un carácter de control' })
  return decoded
}

const refused = ({ en, es }: Text): ProblemError =>
  new ProblemError(kitErrors.BAD_REQUEST, {
    detail: { en: `The path ${en}`, es: `La ruta ${es}` },
  })
