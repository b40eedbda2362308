import { lockWaits } from '@porttrack/shared/testing/lock-waits'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endStay, beginStay, releaseReservations } from '../src/reservations/stay.store.ts'
import { codesOf, hour, makeBerth, makeCall, mustReserve, planner, reserve } from './quay.ts'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos({ env: { PORT_TIME_ZONES: '*=Europe/Madrid' } })
})
afterAll(() => barcos[Symbol.asyncDispose]())

const get = (path: string, as = planner) => barcos.request('GET', `/v1${path}`, { as })
const put = (id: string, body: object, version = '"1"') =>
  barcos.request('PUT', `/v1/reservations/${id}`, {
    as: planner,
    body: { startsAt: hour(0), endsAt: hour(24), ...body },
    headers: { 'if-match': version },
  })
const release = (id: string, version = '"1"') =>
  barcos.request('DELETE', `/v1/reservations/${id}`, {
    as: planner,
    headers: { 'if-match': version },
  })
const block = (berthId: string, given: object = {}) =>
  barcos.opened.database.client.berthOccupancy.create({
    data: {
      id: uuidv7(),
      kind: 'BLOCK',
      berthId,
      fromMetre: 0,
      toMetre: 100,
      startsAt: hour(0),
      endsAt: hour(24),
      reason: 'crane repair',
      createdBy: 'office',
      ...given,
    },
  })

