import { describe, expect, it } from 'vitest'
import { type ApiDocument, joinDocuments } from './openapi.ts'

const own: ApiDocument = {
  openapi: '3.1.0',
  info: { title: 'PortTrack', version: '1.0.0' },
  servers: [{ url: '/gateway' }],
  paths: { '/': { get: { operationId: 'getWelcome' } } },
}

const service = (title: string): ApiDocument => ({
  openapi: '3.1.0',
  info: { title, version: '1.0.0' },
  tags: [{ name: 'things', description: `Things of ${title}` }],
  paths: {
    '/v1/things': {
      parameters: [{ $ref: '#/components/parameters/Limit' }],
      get: {
        operationId: 'listThings',
        tags: ['things'],
        responses: {
          200: {
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
        },
      },
      post: { responses: { 201: { description: title } } },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        properties: { parts: { type: 'array', items: { $ref: '#/components/schemas/Thing' } } },
      },
    },
    parameters: { Limit: { name: 'limit', in: 'query', schema: { type: 'integer' } } },
    securitySchemes: { accessToken: { type: 'http', scheme: 'bearer' } },
  },
})

describe('joinDocuments', () => {
  const joined = joinDocuments(own, [
    { name: 'barcos', document: service('Barcos') },
    { name: 'carga', document: service('Carga') },
    { name: 'rutas', document: null },
  ])

  it('has every path as callers see it', () => {
    expect(Object.keys(joined.paths)).toEqual(['/', '/barcos/v1/things', '/carga/v1/things'])
    expect(joined['servers']).toMatchObject([{ url: '/', 'x-internal': false }])
  })

  it('keeps the services’ names apart and their references whole', () => {
    expect(Object.keys(joined.components?.['schemas'] ?? {})).toEqual([
      'barcos.Thing',
      'carga.Thing',
    ])
    expect(JSON.stringify(joined.paths['/carga/v1/things'])).toContain(
      '#/components/schemas/carga.Thing',
    )
    expect(JSON.stringify(joined)).not.toContain('"#/components/schemas/Thing"')
    expect(joined.components?.['securitySchemes']).toEqual({
      accessToken: { type: 'http', scheme: 'bearer' },
    })
  })

  it('gives every operation an id and a tag of its service', () => {
    expect(joined.paths['/barcos/v1/things']).toMatchObject({
      get: { operationId: 'barcosListThings', tags: ['barcos/things'] },
      post: { operationId: 'barcosPostV1Things', tags: ['barcos'] },
    })
    expect(joined.tags).toEqual([
      { name: 'barcos/things', description: 'Things of Barcos' },
      { name: 'barcos' },
      { name: 'carga/things', description: 'Things of Carga' },
      { name: 'carga' },
    ])
  })

  it('names who is missing, and leaves what it was given as it was', () => {
    expect(joined.info['x-unavailable']).toEqual(['rutas'])
    expect(own.info).not.toHaveProperty('x-unavailable')
    expect(Object.keys(own.paths)).toEqual(['/'])
  })
})
