import { defineAccess } from '@porttrack/shared/auth/access'
import { errors } from '@porttrack/shared/http/errors'
import { defineService } from '@porttrack/shared/service/define-service'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { Type } from 'typebox'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest'
import { call, startGateway, type TestGateway } from './gateway.ts'
import { startServer, type TestServer } from './http.ts'

const access = defineAccess({ 'thing:read': 'everyone', 'feed:read': { roles: [], scopes: [] } })

/** Two services that use the same names for different things. */
const serviceNamed = (name: string) =>
  defineService({
    name,
    title: name,
    description: `The service ${name}`,
    env: {},
    access,
    metrics: {},
    open: () => ({}),
    ready: async () => undefined,
    routes: (app) => {
      const Thing = Type.Object({ id: Type.String(), [name]: Type.Boolean() }, { $id: 'Thing' })
      app.addSchema(Thing)
      app.get(
        '/things/:id',
        {
          config: access.permit('thing:read'),
          schema: {
            operationId: 'getThing',
            tags: ['things'],
            params: Type.Object({ id: Type.String() }),
            response: { 200: Type.Ref('Thing'), ...errors(404) },
          },
        },
        () => ({ id: '1', [name]: true }),
      )
    },
  })

type Service = Awaited<ReturnType<typeof startTestService>>
const issuer = new TokenIssuer()
let barcos: Service
let carga: Service
let gateway: TestGateway
beforeAll(async () => {
  barcos = await startTestService(serviceNamed('barcos'), { issuer })
  carga = await startTestService(serviceNamed('carga'), { issuer })
  gateway = await startGateway({ barcos: barcos.url, carga: carga.url }, { issuer })
})
afterAll(async () => {
  for (const service of [gateway, barcos, carga]) await service[Symbol.asyncDispose]()
})

const open = (path: string) => call(gateway, path, { token: null })

/** Every value under a key, anywhere in a document. */
const valuesOf = (key: string, value: unknown): unknown[] =>
  value === null || typeof value !== 'object'
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [
        ...(name === key ? [inner] : []),
        ...valuesOf(key, inner),
      ])

const leadsSomewhere = (reference: string, document: unknown): boolean =>
  typeof reference
    .split('/')
    .slice(1)
    .reduce((at: unknown, key) => (at as Record<string, unknown> | undefined)?.[key], document) ===
  'object'

describe('the joined document', () => {
  it('has the services that answer and names those that do not', async () => {
    const { status, headers, body } = await open('/openapi.json')
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
    })
    expect(body.openapi).toBe('3.1.0')
    expect(body.info['x-unavailable']).toEqual(['rutas', 'personal'])
    expect(Object.keys(body.paths)).toEqual([
      '/',
      '/barcos/v1/things/{id}',
      '/carga/v1/things/{id}',
    ])
  })

  it('is whole: references lead somewhere, operation ids are unique, every tag is listed', async () => {
    const { body } = await open('/openapi.json')
    const references = valuesOf('$ref', body) as string[]
    expect(references.length).toBeGreaterThan(10)
    expect(references.filter((reference) => !leadsSomewhere(reference, body))).toEqual([])
    const ids = valuesOf('operationId', body)
    expect(ids).toEqual(expect.arrayContaining(['getWelcome', 'barcosGetThing', 'cargaGetThing']))
    expect(new Set(ids).size).toBe(ids.length)
    const listed = body.tags.map(({ name }: { name: string }) => name)
    expect(listed).toEqual(['barcos/things', 'carga/things'])
    expect(body.components.schemas['barcos.Thing'].properties).toHaveProperty('barcos')
    expect(body.components.schemas['carga.Thing'].properties).toHaveProperty('carga')
  })

  it('describes requests that work as written', async () => {
    const { body } = await open('/openapi.json')
    const path = Object.keys(body.paths)[1]?.replace('{id}', '1') ?? ''
    expect(await call(gateway, path)).toMatchObject({ status: 200, body: { barcos: true } })
  })
})