describe('reserving metres of a berth', () => {
  it('takes the metres that are asked for, and shows the port’s own time besides', async () => {
    const [berth, call] = [await makeBerth(barcos), await makeCall(barcos)]
    const made = await reserve(barcos, call.id, {
      berthId: berth.id,
      fromMetre: 300,
      sideAlongside: 'STARBOARD',
    })
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"' } })
    expect(made.body).toEqual({
      id: expect.any(String),
      portCallId: call.id,
      state: 'RESERVED',
      UNLocationCode: 'ESALG',
      berthId: berth.id,
      berthCode: berth.code,
      berthName: berth.name,
      fromMetre: 300,
      toMetre: 500,
      fromBollard: null,
      toBollard: null,
      startsAt: '2046-12-01T00:00:00.000Z',
      endsAt: '2046-12-02T00:00:00.000Z',
      startsAtLocal: '2046-12-01T01:00:00+01:00[Europe/Madrid]',
      endsAtLocal: '2046-12-02T01:00:00+01:00[Europe/Madrid]',
      reservedFrom: '2046-12-01T00:00:00.000Z',
      reservedUntil: '2046-12-02T00:00:00.000Z',
      sideAlongside: 'STARBOARD',
      dangerousGoodsClasses: [],
      reefers: 0,
      predictedTide: null,
      alongsideFrom: null,
      alongsideTo: null,
      releasedAt: null,
      version: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    expect(await get(`/reservations/${made.body.id}`)).toMatchObject({
      status: 200,
      body: made.body,
    })
    expect((await get(`/port-calls/${call.id}/reservations`)).body).toEqual({ items: [made.body] })
    const event = (await barcos.events()).find(({ subject }) => subject === made.body.id)
    expect(event).toMatchObject({
      type: 'barcos.berth.reserved',
      data: { portCallId: call.id, berthCode: berth.code, fromMetre: 300, toMetre: 500 },
    })
  })

  it('takes the first free metres when only the berth is named', async () => {
    const berth = await makeBerth(barcos, { quayLength: 500 })
    const places = []
    for (const length of [100, 120, 90]) {
      const call = await makeCall(barcos, { vessel: { lengthOverall: length } })
      const { fromMetre, toMetre } = await mustReserve(barcos, call.id, { berthId: berth.id })
      places.push([fromMetre, toMetre])
    }
    expect(places).toEqual([
      [15, 115],
      [130, 250],
      [265, 355],
    ])
    const long = await makeCall(barcos, { vessel: { lengthOverall: 200 } })
    const refused = await reserve(barcos, long.id, { berthId: berth.id })
    expect(refused).toMatchObject({ status: 409, body: { code: 'BERTH_TAKEN' } })
    expect(codesOf(refused)).toEqual([
      'LENGTH_FITS_FREE_QUAY',
      'METRES_FREE',
      'METRES_FREE',
      'METRES_FREE',
    ])
    expect(refused.body.errors[0].detail).toBe(
      'needs 240 m with gaps, 145 m are free: 95 m are missing',
    )
  })

  it('takes the metres between two bollards, named in either order', async () => {
    const bollards = [0, 30, 240, 260].map((metre, n) => ({ number: `${n + 1}`, metre }))
    const berth = await makeBerth(barcos, { quayLength: 300, bollards })
    const call = await makeCall(barcos)
    const asked = { berthId: berth.id, fromBollard: '3', toBollard: '2' }
    expect(await reserve(barcos, call.id, { ...asked, fromBollard: '9' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/fromBollard', detail: 'the berth has no bollard 9' }] },
    })
    const short = await reserve(barcos, call.id, { ...asked, fromBollard: '1' })
    expect(codesOf(short)).toEqual(['HULL_WITHIN_METRES', 'GAP_TO_QUAY_ENDS'])
    expect((await reserve(barcos, call.id, asked)).body).toMatchObject({
      fromMetre: 30,
      toMetre: 240,
      fromBollard: '2',
      toBollard: '3',
    })
  })

  it('keeps the gap of the longer ship to each side, and to the ends of the quay', async () => {
    const berth = await makeBerth(barcos)
    const long = await makeCall(barcos, { vessel: { lengthOverall: 381.5 } })
    await mustReserve(barcos, long.id, { berthId: berth.id, fromMetre: 40 })
    const call = await makeCall(barcos, { vessel: { lengthOverall: 100 } })
    const near = await reserve(barcos, call.id, { berthId: berth.id, fromMetre: 459.6 })
    expect(near).toMatchObject({ status: 409 })
    expect(codesOf(near)).toEqual(['METRES_FREE'])
    await mustReserve(barcos, call.id, { berthId: berth.id, fromMetre: 459.65 })
    const other = await makeCall(barcos, { vessel: { lengthOverall: 100 } })
    const end = await reserve(barcos, other.id, { berthId: berth.id, fromMetre: 890 })
    expect(end).toMatchObject({ status: 422, body: { code: 'BERTH_DOES_NOT_FIT' } })
    expect(end.body.errors).toEqual([
      {
        pointer: '#/fromMetre',
        code: 'GAP_TO_QUAY_ENDS',
        detail:
          'lies from 890 m to 990 m of 1,000 m and must keep 15 m to the ends: 5 m are missing',
      },
    ])
  })

  it('has half-open windows: one ship may come when another leaves', async () => {
    const [berth, first, second] = [
      await makeBerth(barcos),
      await makeCall(barcos),
      await makeCall(barcos),
    ]
    await mustReserve(barcos, first.id, { berthId: berth.id, fromMetre: 100, endsAt: hour(12) })
    const window = { startsAt: hour(12), endsAt: hour(24) }
    const then = { berthId: berth.id, fromMetre: 100, ...window }
    const early = { ...then, startsAt: new Date(Date.parse(hour(12)) - 1).toISOString() }
    expect(await reserve(barcos, second.id, early)).toMatchObject({ status: 409 })
    expect(await reserve(barcos, second.id, then)).toMatchObject({ status: 201 })
  })

  it('names every unmet condition at once, in the caller’s language', async () => {
    const berth = await makeBerth(barcos, {
      quayLength: 340,
      depth: 14,
      maximumBeam: 40,
      maximumLengthOverall: 330,
      maximumDraft: 13,
      maximumDeadweight: 90_000,
      overheadClearance: 50,
      vesselTypes: ['BULK'],
      dangerousGoodsClasses: ['3', '1.4'],
      reeferPlugs: 100,
      state: 'CLOSED',
      unLocationCode: 'ESBCN',
    })
    const call = await makeCall(barcos, {
      vessel: { lengthOverall: 331.5, beam: 42.8, airDraft: 61, deadweight: 115_000, type: 'CONT' },
      call: { declaredArrivalDraft: 12.4, declaredDepartureDraft: 13.5 },
    })
    const asked = {
      berthId: berth.id,
      dangerousGoodsClasses: ['3', '1.4S', '6.1', '2.1'],
      reefers: 130,
    }
    const refused = await reserve(barcos, call.id, asked, { 'accept-language': 'es' })
    expect(refused).toMatchObject({
      status: 422,
      body: { title: 'El buque no cabe en el atraque' },
    })
    expect(refused.body.errors.map((each: object) => Object.values(each).slice(1))).toEqual([
      ['BERTH_OPEN', 'el atraque está cerrado'],
      ['BERTH_AT_PORT_OF_CALL', 'el atraque está en ESBCN y la escala es en ESALG'],
      ['LENGTH_WITHIN_LIMIT', 'eslora 331,5 m; el atraque admite 330 m: sobran 1,5 m'],
      [
        'LENGTH_FITS_QUAY',
        'necesita 397,8 m con los resguardos y el muelle tiene 340 m: faltan 57,8 m',
      ],
      [
        'DRAFT_WITHIN_DEPTH',
        'cala 13,5 m y necesita 14,85 m con el resguardo bajo la quilla; hay 14 m con una marea de 0 m: faltan 0,85 m',
      ],
      ['DRAFT_WITHIN_LIMIT', 'calado 13,5 m; el atraque admite 13 m: sobran 0,5 m'],
      ['BEAM_WITHIN_LIMIT', 'manga 42,8 m; el atraque admite 40 m: sobran 2,8 m'],
      [
        'AIR_DRAFT_WITHIN_CLEARANCE',
        'altura sobre el agua con su resguardo 62 m; el atraque admite 50 m: sobran 12 m',
      ],
      [
        'DEADWEIGHT_WITHIN_LIMIT',
        'peso muerto 115.000 t; el atraque admite 90.000 t: sobran 25.000 t',
      ],
      ['VESSEL_TYPE_ACCEPTED', 'el buque es de tipo CONT y el atraque admite BULK'],
      ['DANGEROUS_GOODS_ACCEPTED', 'el atraque no admite mercancías peligrosas de clase 6.1, 2.1'],
      ['REEFER_PLUGS_SUFFICE', '130 contenedores frigoríficos y 100 tomas: faltan 30'],
    ])
  })

  it('takes what is not known of the ship for unmet, where it matters', async () => {
    const berth = await makeBerth(barcos, {
      maximumBeam: 40,
      maximumDeadweight: 90_000,
      overheadClearance: 50,
      vesselTypes: ['BULK'],
    })
    const { id } = await barcos.registerVessel({})
    const call = await barcos.announce(id)
    const refused = await reserve(barcos, call.id, { berthId: berth.id })
    expect(codesOf(refused)).toEqual([
      'LENGTH_KNOWN',
      'DRAFT_KNOWN',
      'BEAM_KNOWN',
      'AIR_DRAFT_KNOWN',
      'DEADWEIGHT_KNOWN',
      'VESSEL_TYPE_KNOWN',
    ])
    const unlimited = await makeBerth(barcos)
    expect(codesOf(await reserve(barcos, call.id, { berthId: unlimited.id }))).toEqual([
      'LENGTH_KNOWN',
      'DRAFT_KNOWN',
    ])
  })

  it('reckons with the tide that is predicted for the stay', async () => {
    const [berth, call] = [await makeBerth(barcos, { depth: 10.5 }), await makeCall(barcos)]
    const asked = { berthId: berth.id }
    expect(codesOf(await reserve(barcos, call.id, asked))).toEqual(['DRAFT_WITHIN_DEPTH'])
    await mustReserve(barcos, call.id, { ...asked, predictedTide: 0.5 })
  })

  it('is refused where a block is, naming it', async () => {
    const [berth, call] = [await makeBerth(barcos, { quayLength: 300 }), await makeCall(barcos)]
    const { id } = await block(berth.id, { fromMetre: 150, toMetre: 180 })
    const asked = { berthId: berth.id, fromMetre: 50 }
    const refused = await reserve(barcos, call.id, asked, { 'accept-language': 'es-ES' })
    expect(refused).toMatchObject({ status: 409 })
    expect(refused.body.errors).toEqual([
      {
        pointer: '#/berthId',
        code: 'METRES_NOT_BLOCKED',
        detail: `${berth.code}, de 150 m a 180 m, está bloqueado (crane repair) de 2046-12-01T01:00:00+01:00[Europe/Madrid] a 2046-12-02T01:00:00+01:00[Europe/Madrid]`,
        conflictsWith: {
          kind: 'BLOCK',
          id,
          berthId: berth.id,
          fromMetre: 150,
          toMetre: 180,
          startsAt: hour(0),
          endsAt: hour(24),
          portCallId: null,
        },
      },
    ])
  })

  it('is refused for a ship that lies elsewhere at that time', async () => {
    const call = await makeCall(barcos)
    const [berth, other] = [await makeBerth(barcos), await makeBerth(barcos)]
    const first = await mustReserve(barcos, call.id, { berthId: berth.id, endsAt: hour(12) })
    const later = { berthId: other.id, startsAt: hour(11), endsAt: hour(24) }
    const refused = await reserve(barcos, call.id, later)
    expect(refused).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'SHIP_ELSEWHERE', conflictsWith: { id: first.id } }] },
    })
    await mustReserve(barcos, call.id, { ...later, startsAt: hour(12) })
  })

  it('takes calls whose ship is to come or in port, and no others', async () => {
    const [berth, call] = [await makeBerth(barcos), await makeCall(barcos)]
    await barcos.post(`/v1/port-calls/${call.id}/reject`, { reason: 'no berth' })
    expect(await reserve(barcos, call.id, { berthId: berth.id })).toMatchObject({
      status: 409,
      body: { code: 'PORT_CALL_NOT_IN_STATE', detail: 'The call is REJECTED' },
    })
    await barcos.post(`/v1/port-calls/${call.id}/resubmit`)
    await barcos.post(`/v1/port-calls/${call.id}/cancel`)
    expect(await reserve(barcos, call.id, { berthId: berth.id })).toMatchObject({
      status: 409,
      body: { code: 'PORT_CALL_ENDED' },
    })
  })

  it('refuses what contradicts itself, and what is not there', async () => {
    const [berth, call] = [await makeBerth(barcos), await makeCall(barcos)]
    const refused = await reserve(barcos, call.id, {
      berthId: uuidv7(),
      startsAt: hour(2),
      endsAt: hour(2),
      toMetre: 100,
      fromBollard: '3',
    })
    expect(refused).toMatchObject({ status: 422, body: { code: 'RESERVATION_INVALID' } })
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '#/endsAt',
      '#/fromMetre',
      '#/toBollard',
      '#/fromBollard',
      '#/berthId',
    ])
    expect(
      await reserve(barcos, call.id, { berthId: berth.id, fromMetre: -1, boat: 1 }),
    ).toMatchObject({ status: 400 })
    expect(
      await reserve(barcos, call.id, { berthId: berth.id, dangerousGoodsClasses: ['1.7', '10'] }),
    ).toMatchObject({ status: 400 })
    expect(await reserve(barcos, uuidv7(), { berthId: berth.id })).toMatchObject({ status: 404 })
  })

  it('is the office’s; an agent reads those of its own calls', async () => {
    const [berth, call] = [await makeBerth(barcos), await makeCall(barcos)]
    const made = await mustReserve(barcos, call.id, { berthId: berth.id })
    for (const [as, status] of [
      [agent, 200],
      [otherAgent, 404],
    ] as const) {
      expect(await get(`/reservations/${made.id}`, as)).toMatchObject({ status })
      expect(await get(`/port-calls/${call.id}/reservations`, as)).toMatchObject({ status })
    }
    const body = { berthId: berth.id, startsAt: hour(30), endsAt: hour(40) }
    const path = `/v1/port-calls/${call.id}/reservations`
    expect(await barcos.post(path, body, { as: agent })).toMatchObject({ status: 403 })
    const machine = { kind: 'machine', scopes: ['barcos/write'] } as const
    expect(await barcos.post(path, body, { as: machine })).toMatchObject({ status: 403 })
  })

  it('happens once for a repeated request', async () => {
    const [berth, call] = [await makeBerth(barcos), await makeCall(barcos)]
    const again = { 'idempotency-key': 'once' }
    const [first, second] = [
      await reserve(barcos, call.id, { berthId: berth.id }, again),
      await reserve(barcos, call.id, { berthId: berth.id }, again),
    ]
    expect(second).toMatchObject({ status: 201, body: first.body })
    expect((await get(`/port-calls/${call.id}/reservations`)).body.items).toHaveLength(1)
  })
})

