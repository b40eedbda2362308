import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
let vesselId: string
beforeAll(async () => {
  // What a departure needs of the authorities is tested with them.
  barcos = await startBarcos({ env: { REQUIRED_CLEARANCES: 'NONE' } })
  vesselId = (await barcos.registerVessel()).id
})
afterAll(() => barcos[Symbol.asyncDispose]())

const pilots: Identity = { roles: ['service-provider'], org: 'pilots', subject: 'pilot-desk' }
const tugs: Identity = { roles: ['service-provider'], org: 'tugs', subject: 'tug-desk' }
const office: Identity = { roles: ['harbour-master'], subject: 'office' }

const announced = async (approve = true) => {
  const call = await barcos.announce(vesselId)
  if (approve) await barcos.post(`/v1/port-calls/${call.id}/approve`, undefined, { as: office })
  return call.id as string
}
const pilotage = (given: object = {}) => ({
  portCallServiceTypeCode: 'PILOTAGE',
  portCallPhaseTypeCode: 'INBD',
  providerOrganization: 'pilots',
  requestedDateTime: '2026-11-01T08:00:00Z',
  ...given,
})
const order = async (callId: string, given: object = {}, as = agent) => {
  const answer = await barcos.post(`/v1/port-calls/${callId}/service-orders`, pilotage(given), {
    as,
  })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}
const step = (
  id: string,
  action: string,
  body?: object,
  by: Parameters<typeof barcos.post>[2] = {},
) => barcos.post(`/v1/service-orders/${id}/${action}`, body, { as: pilots, ...by })
const list = async (as: Identity, query = '') =>
  (await barcos.request('GET', `/v1/service-orders${query}`, { as })).body.items
const servicesOf = async (callId: string) =>
  (await barcos.request('GET', `/v1/port-calls/${callId}/services`)).body.items
type Service = {
  portCallServiceTypeCode: string
  portCallServiceEventTypeCode: string
  occurrence: number
  isCanceled: boolean
  isDeclined: boolean
  negotiation: { state: string; awaits: string | null; serviceDateTime: string | null }
}
const startsOf = async (callId: string) =>
  (await servicesOf(callId)).filter(
    (each: Service) => each.portCallServiceEventTypeCode === 'STRT',
  ) as Service[]

