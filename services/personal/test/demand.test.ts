import { randomUUID } from 'node:crypto'
import { startFeed } from '@porttrack/shared/testing/start-feed'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announced, callChangedTo, changedTo, forecast, orderOf, requested } from './feeds.ts'
import { register } from './people.ts'
import { startPersonal, type TestPersonal } from './start-personal.ts'

const issuer = new TokenIssuer()
let barcos: Awaited<ReturnType<typeof startFeed>>
let carga: Awaited<ReturnType<typeof startFeed>>
let personal: TestPersonal
beforeAll(async () => {
  barcos = await startFeed('barcos', { issuer, reader: 'personal' })
  carga = await startFeed('carga', { issuer, reader: 'personal' })
  personal = await startPersonal({
    issuer,
    barcosUrl: barcos.url,
    cargaUrl: carga.url,
    env: { MOVES_PER_GANG: '100' },
  })
  await template({
    name: 'Tug crew',
    kindOfWork: 'TOWAGE',
    positions: [{ role: 'TUG_MASTER' }, { role: 'DECKHAND' }],
    serves: { portCallServiceTypeCode: 'TOWAGE', leadMinutes: 30, durationMinutes: 120 },
  })
})
afterAll(async () => {
  await personal[Symbol.asyncDispose]()
  await barcos[Symbol.asyncDispose]()
  await carga[Symbol.asyncDispose]()
})

/** So many hours after the midnight UTC that begins a Monday. */
const at = (hours: number) => new Date(Date.UTC(2027, 0, 4) + hours * 3_600_000).toISOString()
const post = (path: string, body?: object) =>
  personal.request('POST', path, body === undefined ? {} : { body })

const template = async (body: object) => {
  const made = await post('/v1/gang-templates', body)
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id as string
}

type Order = ReturnType<typeof orderOf>
const demandOf = async ({ orderId }: Order) =>
  (await personal.request('GET', `/v1/demand/${orderId}`)).body
const shiftOf = async (order: Order) => {
  const { shift } = await demandOf(order)
  return (await personal.request('GET', `/v1/shifts/${shift.id}`)).body
}
/** Waits for what follows from an event. */
const becomes = (order: Order, expected: object) =>
  expect.poll(() => demandOf(order), { timeout: 20_000 }).toMatchObject(expected)

const confirmed = async (time: string, quantity = 1) => {
  const order = orderOf()
  await barcos.publish(requested(order, time, { quantity }), changedTo(order, 'CONFIRMED', time))
  await becomes(order, { state: 'CONFIRMED' })
  return order
}

const crewed = async (time: string) => {
  const order = await confirmed(time)
  const shift = await shiftOf(order)
  const people = [
    await register(personal, { roles: ['TUG_MASTER'] }),
    await register(personal, { roles: ['DECKHAND'] }),
  ]
  for (const [index, { id: employeeId }] of people.entries()) {
    const positionId = shift.positions[index].id
    await post(`/v1/shifts/${shift.id}/assignments`, { positionId, employeeId })
  }
  return { order, shiftId: shift.id as string }
}

const eventsOf = async (shiftId: string) => {
  const as = { roles: ['admin'] as const }
  const { body } = await personal.request('GET', '/v1/feed?limit=1000', { as })
  return (body.events as { type: string; data: Record<string, unknown> }[]).filter(
    ({ data }) => data['shiftId'] === shiftId,
  )
}

