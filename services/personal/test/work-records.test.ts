import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

let service: TestPersonal
beforeAll(async () => {
  service = await startPersonal({ env: { TIME_ZONE: 'Europe/Madrid' } })
})
afterAll(() => service[Symbol.asyncDispose]())

/** So many hours after the midnight UTC that begins a Monday which is past. */
const at = (hours: number) => new Date(Date.UTC(2026, 9, 5) + hours * 3_600_000).toISOString()

const post = (path: string, body?: object, more: object = {}) =>
  service.request('POST', path, { ...(body ? { body } : {}), ...more })

const record = async (employeeId: string, from: number, to: number | null, more: object = {}) =>
  post('/v1/work-records', {
    employeeId,
    startedAt: at(from),
    ...(to === null ? {} : { endedAt: at(to) }),
    ...more,
  })

const step = (id: string, name: string, body?: object, more: object = {}) =>
  post(`/v1/work-records/${id}/${name}`, body, more)

/** A shift to which someone is assigned. */
const assigned = async (employeeId: string, from: number, to: number) => {
  const shift = await post('/v1/shifts', {
    UNLocationCode: 'ESALG',
    kindOfWork: 'PILOTAGE',
    startsAt: at(from),
    endsAt: at(to),
    positions: [{ role: 'PILOT' }],
  })
  const made = await post(`/v1/shifts/${shift.body.id}/assignments`, {
    positionId: shift.body.positions[0].id,
    employeeId,
  })
  if (made.status !== 201) throw new Error(made.text)
  return shift.body.id as string
}

