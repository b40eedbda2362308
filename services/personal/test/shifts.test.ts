import { lockWaits } from '@porttrack/shared/testing/lock-waits'
import { extractText, getDocumentProxy } from 'unpdf'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

let service: TestPersonal
beforeAll(async () => {
  service = await startPersonal({ env: { TIME_ZONE: 'Europe/Madrid' } })
})
afterAll(() => service[Symbol.asyncDispose]())

/** So many hours after the midnight that begins a Monday. */
const at = (hours: number) => new Date(Date.UTC(2027, 0, 4) + hours * 3_600_000).toISOString()

const shiftOf = (from: number, to: number, change: object = {}) => ({
  UNLocationCode: 'ESALG',
  kindOfWork: 'PILOTAGE',
  startsAt: at(from),
  endsAt: at(to),
  positions: [{ role: 'PILOT' }],
  ...change,
})

const plan = async (from: number, to: number, change: object = {}) => {
  const made = await service.request('POST', '/v1/shifts', { body: shiftOf(from, to, change) })
  if (made.status !== 201) throw new Error(made.text)
  return made.body
}

type Shift = Awaited<ReturnType<typeof plan>>

const assign = (shift: Shift, employeeId: string, more: object = {}, as?: object) =>
  service.request('POST', `/v1/shifts/${shift.id}/assignments`, {
    body: { positionId: shift.positions[0].id, employeeId, ...more },
    ...(as ? { as } : {}),
  })

const act = (shift: Shift, action: string, body?: object) =>
  service.request('POST', `/v1/shifts/${shift.id}/${action}`, body ? { body } : {})

const codesOf = ({ body }: { body: { errors: { code: string }[] } }) =>
  body.errors.map(({ code }) => code)

const eventsOf = async (shiftId: string): Promise<string[]> => {
  const as = { roles: ['admin'] as const }
  const { body } = await service.request('GET', '/v1/feed?limit=1000', { as })
  return body.events
    .filter(({ data }: { data: { shiftId?: string } }) => data.shiftId === shiftId)
    .map(({ type }: { type: string }) => type)
}

