import { randomUUID } from 'node:crypto'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce, bookTruck, event, openGateSlot } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga()
})
afterAll(() => carga[Symbol.asyncDispose]())

const clerk: { as: Identity } = { as: { roles: ['gate-clerk'] } }
const appointments = (id: string) => `/v1/container-visits/${id}/gate-appointments`
const book = (id: string, gateSlotId: string, by: { as?: Identity } = {}) =>
  carga.request('POST', appointments(id), {
    ...by,
    body: { gateSlotId, purpose: 'DELIVERY', truckLicencePlate: '1234 BCD' },
  })
const slotOf = async (id: string) => (await carga.request('GET', `/v1/gate-slots/${id}`)).body

describe('a slot of the gate', () => {
  it('gives its last place to one of a hundred who reach for it at once', async () => {
    const slot = await openGateSlot(carga, { capacity: 3 })
    const ids: string[] = []
    for (let n = 0; n < 102; n += 1) ids.push(await announce(carga))
    for (const id of ids.splice(0, 2)) {
      expect(await book(id, slot)).toMatchObject({ status: 201, body: { state: 'BOOKED' } })
    }
    const answers = await Promise.all(ids.map((id) => book(id, slot)))
    const won = answers.filter(({ status }) => status === 201)
    expect(won).toHaveLength(1)
    for (const answer of answers.filter((each) => !won.includes(each))) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'GATE_SLOT_FULL' } })
    }
    expect(await slotOf(slot)).toMatchObject({ capacity: 3, booked: 3 })
    // Nor can anyone who goes past the service.
    await expect(
      carga.opened.database.sql('UPDATE gate_slot SET booked = 4 WHERE id = $1::uuid', [slot]),
    ).rejects.toThrow('gate_slot_capacity')
  }, 60_000)

  it('has a place again when an appointment is cancelled, and keeps at least what is booked', async () => {
    const slot = await openGateSlot(carga, { capacity: 1 })
    const id = await announce(carga)
    const booked = await book(id, slot)
    const resize = (capacity: number, version: string) =>
      carga.request('PUT', `/v1/gate-slots/${slot}`, {
        headers: { 'if-match': version },
        body: { capacity },
      })
    expect(await resize(0, '"1"')).toMatchObject({
      status: 409,
      body: { code: 'GATE_SLOT_BELOW_BOOKED' },
    })
    const cancel = `${appointments(id)}/${booked.body.id}/cancel`
    expect(await carga.request('POST', cancel, { body: { reason: 'no truck' } })).toMatchObject({
      status: 200,
      body: { state: 'CANCELLED', reason: 'no truck' },
    })
    expect(await slotOf(slot)).toMatchObject({ booked: 0 })
    expect(await book(await announce(carga), slot)).toMatchObject({ status: 201 })
    expect(await resize(5, '"1"')).toMatchObject({ status: 200, body: { capacity: 5, booked: 1 } })
    expect(await resize(6, '"1"')).toMatchObject({ status: 412 })
  })

  it('names the trucks that come, to those who handle them', async () => {
    const slot = await openGateSlot(carga)
    const ids = [await announce(carga), await announce(carga), await announce(carga)]
    for (const id of ids) expect(await book(id, slot)).toMatchObject({ status: 201 })
    const path = `/v1/gate-slots/${slot}/appointments`
    const first = await carga.request('GET', `${path}?limit=2`, clerk)
    const next = await carga.request(
      'GET',
      `${path}?limit=2&cursor=${encodeURIComponent(first.body.next)}`,
      clerk,
    )
    const found = [...first.body.items, ...next.body.items]
    expect(found.map((each) => each.containerVisitId)).toEqual(ids)
    expect(next.body.next).toBeNull()
    expect(await carga.request('GET', `/v1/gate-slots/${randomUUID()}/appointments`)).toMatchObject(
      {
        status: 404,
      },
    )
    const agent: Identity = { roles: ['agent'], org: 'acme' }
    expect(await carga.request('GET', path, { as: agent })).toMatchObject({ status: 403 })
  })

  it('is refused in no country, when it ends before it begins, begins with another, or is over', async () => {
    const window = { startsAt: '2030-01-01T10:00:00Z', endsAt: '2030-01-01T11:00:00Z' }
    const open = (change: object, by = {}) =>
      carga.request('POST', '/v1/gate-slots', {
        ...by,
        body: { UNLocationCode: 'ESALG', capacity: 1, ...window, ...change },
      })
    expect(await open({ endsAt: window.startsAt, UNLocationCode: 'ZZALG' })).toMatchObject({
      status: 422,
      body: {
        code: 'GATE_SLOT_INVALID',
        errors: [{ pointer: '#/UNLocationCode' }, { pointer: '#/endsAt' }],
      },
    })
    expect(await open({ capacity: -1 })).toMatchObject({ status: 400 })
    expect(await open({}, clerk)).toMatchObject({ status: 403 })
    expect(await open({})).toMatchObject({ status: 201 })
    expect(await open({})).toMatchObject({ status: 409, body: { code: 'GATE_SLOT_EXISTS' } })
    const over = await open({ startsAt: '2020-01-01T10:00:00Z', endsAt: '2020-01-01T11:00:00Z' })
    expect(await book(await announce(carga), over.body.id)).toMatchObject({
      status: 409,
      body: { code: 'GATE_SLOT_OVER' },
    })
    const { body } = await carga.request(
      'GET',
      '/v1/gate-slots?UNLocationCode=ESALG&from=2030-01-01T00:00:00Z',
    )
    expect(body.items).toHaveLength(1)
  })
})

