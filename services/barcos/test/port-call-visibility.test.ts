import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

/** Those who are bound to an organisation, each with what its kind may hold. */
const bound: Identity[] = [
  otherAgent,
  { roles: ['agent'], subject: 'homeless' },
  { roles: ['service-provider'], org: 'pilots', subject: 'pilot' },
  {
    kind: 'machine',
    scopes: ['barcos/read', 'barcos/write', 'barcos/clearance'],
    org: 'globex',
    subject: 'globex-system',
  },
]

/** Bodies without which a route refuses before it looks for the call. */
const bodies: Record<string, object> = {
  'PATCH /v1/port-calls/{id}': { nextPort: 'NLRTM' },
  'POST /v1/port-calls/{id}/reject': { reason: 'full' },
  'PUT /v1/port-calls/{id}/clearances/{authority}': { state: 'GRANTED' },
}

type Operation = { tags?: string[] }

describe('another organisation’s call', () => {
  it('is not there, on every route of port calls and clearances', async () => {
    const { body: document } = await barcos.request('GET', '/openapi.json', { as: null })
    const routes = Object.entries(document.paths as Record<string, Record<string, Operation>>)
      .flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, { tags = [] }]) => ({
          path,
          method: method.toUpperCase() as 'GET',
          tags,
        })),
      )
      .filter(
        ({ path, tags }) =>
          path.includes('{id}') && (tags.includes('port calls') || tags.includes('clearances')),
      )
    expect(routes.length).toBeGreaterThanOrEqual(17)
    const { id } = await barcos.announce((await barcos.registerVessel()).id)
    const before = await barcos.request('GET', `/v1/port-calls/${id}`)
    const unknown = '0192f3a0-0000-7000-8000-000000000000'
    let hidden = 0
    for (const as of bound) {
      for (const { path, method } of routes) {
        const ask = (call: string) =>
          barcos.request(method, path.replace('{id}', call).replace('{authority}', 'CUSTOMS'), {
            as,
            headers: { 'if-match': '*' },
            ...(bodies[`${method} ${path}`] ? { body: bodies[`${method} ${path}`] } : {}),
          })
        const [theirs, none] = [await ask(id), await ask(unknown)]
        expect({ method, path, status: theirs.status }).toMatchObject({
          status: expect.toSatisfy((status: number) => status === 403 || status === 404),
        })
        expect([theirs.status, theirs.body.code, theirs.body.detail]).toEqual([
          none.status,
          none.body.code,
          none.body.detail,
        ])
        if (theirs.status === 404) hidden += 1
      }
    }
    expect(hidden).toBeGreaterThan(bound.length * 5)
    expect((await barcos.request('GET', `/v1/port-calls/${id}`)).body).toEqual(before.body)
  })
})
