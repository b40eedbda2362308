import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, nextIdentity, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const register = (body: object, headers = {}) => barcos.post('/v1/vessels', body, { headers })
const replace = (id: string, body: object, headers: Record<string, string>) =>
  barcos.request('PUT', `/v1/vessels/${id}`, { body, headers })

describe('registering a vessel', () => {
  it('stores identifiers in their plain form and answers with version and ETag', async () => {
    const made = await register({
      vesselIMONumber: 'IMO 907 4729',
      MMSINumber: '224 000 123',
      callSign: 'ec ab7',
      name: 'Punta Europa',
      flag: 'ES',
      type: 'CONT',
      lengthOverall: 366.5,
      beam: 48.2,
      maximumDraft: 15.5,
      airDraft: 61,
      grossTonnage: 141_635,
      deadweight: 149_360.5,
      capacityTEU: 13_102,
    })
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"' } })
    expect(made.body).toEqual({
      id: expect.any(String),
      vesselIMONumber: '9074729',
      MMSINumber: '224000123',
      callSign: 'ECAB7',
      name: 'Punta Europa',
      flag: 'ES',
      type: 'CONT',
      lengthOverall: 366.5,
      beam: 48.2,
      maximumDraft: 15.5,
      airDraft: 61,
      grossTonnage: 141_635,
      deadweight: 149_360.5,
      capacityTEU: 13_102,
      state: 'ACTIVE',
      version: 1,
      registeredAt: expect.any(String),
      updatedAt: expect.any(String),
      warnings: [],
    })
    expect(made.headers.location).toBe(`/v1/vessels/${made.body.id}`)
    const read = await barcos.request('GET', String(made.headers.location))
    expect(read).toMatchObject({ status: 200, body: made.body, headers: { etag: '"1"' } })
    const unchanged = await barcos.request('GET', String(made.headers.location), {
      headers: { 'if-none-match': '"1"' },
    })
    expect(unchanged.status).toBe(304)
  })

  it('names the check digit that was expected, and every other fault, at once', async () => {
    const answer = await register({
      vesselIMONumber: '9074728',
      MMSINumber: '002240001',
      callSign: 'ABCDEFGHIJK',
      flag: 'ZZ',
      name: 'X',
    })
    expect(answer).toMatchObject({ status: 422, body: { code: 'VESSEL_INVALID' } })
    expect(answer.body.errors).toEqual([
      {
        pointer: '#/vesselIMONumber',
        detail: 'ends with 8, where its other digits call for 9',
      },
      { pointer: '#/MMSINumber', detail: 'has the form of a coast station, not of a ship' },
      { pointer: '#/callSign', detail: 'must be at most 10 characters' },
      { pointer: '#/flag', detail: 'must be a country of ISO 3166-1 alpha-2' },
    ])
  })

  it('needs an IMO number or an MMSI', async () => {
    const answer = await register({ name: 'Nobody' })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '#' }] } })
  })

  it('warns of what is unusual and takes it', async () => {
    const { status, body } = await register({
      ...nextIdentity(),
      name: 'Odd',
      flag: 'PA',
      callSign: 'X1',
    })
    expect(status).toBe(201)
    expect(body.warnings).toEqual([
      { pointer: '#/MMSINumber', detail: 'begins with a MID of ES, while the flag is PA' },
      { pointer: '#/callSign', detail: expect.stringContaining('ITU') },
    ])
  })

  it('names the vessel that has the identity already', async () => {
    const first = await barcos.registerVessel()
    const second = await barcos.registerVessel()
    const answer = await register({
      name: 'Copy',
      vesselIMONumber: first.vesselIMONumber,
      MMSINumber: second.MMSINumber,
    })
    expect(answer).toMatchObject({ status: 409, body: { code: 'VESSEL_EXISTS' } })
    expect(answer.body.errors).toEqual(
      expect.arrayContaining([
        { pointer: '#/vesselIMONumber', detail: `belongs to vessel ${first.id}` },
        { pointer: '#/MMSINumber', detail: `belongs to vessel ${second.id}` },
      ]),
    )
  })

  it('lets one of many who register the same ship at once succeed', async () => {
    const body = { name: 'Race', ...nextIdentity() }
    const answers = await Promise.all(Array.from({ length: 8 }, () => register(body)))
    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(1)
    for (const refused of answers.filter(({ status }) => status !== 201)) {
      expect(refused.status).toBe(409)
      expect(refused.text).toContain(made[0]?.body.id)
    }
  })

  it('gives a repeated request the answer of the first', async () => {
    const body = { name: 'Once', ...nextIdentity() }
    const headers = { 'idempotency-key': 'vessel-once' }
    const [first, second] = [await register(body, headers), await register(body, headers)]
    expect(second).toMatchObject({ status: 201, body: first.body })
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(await register({ ...body, name: 'Twice' }, headers)).toMatchObject({ status: 422 })
  })

  it('refuses hostile bodies with the place of the fault', async () => {
    const plain = { name: 'Plain', ...nextIdentity() }
    const faults: [object, string][] = [
      [{ ...plain, name: 'a\0b' }, '#/name'],
      [{ ...plain, name: '   ' }, '#/name'],
      [{ ...plain, name: 'line\nbreak' }, '#/name'],
      [{ ...plain, name: 'x'.repeat(51) }, '#/name'],
      [{ ...plain, name: 7 }, '#/name'],
      [{ ...plain, owner: 'someone' }, '#/owner'],
      [{ ...plain, vesselIMONumber: 9_074_729 }, '#/vesselIMONumber'],
      [{ ...plain, lengthOverall: 0 }, '#/lengthOverall'],
      [{ ...plain, lengthOverall: 1e9 }, '#/lengthOverall'],
      [{ ...plain, lengthOverall: null }, '#/lengthOverall'],
      [{ ...plain, grossTonnage: 1.5 }, '#/grossTonnage'],
      [{ ...plain, type: 'SUBMARINE' }, '#/type'],
      [{ ...plain, state: 'SCRAPPED' }, '#/state'],
      [{ ...plain, flag: 'es' }, '#/flag'],
    ]
    for (const [body, pointer] of faults) {
      const answer = await register(body)
      expect({ body, status: answer.status }).toEqual({ body, status: 400 })
      expect(answer.body.errors).toMatchObject([{ pointer }])
    }
    const polluted = await register(
      JSON.parse('{"name":"x","MMSINumber":"224000999","__proto__":{"a":1}}'),
    )
    expect(polluted.status).toBe(400)
  })
})

