import type { Role } from '@porttrack/shared/auth/access'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  announce,
  bookTruck,
  declareVgm,
  event,
  freshReference,
  newVisit,
  vessel,
  yard,
} from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

const path = '/v1/container-visits'
let service: TestCarga
const record = (id: string, body: unknown, options: object = {}) =>
  service.request('POST', `${path}/${id}/events`, { body, ...options })
const retract = (id: string, eventId: string, reason = 'another container') =>
  service.request('POST', `${path}/${id}/events/${eventId}/retract`, { body: { reason } })
const read = async (id: string) => (await service.request('GET', `${path}/${id}`)).body
const list = async (id: string, query = '') =>
  (await service.request('GET', `${path}/${id}/events?${query}`)).body

const statusesOf = (answers: { status: number }[]) =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b)

/** Announces a visit and records events, one minute apart; gives the ids of visit and events. */
const visitWith = async (change: Record<string, unknown>, ...codes: string[]) => {
  const id = await announce(service, change)
  await declareVgm(service, id)
  if (codes.includes('GTOT')) await bookTruck(service, id)
  const eventIds: string[] = []
  for (const [minute, code] of codes.entries()) {
    const made = await record(id, event(code, `10:${String(minute).padStart(2, '0')}`))
    expect(made).toMatchObject({ status: 201 })
    eventIds.push(made.body.id)
  }
  return { id, eventIds }
}

beforeAll(async () => {
  service = await startCarga()
})
afterAll(() => service[Symbol.asyncDispose]())

