import type { FastifyInstance } from 'fastify'
import { kitErrors } from '../http/errors.ts'
import type { Text } from '../http/language.ts'
import { type Fault, ProblemError } from '../http/problem.ts'
import { escapePointer } from '../http/validation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Leaves characters that cannot be stored to the route, which judges its body item by item. */
    judgesText?: true
  }
  interface FastifyRequest {
    /** Where a body has characters that cannot be stored; null unless the route judges them. */
    textFaults: readonly Fault[] | null
  }
}

/** Refuses NUL characters in addresses, which PostgreSQL cannot store. */
export const refuseNulAddresses = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!hasNul(request.url)) return done()
    return done(
      new ProblemError(kitErrors.BAD_REQUEST, {
        detail: {
          en: 'The address has a NUL character',
          es: 'La dirección tiene un carácter NUL',
        },
      }),
    )
  })
}

/** Whether an address has a NUL character, also where it comes after the `?`. */
export const hasNul = (url: string): boolean => url.includes('%00')

/** Whether a body comes as it is: compressed ones are not taken. */
export const isPlain = (encoding: string | undefined): boolean =>
  encoding === undefined || encoding === 'identity'

/**
 * Takes `application/json` only; refuses encoded bodies, and NUL characters and broken surrogate
 * pairs, which PostgreSQL cannot store.
 */
export const parseBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  app.decorateRequest('textFaults', null)
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    const json = String(text)
    // Many clients name the type also where they send nothing; a route that needs a body misses it itself.
    if (json === '') return done(null, undefined)
    void parse(request, json, (error, body) => {
      if (error) {
        const detail = {
          en: 'The body is not valid JSON',
          es: 'El cuerpo no es JSON válido',
        }
        return done(new ProblemError(kitErrors.BAD_REQUEST, { detail, cause: error }), undefined)
      }
      const faults = suspicious.test(json) ? textFaults(body, '#') : []
      if (faults.length === 0) return done(null, body)
      if (request.routeOptions.config.judgesText) {
        request.textFaults = faults
        return done(null, body)
      }
      return done(new ProblemError(kitErrors.VALIDATION_FAILED, { errors: faults }), undefined)
    })
  })
  app.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding'] ?? 'identity'
    if (isPlain(encoding)) return done()
    const named = `Content-Encoding ${encoding.slice(0, 50)}`
    const detail = { en: `${named} is not taken`, es: `${named} no se admite` }
    return done(new ProblemError(kitErrors.UNSUPPORTED_MEDIA_TYPE, { detail }))
  })
}

/** An escape of NUL or of half a surrogate pair. */
const suspicious = /\\u(?:0000|d[89a-f])/i

const textFaults = (value: unknown, pointer: string): Fault[] => {
  if (typeof value === 'string') {
    return faultsOfText(value).map(({ en, es }) => ({
      pointer,
      detail: { en: `must not contain ${en}`, es: `no debe contener ${es}` },
    }))
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => [
    ...faultsOfText(key).map(({ en, es }) => ({
      pointer,
      detail: {
        en: `has a property name with ${en}`,
        es: `tiene un nombre de propiedad con ${es}`,
      },
    })),
    ...textFaults(inner, `${pointer}/${escapePointer(key.toWellFormed())}`),
  ])
}

const faultsOfText = (text: string): Text[] => [
  ...(text.includes('\0') ? [{ en: 'a NUL character', es: 'un carácter NUL' }] : []),
  ...(text.isWellFormed() ? [] : [{ en: 'half a surrogate pair', es: 'medio par sustituto' }]),
]