describe('ordering a service', () => {
  it('asks its provider, who sees the order and its call from then on', async () => {
    const callId = await announced()
    expect(await barcos.request('GET', `/v1/port-calls/${callId}`, { as: pilots })).toMatchObject({
      status: 404,
    })
    const made = await barcos.post(
      `/v1/port-calls/${callId}/service-orders`,
      pilotage({ quantity: 2, remark: 'deep draught' }),
      { as: agent },
    )
    expect(made).toMatchObject({
      status: 201,
      headers: { location: `/v1/service-orders/${made.body.id}`, etag: '"1"' },
      body: {
        portCallId: callId,
        state: 'REQUESTED',
        quantity: 2,
        remark: 'deep draught',
        plannedDateTime: null,
        serviceDateTime: '2026-11-01T08:00:00.000Z',
        decisions: [{ action: 'request', from: null, to: 'REQUESTED', decidedBy: 'acme-agent' }],
      },
    })
    expect(await barcos.request('GET', `/v1/port-calls/${callId}`, { as: pilots })).toMatchObject({
      status: 200,
    })
    for (const [who, status] of [
      [pilots, 200],
      [agent, 200],
      [office, 200],
      [tugs, 404],
      [otherAgent, 404],
    ] as const) {
      const answer = await barcos.request('GET', `/v1/service-orders/${made.body.id}`, { as: who })
      expect({ who, status: answer.status }).toEqual({ who, status })
    }
    expect(await startsOf(callId)).toMatchObject([
      { negotiation: { state: 'REQUESTED', awaits: 'PROVIDER' } },
    ])
    const told = (await barcos.events()).filter(({ subject }) => subject === made.body.id)
    expect(told).toMatchObject([
      { type: 'barcos.service-order.requested', data: { providerOrganization: 'pilots' } },
    ])
  })

  it('is for the call’s agent and the office, and for a call that expects its ship', async () => {
    const callId = await announced(false)
    const path = `/v1/port-calls/${callId}/service-orders`
    expect(await barcos.post(path, pilotage(), { as: otherAgent })).toMatchObject({ status: 404 })
    expect(await barcos.post(path, pilotage(), { as: pilots })).toMatchObject({ status: 403 })
    await order(callId, {}, office)
    const machine: Identity = { kind: 'machine', scopes: ['barcos/write'], org: 'pilots' }
    expect(await barcos.post(path, pilotage(), { as: machine })).toMatchObject({ status: 403 })
    await barcos.post(`/v1/port-calls/${callId}/reject`, { reason: 'no room' }, { as: office })
    expect(await barcos.post(path, pilotage(), { as: agent })).toMatchObject({
      status: 409,
      body: {
        code: 'SERVICE_ORDER_CONDITIONS_UNMET',
        errors: [{ code: 'CALL_EXPECTS_SHIP' }],
      },
    })
    await barcos.post(`/v1/port-calls/${callId}/resubmit`, undefined, { as: agent })
    await barcos.post(`/v1/port-calls/${callId}/cancel`, undefined, { as: agent })
    expect(await barcos.post(path, pilotage(), { as: agent })).toMatchObject({
      status: 409,
      body: { code: 'PORT_CALL_ENDED' },
    })
  })

  it('lets no provider change a call on which it only has an order', async () => {
    const callId = await announced(false)
    await order(callId)
    const machine: Identity = { kind: 'machine', scopes: ['barcos/write'], org: 'pilots' }
    for (const action of ['cancel', 'omit']) {
      const answer = await barcos.post(`/v1/port-calls/${callId}/${action}`, undefined, {
        as: machine,
      })
      expect([403, 404]).toContain(answer.status)
    }
    const { body } = await barcos.request('GET', `/v1/port-calls/${callId}`)
    expect(body).toMatchObject({ state: 'ANNOUNCED' })
  })

  it('refuses hostile bodies with the place of the fault', async () => {
    const callId = await announced()
    const faults: [object, number, string][] = [
      [{ portCallServiceTypeCode: 'BERTH' }, 400, '#/portCallServiceTypeCode'],
      [{ providerOrganization: 'Pilots; DROP' }, 400, '#/providerOrganization'],
      [{ quantity: 0 }, 400, '#/quantity'],
      [{ quantity: 1.5 }, 400, '#/quantity'],
      [{ requestedDateTime: 'soon' }, 400, '#/requestedDateTime'],
      [{ remark: 'a\0' }, 400, '#/remark'],
      [{ state: 'CONFIRMED' }, 400, '#/state'],
      [{ portCallServiceTypeCode: 'SLUDGE' }, 422, '#/requestedDateTime'],
    ]
    for (const [body, status, pointer] of faults) {
      const answer = await barcos.post(`/v1/port-calls/${callId}/service-orders`, pilotage(body), {
        as: agent,
      })
      expect({ pointer, status: answer.status }).toEqual({ pointer, status })
      expect(answer.body.errors).toMatchObject([{ pointer }])
    }
    expect(await servicesOf(callId)).toEqual([])
  })
})

