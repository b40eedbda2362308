import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const harbourMaster: Identity = { roles: ['harbour-master'], subject: 'master' }
const customs: Identity = { kind: 'machine', scopes: ['barcos/clearance'], subject: 'customs' }
const authorities = ['CUSTOMS', 'DUES', 'HEALTH', 'IMMIGRATION', 'SECURITY']

const take = (id: string, action: string, body?: object) =>
  barcos.post(`/v1/port-calls/${id}/${action}`, body, { as: harbourMaster })
const list = async (id: string) => {
  const { body } = await barcos.request('GET', `/v1/port-calls/${id}/clearances`, { as: agent })
  return body.items as Record<string, unknown>[]
}
const put = (
  id: string,
  authority: string,
  { body, as = harbourMaster, version }: { body: object; as?: Identity; version?: string },
) =>
  barcos.request('PUT', `/v1/port-calls/${id}/clearances/${authority}`, {
    as,
    body,
    headers: version === '' ? {} : { 'if-match': version ?? '*' },
  })
const authorize = (id: string, by: { as?: Identity; headers?: Record<string, string> } = {}) =>
  barcos.post(`/v1/port-calls/${id}/departure-authorization`, undefined, {
    as: harbourMaster,
    ...by,
  })
const grantAll = async (id: string) => {
  for (const authority of authorities) {
    expect(await put(id, authority, { body: { state: 'GRANTED' } })).toMatchObject({ status: 200 })
  }
}
const callOf = async (id: string) => (await barcos.request('GET', `/v1/port-calls/${id}`)).body
const codesOf = ({ body }: { body: { errors: { code: string }[] } }) =>
  body.errors.map(({ code }) => code)

/** A call whose ship has arrived. */
const arrived = async () => {
  const ship = await barcos.registerVessel()
  const { id } = await barcos.announce(ship.id)
  await take(id, 'approve')
  await take(id, 'arrive')
  return { id: id as string, ship }
}

describe('clearances', () => {
  it('are asked for when a call is approved, and decided with who, when and why', async () => {
    const { id } = await barcos.announce((await barcos.registerVessel()).id)
    expect(await list(id)).toEqual([])
    await take(id, 'approve')
    expect((await list(id)).map(({ authority, state }) => [authority, state])).toEqual(
      authorities.map((authority) => [authority, 'PENDING']),
    )
    const refused = await put(id, 'CUSTOMS', {
      body: { state: 'REFUSED', reason: 'manifest missing' },
      as: customs,
      version: '"1"',
    })
    expect(refused).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { state: 'REFUSED', reason: 'manifest missing', decidedBy: 'customs', version: 2 },
    })
    const granted = await put(id, 'CUSTOMS', { body: { state: 'GRANTED' }, version: '"2"' })
    expect(granted.body).toMatchObject({
      authority: 'CUSTOMS',
      state: 'GRANTED',
      reason: null,
      decidedBy: 'master',
      version: 3,
      history: [
        { from: 'PENDING', to: 'REFUSED', reason: 'manifest missing', source: 'SYSTEM' },
        { from: 'REFUSED', to: 'GRANTED', reason: null, source: 'PERSON', decidedBy: 'master' },
      ],
    })
    expect((await list(id))[0]).toEqual(granted.body)
    const told = (await barcos.events()).filter(({ subject }) => subject === id).slice(-2)
    expect(told).toMatchObject([
      { type: 'barcos.clearance.decided', data: { authority: 'CUSTOMS', state: 'REFUSED' } },
      { type: 'barcos.clearance.decided', data: { authority: 'CUSTOMS', state: 'GRANTED' } },
    ])
    const again = await put(id, 'CUSTOMS', { body: { state: 'GRANTED' }, version: '"3"' })
    expect(again).toMatchObject({ status: 200, body: { version: 3 } })
    // The same once more for another reason is another decision, which is kept.
    for (const [reason, version] of [
      ['manifest missing', 4],
      ['seal broken', 5],
    ]) {
      const refused = await put(id, 'CUSTOMS', { body: { state: 'REFUSED', reason }, version: '*' })
      expect(refused).toMatchObject({ status: 200, body: { reason, version } })
    }
    const [kept] = (await list(id)) as { history: object[] }[]
    expect(kept?.history.slice(-2)).toMatchObject([
      { from: 'GRANTED', to: 'REFUSED', reason: 'manifest missing' },
      { from: 'REFUSED', to: 'REFUSED', reason: 'seal broken' },
    ])
  })

  it('refuse what is not well formed, stale, or not one’s to decide', async () => {
    const { id } = await arrived()
    for (const body of [
      {},
      { state: 'PENDING' },
      { state: 'REFUSED' },
      { state: 'GRANTED', by: 1 },
    ]) {
      expect(await put(id, 'CUSTOMS', { body })).toMatchObject({ status: 400 })
    }
    const body = { state: 'GRANTED' }
    expect(await put(id, 'PIRATES', { body })).toMatchObject({ status: 400 })
    expect(await put(id, 'CUSTOMS', { body, version: '' })).toMatchObject({ status: 428 })
    expect(await put(id, 'CUSTOMS', { body, version: '"2"' })).toMatchObject({ status: 412 })
    const writer: Identity = { kind: 'machine', scopes: ['barcos/write'] }
    for (const as of [agent, writer, { roles: ['berth-planner'] as const }]) {
      expect(await put(id, 'CUSTOMS', { body, as })).toMatchObject({ status: 403 })
      expect(await authorize(id, { as })).toMatchObject({ status: 403 })
    }
    const bound: Identity = { ...customs, org: 'globex' }
    expect(await put(id, 'CUSTOMS', { body, as: bound })).toMatchObject({ status: 404 })
    const path = `/v1/port-calls/${id}/clearances`
    expect(await barcos.request('GET', path, { as: otherAgent })).toMatchObject({ status: 404 })
  })

  it('are over once the call has ended', async () => {
    const { id } = await barcos.announce((await barcos.registerVessel()).id)
    await take(id, 'approve')
    await take(id, 'cancel')
    expect(await put(id, 'CUSTOMS', { body: { state: 'GRANTED' } })).toMatchObject({
      status: 409,
      body: { code: 'CLEARANCE_NOT_OPEN', detail: 'It is CANCELLED' },
    })
  })
})

