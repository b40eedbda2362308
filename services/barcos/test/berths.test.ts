import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inHours, makeBerth, newBerth, reserve } from './reserved-berths.ts'
import { agent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const create = (body: object, headers = {}) => barcos.post('/v1/berths', body, { headers })
const replace = (id: string, body: object, headers: Record<string, string> = { 'if-match': '*' }) =>
  barcos.request('PUT', `/v1/berths/${id}`, { body, headers })
const close = (id: string, body: object, headers = {}) =>
  barcos.post(`/v1/berths/${id}/close`, body, { headers })
const read = async (id: string) => (await barcos.request('GET', `/v1/berths/${id}`)).body
const pointersOf = ({ body }: { body: { errors: { pointer: string }[] } }) =>
  body.errors.map(({ pointer }) => pointer)

const outline = [
  [-5.4265, 36.1299],
  [-5.4245, 36.1299],
  [-5.4245, 36.1341],
  [-5.4265, 36.1341],
  [-5.4265, 36.1299],
]

describe('making a berth', () => {
  it('keeps what is said of it and answers with version and ETag', async () => {
    const given = newBerth({
      facilityCode: 'JC1',
      facilityCodeListProvider: 'SMDG',
      maximumLengthOverall: 366,
      maximumBeam: 52,
      maximumDraft: 15.5,
      maximumDeadweight: 150_000,
      overheadClearance: 55,
      vesselTypes: ['CONT', 'GCGO'],
      dangerousGoodsClasses: ['3', '8', '9'],
      reeferPlugs: 120,
      geometry: { type: 'Polygon', coordinates: [outline] },
    })
    const made = await create(given)
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"' } })
    expect(made.body).toEqual({
      id: expect.any(String),
      ...given,
      state: 'OPEN',
      stateReason: null,
      stateChangedAt: null,
      stateChangedBy: null,
      version: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    expect(made.headers.location).toBe(`/v1/berths/${made.body.id}`)
    const again = await barcos.request('GET', String(made.headers.location))
    expect(again).toMatchObject({ status: 200, body: made.body, headers: { etag: '"1"' } })
    const unchanged = await barcos.request('GET', String(made.headers.location), {
      headers: { 'if-none-match': '"1"' },
    })
    expect(unchanged.status).toBe(304)
  })

  it('takes every type and class where no limit is given', async () => {
    expect(await makeBerth(barcos, { bollards: undefined })).toMatchObject({
      bollards: [],
      vesselTypes: [],
      dangerousGoodsClasses: null,
      maximumDraft: null,
      geometry: null,
    })
    expect(await makeBerth(barcos, { dangerousGoodsClasses: [] })).toMatchObject({
      dangerousGoodsClasses: [],
    })
    expect(await makeBerth(barcos, { dangerousGoodsClasses: null })).toMatchObject({
      dangerousGoodsClasses: null,
    })
  })

  it('keeps a polygon by the right-hand rule, and a quay’s line in its own direction', async () => {
    const clockwise = { type: 'Polygon', coordinates: [outline.toReversed()] }
    const kept = await makeBerth(barcos, { geometry: clockwise })
    expect(kept.geometry.coordinates).toEqual([outline])
    const line = { type: 'LineString', coordinates: outline.slice(0, 3).toReversed() }
    expect((await makeBerth(barcos, { geometry: line })).geometry).toEqual(line)
    const point = { type: 'Point', coordinates: [-5.4255, 36.132] }
    expect((await makeBerth(barcos, { geometry: point })).geometry).toEqual(point)
  })

  it('names every fault at once, in Spanish for those who read it', async () => {
    const wrong = newBerth({
      UNLocationCode: 'ZZALG',
      facilityCode: 'JC1',
      bollards: [
        { number: '1', metre: 10 },
        { number: '1', metre: 401 },
      ],
      geometry: { type: 'Point', coordinates: [181, 36] },
    })
    const answer = await create(wrong, { 'accept-language': 'es' })
    expect(answer).toMatchObject({
      status: 422,
      headers: { 'content-language': 'es' },
      body: { code: 'BERTH_INVALID', title: 'El atraque incumple una regla' },
    })
    expect(answer.body.errors).toEqual([
      {
        pointer: '#/UNLocationCode',
        detail: 'nombra el país ZZ, que la norma ISO 3166 no conoce',
      },
      {
        pointer: '#/facilityCodeListProvider',
        detail: 'es necesario: dice de quién es el código de instalación',
      },
      { pointer: '#/bollards/1/number', detail: '1 ya es el número de otra bita' },
      {
        pointer: '#/bollards/1/metre',
        detail: 'queda más allá del final del muelle, a 400 m',
      },
      {
        pointer: '#/geometry/coordinates/0',
        detail: 'la longitud debe estar entre -180 y 180',
      },
    ])
  })

  it('refuses hostile bodies with the place of the fault', async () => {
    const faults: [object, string][] = [
      [{ quayLength: 0 }, '#/quayLength'],
      [{ quayLength: '400' }, '#/quayLength'],
      [{ quayLength: 10_001 }, '#/quayLength'],
      [{ depth: -1 }, '#/depth'],
      [{ code: 'jc 1' }, '#/code'],
      [{ code: '' }, '#/code'],
      [{ name: ' ' }, '#/name'],
      [{ name: 'a\0b' }, '#/name'],
      [{ facilityCode: 'SEVENXX' }, '#/facilityCode'],
      [{ facilityCodeListProvider: 'GS1' }, '#/facilityCodeListProvider'],
      [{ vesselTypes: ['TUG'] }, '#/vesselTypes/0'],
      [{ vesselTypes: ['CONT', 'CONT'] }, '#/vesselTypes'],
      [{ dangerousGoodsClasses: ['10'] }, '#/dangerousGoodsClasses/0'],
      [{ bollards: [{ number: '', metre: 1 }] }, '#/bollards/0/number'],
      [{ bollards: [{ number: '1', metre: -1 }] }, '#/bollards/0/metre'],
      [{ bollards: Array.from({ length: 501 }, () => ({})) }, '#/bollards'],
      [{ reeferPlugs: 1.5 }, '#/reeferPlugs'],
      [{ state: 'CLOSED' }, '#/state'],
      [{ geometry: { type: 'Point', coordinates: [0] } }, '#/geometry/coordinates'],
      [{ geometry: { type: 'Point', coordinates: [0, 0, 0] } }, '#/geometry/coordinates'],
      [{ geometry: { type: 'Point', coordinates: ['0', 0] } }, '#/geometry/coordinates/0'],
      [{ geometry: { type: 'MultiPolygon', coordinates: [] } }, '#/geometry/type'],
      [{ geometry: { type: 'Point', coordinates: [0, 0], crs: 'x' } }, '#/geometry/crs'],
      [{ geometry: [] }, '#/geometry'],
    ]
    for (const [given, pointer] of faults) {
      const answer = await create(newBerth(given))
      expect([given, answer.status]).toEqual([given, 400])
      expect(pointersOf(answer)).toContain(pointer)
    }
  })

  it('refuses a shape of too many positions, and rings that are none', async () => {
    const many = Array.from({ length: 300 }, () => [0, 0])
    const shapes: [number[][][], string][] = [
      [[many, many], '#/geometry/coordinates'],
      [[outline.slice(0, 4)], '#/geometry/coordinates/0'],
      [
        [
          [
            [0, 0],
            [1, 1],
            [1, 0],
            [0, 1],
            [0, 0],
          ],
        ],
        '#/geometry/coordinates/0',
      ],
    ]
    for (const [coordinates, pointer] of shapes) {
      const answer = await create(newBerth({ geometry: { type: 'Polygon', coordinates } }))
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
    }
    const deep = `${'['.repeat(20_000)}0${']'.repeat(20_000)}`
    const text = JSON.stringify(newBerth({ geometry: { type: 'Polygon', coordinates: 'deep' } }))
    const answer = await barcos.request('POST', '/v1/berths', {
      body: text.replace('"deep"', deep),
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(400)
  })

  it('names the berth that has the code already, also to all but one of many at once', async () => {
    const body = newBerth()
    const answers = await Promise.all(Array.from({ length: 6 }, () => create(body)))
    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(1)
    for (const refused of answers.filter(({ status }) => status !== 201)) {
      expect(refused).toMatchObject({ status: 409, body: { code: 'BERTH_EXISTS' } })
      expect(refused.body.errors).toEqual([
        { pointer: '#/code', detail: `belongs to berth ${made[0]?.body.id} of this port` },
      ])
    }
    expect((await create({ ...body, UNLocationCode: 'ESVLC' })).status).toBe(201)
  })

  it('gives a repeated request the answer of the first', async () => {
    const body = newBerth()
    const headers = { 'idempotency-key': 'berth-once' }
    const [first, second] = [await create(body, headers), await create(body, headers)]
    expect(second).toMatchObject({ status: 201, body: first.body })
    expect(second.headers['idempotency-replayed']).toBe('true')
  })
})

describe('replacing a berth', () => {
  it('needs the version it is meant for', async () => {
    const { id, code } = await makeBerth(barcos)
    const body = newBerth({ code, name: 'Renamed', bollards: [] })
    expect((await replace(id, body, {})).status).toBe(428)
    expect((await replace(id, body, { 'if-match': '"7"' })).status).toBe(412)
    const done = await replace(id, body, { 'if-match': '"1"' })
    expect(done).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { name: 'Renamed', bollards: [], version: 2 },
    })
    expect((await replace(id, body, { 'if-match': '"1"' })).status).toBe(412)
  })

  it('keeps the port, the state, and the codes of others', async () => {
    const [first, second] = [await makeBerth(barcos), await makeBerth(barcos)]
    const moved = await replace(first.id, newBerth({ UNLocationCode: 'ESVLC' }))
    expect(moved).toMatchObject({ status: 409, body: { code: 'BERTH_PLACE_FIXED' } })
    const copied = await replace(first.id, newBerth({ code: second.code }))
    expect(copied).toMatchObject({ status: 409, body: { code: 'BERTH_EXISTS' } })
    await close(first.id, { reason: 'Fender torn off' })
    const changed = await replace(first.id, newBerth({ code: first.code, depth: 17 }))
    expect(changed.body).toMatchObject({
      depth: 17,
      state: 'CLOSED',
      stateReason: 'Fender torn off',
    })
  })

  it('makes no quay shorter than what ships planned to it need', async () => {
    const { id, code } = await makeBerth(barcos)
    const shorter = newBerth({ code, quayLength: 300, bollards: [] })
    const beyond = await reserve(barcos, id, { fromMetre: 150, toMetre: 350 })
    // What is over, was given up, or has left needs nothing any more.
    const past = { startsAt: inHours(-9), endsAt: inHours(-8), fromMetre: 150, toMetre: 350 }
    await reserve(barcos, id, past)
    await reserve(barcos, id, { fromMetre: 310, toMetre: 390, releasedAt: inHours(0) })
    const refused = await replace(id, shorter)
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'BERTH_RESERVED',
        errors: [{ pointer: '#/quayLength', code: 'QUAY_COVERS_RESERVATIONS' }],
      },
    })
    expect(refused.body.errors[0].conflictsWith).toMatchObject(beyond)
    expect((await replace(id, { ...shorter, quayLength: 350 })).status).toBe(200)
    expect((await replace(id, { ...shorter, quayLength: 900 })).status).toBe(200)
  })

  it('loses no change when many come at once', async () => {
    const { id, code } = await makeBerth(barcos)
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        replace(id, newBerth({ code, depth: 10 + n }), { 'if-match': '"1"' }),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412, 412])
    expect(await read(id)).toMatchObject({ version: 2 })
  })
})

