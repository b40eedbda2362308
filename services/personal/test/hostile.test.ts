import { randomUUID } from 'node:crypto'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { lockWaits } from '@porttrack/shared/testing/lock-waits'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newEmployee, register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

let service: TestPersonal
beforeAll(async () => {
  service = await startPersonal()
})
afterAll(() => service[Symbol.asyncDispose]())

/** So many hours after the midnight UTC that begins a Monday. */
const at = (hours: number) => new Date(Date.UTC(2027, 0, 4) + hours * 3_600_000).toISOString()

const newShift = (from: number, positions: object[]) => ({
  UNLocationCode: 'ESALG',
  kindOfWork: 'MOORING',
  startsAt: at(from),
  endsAt: at(from + 8),
  positions,
})
const plan = async (from: number, ...positions: object[]) => {
  const made = await service.request('POST', '/v1/shifts', { body: newShift(from, positions) })
  if (made.status !== 201) throw new Error(made.text)
  return made.body as { id: string; positions: { id: string }[] }
}
const assignmentsOf = async (shiftId: string) =>
  (await service.request('GET', `/v1/shifts/${shiftId}/assignments`)).body.items as object[]

describe('another’s ids', () => {
  it('open nothing of a person to who is of another organization', async () => {
    const person = await register(service, { organization: 'pilots' })
    const as: Identity = { roles: ['service-provider'], org: 'tugs' }
    for (const path of ['', '/certificates']) {
      const url = `/v1/employees/${person.id}${path}`
      const theirs = await service.request('GET', url, { as })
      const nobodys = await service.request('GET', url.replace(person.id, randomUUID()), { as })
      expect(theirs.status).toBe(404)
      const { instance: _one, ...one } = theirs.body
      const { instance: _other, ...other } = nobodys.body
      expect(one).toEqual(other)
    }
    for (const path of ['/absences', '/personal-data', '/calendar-link']) {
      const { status } = await service.request('GET', `/v1/employees/${person.id}${path}`, { as })
      expect(status).toBe(403)
    }
    const { body } = await service.request('GET', '/v1/employees?limit=200', { as })
    expect(JSON.stringify(body)).not.toContain(person.id)
  })

  it('of another shift, position or person are as ids of nothing', async () => {
    const [one, other] = [await plan(0, { role: 'PILOT' }), await plan(48, { role: 'PILOT' })]
    const person = await register(service)
    const mine = `/v1/shifts/${one.id}`
    const [position, foreign] = [one.positions[0]?.id, other.positions[0]?.id]
    const assign = (positionId = '', employeeId: string = person.id) =>
      service.request('POST', `${mine}/assignments`, { body: { positionId, employeeId } })
    expect((await assign(foreign)).status).toBe(404)
    expect((await assign(position, randomUUID())).status).toBe(404)
    const suggested = `${mine}/positions/${foreign}/suggestions`
    expect((await service.request('GET', suggested)).status).toBe(404)
    const made = await assign(position)
    expect(made.status).toBe(201)
    const elsewhere = `/v1/shifts/${other.id}/assignments/${made.body.id}/withdraw`
    const withdrawn = await service.request('POST', elsewhere, { body: { reason: 'not mine' } })
    expect(withdrawn.status).toBe(404)
    expect(await assignmentsOf(one.id)).toMatchObject([{ state: 'PLANNED' }])
  })

  it('are not written by who may only read', async () => {
    const person = await register(service)
    const as: Identity = { kind: 'machine', scopes: ['personal/read'], org: 'pilots' }
    const body = newEmployee({ personnelNumber: person.personnelNumber, givenName: 'Changed' })
    const headers = { 'if-match': '*' }
    const url = `/v1/employees/${person.id}`
    expect((await service.request('PUT', url, { as, body, headers })).status).toBe(403)
    expect((await service.request('GET', url)).body.givenName).toBe(person.givenName)
  })
})

describe('a request that is sent again', () => {
  it('fills a shift once, and keeps another’s answer from whoever knows the key', async () => {
    const role = 'REPLAYED'
    for (let n = 0; n < 4; n += 1) await register(service, { roles: [role] })
    const shift = await plan(0, { role }, { role })
    const headers = { 'idempotency-key': 'fill-once' }
    const url = `/v1/shifts/${shift.id}/fill`
    const answers = []
    for (let n = 0; n < 3; n += 1) {
      answers.push(await service.request('POST', url, { headers }))
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers.map((answer) => answer.headers['idempotency-replayed'])).toEqual([
      undefined,
      'true',
      'true',
    ])
    expect(answers[2]?.body).toEqual(answers[0]?.body)
    expect(await assignmentsOf(shift.id)).toHaveLength(2)
    const other: Identity = { roles: ['staff-planner'], subject: 'another planner' }
    const again = await service.request('POST', url, { headers, as: other })
    expect(again.headers['idempotency-replayed']).toBeUndefined()
    expect(again.body.items).toEqual([])
  })

  it('with another body under the same key is refused, and does nothing', async () => {
    const headers = { 'idempotency-key': 'one-shift' }
    const send = (from: number) =>
      service.request('POST', '/v1/shifts', {
        body: newShift(from, [{ role: 'KEYED' }]),
        headers,
      })
    expect((await send(300)).status).toBe(201)
    expect((await send(324)).status).toBe(422)
    const found = await service.request('GET', `/v1/shifts?from=${at(320)}&to=${at(330)}`)
    expect(found.body.items).toEqual([])
  })
})

