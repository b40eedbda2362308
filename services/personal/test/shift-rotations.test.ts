import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

let service: TestPersonal
beforeAll(async () => {
  service = await startPersonal({ env: { TIME_ZONE: 'Europe/Madrid' } })
})
afterAll(() => service[Symbol.asyncDispose]())

let serial = 0
const template = async (change: object = {}) => {
  serial += 1
  return service.request('POST', '/v1/gang-templates', {
    body: {
      name: `Gang ${serial}`,
      kindOfWork: 'MOORING',
      positions: [{ role: 'LINESMAN', skills: ['WINCH'] }, { role: 'LINESMAN' }],
      ...change,
    },
  })
}
const rotation = async (gangTemplateId: string, change: object = {}) => {
  serial += 1
  return service.request('POST', '/v1/shift-rotations', {
    body: {
      name: `Rotation ${serial}`,
      gangTemplateId,
      UNLocationCode: 'ESALG',
      firstDay: '2026-10-20',
      rule: 'FREQ=DAILY;INTERVAL=2',
      startTime: '22:00',
      endTime: '06:00',
      ...change,
    },
  })
}
const plan = (id: string, from: string, to: string) =>
  service.request('POST', `/v1/shift-rotations/${id}/plan`, { body: { from, to } })

describe('a gang template', () => {
  it('is made, found, replaced and removed while nothing uses it', async () => {
    const made = await template({ name: 'Night gang' })
    expect(made).toMatchObject({
      status: 201,
      headers: { etag: '"1"' },
      body: {
        name: 'Night gang',
        positions: [
          { role: 'LINESMAN', skills: ['WINCH'], certificates: [] },
          { role: 'LINESMAN', skills: [], certificates: [] },
        ],
      },
    })
    expect(await template({ name: 'Night gang' })).toMatchObject({
      status: 409,
      body: { code: 'GANG_TEMPLATE_EXISTS' },
    })
    const url = `/v1/gang-templates/${made.body.id}`
    const { name, kindOfWork } = made.body
    const body = { name, kindOfWork, positions: [{ role: 'FOREMAN' }] }
    const put = (version: string) =>
      service.request('PUT', url, { body, headers: { 'if-match': version } })
    expect(await put('"1"')).toMatchObject({ status: 200, body: { version: 2 } })
    expect((await put('"1"')).status).toBe(412)
    const list = await service.request('GET', '/v1/gang-templates?kindOfWork=MOORING')
    expect(list.body.items.map((each: { id: string }) => each.id)).toContain(made.body.id)
    const used = await rotation(made.body.id)
    const remove = () => service.request('DELETE', url, { headers: { 'if-match': '*' } })
    expect(await remove()).toMatchObject({ status: 409, body: { code: 'GANG_TEMPLATE_IN_USE' } })
    await service.request('DELETE', `/v1/shift-rotations/${used.body.id}`, {
      headers: { 'if-match': '"1"' },
    })
    expect((await remove()).status).toBe(204)
    expect((await service.request('GET', url)).status).toBe(404)
  })
})

