import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { expect, it } from 'vitest'
import { newEmployee, register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

/** Words that occur nowhere but in the personal fields of this test. */
const secret = {
  givenName: 'Zerafina',
  familyName: 'Quillfeather',
  email: 'zq@secret-mail.example',
  phone: '+34699988877',
}
const words = [
  ...Object.values(secret),
  'Wobbleknee',
  'BROKEN',
  'QUILLFEATHER',
  'CERT-7788',
  'CERT-9911',
  'Greenfever',
  'Dreadnaught',
]

it('personal data reach neither the log nor an event, also when something fails', async () => {
  await using service = await startPersonal({ env: { LOG_LEVEL: 'debug' } })
  const { sql } = service.opened.database
  const path = '/v1/employees'
  const given = newEmployee(secret)
  const { body: employee } = await service.request('POST', path, { body: given })
  const url = `${path}/${employee.id}`
  const headers = { 'if-match': '*' }
  const request = async (method: 'POST' | 'PUT', to: string, body: unknown) =>
    (await service.request(method, to, { body, headers })).status

  expect(await request('POST', path, given)).toBe(409)
  expect(await request('POST', path, { ...given, familyName: 7, email: 'Quillfeather' })).toBe(400)
  expect(await request('PUT', url, { ...given, personnelNumber: 'other' })).toBe(200)
  expect(await request('POST', path, { ...newEmployee(secret), personnelNumber: 'X-1' })).toBe(201)
  expect(await request('PUT', url, { ...given, personnelNumber: 'X-1' })).toBe(409)
  expect((await service.request('GET', `${path}?name=Quillfeather`)).status).toBe(200)
  const certificate = { type: 'MEDICAL', number: 'CERT-7788', issued: '2020-01-01' }
  expect(await request('POST', `${url}/certificates`, certificate)).toBe(201)
  expect(await request('POST', `${url}/certificates`, certificate)).toBe(409)

  // What is said of someone in passing, and everything of someone at once.
  const day = (hours: number) => new Date(Date.UTC(2026, 9, 5) + hours * 3_600_000).toISOString()
  const times = { startedAt: day(8), endedAt: day(16) }
  const { body: record } = await service.request('POST', '/v1/work-records', {
    body: { employeeId: employee.id, ...times },
  })
  const recordUrl = `/v1/work-records/${record.id}`
  expect((await service.request('POST', `${recordUrl}/sign`)).status).toBe(200)
  const correction = { ...times, reason: 'Dreadnaught had it wrong' }
  expect(await request('POST', `${recordUrl}/correct`, correction)).toBe(201)
  expect(await request('POST', `${recordUrl}/correct`, correction)).toBe(409)
  expect((await service.request('GET', `${url}/personal-data`)).text).toContain('Quillfeather')

  // Faults that nobody has thought of: the database quotes the row that it refuses.
  await sql(`ALTER TABLE employee ADD CHECK (family_name <> 'BROKEN')`)
  await sql(`ALTER TABLE employee ADD CHECK (deactivation_reason <> 'Wobbleknee')`)
  await sql(`ALTER TABLE certificate ADD CHECK (number <> 'CERT-9911')`)
  await sql(`ALTER TABLE work_record ADD CHECK (correction_reason <> 'Greenfever')`)
  const broken = { ...newEmployee(secret), familyName: 'BROKEN' }
  expect(await request('POST', path, broken)).toBe(500)
  expect(await request('PUT', url, { ...given, familyName: 'BROKEN' })).toBe(500)
  expect(await request('POST', `${url}/deactivate`, { reason: 'Wobbleknee' })).toBe(500)
  expect(
    await request('POST', `${url}/certificates`, { ...certificate, number: 'CERT-9911' }),
  ).toBe(500)
  const { body: other } = await service.request('POST', '/v1/work-records', {
    body: { employeeId: employee.id, startedAt: day(30), endedAt: day(31) },
  })
  expect(
    await request('POST', `/v1/work-records/${other.id}/annul`, { reason: 'Greenfever' }),
  ).toBe(500)
  expect(await request('POST', `${url}/deactivate`, { reason: 'Quillfeather is ill' })).toBe(200)
  expect((await service.request('POST', `${url}/erase`, { headers })).status).toBe(200)

  const logged = JSON.stringify(service.logs())
  const outbox = JSON.stringify(await sql('SELECT * FROM kit.outbox'))
  expect(logged).toContain('request failed')
  expect(outbox).toContain(employee.id)
  expect(words.filter((word) => logged.includes(word))).toEqual([])
  expect(words.filter((word) => outbox.includes(word))).toEqual([])
})

it('everything of a person is given out as one document, to the staff office alone', async () => {
  await using service = await startPersonal()
  const person = await register(service)
  const url = `/v1/employees/${person.id}`
  await makeRecords(service, person.id)
  const answer = await service.request('GET', `${url}/personal-data`)
  expect(answer).toMatchObject({
    status: 200,
    headers: {
      'content-disposition': `attachment; filename="person-${person.id}.json"`,
      'cache-control': 'no-store',
    },
    body: {
      employee: { id: person.id, familyName: 'Muñoz', email: person.email },
      certificates: [{ type: 'MEDICAL', number: 'M-77' }],
      absences: [{ kind: 'SICKNESS' }],
      assignments: [{ kindOfWork: 'PILOTAGE', role: 'PILOT', withdrawalReason: 'was seen unwell' }],
      workRecords: [
        { startedAt: at(8), state: 'CORRECTED' },
        { endedAt: at(15), correctionReason: 'left early to the doctor' },
      ],
    },
  })
  for (const as of [
    { roles: ['berth-planner'] as const },
    { roles: ['service-provider'] as const, org: 'pilots' },
    { kind: 'machine' as const, scopes: ['personal/write', 'personal/read'] },
  ]) {
    expect((await service.request('GET', `${url}/personal-data`, { as })).status).toBe(403)
  }
})

it('what names a person is erased from everything, and what the law keeps stays', async () => {
  await using service = await startPersonal()
  const { sql } = service.opened.database
  const person = await register(service)
  const url = `/v1/employees/${person.id}`
  await makeRecords(service, person.id)
  const erase = (headers = {}, as: Identity = { roles: ['harbour-master'] }) =>
    service.request('POST', `${url}/erase`, { headers, as })
  expect((await erase()).status).toBe(428)
  expect((await erase({ 'if-match': '*' }, { roles: ['staff-planner'] })).status).toBe(403)
  expect(await erase({ 'if-match': '"1"' })).toMatchObject({
    status: 409,
    body: { code: 'EMPLOYEE_ACTIVE' },
  })
  await service.request('POST', `${url}/deactivate`, { body: { reason: 'gone to Vigo' } })
  expect((await erase({ 'if-match': '"1"' })).status).toBe(412)
  expect(await erase({ 'if-match': '"2"' })).toMatchObject({
    status: 200,
    body: { state: 'INACTIVE', email: null, phone: null, givenName: 'ERASED', version: 3 },
  })
  expect((await erase({ 'if-match': '*' })).body.code).toBe('EMPLOYEE_ERASED')
  const put = await service.request('PUT', url, {
    body: newEmployee(),
    headers: { 'if-match': '*' },
  })
  expect(put).toMatchObject({ status: 409, body: { code: 'EMPLOYEE_ERASED' } })

  const tables = await sql<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('public', 'kit')`,
  )
  expect(tables.length).toBeGreaterThan(8)
  const kept: string[] = []
  for (const { name } of tables) {
    const rows = await sql<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} AS t`)
    kept.push(...rows.map(({ row }) => row))
  }
  const words = [
    'Ana Mar',
    'ANA MAR',
    'Muñoz',
    'MUNOZ',
    person.email,
    person.phone,
    person.personnelNumber,
    'M-77',
    'SICKNESS',
    'unwell',
    'doctor',
    'Vigo',
  ]
  expect(words.filter((word) => kept.some((row) => row.includes(word)))).toEqual([])
  const { body } = await service.request('GET', `${url}/personal-data`)
  expect(body).toMatchObject({
    certificates: [{ type: 'MEDICAL' }],
    absences: [{ startsAt: at(0), endsAt: at(24), kind: 'OTHER' }],
    assignments: [{ startsAt: at(8), endsAt: at(16) }],
    workRecords: [{ startedAt: at(8), endedAt: at(16) }, { endedAt: at(15) }],
  })
})