describe('moving a reservation', () => {
  it('puts it to other metres, another window or another berth, asked everything anew', async () => {
    const [berth, shallow, other] = [
      await makeBerth(barcos),
      await makeBerth(barcos, { depth: 8 }),
      await makeBerth(barcos),
    ]
    const call = await makeCall(barcos)
    const { id } = await mustReserve(barcos, call.id, { berthId: berth.id })
    const moved = await put(id, { berthId: berth.id, fromMetre: 100, endsAt: hour(30) })
    expect(moved).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { fromMetre: 100, toMetre: 300, endsAt: hour(30), version: 2 },
    })
    const kept = await put(id, { berthId: berth.id }, '"2"')
    expect(kept).toMatchObject({ status: 200, body: { fromMetre: 100, toMetre: 300, version: 3 } })
    const refused = await put(id, { berthId: shallow.id }, '"3"')
    expect(codesOf(refused)).toEqual(['DRAFT_WITHIN_DEPTH'])
    expect(await put(id, { berthId: other.id }, '"3"')).toMatchObject({
      status: 200,
      body: { berthId: other.id, fromMetre: 20, version: 4 },
    })
    const changes = (await barcos.events()).filter(
      ({ type, subject }) => type.endsWith('reservation-changed') && subject === id,
    )
    expect(changes).toHaveLength(3)
    expect(changes.at(-1)).toMatchObject({
      data: { berthId: other.id, previous: { berthId: berth.id, fromMetre: 100 } },
    })
  })

  it('is refused beside others, for a stale version and without one', async () => {
    const [berth, call, other] = [
      await makeBerth(barcos),
      await makeCall(barcos),
      await makeCall(barcos),
    ]
    const { id } = await mustReserve(barcos, call.id, { berthId: berth.id, fromMetre: 100 })
    const beside = await mustReserve(barcos, other.id, { berthId: berth.id, fromMetre: 400 })
    expect(await put(id, { berthId: berth.id, fromMetre: 185 })).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'METRES_FREE', conflictsWith: { id: beside.id } }] },
    })
    expect(await put(id, { berthId: berth.id, fromMetre: 180 }, '"7"')).toMatchObject({
      status: 412,
    })
    const body = { berthId: berth.id, startsAt: hour(0), endsAt: hour(24) }
    expect(
      await barcos.request('PUT', `/v1/reservations/${id}`, { as: planner, body }),
    ).toMatchObject({ status: 428 })
    expect(await put(id, { berthId: berth.id, fromMetre: 180 })).toMatchObject({ status: 200 })
  })
})

