import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { kitErrors } from './errors.ts'
import { listed } from './language.ts'
import { ProblemError } from './problem.ts'

/**
 * Of the media types that a resource can be given in, the one that a caller accepts best by `Accept`
 * (RFC 9110 §12.5.1); the first is what callers get who ask for none or take any. An answer that
 * depends on it says `vary: accept`.
 *
 * @throws ProblemError 406 naming the types there are
 */
export const mediaTypeFor = <const T extends string>(
  { headers }: Pick<FastifyRequest, 'headers'>,
  types: readonly [T, ...T[]],
): T => {
  if (headers.accept === undefined || headers.accept.trim() === '') return types[0]
  const accepted = new Negotiator({ headers }).mediaType([...types])
  if (accepted !== undefined) return accepted as T
  const { en, es } = listed(types, 'or')
  throw new ProblemError(kitErrors.NOT_ACCEPTABLE, {
    detail: { en: `It can be given as ${en}`, es: `Se puede dar como ${es}` },
  })
}