describe('a rotation', () => {
  it('makes the drafts of its days, each an hour longer or shorter where the clocks change', async () => {
    const gang = await template()
    const made = await rotation(gang.body.id)
    expect(made).toMatchObject({ status: 201, body: { timeZone: 'Europe/Madrid', exceptDays: [] } })
    const planned = await plan(made.body.id, '2026-10-22', '2026-10-26')
    expect(planned).toMatchObject({
      status: 200,
      body: {
        items: [
          { day: '2026-10-22', made: true },
          { day: '2026-10-24', made: true },
          { day: '2026-10-26', made: true },
        ],
        leftOut: [],
      },
    })
    const [, changing] = planned.body.items
    const shift = await service.request('GET', `/v1/shifts/${changing.shiftId}`)
    expect(shift.body).toMatchObject({
      state: 'DRAFT',
      kindOfWork: 'MOORING',
      startsAt: '2026-10-24T20:00:00.000Z',
      endsAt: '2026-10-25T05:00:00.000Z',
      rotationId: made.body.id,
      rotationDay: '2026-10-24',
      positions: [
        { role: 'LINESMAN', skills: ['WINCH'] },
        { role: 'LINESMAN', skills: [] },
      ],
    })
    // Nine hours of work are nine, whatever the clock shows: one too many for a night ashore.
    const assign = (employeeId: string) =>
      service.request('POST', `/v1/shifts/${changing.shiftId}/assignments`, {
        body: { positionId: shift.body.positions[1].id, employeeId },
      })
    const linesman = { roles: ['LINESMAN'], skills: [] }
    const clerk = await register(service, { ...linesman, restProfile: 'EU_WTD' })
    expect(await assign(clerk.id)).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'REST_KEPT', detail: expect.stringMatching(/night.*: 9 h/) }] },
    })
    const worker = await register(service, linesman)
    expect((await assign(worker.id)).status).toBe(201)
    const report = await service.request(
      'GET',
      `/v1/work-report?from=2026-10-19&employeeId=${worker.id}`,
    )
    expect(report.body.items).toMatchObject([{ week: '2026-10-19', plannedMinutes: 540 }])
  })

  it('makes a shift a day, however often and by however many it is planned', async () => {
    const gang = await template()
    const { body } = await rotation(gang.body.id, {
      rule: 'FREQ=DAILY',
      exceptDays: ['2026-10-23'],
    })
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => plan(body.id, '2026-10-22', '2026-10-25')),
    )
    const all = answers.flatMap(
      (answer) => answer.body.items as { shiftId: string; made: boolean }[],
    )
    expect(all).toHaveLength(12)
    expect(all.filter(({ made }) => made)).toHaveLength(3)
    expect(new Set(all.map(({ shiftId }) => shiftId)).size).toBe(3)
    const [first] = all
    await service.request('POST', `/v1/shifts/${first?.shiftId}/cancel`, {
      body: { reason: 'no ship' },
    })
    const again = await plan(body.id, '2026-10-21', '2026-10-25')
    expect(again.body.items.map(({ made }: { made: boolean }) => made)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('leaves out a day on which the clock makes it last no time, or more than a day', async () => {
    const gang = await template()
    const daily = { rule: 'FREQ=DAILY', firstDay: '2026-03-01' }
    const skipped = await rotation(gang.body.id, { ...daily, startTime: '02:30', endTime: '03:30' })
    expect((await plan(skipped.body.id, '2026-03-28', '2026-03-30')).body).toMatchObject({
      items: [{ day: '2026-03-28' }, { day: '2026-03-30' }],
      leftOut: ['2026-03-29'],
    })
    const whole = await rotation(gang.body.id, { ...daily, startTime: '00:00', endTime: '00:00' })
    expect((await plan(whole.body.id, '2026-10-24', '2026-10-26')).body).toMatchObject({
      items: [{ day: '2026-10-24' }, { day: '2026-10-26' }],
      leftOut: ['2026-10-25'],
    })
  })

  it('is refused with every fault at once', async () => {
    const gang = await template()
    const nowhere = '00000000-0000-7000-8000-000000000000'
    expect(
      await rotation(nowhere, {
        UNLocationCode: 'ZZALG',
        rule: 'FREQ=WEEKLY;BYDAY=XX',
        timeZone: 'Europe/Nowhere',
      }),
    ).toMatchObject({
      status: 422,
      body: {
        code: 'SHIFT_ROTATION_INVALID',
        errors: [
          { pointer: '#/UNLocationCode' },
          { pointer: '#/rule' },
          { pointer: '#/timeZone' },
          { pointer: '#/gangTemplateId' },
        ],
      },
    })
    for (const change of [
      { rule: 'FREQ=HOURLY' },
      { rule: 'FREQ=DAILY;BYHOUR=3' },
      { rule: 'FREQ=DAILY\nRDATE:20261101' },
      { startTime: '24:00' },
      { firstDay: '2026-02-30' },
    ]) {
      expect((await rotation(gang.body.id, change)).status).toBe(400)
    }
    const { body } = await rotation(gang.body.id)
    expect((await plan(body.id, '2026-10-22', '2026-10-21')).status).toBe(422)
    expect((await plan(body.id, '2026-10-22', '2027-10-21')).status).toBe(422)
    expect((await plan(nowhere, '2026-10-22', '2026-10-22')).status).toBe(404)
  })
})
