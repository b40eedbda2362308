import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

let service: TestPersonal
beforeAll(async () => {
  service = await startPersonal()
})
afterAll(() => service[Symbol.asyncDispose]())

/** So many hours after the midnight UTC that begins a Monday. */
const at = (hours: number) => new Date(Date.UTC(2027, 0, 4) + hours * 3_600_000).toISOString()
const post = (path: string, body?: object, as?: Identity) =>
  service.request('POST', path, { ...(body ? { body } : {}), ...(as ? { as } : {}) })

let serial = 0
const gangOf = (members: string[], change: object = {}) => {
  serial += 1
  return { name: `Gang ${serial}`, kindOfWork: 'MOORING', members, ...change }
}
const people = async (...changes: object[]): Promise<string[]> => {
  const ids: string[] = []
  for (const change of changes) ids.push((await register(service, change)).id)
  return ids
}
const linesman = { roles: ['LINESMAN'], skills: [] }
const winchman = { roles: ['LINESMAN'], skills: ['WINCH'] }

const plan = async (from: number, ...positions: object[]) => {
  const { body } = await post('/v1/shifts', {
    UNLocationCode: 'ESALG',
    kindOfWork: 'MOORING',
    startsAt: at(from),
    endsAt: at(from + 8),
    positions,
  })
  return body as { id: string; positions: { id: string }[] }
}
const assign = (shift: { id: string }, gangId: string) =>
  post(`/v1/shifts/${shift.id}/assign-gang`, { gangId })
const assigned = async (shift: { id: string }) =>
  (await service.request('GET', `/v1/shifts/${shift.id}/assignments`)).body.items as object[]

describe('a standing gang', () => {
  it('is made, found, replaced and removed', async () => {
    const members = await people(linesman, linesman)
    const made = await post('/v1/gangs', gangOf(members, { name: 'Night watch' }))
    expect(made).toMatchObject({ status: 201, body: { name: 'Night watch', members, version: 1 } })
    const url = `/v1/gangs/${made.body.id}`
    expect((await service.request('GET', url)).body).toEqual(made.body)
    const again = await post('/v1/gangs', gangOf(members, { name: 'Night watch' }))
    expect(again).toMatchObject({ status: 409, body: { code: 'GANG_EXISTS' } })
    const body = gangOf(members.toReversed(), { name: 'Day watch', kindOfWork: 'LASHING' })
    const put = (match?: string) =>
      service.request('PUT', url, { body, headers: match ? { 'if-match': match } : {} })
    expect((await put()).status).toBe(428)
    expect(await put('"1"')).toMatchObject({
      status: 200,
      body: { name: 'Day watch', members: members.toReversed(), version: 2 },
    })
    expect((await put('"1"')).status).toBe(412)
    const found = await service.request('GET', '/v1/gangs?kindOfWork=LASHING')
    expect(found.body.items).toMatchObject([{ id: made.body.id }])
    const headers = { 'if-match': '"2"' }
    expect((await service.request('DELETE', url, { headers })).status).toBe(204)
    expect((await service.request('GET', url)).status).toBe(404)
  })

  it('has people alone, each once', async () => {
    const [one = ''] = await people(linesman)
    const nobody = '00000000-0000-7000-8000-000000000000'
    expect(await post('/v1/gangs', gangOf([one, nobody]))).toMatchObject({
      status: 422,
      body: { code: 'GANG_INVALID', errors: [{ pointer: '#/members/1' }] },
    })
    expect((await post('/v1/gangs', gangOf([one, one]))).status).toBe(400)
    expect((await post('/v1/gangs', gangOf([]))).status).toBe(400)
    const made = await post('/v1/gangs', gangOf([one, one.toUpperCase()]))
    expect(made.body.members).toEqual([one])
  })

  it('is not for machines of another organization than its people’s', async () => {
    const members = await people({ organization: 'pilots' }, { organization: 'tugs' })
    const { body: gang } = await post('/v1/gangs', gangOf(members))
    const as: Identity = {
      kind: 'machine',
      scopes: ['personal/read', 'personal/write'],
      org: 'tugs',
    }
    expect((await service.request('GET', `/v1/gangs/${gang.id}`, { as })).status).toBe(404)
    const { text } = await service.request('GET', '/v1/gangs?limit=200', { as })
    expect(text).not.toContain(gang.id)
    expect(await post('/v1/gangs', gangOf(members), as)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/members/0' }] },
    })
  })

  it('is left by who is erased, and told to who asks what is known of them', async () => {
    const [gone = '', stays = ''] = await people(linesman, linesman)
    const { body: gang } = await post('/v1/gangs', gangOf([gone, stays]))
    const known = await service.request('GET', `/v1/employees/${gone}/personal-data`)
    expect(known.body.gangs).toEqual([{ id: gang.id, name: gang.name }])
    await post(`/v1/employees/${gone}/deactivate`, { reason: 'retired' })
    const headers = { 'if-match': '*' }
    await service.request('POST', `/v1/employees/${gone}/erase`, { headers })
    const { body } = await service.request('GET', `/v1/gangs/${gang.id}`)
    expect(body).toMatchObject({ members: [stays], version: 2 })
  })
})

