import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce, event, freshReference, newVisit } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

const path = '/v1/container-visits'
const nowhere = `${path}/00000000-0000-7000-8000-000000000000`
let service: TestCarga
const post = (body: unknown, headers: Record<string, string> = {}) =>
  service.request('POST', path, { body, headers })

beforeAll(async () => {
  service = await startCarga()
})
afterAll(() => service[Symbol.asyncDispose]())

describe('announcing a container visit', () => {
  it('answers with the visit, its version and where it is', async () => {
    const given = newVisit({ ISOEquipmentCode: '45R1', internalSetpointTemperature: -18.5 })
    const made = await post(given)
    expect(made).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: `${path}/${made.body.id}` },
      body: { ...given, state: 'ADVISED', position: null, version: 1, shipperOwnedOverride: null },
    })
    const read = await service.request('GET', `${path}/${made.body.id}`)
    expect(read).toMatchObject({ status: 200, body: made.body, headers: { etag: '"1"' } })
    const known = { headers: { 'if-none-match': '"1"' } }
    expect(await service.request('GET', `${path}/${made.body.id}`, known)).toMatchObject({
      status: 304,
      text: '',
    })
  })

  it('takes as few attributes as there may be, and null for what is not there', async () => {
    const { seals: _, ...given } = newVisit({ flow: 'IMPORT', shipperOwnedOverride: null })
    expect(await post(given)).toMatchObject({
      status: 201,
      body: { state: 'ON_BOARD', seals: [], internalSetpointTemperature: null },
    })
  })

  it('names the expected check digit, and every other fault with it', async () => {
    const wrong = { equipmentReference: 'HLXU1234567', maximumGrossWeight: 2_000 }
    expect(await post(newVisit(wrong))).toMatchObject({
      status: 422,
      body: {
        code: 'CONTAINER_VISIT_INVALID',
        errors: [
          {
            pointer: '#/equipmentReference',
            detail: 'has the check digit 7, where ISO 6346 expects 1',
          },
          { pointer: '#/maximumGrossWeight', detail: 'must be more than the tare weight' },
        ],
      },
    })
    const override = { equipmentReference: 'HLXU1234567', shipperOwnedOverride: 'bought used' }
    expect(await post(newVisit(override))).toMatchObject({ status: 201, body: override })
  })

  it('refuses what is not well formed, with the place of each fault', async () => {
    const faults: [Record<string, unknown>, string][] = [
      [{ equipmentReference: 'csqu3054383' }, '#/equipmentReference'],
      [{ equipmentReference: 5 }, '#/equipmentReference'],
      [{ flow: 'SIDEWAYS' }, '#/flow'],
      [{ isEmpty: 'false' }, '#/isEmpty'],
      [{ tareWeight: 2_200.5 }, '#/tareWeight'],
      [{ maximumGrossWeight: 1e9 }, '#/maximumGrossWeight'],
      [{ UNLocationCode: 'ALG' }, '#/UNLocationCode'],
      [{ seals: [{ number: '1234567890123456', source: 'SHI' }] }, '#/seals/0/number'],
      [{ seals: [{ number: '1', source: 'ME' }] }, '#/seals/0/source'],
      [{ state: 'LOADED' }, '#/state'],
      [{ shipperOwnedOverride: 'a\0b' }, '#/shipperOwnedOverride'],
    ]
    for (const [change, pointer] of faults) {
      const answer = await post(newVisit(change))
      expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
      expect(answer.body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(
        pointer,
      )
    }
  })

  it('allows one open visit of a container at a place, also when many try at once', async () => {
    const equipmentReference = freshReference()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(newVisit({ equipmentReference }))),
    )
    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(1)
    const refused = answers.find(({ status }) => status !== 201)
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'CONTAINER_VISIT_OPEN',
        errors: [{ detail: `is in the open visit ${made[0]?.body.id}` }],
      },
    })
    const elsewhere = newVisit({ equipmentReference, UNLocationCode: 'ESVLC' })
    expect(await post(elsewhere)).toMatchObject({ status: 201 })
  })

  it('gives a repeated request the answer of the first', async () => {
    const headers = { 'idempotency-key': 'announce-1' }
    const given = newVisit()
    const first = await post(given, headers)
    const second = await post(given, headers)
    expect(second).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
    expect(second.body).toEqual(first.body)
    expect(await post(newVisit(), headers)).toMatchObject({ status: 422 })
  })
})