describe('the departure of a ship', () => {
  it('is refused with all that is missing, then authorised, and lets the ship go', async () => {
    const { id, ship } = await arrived()
    await barcos.reserve(id, await barcos.berth())
    for (const step of ['berth', 'start']) await take(id, step)
    await put(id, 'HEALTH', { body: { state: 'GRANTED' } })
    await put(id, 'DUES', { body: { state: 'REFUSED', reason: 'unpaid' } })
    await barcos.opened.database.sql(`UPDATE vessel SET state = 'DETAINED' WHERE id = $1::uuid`, [
      ship.id,
    ])
    const refused = await authorize(id, { headers: { 'accept-language': 'es' } })
    expect(refused).toMatchObject({ status: 409, body: { code: 'DEPARTURE_NOT_POSSIBLE' } })
    expect(codesOf(refused)).toEqual([
      'VESSEL_NOT_DETAINED',
      'CARGO_COMPLETED',
      ...Array.from({ length: 4 }, () => 'CLEARANCES_GRANTED'),
    ])
    expect(refused.body.errors.map(({ detail }: { detail: string }) => detail)).toEqual([
      'el buque está retenido',
      'las operaciones de carga no han terminado',
      'el despacho de aduana (CUSTOMS) está en PENDING',
      'el despacho de tasas portuarias (DUES) está en REFUSED',
      'el despacho de control de fronteras (IMMIGRATION) está en PENDING',
      'el despacho de protección portuaria (SECURITY) está en PENDING',
    ])
    await barcos.opened.database.sql(`UPDATE vessel SET state = 'ACTIVE' WHERE id = $1::uuid`, [
      ship.id,
    ])
    await take(id, 'complete')
    await grantAll(id)
    const unauthorized = await take(id, 'depart')
    expect(codesOf(unauthorized)).toEqual(['DEPARTURE_AUTHORIZED'])
    const authorized = await authorize(id)
    expect(authorized).toMatchObject({
      status: 200,
      body: { state: 'COMPLETED', departureAuthorizedAt: expect.any(String) },
    })
    expect(await authorize(id)).toMatchObject({
      status: 409,
      body: { code: 'DEPARTURE_AUTHORIZED_ALREADY' },
    })
    const told = (await barcos.events()).findLast(({ subject }) => subject === id)
    expect(told).toMatchObject({ type: 'barcos.departure.authorized', data: { portCallId: id } })
    expect(await take(id, 'depart')).toMatchObject({
      status: 200,
      body: {
        state: 'DEPARTED',
        departureAuthorizedAt: authorized.body.departureAuthorizedAt,
      },
    })
    expect(await authorize(id)).toMatchObject({ status: 409 })
    expect(await put(id, 'DUES', { body: { state: 'REFUSED', reason: 'late' } })).toMatchObject({
      status: 409,
    })
  })

  it('is withdrawn of itself when a clearance is refused', async () => {
    const { id } = await arrived()
    await grantAll(id)
    await authorize(id)
    await put(id, 'CUSTOMS', { body: { state: 'REFUSED', reason: 'search' }, as: customs })
    expect(await callOf(id)).toMatchObject({ departureAuthorizedAt: null })
    expect(codesOf(await take(id, 'depart'))).toEqual([
      'CLEARANCES_GRANTED',
      'DEPARTURE_AUTHORIZED',
    ])
    const { body } = await barcos.request('GET', `/v1/port-calls/${id}/timeline`)
    const decisions = body.items.flatMap(
      ({ kind, decision }: { kind: string; decision: object }) =>
        kind === 'DECISION' ? [decision] : [],
    )
    expect(decisions.slice(-2)).toMatchObject([
      { action: 'authorize-departure', from: 'ARRIVED', to: 'ARRIVED', decidedBy: 'master' },
      {
        action: 'withdraw-departure',
        reason: 'se denegó el despacho de aduana / the clearance of customs was refused',
      },
    ])
    const told = (await barcos.events()).findLast(({ subject }) => subject === id)
    expect(told?.type).toBe('barcos.departure.withdrawn')
  })

  it('is withdrawn of itself when the vessel is detained, and not when it is only renamed', async () => {
    const { id, ship } = await arrived()
    await grantAll(id)
    await authorize(id)
    const path = `/v1/vessels/${ship.id}`
    const renamed = await barcos.request('PUT', path, {
      body: { name: 'Kept', MMSINumber: ship.MMSINumber },
      headers: { 'if-match': '*' },
    })
    expect(renamed).toMatchObject({ status: 200 })
    expect(await callOf(id)).toMatchObject({ departureAuthorizedAt: expect.any(String) })
    await barcos.post(`${path}/detain`, { reason: 'port state control' })
    expect(await callOf(id)).toMatchObject({ departureAuthorizedAt: null })
    expect(codesOf(await authorize(id))).toEqual(['VESSEL_NOT_DETAINED'])
    expect(codesOf(await take(id, 'depart'))).toEqual([
      'VESSEL_NOT_DETAINED',
      'DEPARTURE_AUTHORIZED',
    ])
    await barcos.post(`${path}/release`, { reason: 'mended' })
    expect(await authorize(id)).toMatchObject({ status: 200 })
  })

  it('is withdrawn when the ship goes to a berth instead', async () => {
    const { id } = await arrived()
    await grantAll(id)
    await authorize(id)
    await barcos.reserve(id, await barcos.berth())
    expect(await take(id, 'berth')).toMatchObject({
      status: 200,
      body: { state: 'ALONGSIDE', departureAuthorizedAt: null },
    })
  })

  it('is not to be had before the ship is there', async () => {
    const { id } = await barcos.announce((await barcos.registerVessel()).id)
    expect(await authorize(id)).toMatchObject({
      status: 409,
      body: { code: 'PORT_CALL_NOT_IN_STATE' },
    })
    await take(id, 'cancel')
    expect(await authorize(id)).toMatchObject({ status: 409, body: { code: 'PORT_CALL_ENDED' } })
  })

  it('takes one of several who authorise and refuse at once at a time', async () => {
    const { id } = await arrived()
    await grantAll(id)
    const answers = await Promise.all([
      authorize(id),
      authorize(id),
      put(id, 'CUSTOMS', { body: { state: 'REFUSED', reason: 'search' } }),
      take(id, 'depart'),
    ])
    expect(answers.every(({ status }) => status < 500)).toBe(true)
    const { state, departureAuthorizedAt } = await callOf(id)
    const customsState = (await list(id))[0]?.['state']
    if (state === 'DEPARTED') expect(customsState).toBe('GRANTED')
    else if (customsState === 'REFUSED') expect(departureAuthorizedAt).toBeNull()
  })
})

describe('the authorities that a port asks', () => {
  it('are those of its setting', async () => {
    await using other = await startBarcos({ env: { REQUIRED_CLEARANCES: 'CUSTOMS,DUES' } })
    const { id } = await other.announce((await other.registerVessel()).id)
    const as = harbourMaster
    await other.post(`/v1/port-calls/${id}/approve`, undefined, { as })
    const { body } = await other.request('GET', `/v1/port-calls/${id}/clearances`)
    expect(body.items.map(({ authority }: { authority: string }) => authority)).toEqual([
      'CUSTOMS',
      'DUES',
    ])
    await expect(startBarcos({ env: { REQUIRED_CLEARANCES: 'CUSTOMS,PIRATES' } })).rejects.toThrow(
      /REQUIRED_CLEARANCES/,
    )
  })
})