describe('recording events', () => {
  it('brings each flow from its beginning to its end', async () => {
    const ways = {
      EXPORT: { GTIN: 'GATED_IN', YARD: 'IN_YARD', LOAD: 'LOADED', DEPA: 'DEPARTED' },
      IMPORT: {
        DISC: 'DISCHARGED',
        YARD: 'IN_YARD',
        RELS: 'IN_YARD',
        CUSR: 'RELEASED',
        GTOT: 'GATED_OUT',
      },
      TRANSSHIPMENT: { DISC: 'DISCHARGED', YARD: 'IN_YARD', LOAD: 'LOADED' },
    }
    for (const [flow, way] of Object.entries(ways)) {
      const id = await announce(service, { flow })
      await declareVgm(service, id)
      if (flow === 'IMPORT') await bookTruck(service, id)
      for (const [minute, [code, state]] of Object.entries(way).entries()) {
        const made = await record(id, event(code, `10:0${minute}`))
        expect(made).toMatchObject({
          status: 201,
          headers: { location: `${path}/${id}/events/${made.body.id}` },
          body: { eventCode: code, status: 'STANDS', obstacles: [], updates: null },
        })
        expect(await read(id)).toMatchObject({ state, version: expect.any(Number) })
      }
    }
  })

  it('keeps position and version with the state', async () => {
    const { id } = await visitWith({}, 'GTIN')
    await record(id, event('YARD', '10:30', { position: yard }))
    expect(await read(id)).toMatchObject({ position: yard, version: 3 })
    await record(id, event('INSP', '11:00'))
    expect(await read(id)).toMatchObject({ state: 'IN_YARD', position: yard, version: 3 })
    const elsewhere = { yard: { ...yard.yard, block: 'B' } }
    await record(id, event('YARD', '11:30', { position: elsewhere }))
    expect(await read(id)).toMatchObject({ state: 'IN_YARD', position: elsewhere, version: 4 })
    await record(id, event('LOAD', '12:00', { position: vessel }))
    expect(await read(id)).toMatchObject({ state: 'LOADED', position: vessel, version: 5 })
  })

  it('refuses an actual event that cannot follow, naming all that is missing', async () => {
    const id = await announce(service, { seals: [] })
    expect(await record(id, event('LOAD', '10:00'))).toMatchObject({
      status: 409,
      body: {
        code: 'CONTAINER_VISIT_EVENT_CANNOT_FOLLOW',
        errors: [
          { pointer: '#/eventCode', detail: 'GTIN is missing before LOAD' },
          { pointer: '#/eventCode', detail: 'YARD is missing before LOAD' },
          {
            pointer: '#/eventCode',
            code: 'VGM_VALID',
            detail: 'it has no verified gross mass',
          },
          {
            pointer: '#/eventCode',
            code: 'SEAL_PRESENT',
            detail: 'a laden export has no seal',
          },
        ],
      },
    })
    expect(await list(id)).toEqual({ items: [], next: null })
    const planned = event('LOAD', '10:00', { eventClassifierCode: 'PLN', position: vessel })
    expect(await record(id, planned)).toMatchObject({ status: 201 })
    expect(await read(id)).toMatchObject({ state: 'ADVISED', position: null, version: 1 })
  })

  it('refuses the gate to an import until customs and line have released it', async () => {
    const { id } = await visitWith({ flow: 'IMPORT' }, 'DISC', 'YARD')
    expect((await record(id, event('GTOT', '11:00'))).body.errors).toEqual([
      { pointer: '#/eventCode', detail: 'CUSR is missing before GTOT' },
      { pointer: '#/eventCode', detail: 'RELS is missing before GTOT' },
      {
        pointer: '#/eventCode',
        code: 'APPOINTMENT',
        detail: 'no truck has an appointment to fetch it',
      },
    ])
  })

  it('takes what happened earlier when it comes late', async () => {
    const { id } = await visitWith({ flow: 'IMPORT' }, 'DISC', 'YARD', 'RELS')
    expect(await record(id, event('CUSR', '09:00'))).toMatchObject({ status: 201 })
    expect(await read(id)).toMatchObject({ state: 'RELEASED' })
    // Before the discharge there was no yard to set it down in.
    expect(await record(id, event('YARD', '09:30'))).toMatchObject({
      status: 409,
      body: { errors: [{ detail: 'DISC is missing before YARD' }] },
    })
  })

  it('refuses what is not well formed or breaks a rule', async () => {
    const id = await announce(service)
    const future = new Date(Date.now() + 3_600_000).toISOString()
    const cases: [object, number, string][] = [
      [event('GONE', '10:00'), 400, '#/eventCode'],
      [event('GTIN', '10:00', { eventClassifierCode: 'REQ' }), 400, '#/eventClassifierCode'],
      [event('GTIN', '10:00', { eventDateTime: '2026-02-30T10:00:00Z' }), 400, '#/eventDateTime'],
      [event('GTIN', '10:00', { eventDateTime: '2026-02-01T10:00:00' }), 400, '#/eventDateTime'],
      [event('GTIN', '10:00', { eventDateTime: future }), 422, '#/eventDateTime'],
      [event('GTIN', '10:00', { position: yard }), 422, '#/position'],
      [event('YARD', '10:00', { position: null }), 422, '#/position'],
      [event('YARD', '10:00', { position: { ...yard, ...vessel } }), 400, '#/position/vessel'],
    ]
    for (const [body, status, pointer] of cases) {
      const answer = await record(id, body)
      expect(answer).toMatchObject({ status })
      const pointers = answer.body.errors.map((fault: { pointer: string }) => fault.pointer)
      expect(pointers).toContain(pointer)
    }
    const nowhere = '00000000-0000-7000-8000-000000000000'
    expect(await record(nowhere, event('GTIN', '10:00'))).toMatchObject({ status: 404 })
    const ofAnother = (await visitWith({}, 'GTIN')).eventIds[0]
    expect(await record(id, event('GTIN', '10:00', { updates: ofAnother }))).toMatchObject({
      status: 404,
    })
  })

  it('records once what is sent many times at once', async () => {
    const id = await announce(service)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => record(id, event('GTIN', '10:00'))),
    )
    expect(statusesOf(answers)).toEqual([201, ...Array(7).fill(409)])
    const headers = { 'idempotency-key': `yard-${id}` }
    const set = event('YARD', '11:00')
    const first = await record(id, set, { headers })
    const second = await record(id, set, { headers })
    expect(second).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
    expect(second.body).toEqual(first.body)
    expect(second.headers.location).toBe(first.headers.location)
    expect((await list(id)).items).toHaveLength(2)
  })

  it('lets a gate clerk record, and a viewer only read', async () => {
    const id = await announce(service)
    const as = (role: Role) => ({ as: { roles: [role] } })
    expect(await record(id, event('GTIN', '10:00'), as('viewer'))).toMatchObject({ status: 403 })
    expect(await record(id, event('GTIN', '10:00'), as('gate-clerk'))).toMatchObject({
      status: 201,
      body: { recordedBy: 'tester' },
    })
    const seen = await service.request('GET', `${path}/${id}/events`, as('viewer'))
    expect(seen.body.items).toHaveLength(1)
  })
})

