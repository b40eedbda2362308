import { Ajv } from 'ajv'
import addFormatsModule from 'ajv-formats'
import spanish from 'ajv-i18n/localize/es/index.js'
import type { FastifySchemaValidationError } from 'fastify/types/schema.js'
import { isDate, isDateTime } from './formats.ts'
import { listed, type Text } from './language.ts'
import { wordsOfPattern } from './pattern-words.ts'
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
    // Faults then come with their schemas, whose examples callers are told.
    verbose: true,
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
 * caller gets each fault once; of several constants one fault that names the choice; where a constant
 * tells objects apart, such as the `type` of a GeoJSON geometry, the faults of the one that is meant;
 * and of what may be null besides, what is wrong with it as something.
 */
const withoutAlternatives = (faults: readonly SchemaFault[]): SchemaFault[] => {
  const choices = faults.filter(({ keyword }) => keyword === 'anyOf')
  const besidesNull = choices.reduce(withoutNull, faults)
  const told = new Map(
    withoutConstants(choices.reduce(withoutOtherObjects, besidesNull)).map((fault) => [
      JSON.stringify([fault.instancePath, fault.keyword, fault.params]),
      fault,
    ]),
  )
  return [...told.values()]
}

/** Who gives a wrong value means none of the times when it may be null, except by a wrong type. */
const withoutNull = (faults: readonly SchemaFault[], choice: SchemaFault): SchemaFault[] => {
  const { schema } = choice as { schema?: unknown }
  const alternatives = Array.isArray(schema) ? (schema as { type?: unknown }[]) : []
  const nullAt = alternatives.findIndex(({ type }) => type === 'null')
  if (nullAt < 0) return [...faults]
  const isOfNull = ({ schemaPath }: SchemaFault) =>
    schemaPath === `${choice.schemaPath}/${nullAt}/type`
  const isAlone = alternatives.length === 2
  const ofType = (fault: SchemaFault) =>
    fault.keyword === 'type' && fault.instancePath === choice.instancePath
  return faults
    .filter((fault) => !isOfNull(fault) && !(isAlone && fault === choice))
    .map((fault) =>
      isAlone && ofType(fault)
        ? { ...fault, params: { type: [fault.params['type'], 'null'].flat() } }
        : fault,
    )
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

/** Formats, as people call what is written so. */
const formatNames: Readonly<Record<string, Text>> = {
  date: { en: 'a date such as 2027-03-01', es: 'una fecha como 2027-03-01' },
  'date-time': {
    en: 'a time with its offset such as 2027-03-01T08:00:00Z',
    es: 'una fecha y hora con su desfase, como 2027-03-01T08:00:00Z',
  },
  uuid: {
    en: 'a UUID such as 01981f6e-58c4-7b2a-9d3e-3f1b2c4d5e6f',
    es: 'un UUID como 01981f6e-58c4-7b2a-9d3e-3f1b2c4d5e6f',
  },
  uri: {
    en: 'an address such as https://example.com/path',
    es: 'una dirección como https://example.com/path',
  },
  email: {
    en: 'an e-mail address such as name@example.com',
    es: 'una dirección de correo como nombre@example.com',
  },
}

type Params = Readonly<Record<string, unknown>>

const counted = (count: unknown, { one, many }: { one: string; many: string }): string =>
  `${String(count)} ${count === 1 ? one : many}`

const inCharacters = (limit: unknown): Text => ({
  en: counted(limit, { one: 'character', many: 'characters' }),
  es: counted(limit, { one: 'carácter', many: 'caracteres' }),
})

const inItems = (limit: unknown): Text => ({
  en: counted(limit, { one: 'item', many: 'items' }),
  es: counted(limit, { one: 'elemento', many: 'elementos' }),
})

const atLeast = ({ en, es }: Text): Text => ({
  en: `must have at least ${en}`,
  es: `debe tener al menos ${es}`,
})

const atMost = ({ en, es }: Text): Text => ({
  en: `must have at most ${en}`,
  es: `debe tener como máximo ${es}`,
})

const emptyText: Text = { en: 'must not be empty', es: 'no debe estar vacío' }

const oneOf = (allowed: readonly unknown[]): Text => {
  const { en, es } = listed(allowed.map(String), 'or')
  return allowed.length === 1
    ? { en: `must be ${en}`, es: `debe ser ${es}` }
    : { en: `must be one of ${en}`, es: `debe ser uno de estos: ${es}` }
}

/** Keywords whose faults are told in words of the kit, since the validator's are for programmers. */
const ownTexts: Readonly<Record<string, (params: Params, schema: Params) => Text>> = {
  required: () => ({ en: 'is missing', es: 'falta' }),
  additionalProperties: () => ({ en: 'is not known here', es: 'no se conoce aquí' }),
  type: ({ type }) => {
    const names = [type].flat().map((name) => typeNames[name as keyof typeof typeNames])
    return {
      en: `must be ${names.map(({ en }) => en).join(' or ')}`,
      es: `debe ser ${names.map(({ es }) => es).join(' o ')}`,
    }
  },
  pattern: ({ pattern }, { examples }) => {
    const example: unknown = Array.isArray(examples) ? examples[0] : undefined
    const words = wordsOfPattern(String(pattern))
    if (typeof example !== 'string') {
      const { en, es } = words ?? {
        en: `must have the form of the regular expression ${String(pattern)}`,
        es: `debe tener la forma de la expresión regular ${String(pattern)}`,
      }
      return { en, es }
    }
    return words
      ? { en: `${words.en}, such as ${example}`, es: `${words.es}, como ${example}` }
      : { en: `must be written like ${example}`, es: `debe escribirse como ${example}` }
  },
  format: ({ format }) => {
    const { en, es } = formatNames[String(format)] ?? { en: String(format), es: String(format) }
    return { en: `must be ${en}`, es: `debe ser ${es}` }
  },
  minLength: ({ limit }) => (limit === 1 ? emptyText : atLeast(inCharacters(limit))),
  maxLength: ({ limit }) => atMost(inCharacters(limit)),
  minItems: ({ limit }) => (limit === 1 ? emptyText : atLeast(inItems(limit))),
  maxItems: ({ limit }) => atMost(inItems(limit)),
  minProperties: ({ limit }) =>
    limit === 1
      ? emptyText
      : atLeast({ en: `${String(limit)} properties`, es: `${String(limit)} propiedades` }),
  minimum: ({ limit }) => ({
    en: `must be at least ${String(limit)}`,
    es: `debe ser al menos ${String(limit)}`,
  }),
  maximum: ({ limit }) => ({
    en: `must be at most ${String(limit)}`,
    es: `debe ser como máximo ${String(limit)}`,
  }),
  exclusiveMinimum: ({ limit }) => ({
    en: `must be more than ${String(limit)}`,
    es: `debe ser mayor que ${String(limit)}`,
  }),
  exclusiveMaximum: ({ limit }) => ({
    en: `must be less than ${String(limit)}`,
    es: `debe ser menor que ${String(limit)}`,
  }),
  multipleOf: ({ multipleOf }) => ({
    en: `must be a multiple of ${String(multipleOf)}`,
    es: `debe ser múltiplo de ${String(multipleOf)}`,
  }),
  uniqueItems: ({ i, j }) => {
    const [first, second] = [Number(i), Number(j)].toSorted((a, b) => a - b)
    return {
      en: `must not have the same item twice: those at ${first} and ${second} are equal`,
      es: `no debe tener dos veces lo mismo: los elementos ${first} y ${second} son iguales`,
    }
  },
  const: ({ allowedValue }) => oneOf([allowedValue]),
  enum: ({ allowedValues }) => oneOf(allowedValues as unknown[]),
  oneOfConstants: ({ allowed }) => oneOf(allowed as string[]),
  anyOf: () => ({
    en: 'has none of the forms that it may have',
    es: 'no tiene ninguna de las formas posibles',
  }),
}

const validationText = (fault: SchemaFault): Text => {
  const { parentSchema = {} } = fault as { parentSchema?: Params }
  const own = ownTexts[fault.keyword]?.(fault.params, parentSchema)
  if (own) return own
  const translated = { ...fault }
  inSpanish([translated])
  return { en: fault.message ?? 'is not valid', es: translated.message ?? 'no es válido' }
}

/** A property's name as a part of a JSON pointer (RFC 6901 §3). */
export const escapePointer = (name: string): string =>
  name.replaceAll('~', '~0').replaceAll('/', '~1')
