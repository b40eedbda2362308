import type { Role } from '@porttrack/shared/auth/access'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newEmployee, register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

const path = '/v1/employees'
const nowhere = `${path}/00000000-0000-7000-8000-000000000000`
const hidden = {
  givenName: null,
  familyName: null,
  email: null,
  phone: null,
  deactivation: null,
}
let service: TestPersonal
const post = (body: unknown, headers: Record<string, string> = {}) =>
  service.request('POST', path, { body, headers })
const deactivate = (id: string, reason = 'on leave') =>
  service.request('POST', `${path}/${id}/deactivate`, { body: { reason } })

beforeAll(async () => {
  service = await startPersonal()
})
afterAll(() => service[Symbol.asyncDispose]())

describe('registering an employee', () => {
  it('answers with the employee and its version', async () => {
    const given = newEmployee()
    const made = await post(given)
    expect(made).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: `${path}/${made.body.id}` },
      body: { ...given, state: 'ACTIVE', deactivation: null, version: 1 },
    })
    const read = await service.request('GET', `${path}/${made.body.id}`)
    expect(read).toMatchObject({ status: 200, body: made.body, headers: { etag: '"1"' } })
    const known = { headers: { 'if-none-match': '"1"' } }
    expect(await service.request('GET', `${path}/${made.body.id}`, known)).toMatchObject({
      status: 304,
      text: '',
    })
  })

  it('takes a personnel number once, also when many try at once', async () => {
    const given = newEmployee()
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(given)))
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([201, ...Array(7).fill(409)])
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'EMPLOYEE_EXISTS',
      errors: [{ pointer: '#/personnelNumber' }],
    })
  })

  it('refuses what is not well formed, with the place of each fault', async () => {
    const faults: [object, string][] = [
      [{ personnelNumber: '' }, '#/personnelNumber'],
      [{ givenName: ' Ana' }, '#/givenName'],
      [{ familyName: 'a\nb' }, '#/familyName'],
      [{ familyName: 'x'.repeat(101) }, '#/familyName'],
      [{ email: 'ana' }, '#/email'],
      [{ phone: '600123456' }, '#/phone'],
      [{ organization: 'Pilots' }, '#/organization'],
      [{ roles: 'PILOT' }, '#/roles'],
      [{ roles: ['pilot'] }, '#/roles/0'],
      [{ skills: ['LNG', 'LNG'] }, '#/skills'],
      [{ restProfile: 'NONE' }, '#/restProfile'],
      [{ state: 'INACTIVE' }, '#/state'],
    ]
    for (const [change, pointer] of faults) {
      const answer = await post(newEmployee(change))
      expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
      expect(answer.body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(
        pointer,
      )
    }
  })

  it('gives a repeated request the answer of the first', async () => {
    const headers = { 'idempotency-key': 'register-1' }
    const given = newEmployee()
    const first = await post(given, headers)
    const second = await post(given, headers)
    expect(second).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
    expect(second.body).toEqual(first.body)
    expect(await post(newEmployee(), headers)).toMatchObject({ status: 422 })
  })
})

describe('changing an employee', () => {
  const put = (id: string, body: unknown, headers: Record<string, string> = {}) =>
    service.request('PUT', `${path}/${id}`, { body, headers })

  it('replaces what is known for who knows the present version', async () => {
    const { email: _, ...given } = newEmployee()
    const { body: employee } = await post(given)
    const change = { ...given, familyName: 'Núñez', skills: [] }
    expect(await put(employee.id, change)).toMatchObject({ status: 428 })
    expect(await put(employee.id, change, { 'if-match': '"2"' })).toMatchObject({ status: 412 })
    expect(await put(employee.id, change, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { familyName: 'Núñez', skills: [], email: null, version: 2, state: 'ACTIVE' },
    })
    expect(await put(employee.id, change, { 'if-match': '"1"' })).toMatchObject({ status: 412 })
  })

  it('refuses another’s personnel number', async () => {
    const [one, other] = [newEmployee(), newEmployee()]
    await post(one)
    const { body: employee } = await post(other)
    const change = { ...other, personnelNumber: one.personnelNumber }
    expect(await put(employee.id, change, { 'if-match': '*' })).toMatchObject({
      status: 409,
      body: { code: 'EMPLOYEE_EXISTS' },
    })
    expect((await service.request('GET', `${path}/${employee.id}`)).body).toEqual(employee)
  })

  it('answers 404 for what is not there and 400 for what is no id', async () => {
    expect(await service.request('GET', nowhere)).toMatchObject({ status: 404 })
    expect(await service.request('GET', `${path}/1`)).toMatchObject({ status: 400 })
    const change = { body: newEmployee(), headers: { 'if-match': '*' } }
    expect(await service.request('PUT', nowhere, change)).toMatchObject({ status: 404 })
  })
})