describe('updating events', () => {
  it('lets the newest version count and keeps the older ones', async () => {
    const id = await announce(service)
    const planned = event('GTIN', '10:00', { eventClassifierCode: 'PLN' })
    const { body: plan } = await record(id, planned)
    const { body: actual } = await record(id, event('GTIN', '10:20', { updates: plan.id }))
    expect(actual).toMatchObject({ updates: plan.id, status: 'STANDS' })
    expect(await read(id)).toMatchObject({ state: 'GATED_IN' })
    const { body: newer } = await record(id, event('GTIN', '10:21', { updates: plan.id }))
    const { items } = await list(id)
    expect(items.map(({ status }: { status: string }) => status)).toEqual([
      'UPDATED',
      'UPDATED',
      'STANDS',
    ])
    const one = await service.request('GET', `${path}/${id}/events/${newer.id}`)
    expect(one).toMatchObject({ status: 200, body: newer })
    expect(await read(id)).toMatchObject({ state: 'GATED_IN', version: 2 })
  })

  it('refuses one by which later events would no longer follow', async () => {
    const { id, eventIds } = await visitWith({}, 'GTIN', 'YARD')
    const late = event('GTIN', '12:00', { updates: eventIds[0] })
    expect(await record(id, late)).toMatchObject({
      status: 409,
      body: { errors: [{ detail: `YARD (${eventIds[1]}) could no longer follow` }] },
    })
    const other = event('LOAD', '12:00', { updates: eventIds[0] })
    expect(await record(id, other)).toMatchObject({ status: 422 })
  })
})

