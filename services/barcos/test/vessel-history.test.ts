import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, nextIdentity, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const historyOf = async (id: string, query = '') =>
  (await barcos.request('GET', `/v1/vessels/${id}/history?${query}`)).body.items
const replace = (id: string, body: object) =>
  barcos.request('PUT', `/v1/vessels/${id}`, { body, headers: { 'if-match': '*' } })
const act = (path: string, body?: object, headers = {}) =>
  barcos.post(`/v1/vessels/${path}`, body, { headers })

describe('the history of a vessel', () => {
  it('has every name, flag, call sign and MMSI from when to when, and who changed it', async () => {
    const { vesselIMONumber, MMSINumber } = nextIdentity()
    const made = await barcos.registerVessel({
      vesselIMONumber,
      MMSINumber,
      name: 'Old Name',
      flag: 'ES',
      callSign: 'EAOLD',
    })
    const other = nextIdentity().MMSINumber
    await replace(made.id, { name: 'New Name', flag: 'PA', MMSINumber: other })
    const history = await historyOf(made.id)
    expect(history).toHaveLength(8)
    const open = history.filter(({ validTo }: { validTo: unknown }) => validTo === null)
    const present = Object.fromEntries(
      open.map(({ property, value }: Record<string, string>) => [property, value]),
    )
    expect(present).toEqual({ name: 'New Name', flag: 'PA', MMSINumber: other, state: 'ACTIVE' })
    const [former] = (await historyOf(made.id, 'property=callSign')) as Record<string, string>[]
    expect(former).toMatchObject({ value: 'EAOLD', source: 'PERSON', recordedBy: 'tester' })
    const [newest] = (await historyOf(made.id, 'property=name')) as Record<string, string>[]
    expect(newest?.['validFrom']).toBe(former?.['validTo'])
  })

  it('finds a ship by a name it had, where that is asked for', async () => {
    const { id, MMSINumber } = await barcos.registerVessel({ name: 'Formerly Known' })
    await replace(id, { name: 'Now Known', MMSINumber })
    const search = async (query: string) =>
      (await barcos.request('GET', `/v1/vessels?${query}`)).body.items.map(
        (found: { id: string }) => found.id,
      )
    expect(await search('name=formerly')).toEqual([])
    expect(await search('name=formerly&former=true')).toEqual([id])
    expect(await search('name=now%20known&former=true')).toEqual([id])
  })

  it('finds by former call signs and MMSIs too, each ship once, and says what was found', async () => {
    const [before, after] = [nextIdentity(), nextIdentity()]
    const { body: made } = await barcos.post('/v1/vessels', {
      ...before,
      name: 'Quondam Star',
      callSign: 'EAQQ',
    })
    const changed = { MMSINumber: after.MMSINumber, callSign: 'EANN' }
    await replace(made.id, { name: 'Quondam Sun', ...changed })
    await replace(made.id, { name: 'Novum Star', ...changed })
    const namesake = await barcos.registerVessel({ name: 'Quondam Moon' })
    const search = async (query: string) =>
      (await barcos.request('GET', `/v1/vessels?${query}`)).body.items

    expect(await search('name=quondam')).toMatchObject([{ id: namesake.id }])
    const both = await search('name=quondam&former=true')
    expect(both).toMatchObject([
      {
        id: made.id,
        name: 'Novum Star',
        former: [
          { property: 'name', value: 'Quondam Sun' },
          { property: 'name', value: 'Quondam Star' },
        ],
      },
      { id: namesake.id, former: [] },
    ])
    for (const query of ['callSign=eaqq', `MMSINumber=${before.MMSINumber}`]) {
      expect(await search(query)).toEqual([])
      expect(await search(`${query}&former=true`)).toMatchObject([{ id: made.id }])
    }
    expect((await search('name=novum'))[0]).not.toHaveProperty('former')
    const path = '/v1/vessels?name=quondam&former=true&limit=1'
    const first = await barcos.request('GET', path)
    const second = await barcos.request('GET', `${path}&cursor=${first.body.next}`)
    expect(second.body).toMatchObject({ items: [{ id: namesake.id }], next: null })
  })

  it('has one value end where the next begins, and says who ended it', async () => {
    const { id, MMSINumber } = await barcos.registerVessel({ name: 'First', flag: 'ES' })
    const as = { roles: ['harbour-master' as const], subject: 'eva' }
    await barcos.request('PUT', `/v1/vessels/${id}`, {
      body: { name: 'Second', MMSINumber },
      headers: { 'if-match': '*' },
      as,
    })
    const [second, first] = await historyOf(id, 'property=name')
    expect(first).toMatchObject({ recordedBy: 'tester', endedBy: 'eva', validTo: second.validFrom })
    expect(second).toMatchObject({ recordedBy: 'eva', endedBy: null, validTo: null })
    // What is not known has no entry of its own.
    expect(await historyOf(id, 'property=flag')).toMatchObject([{ value: 'ES', endedBy: 'eva' }])
  })

  it('is in order though the clock of another replica is ahead', async () => {
    const { id, MMSINumber } = await barcos.registerVessel({ name: 'Late' })
    const ahead = new Date(Date.now() + 60_000)
    const { sql } = barcos.opened.database
    await sql('UPDATE vessel SET updated_at = $2 WHERE id = $1::uuid', [id, ahead])
    await sql('UPDATE vessel_record SET valid_from = $2 WHERE vessel_id = $1::uuid', [id, ahead])
    expect(await replace(id, { name: 'Later', MMSINumber })).toMatchObject({ status: 200 })
    expect(await historyOf(id, 'property=name')).toMatchObject([
      { value: 'Later', validFrom: ahead.toISOString() },
      { value: 'Late', validTo: ahead.toISOString() },
    ])
  })

  it('has what a ship had whose beginning was not kept', async () => {
    const { id, MMSINumber, registeredAt } = await barcos.registerVessel({ name: 'Unkept' })
    const { sql } = barcos.opened.database
    await sql('DELETE FROM vessel_record WHERE vessel_id = $1::uuid', [id])
    await replace(id, { name: 'Kept', MMSINumber })
    expect(await historyOf(id)).toMatchObject([
      { property: 'name', value: 'Kept', validTo: null },
      { property: 'name', value: 'Unkept', validFrom: registeredAt, source: 'SYSTEM' },
    ])
  })

  it('has no entry and no event for a change that brings the same or is refused', async () => {
    const { id, MMSINumber } = await barcos.registerVessel({ name: 'Same' })
    const before = await historyOf(id)
    await replace(id, { name: 'Same', MMSINumber })
    expect(await replace(id, { name: 'Other', MMSINumber, flag: 'ZZ' })).toMatchObject({
      status: 422,
    })
    await replace(id, { name: 'Same', MMSINumber, beam: 20 })
    expect(await historyOf(id)).toEqual(before)
    const told = (await barcos.events()).filter(({ subject }) => subject === id)
    expect(told).toMatchObject([
      { type: 'barcos.vessel.registered' },
      { type: 'barcos.vessel.changed', data: { changed: ['beam'] } },
    ])
  })

  it('pages, and is for vessels that there are', async () => {
    const { id } = await barcos.registerVessel({ flag: 'ES', callSign: 'EAPG' })
    const first = await barcos.request('GET', `/v1/vessels/${id}/history?limit=3`)
    const second = await barcos.request(
      'GET',
      `/v1/vessels/${id}/history?limit=3&cursor=${first.body.next}`,
    )
    const properties = [...first.body.items, ...second.body.items].map(({ property }) => property)
    expect(new Set(properties)).toEqual(
      new Set(['MMSINumber', 'callSign', 'flag', 'name', 'state']),
    )
    expect(properties).toHaveLength(5)
    const nobody = '0192f3a0-0000-7000-8000-000000000000'
    expect(await barcos.request('GET', `/v1/vessels/${nobody}/history`)).toMatchObject({
      status: 404,
    })
  })

  it('keeps one line of values whoever changes the ship at the same time', async () => {
    const { id, MMSINumber } = await barcos.registerVessel()
    const names = Array.from({ length: 10 }, (_, n) => `Racer ${n}`)
    await Promise.all(names.map((name) => replace(id, { name, MMSINumber })))
    const history: Record<string, string | null>[] = await historyOf(id, 'property=name')
    expect(history).toHaveLength(11)
    const { body } = await barcos.request('GET', `/v1/vessels/${id}`)
    expect(history.filter(({ validTo }) => validTo === null)).toMatchObject([{ value: body.name }])
  })
})