describe('changing a vessel', () => {
  it('asks for the version and refuses a stale one', async () => {
    const { id, version: _, ...vessel } = await barcos.registerVessel()
    const body = { name: 'Renamed', MMSINumber: vessel.MMSINumber }
    expect(await replace(id, body, {})).toMatchObject({ status: 428 })
    const changed = await replace(id, body, { 'if-match': '"1"' })
    expect(changed).toMatchObject({ status: 200, headers: { etag: '"2"' } })
    expect(changed.body).toMatchObject({
      name: 'Renamed',
      version: 2,
      vesselIMONumber: vessel.vesselIMONumber,
    })
    const stale = await replace(id, body, { 'if-match': '"1"' })
    expect(stale).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } })
  })

  it('makes what is left out unknown, but for IMO number and state', async () => {
    const vessel = await barcos.registerVessel({ flag: 'ES', beam: 30, state: 'LAID_UP' })
    const { body } = await replace(vessel.id, { name: 'Bare' }, { 'if-match': '"1"' })
    expect(body).toMatchObject({
      name: 'Bare',
      vesselIMONumber: vessel.vesselIMONumber,
      MMSINumber: null,
      flag: null,
      beam: null,
      state: 'LAID_UP',
    })
  })

  it('never changes the IMO number, but learns one that was not known', async () => {
    const { vesselIMONumber, MMSINumber } = nextIdentity()
    const made = await register({ name: 'Small', MMSINumber })
    const learnt = await replace(
      made.body.id,
      { name: 'Small', MMSINumber, vesselIMONumber },
      { 'if-match': '"1"' },
    )
    expect(learnt.body).toMatchObject({ vesselIMONumber, version: 2 })
    const other = nextIdentity().vesselIMONumber
    const refused = await replace(
      made.body.id,
      { name: 'Small', vesselIMONumber: other },
      { 'if-match': '"2"' },
    )
    expect(refused).toMatchObject({ status: 409, body: { code: 'VESSEL_IMO_NUMBER_FIXED' } })
  })

  it('needs an identity afterwards, and one that no other vessel has', async () => {
    const { MMSINumber } = nextIdentity()
    const { body } = await register({ name: 'Small', MMSINumber })
    const nameless = await replace(body.id, { name: 'Small' }, { 'if-match': '*' })
    expect(nameless).toMatchObject({ status: 422, body: { code: 'VESSEL_INVALID' } })
    const other = await barcos.registerVessel()
    const taken = await replace(
      body.id,
      { name: 'Small', MMSINumber: other.MMSINumber },
      { 'if-match': '*' },
    )
    expect(taken).toMatchObject({
      status: 409,
      body: { errors: [{ pointer: '#/MMSINumber', detail: `belongs to vessel ${other.id}` }] },
    })
  })

  it('is over when it is scrapped', async () => {
    const { id } = await barcos.registerVessel()
    const scrapped = await barcos.post(`/v1/vessels/${id}/scrap`, { reason: 'broken up' })
    expect(scrapped.body).toMatchObject({ state: 'SCRAPPED' })
    const again = await replace(id, { name: 'Back' }, { 'if-match': '"2"' })
    expect(again).toMatchObject({ status: 409, body: { code: 'VESSEL_SCRAPPED' } })
  })

  it('lets one of two who change the same version succeed', async () => {
    const { id } = await barcos.registerVessel()
    const answers = await Promise.all(
      ['First', 'Second', 'Third'].map((name) => replace(id, { name }, { 'if-match': '"1"' })),
    )
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '412', '412'])
  })

  it('names vessels that are not there', async () => {
    const nobody = '/v1/vessels/0192f3a0-0000-7000-8000-000000000000'
    expect(await barcos.request('GET', nobody)).toMatchObject({ status: 404 })
    const body = { name: 'X', ...nextIdentity() }
    const change = await barcos.request('PUT', nobody, { body, headers: { 'if-match': '*' } })
    expect(change).toMatchObject({ status: 404 })
    expect(await barcos.request('GET', '/v1/vessels/1')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '{id}' }] },
    })
  })
})