describe('a shift', () => {
  it('is planned, published, worked and closed, each told', async () => {
    const shift = await plan(8, 16, { place: 'Berth 3' })
    expect(shift).toMatchObject({
      state: 'DRAFT',
      place: 'Berth 3',
      positions: [{ role: 'PILOT', skills: [], certificates: [] }],
    })
    expect(await act(shift, 'start')).toMatchObject({
      status: 409,
      body: { code: 'SHIFT_NOT_IN_STATE' },
    })
    for (const [action, state] of [
      ['publish', 'PUBLISHED'],
      ['start', 'RUNNING'],
      ['close', 'CLOSED'],
    ] as const) {
      expect(await act(shift, action)).toMatchObject({ status: 200, body: { state } })
    }
    expect(await act(shift, 'cancel', { reason: 'rain' })).toMatchObject({ status: 409 })
    expect(await eventsOf(shift.id)).toEqual(Array(3).fill('personal.shift.changed'))
  })

  it('is replaced while it is a draft that nobody is assigned to', async () => {
    const shift = await plan(8, 16)
    const person = await register(service)
    const url = `/v1/shifts/${shift.id}`
    const put = (body: object, version: string) =>
      service.request('PUT', url, { body, headers: { 'if-match': version } })
    const made = await assign(shift, person.id)
    expect(await put(shiftOf(9, 17), '"1"')).toMatchObject({
      status: 409,
      body: { code: 'SHIFT_HAS_ASSIGNMENTS' },
    })
    const withdraw = `assignments/${made.body.id}/withdraw`
    expect(await act(shift, withdraw, { reason: 'ill' })).toMatchObject({
      status: 200,
      body: { state: 'WITHDRAWN' },
    })
    expect(await act(shift, withdraw, { reason: 'ill' })).toMatchObject({ status: 409 })
    const replaced = await put(shiftOf(9, 17), '"1"')
    expect(replaced).toMatchObject({ status: 200, body: { version: 2, startsAt: at(9) } })
    expect(await put(shiftOf(9, 17), '"1"')).toMatchObject({ status: 412 })
    const { body } = await service.request('GET', `${url}/assignments`)
    expect(body.items).toMatchObject([{ positionId: null, state: 'WITHDRAWN' }])
  })

  it('is refused where it ends before it begins, or lasts for days', async () => {
    for (const to of [8, 7, 33]) {
      const answer = await service.request('POST', '/v1/shifts', { body: shiftOf(8, to) })
      expect(answer).toMatchObject({
        status: 422,
        body: { code: 'SHIFT_INVALID', errors: [{ pointer: '#/endsAt' }] },
      })
    }
  })

  it('is refused at a port of no country', async () => {
    const body = { ...shiftOf(8, 16), UNLocationCode: 'ZZALG' }
    expect(await service.request('POST', '/v1/shifts', { body })).toMatchObject({
      status: 422,
      body: { code: 'SHIFT_INVALID', errors: [{ pointer: '#/UNLocationCode' }] },
    })
  })

  it('is found by its time, state and port call', async () => {
    const portCallId = '0198f000-0000-7000-8000-000000000001'
    const shift = await plan(1_000, 1_008, { portCallId })
    const found = async (query: string) =>
      (await service.request('GET', `/v1/shifts?${query}`)).body.items.map(
        ({ id }: { id: string }) => id,
      )
    expect(await found(`portCallId=${portCallId}`)).toEqual([shift.id])
    expect(await found(`from=${at(1_007)}&to=${at(1_100)}`)).toEqual([shift.id])
    expect(await found(`from=${at(1_008)}&to=${at(1_100)}`)).toEqual([])
    expect(await found(`from=${at(999)}&to=${at(1_000)}`)).toEqual([])
    expect(await found(`portCallId=${portCallId}&state=CLOSED`)).toEqual([])
  })
})