describe('releasing a reservation', () => {
  it('frees its metres and keeps it readable', async () => {
    const [berth, call, other] = [
      await makeBerth(barcos),
      await makeCall(barcos),
      await makeCall(barcos),
    ]
    const { id } = await mustReserve(barcos, call.id, { berthId: berth.id, fromMetre: 100 })
    expect(await release(id, '"3"')).toMatchObject({ status: 412 })
    expect(await release(id)).toMatchObject({ status: 204 })
    expect((await get(`/reservations/${id}`)).body).toMatchObject({
      state: 'RELEASED',
      releasedAt: expect.any(String),
    })
    await mustReserve(barcos, other.id, { berthId: berth.id, fromMetre: 100 })
    expect(await release(id, '"2"')).toMatchObject({
      status: 409,
      body: { code: 'RESERVATION_NOT_IN_STATE', detail: 'The reservation is RELEASED' },
    })
    expect(await put(id, { berthId: berth.id }, '"2"')).toMatchObject({ status: 409 })
    const event = (await barcos.events()).findLast(({ subject }) => subject === id)
    expect(event).toMatchObject({
      type: 'barcos.berth.reservation-released',
      data: { cause: 'WITHDRAWN' },
    })
  })
})

describe('the stay of a ship', () => {
  const transaction: TestBarcos['opened']['database']['transaction'] = (work) =>
    barcos.opened.database.transaction(work)

  it('begins and ends at a reservation, and leaves the rest of its window free', async () => {
    const [berth, call, other] = [
      await makeBerth(barcos),
      await makeCall(barcos),
      await makeCall(barcos),
    ]
    const late = { berthId: berth.id, fromMetre: 100, startsAt: hour(48), endsAt: hour(60) }
    await mustReserve(barcos, call.id, late)
    const { id } = await mustReserve(barcos, call.id, { berthId: berth.id, fromMetre: 100 })
    await transaction((unit) => beginStay(unit, id, { at: new Date(hour(-2)) }))
    expect((await get(`/reservations/${id}`)).body).toMatchObject({
      state: 'OCCUPIED',
      alongsideFrom: hour(-2),
    })
    expect(await release(id, '"2"')).toMatchObject({ status: 409 })
    const elsewhere = await makeBerth(barcos)
    expect(await put(id, { berthId: elsewhere.id }, '"2"')).toMatchObject({ status: 409 })
    expect(await put(id, { berthId: berth.id, endsAt: hour(26) }, '"2"')).toMatchObject({
      status: 200,
      body: { fromMetre: 100, state: 'OCCUPIED' },
    })
    await transaction((unit) => endStay(unit, id, new Date(hour(9))))
    expect((await get(`/reservations/${id}`)).body).toMatchObject({
      state: 'LEFT',
      endsAt: hour(9),
      alongsideTo: hour(9),
    })
    const rest = { berthId: berth.id, fromMetre: 100, startsAt: hour(9) }
    await mustReserve(barcos, other.id, rest)
  })

  it('never happens for a call that is given up: what was reserved is free', async () => {
    const [berth, call] = [await makeBerth(barcos), await makeCall(barcos)]
    const asked = { berthId: berth.id, fromMetre: 100 }
    const { id } = await mustReserve(barcos, call.id, asked)
    await transaction((unit) => releaseReservations(unit, call.id))
    expect((await get(`/reservations/${id}`)).body).toMatchObject({ state: 'RELEASED', version: 2 })
    await mustReserve(barcos, (await makeCall(barcos)).id, asked)
  })
})