describe('assigning a gang', () => {
  it('places each member, and makes way for who can do less', async () => {
    const members = await people(winchman, linesman)
    const { body: gang } = await post('/v1/gangs', gangOf(members))
    const shift = await plan(
      0,
      { role: 'LINESMAN' },
      { role: 'LINESMAN', skills: ['WINCH'] },
      { role: 'FOREMAN' },
    )
    const [plain, winch] = shift.positions
    const answer = await assign(shift, gang.id)
    expect(answer.status).toBe(200)
    expect(answer.body.items).toMatchObject([
      { employeeId: members[0], positionId: winch?.id, overridden: [] },
      { employeeId: members[1], positionId: plain?.id },
    ])
    expect(await assigned(shift)).toHaveLength(2)
  })

  it('assigns nobody where one is not fit, and says of each why', async () => {
    const [resting = '', away = '', other = '', gone = ''] = await people(
      linesman,
      linesman,
      { roles: ['PILOT'] },
      linesman,
    )
    const earlier = await plan(104, { role: 'LINESMAN' })
    const positionId = earlier.positions[0]?.id
    await post(`/v1/shifts/${earlier.id}/assignments`, { positionId, employeeId: resting })
    await post(`/v1/employees/${away}/absences`, {
      kind: 'LEAVE',
      startsAt: at(100),
      endsAt: at(200),
    })
    await post(`/v1/employees/${gone}/deactivate`, { reason: 'retired' })
    const members = [...(await people(linesman)), resting, away, other, gone]
    const { body: gang } = await post('/v1/gangs', gangOf(members))
    const shift = await plan(112, ...Array.from({ length: 5 }, () => ({ role: 'LINESMAN' })))
    const refused = await assign(shift, gang.id)
    expect(refused).toMatchObject({ status: 422, body: { code: 'GANG_REFUSED' } })
    const why = (refused.body.errors as { pointer: string; code: string }[]).map(
      ({ pointer, code }) => `${pointer} ${code}`,
    )
    expect([...new Set(why)]).toEqual([
      '#/members/1 REST_KEPT',
      '#/members/2 NOT_ABSENT',
      '#/members/3 ROLE_HELD',
      '#/members/4 EMPLOYEE_ACTIVE',
    ])
    expect(await assigned(shift)).toEqual([])
  })

  it('needs a position for each, and is found by who may', async () => {
    const members = await people(linesman, linesman)
    const { body: gang } = await post('/v1/gangs', gangOf(members))
    const shift = await plan(0, { role: 'LINESMAN' })
    expect((await assign(shift, gang.id)).body.errors).toMatchObject([
      { pointer: '#/members/1', code: 'POSITION_LEFT' },
    ])
    expect((await assign(shift, '00000000-0000-7000-8000-000000000000')).status).toBe(404)
    const as: Identity = { roles: ['viewer'] }
    const { status } = await post(`/v1/shifts/${shift.id}/assign-gang`, { gangId: gang.id }, as)
    expect(status).toBe(403)
  })

  it('is one planner’s of two who race for it', async () => {
    const members = await people(linesman, linesman)
    const { body: gang } = await post('/v1/gangs', gangOf(members))
    const two = [{ role: 'LINESMAN' }, { role: 'LINESMAN' }]
    const shifts = [await plan(300, ...two), await plan(304, ...two)]
    const answers = await Promise.all(shifts.map((shift) => assign(shift, gang.id)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422])
    const loser = answers.find(({ status }) => status === 422)
    expect(loser?.body.errors).toMatchObject([
      { code: 'FREE_IN_TIME', conflictsWith: {} },
      { code: 'FREE_IN_TIME' },
    ])
  })
})
