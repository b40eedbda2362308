import { describe, expect, it } from 'vitest'
import { withLimits } from './openapi-limits.ts'

const documentOf = (schema: object) => ({
  components: {},
  paths: {
    '/x': { get: { responses: { 200: { content: { 'application/json': { schema } } }, 429: {} } } },
  },
})

const bounded = (schema: object) =>
  withLimits(documentOf(schema)).paths['/x'].get.responses[200].content['application/json'].schema

describe('an OpenAPI document', () => {
  it('says how large texts, lists and whole numbers are, wherever they are', () => {
    const texts = { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }
    expect(bounded({ type: 'object', properties: { texts } })).toMatchObject({
      properties: {
        texts: { maxItems: 524_288, items: { anyOf: [{ maxLength: 1_048_576 }, {}] } },
      },
    })
    expect(bounded({ type: 'integer' })).toMatchObject({
      minimum: Number.MIN_SAFE_INTEGER,
      maximum: Number.MAX_SAFE_INTEGER,
      format: 'int64',
    })
    expect(bounded({ type: 'string', format: 'uuid' })).toMatchObject({ maxLength: 36 })
    expect(bounded({ type: 'string', pattern: '^[A-Z]{2}\\d*$' })).toMatchObject({
      maxLength: 1_048_576,
    })
    expect(bounded({ type: 'string', pattern: '^[A-Z]{2}$' })).toMatchObject({ maxLength: 2 })
  })

  it('keeps the limits that a schema has, and leaves properties that are named like keywords', () => {
    expect(bounded({ type: 'string', maxLength: 5 })).toEqual({ type: 'string', maxLength: 5 })
    expect(bounded({ type: 'integer', minimum: 1, maximum: 9 })).toMatchObject({
      minimum: 1,
      maximum: 9,
      format: 'int32',
    })
    const named = { type: 'object', properties: { type: { enum: ['string'] } } }
    expect(bounded(named)).toEqual(named)
  })

  it('names the headers of limits, and does not change what it was given', () => {
    const given = documentOf({ type: 'string' })
    const { responses } = withLimits(given).paths['/x'].get
    expect(responses[200]).toMatchObject({
      headers: { RateLimit: { $ref: '#/components/headers/RateLimit' } },
    })
    expect(responses[429]).toHaveProperty('headers.Retry-After')
    expect(given).toEqual(documentOf({ type: 'string' }))
  })
})