describe('retracting events', () => {
  it('computes the state anew, and again when what was missing comes back', async () => {
    const { id, eventIds } = await visitWith({}, 'GTIN', 'YARD', 'LOAD')
    const stood = (await list(id)).items[1].position
    expect(await retract(id, eventIds[2] ?? '')).toMatchObject({
      status: 200,
      body: {
        status: 'RETRACTED',
        retraction: { reason: 'another container', recordedBy: 'tester' },
      },
    })
    expect(await read(id)).toMatchObject({ state: 'IN_YARD', position: stood })
    await retract(id, eventIds[0] ?? '')
    expect(await read(id)).toMatchObject({ state: 'ADVISED', position: null })
    expect((await list(id)).items[1]).toMatchObject({
      status: 'STANDS',
      obstacles: ['GTIN is missing before YARD'],
    })
    await record(id, event('GTIN', '09:00'))
    expect(await read(id)).toMatchObject({ state: 'IN_YARD', position: stood })
    expect((await list(id)).items[1]).toMatchObject({ obstacles: [] })
  })

  it('takes all versions of an event back, once', async () => {
    const { id, eventIds } = await visitWith({}, 'GTIN')
    const first = eventIds[0] ?? ''
    const { body: newer } = await record(id, event('GTIN', '10:30', { updates: first }))
    expect(await retract(id, newer.id)).toMatchObject({ status: 200 })
    expect(await read(id)).toMatchObject({ state: 'ADVISED' })
    for (const again of [first, newer.id]) {
      expect(await retract(id, again)).toMatchObject({
        status: 409,
        body: { code: 'CONTAINER_VISIT_EVENT_RETRACTED' },
      })
    }
    const update = event('GTIN', '10:40', { updates: first })
    expect(await record(id, update)).toMatchObject({ status: 409 })
    expect(await retract(id, crypto.randomUUID())).toMatchObject({ status: 404 })
    expect(await retract(id, first, '')).toMatchObject({ status: 400 })
  })

  it('does not open a visit beside another open one', async () => {
    const equipmentReference = freshReference()
    const way = ['DISC', 'YARD', 'CUSR', 'RELS', 'GTOT']
    const { id, eventIds } = await visitWith({ equipmentReference, flow: 'IMPORT' }, ...way)
    const next = await service.request('POST', path, { body: newVisit({ equipmentReference }) })
    expect(next.status).toBe(201)
    expect(await retract(id, eventIds[4] ?? '')).toMatchObject({
      status: 409,
      body: {
        code: 'CONTAINER_VISIT_OPEN',
        errors: [{ detail: `is in the open visit ${next.body.id}` }],
      },
    })
    expect(await read(id)).toMatchObject({ state: 'GATED_OUT' })
    expect((await list(id)).items[4]).toMatchObject({ status: 'STANDS' })
  })
})

describe('the list of events', () => {
  it('comes in the order of recording, in pages', async () => {
    const { id, eventIds } = await visitWith({}, 'GTIN', 'YARD', 'INSP', 'CUSS', 'LOAD')
    const seen: string[] = []
    let cursor = ''
    do {
      const { items, next } = await list(id, `limit=2${cursor}`)
      seen.push(...items.map((item: { id: string }) => item.id))
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
    expect(seen).toEqual(eventIds)
    const { next } = await list(id, 'limit=2')
    const other = await announce(service)
    const foreign = await service.request('GET', `${path}/${other}/events?limit=2&cursor=${next}`)
    expect(foreign).toMatchObject({ status: 400, body: { code: 'CURSOR_INVALID' } })
  })
})

describe('what carga tells the others', () => {
  it('is what was announced and each change of state, in order', async () => {
    const { id, eventIds } = await visitWith({ flow: 'EXPORT' }, 'GTIN', 'INSP', 'YARD')
    await record(id, event('LOAD', '09:00'))
    await retract(id, eventIds[2] ?? '')
    const { body } = await service.request('GET', '/v1/feed?limit=1000', {
      as: { roles: ['admin'] },
    })
    const ours = body.events.filter(
      ({ subject, type }: { subject: string; type: string }) =>
        subject === id && type.startsWith('carga.container-visit.'),
    )
    expect(ours.map(({ type }: { type: string }) => type)).toEqual([
      'carga.container-visit.announced',
      ...Array(3).fill('carga.container-visit.state-changed'),
    ])
    expect(ours[0].data).toMatchObject({
      containerVisitId: id,
      ISOEquipmentCode: '22G1',
      isEmpty: false,
      flow: 'EXPORT',
      state: 'ADVISED',
    })
    expect(ours.slice(1).map(({ data }: { data: { to: string } }) => data.to)).toEqual([
      'GATED_IN',
      'IN_YARD',
      'GATED_IN',
    ])
  })

  it('is in its metrics too', async () => {
    const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
    expect(metrics).toMatch(/^carga_container_visits_announced_total\{flow="EXPORT"\} \d+$/m)
    expect(metrics).toMatch(
      /^carga_container_visit_events_recorded_total\{event_code="GTIN",classifier="ACT"\} \d+$/m,
    )
    expect(metrics).toMatch(
      /^carga_container_visit_events_refused_total\{event_code="LOAD"\} [1-9]\d*$/m,
    )
  })
})
