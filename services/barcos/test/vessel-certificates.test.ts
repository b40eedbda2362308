import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
let vesselId: string
beforeAll(async () => {
  barcos = await startBarcos()
  vesselId = (await barcos.registerVessel({ name: 'Papers' })).id
})
afterAll(() => barcos[Symbol.asyncDispose]())

/** A day so many days from today, in UTC. */
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

const certificate = (given: object = {}) => ({
  type: 'MLC',
  number: 'MLC-1',
  issuedBy: 'Bureau Veritas',
  issuedOn: day(-100),
  expiresOn: day(400),
  ...given,
})
const add = (given: object = {}, id = vesselId) =>
  barcos.post(`/v1/vessels/${id}/certificates`, certificate(given))

describe('certificates of a vessel', () => {
  it('are called by their names in the caller’s language', async () => {
    const { id } = await barcos.registerVessel()
    const spanish = await barcos.post(
      `/v1/vessels/${id}/certificates`,
      certificate({ type: 'LOAD_LINE' }),
      { headers: { 'accept-language': 'es' } },
    )
    expect(spanish.body.title).toBe('certificado internacional de francobordo')
    expect(spanish.headers.vary).toContain('accept-language')
    const english = await barcos.request('GET', String(spanish.headers.location))
    expect(english.body.title).toBe('international load line certificate')
  })

  it('are given as they will be on a day, however the caller knows them', async () => {
    const { id } = await barcos.registerVessel()
    const made = await add({ expiresOn: day(10) }, id)
    const path = String(made.headers.location)
    const read = (query: string) =>
      barcos.request('GET', `${path}${query}`, { headers: { 'if-none-match': '"1"' } })
    expect(await read('')).toMatchObject({ status: 200, body: { state: 'EXPIRING' } })
    expect(await read(`?on=${day(-60)}`)).toMatchObject({ body: { state: 'VALID' } })
    expect(await read(`?on=${day(11)}`)).toMatchObject({ body: { state: 'EXPIRED' } })
    expect(await read('?on=2026-02-30')).toMatchObject({ status: 400 })
  })

  it('need a last day, but for types that may hold for good', async () => {
    const { id } = await barcos.registerVessel()
    expect(await add({ expiresOn: undefined }, id)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/expiresOn', detail: 'is needed for MLC' }] },
    })
    const tonnage = { type: 'TONNAGE', number: 'T-1', expiresOn: undefined }
    expect(await add(tonnage, id)).toMatchObject({
      status: 201,
      body: { expiresOn: null, state: 'VALID' },
    })
    await add({ number: 'M-1' }, id)
    const { body } = await barcos.request('GET', `/v1/vessels/${id}/certificates`)
    expect(body.items.map(({ number }: { number: string }) => number)).toEqual(['M-1', 'T-1'])
    const some = await barcos.request('GET', `/v1/vessels/${id}/certificates?type=TONNAGE`)
    expect(some.body.items).toMatchObject([{ number: 'T-1' }])
  })

  it('may be issued again under their number once withdrawn, and say by whom they were', async () => {
    const { id } = await barcos.registerVessel()
    const { body } = await add({ number: 'AGAIN' }, id)
    const withdrawn = await barcos.post(
      `/v1/vessels/${id}/certificates/${body.id}/withdraw`,
      { reason: 'class suspended' },
      { as: { roles: ['harbour-master'], subject: 'surveyor' } },
    )
    expect(withdrawn.body).toMatchObject({ withdrawnBy: 'surveyor', recordedBy: 'tester' })
    expect(await add({ number: 'AGAIN' }, id)).toMatchObject({ status: 201 })
    expect(await add({ number: 'AGAIN' }, id)).toMatchObject({
      status: 409,
      body: { code: 'VESSEL_CERTIFICATE_EXISTS', errors: [{ pointer: '#/number' }] },
    })
  })

  it('are changed by one of those who change them at once', async () => {
    const { id } = await barcos.registerVessel()
    const [one, two] = [await add({ number: 'R-1' }, id), await add({ number: 'R-2' }, id)]
    const put = (path: unknown, number: string, match: string) =>
      barcos.request('PUT', String(path), {
        body: certificate({ number }),
        headers: { 'if-match': match },
      })
    const same = await Promise.all(
      ['R-3', 'R-4', 'R-5'].map((number) => put(one.headers.location, number, '"1"')),
    )
    expect(same.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412])
    const twins = await Promise.all([
      put(one.headers.location, 'TWIN', '*'),
      put(two.headers.location, 'TWIN', '*'),
    ])
    expect(twins.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  })

  it('are neither given to a scrapped ship nor listed of it', async () => {
    const { id } = await barcos.registerVessel()
    await add({ type: 'ISPP', number: 'GONE', expiresOn: day(5) }, id)
    const listed = async () =>
      (await barcos.request('GET', `/v1/vessel-certificates?expiresBefore=${day(6)}&type=ISPP`))
        .body.items
    expect(await listed()).toMatchObject([{ number: 'GONE' }])
    const later = `expiresFrom=${day(6)}&expiresBefore=${day(7)}&type=ISPP`
    const { body } = await barcos.request('GET', `/v1/vessel-certificates?${later}`)
    expect(body.items).toEqual([])
    await barcos.post(`/v1/vessels/${id}/scrap`, { reason: 'broken up' })
    expect(await listed()).toEqual([])
    expect(await add({}, id)).toMatchObject({ status: 409, body: { code: 'VESSEL_SCRAPPED' } })
  })

  it('are added and read, with what they are worth today', async () => {
    const made = await add()
    expect(made).toMatchObject({
      status: 201,
      headers: { etag: '"1"' },
      body: { vesselName: 'Papers', state: 'VALID', withdrawalReason: null, recordedBy: 'tester' },
    })
    const read = await barcos.request('GET', String(made.headers.location))
    expect(read).toMatchObject({ status: 200, body: made.body })
    expect((await add({ type: 'ISPS', expiresOn: day(30) })).body.state).toBe('EXPIRING')
    expect((await add({ type: 'IOPP', expiresOn: day(-1) })).body.state).toBe('EXPIRED')
    const { body } = await barcos.request('GET', `/v1/vessels/${vesselId}/certificates`)
    expect(body.items.map(({ type }: { type: string }) => type)).toEqual(['IOPP', 'ISPS', 'MLC'])
  })

  it('are refused with every fault named', async () => {
    const wrong = await add({ number: 'W', issuedOn: day(5), expiresOn: day(2) })
    expect(wrong).toMatchObject({
      status: 422,
      body: {
        code: 'VESSEL_CERTIFICATE_INVALID',
        errors: [{ pointer: '#/issuedOn' }, { pointer: '#/expiresOn' }],
      },
    })
    for (const fault of [
      { type: 'DRIVING' },
      { number: '' },
      { issuedOn: '2026-02-30' },
      { extra: 1 },
    ]) {
      expect(await add(fault)).toMatchObject({ status: 400 })
    }
    expect(await add({ number: 'twice', type: 'IEE' })).toMatchObject({ status: 201 })
    expect(await add({ number: 'twice', type: 'IEE' })).toMatchObject({
      status: 409,
      body: { code: 'VESSEL_CERTIFICATE_EXISTS' },
    })
    const nobody = '0192f3a0-0000-7000-8000-000000000000'
    expect(await add({}, nobody)).toMatchObject({ status: 404 })
    const forbidden = await barcos.post(`/v1/vessels/${vesselId}/certificates`, certificate(), {
      as: agent,
    })
    expect(forbidden).toMatchObject({ status: 403 })
  })

  it('are renewed at their version, and take nothing once withdrawn', async () => {
    const { body } = await add({ type: 'IAPP', number: 'A-1' })
    const path = `/v1/vessels/${vesselId}/certificates/${body.id}`
    const renewal = certificate({ type: 'IAPP', number: 'A-2', expiresOn: day(800) })
    const put = (headers: Record<string, string>) =>
      barcos.request('PUT', path, { body: renewal, headers })
    expect(await put({})).toMatchObject({ status: 428 })
    expect(await put({ 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { number: 'A-2', version: 2 },
    })
    expect(await put({ 'if-match': '"1"' })).toMatchObject({ status: 412 })
    const taken = await barcos.request('PUT', path, {
      body: certificate({ type: 'IEE', number: 'twice' }),
      headers: { 'if-match': '*' },
    })
    expect(taken).toMatchObject({ status: 409, body: { code: 'VESSEL_CERTIFICATE_EXISTS' } })
    expect(await barcos.post(`${path}/withdraw`, {})).toMatchObject({ status: 400 })
    expect(await barcos.post(`${path}/withdraw`, { reason: 'false' })).toMatchObject({
      status: 200,
      body: { state: 'WITHDRAWN', withdrawalReason: 'false', version: 3 },
    })
    expect(await put({ 'if-match': '*' })).toMatchObject({
      status: 409,
      body: { code: 'VESSEL_CERTIFICATE_WITHDRAWN' },
    })
    const { id: otherId } = await barcos.registerVessel()
    expect(
      await barcos.request('GET', `/v1/vessels/${otherId}/certificates/${body.id}`),
    ).toMatchObject({ status: 404 })
  })

  it('of all vessels are listed by their last day, a page at a time', async () => {
    const { id } = await barcos.registerVessel({ name: 'Other Papers' })
    for (const days of [3, 1, 2]) {
      await add({ type: 'SANITATION', number: `S-${days}`, expiresOn: day(days) }, id)
    }
    const list = async (query: string) =>
      (await barcos.request('GET', `/v1/vessel-certificates?${query}`)).body
    const first = await list(`expiresBefore=${day(3)}&type=SANITATION&limit=1`)
    expect(first.items).toMatchObject([{ number: 'S-1', vesselName: 'Other Papers' }])
    const second = await list(
      `expiresBefore=${day(3)}&type=SANITATION&limit=1&cursor=${first.next}`,
    )
    expect(second).toMatchObject({ items: [{ number: 'S-2' }], next: null })
    expect((await barcos.request('GET', '/v1/vessel-certificates')).status).toBe(400)
  })
})