describe('an assignment', () => {
  it('is told when its shift is published, and when it is withdrawn after', async () => {
    const shift = await plan(8, 16)
    const person = await register(service)
    expect(await assign(shift, person.id)).toMatchObject({
      status: 201,
      body: { employeeId: person.id, state: 'PLANNED', overridden: [] },
    })
    await act(shift, 'publish')
    const { body } = await service.request('GET', `/v1/shifts/${shift.id}/assignments`)
    expect(body.items).toMatchObject([{ state: 'CONFIRMED' }])
    await act(shift, 'cancel', { reason: 'the ship does not come' })
    expect(await eventsOf(shift.id)).toEqual([
      'personal.shift.changed',
      'personal.assignment.confirmed',
      'personal.crew.confirmed',
      'personal.assignment.withdrawn',
      'personal.shift.changed',
    ])
    expect(await assign(shift, person.id)).toMatchObject({
      status: 409,
      body: { code: 'SHIFT_NOT_IN_STATE' },
    })
  })

  it('is refused with every condition that is not met', async () => {
    const shift = await plan(8, 16, {
      positions: [{ role: 'TUG_MASTER', skills: ['ESCORT'], certificates: ['MEDICAL'] }],
    })
    const person = await register(service)
    await service.request('POST', `/v1/employees/${person.id}/absences`, {
      body: { kind: 'LEAVE', startsAt: at(0), endsAt: at(9) },
    })
    const refused = await assign(shift, person.id)
    expect(refused).toMatchObject({ status: 422, body: { code: 'ASSIGNMENT_REFUSED' } })
    expect(codesOf(refused)).toEqual([
      'ROLE_HELD',
      'SKILLS_HELD',
      'CERTIFICATES_VALID',
      'NOT_ABSENT',
    ])
    const spanish = await service.request('POST', `/v1/shifts/${shift.id}/assignments`, {
      body: { positionId: shift.positions[0].id, employeeId: person.id },
      headers: { 'accept-language': 'es' },
    })
    expect(spanish.body.errors[0].detail).toBe('no desempeña TUG_MASTER')
  })

  it('needs certificates until its last day on the port’s clock', async () => {
    const person = await register(service)
    const certificate = { type: 'MEDICAL', number: 'M1', issued: '2026-01-01' }
    await service.request('POST', `/v1/employees/${person.id}/certificates`, {
      body: { ...certificate, expires: '2027-01-04' },
    })
    const needing = { positions: [{ role: 'PILOT', certificates: ['MEDICAL'] }] }
    // 23:00 UTC is midnight in Madrid: the instant at which a shift ends is no longer of it.
    const [until, after] = [await plan(15, 23, needing), await plan(15.5, 23.5, needing)]
    expect(codesOf(await assign(after, person.id))).toEqual(['CERTIFICATES_VALID'])
    expect((await assign(until, person.id)).status).toBe(201)
  })

  it('keeps the rules of rest, over all that is assigned', async () => {
    const person = await register(service, { restProfile: 'STCW_MLC' })
    expect((await assign(await plan(0, 10), person.id)).status).toBe(201)
    const evening = await plan(18, 24)
    const refused = await assign(evening, person.id)
    expect(refused.status).toBe(422)
    expect(new Set(codesOf(refused))).toEqual(new Set(['REST_KEPT']))
    expect(refused.body.errors[0].detail).toBe(
      `rest in any 24 hours: 8 h, at least 10 h (${at(0)} to ${at(24)})`,
    )
    const clerk = await register(service, { restProfile: 'EU_WTD' })
    expect((await assign(await plan(7, 15), clerk.id)).status).toBe(201)
    expect(codesOf(await assign(await plan(25, 30), clerk.id))).toEqual(['REST_KEPT'])
    expect((await assign(await plan(26, 30), clerk.id)).status).toBe(201)
  })

  it('in an emergency breaks no rule of rest', async () => {
    const person = await register(service)
    expect((await assign(await plan(0, 10), person.id)).status).toBe(201)
    const rescue = await plan(18, 24, { emergency: true })
    expect(await assign(rescue, person.id)).toMatchObject({ status: 201, body: { overridden: [] } })
    const query = `from=${at(0)}&to=${at(48)}&employeeId=${person.id}`
    const { body } = await service.request('GET', `/v1/rest-assessment?${query}`)
    expect(body.items.map(({ exempt }: { exempt: boolean }) => exempt)).not.toContain(false)
    expect(body.items.length).toBeGreaterThan(0)
  })

  it('sets a condition aside for whoever may, with the reason kept', async () => {
    const person = await register(service, { roles: [] })
    const shift = await plan(8, 16)
    const override = { reason: 'nobody else on the island' }
    const planner = { roles: ['staff-planner'] }
    expect((await assign(shift, person.id, { override }, planner)).status).toBe(403)
    const master = { roles: ['harbour-master'] }
    expect(await assign(shift, person.id, { override }, master)).toMatchObject({
      status: 201,
      body: { overridden: ['ROLE_HELD'] },
    })
    // Not that someone is in two places, nor that they work here no more.
    const other = await plan(15, 20)
    expect(await assign(other, person.id, { override }, master)).toMatchObject({
      status: 422,
      body: { code: 'ASSIGNMENT_REFUSED' },
    })
    await service.request('POST', `/v1/employees/${person.id}/deactivate`, {
      body: { reason: 'retired' },
    })
    const later = await plan(48, 50)
    expect((await assign(later, person.id, { override }, master)).status).toBe(422)
  })

  it('is one’s who planned first, of two who race for a person or for a position', async () => {
    const person = await register(service)
    const shifts = await Promise.all(Array.from({ length: 6 }, (_, n) => plan(n, n + 8)))
    const answers = await Promise.all(shifts.map((shift) => assign(shift, person.id)))
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([201, 409, 409, 409, 409, 409])
    const loser = answers.find(({ status }) => status === 409)
    const winner = answers.find(({ status }) => status === 201)
    expect(loser?.body).toMatchObject({
      code: 'EMPLOYEE_TAKEN',
      errors: [{ code: 'FREE_IN_TIME', conflictsWith: { shiftId: winner?.body.shiftId } }],
    })

    const shift = await plan(200, 208)
    const people = await Promise.all(Array.from({ length: 6 }, () => register(service)))
    const filled = await Promise.all(people.map(({ id }) => assign(shift, id)))
    expect(filled.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201, 409, 409, 409, 409, 409,
    ])
    expect(filled.find(({ status }) => status === 409)?.body.code).toBe('POSITION_FILLED')
  })
})