describe('an order', () => {
  it('goes from request to completion, each step with its timestamp', async () => {
    const callId = await announced()
    const { id } = await order(callId)
    expect(await step(id, 'confirm')).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { state: 'CONFIRMED', plannedDateTime: '2026-11-01T08:00:00.000Z' },
    })
    expect(await startsOf(callId)).toMatchObject([
      { negotiation: { state: 'PLANNED', awaits: null } },
    ])
    expect(await step(id, 'start', { occurredAt: '2026-11-01T08:10:00Z' })).toMatchObject({
      status: 200,
      body: { state: 'STARTED', startedDateTime: '2026-11-01T08:10:00.000Z' },
    })
    const early = await step(id, 'complete', { occurredAt: '2026-11-01T08:09:00Z' })
    expect(early).toMatchObject({
      status: 409,
      body: { errors: [{ pointer: '#/occurredAt', code: 'COMPLETED_AFTER_START' }] },
    })
    const done = await step(id, 'complete', { occurredAt: '2026-11-01T09:00:00Z' })
    expect(done.body).toMatchObject({ state: 'COMPLETED', version: 4 })
    expect(done.body.decisions.map(({ action }: { action: string }) => action)).toEqual([
      'request',
      'confirm',
      'start',
      'complete',
    ])
    const { body } = await barcos.request('GET', `/v1/port-calls/${callId}/timeline`)
    const rows = body.items.flatMap(
      ({ timestamp }: { timestamp: Record<string, string> | null }) =>
        timestamp
          ? [[timestamp.classifierCode, timestamp.portCallServiceEventTypeCode, timestamp.party]]
          : [],
    )
    expect(rows).toEqual([
      ['REQ', 'STRT', 'SHIP'],
      ['PLN', 'STRT', 'SERVICE_PROVIDER'],
      ['ACT', 'STRT', 'SERVICE_PROVIDER'],
      ['ACT', 'CMPL', 'SERVICE_PROVIDER'],
    ])
    const plan = body.items.find(
      ({ timestamp }: { timestamp: Record<string, string> | null }) =>
        timestamp?.classifierCode === 'PLN',
    )
    expect(plan.timestamp.replyTo).toEqual(expect.any(String))
    const told = (await barcos.events()).filter(
      ({ type, subject }) => type === 'barcos.service-order.state-changed' && subject === id,
    )
    expect(told.map(({ data }) => data.to)).toEqual(['CONFIRMED', 'STARTED', 'COMPLETED'])
  })

  it('is planned for what was asked for last', async () => {
    const callId = await announced()
    const { id } = await order(callId)
    const asked = await barcos.post(
      `/v1/port-calls/${callId}/timestamps`,
      {
        portCallServiceTypeCode: 'PILOTAGE',
        portCallServiceEventTypeCode: 'STRT',
        portCallPhaseTypeCode: 'INBD',
        classifierCode: 'REQ',
        serviceDateTime: '2026-11-01T12:00:00Z',
      },
      { as: agent },
    )
    expect(asked.status).toBe(201)
    expect((await step(id, 'confirm')).body).toMatchObject({
      state: 'CONFIRMED',
      plannedDateTime: '2026-11-01T12:00:00.000Z',
    })
    expect(await startsOf(callId)).toMatchObject([
      { negotiation: { state: 'PLANNED', serviceDateTime: '2026-11-01T12:00:00.000Z' } },
    ])
  })

  it('may be planned for another time, which answers no request, and planned anew', async () => {
    const callId = await announced()
    const { id } = await order(callId)
    await step(id, 'confirm', { plannedDateTime: '2026-11-01T09:00:00Z' })
    const anew = await step(id, 'confirm', {
      plannedDateTime: '2026-11-01T10:00:00Z',
      reason: 'fog',
    })
    expect(anew.body).toMatchObject({
      state: 'CONFIRMED',
      plannedDateTime: '2026-11-01T10:00:00.000Z',
      serviceDateTime: '2026-11-01T10:00:00.000Z',
    })
    expect(await startsOf(callId)).toMatchObject([
      { negotiation: { state: 'PLANNED', serviceDateTime: '2026-11-01T10:00:00.000Z' } },
    ])
  })

  it('takes only the steps that its state and its call allow', async () => {
    const callId = await announced(false)
    const { id } = await order(callId)
    const early = await step(id, 'start')
    expect(early).toMatchObject({ status: 409, body: { code: 'SERVICE_ORDER_NOT_IN_STATE' } })
    await step(id, 'confirm')
    expect(await step(id, 'start', { occurredAt: '2026-11-01T08:00:00Z' })).toMatchObject({
      status: 409,
      body: { code: 'SERVICE_ORDER_CONDITIONS_UNMET', errors: [{ code: 'CALL_APPROVED' }] },
    })
    await barcos.post(`/v1/port-calls/${callId}/approve`, undefined, { as: office })
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    expect(await step(id, 'start', { occurredAt: tomorrow })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/occurredAt', code: 'ACTUAL_HAS_HAPPENED' }] },
    })
    expect(await step(id, 'deny', { reason: 'no pilot' })).toMatchObject({
      status: 200,
      body: { state: 'DENIED' },
    })
    for (const action of ['confirm', 'start', 'complete']) {
      expect(await step(id, action)).toMatchObject({ status: 409 })
    }
    expect(await startsOf(callId)).toMatchObject([
      { isCanceled: true, negotiation: { state: 'CANCELLED' } },
    ])
    // Another one is a service of its own.
    await order(callId)
    expect((await startsOf(callId)).map(({ occurrence }) => occurrence)).toEqual([1, 2])
  })

  it('is stepped by its own side only', async () => {
    const callId = await announced()
    const { id } = await order(callId)
    expect(await step(id, 'confirm', undefined, { as: tugs })).toMatchObject({ status: 404 })
    expect(await step(id, 'confirm', undefined, { as: agent })).toMatchObject({ status: 403 })
    const carrier: Identity = { kind: 'machine', scopes: ['barcos/write'], org: 'acme' }
    expect(await step(id, 'confirm', undefined, { as: carrier })).toMatchObject({ status: 403 })
    const ownSystem: Identity = { kind: 'machine', scopes: ['barcos/write'], org: 'pilots' }
    const cancelled = await step(id, 'cancel', { reason: 'why not' }, { as: ownSystem })
    expect(cancelled).toMatchObject({ status: 403 })
    expect(await step(id, 'cancel', { reason: 'too late' }, { as: carrier })).toMatchObject({
      status: 200,
      body: { state: 'CANCELLED' },
    })
    expect(await startsOf(callId)).toMatchObject([
      { isDeclined: true, negotiation: { state: 'DECLINED' } },
    ])
    expect(await step(id, 'cancel', {}, { as: agent })).toMatchObject({ status: 400 })
  })

  it('goes one way when two act on it at once', async () => {
    const callId = await announced()
    const { id } = await order(callId)
    const answers = await Promise.all([
      step(id, 'confirm'),
      step(id, 'deny', { reason: 'no pilot' }),
      step(id, 'cancel', { reason: 'not needed' }, { as: agent }),
    ])
    const { body } = await barcos.request('GET', `/v1/service-orders/${id}`)
    const taken = answers.filter(({ status }) => status === 200)
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
    expect(body.version).toBe(taken.length + 1)
    expect(['DENIED', 'CANCELLED']).toContain(body.state)
    expect(body.decisions).toHaveLength(taken.length + 1)
    const stale = { 'if-match': '"1"' }
    const { id: other } = await order(callId)
    const both = await Promise.all([
      step(other, 'confirm', undefined, { headers: stale }),
      step(other, 'confirm', undefined, { headers: stale }),
    ])
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 412]))
  })

  it('is one of several at once: each tug company has a service of its own', async () => {
    const callId = await announced()
    const towage = { portCallServiceTypeCode: 'TOWAGE', quantity: 2 }
    const first = await order(callId, { ...towage, providerOrganization: 'tugs' })
    const second = await order(callId, { ...towage, providerOrganization: 'other-tugs' })
    await step(first.id, 'confirm', undefined, { as: tugs })
    const starts = await startsOf(callId)
    expect(starts.map(({ negotiation }) => negotiation.state)).toEqual(['PLANNED', 'REQUESTED'])
    expect(await list(tugs)).toMatchObject([{ id: first.id }])
    const theirs = await barcos.request('GET', `/v1/port-calls/${callId}/service-orders`, {
      as: tugs,
    })
    expect(theirs.body.items).toMatchObject([{ id: first.id }])
    const all = await barcos.request('GET', `/v1/port-calls/${callId}/service-orders`, {
      as: agent,
    })
    expect(new Set(all.body.items.map(({ id }: { id: string }) => id))).toEqual(
      new Set([first.id, second.id]),
    )
  })
})