describe('closing and opening a berth', () => {
  it('keeps who did it, when and why', async () => {
    const { id } = await makeBerth(barcos)
    const master: Identity = { roles: ['harbour-master'], subject: 'the-master' }
    const closed = await barcos.post(
      `/v1/berths/${id}/close`,
      { reason: 'Crane fallen' },
      { as: master },
    )
    expect(closed).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: {
        state: 'CLOSED',
        stateReason: 'Crane fallen',
        stateChangedBy: 'the-master',
        stateChangedAt: expect.any(String),
        affectedReservations: [],
      },
    })
    const again = await close(id, { reason: 'Twice' }, { 'accept-language': 'es' })
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'BERTH_NOT_IN_STATE', detail: 'Ya está en el estado CLOSED' },
    })
    const opened = await barcos.post(`/v1/berths/${id}/open`)
    expect(opened).toMatchObject({ status: 200, body: { state: 'OPEN', stateReason: null } })
    expect((await barcos.post(`/v1/berths/${id}/open`, {})).status).toBe(409)
  })

  it('needs a reason to close, and the version where one is named', async () => {
    const { id } = await makeBerth(barcos)
    expect(pointersOf(await close(id, {}))).toEqual(['#/reason'])
    expect(pointersOf(await close(id, { reason: '  ' }))).toEqual(['#/reason'])
    const stale = await close(id, { reason: 'Stale' }, { 'if-match': '"9"' })
    expect(stale.status).toBe(412)
  })

  it('names the ships that are planned to it, and closes it by force all the same', async () => {
    const { id } = await makeBerth(barcos)
    const planned = await reserve(barcos, id, { startsAt: inHours(20), endsAt: inHours(30) })
    const overdue = await reserve(barcos, id, {
      startsAt: inHours(-30),
      endsAt: inHours(-1),
      alongsideFrom: inHours(-29),
    })
    await reserve(barcos, id, {
      startsAt: inHours(-60),
      endsAt: inHours(-40),
      alongsideFrom: inHours(-59),
      alongsideTo: inHours(-41),
    })
    const refused = await close(id, { reason: 'Dredging' })
    expect(refused).toMatchObject({ status: 409, body: { code: 'BERTH_RESERVED' } })
    expect(refused.body.errors.map((fault: { code: string }) => fault.code)).toEqual([
      'BERTH_FREE_OF_RESERVATIONS',
      'BERTH_FREE_OF_RESERVATIONS',
    ])
    for (const reservation of [planned, overdue]) expect(refused.text).toContain(reservation.id)
    expect(await read(id)).toMatchObject({ state: 'OPEN', version: 1 })

    const closed = await close(id, { reason: 'Dredging', force: true })
    expect(closed.body).toMatchObject({
      state: 'CLOSED',
      affectedReservations: [overdue, planned],
    })
  })
})

