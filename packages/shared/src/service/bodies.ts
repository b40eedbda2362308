import { Ajv } from 'ajv'
import addFormatsModule from 'ajv-formats'
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { kitErrors } from '../http/errors.ts'
import { type Fault, ProblemError } from '../http/problem.ts'

// The package is CommonJS whose types name an ES default export.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default

const formatsOf = (ajv: Ajv): Ajv => {
  addFormats(ajv)
  return ajv
}

/**
 * Validates bodies as they are and query strings, paths and headers after conversion from text.
 * Unknown properties are refused, never dropped, and every fault is reported at once.
 */
export const validateStrictly = (app: FastifyInstance): void => {
  const shared = {
    allErrors: true,
    removeAdditional: false,
    strict: false,
    useDefaults: true,
  } as const
  const exact = formatsOf(new Ajv({ ...shared, coerceTypes: false }))
  const converting = formatsOf(new Ajv({ ...shared, coerceTypes: 'array' }))
  const compiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
    const ajv = httpPart === 'body' ? exact : converting
    for (const [id, known] of Object.entries(app.getSchemas())) {
      if (!ajv.getSchema(id)) ajv.addSchema(known as object, id)
    }
    return ajv.compile(schema)
  }
  app.setValidatorCompiler(compiler)
}

/** Takes `application/json` only, refuses encoded bodies and NUL characters, which PostgreSQL cannot store. */
export const parseBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    const json = String(text)
    parse(request, json, (error, body) => {
      if (error) {
        const detail = 'The body is not valid JSON'
        return done(new ProblemError(kitErrors.BAD_REQUEST, { detail, cause: error }), undefined)
      }
      const faults = json.includes(String.raw`\u0000`) ? nulFaults(body, '#') : []
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

const nulFaults = (value: unknown, pointer: string): Fault[] => {
  if (typeof value === 'string') {
    return value.includes('\0') ? [{ pointer, detail: 'must not contain a NUL character' }] : []
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key.includes('\0')
      ? [{ pointer, detail: 'has a property name with a NUL character' }]
      : []),
    ...nulFaults(inner, `${pointer}/${key}`),
  ])
}
