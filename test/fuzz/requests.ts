import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { strictAjv } from '@porttrack/shared/http/validation'
import fc, { type Arbitrary } from 'fast-check'
import { valuesOf } from '../api/arbitrary.ts'
import type { Operation, Parameter, Schema } from '../api/document.ts'

/** One request to an operation; ids of what exists are put in when it is sent. */
export type FuzzedRequest = {
  as: Identity
  /** Which of the known ids stands for an id; none below zero. */
  pick: number
  path: Record<string, unknown>
  query: Record<string, unknown>
  headers: Record<string, string>
  body?: { type: string; value: unknown } | { type: string; text: string }
  /** What was made wrong, so that the answer must be 4xx. */
  wrong?: string
}

const callers: readonly Identity[] = [
  { roles: ['admin', 'harbour-master'], subject: 'office' },
  { roles: ['agent'], org: 'acme', subject: 'agent' },
  { roles: ['service-provider'], org: 'pilots', subject: 'pilot' },
  { roles: ['viewer'], subject: 'viewer' },
]

/** Mostly those who may do everything, since a refusal says little of what is behind it. */
const identities = fc.oneof(
  { weight: 5, arbitrary: fc.constant(callers[0] as Identity) },
  { weight: 1, arbitrary: fc.constantFrom(...callers) },
)

const preconditions = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ 'if-match': '*' }) },
  { weight: 1, arbitrary: fc.constantFrom({}, { 'if-match': '"1"' }, { 'if-match': 'W/"x"' }) },
)

/** Requests that the document describes as right. */
export const validRequests = (operation: Operation): Arbitrary<FuzzedRequest> => {
  const { parameters, bodies } = operation
  return fc
    .record({
      as: identities,
      pick: fc.integer({ min: -1, max: 1_000 }),
      path: parametersOf(parameters, 'path'),
      query: parametersOf(parameters, 'query'),
      headers: preconditions,
      body: bodiesOf(bodies),
    })
    .map(({ body, ...request }) => (body === undefined ? request : { ...request, body }))
}

/** Requests in which one thing is made wrong, as the document says what is right. */
export const invalidRequests = (operation: Operation): Arbitrary<FuzzedRequest> => {
  const ways: Arbitrary<FuzzedRequest>[] = []
  const valid = validRequests(operation)
  const json = operation.bodies['application/json']
  if (json) {
    ways.push(
      fc.tuple(valid, wrongValues(json)).map(([request, value]) => ({
        ...request,
        body: { type: 'application/json', value },
        wrong: 'the body',
      })),
      valid.map((request) => ({
        ...request,
        body: { type: 'application/json', text: '{"broken":' },
        wrong: 'the body’s JSON',
      })),
      valid.map((request) => ({
        ...request,
        body: { type: 'application/xml', text: '<body/>' },
        wrong: 'the body’s media type',
      })),
    )
  }
  if (operation.parameters.some((each) => each.in === 'query')) {
    ways.push(
      valid.map((request) => ({
        ...request,
        query: { ...request.query, 'not-a-parameter': '1' },
        wrong: 'an unknown parameter',
      })),
    )
  }
  for (const { name, schema } of operation.parameters.filter((each) => each.in === 'path')) {
    // Of a text that may be anything none is wrong.
    if (!constraints.some((keyword) => keyword in schema)) continue
    const accepts = strictAjv('array').compile(schema)
    ways.push(
      fc
        .tuple(valid, fc.string({ minLength: 1, maxLength: 300, unit: 'binary' }))
        .filter(([, text]) => isWellFormed(text) && !accepts(text))
        .map(([request, text]) => ({
          ...request,
          pick: -1,
          path: { ...request.path, [name]: text },
          wrong: `{${name}}`,
        })),
    )
  }
  return ways.length === 0 ? valid : fc.oneof(...ways)
}

/** What a path's parameter can be refused for. */
const constraints = ['pattern', 'format', 'enum', 'const', 'anyOf'] as const

const isWellFormed = (text: string): boolean => text.isWellFormed() && !/^\.{1,2}$/.test(text)

const parametersOf = (parameters: readonly Parameter[], place: string) => {
  const here = parameters.filter((each) => each.in === place)
  return fc.record(Object.fromEntries(here.map(({ name, schema }) => [name, valuesOf(schema)])), {
    requiredKeys: here.filter(({ required }) => required === true).map(({ name }) => name),
    noNullPrototype: true,
  }) as Arbitrary<Record<string, unknown>>
}

const bodiesOf = (bodies: Operation['bodies']): Arbitrary<FuzzedRequest['body']> => {
  const each = Object.entries(bodies).map(([type, schema]) =>
    type === 'application/json'
      ? valuesOf(schema).map((value) => ({ type, value }))
      : fc.string({ maxLength: 200 }).map((text) => ({ type, text })),
  )
  return each.length === 0 ? fc.constant(undefined) : fc.oneof(...each)
}

/** Bodies in which one value somewhere is another, is missing or should not be there. */
const wrongValues = (schema: Schema): Arbitrary<unknown> => {
  const accepts = strictAjv(false).compile(schema)
  return fc
    .tuple(valuesOf(schema), fc.nat(), strangeValues, fc.constantFrom('replace', 'remove', 'add'))
    .map(([value, where, strange, how]) => changed(value, { where, strange, how }))
    .filter((value) => !accepts(value))
}

const strangeValues: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    '',
    ' ',
    'a\0b',
    '\u{1f6a2}'.repeat(3_000),
    -1,
    0.5,
    1e308,
    2 ** 53,
    true,
    [],
    {},
    '9999-99-99T99:99:99Z',
    '0000-01-01T00:00:00Z',
  ),
  fc.jsonValue({ maxDepth: 3 }),
)

type Change = { where: number; strange: unknown; how: string }

const changed = (value: unknown, { where, strange, how }: Change): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return strange
  const names = Object.keys(value)
  const name = names[where % (names.length + 1)]
  if (how === 'add' || name === undefined) return { ...value, 'not a property': strange }
  if (how === 'remove')
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
  const inner = (value as Record<string, unknown>)[name]
  const deeper =
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) && where % 2 === 0
  return {
    ...value,
    [name]: deeper ? changed(inner, { where: Math.floor(where / 7), strange, how }) : strange,
  }
}