describe('what is too much', () => {
  it('is refused by its size, its number or its depth', async () => {
    const position = { role: 'LINESMAN' }
    const large = newShift(0, [position]) as Record<string, unknown>
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const json = { 'content-type': 'application/json' }
    const tries: [string | object, number, Record<string, string>][] = [
      [{ ...large, place: 'x'.repeat(4_000_000) }, 413, {}],
      [{ ...large, positions: Array.from({ length: 101 }, () => position) }, 400, {}],
      [{ ...large, positions: [] }, 400, {}],
      [`{"positions":${deep}}`, 400, json],
      [{ ...large, kindOfWork: 'a\u0000b' }, 400, {}],
    ]
    for (const [body, status, headers] of tries) {
      const answer = await service.request('POST', '/v1/shifts', { body, headers })
      expect(answer.status).toBe(status)
      expect(answer.headers['content-type']).toMatch(/problem\+json/)
    }
  })

  it('as a rule of days keeps nobody waiting', async () => {
    const gang = await service.request('POST', '/v1/gang-templates', {
      body: { name: 'Bombed', kindOfWork: 'MOORING', positions: [{ role: 'LINESMAN' }] },
    })
    const rotate = (rule: string) =>
      service.request('POST', '/v1/shift-rotations', {
        body: {
          name: randomUUID(),
          gangTemplateId: gang.body.id,
          UNLocationCode: 'ESALG',
          firstDay: '1900-01-01',
          rule,
          startTime: '06:00',
          endTime: '14:00',
        },
      })
    const planned = async (rule: string) => {
      const made = await rotate(rule)
      if (made.status !== 201) return { made: made.status }
      const span = { from: '2027-01-04', to: '2027-04-10' }
      const url = `/v1/shift-rotations/${made.body.id}/plan`
      const { status, body } = await service.request('POST', url, { body: span })
      return { made: made.status, status, body }
    }
    for (const rule of [
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
      'FREQ=DAILY;INTERVAL=999999999999999999999',
      'FREQ=DAILY;COUNT=999999999999999999999',
      'FREQ=DAILY;INTERVAL=0',
      `FREQ=YEARLY;BYYEARDAY=${Array.from({ length: 25 }, (_, n) => n + 1).join(',')};BYDAY=MO;BYSETPOS=-366`,
      'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31',
      'FREQ=YEARLY;UNTIL=00010101',
    ]) {
      const { made, status = 200 } = await planned(rule)
      expect([201, 400, 422], rule).toContain(made)
      expect([200, 422], rule).toContain(status)
    }
    const far = await planned('FREQ=DAILY;COUNT=99999999')
    expect(far).toMatchObject({
      status: 422,
      body: { code: 'SHIFT_ROTATION_INVALID', errors: [{ pointer: '#/from' }] },
    })
  })
})

describe('a process that is killed while it fills a shift', () => {
  it('leaves nobody assigned and nothing told, and the next one fills it', async () => {
    const role = 'KILLED'
    const people = []
    for (let n = 0; n < 3; n += 1) people.push(await register(service, { roles: [role] }))
    const shift = await plan(600, { role }, { role }, { role })
    await service.request('POST', `/v1/shifts/${shift.id}/publish`)
    const { database } = service.opened
    const told = async () =>
      database.sql(
        `SELECT 1 FROM kit.outbox WHERE type = 'personal.assignment.confirmed'
        AND data->>'shiftId' = $1`,
        [shift.id],
      )
    const fill = () => service.request('POST', `/v1/shifts/${shift.id}/fill`)
    // Everyone is assigned, and nothing committed, when what is told is to be written.
    const { answer } = await database.transaction(async ({ sql }) => {
      await sql('LOCK TABLE kit.outbox IN ACCESS EXCLUSIVE MODE')
      const answer = fill()
      await expect.poll(() => lockWaits(database.sql), { timeout: 20_000 }).toBe(1)
      await database.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      return { answer: await answer }
    })
    expect(answer.status).toBe(503)
    expect(answer.text).not.toMatch(/terminat|outbox|SELECT/i)
    expect(await assignmentsOf(shift.id)).toEqual([])
    expect(await told()).toEqual([])
    expect(await fill()).toMatchObject({ status: 200 })
    expect(await assignmentsOf(shift.id)).toHaveLength(3)
    expect(await told()).toHaveLength(3)
  })
})