describe('an order of a service', () => {
  it('is demand when it is requested, and a draft with a gang for each once it is confirmed', async () => {
    const order = orderOf()
    await barcos.publish(requested(order, at(10), { quantity: 2 }))
    await becomes(order, {
      id: order.orderId,
      portCallId: order.portCallId,
      portCallServiceTypeCode: 'TOWAGE',
      UNLocationCode: 'ESALG',
      quantity: 2,
      startsAt: at(10),
      state: 'REQUESTED',
      shift: null,
    })
    await barcos.publish(changedTo(order, 'CONFIRMED', at(11)))
    await becomes(order, { startsAt: at(11), shift: { state: 'DRAFT', positions: 4, filled: 0 } })
    expect(await shiftOf(order)).toMatchObject({
      portCallId: order.portCallId,
      serviceOrderId: order.orderId,
      kindOfWork: 'TOWAGE',
      UNLocationCode: 'ESALG',
      startsAt: at(10.5),
      endsAt: at(13),
      positions: ['TUG_MASTER', 'DECKHAND', 'TUG_MASTER', 'DECKHAND'].map((role) => ({ role })),
    })
    const { body } = await personal.request('GET', `/v1/demand?portCallId=${order.portCallId}`)
    expect(body.items).toMatchObject([{ id: order.orderId }])
  })

  it('takes its draft with it while nobody is assigned, and is flagged after', async () => {
    const free = await confirmed(at(30))
    await barcos.publish(changedTo(free, 'CONFIRMED', at(34)))
    await becomes(free, { startsAt: at(34), moved: false })
    expect(await shiftOf(free)).toMatchObject({ startsAt: at(33.5), endsAt: at(36) })

    const { order } = await crewed(at(40))
    await barcos.publish(changedTo(order, 'CONFIRMED', at(42)))
    await becomes(order, { startsAt: at(42), moved: true, shift: { filled: 2 } })
    expect(await shiftOf(order)).toMatchObject({ startsAt: at(39.5) })
  })

  it('gives its crew up when it is cancelled, and is planned by hand where that is wanted', async () => {
    const { order, shiftId } = await crewed(at(60))
    await post(`/v1/shifts/${shiftId}/publish`)
    await barcos.publish(changedTo(order, 'CANCELLED', at(60), { reason: 'the ship is late' }))
    await becomes(order, { state: 'CANCELLED', shift: null })
    expect((await personal.request('GET', `/v1/shifts/${shiftId}`)).body).toMatchObject({
      state: 'CANCELLED',
      cancellationReason: 'TOWAGE CANCELLED: the ship is late',
    })
    const gangTemplateId = await template({
      name: 'By hand',
      kindOfWork: 'MOORING',
      positions: [{ role: 'LINESMAN' }],
    })
    const plan = (of: Order, more: object = {}) =>
      post(`/v1/demand/${of.orderId}/plan`, { gangTemplateId, ...more })
    expect((await plan(order)).body.code).toBe('DEMAND_OVER')
    const mooring = orderOf({ portCallServiceTypeCode: 'MOORING' })
    await barcos.publish(requested(mooring, at(70)), changedTo(mooring, 'CONFIRMED', at(70)))
    await becomes(mooring, { state: 'CONFIRMED', shift: null })
    expect(await plan(mooring)).toMatchObject({
      status: 422,
      body: { code: 'DEMAND_INVALID', errors: [{ pointer: '#/startsAt' }] },
    })
    const times = { startsAt: at(69), endsAt: at(72) }
    expect(await plan(mooring, { ...times, UNLocationCode: 'ZZALG' })).toMatchObject({
      status: 422,
      body: { code: 'DEMAND_INVALID', errors: [{ pointer: '#/UNLocationCode' }] },
    })
    const answers = await Promise.all([plan(mooring, times), plan(mooring, times)])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(await demandOf(mooring)).toMatchObject({ shift: { state: 'DRAFT', positions: 1 } })
    expect((await post(`/v1/demand/${randomUUID()}/plan`, { gangTemplateId })).status).toBe(404)
  })

  it('has its confirmed crew told, each of them and once they are complete', async () => {
    const { order, shiftId } = await crewed(at(90))
    await post(`/v1/shifts/${shiftId}/publish`)
    const told = await eventsOf(shiftId)
    expect(told.map(({ type }) => type)).toEqual([
      'personal.shift.changed',
      'personal.assignment.confirmed',
      'personal.assignment.confirmed',
      'personal.crew.confirmed',
    ])
    expect(told.map(({ data }) => data['serviceOrderId'])).toEqual(Array(4).fill(order.orderId))
    expect(told.at(-1)?.data).toMatchObject({ portCallId: order.portCallId, positions: 2 })
  })

  it('has its shift told to the provider whose order it is, and to no other organization', async () => {
    const { shiftId } = await crewed(at(120))
    await post(`/v1/shifts/${shiftId}/publish`)
    const own = await post('/v1/shifts', {
      UNLocationCode: 'ESALG',
      kindOfWork: 'GATE',
      startsAt: at(120),
      endsAt: at(128),
      positions: [{ role: 'GATE_CLERK' }],
    })
    await post(`/v1/shifts/${own.body.id}/publish`)
    const toldTo = async (org: string) => {
      const as = { kind: 'machine' as const, scopes: ['personal/feed.read'], org }
      const { body } = await personal.request('GET', '/v1/feed?limit=1000', { as })
      return (body.events as { type: string; data: Record<string, unknown> }[]).filter(
        ({ data }) => data['shiftId'] === shiftId || data['shiftId'] === own.body.id,
      )
    }
    const told = await toldTo('tugs')
    const data = { shiftId, providerOrganization: 'tugs' }
    expect(told).toMatchObject([
      { type: 'personal.shift.changed', data: { ...data, positions: 2 } },
      { type: 'personal.crew.confirmed', data },
    ])
    expect((await toldTo('globex')).map(({ type }) => type)).toEqual([])
    const [ofPort] = await eventsOf(own.body.id)
    expect(ofPort?.data).toMatchObject({ providerOrganization: null })
  })

  it('that is not as agreed is skipped, and what follows is not held up', async () => {
    const order = orderOf()
    await barcos.publish(
      requested(order, 'soon'),
      requested({ ...order, portCallServiceTypeCode: 'tow\u0001age' }, at(5)),
      changedTo(order, 'LOST', at(5)),
      changedTo(order, 'STARTED', at(5)),
    )
    await becomes(order, { state: 'STARTED', UNLocationCode: null, shift: null })
    const metrics = await (await fetch(`${personal.managementUrl}/metrics`)).text()
    expect(metrics).toMatch(
      /personal_malformed_events_total\{type="barcos.service-order.requested"\} 2/,
    )
  })
})