describe('a call with orders', () => {
  const take = (callId: string, action: string) =>
    barcos.post(`/v1/port-calls/${callId}/${action}`, undefined, { as: office })

  it('takes them with it when it is cancelled or omitted', async () => {
    for (const action of ['cancel', 'omit']) {
      const callId = await announced()
      const { id } = await order(callId)
      const { id: denied } = await order(callId)
      await step(denied, 'deny', { reason: 'no pilot' })
      expect(await take(callId, action)).toMatchObject({ status: 200 })
      const { body } = await barcos.request('GET', `/v1/service-orders/${id}`, { as: pilots })
      expect(body).toMatchObject({ state: 'CANCELLED', version: 2 })
      expect(body.decisions.at(-1)).toMatchObject({ action: 'cancel', decidedBy: 'office' })
      expect(
        (await servicesOf(callId)).every((each: Service) => each.isCanceled || each.isDeclined),
      ).toBe(true)
      expect(await step(id, 'confirm')).toMatchObject({
        status: 409,
        body: { code: 'PORT_CALL_ENDED' },
      })
      const other = await barcos.request('GET', `/v1/service-orders/${denied}`, { as: pilots })
      expect(other.body).toMatchObject({ state: 'DENIED', version: 2 })
    }
  })

  it('departs only when what is provided to it is over, and closes when all is settled', async () => {
    const callId = await announced()
    await take(callId, 'arrive')
    const alongside = { portCallServiceTypeCode: 'BUNKERING', portCallPhaseTypeCode: 'ALGS' }
    const bunkers = await order(callId, alongside)
    const outward = await order(callId, { portCallPhaseTypeCode: 'OUTB' })
    for (const { id } of [bunkers, outward]) {
      await step(id, 'confirm')
      await step(id, 'start', { occurredAt: '2026-11-01T09:00:00Z' })
    }
    const hindered = await take(callId, 'departure-authorization')
    expect(hindered.status).toBe(409)
    expect(hindered.body.errors).toEqual([
      {
        pointer: '#',
        code: 'SERVICES_COMPLETED',
        detail: 'the order of BUNKERING of pilots is STARTED',
      },
    ])
    await step(bunkers.id, 'complete', { occurredAt: '2026-11-01T10:00:00Z' })
    await take(callId, 'departure-authorization')
    expect(await take(callId, 'depart')).toMatchObject({ status: 200 })
    expect(await take(callId, 'close')).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'ORDERS_SETTLED' }] },
    })
    expect(await step(outward.id, 'complete')).toMatchObject({ status: 200 })
    expect(await take(callId, 'close')).toMatchObject({ status: 200 })
  })
})