/** So many hours after the midnight UTC that begins a Monday which is past. */
const at = (hours: number) => new Date(Date.UTC(2026, 9, 5) + hours * 3_600_000).toISOString()

/** Makes one of everything that is kept about someone, with words that are about them. */
const makeRecords = async (service: TestPersonal, employeeId: string): Promise<void> => {
  const post = async (path: string, body?: object) => {
    const answer = await service.request('POST', path, {
      headers: { 'idempotency-key': `${path} ${employeeId}`.replaceAll(' ', '-') },
      ...(body ? { body } : {}),
    })
    if (answer.status >= 300) throw new Error(answer.text)
    return answer.body
  }
  const url = `/v1/employees/${employeeId}`
  const certificate = { type: 'MEDICAL', number: 'M-77', issued: '2026-01-01' }
  await post(`${url}/certificates`, certificate)
  const shift = await post('/v1/shifts', {
    UNLocationCode: 'ESALG',
    kindOfWork: 'PILOTAGE',
    startsAt: at(8),
    endsAt: at(16),
    positions: [{ role: 'PILOT' }],
  })
  const assigned = await post(`/v1/shifts/${shift.id}/assignments`, {
    positionId: shift.positions[0].id,
    employeeId,
  })
  const record = await post('/v1/work-records', {
    employeeId,
    shiftId: shift.id,
    startedAt: at(8),
    endedAt: at(16),
  })
  await post(`/v1/work-records/${record.id}/sign`)
  await post(`/v1/work-records/${record.id}/correct`, {
    startedAt: at(8),
    endedAt: at(15),
    reason: 'left early to the doctor',
  })
  await post(`/v1/shifts/${shift.id}/assignments/${assigned.id}/withdraw`, {
    reason: 'was seen unwell',
  })
  await post(`${url}/absences`, { kind: 'SICKNESS', startsAt: at(0), endsAt: at(24) })
}