describe('filling a shift', () => {
  const role = { roles: ['LINESMAN'], restProfile: 'EU_WTD', skills: [] }
  const crew = (...positions: object[]) => ({ positions })

  it('suggests who is fit, the most rested first', async () => {
    const own = { ...role, roles: ['SUGGESTED'] }
    const [tired, rested, absent] = [
      await register(service, own),
      await register(service, own),
      await register(service, own),
    ]
    await register(service, { ...own, roles: ['OTHER'] })
    const before = await plan(8, 16, crew({ role: 'SUGGESTED' }))
    expect((await assign(before, tired.id)).status).toBe(201)
    await service.request('POST', `/v1/employees/${absent.id}/absences`, {
      body: { kind: 'SICKNESS', startsAt: at(0), endsAt: at(100) },
    })
    const shift = await plan(32, 40, crew({ role: 'SUGGESTED' }))
    const url = `/v1/shifts/${shift.id}/positions/${shift.positions[0].id}/suggestions`
    expect((await service.request('GET', url)).body.items).toEqual([
      { employeeId: rested.id, restIn7Days: 160 * 60, nightsIn28Days: 0 },
      { employeeId: tired.id, restIn7Days: 152 * 60, nightsIn28Days: 0 },
    ])
  })

  it('fills all or nothing, and says why not', async () => {
    const [any, skilled] = [
      await register(service, role),
      await register(service, { ...role, skills: ['WINCH'] }),
    ]
    const both = crew({ role: 'LINESMAN' }, { role: 'LINESMAN', skills: ['WINCH'] })
    const shift = await plan(8, 16, both)
    const filled = await act(shift, 'fill')
    expect(filled.status).toBe(200)
    const byPosition = new Map(
      filled.body.items.map((each: { positionId: string; employeeId: string }) => [
        each.positionId,
        each.employeeId,
      ]),
    )
    expect(shift.positions.map(({ id }: { id: string }) => byPosition.get(id))).toEqual([
      any.id,
      skilled.id,
    ])
    expect((await act(shift, 'fill')).body.items).toEqual([])

    const other = await plan(15, 20, both)
    const refused = await act(other, 'fill')
    expect(refused).toMatchObject({ status: 409, body: { code: 'SHIFT_NOT_FILLED' } })
    expect(refused.body.errors).toMatchObject([
      { pointer: '#/positions/0', code: 'POSITION_OPEN' },
      { pointer: '#/positions/1', code: 'POSITION_OPEN' },
    ])
    expect(refused.body.errors[1].detail).toMatch(/^of 1 with the role .*FREE_IN_TIME 1/)
    const { body } = await service.request('GET', `/v1/shifts/${other.id}/assignments`)
    expect(body.items).toEqual([])
  })

  it('leaves no position half filled when two fill at once from the same people', async () => {
    const own = { ...role, roles: ['RACED'] }
    await Promise.all(Array.from({ length: 3 }, () => register(service, own)))
    const two = crew({ role: 'RACED' }, { role: 'RACED' })
    const shifts = await Promise.all([plan(8, 16, two), plan(8, 16, two)])
    const answers = await Promise.all(shifts.map((shift) => act(shift, 'fill')))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  })

  it('chooses others where several planners fill at once from the same people', async () => {
    const own = { ...role, roles: ['SHARED'] }
    await Promise.all(Array.from({ length: 12 }, () => register(service, own)))
    const two = crew({ role: 'SHARED' }, { role: 'SHARED' })
    const shifts = await Promise.all(Array.from({ length: 6 }, () => plan(8, 16, two)))
    const answers = await Promise.all(shifts.map((shift) => act(shift, 'fill')))
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200))
    const people = answers.flatMap(({ body }) =>
      body.items.map(({ employeeId }: { employeeId: string }) => employeeId),
    )
    expect(new Set(people).size).toBe(12)
  })

  it('waits for those it chooses alone, and judges them once more', async () => {
    await using own = await startPersonal()
    const { database } = own.opened
    const people = [await register(own), await register(own), await register(own)]
    const [best, next, other] = people.map(({ id }) => String(id)).toSorted()
    const shift = await own.request('POST', '/v1/shifts', { body: shiftOf(8, 16) })
    const fill = () => own.request('POST', `/v1/shifts/${shift.body.id}/fill`)
    const { answer } = await database.transaction(async ({ sql }) => {
      await sql('SELECT 1 FROM employee WHERE id = ANY ($1::uuid[]) FOR UPDATE', [[best, other]])
      const answer = fill()
      await expect.poll(() => lockWaits(database.sql)).toBe(1)
      await sql(`UPDATE employee SET roles = '{}' WHERE id = $1::uuid`, [best])
      return { answer }
    })
    expect(await answer).toMatchObject({ status: 200, body: { items: [{ employeeId: next }] } })
  })
})