describe('the order book', () => {
  it('is found by provider, state and window, paged in the order of time', async () => {
    const callId = await announced()
    const moorers: Identity = { roles: ['service-provider'], org: 'moorers' }
    const made: string[] = []
    for (const hour of ['05', '03', '04', '09']) {
      const { id } = await order(callId, {
        portCallServiceTypeCode: 'MOORING',
        providerOrganization: 'moorers',
        requestedDateTime: `2026-12-24T${hour}:00:00Z`,
      })
      made.push(id)
    }
    const [, , third] = made
    assert(third)
    await step(third, 'confirm', undefined, { as: moorers })
    const ids = async (query: string) =>
      (await list(moorers, query)).map(({ id }: { id: string }) => made.indexOf(id))
    expect(await ids('')).toEqual([1, 2, 0, 3])
    expect(await ids('?sort=-serviceTime')).toEqual([3, 0, 2, 1])
    expect(await ids('?state=CONFIRMED')).toEqual([2])
    expect(await ids('?from=2026-12-24T04:00:00Z&to=2026-12-24T09:00:00Z')).toEqual([2, 0])
    expect(await ids('?providerOrganization=pilots')).toEqual([])
    const found: number[] = []
    let cursor = ''
    for (;;) {
      const { body } = await barcos.request('GET', `/v1/service-orders?limit=3${cursor}`, {
        as: moorers,
      })
      found.push(...body.items.map(({ id }: { id: string }) => made.indexOf(id)))
      if (body.next === null) break
      cursor = `&cursor=${body.next}`
    }
    expect(found).toEqual([1, 2, 0, 3])
  })
})

