import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineAccess } from '../src/auth/access.ts'
import { dcsaContract } from '../src/http/dcsa.ts'
import { kitErrors } from '../src/http/errors.ts'
import { ProblemError } from '../src/http/problem.ts'
import { defineService } from '../src/service/define-service.ts'
import { startTestService, type TestService } from '../src/testing/start-service.ts'
import { TokenIssuer } from '../src/testing/token-issuer.ts'

const access = defineAccess({
  'thing:write': { roles: ['harbour-master'], scopes: [] },
  'feed:read': { roles: [], scopes: [] },
})

const contractedThings = (app: FastifyInstance) => {
  app.post(
    '/things',
    {
      config: access.permit('thing:write'),
      schema: {
        body: Type.Object({ name: Type.String() }, { additionalProperties: false }),
        response: { 200: Type.Object({ name: Type.String() }) },
      },
    },
    async ({ body }) => {
      const { name } = body as { name: string }
      if (name === 'explode') throw new Error('SELECT secret FROM vault')
      if (name === 'gone') {
        throw new ProblemError(kitErrors.UNAVAILABLE, { headers: { 'retry-after': '2' } })
      }
      return { name }
    },
  )
}

/** A service with one route of its own and one of another standard. */
const things = defineService({
  name: 'carga',
  title: 'Things',
  description: 'Things of two contracts',
  env: {},
  access,
  metrics: {},
  open: () => ({}),
  ready: async () => undefined,
  bodyLimit: 1_000,
  routes: (app) => {
    app.get('/things', { config: access.permit('thing:write'), schema: {} }, async () => ({}))
  },
  contracts: [
    {
      contract: dcsaContract({ prefix: '/dcsa/things/v3', version: '3.1.0' }),
      resources: [{ routes: contractedThings }],
    },
  ],
})

let service: TestService<object>
beforeAll(async () => {
  service = await startTestService(things, { issuer: new TokenIssuer(['gateway', 'carga']) })
})
afterAll(() => service[Symbol.asyncDispose]())

const path = '/dcsa/things/v3/things'
const post = (body: unknown, headers: Record<string, string> = {}) =>
  service.request('POST', path, { body, headers })
const error = (message: string, propertyPath?: string) => ({
  feedbackElements: [{ severity: 'ERROR', message, ...(propertyPath ? { propertyPath } : {}) }],
})

describe('a path of another standard', () => {
  it('names its version in every answer', async () => {
    const answer = await post({ name: 'box' })
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'api-version': '3.1.0' },
      body: { name: 'box' },
    })
  })

  it('answers every error in the standard’s words, with status and version', async () => {
    const json = { 'content-type': 'application/json' }
    const cases: [Promise<Awaited<ReturnType<typeof post>>>, number, object][] = [
      [post({}), 400, error('is missing', '$.name')],
      [post('{"name":', json), 400, error('The body is not valid JSON')],
      [post({ name: 'a\0' }), 400, error('must not contain a NUL character', '$.name')],
      [service.request('POST', path, { as: null }), 401, error('A valid token is needed')],
      [service.request('POST', path, { as: { roles: ['viewer'] } }), 403, error('Not allowed')],
      [service.request('GET', `${path}/1`), 404, error('Not found')],
      [service.request('GET', '/dcsa/things/v3'), 404, error('Not found')],
      [service.request('DELETE', path), 405, error('Method not allowed')],
      [post({ name: 'x'.repeat(2_000) }), 413, error('The body is too large')],
      [post('<a/>', { 'content-type': 'text/xml' }), 415, error('Unsupported media type')],
      [post({}, { 'content-encoding': 'gzip' }), 415, error('Content-Encoding gzip is not taken')],
      [
        service.request('GET', '/dcsa/things/v3/%zz'),
        400,
        error("'/dcsa/things/v3/%zz' is not a valid url component"),
      ],
      [post({ name: 'explode' }), 500, error('The service failed')],
      [post({ name: 'gone' }), 503, error('The service cannot answer for now')],
    ]
    for (const [answer, status, body] of cases) {
      const got = await answer
      expect(got).toMatchObject({ status, body })
      expect(got.body).toEqual(body)
      expect(got.headers).toMatchObject({
        'api-version': '3.1.0',
        'content-type': 'application/json',
      })
    }
    const { headers } = await service.request('DELETE', path)
    expect(headers).toMatchObject({ allow: 'POST' })
  })

  it('is the same path however it is encoded', async () => {
    const answer = await service.request('DELETE', '/dcsa/thing%73/v3/things')
    expect(answer.body).toEqual(error('Not found'))
  })

  it('answers in Spanish where that is preferred', async () => {
    const answer = await post({}, { 'accept-language': 'es-ES' })
    expect(answer.body).toEqual(error('falta', '$.name'))
    expect(answer.headers).toMatchObject({ 'content-language': 'es' })
  })

  it.each(['3', '3.0', '3.1.0', '3.20.7'])('is for callers of version %s', async (version) => {
    expect(await post({ name: 'box' }, { 'api-version': version })).toMatchObject({ status: 200 })
  })

  it.each(['2.0.0', '30.0.0', '3.', '3.1.0-beta', 'latest', ''])(
    'says to callers of version "%s" what is served',
    async (version) => {
      const answer = await post({ name: 'box' }, { 'api-version': version })
      expect(answer).toMatchObject({ status: 400, headers: { 'api-version': '3.1.0' } })
      expect(answer.body).toEqual(
        error('API-Version must be 3 or begin with "3."; 3.1.0 is served here'),
      )
    },
  )

  it('leaves the service’s own paths as they are', async () => {
    const problem = 'application/problem+json'
    for (const [url, status] of [
      ['/v1/nothing', 404],
      ['/dcsa/things/v30/things', 404],
      ['/dcsa/things', 404],
    ] as const) {
      const answer = await service.request('GET', url)
      expect(answer).toMatchObject({ status, headers: { 'content-type': problem } })
      expect(answer.headers).not.toHaveProperty('api-version')
    }
  })

  it('is documented with its own errors', async () => {
    const { body } = await service.request('GET', '/openapi.json')
    const { responses } = body.paths[path].post
    expect(responses['400'].content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/FeedbackError' } },
    })
    expect(body.components.schemas.FeedbackError.required).toEqual(['feedbackElements'])
    expect(body.paths['/v1/things'].get.responses['403'].content).toHaveProperty([
      'application/problem+json',
    ])
  })
})