describe('a work record', () => {
  it('tells of in and out, and is replaced until it is signed', async () => {
    const { id: employeeId } = await register(service)
    const open = await record(employeeId, 8, null)
    expect(open).toMatchObject({
      status: 201,
      headers: { etag: '"1"' },
      body: { state: 'OPEN', endedAt: null, shiftId: null, emergency: false },
    })
    const { id } = open.body
    expect(await step(id, 'sign')).toMatchObject({
      status: 409,
      body: { code: 'WORK_RECORD_NOT_IN_STATE' },
    })
    expect(await step(id, 'end', { endedAt: at(16) })).toMatchObject({
      status: 200,
      body: { state: 'ENDED', endedAt: at(16), version: 2 },
    })
    expect((await step(id, 'end', { endedAt: at(17) })).status).toBe(409)
    const put = (version: string) =>
      service.request('PUT', `/v1/work-records/${id}`, {
        body: { startedAt: at(8.5), endedAt: at(16) },
        headers: { 'if-match': version },
      })
    expect((await put('"1"')).status).toBe(412)
    expect(await put('"2"')).toMatchObject({ status: 200, body: { startedAt: at(8.5) } })
    expect(await step(id, 'sign')).toMatchObject({
      status: 200,
      body: { state: 'SIGNED', signedBy: 'tester' },
    })
    expect((await put('"4"')).status).toBe(409)
  })

  it('is immutable once signed, whoever writes to the database', async () => {
    const { id: employeeId } = await register(service)
    const { body } = await record(employeeId, 8, 16)
    await step(body.id, 'sign')
    const { sql } = service.opened.database
    for (const statement of [
      `UPDATE work_record SET ended_at = ended_at + interval '1 hour' WHERE id = $1::uuid`,
      `UPDATE work_record SET signed_at = NULL, signed_by = NULL WHERE id = $1::uuid`,
      `DELETE FROM work_record WHERE id = $1::uuid`,
    ]) {
      await expect(sql(statement, [body.id])).rejects.toThrow('is signed')
    }
  })

  it('is corrected and annulled by new records, which are signed in their turn', async () => {
    const { id: employeeId } = await register(service)
    const { body: first } = await record(employeeId, 8, 16)
    const correction = { startedAt: at(8), endedAt: at(15), reason: 'the clock was read wrongly' }
    expect((await step(first.id, 'correct', correction)).status).toBe(409)
    await step(first.id, 'sign')
    const corrected = await step(first.id, 'correct', correction)
    expect(corrected).toMatchObject({
      status: 201,
      body: { state: 'ENDED', correctsId: first.id, correctionReason: correction.reason },
    })
    expect((await step(first.id, 'correct', correction)).status).toBe(409)
    const read = async (id: string) => (await service.request('GET', `/v1/work-records/${id}`)).body
    expect(await read(first.id)).toMatchObject({ state: 'CORRECTED', endedAt: at(16) })
    await step(corrected.body.id, 'sign')
    const annulled = await step(corrected.body.id, 'annul', { reason: 'it was somebody else' })
    expect(annulled).toMatchObject({ status: 201, body: { annuls: true } })
    expect((await step(annulled.body.id, 'sign')).body.state).toBe('SIGNED')
    // What counts for nothing is in nobody's way.
    expect((await record(employeeId, 9, 12)).status).toBe(201)
    const { body } = await service.request('GET', `/v1/work-records?employeeId=${employeeId}`)
    expect(body.items).toHaveLength(4)
    const as = { roles: ['admin'] as const }
    const feed = await service.request('GET', '/v1/feed?limit=1000', { as })
    expect(
      feed.body.events
        .filter(({ data }: { data: { employeeId: string } }) => data.employeeId === employeeId)
        .filter(({ type }: { type: string }) => type === 'personal.work-record.signed')
        .map(({ data }: { data: object }) => data),
    ).toMatchObject([
      { workRecordId: first.id, correctsId: null, organization: 'pilots' },
      { workRecordId: corrected.body.id, correctsId: first.id },
      { workRecordId: annulled.body.id, annuls: true },
    ])
  })

  it('of two corrections at once is one', async () => {
    const { id: employeeId } = await register(service)
    const { body } = await record(employeeId, 8, 16)
    await step(body.id, 'sign')
    const answers = await Promise.all(
      [14, 15].map((to) =>
        step(body.id, 'correct', { startedAt: at(8), endedAt: at(to), reason: 'seen on video' }),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
  })

  it('is refused in the future, turned round, twice at a time, and of a shift of others', async () => {
    const { id: employeeId } = await register(service)
    expect((await record(employeeId, 8, 16)).status).toBe(201)
    for (const [answer, status, code] of [
      [await record(employeeId, 15, 18), 409, 'WORK_RECORD_OVERLAPS'],
      [await record(employeeId, 7, null), 409, 'WORK_RECORD_OVERLAPS'],
      [await record(employeeId, 20, 20), 422, 'WORK_RECORD_INVALID'],
      [await record(employeeId, 20, 90), 422, 'WORK_RECORD_INVALID'],
      [await record(employeeId, 90_000, 90_008), 422, 'WORK_RECORD_INVALID'],
    ] as const) {
      expect(answer).toMatchObject({ status, body: { code } })
    }
    const other = await register(service)
    const shiftId = await assigned(other.id, 20, 28)
    expect(await record(employeeId, 20, 28, { shiftId })).toMatchObject({
      status: 422,
      body: { code: 'WORK_RECORD_INVALID', errors: [{ pointer: '#/shiftId' }] },
    })
  })

  it('is for the staff office, and signed by no machine', async () => {
    const { id: employeeId } = await register(service)
    const machine = { as: { kind: 'machine' as const, scopes: ['personal/write'] } }
    const made = await post(
      '/v1/work-records',
      { employeeId, startedAt: at(8), endedAt: at(16) },
      machine,
    )
    expect(made.status).toBe(201)
    expect((await step(made.body.id, 'sign', undefined, machine)).status).toBe(403)
    const tugs = { as: { kind: 'machine' as const, scopes: ['personal/write'], org: 'tugs' } }
    expect((await service.request('GET', `/v1/work-records/${made.body.id}`, tugs)).status).toBe(
      404,
    )
    expect((await service.request('GET', '/v1/work-records', tugs)).body.items).toEqual([])
    const viewer = { as: { roles: ['viewer'] as const } }
    expect((await service.request('GET', '/v1/work-records', viewer)).status).toBe(403)
  })
})

describe('rest', () => {
  it('is judged over what was worked in place of what was planned', async () => {
    const { id: employeeId } = await register(service)
    const shiftId = await assigned(employeeId, 8, 16)
    const assess = async () => {
      const query = `from=${at(0)}&to=${at(48)}&employeeId=${employeeId}`
      return (await service.request('GET', `/v1/rest-assessment?${query}`)).body.items
    }
    expect(await assess()).toEqual([])
    const { body } = await record(employeeId, 8, 24, { shiftId })
    expect(await assess()).toMatchObject([
      { rule: 'REST_IN_24_HOURS', foundMinutes: 480 },
      { rule: 'WORK_BETWEEN_RESTS', foundMinutes: 960 },
      { rule: 'REST_IN_TWO_PARTS' },
    ])
    await service.request('PUT', `/v1/work-records/${body.id}`, {
      body: { startedAt: at(8), endedAt: at(24), emergency: true },
      headers: { 'if-match': '*' },
    })
    expect((await assess()).map(({ exempt }: { exempt: boolean }) => exempt)).not.toContain(false)
    await step(body.id, 'annul', { reason: 'nobody was there' })
    expect(await assess()).toEqual([])
  })

  it('that longer work than planned cut short keeps someone from the next shift', async () => {
    const { id: employeeId } = await register(service)
    const shiftId = await assigned(employeeId, 100, 108)
    expect((await record(employeeId, 100, 114, { shiftId })).status).toBe(201)
    await expect(assigned(employeeId, 120, 128)).rejects.toThrow('REST_KEPT')
  })
})

describe('a work report', () => {
  const report = (query: string, headers = {}) =>
    service.request('GET', `/v1/work-report?${query}`, { headers })

  it('tells by week what was planned, worked, due and over, as JSON and CSV', async () => {
    const { id: employeeId } = await register(service, { personnelNumber: 'R-1' })
    await assigned(employeeId, 8, 16)
    await record(employeeId, 8, 17)
    // Over the midnight from Sunday to Monday on the port's clock, which is two hours ahead.
    const { body } = await record(employeeId, 6 * 24 + 20, 6 * 24 + 24)
    await step(body.id, 'sign')
    await post(`/v1/employees/${employeeId}/absences`, {
      kind: 'LEAVE',
      startsAt: at(-2),
      endsAt: at(-2 + 6 * 24),
    })
    const query = `from=2026-10-07&to=2026-10-12&employeeId=${employeeId}`
    const line = { employeeId, personnelNumber: 'R-1', organization: 'pilots' }
    expect((await report(query)).body.items).toEqual([
      {
        ...line,
        week: '2026-10-05',
        plannedMinutes: 480,
        workedMinutes: 540 + 120,
        dueMinutes: Math.round((40 * 60) / 7),
        overtimeMinutes: 660 - 343,
        nightMinutes: 120,
        emergencyMinutes: 0,
        unsignedMinutes: 540,
        absentMinutes: 6 * 1_440,
        utilisation: 1.925,
      },
      {
        ...line,
        week: '2026-10-12',
        plannedMinutes: 0,
        workedMinutes: 120,
        dueMinutes: 2_400,
        overtimeMinutes: 0,
        nightMinutes: 120,
        emergencyMinutes: 0,
        unsignedMinutes: 0,
        absentMinutes: 0,
        utilisation: 0.05,
      },
    ])
    const table = await report(query, { accept: 'text/csv' })
    expect(table.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(table.text.split(/\r?\n/)[1]).toBe(
      `2026-10-05,${employeeId},R-1,pilots,480,660,343,317,120,0,540,8640,1.925`,
    )
  })

  it('has pages of people, and refuses a span that is none', async () => {
    const own = { organization: 'paged' }
    const people = [await register(service, own), await register(service, own)]
    const query = 'organization=paged&from=2026-10-05&limit=1'
    const first = await report(query)
    const second = await report(`${query}&cursor=${first.body.next}`)
    expect(second.body.next).toBeNull()
    expect([...first.body.items, ...second.body.items]).toMatchObject(
      people.map(({ id }) => ({ employeeId: id, week: '2026-10-05', workedMinutes: 0 })),
    )
    expect((await report('from=2026-10-05&to=2026-10-04')).status).toBe(400)
    expect((await report('from=2026-10-05&to=2027-10-12')).status).toBe(400)
    expect((await report('from=9999-12-31')).status).toBe(400)
  })
})
