import { Ajv } from 'ajv'
import addFormatsModule from 'ajv-formats'
import type { FastifyInstance, FastifySchemaCompiler, FastifyServerOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { kitErrors } from '../http/errors.ts'
import { isDate, isDateTime } from '../http/formats.ts'
import { escapePointer, type Fault, ProblemError } from '../http/problem.ts'

// The package is CommonJS whose types name an ES default export.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default

const formatsOf = (ajv: Ajv): Ajv => {
  addFormats(ajv)
  // The stock formats take what PostgreSQL or JavaScript cannot: `urn:uuid:`, leap seconds, year 0.
  ajv.addFormat('uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  ajv.addFormat('date', isDate)
  ajv.addFormat('date-time', isDateTime)
  return ajv
}

type Compilers = NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
type ValidatorBuilder = NonNullable<NonNullable<Compilers>['buildValidator']>

/**
 * Validates bodies as they are and query strings, paths and headers after conversion from text.
 * Unknown properties are refused, never dropped, and every fault is reported at once. A builder and
 * not a compiler: a plugin that adds schemas of its own would get Fastify's lenient one instead.
 */
export const strictValidators = ((schemas: Readonly<Record<string, unknown>>) => {
  const shared = {
    allErrors: true,
    removeAdditional: false,
    strict: false,
    useDefaults: true,
  } as const
  const exact = formatsOf(new Ajv({ ...shared, coerceTypes: false }))
  const converting = formatsOf(new Ajv({ ...shared, coerceTypes: 'array' }))
  for (const [id, schema] of Object.entries(schemas)) {
    for (const ajv of [exact, converting]) ajv.addSchema(schema as object, id)
  }
  const compiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) =>
    (httpPart === 'body' ? exact : converting).compile(schema)
  return compiler
  // Fastify's types take the compiler for ajv's, which is called with a schema alone.
}) as unknown as ValidatorBuilder

/** Refuses NUL characters in addresses, which PostgreSQL cannot store. */
export const refuseNulAddresses = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.url.includes('%00')) return done()
    return done(
      new ProblemError(kitErrors.BAD_REQUEST, { detail: 'The address has a NUL character' }),
    )
  })
}

/**
 * Takes `application/json` only; refuses encoded bodies, and NUL characters and broken surrogate
 * pairs, which PostgreSQL cannot store.
 */
export const parseBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    const json = String(text)
    void parse(request, json, (error, body) => {
      if (error) {
        const detail = 'The body is not valid JSON'
        return done(new ProblemError(kitErrors.BAD_REQUEST, { detail, cause: error }), undefined)
      }
      const faults = suspicious.test(json) ? textFaults(body, '#') : []
      if (faults.length === 0) return done(null, body)
      return done(new ProblemError(kitErrors.VALIDATION_FAILED, { errors: faults }), undefined)
    })
  })
  app.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding']
    if (encoding === undefined || encoding === 'identity') return done()
    const detail = `Content-Encoding ${encoding.slice(0, 50)} is not taken`
    return done(new ProblemError(kitErrors.UNSUPPORTED_MEDIA_TYPE, { detail }))
  })
}

/** An escape of NUL or of half a surrogate pair. */
const suspicious = /\\u(?:0000|d[89a-f])/i

const textFaults = (value: unknown, pointer: string): Fault[] => {
  if (typeof value === 'string') {
    return faultsOfText(value).map((fault) => ({ pointer, detail: `must not contain ${fault}` }))
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => [
    ...faultsOfText(key).map((fault) => ({
      pointer,
      detail: `has a property name with ${fault}`,
    })),
    ...textFaults(inner, `${pointer}/${escapePointer(key.toWellFormed())}`),
  ])
}

const faultsOfText = (text: string): string[] => [
  ...(text.includes('\0') ? ['a NUL character'] : []),
  ...(text.isWellFormed() ? [] : ['half a surrogate pair']),
]
