import { randomUUID } from 'node:crypto'
import { type Grant, roles } from '@porttrack/shared/auth/access'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import type { GuardedRoute } from '@porttrack/shared/auth/authenticate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeProcesses } from '../../scripts/generate/openapi.ts'
import { processes, services } from '../../scripts/generate/processes.ts'
import { documentOf, exampleBody, type Operation } from './document.ts'
import { makeObjects } from './objects.ts'
import { type RunningService, type RunningServices, startServices } from './services.ts'

let running: RunningServices
beforeAll(async () => {
  running = await startServices()
})
afterAll(() => running[Symbol.asyncDispose]())

const named = (name: string): RunningService => running.named(name)

/** Everything that answers without a token; a route that is not here needs one. */
const publicRoutes = [
  'barcos GET /openapi.json',
  'carga GET /openapi.json',
  'gateway GET /',
  'gateway GET /openapi.json',
  'gateway GET /personal/v1/calendars/:id/shifts.ics',
  'gateway GET /reference/',
  'gateway GET /reference/json',
  'gateway GET /reference/static/*',
  'gateway GET /reference/static/index.html',
  'gateway GET /reference/static/swagger-initializer.js',
  'gateway GET /reference/yaml',
  'personal GET /openapi.json',
  'personal GET /v1/calendars/:id/shifts.ics',
  'rutas GET /openapi.json',
]

it('only these routes answer without a token', async () => {
  const described = await describeProcesses(processes)
  const found = described.flatMap(({ definition: { name }, routes }) =>
    routes
      .filter(({ permission, method }) => permission === null && method !== 'HEAD')
      .map(({ method, path }) => `${name} ${method} ${path}`),
  )
  expect(found.toSorted()).toEqual(publicRoutes)
})

/** Fills a path; what it names does not exist. */
const filled = (path: string, values: Record<string, string> = {}): string =>
  path.replaceAll(/:(\w+)/g, (_all, name: string) => values[name] ?? unknown[name] ?? randomUUID())

const unknown: Record<string, string> = { mmsi: '224999999', authority: 'CUSTOMS' }

const guarded = ({ app }: RunningService): GuardedRoute[] =>
  app.guardedRoutes.filter(({ permission }) => permission !== null)

const grantOf = ({ definition }: RunningService, { permission }: GuardedRoute): Grant => {
  const grant = definition.access.grants[permission ?? '']
  if (!grant) throw new Error(`${permission} is not granted`)
  return grant
}

/** Every user, every machine and every service that there is, and whether the grant lets it. */
const callersOf = (
  grant: Grant,
  scopes: readonly string[],
): [string, Identity | string, boolean][] => {
  if (grant === 'everyone') throw new Error('no service is open to everyone')
  return [
    ...roles.map((role): [string, Identity, boolean] => [
      role,
      { roles: [role], org: 'acme' },
      grant.roles.includes(role),
    ]),
    ['nobody', { roles: [], org: 'acme' }, false],
    ['a role that is none', { roles: ['ADMIN' as 'admin'] }, false],
    ...scopes.map((scope): [string, Identity, boolean] => [
      scope,
      { kind: 'machine', scopes: [scope], org: 'acme' },
      grant.scopes.includes(scope),
    ]),
    ...services.map(({ name }): [string, string, boolean] => [
      `service ${name}`,
      name,
      grant.services?.includes(name) ?? false,
    ]),
  ]
}

describe.each(services.map(({ name }) => name))('every route of %s', (name) => {
  it('asks for a token', async () => {
    const service = named(name)
    for (const route of guarded(service)) {
      const { method, path } = route
      const answer = await service.request(method, filled(path), { as: null })
      expect({ route, status: answer.status }).toEqual({ route, status: 401 })
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
  })

  it('lets in whoever holds its permission, and nobody else', async () => {
    const service = named(name)
    const scopes = new Set(
      running.all.flatMap(({ definition }) =>
        Object.values(definition.access.grants).flatMap((grant) =>
          grant === 'everyone' ? [] : grant.scopes,
        ),
      ),
    )
    const wrong: string[] = []
    let asked = 0
    for (const route of guarded(service)) {
      for (const [who, identity, allowed] of callersOf(grantOf(service, route), [...scopes])) {
        const token =
          typeof identity === 'string'
            ? running.issuer.serviceToken(identity, name)
            : running.issuer.gatewayToken(name, identity)
        const { status, body } = await service.request(route.method, filled(route.path), {
          as: null,
          headers: { authorization: `Bearer ${token}` },
        })
        asked += 1
        const refused = status === 401 || status === 403
        const asExpected = allowed ? !refused && status < 500 : status === 403
        if (!asExpected) {
          wrong.push(`${route.method} ${route.path} by ${who}: ${status} ${body.code}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(asked).toBeGreaterThan(guarded(service).length * roles.length)
  })
})

describe('what is another organisation’s', () => {
  it('is not there, whatever is asked of it, for whoever may see only their own', async () => {
    const ids = await makeObjects(running)
    const seen: Record<string, number> = {}
    for (const service of running.all) {
      const document = await documentOf(service)
      for (const route of guarded(service)) {
        const known = ids[`${service.name} ${collectionOf(route.path)}`]
        if (known === undefined) continue
        const operation = document.operation(
          route.method === 'HEAD' ? 'GET' : route.method,
          route.path,
        )
        for (const as of strangersTo(service, route)) {
          const [theirs, none] = [
            await ask(service, { route, operation, as, id: known }),
            await ask(service, { route, operation, as, id: randomUUID() }),
          ]
          const where = `${service.name} ${route.method} ${route.path} by ${JSON.stringify(as)}`
          expect({ where, ...theirs }).toEqual({ where, ...none })
          expect({ where, status: theirs.status }).toEqual({ where, status: 404 })
          seen[collectionOf(route.path)] = (seen[collectionOf(route.path)] ?? 0) + 1
        }
      }
    }
    expect(Object.keys(seen).toSorted()).toEqual([
      '/v1/container-visits',
      '/v1/employees',
      '/v1/port-calls',
      '/v1/reservations',
      '/v1/service-orders',
      '/v1/transport-documents',
      '/v1/webhooks',
    ])
  })
})

/** What a path is about: `/v1/port-calls` of `/v1/port-calls/:id/approve`. */
const collectionOf = (path: string): string =>
  path.includes('/:id') ? (path.split('/:')[0] ?? '') : ''

/** Those whom a route lets in, and who are bound to another organisation than acme. */
const strangersTo = (service: RunningService, route: GuardedRoute): Identity[] => {
  const grant = grantOf(service, route)
  if (grant === 'everyone') return []
  const bound = grant.ownOnly ?? []
  return [
    ...(route.path.startsWith('/v1/webhooks') ? ([{ roles: ['admin'] }] as Identity[]) : []),
    ...bound.filter((role) => grant.roles.includes(role)).map((role) => ({ roles: [role] })),
    ...(bound.length > 0 || route.path.startsWith('/v1/webhooks')
      ? grant.scopes.map((scope): Identity => ({ kind: 'machine', scopes: [scope] }))
      : []),
  ].map((identity) => ({ ...identity, org: 'globex', subject: 'stranger' }))
}

type Question = { route: GuardedRoute; operation: Operation; as: Identity; id: string }

const ask = async (service: RunningService, { route, operation, as, id }: Question) => {
  const body = exampleBody(operation)
  const answer = await service.request(route.method, filled(route.path, { id }), {
    as,
    headers: { 'if-match': '*' },
    ...(body === undefined ? {} : { body }),
  })
  const { code, detail, errors } = answer.body
  return { status: answer.status, code, detail, errors }
}