describe('removing a berth', () => {
  it('is for one that nobody has used', async () => {
    const [unused, used] = [await makeBerth(barcos), await makeBerth(barcos)]
    await reserve(barcos, used.id, { releasedAt: inHours(0) })
    const remove = (id: string, headers = {}) =>
      barcos.request('DELETE', `/v1/berths/${id}`, { headers })
    expect((await remove(unused.id)).status).toBe(428)
    expect((await remove(unused.id, { 'if-match': '"2"' })).status).toBe(412)
    expect((await remove(unused.id, { 'if-match': '"1"' })).status).toBe(204)
    expect((await remove(unused.id, { 'if-match': '"1"' })).status).toBe(404)
    const kept = await remove(used.id, { 'if-match': '"1"' })
    expect(kept).toMatchObject({ status: 409, body: { code: 'BERTH_IN_USE' } })
  })
})

describe('finding berths', () => {
  it('is by place, code, state and the beginning of the name, page by page in either order', async () => {
    for (const [n, name] of [
      'Müelle Alto',
      'muelle bajo',
      'Muelle Central',
      'Dique 100%',
    ].entries()) {
      await makeBerth(barcos, { UNLocationCode: 'ESBIO', code: `B${4 - n}`, name })
    }
    const list = async (query: string) =>
      (await barcos.request('GET', `/v1/berths?UNLocationCode=ESBIO&${query}`)).body
    const namesOf = async (query: string) =>
      (await list(query)).items.map(({ name }: { name: string }) => name)
    expect(await namesOf('name=mue')).toEqual(['muelle bajo', 'Muelle Central'])
    expect(await namesOf('name=dique%20100%25')).toEqual(['Dique 100%'])
    expect(await namesOf('name=dique%251')).toEqual([])
    expect(await namesOf('code=B4')).toEqual(['Müelle Alto'])
    expect(await namesOf('state=CLOSED')).toEqual([])
    const codes: string[] = []
    let cursor = ''
    do {
      const page = await list(`sort=-code&limit=3${cursor && `&cursor=${cursor}`}`)
      codes.push(...page.items.map(({ code }: { code: string }) => code))
      cursor = page.next === null ? '' : encodeURIComponent(page.next)
    } while (cursor !== '')
    expect(codes).toEqual(['B4', 'B3', 'B2', 'B1'])
  })

  it('answers 400 to a filter that is none, and 404 to an id that nobody has', async () => {
    const wrong = await barcos.request('GET', '/v1/berths?UNLocationCode=algeciras&sort=depth')
    expect(wrong.status).toBe(400)
    expect(pointersOf(wrong).toSorted()).toEqual(['?UNLocationCode', '?sort'])
    const nobody = '/v1/berths/00000000-0000-4000-8000-000000000000'
    expect((await barcos.request('GET', nobody)).status).toBe(404)
  })
})

