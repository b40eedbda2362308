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
    // The documents that are made of the schemas are checked on every change; looking at them again
    // would take a seventh of each start.
    validateSchema: false,
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
 * A value that is none of several alternatives fails once for each and once for all of them. The
 * caller gets each fault once; of several constants one fault that names the choice; and where a
 * constant tells objects apart, such as the `type` of a GeoJSON geometry, the faults of the one that
 * is meant.
 */
const withoutAlternatives = (faults: readonly SchemaFault[]): SchemaFault[] => {
  const choices = faults.filter(({ keyword }) => keyword === 'anyOf')
  const told = new Map(
    withoutConstants(choices.reduce(withoutOtherObjects, faults)).map((fault) => [
      JSON.stringify([fault.instancePath, fault.keyword, fault.params]),
      fault,
    ]),
  )
  return [...told.values()]
}

const withoutOtherObjects = (
  faults: readonly SchemaFault[],
  choice: SchemaFault,
): readonly SchemaFault[] => {
  const within = (fault: SchemaFault) => fault.schemaPath.startsWith(`${choice.schemaPath}/`)
  const alternativeOf = ({ schemaPath }: SchemaFault) =>
    schemaPath.slice(choice.schemaPath.length + 1)
  const number = (fault: SchemaFault) => Number.parseInt(alternativeOf(fault), 10)
  const constants = faults.filter(
    (fault) => within(fault) && /^\d+\/properties\/[^/]+\/const$/.test(alternativeOf(fault)),
  )
  const [first] = constants
  if (!first) return faults
  const others = new Set(constants.map(number))
  const kept = faults.filter(
    (fault) => fault !== choice && !(within(fault) && others.has(number(fault))),
  )
  if (kept.some(within)) return kept
  const allowed = constants.map(({ params }) => String(params['allowedValue']))
  return [...kept, { ...first, keyword: 'oneOfConstants', params: { allowed } }]
}

const withoutConstants = (faults: readonly SchemaFault[]): SchemaFault[] => {
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

/** JSON's types, as people call them. */
const typeNames = {
  string: { en: 'a text', es: 'un texto' },
  integer: { en: 'a whole number', es: 'un número entero' },
  number: { en: 'a number', es: 'un número' },
  boolean: { en: 'true or false', es: 'true o false' },
  array: { en: 'a list', es: 'una lista' },
  object: { en: 'an object', es: 'un objeto' },
  null: { en: 'null', es: 'null' },
} as const satisfies Record<string, Text>

/** What the schema's own words do not say well, by keyword. */
const ownTexts: Record<string, (params: Record<string, unknown>) => Text> = {
  required: () => ({ en: 'is missing', es: 'falta' }),
  additionalProperties: () => ({ en: 'is not known here', es: 'no se conoce aquí' }),
  type: ({ type }) => {
    const named = [type].flat().map((name) => typeNames[name as keyof typeof typeNames])
    return {
      en: `must be ${named.map(({ en }) => en).join(' or ')}`,
      es: `debe ser ${named.map(({ es }) => es).join(' o ')}`,
    }
  },
  pattern: ({ pattern }) => ({
    en: `must match pattern "${pattern as string}"`,
    es: `debe coincidir con el patrón "${pattern as string}"`,
  }),
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