describe('changing a container visit', () => {
  const put = (id: string, body: unknown, headers: Record<string, string> = {}) =>
    service.request('PUT', `${path}/${id}`, { body, headers })

  it('replaces attributes for who knows the present version', async () => {
    const given = newVisit()
    const { body: visit } = await post(given)
    const change = { ...given, tareWeight: 2_300, seals: [] }
    expect(await put(visit.id, change)).toMatchObject({ status: 428 })
    expect(await put(visit.id, change, { 'if-match': '"2"' })).toMatchObject({ status: 412 })
    expect(await put(visit.id, change, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { tareWeight: 2_300, seals: [], version: 2, state: 'ADVISED' },
    })
    expect(await put(visit.id, change, { 'if-match': '"1"' })).toMatchObject({ status: 412 })
  })

  it('changes neither container nor flow nor place, and breaks no rule', async () => {
    const given = newVisit()
    const { body: visit } = await post(given)
    const headers = { 'if-match': '*' }
    const other = { ...given, equipmentReference: freshReference(), flow: 'IMPORT' }
    expect(await put(visit.id, other, headers)).toMatchObject({
      status: 409,
      body: {
        code: 'CONTAINER_VISIT_IDENTITY_FIXED',
        errors: [{ pointer: '#/equipmentReference' }, { pointer: '#/flow' }],
      },
    })
    const heavy = { ...given, tareWeight: 40_000 }
    expect(await put(visit.id, heavy, headers)).toMatchObject({ status: 422 })
    expect((await service.request('GET', `${path}/${visit.id}`)).body).toEqual(visit)
  })

  it('answers 404 for what is not there and 400 for what is no id', async () => {
    expect(await service.request('GET', nowhere)).toMatchObject({ status: 404 })
    expect(await service.request('GET', `${path}/1`)).toMatchObject({ status: 400 })
    const change = { body: newVisit(), headers: { 'if-match': '*' } }
    expect(await service.request('PUT', nowhere, change)).toMatchObject({ status: 404 })
  })
})

describe('the list of container visits', () => {
  const place = 'PTLIS'
  const references: string[] = []
  beforeAll(async () => {
    for (const flow of ['EXPORT', 'IMPORT', 'TRANSSHIPMENT', 'EXPORT', 'IMPORT']) {
      const equipmentReference = freshReference()
      references.unshift(equipmentReference)
      await announce(service, { equipmentReference, flow, UNLocationCode: place })
    }
  })
  const list = (query: string) => service.request('GET', `${path}?UNLocationCode=${place}&${query}`)
  const referencesOf = ({ body }: { body: { items: { equipmentReference: string }[] } }) =>
    body.items.map(({ equipmentReference }) => equipmentReference)

  it('begins with the newest and can be sorted by name', async () => {
    expect(referencesOf(await list(''))).toEqual(references)
    expect(referencesOf(await list('sort=announcedAt'))).toEqual(references.toReversed())
    const sorted = references.toSorted()
    expect(referencesOf(await list('sort=equipmentReference'))).toEqual(sorted)
    expect(referencesOf(await list('sort=-equipmentReference'))).toEqual(sorted.toReversed())
    expect(await list('sort=tareWeight')).toMatchObject({ status: 400 })
  })

  it('comes in pages that miss and repeat nothing', async () => {
    for (const sort of ['-announcedAt', 'announcedAt', 'equipmentReference,announcedAt']) {
      const seen: string[] = []
      let cursor = ''
      do {
        const page = await list(`limit=2&sort=${sort}${cursor}`)
        expect(page.body.items.length).toBeLessThanOrEqual(2)
        seen.push(...referencesOf(page))
        cursor = page.body.next === null ? '' : `&cursor=${page.body.next}`
      } while (cursor !== '')
      expect(seen.toSorted()).toEqual(references.toSorted())
    }
    const { body } = await list('limit=2')
    expect(await list(`limit=2&flow=EXPORT&cursor=${body.next}`)).toMatchObject({
      status: 400,
      body: { code: 'CURSOR_INVALID' },
    })
  })

  it('is filtered by container, flow and state', async () => {
    expect(referencesOf(await list('flow=EXPORT'))).toHaveLength(2)
    expect(referencesOf(await list('state=ON_BOARD'))).toHaveLength(3)
    expect(referencesOf(await list('state=ON_BOARD&flow=TRANSSHIPMENT'))).toHaveLength(1)
    expect(referencesOf(await list(`equipmentReference=${references[2]}`))).toEqual([references[2]])
    expect(await list('state=LOST')).toMatchObject({ status: 400 })
    expect(await list('limit=201')).toMatchObject({ status: 400 })
    expect(await list('colour=red')).toMatchObject({ status: 400 })
  })
})