describe('an appointment', () => {
  it('goes from booking to the truck’s leaving, a step at a time', async () => {
    const id = await announce(carga)
    const { id: appointmentId } = await bookTruck(carga, id)
    const act = (action: string, by = clerk) =>
      carga.request('POST', `${appointments(id)}/${appointmentId}/${action}`, { ...by, body: {} })
    expect(await act('complete')).toMatchObject({
      status: 409,
      body: { code: 'GATE_APPOINTMENT_STATE' },
    })
    expect(await act('arrive', { as: { roles: ['viewer'] } })).toMatchObject({ status: 403 })
    expect(await act('arrive')).toMatchObject({ status: 200, body: { state: 'ARRIVED' } })
    expect(await act('cancel')).toMatchObject({ status: 409 })
    const done = await act('complete')
    expect(done.body).toMatchObject({ state: 'COMPLETED', version: 3 })
    expect(Date.parse(done.body.completedAt)).toBeGreaterThanOrEqual(
      Date.parse(done.body.arrivedAt),
    )
    const { body } = await carga.request('GET', appointments(id))
    expect(body.items).toHaveLength(1)
  })

  it('is one at a time for a container, and of the caller’s own', async () => {
    const id = await announce(carga, { carrierOrganization: 'acme' })
    const slot = await openGateSlot(carga)
    const agent = (org: string): { as: Identity } => ({ as: { roles: ['agent'], org } })
    expect(await book(id, slot, agent('globex'))).toMatchObject({ status: 404 })
    expect(await book(id, randomUUID(), agent('acme'))).toMatchObject({ status: 404 })
    expect(await book(id, slot, agent('acme'))).toMatchObject({ status: 201 })
    expect(await book(id, slot)).toMatchObject({
      status: 409,
      body: { code: 'GATE_APPOINTMENT_OPEN' },
    })
  })
})

describe('a passage of the gate', () => {
  const minute = 60_000
  const gateIn = (on: TestCarga, id: string, at: number) =>
    on.request('POST', `/v1/container-visits/${id}/events`, {
      body: event('GTIN', '00:00', { eventDateTime: new Date(at).toISOString() }),
    })
  /** A slot that began so many minutes ago and is over in as many, and an appointment in it. */
  const delivery = async (on: TestCarga, id: string, began: number) => {
    const startsAt = new Date(Date.now() - began * minute)
    const slot = await on.request('POST', '/v1/gate-slots', {
      body: {
        UNLocationCode: 'ESALG',
        startsAt: startsAt.toISOString(),
        endsAt: new Date(Date.now() + began * minute).toISOString(),
        capacity: 1,
      },
    })
    const made = await on.request('POST', appointments(id), {
      body: {
        gateSlotId: slot.body.id,
        purpose: 'DELIVERY',
        truckLicencePlate: '1234 BCD',
      },
    })
    if (made.status !== 201) throw new Error(made.text)
    return made.body.id as string
  }

  it('belongs to the appointment of its truck', async () => {
    const id = await announce(carga)
    const gateAppointmentId = await delivery(carga, id, 61)
    const passed = await gateIn(carga, id, Date.now() - minute)
    expect(passed).toMatchObject({ status: 201, body: { gateAppointmentId, warnings: [] } })
    // A passage that is put right is the same truck's.
    const corrected = await carga.request('POST', `/v1/container-visits/${id}/events`, {
      body: event('GTIN', '00:00', {
        eventDateTime: new Date(Date.now() - 2 * minute).toISOString(),
        updates: passed.body.id,
      }),
    })
    expect(corrected).toMatchObject({ status: 201, body: { gateAppointmentId } })
  })

  it('is remarked on without one, or outside of its slot', async () => {
    const without = await gateIn(carga, await announce(carga), Date.now() - minute)
    expect(without).toMatchObject({
      status: 201,
      body: { gateAppointmentId: null, warnings: ['no truck has an appointment to bring it'] },
    })
    const id = await announce(carga)
    const gateAppointmentId = await delivery(carga, id, 62)
    const early = await gateIn(carga, id, Date.now() - 122 * minute)
    expect(early).toMatchObject({ status: 201, body: { gateAppointmentId } })
    expect(early.body.warnings).toHaveLength(1)
    expect(early.body.warnings[0]).toMatch(/^the truck is (30|31) min too early for its slot/)
  })

  it('is refused without one, or outside of its slot, where that is set', async () => {
    await using strict = await startCarga({
      env: { GATE_APPOINTMENTS: 'REFUSED', GATE_TOLERANCE_MINUTES: '10' },
    })
    const id = await announce(strict)
    const codesOf = ({ body }: { body: { errors: { code: string }[] } }) =>
      body.errors.map(({ code }) => code)
    const without = await gateIn(strict, id, Date.now() - minute)
    expect(without).toMatchObject({ status: 409 })
    expect(codesOf(without)).toEqual(['BROUGHT_BY_APPOINTMENT'])
    await delivery(strict, id, 60)
    const early = await gateIn(strict, id, Date.now() - 80 * minute)
    expect(early).toMatchObject({ status: 409 })
    expect(codesOf(early)).toEqual(['WITHIN_SLOT'])
    expect(await gateIn(strict, id, Date.now() - 65 * minute)).toMatchObject({ status: 201 })
  }, 60_000)
})