describe('the state of a vessel', () => {
  it('changes by actions whose reasons are kept, and other systems are told', async () => {
    const { id } = await barcos.registerVessel()
    expect(await act(`${id}/lay-up`)).toMatchObject({ status: 200, body: { state: 'LAID_UP' } })
    expect(await act(`${id}/activate`)).toMatchObject({ body: { state: 'ACTIVE' } })
    const held = await act(`${id}/detain`, { reason: 'port state control' }, { 'if-match': '"3"' })
    expect(held).toMatchObject({
      body: { state: 'DETAINED', version: 4 },
      headers: { etag: '"4"' },
    })
    expect(await act(`${id}/release`, { reason: 'deficiencies mended' })).toMatchObject({
      body: { state: 'ACTIVE' },
    })
    const states: Record<string, string>[] = await historyOf(id, 'property=state')
    expect(states.map(({ value, reason }) => [value, reason])).toEqual([
      ['ACTIVE', 'deficiencies mended'],
      ['DETAINED', 'port state control'],
      ['ACTIVE', null],
      ['LAID_UP', null],
      ['ACTIVE', null],
    ])
    const told = (await barcos.events()).filter(({ subject }) => subject === id)
    expect(told.map(({ type, data }) => [type, data['state']])).toEqual([
      ['barcos.vessel.registered', 'ACTIVE'],
      ['barcos.vessel.changed', 'LAID_UP'],
      ['barcos.vessel.changed', 'ACTIVE'],
      ['barcos.vessel.changed', 'DETAINED'],
      ['barcos.vessel.changed', 'ACTIVE'],
    ])
  })

  it('is refused from where it does not lead on, without a reason, or at another version', async () => {
    const { id } = await barcos.registerVessel()
    const spanish = { 'accept-language': 'es' }
    const released = await act(`${id}/release`, { reason: 'x' }, spanish)
    expect(released).toMatchObject({ status: 409, body: { code: 'VESSEL_NOT_IN_STATE' } })
    expect(released.body.detail).toBe(
      'Está en ACTIVE, desde donde «release» no lleva a otro estado',
    )
    expect(await act(`${id}/detain`)).toMatchObject({ status: 400 })
    expect(await act(`${id}/detain`, { reason: ' ' })).toMatchObject({ status: 400 })
    expect(await act(`${id}/lay-up`, {}, { 'if-match': '"9"' })).toMatchObject({ status: 412 })
    await act(`${id}/scrap`, { reason: 'sold for scrap' })
    for (const action of ['lay-up', 'activate']) {
      expect(await act(`${id}/${action}`)).toMatchObject({
        status: 409,
        body: { code: 'VESSEL_SCRAPPED' },
      })
    }
    const refused = await barcos.post(`/v1/vessels/${id}/scrap`, { reason: 'x' }, { as: agent })
    expect(refused).toMatchObject({ status: 403 })
  })

  it('says why a ship is registered as detained', async () => {
    const held = { ...nextIdentity(), name: 'Held', state: 'DETAINED' }
    expect(await barcos.post('/v1/vessels', held)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/stateReason', code: 'DETENTION_REASONED' }] },
    })
    const { id } = await barcos.registerVessel({ ...held, stateReason: 'arrested by a court' })
    expect(await historyOf(id, 'property=state')).toMatchObject([
      { value: 'DETAINED', reason: 'arrested by a court' },
    ])
  })

  it('becomes another for one of many who act at once', async () => {
    const { id } = await barcos.registerVessel()
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, n) => act(`${id}/detain`, { reason: `inspector ${n}` })),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 409, 409, 409, 409,
    ])
    expect(await historyOf(id, 'property=state')).toHaveLength(2)
  })

  it('holds a detained ship in port', async () => {
    const { id } = await barcos.registerVessel()
    const call = await barcos.announce(id)
    for (const action of ['approve', 'arrive']) {
      expect(await barcos.post(`/v1/port-calls/${call.id}/${action}`)).toMatchObject({
        status: 200,
      })
    }
    const authorize = () => barcos.post(`/v1/port-calls/${call.id}/departure-authorization`)
    for (const authority of ['CUSTOMS', 'HEALTH', 'SECURITY', 'IMMIGRATION', 'DUES']) {
      await barcos.request('PUT', `/v1/port-calls/${call.id}/clearances/${authority}`, {
        body: { state: 'GRANTED' },
        headers: { 'if-match': '*' },
      })
    }
    expect(await authorize()).toMatchObject({ status: 200 })
    await act(`${id}/detain`, { reason: 'unpaid dues' })
    const { body } = await barcos.request('GET', `/v1/port-calls/${call.id}`)
    expect(body).toMatchObject({ departureAuthorizedAt: null })
    const refused = await authorize()
    expect(refused).toMatchObject({ status: 409 })
    expect(refused.body.errors.map(({ code }: { code: string }) => code)).toContain(
      'VESSEL_NOT_DETAINED',
    )
  })
})

describe('searching by flag, type and state', () => {
  it('finds the vessels that have all of them', async () => {
    const particulars = { flag: 'NO', type: 'LGTK' }
    const gas = await barcos.registerVessel({ name: 'Gas A', ...particulars })
    const laid = await barcos.registerVessel({ name: 'Gas B', ...particulars, state: 'LAID_UP' })
    await barcos.registerVessel({ name: 'Gas C', flag: 'NO' })
    const search = async (query: string) =>
      (await barcos.request('GET', `/v1/vessels?${query}`)).body.items.map(
        (found: { id: string }) => found.id,
      )
    expect(await search('flag=NO&type=LGTK')).toEqual([gas.id, laid.id])
    expect(await search('flag=NO&type=LGTK&state=LAID_UP')).toEqual([laid.id])
    expect(await search('flag=NO')).toHaveLength(3)
  })
})