describe('a gang template that serves orders', () => {
  it('is one for each service and port, the port’s own before the one for any', async () => {
    const serves = { portCallServiceTypeCode: 'TOWAGE', leadMinutes: 0, durationMinutes: 60 }
    const body = { name: 'Other tugs', kindOfWork: 'TOWAGE', positions: [{ role: 'DECKHAND' }] }
    expect(await post('/v1/gang-templates', { ...body, serves })).toMatchObject({
      status: 409,
      body: { code: 'GANG_TEMPLATE_EXISTS' },
    })
    const nowhere = { ...body, serves: { ...serves, UNLocationCode: 'ZZCEU' } }
    expect(await post('/v1/gang-templates', nowhere)).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', errors: [{ pointer: '#/serves/UNLocationCode' }] },
    })
    await template({ ...body, serves: { ...serves, UNLocationCode: 'ESCEU' } })
    const order = orderOf()
    await barcos.publish(
      requested(order, at(200), { UNLocationCode: 'ESCEU' }),
      changedTo(order, 'CONFIRMED', at(200)),
    )
    await becomes(order, { shift: { positions: 1 } })
  })
})

describe('the moves of a port call', () => {
  /** The demand of a call, once there is any. */
  const demandOfCall = async (portCallId: string) =>
    (await personal.request('GET', `/v1/demand?portCallId=${portCallId}`)).body.items
  const demandBecomes = (portCallId: string, expected: object) =>
    expect
      .poll(() => demandOfCall(portCallId), { timeout: 20_000 })
      .toMatchObject([{ portCallServiceTypeCode: 'CARGO_OPERATIONS', ...expected }])

  it('need as many gangs as they are for, when the ship comes, whoever tells first', async () => {
    await template({
      name: 'Stevedores',
      kindOfWork: 'STEVEDORING',
      positions: [{ role: 'FOREMAN' }, { role: 'STEVEDORE' }],
      serves: {
        portCallServiceTypeCode: 'CARGO_OPERATIONS',
        leadMinutes: 0,
        durationMinutes: 480,
      },
    })
    const [first, second] = [randomUUID(), randomUUID()]
    await carga.publish(forecast(first, 120, 90), forecast(second, 0, 10))
    await barcos.publish(announced(second, null), announced(first, at(300)))
    await demandBecomes(first, {
      state: 'CONFIRMED',
      quantity: 3,
      startsAt: at(300),
      providerOrganization: 'terminal-1',
      shift: { state: 'DRAFT', positions: 6, filled: 0 },
    })
    expect(await demandOfCall(second)).toEqual([])
    await barcos.publish(callChangedTo(second, 'APPROVED', at(310)))
    await demandBecomes(second, { quantity: 1, shift: { positions: 2 } })

    await carga.publish(forecast(first, 60, 90))
    await demandBecomes(first, { quantity: 2, shift: { positions: 4 } })
    await barcos.publish(callChangedTo(first, 'OMITTED', at(300)))
    await demandBecomes(first, { state: 'CANCELLED', shift: null })
  })

  it('do not change a crew under its people: a planner decides', async () => {
    const portCallId = randomUUID()
    await barcos.publish(announced(portCallId, at(400)))
    await carga.publish(forecast(portCallId, 50, 0))
    await demandBecomes(portCallId, { shift: { positions: 2 } })
    const [{ shift }] = await demandOfCall(portCallId)
    const { body } = await personal.request('GET', `/v1/shifts/${shift.id}`)
    const { id: employeeId } = await register(personal, { roles: ['FOREMAN'] })
    await post(`/v1/shifts/${shift.id}/assignments`, {
      positionId: body.positions[0].id,
      employeeId,
    })
    await carga.publish(forecast(portCallId, 150, 0))
    await demandBecomes(portCallId, { quantity: 2, moved: true })
    const [demand] = await demandOfCall(portCallId)
    expect(demand.shift).toMatchObject({ id: shift.id, positions: 2, filled: 1 })
  })
})
