import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const area = {
  type: 'Polygon',
  coordinates: [
    [
      [-5.414, 36.15],
      [-5.39, 36.15],
      [-5.39, 36.168],
      [-5.414, 36.168],
      [-5.414, 36.15],
    ],
  ],
}
const point = { type: 'Point', coordinates: [-5.39, 36.077] }

let made = 0
const kinds = [
  {
    path: '/v1/anchorages',
    own: { geometry: area, capacity: 8 },
    foreign: 'VHFChannel',
    kind: 'ANCHORAGE',
  },
  {
    path: '/v1/pilot-boarding-places',
    own: { geometry: point, VHFChannel: 12 },
    foreign: 'capacity',
    kind: 'PILOT_BOARDING_PLACE',
  },
]

describe.each(kinds)('$path', ({ path, own, foreign, kind }) => {
  const newPlace = (given: object = {}) => ({
    UNLocationCode: 'ESALG',
    code: `P-${(made += 1)}`,
    name: 'Bahía',
    maximumDraft: 17,
    maximumLengthOverall: 400,
    ...own,
    ...given,
  })
  const make = async (given: object = {}) => {
    const answer = await barcos.post(path, newPlace(given))
    if (answer.status !== 201) throw new Error(answer.text)
    return answer.body
  }
  const send = (method: 'PUT' | 'DELETE', id: string, given: { body?: object; version?: string }) =>
    barcos.request(method, `${path}/${id}`, {
      ...(given.body ? { body: given.body } : {}),
      ...(given.version === undefined ? {} : { headers: { 'if-match': given.version } }),
    })

  it('makes, reads, replaces and removes places, each change on its version', async () => {
    const given = newPlace()
    const answer = await barcos.post(path, given)
    expect(answer).toMatchObject({ status: 201, headers: { etag: '"1"' } })
    expect(answer.body).toEqual({
      id: expect.any(String),
      ...given,
      radiusMetres: null,
      depth: null,
      state: 'OPEN',
      stateReason: null,
      stateChangedAt: null,
      stateChangedBy: null,
      version: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    const { id } = answer.body
    expect(answer.headers.location).toBe(`${path}/${id}`)
    expect((await barcos.request('GET', `${path}/${id}`)).body).toEqual(answer.body)
    const body = { ...given, name: 'Otra', maximumDraft: undefined }
    expect((await send('PUT', id, { body })).status).toBe(428)
    expect((await send('PUT', id, { body, version: '"3"' })).status).toBe(412)
    expect((await send('PUT', id, { body, version: '"1"' })).body).toMatchObject({
      name: 'Otra',
      maximumDraft: null,
      version: 2,
    })
    expect((await send('DELETE', id, { version: '"1"' })).status).toBe(412)
    expect((await send('DELETE', id, { version: '"2"' })).status).toBe(204)
    expect((await barcos.request('GET', `${path}/${id}`)).status).toBe(404)
  })

  it('takes a circle, and names everything that is wrong in Spanish', async () => {
    const circle = await make({ geometry: point, radiusMetres: 900 })
    expect(circle).toMatchObject({ geometry: point, radiusMetres: 900 })
    const wrong = newPlace({
      UNLocationCode: 'ZZALG',
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 1],
            [1, 0],
            [0, 1],
            [0, 0],
          ],
        ],
      },
      radiusMetres: 900,
    })
    const answer = await barcos.post(path, wrong, { headers: { 'accept-language': 'es' } })
    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: 'APPROACH_PLACE_INVALID',
        errors: [
          { pointer: '#/UNLocationCode' },
          { pointer: '#/geometry/coordinates/0', detail: 'no debe cruzarse a sí mismo' },
          { pointer: '#/radiusMetres', detail: expect.stringContaining('centro de un círculo') },
        ],
      },
    })
    const malformed: [object, string][] = [
      [{ [foreign]: 9 }, `#/${foreign}`],
      [{ geometry: undefined }, '#/geometry'],
      [
        {
          geometry: {
            type: 'LineString',
            coordinates: [
              [0, 0],
              [1, 1],
            ],
          },
        },
        '#/geometry/type',
      ],
      [{ maximumDraft: 0 }, '#/maximumDraft'],
      [{ radiusMetres: 1e9 }, '#/radiusMetres'],
    ]
    for (const [given, pointer] of malformed) {
      const refused = await barcos.post(path, newPlace(given))
      expect([given, refused.status]).toEqual([given, 400])
      expect(refused.body.errors).toEqual(
        expect.arrayContaining([expect.objectContaining({ pointer })]),
      )
    }
  })

  it('names the place that has a code already', async () => {
    const [first, second] = [await make(), await make()]
    const taken = await barcos.post(path, newPlace({ code: first.code }))
    expect(taken).toMatchObject({
      status: 409,
      body: { code: 'APPROACH_PLACE_EXISTS', errors: [{ detail: `belongs to ${first.id}` }] },
    })
    const body = newPlace({ code: first.code })
    expect((await send('PUT', second.id, { body, version: '*' })).status).toBe(409)
    const moved = newPlace({ code: second.code, UNLocationCode: 'ESVLC' })
    expect(await send('PUT', second.id, { body: moved, version: '*' })).toMatchObject({
      status: 409,
      body: { code: 'APPROACH_PLACE_FIXED' },
    })
  })

  it('closes and opens, and tells others', async () => {
    const { id } = await make()
    const closed = await barcos.post(`${path}/${id}/close`, { reason: 'Wreck' })
    expect(closed).toMatchObject({
      status: 200,
      body: { state: 'CLOSED', stateReason: 'Wreck', stateChangedBy: expect.any(String) },
    })
    const again = await barcos.post(`${path}/${id}/close`, { reason: 'Wreck' })
    expect(again).toMatchObject({ status: 409, body: { code: 'APPROACH_PLACE_NOT_IN_STATE' } })
    expect((await barcos.post(`${path}/${id}/close`, {})).status).toBe(400)
    const stale = { headers: { 'if-match': '"1"' } }
    expect((await barcos.post(`${path}/${id}/open`, undefined, stale)).status).toBe(412)
    expect((await barcos.post(`${path}/${id}/open`)).body).toMatchObject({ state: 'OPEN' })
    const told = (await barcos.events()).filter(({ subject }) => subject === id)
    expect(told.map(({ type, data }) => [type, data['kind'], data['change']])).toEqual([
      ['barcos.approach-place.changed', kind, 'CREATED'],
      ['barcos.approach-place.changed', kind, 'CLOSED'],
      ['barcos.approach-place.changed', kind, 'OPENED'],
    ])
  })

  it('lists its own kind only, by place and name', async () => {
    for (const name of ['Zulu', 'alfa', 'Bravo']) await make({ UNLocationCode: 'ESCAD', name })
    const list = async (query: string) =>
      (await barcos.request('GET', `${path}?UNLocationCode=ESCAD&${query}`)).body
    const namesOf = ({ items }: { items: { name: string }[] }) => items.map(({ name }) => name)
    expect(namesOf(await list(''))).toEqual(['alfa', 'Bravo', 'Zulu'])
    expect(namesOf(await list('name=b'))).toEqual(['Bravo'])
    const first = await list('limit=2&sort=-name')
    expect(namesOf(first)).toEqual(['Zulu', 'Bravo'])
    const cursor = encodeURIComponent(first.next)
    expect(namesOf(await list(`limit=2&sort=-name&cursor=${cursor}`))).toEqual(['alfa'])
  })

  it('is not found under the other kind', async () => {
    const { id } = await make()
    const other = kinds.find((each) => each.path !== path)?.path
    expect((await barcos.request('GET', `${other}/${id}`)).status).toBe(404)
    const headers = { 'if-match': '*' }
    expect((await barcos.request('DELETE', `${other}/${id}`, { headers })).status).toBe(404)
    expect((await barcos.request('GET', `${path}/${id}`)).status).toBe(200)
  })

  it('is drawn by the harbour office and read by all who work with calls', async () => {
    const { id } = await make()
    expect((await barcos.request('GET', `${path}/${id}`, { as: agent })).status).toBe(200)
    expect((await barcos.post(path, newPlace(), { as: agent })).status).toBe(403)
    expect((await barcos.post(`${path}/${id}/close`, { reason: 'No' }, { as: agent })).status).toBe(
      403,
    )
    const headers = { 'if-match': '*' }
    expect((await barcos.request('DELETE', `${path}/${id}`, { as: agent, headers })).status).toBe(
      403,
    )
  })

  it('is blocked for a time, with a reason, until the block is lifted', async () => {
    const { id } = await make()
    const blocks = `${path}/${id}/blocks`
    const window = { startsAt: '2030-01-01T00:00:00Z', endsAt: '2030-01-02T00:00:00Z' }
    const answer = await barcos.post(blocks, { ...window, reason: 'survey' })
    expect(answer).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: `${blocks}/${answer.body.id}` },
      body: { placeId: id, startsAt: '2030-01-01T00:00:00.000Z', reason: 'survey', liftedAt: null },
    })
    const found = (query: string) => barcos.request('GET', `${blocks}?${query}`)
    expect((await found('from=2030-01-01T12:00:00Z')).body.items).toEqual([answer.body])
    expect((await found('from=2030-01-02T00:00:00Z')).body.items).toEqual([])
    expect((await found('to=2030-01-01T00:00:00Z')).body.items).toEqual([])

    const lift = (headers: Record<string, string> = { 'if-match': '"1"' }) =>
      barcos.request('DELETE', `${blocks}/${answer.body.id}`, { headers })
    expect(await lift({})).toMatchObject({ status: 428 })
    expect(await lift()).toMatchObject({ status: 204 })
    expect(await lift({ 'if-match': '*' })).toMatchObject({
      status: 409,
      body: { code: 'BLOCK_LIFTED' },
    })
    expect((await found('limit=10')).body.items).toEqual([])
    expect((await found('lifted=true')).body.items).toMatchObject([
      { id: answer.body.id, liftedAt: expect.any(String), version: 2 },
    ])
    const told = (await barcos.events()).filter(({ subject }) => subject === answer.body.id)
    expect(told).toMatchObject([
      { type: 'barcos.approach-place.blocked', data: { kind, reason: 'survey' } },
      { type: 'barcos.approach-place.unblocked', data: { approachPlaceId: id } },
    ])
  })

  it('is not blocked for no time, or one that is over, or by an agent', async () => {
    const { id } = await make()
    const block = (given: object, as?: typeof agent) =>
      barcos.post(`${path}/${id}/blocks`, { reason: 'survey', ...given }, as ? { as } : {})
    const window = { startsAt: '2030-01-01T00:00:00Z', endsAt: '2030-01-02T00:00:00Z' }
    expect(await block({ ...window, endsAt: window.startsAt })).toMatchObject({
      status: 422,
      body: { code: 'BLOCK_INVALID', errors: [{ pointer: '#/endsAt' }] },
    })
    const over = { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' }
    expect(await block(over)).toMatchObject({ status: 422, body: { code: 'BLOCK_INVALID' } })
    expect(await block(window, agent)).toMatchObject({ status: 403 })
    const other = kinds.find((each) => each.path !== path)
    expect(
      await barcos.post(`${other?.path}/${id}/blocks`, { ...window, reason: 'survey' }),
    ).toMatchObject({ status: 404 })
  })
})