describe('an absence', () => {
  it('is the staff office’s to know, and kept when withdrawn', async () => {
    const person = await register(service)
    const url = `/v1/employees/${person.id}/absences`
    const body = { kind: 'SICKNESS', startsAt: at(0), endsAt: at(24) }
    const made = await service.request('POST', url, { body })
    expect(made).toMatchObject({ status: 201, body: { ...body, withdrawnAt: null } })
    const viewer = { as: { roles: ['viewer'] as const } }
    expect((await service.request('GET', url, viewer)).status).toBe(403)
    const withdrawn = await service.request('POST', `${url}/${made.body.id}/withdraw`)
    expect(withdrawn).toMatchObject({ status: 200, body: { id: made.body.id } })
    expect((await service.request('POST', `${url}/${made.body.id}/withdraw`)).status).toBe(409)
    const shift = await plan(8, 16)
    expect((await assign(shift, person.id)).status).toBe(201)
    const turned = { ...body, endsAt: at(0) }
    expect(await service.request('POST', url, { body: turned })).toMatchObject({
      status: 422,
      body: { code: 'ABSENCE_INVALID' },
    })
    expect((await service.request('GET', url)).body.items).toHaveLength(1)
  })
})

describe('an assessment of rest', () => {
  it('names by rule and window what is not kept, for one and for all, as JSON, CSV and PDF', async () => {
    await using own = await startPersonal()
    const as = { roles: ['harbour-master'] as const }
    const person = await register(own)
    await register(own)
    for (const [from, to] of [
      [0, 10],
      [18, 24],
    ] as const) {
      const shift = await own.request('POST', '/v1/shifts', { body: shiftOf(from, to) })
      const made = await own.request('POST', `/v1/shifts/${shift.body.id}/assignments`, {
        as,
        body: {
          positionId: shift.body.positions[0].id,
          employeeId: person.id,
          override: { reason: 'the relief is stuck in the snow' },
        },
      })
      expect(made.status).toBe(201)
    }
    const assess = (query: string, headers = {}) =>
      own.request('GET', `/v1/rest-assessment?${query}`, { headers })
    const month = `from=${at(0)}&to=${at(720)}`
    const all = await assess(month)
    expect(all).toMatchObject({
      status: 200,
      body: {
        assessed: 2,
        items: [
          {
            employeeId: person.id,
            rule: 'REST_IN_24_HOURS',
            from: at(0),
            to: at(24),
            bound: 'least',
            limitMinutes: 600,
            foundMinutes: 480,
            exempt: false,
          },
          { rule: 'REST_IN_TWO_PARTS' },
        ],
      },
    })
    expect((await assess(`${month}&employeeId=${person.id}`)).body.assessed).toBe(1)
    expect((await assess(`from=${at(100)}&to=${at(720)}`)).body.items).toEqual([])
    const table = await assess(month, { accept: 'text/csv', 'accept-language': 'es' })
    expect(table.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(table.text.split(/\r?\n/).slice(0, 2)).toEqual([
      'employeeId,rule,from,to,bound,limitMinutes,foundMinutes,exempt,detail,personnelNumber',
      expect.stringContaining('descanso en todo período de 24 horas: 8 h'),
    ])
    const paper = await own.app.inject({
      url: `/v1/rest-assessment?${month}`,
      headers: {
        authorization: `Bearer ${own.issuer.gatewayToken('personal', as)}`,
        accept: 'application/pdf',
        'accept-language': 'es',
      },
    })
    expect(paper.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': 'attachment; filename="rest-2027-01-04-2027-02-03.pdf"',
      'content-language': 'es',
    })
    const document = await getDocumentProxy(new Uint8Array(paper.rawPayload))
    const { text } = await extractText(document, { mergePages: true })
    for (const words of [
      'Incumplimientos del descanso Non-conformities of rest',
      person.personnelNumber,
      '8 h 10 h',
      '2027-01-04 00:00 +00:00',
      'Página 1 de 1',
    ]) {
      expect(text.replaceAll(/\s+/g, ' ')).toContain(words)
    }
    const nobody = '00000000-0000-7000-8000-000000000000'
    expect((await assess(`${month}&employeeId=${nobody}`)).status).toBe(404)
    expect((await assess(`from=${at(1)}&to=${at(1)}`)).status).toBe(400)
    expect((await assess(`from=${at(0)}&to=${at(2_500)}`)).status).toBe(400)
  })

  it('reads a thousand people and their month in one go', async () => {
    await using own = await startPersonal()
    const { sql } = own.opened.database
    await sql(`INSERT INTO employee (id, personnel_number, given_name, family_name, given_name_key,
        family_name_key, roles, skills, rest_profile, state)
      SELECT gen_random_uuid(), 'N' || n, 'A', 'B', 'A', 'B', '{}', '{}', 'STCW_MLC', 'ACTIVE'
      FROM generate_series(1, 1000) AS n`)
    await sql(
      `WITH made AS (
         INSERT INTO shift (id, un_location_code, kind_of_work, emergency, starts_at, ends_at, state,
           created_by)
         SELECT gen_random_uuid(), 'ESALG', 'TOWAGE', false, $1::timestamptz + n * interval '24 h',
           $1::timestamptz + n * interval '24 h' + interval '13 h', 'DRAFT', 'tests'
         FROM generate_series(0, 29) AS n RETURNING id, starts_at, ends_at
       ), place AS (
         INSERT INTO shift_position (id, shift_id, number, role, skills, certificates)
         SELECT gen_random_uuid(), made.id, row_number() OVER (PARTITION BY made.id), 'TUG', '{}', '{}'
         FROM made, generate_series(1, 1000) RETURNING id, shift_id, number
       )
       INSERT INTO assignment (id, shift_id, position_id, employee_id, starts_at, ends_at, overridden,
         assigned_by)
       SELECT gen_random_uuid(), made.id, place.id, person.id, made.starts_at, made.ends_at, '{}', 'tests'
       FROM made JOIN place ON place.shift_id = made.id
       JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM employee) AS person
         ON person.number = place.number`,
      [at(0)],
    )
    const { body } = await own.request('GET', `/v1/rest-assessment?from=${at(0)}&to=${at(720)}`)
    expect(body.assessed).toBe(1_000)
    expect(body.items).toEqual([])
  })
})