describe('who may', () => {
  it('see berths is everyone who works with calls, and draw or close them the harbour office', async () => {
    const { id, code } = await makeBerth(barcos)
    const readers = [
      'agent',
      'service-provider',
      'viewer',
      'terminal-planner',
      'gate-clerk',
    ] as const
    for (const role of readers) {
      const as: Identity = { ...agent, roles: [role] }
      expect((await barcos.request('GET', `/v1/berths/${id}`, { as })).status).toBe(200)
      const attempts = [
        barcos.post('/v1/berths', newBerth(), { as }),
        barcos.request('PUT', `/v1/berths/${id}`, { as, body: newBerth({ code }) }),
        barcos.request('DELETE', `/v1/berths/${id}`, { as, headers: { 'if-match': '"1"' } }),
        barcos.post(`/v1/berths/${id}/close`, { reason: 'No' }, { as }),
        barcos.post(`/v1/berths/${id}/open`, undefined, { as }),
      ]
      for (const { status } of await Promise.all(attempts))
        expect([role, status]).toEqual([role, 403])
    }
    const planner: Identity = { roles: ['berth-planner'] }
    expect((await barcos.post('/v1/berths', newBerth(), { as: planner })).status).toBe(201)
    expect((await barcos.request('GET', '/v1/berths', { as: null })).status).toBe(401)
  })
})

describe('the events of a berth', () => {
  it('tell each change once, and none that was refused', async () => {
    const { id, code } = await makeBerth(barcos)
    await create(newBerth({ code }))
    await replace(id, newBerth({ code, depth: 12 }))
    await close(id, { reason: 'Silted up' })
    await close(id, { reason: 'Silted up' })
    await barcos.post(`/v1/berths/${id}/open`)
    await barcos.request('DELETE', `/v1/berths/${id}`, { headers: { 'if-match': '*' } })
    const told = (await barcos.events()).filter(({ subject }) => subject === id)
    expect(told.map(({ type, data }) => [type, data['change'], data['state']])).toEqual([
      ['barcos.berth.changed', 'CREATED', 'OPEN'],
      ['barcos.berth.changed', 'REPLACED', 'OPEN'],
      ['barcos.berth.changed', 'CLOSED', 'CLOSED'],
      ['barcos.berth.changed', 'OPENED', 'OPEN'],
      ['barcos.berth.changed', 'REMOVED', 'OPEN'],
    ])
    expect(told[2]?.data).toMatchObject({ berthId: id, code, reason: 'Silted up', depth: 12 })
  })
})