describe('searching vessels', () => {
  const search = (query: string) => barcos.request('GET', `/v1/vessels?${query}`)
  const namesOf = async (query: string) =>
    (await search(query)).body.items.map(({ name }: { name: string }) => name)

  it('finds by IMO number, MMSI and call sign exactly, and by the beginning of the name', async () => {
    const vessel = await barcos.registerVessel({ name: 'Zulú 100%_Real', callSign: 'EAZU' })
    const queries = [
      `vesselIMONumber=${vessel.vesselIMONumber}`,
      `vesselIMONumber=IMO%20${vessel.vesselIMONumber}`,
      `MMSINumber=${vessel.MMSINumber}`,
      'callSign=eazu',
      'name=zul%C3%BA',
      'name=ZUL%C3%9A%20100%25_',
    ]
    for (const query of queries) {
      const { body } = await search(query)
      expect({ query, items: body.items }).toMatchObject({ query, items: [{ id: vessel.id }] })
    }
    for (const query of [
      'name=%25',
      'name=_ul',
      'callSign=EAZ',
      'name=eal',
      'MMSINumber=224999999',
    ]) {
      expect(await namesOf(query)).toEqual([])
    }
    expect(await search('vesselIMONumber=9074728')).toMatchObject({ body: { items: [] } })
  })

  it('pages in order, each vessel once, by name and by IMO number with the unknown last', async () => {
    for (const name of ['Page C', 'page a', 'Page B', 'Page A']) {
      await register({ name, ...nextIdentity() })
    }
    const { MMSINumber } = nextIdentity()
    await register({ name: 'Page D', MMSINumber })
    const all = async (sort: string) => {
      const found: { id: string; name: string; vesselIMONumber: string | null }[] = []
      let cursor = ''
      for (;;) {
        const { body } = await search(`name=page&limit=2&sort=${sort}${cursor}`)
        found.push(...body.items)
        if (body.next === null) return found
        cursor = `&cursor=${body.next}`
      }
    }
    const byName = await all('name')
    expect(byName.map(({ name }) => name.toUpperCase())).toEqual(
      'PAGE A,PAGE A,PAGE B,PAGE C,PAGE D'.split(','),
    )
    expect(await all('-name')).toEqual(byName.toReversed())
    const byImo = await all('vesselIMONumber')
    expect(byImo.at(-1)).toMatchObject({ name: 'Page D', vesselIMONumber: null })
    const numbers = byImo.slice(0, -1).map(({ vesselIMONumber }) => String(vesselIMONumber))
    expect(numbers).toEqual(numbers.toSorted())
    expect(await all('-vesselIMONumber')).toEqual(byImo.toReversed())
  })

  it('refuses queries that are not its own', async () => {
    const faults = {
      'owner=me': '?owner',
      'limit=201': '?limit',
      'limit=x': '?limit',
      'sort=id': '?sort',
      'MMSINumber=1': '?MMSINumber',
    }
    for (const [query, pointer] of Object.entries(faults)) {
      const answer = await search(query)
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } })
    }
    expect(await search('name=%00')).toMatchObject({ status: 400 })
    const { body } = await search('limit=1')
    expect(await search(`limit=1&sort=-name&cursor=${body.next}`)).toMatchObject({
      status: 400,
      body: { code: 'CURSOR_INVALID' },
    })
  })
})

describe('who may do what with vessels', () => {
  it('lets agents look and not write', async () => {
    expect(await barcos.request('GET', '/v1/vessels', { as: agent })).toMatchObject({ status: 200 })
    const body = { name: 'X', ...nextIdentity() }
    expect(await barcos.post('/v1/vessels', body, { as: agent })).toMatchObject({ status: 403 })
    expect(await barcos.post('/v1/vessels', body, { as: { roles: ['viewer'] } })).toMatchObject({
      status: 403,
    })
    expect(
      await barcos.post('/v1/vessels', body, { as: { kind: 'machine', scopes: ['barcos/read'] } }),
    ).toMatchObject({ status: 403 })
    expect(
      await barcos.post('/v1/vessels', body, { as: { kind: 'machine', scopes: ['barcos/write'] } }),
    ).toMatchObject({ status: 201 })
  })
})
