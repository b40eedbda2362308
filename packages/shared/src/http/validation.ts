import { Ajv } from 'ajv'
import addFormatsModule from 'ajv-formats'
import spanish from 'ajv-i18n/localize/es/index.js'
import type { FastifySchemaValidationError } from 'fastify/types/schema.js'
import { isDate, isDateTime } from './formats.ts'
import type { Text } from './language.ts'
import type { Fault } from './problem.ts'

// The package is CommonJS whose types name an ES default export.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default
const inSpanish = spanish as unknown as typeof spanish.default

/**
 * A validator that refuses unknown properties instead of dropping them and reports every fault.
 *
 * @param coerceTypes whether text may stand for numbers and truth values, as in addresses
 */
export const strictAjv = (coerceTypes: false | 'array'): Ajv => {
  const ajv = new Ajv({
    allErrors: true,
    removeAdditional: false,
    strict: false,
    useDefaults: true,
    coerceTypes,
  })
  addFormats(ajv)
  // The stock formats take what PostgreSQL or JavaScript cannot: `urn:uuid:`, leap seconds, year 0.
  ajv.addFormat('uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  ajv.addFormat('date', isDate)
  ajv.addFormat('date-time', isDateTime)
  return ajv
}

/** A fault as the validator reports it. */
export type SchemaFault = FastifySchemaValidationError

/**
 * What a caller is told of what a validator found.
 *
 * @param placeOf how the place at a JSON pointer (RFC 6901) is written
 */
export const faultsOf = (
  found: readonly SchemaFault[],
  placeOf: (path: string) => string,
): Fault[] => withoutAlternatives(found).map((fault) => faultOf(fault, placeOf))

/**
 * A value that is none of several constants fails once for each constant and once for all of them:
 * the caller gets one fault that names the choice.
 */
const withoutAlternatives = (faults: readonly SchemaFault[]): SchemaFault[] => {
  const constantsAt = Map.groupBy(
    faults.filter(({ keyword }) => keyword === 'const'),
    ({ instancePath }) => instancePath,
  )
  return faults.flatMap((fault) => {
    const constants = constantsAt.get(fault.instancePath)
    if (!constants || constants.length < 2) return [fault]
    if (fault.keyword === 'const') return []
    if (fault.keyword !== 'anyOf') return [fault]
    const allowed = constants.map(({ params }) => String(params['allowedValue']))
    return [{ ...fault, keyword: 'oneOfConstants', params: { allowed } }]
  })
}

const faultOf = (fault: SchemaFault, placeOf: (path: string) => string): Fault => {
  const { missingProperty, additionalProperty } = fault.params as Record<string, string | undefined>
  const property = missingProperty ?? additionalProperty
  const path = `${fault.instancePath}${property === undefined ? '' : `/${escapePointer(property)}`}`
  return { pointer: placeOf(path), detail: validationText(fault) }
}

/** What the schema's own words do not say well, by keyword. */
const ownTexts: Record<string, (params: Record<string, unknown>) => Text> = {
  required: () => ({ en: 'is missing', es: 'falta' }),
  additionalProperties: () => ({ en: 'is not known here', es: 'no se conoce aquí' }),
  oneOfConstants: ({ allowed }) => {
    const names = (allowed as string[]).join(', ')
    return { en: `must be one of ${names}`, es: `debe ser uno de ${names}` }
  },
}

const validationText = (fault: SchemaFault): Text => {
  const own = ownTexts[fault.keyword]?.(fault.params)
  if (own) return own
  const translated = { ...fault }
  inSpanish([translated])
  return { en: fault.message ?? 'is not valid', es: translated.message ?? 'no es válido' }
}

/** A property's name as a part of a JSON pointer (RFC 6901 §3). */
export const escapePointer = (name: string): string =>
  name.replaceAll('~', '~0').replaceAll('/', '~1')