describe('two planners who want the same metres', () => {
  it('cannot both have them: of a hundred attempts at once one wins, 99 are told who has', async () => {
    const berth = await makeBerth(barcos, { quayLength: 300 })
    const calls = []
    for (let n = 0; n < 100; n++) calls.push(await makeCall(barcos))
    /** Comes back, as told, while the service is too busy to answer. */
    const attempt = async (id: string, n: number) => {
      const place = n % 2 ? { fromMetre: 30 + n / 4 } : {}
      for (;;) {
        const answer = await reserve(barcos, id, { berthId: berth.id, ...place })
        if (answer.status !== 503) return answer
      }
    }
    const answers = await Promise.all(calls.map(({ id }, n) => attempt(id, n)))
    const won = answers.filter(({ status }) => status === 201)
    expect(won).toHaveLength(1)
    const lost = answers.filter(({ status }) => status === 409)
    expect(lost).toHaveLength(99)
    for (const { body } of lost) {
      expect(body.code).toBe('BERTH_TAKEN')
      expect(body.errors.at(-1)).toMatchObject({
        code: 'METRES_FREE',
        conflictsWith: { id: won[0]?.body.id, portCallId: won[0]?.body.portCallId },
      })
    }
  })

  it('cannot overlap by raw SQL either: the database refuses, and blocks likewise', async () => {
    const berth = await makeBerth(barcos)
    const calls = await Promise.all(Array.from({ length: 8 }, () => makeCall(barcos)))
    const { sql } = barcos.opened.database
    const insert = (portCallId: string | null, [fromMetre, toMetre]: number[]) =>
      sql(
        `INSERT INTO berth_occupancy
           (id, kind, berth_id, port_call_id, from_metre, to_metre, starts_at, ends_at, reason, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'works', 'raw')`,
        [
          uuidv7(),
          portCallId === null ? 'BLOCK' : 'RESERVATION',
          berth.id,
          portCallId,
          fromMetre,
          toMetre,
          hour(0),
          hour(24),
        ],
      )
    const outcomes = await Promise.allSettled(
      calls.map(({ id }, n) => insert(id, [100 + n, 300 + n])),
    )
    const refused = outcomes.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(7)
    // Of those that wait for each other in a ring the database ends one as a deadlock.
    const codes = refused.map((each) => (each as PromiseRejectedResult).reason.code as string)
    expect(codes.filter((code) => code !== '23P01' && code !== '40P01')).toEqual([])
    const loser = calls.find((_, n) => outcomes[n]?.status === 'rejected')
    await expect(insert(loser?.id ?? '', [150, 350])).rejects.toMatchObject({
      code: '23P01',
      constraint: 'berth_occupancy_ships_apart',
    })
    await expect(insert(null, [0, 150])).rejects.toMatchObject({
      constraint: 'berth_occupancy_ships_clear_of_blocks',
    })
    const [holder] = await sql<{ port_call_id: string }>(
      'SELECT port_call_id FROM berth_occupancy WHERE berth_id = $1::uuid',
      [berth.id],
    )
    await expect(insert(holder?.port_call_id ?? '', [600, 800])).rejects.toMatchObject({
      constraint: 'berth_occupancy_call_at_one_place',
    })
  })

  it('are told who was faster also where someone went past the service', async () => {
    const [berth, call, other] = [
      await makeBerth(barcos),
      await makeCall(barcos),
      await makeCall(barcos),
    ]
    const { id } = await mustReserve(barcos, call.id, { berthId: berth.id, fromMetre: 700 })
    const { database } = barcos.opened
    const { answer } = await database.transaction(async ({ sql }) => {
      await sql('UPDATE berth_occupancy SET from_metre = 100, to_metre = 300 WHERE id = $1::uuid', [
        id,
      ])
      // The service does not see this yet, and waits at the constraint.
      const answer = reserve(barcos, other.id, { berthId: berth.id, fromMetre: 200 })
      await expect.poll(() => lockWaits(database.sql)).toBe(1)
      return { answer }
    })
    expect(await answer).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'METRES_FREE', conflictsWith: { id, fromMetre: 100 } }] },
    })
  })
})