describe('whose visits someone sees', () => {
  it('are their own organisation’s, when they are bound to one', async () => {
    const mine = await announce(service, { carrierOrganization: 'acme' })
    const anyones = await announce(service)
    const system = {
      kind: 'machine',
      subject: 'acme-system',
      scopes: ['carga/read', 'carga/write'],
      org: 'acme',
    } as const
    for (const as of [system, { roles: ['agent'], org: 'acme' }] as const) {
      const { body } = await service.request('GET', `${path}?limit=200`, { as })
      expect(
        body.items.every(
          (each: { carrierOrganization: string }) => each.carrierOrganization === 'acme',
        ),
      ).toBe(true)
      expect(await service.request('GET', `${path}/${mine}`, { as })).toMatchObject({ status: 200 })
      for (const end of ['', '/events']) {
        expect(await service.request('GET', `${path}/${anyones}${end}`, { as })).toMatchObject({
          status: 404,
        })
      }
    }
    const body = event('GTIN', '10:00')
    const record = (id: string) =>
      service.request('POST', `${path}/${id}/events`, { as: system, body })
    expect(await record(anyones)).toMatchObject({ status: 404 })
    expect(await record(mine)).toMatchObject({ status: 201 })
    expect(await service.request('POST', path, { as: system, body: newVisit() })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/carrierOrganization' }] },
    })
  })
})

describe('who may do what', () => {
  const cases = [
    { as: { roles: ['admin'] }, read: 200, write: 201 },
    { as: { roles: ['harbour-master'] }, read: 200, write: 201 },
    { as: { roles: ['terminal-planner'] }, read: 200, write: 201 },
    { as: { roles: ['berth-planner'] }, read: 200, write: 403 },
    { as: { roles: ['gate-clerk'] }, read: 200, write: 403 },
    { as: { roles: ['viewer'] }, read: 200, write: 403 },
    { as: { roles: ['staff-planner'] }, read: 403, write: 403 },
    { as: { roles: ['agent'], org: 'acme' }, read: 200, write: 403 },
    { as: { roles: ['service-provider'], org: 'pilots' }, read: 403, write: 403 },
    { as: { kind: 'machine', scopes: ['carga/read'] }, read: 200, write: 403 },
    { as: { kind: 'machine', scopes: ['carga/write'] }, read: 403, write: 201 },
    { as: { kind: 'machine', scopes: ['barcos/read', 'barcos/write'] }, read: 403, write: 403 },
    { as: null, read: 401, write: 401 },
  ] as const

  it.each(cases)('$as', async ({ as, read, write }) => {
    expect((await service.request('GET', path, { as })).status).toBe(read)
    expect((await service.request('POST', path, { as, body: newVisit() })).status).toBe(write)
  })

  it('lets the services that need it read the feed, and nobody’s visits', async () => {
    for (const name of ['barcos', 'personal']) {
      const headers = { authorization: `Bearer ${service.issuer.serviceToken(name, 'carga')}` }
      const as = null
      expect((await service.request('GET', '/v1/feed', { as, headers })).status).toBe(200)
      expect((await service.request('GET', path, { as, headers })).status).toBe(403)
    }
  })
})
