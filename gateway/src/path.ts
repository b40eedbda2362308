import { kitErrors } from '@porttrack/shared/http/errors'
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
  if (!target.test(url)) throw refused('has characters that an address cannot have')
  if (!url.startsWith(`/${service}/`)) throw new ProblemError(kitErrors.NOT_FOUND)
  const rest = url.slice(service.length + 1)
  const queryAt = rest.indexOf('?')
  const path = queryAt < 0 ? rest : rest.slice(0, queryAt)
  if (path.includes('//')) throw refused('has an empty segment')
  const decoded = path.includes('%') ? decode(path) : path
  if (dotSegment.test(decoded)) throw refused('has a dot segment')
  return { path, target: rest }
}

const decode = (path: string): string => {
  if (/%(2f|5c)/i.test(path)) throw refused('has an encoded slash')
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    throw refused('is not well encoded')
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\0-\x1f\x7f]/.test(decoded)) throw refused('has a control character')
  return decoded
}

const refused = (why: string): ProblemError =>
  new ProblemError(kitErrors.BAD_REQUEST, { detail: `The path ${why}` })