describe('a provider’s own word', () => {
  it('counts for what is ordered of it, and for nothing else', async () => {
    const callId = await announced()
    await order(callId)
    const say = (service: string, as: Identity) =>
      barcos.post(
        `/v1/port-calls/${callId}/timestamps`,
        {
          portCallServiceTypeCode: service,
          portCallServiceEventTypeCode: 'STRT',
          portCallPhaseTypeCode: 'INBD',
          classifierCode: 'EST',
          serviceDateTime: '2026-11-01T08:30:00Z',
        },
        { as },
      )
    expect(await say('PILOTAGE', pilots)).toMatchObject({ status: 201 })
    expect(await say('TOWAGE', pilots)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/classifierCode', code: 'SIDE_OF_SERVICE' }] },
    })
    expect(await say('PILOTAGE', agent)).toMatchObject({ status: 422 })
    expect(await say('PILOTAGE', tugs)).toMatchObject({ status: 404 })
    expect(await startsOf(callId)).toMatchObject([
      { negotiation: { state: 'ESTIMATED', awaits: 'CONSUMER' } },
    ])
  })

  it('is about its own order, of two companies that tow one ship', async () => {
    const callId = await announced()
    const towage = { portCallServiceTypeCode: 'TOWAGE' }
    const first = await order(callId, { ...towage, providerOrganization: 'tugs' })
    const second = await order(callId, { ...towage, providerOrganization: 'towers' })
    const towers: Identity = { roles: ['service-provider'], org: 'towers' }
    const say = (given: object, as: Identity) =>
      barcos.post(
        `/v1/port-calls/${callId}/timestamps`,
        {
          ...towage,
          portCallServiceEventTypeCode: 'STRT',
          portCallPhaseTypeCode: 'INBD',
          classifierCode: 'ACT',
          serviceDateTime: '2026-11-01T08:30:00Z',
          ...given,
        },
        { as },
      )
    const actual = await say({}, tugs)
    expect(actual).toMatchObject({ status: 201 })
    const starts = (await servicesOf(callId)).filter(
      (each: Service) => each.portCallServiceEventTypeCode === 'STRT',
    )
    expect(
      starts.map(({ occurrence, negotiation }: Service) => [occurrence, negotiation.state]),
    ).toEqual([
      [1, 'DONE'],
      [2, 'REQUESTED'],
    ])
    expect(actual.body.portCallServiceId).toBe(starts[0].id)
    // Corrected, it is still the same one; and nobody answers what another was asked.
    const corrected = await say({ serviceDateTime: '2026-11-01T08:25:00Z' }, tugs)
    expect(corrected.body.portCallServiceId).toBe(starts[0].id)
    const { body } = await barcos.request('GET', `/v1/port-calls/${callId}/timeline`)
    const asked = body.items.find(
      ({
        timestamp,
      }: {
        timestamp: { portCallServiceId: string; classifierCode: string } | null
      }) => timestamp?.classifierCode === 'REQ' && timestamp.portCallServiceId === starts[1].id,
    ).timestamp
    const answer = {
      classifierCode: 'PLN',
      serviceDateTime: asked.serviceDateTime,
      replyTo: asked.id,
    }
    expect(await say(answer, tugs)).toMatchObject({
      status: 422,
      body: {
        errors: [
          { code: 'SIDE_OF_SERVICE', detail: 'this service was ordered of another provider' },
        ],
      },
    })
    expect(await say(answer, towers)).toMatchObject({ status: 201 })

    // Who has refused has no more to do with the call.
    const called = (as: Identity) =>
      barcos.request('GET', `/v1/port-calls/${callId}`, { as }).then(({ status }) => status)
    expect([await called(tugs), await called(towers)]).toEqual([200, 200])
    const denied = await step(second.id, 'deny', { reason: 'engine' }, { as: towers })
    expect(denied.status).toBe(200)
    expect([await called(tugs), await called(towers)]).toEqual([200, 404])
    const present = await barcos.request('GET', `/v1/service-orders/${first.id}`, { as: tugs })
    expect(present.body.state).toBe('STARTED')
  })

  it('moves its order, as its provider would', async () => {
    const callId = await announced()
    const made = await order(callId)
    const say = async (given: object) => {
      const answer = await barcos.post(
        `/v1/port-calls/${callId}/timestamps`,
        {
          portCallServiceTypeCode: 'PILOTAGE',
          portCallServiceEventTypeCode: 'STRT',
          portCallPhaseTypeCode: 'INBD',
          ...given,
        },
        { as: pilots },
      )
      if (answer.status !== 201) throw new Error(answer.text)
      return (await barcos.request('GET', `/v1/service-orders/${made.id}`, { as: pilots })).body
    }
    const planned = { classifierCode: 'PLN', serviceDateTime: '2026-11-01T08:00:00.000Z' }
    expect(await say(planned)).toMatchObject({
      state: 'CONFIRMED',
      plannedDateTime: planned.serviceDateTime,
    })
    const begun = { classifierCode: 'ACT', serviceDateTime: '2026-11-01T08:10:00.000Z' }
    expect(await say(begun)).toMatchObject({ state: 'STARTED' })
    const done = { ...begun, serviceDateTime: '2026-11-01T09:00:00.000Z' }
    expect(await say({ ...done, portCallServiceEventTypeCode: 'CMPL' })).toMatchObject({
      state: 'COMPLETED',
    })
  })

  it('may be told of what went out with the ship when it has gone', async () => {
    const callId = await announced()
    const made = await order(callId, {
      portCallPhaseTypeCode: 'OUTB',
      requestedDateTime: '2026-11-02T19:00:00Z',
    })
    const take = (action: string, body?: object) =>
      barcos.post(`/v1/port-calls/${callId}/${action}`, body, { as: office })
    await take('arrive', { occurredAt: '2026-11-02T06:00:00Z' })
    await take('departure-authorization')
    const departed = await take('depart', { occurredAt: '2026-11-02T20:00:00Z' })
    expect(departed.body).toMatchObject({ state: 'DEPARTED' })
    const late = await step(made.id, 'confirm', { plannedDateTime: '2026-11-02T21:00:00Z' })
    expect(late).toMatchObject({ status: 409 })
    expect((await step(made.id, 'confirm')).status).toBe(200)
    const after = await step(made.id, 'start', { occurredAt: '2026-11-02T20:30:00Z' })
    expect(after).toMatchObject({ status: 409, body: { errors: [{ code: 'CALL_EXPECTS_SHIP' }] } })
    expect((await step(made.id, 'start', { occurredAt: '2026-11-02T19:50:00Z' })).status).toBe(200)
    expect((await step(made.id, 'complete', { occurredAt: '2026-11-02T20:40:00Z' })).status).toBe(
      200,
    )
    expect((await take('close')).status).toBe(200)
  })
})