describe('deactivating an employee', () => {
  it('keeps who, when and why, and happens once', async () => {
    const { id } = await register(service)
    expect(await deactivate(id, 'retired')).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { state: 'INACTIVE', deactivation: { reason: 'retired', by: 'tester' }, version: 2 },
    })
    expect(await deactivate(id)).toMatchObject({ status: 409, body: { code: 'EMPLOYEE_INACTIVE' } })
    expect(await deactivate(id, '')).toMatchObject({ status: 400 })
    const other = { body: { reason: 'x' } }
    expect(await service.request('POST', `${nowhere}/deactivate`, other)).toMatchObject({
      status: 404,
    })
  })
})

describe('the list of employees', () => {
  const organization = 'listed'
  const people = [
    { givenName: 'Íñigo', familyName: 'Álvarez', skills: ['CRANE'], roles: ['OPERATOR'] },
    { givenName: 'Bea', familyName: 'Ibarra', skills: ['CRANE', 'LNG'], roles: ['LASHER'] },
    { givenName: 'Carl', familyName: '100%', skills: [], roles: [] },
    { givenName: 'Dora', familyName: '100 Azul', skills: ['LNG'], roles: ['OPERATOR'] },
  ]
  beforeAll(async () => {
    for (const person of people) await register(service, { ...person, organization })
  })
  const list = (query: string, role: Role = 'staff-planner') =>
    service.request('GET', `${path}?organization=${organization}&${query}`, {
      as: { roles: [role] },
    })
  const namesIn = async (query: string) =>
    (await list(query)).body.items.map(({ givenName }: { givenName: string }) => givenName)

  it('is filtered by skill, role and state', async () => {
    expect(await namesIn('skill=CRANE')).toEqual(['Íñigo', 'Bea'])
    expect(await namesIn('role=OPERATOR&skill=LNG')).toEqual(['Dora'])
    const { body } = await list('skill=CRANE&role=LASHER')
    await deactivate(body.items[0].id)
    expect(await namesIn('state=INACTIVE')).toEqual(['Bea'])
    expect(await namesIn('state=ACTIVE&skill=CRANE')).toEqual(['Íñigo'])
    expect(await list('state=GONE')).toMatchObject({ status: 400 })
    expect(await list('shoeSize=43')).toMatchObject({ status: 400 })
  })

  it('is searched by the beginning of a name, wildcards meaning themselves', async () => {
    expect(await namesIn('name=al')).toEqual(['Íñigo'])
    expect(await namesIn('name=I')).toEqual(['Íñigo', 'Bea'])
    expect(await namesIn(`name=${encodeURIComponent('100%')}`)).toEqual(['Carl'])
    expect(await namesIn('name=_')).toEqual([])
  })

  it('is searched and sorted by name only by who may see names', async () => {
    for (const query of ['name=al', 'sort=familyName', 'sort=personnelNumber,-familyName']) {
      expect(await list(query, 'berth-planner')).toMatchObject({
        status: 403,
        body: { code: 'FORBIDDEN' },
      })
    }
    expect(await namesIn('sort=familyName')).toEqual(['Dora', 'Carl', 'Íñigo', 'Bea'])
  })

  it('comes in pages that miss and repeat nothing', async () => {
    for (const sort of ['personnelNumber', '-familyName', '-registeredAt']) {
      const seen: string[] = []
      let cursor = ''
      do {
        const { body } = await list(`limit=3&sort=${sort}${cursor}`)
        seen.push(...body.items.map(({ givenName }: { givenName: string }) => givenName))
        cursor = body.next === null ? '' : `&cursor=${body.next}`
      } while (cursor !== '')
      expect(seen.toSorted()).toEqual(people.map(({ givenName }) => givenName).toSorted())
    }
    const { body } = await list('limit=2')
    expect(await list(`limit=2&skill=LNG&cursor=${body.next}`)).toMatchObject({
      status: 400,
      body: { code: 'CURSOR_INVALID' },
    })
  })
})