/** What a service may send in the place of its document. */
const broken: Record<string, string> = {
  nothing: '',
  'no JSON': '<html>',
  'half a document': '{"openapi":"3.1.0","paths":{',
  text: '"openapi"',
  null: 'null',
  'a list': '[]',
  'no paths': '{"openapi":"3.1.0"}',
  'a list of paths': '{"paths":[]}',
  'a path of null': '{"paths":{"/x":null}}',
  'a path of text': '{"paths":{"/x":"y"}}',
  'an operation of null': '{"paths":{"/x":{"get":null}}}',
  'tags that are no list': '{"paths":{"/x":{"get":{"tags":1}}}}',
  'a tag of null': '{"paths":{},"tags":[null]}',
  'components of null': '{"paths":{},"components":null}',
  'a component of null': '{"paths":{},"components":{"schemas":null}}',
  'components that would be of every object': '{"paths":{},"components":{"__proto__":{"evil":1}}}',
  'components that every object has': '{"paths":{},"components":{"constructor":{"evil":1}}}',
  'tags that are no texts': '{"paths":{"/x":{"get":{"tags":[{"toString":1}]}}}}',
  'an operation id that is no text':
    '{"paths":{"/x":{"get":{"operationId":{"toString":1,"valueOf":1}}}}}',
  'a document in 100,000 lists': `{"paths":{},"x-deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  'a document in 100,000 objects': `{"paths":{},"x-deep":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
  'a schema that is deeper than any': `{"paths":{},"components":{"schemas":{"X":${'{"items":'.repeat(98)}{}${'}'.repeat(98)}}}}`,
  'more than any document is': `{"paths":{},"info":"${'a'.repeat(17_000_000)}"}`,
}

const leftOut = ({ service }: TestGateway) =>
  service
    .logs()
    .filter(({ message }) => message === 'the document of a service is left out')
    .map((line) => String(line['labels.upstream']))
    .toSorted()

describe('a service whose document is none', () => {
  let text = ''
  let service: TestServer
  let beside: TestGateway
  beforeAll(async () => {
    service = await startServer((_request, response) => void response.end(text))
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    beside = await startGateway({ barcos: barcos.url, carga: service.url })
  })
  afterEach(async () => {
    await beside[Symbol.asyncDispose]()
  })

  it.each(Object.entries(broken))('is named, and no other is missed: %s', async (_name, sent) => {
    text = sent
    const { status, body } = await call(beside, '/openapi.json', { token: null })
    expect(status).toBe(200)
    expect(body.info['x-unavailable']).toEqual(['carga', 'rutas', 'personal'])
    expect(Object.keys(body.paths)).toEqual(['/', '/barcos/v1/things/{id}'])
    expect('carga.evil' in {}).toBe(false)
    expect('carga.evil' in Object).toBe(false)
    expect(leftOut(beside)).toEqual(['carga', 'personal', 'rutas'])
  })
})

it('what is left out is told once, and again when it is for another reason', async () => {
  let text = 'null'
  await using service = await startServer((_request, response) => response.end(text))
  await using beside = await startGateway({ carga: service.url })
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const told = async () => {
    vi.advanceTimersByTime(6_000)
    await call(beside, '/openapi.json', { token: null })
    return leftOut(beside).filter((name) => name === 'carga').length
  }
  expect([await told(), await told()]).toEqual([1, 1])
  text = '{"paths":'
  expect([await told(), await told()]).toEqual([2, 2])
  text = '{"paths":{}}'
  expect(await told()).toBe(2)
  text = 'null'
  expect(await told()).toBe(3)
})

it('a reference that is none is left as it is', async () => {
  const sent = { paths: {}, 'x-any': 1, components: { schemas: { X: { $ref: { toString: 1 } } } } }
  await using service = await startServer((_request, response) =>
    response.end(JSON.stringify(sent)),
  )
  await using beside = await startGateway({ carga: service.url })
  const { status, body } = await call(beside, '/openapi.json', { token: null })
  expect(status).toBe(200)
  expect(body.components.schemas['carga.X']).toEqual({ $ref: { toString: 1 } })
})

describe('the reference page', () => {
  it('needs nothing from elsewhere and runs no text of its own', async () => {
    const page = await open('/reference')
    expect(page.status).toBe(200)
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    const addresses = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '')
    expect(addresses.length).toBeGreaterThan(4)
    for (const address of addresses) {
      const { pathname, host } = new URL(address, `${gateway.url}/reference`)
      expect(host).toBe(new URL(gateway.url).host)
      expect({ pathname, ...(await open(pathname)) }).toMatchObject({ pathname, status: 200 })
    }
    expect(page.text).not.toMatch(/<script>|<style|onload=/)
  })

  it('shows the joined document', async () => {
    const { status, headers } = await open('/reference/json')
    expect({ status, location: headers.location }).toEqual({
      status: 302,
      location: '/openapi.json',
    })
    expect(await open('/reference/../metrics')).toMatchObject({ status: 404 })
  })
})

describe('without a token', () => {
  it('only these are served', async () => {
    expect(await open('/')).toMatchObject({
      status: 200,
      body: { services: ['barcos', 'carga', 'rutas', 'personal'], reference: '/reference' },
    })
    expect(await open('/barcos/openapi.json')).toMatchObject({ status: 401 })
    expect(await open('/barcos/v1/things/1')).toMatchObject({ status: 401 })
  })
})
