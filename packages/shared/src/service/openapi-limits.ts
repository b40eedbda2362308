import { longestMatch } from './pattern-length.ts'

type Schema = Record<string, unknown>

/** Longest texts of formats, in characters: what the validator accepts is no longer. */
const longest: Readonly<Record<string, number>> = { uuid: 36, date: 10, 'date-time': 64 }

/** No body is larger, so no text and no list in one is longer, in characters and items. */
const largest = { text: 1_048_576, list: 524_288 }

const int32 = { minimum: -2_147_483_648, maximum: 2_147_483_647 }

/** Whole numbers that JSON's readers keep exactly (RFC 8259 §6). */
const safe = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }

const single = ['items', 'not', 'additionalProperties', 'contains'] as const
const lists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const
const maps = ['properties', 'patternProperties', '$defs'] as const

/** Headers that the gateway adds to answers, and how it limits how often one may ask. */
const gatewayHeaders = {
  'Access-Control-Allow-Origin': {
    description: 'The origin of the page that asks, where the port lets its pages read answers',
    schema: { type: 'string', format: 'uri', maxLength: 300 },
  },
  RateLimit: {
    description:
      'What is left of each limit and the seconds until it is whole again, such as `"caller";r=2999;t=10`',
    schema: { type: 'string', maxLength: 100 },
  },
  'RateLimit-Policy': {
    description:
      'The limits: requests and the seconds they are for, such as `"caller";q=3000;w=10`',
    schema: { type: 'string', maxLength: 100 },
  },
  'Retry-After': {
    description: 'Seconds after which it is worth asking again',
    schema: { type: 'integer', minimum: 0, maximum: 86_400 },
  },
}

type Document = Record<string, unknown> & { components?: Record<string, unknown> }

/**
 * Says in an OpenAPI document what OWASP's API4:2023 asks for: the headers of rate limits and of other
 * origins, and of every text, list and whole number how large it may be where its schema leaves that to
 * its format, its pattern or the largest body. The document given stays as it is, since schemas in it validate requests.
 */
export const withLimits = <D extends object>(given: D): D => {
  const document = structuredClone(given) as Document
  document.components = { ...document.components, headers: structuredClone(gatewayHeaders) }
  for (const item of Object.values((document['paths'] ?? {}) as Schema)) {
    for (const operation of Object.values(item as Schema)) {
      const { responses = {} } = operation as { responses?: Record<string, Schema> }
      for (const [status, response] of Object.entries(responses)) nameHeaders(status, response)
    }
  }
  stateBounds(document)
  return document as D
}

const nameHeaders = (status: string, response: Schema): void => {
  const names = ['Access-Control-Allow-Origin', 'RateLimit', 'RateLimit-Policy']
  if (status === '429' || status === '503') names.push('Retry-After')
  const references = names.map((name) => [name, { $ref: `#/components/headers/${name}` }])
  response['headers'] = { ...(response['headers'] as object), ...Object.fromEntries(references) }
}

const stateBounds = (value: unknown): void => {
  if (Array.isArray(value)) return value.forEach(stateBounds)
  if (!isObject(value)) return
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'schema') bound(inner)
    else if (key === 'schemas') Object.values(inner as Schema).forEach(bound)
    else if (key !== 'example' && key !== 'examples') stateBounds(inner)
  }
}

const bound = (schema: unknown): void => {
  if (!isObject(schema)) return
  if (schema['type'] === 'string' && !('enum' in schema) && !('const' in schema)) {
    schema['maxLength'] ??= longestText(schema)
  }
  if (schema['type'] === 'array') schema['maxItems'] ??= largest.list
  if (schema['type'] === 'integer') boundInteger(schema)
  for (const key of single) bound(schema[key])
  for (const key of lists) if (Array.isArray(schema[key])) schema[key].forEach(bound)
  for (const key of maps) if (isObject(schema[key])) Object.values(schema[key]).forEach(bound)
}

const longestText = ({ format, pattern }: Schema): number =>
  Math.min(
    longest[String(format)] ?? largest.text,
    typeof pattern === 'string' ? longestMatch(pattern) : Infinity,
  )

const boundInteger = (schema: Schema): void => {
  schema['minimum'] ??= safe.minimum
  schema['maximum'] ??= safe.maximum
  const short =
    Number(schema['minimum']) >= int32.minimum && Number(schema['maximum']) <= int32.maximum
  schema['format'] ??= short ? 'int32' : 'int64'
}

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