describe('who may do what', () => {
  const cases = [
    { as: { roles: ['admin'] }, read: 200, write: 201 },
    { as: { roles: ['harbour-master'] }, read: 200, write: 201 },
    { as: { roles: ['staff-planner'] }, read: 200, write: 201 },
    { as: { roles: ['berth-planner'] }, read: 200, write: 403 },
    { as: { roles: ['terminal-planner'] }, read: 200, write: 403 },
    { as: { roles: ['service-provider'], org: 'pilots' }, read: 200, write: 403 },
    { as: { roles: ['viewer'] }, read: 200, write: 403 },
    { as: { roles: ['gate-clerk'] }, read: 403, write: 403 },
    { as: { roles: ['agent'], org: 'acme' }, read: 403, write: 403 },
    { as: { kind: 'machine', scopes: ['personal/read'] }, read: 200, write: 403 },
    { as: { kind: 'machine', scopes: ['personal/write'] }, read: 403, write: 201 },
    { as: { kind: 'machine', scopes: ['barcos/read', 'carga/write'] }, read: 403, write: 403 },
    { as: null, read: 401, write: 401 },
  ] as const

  it.each(cases)('$as', async ({ as, read, write }) => {
    expect((await service.request('GET', path, { as })).status).toBe(read)
    expect((await service.request('POST', path, { as, body: newEmployee() })).status).toBe(write)
  })

  it('shows personal fields only to who needs them', async () => {
    const employee = await register(service)
    const url = `${path}/${employee.id}`
    for (const role of ['admin', 'harbour-master', 'staff-planner'] as const) {
      const as = { roles: [role] }
      expect((await service.request('GET', url, { as })).body).toEqual(employee)
    }
    for (const role of ['berth-planner', 'terminal-planner', 'viewer'] as const) {
      const as = { roles: [role] }
      expect((await service.request('GET', url, { as })).body).toEqual({ ...employee, ...hidden })
      const { body } = await service.request('GET', `${path}?limit=200`, { as })
      expect(body.items.length).toBeGreaterThan(0)
      expect(body.items).toEqual(
        body.items.map((item: object) => expect.objectContaining({ ...item, ...hidden })),
      )
    }
    const machine = { kind: 'machine', scopes: ['personal/write'] } as const
    const made = await service.request('POST', path, { as: machine, body: newEmployee() })
    expect(made).toMatchObject({ status: 201, body: hidden })
  })

  it('shows providers the people of their own organization', async () => {
    const ours = await register(service, { organization: 'tugs' })
    const theirs = await register(service, { organization: 'pilots' })
    const none = await register(service, { organization: null })
    const provider = { as: { roles: ['service-provider'], org: 'tugs' } } as const
    const read = async ({ id }: { id: string }) =>
      (await service.request('GET', `${path}/${id}`, provider)).status
    expect([await read(ours), await read(theirs), await read(none)]).toEqual([200, 404, 404])
    const { body } = await service.request('GET', `${path}?limit=200`, provider)
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([ours.id])
    const unbound = { as: { roles: ['service-provider'] } } as const
    expect((await service.request('GET', path, unbound)).body.items).toEqual([])
    const machine = { kind: 'machine', scopes: ['personal/write'], org: 'tugs' } as const
    const made = { as: machine, body: newEmployee() }
    expect(await service.request('POST', path, made)).toMatchObject({ status: 403 })
  })

  it('lets the service that needs it read the feed, and nobody’s record', async () => {
    for (const [name, status] of [
      ['barcos', 200],
      ['carga', 403],
      ['rutas', 403],
    ] as const) {
      const headers = { authorization: `Bearer ${service.issuer.serviceToken(name, 'personal')}` }
      const as = null
      expect((await service.request('GET', '/v1/feed', { as, headers })).status).toBe(status)
      expect((await service.request('GET', path, { as, headers })).status).toBe(403)
    }
  })
})

describe('what personal tells the others', () => {
  it('is who was registered and each change, by ids and codes', async () => {
    const employee = await register(service)
    await deactivate(employee.id)
    const { body } = await service.request('GET', '/v1/feed?limit=1000', {
      as: { roles: ['admin'] },
    })
    const ours = body.events.filter(({ subject }: { subject: string }) => subject === employee.id)
    const { organization, roles, skills, restProfile } = employee
    const told = { employeeId: employee.id, organization, roles, skills, restProfile }
    expect(ours).toMatchObject([
      { type: 'personal.employee.registered', data: { ...told, state: 'ACTIVE' } },
      { type: 'personal.employee.changed', data: { ...told, state: 'INACTIVE' } },
    ])
    expect(Object.keys(ours[0].data).toSorted()).toEqual([...Object.keys(told), 'state'].toSorted())
  })

  it('is in its metrics too', async () => {
    const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
    expect(metrics).toMatch(
      /^personal_employees_registered_total\{rest_profile="STCW_MLC"\} [1-9]\d*$/m,
    )
    expect(metrics).toMatch(/^personal_employees_deactivated_total [1-9]\d*$/m)
  })
})
