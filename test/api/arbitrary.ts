import fc, { type Arbitrary } from 'fast-check'
import type { Schema } from './document.ts'

/** Lists and texts are not made longer than this, whatever their schema allows. */
const enough = { items: 3, letters: 40 }

/** Values that a schema accepts, for the keywords that PortTrack's documents use. */
export const valuesOf = (schema: Schema, root: Schema = schema): Arbitrary<unknown> => {
  if (typeof schema['$ref'] === 'string') return valuesOf(referred(schema['$ref'], root), root)
  if ('const' in schema) return fc.constant(schema['const'])
  if (schema['enum']) return fc.constantFrom(...(schema['enum'] as unknown[]))
  const choices = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined
  if (choices) return fc.oneof(...choices.map((choice) => valuesOf(choice, root)))
  switch (schema['type']) {
    case 'string':
      return withExamples(schema, textsOf(schema))
    case 'integer':
      return fc.integer({
        min: Math.max(schema['minimum'] ?? -1_000_000, Number.MIN_SAFE_INTEGER),
        max: Math.min(schema['maximum'] ?? 1_000_000, Number.MAX_SAFE_INTEGER),
      })
    case 'number':
      return numbersOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return listsOf(schema, root)
    case 'object':
      return objectsOf(schema, root)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

const referred = (reference: string, root: Schema): Schema => {
  const name = reference.split('/').at(-1) ?? ''
  const found = root['components']?.schemas?.[name] as Schema | undefined
  if (!found) throw new Error(`${reference} leads nowhere`)
  return found
}

/** What a schema gives as examples is what is most likely there. */
const withExamples = (schema: Schema, others: Arbitrary<string>): Arbitrary<string> => {
  const examples = schema['examples'] as string[] | undefined
  return examples ? fc.oneof(fc.constantFrom(...examples), others) : others
}

const numbersOf = (schema: Schema): Arbitrary<number> => {
  const min = schema['minimum'] ?? schema['exclusiveMinimum'] ?? -1_000_000
  const max = schema['maximum'] ?? schema['exclusiveMaximum'] ?? 1_000_000
  return fc
    .integer({ min: Math.ceil(min * 10), max: Math.floor(max * 10) })
    .map((tenths) => tenths / 10)
    .filter((value) => value !== schema['exclusiveMinimum'] && value !== schema['exclusiveMaximum'])
}

/** Hours around now, since most of what a port plans is near. */
const instants = fc
  .integer({ min: -100, max: 1_000 })
  .map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString())

const formats: Record<string, Arbitrary<string>> = {
  uuid: fc.uuid(),
  'date-time': instants,
  date: instants.map((instant) => instant.slice(0, 10)),
  email: fc.emailAddress(),
  uri: fc.webUrl({ validSchemes: ['https'] }),
}

const letters = fc.constantFrom(...'abc XYZ 019 ñÑçü 船⚓ -./\'"<>&;%\\')

const textsOf = ({
  format,
  pattern,
  minLength = 0,
  maxLength = enough.letters,
}: Schema): Arbitrary<string> => {
  const known = formats[format as string]
  if (known) return known
  const length = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, enough.letters)) }
  if (pattern === undefined) return fc.string(length)
  const matching = new RegExp(pattern, 'u')
  // Patterns of what people read tell what it may not have, others what it is made of.
  const free = /\\p|\\S/.test(pattern)
  const texts = free
    ? fc.string({ ...length, unit: letters })
    : fc.stringMatching(new RegExp(pattern))
  return texts.filter(
    (text) => matching.test(text) && [...text].length >= minLength && [...text].length <= maxLength,
  )
}

const listsOf = (schema: Schema, root: Schema): Arbitrary<unknown[]> => {
  const minLength = schema['minItems'] ?? 0
  const length = {
    minLength,
    maxLength: Math.max(minLength, Math.min(schema['maxItems'] ?? enough.items, enough.items)),
  }
  const items = valuesOf(schema['items'] ?? {}, root)
  return schema['uniqueItems']
    ? fc.uniqueArray(items, { ...length, selector: (item) => JSON.stringify(item) })
    : fc.array(items, length)
}

const objectsOf = (schema: Schema, root: Schema): Arbitrary<object> => {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)
  const required = (schema['required'] ?? []) as string[]
  return fc
    .record(
      Object.fromEntries(properties.map(([name, property]) => [name, valuesOf(property, root)])),
      { requiredKeys: required, noNullPrototype: true },
    )
    .filter((value) => Object.keys(value).length >= (schema['minProperties'] ?? 0))
}
