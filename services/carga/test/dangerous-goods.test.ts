import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce, declareVgm, event } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga()
})
afterAll(() => carga[Symbol.asyncDispose]())

const visits = '/v1/container-visits'
const post = (path: string, body: object, by = {}) => carga.request('POST', path, { ...by, body })
const goods = (hazardClass: string, change: object = {}) => ({
  unNumber: '1263',
  hazardClass,
  subsidiaryRisks: [],
  properShippingName: 'PAINT',
  ...change,
})

/** A container with accepted goods of a class that stands in a bay of block A. */
const standing = async (hazardClass: string, bay: number, change: Record<string, unknown> = {}) => {
  const id = await announce(carga, change)
  await declareVgm(carga, id)
  const declared = await post(`${visits}/${id}/dangerous-goods`, goods(hazardClass))
  await post(`${visits}/${id}/dangerous-goods/${declared.body.id}/accept`, {})
  await post(`${visits}/${id}/events`, event('GTIN', '10:00'))
  const position = { yard: { block: 'A', bay: String(bay), row: '1', tier: '1' } }
  const set = await post(`${visits}/${id}/events`, event('YARD', '11:00', { position }))
  if (set.status !== 201) throw new Error(set.text)
  return id
}
const check = async (id: string) => (await carga.request('GET', `${visits}/${id}/segregation`)).body
const load = (id: string, bay: string) =>
  post(
    `${visits}/${id}/events`,
    event('LOAD', '12:00', { position: { vessel: { bay, row: '01', tier: '82' } } }),
  )

describe('dangerous goods', () => {
  it('are declared, accepted or rejected with a reason, and keep a container ashore until then', async () => {
    const id = await announce(carga)
    const path = `${visits}/${id}/dangerous-goods`
    for (const [body, status] of [
      [goods('3.5'), 400],
      [goods('3', { unNumber: '12' }), 400],
      [goods('3', { emsNumber: 'F-E S-1' }), 400],
      [goods('2.1', { packingGroup: 2 }), 422],
      [goods('3', { subsidiaryRisks: ['3'] }), 422],
    ] as const) {
      const answer = await post(path, body)
      expect({ body, status: answer.status }).toEqual({ body, status })
    }
    const given = goods('3', {
      subsidiaryRisks: ['8'],
      packingGroup: 2,
      flashPoint: 23,
      emsNumber: 'F-E S-E',
    })
    const declared = await post(path, given)
    expect(declared).toMatchObject({ status: 201, body: { ...given, state: 'DECLARED' } })
    const unmet = async () =>
      (await carga.request('GET', `${visits}/${id}/loading-check`)).body.unmet.map(
        ({ code, detail }: Record<string, string>) => `${code}: ${detail}`,
      )
    expect(await unmet()).toContain('DANGEROUS_GOODS_ACCEPTED: UN 1263 is DECLARED')
    const decide = (action: string, body: object = {}, by = {}) =>
      post(`${path}/${declared.body.id}/${action}`, body, by)
    expect(await decide('accept', {}, { as: { roles: ['agent'], org: 'acme' } })).toMatchObject({
      status: 403,
    })
    expect(await decide('reject')).toMatchObject({ status: 422 })
    expect(await decide('reject', { reason: 'leaking' })).toMatchObject({
      status: 200,
      body: { state: 'REJECTED', reason: 'leaking' },
    })
    expect(await unmet()).toContain('DANGEROUS_GOODS_ACCEPTED: UN 1263 is REJECTED')
    expect(await decide('accept')).toMatchObject({ status: 200 })
    expect(await decide('accept')).toMatchObject({ status: 409 })
    expect(String(await unmet())).not.toContain('DANGEROUS_GOODS')
  })
})

describe('segregation', () => {
  it('names the pair, the level and the rule, in the yard', async () => {
    const flammable = await standing('3', 10)
    const oxidizer = await standing('5.1', 11)
    await standing('5.1', 20)
    const { verdict, containers, conflicts } = await check(flammable)
    expect({ verdict, containers }).toEqual({ verdict: 'FORBIDDEN', containers: 3 })
    expect(conflicts).toHaveLength(1)
    expect(conflicts[0]).toMatchObject({
      level: '2',
      rule: 'IMDG 7.2.4',
      distance: 0.44,
      required: 6,
      confirmed: false,
    })
    expect(
      conflicts[0].between
        .map((each: { containerVisitId: string }) => each.containerVisitId)
        .toSorted(),
    ).toEqual([flammable, oxidizer].toSorted())
    const whole = await carga.request('GET', '/v1/yards/ESALG/segregation')
    expect(whole.body).toMatchObject({ verdict: 'FORBIDDEN', conflictsInAll: 1 })
    expect(
      await carga.request('GET', '/v1/yards/ESALG/segregation', {
        as: { roles: ['agent'], org: 'acme' },
      }),
    ).toMatchObject({ status: 403 })
  })

  it('asks for a consultation where the table says so, until it is confirmed', async () => {
    const first = await standing('3', 40)
    const second = await standing('8', 41)
    expect(await check(first)).toMatchObject({
      verdict: 'CONSULT',
      conflicts: [{ level: 'CONSULT', rule: 'IMDG 7.2.4 (X: goods list)' }],
    })
    const confirm = (ids: string[], by = {}) =>
      post('/v1/segregation-confirmations', { containerVisitIds: ids, reason: 'list read' }, by)
    expect(await confirm([first, second], { as: { roles: ['gate-clerk'] } })).toMatchObject({
      status: 403,
    })
    expect(await confirm([first])).toMatchObject({ status: 400 })
    expect(await confirm([first, randomUUID()])).toMatchObject({ status: 404 })
    expect(await confirm([second, first])).toMatchObject({
      status: 201,
      body: { containerVisitIds: [first, second].toSorted(), recordedBy: 'tester' },
    })
    expect(await check(second)).toMatchObject({
      verdict: 'CLEAR',
      conflicts: [{ confirmed: true }],
    })
  })

  it('keeps a container from a slot aboard beside what it must be apart from', async () => {
    const loadPortCallId = await carga.knownCall()
    const first = await standing('3', 60, { loadPortCallId })
    const second = await standing('5.1', 70, { loadPortCallId })
    const third = await standing('8', 80, { loadPortCallId })
    expect(await load(first, '01')).toMatchObject({ status: 201 })
    const refused = await load(second, '03')
    expect(refused).toMatchObject({ status: 409, body: { errors: [{ code: 'SEGREGATED' }] } })
    expect(refused.body.errors[0].detail).toMatch(/\(3\) and \S+ \(5\.1\), 0\.44 m apart: level 2/)
    expect(await load(third, '03')).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'SEGREGATED' }] },
    })
    await post('/v1/segregation-confirmations', {
      containerVisitIds: [first, third],
      reason: 'list read',
    })
    expect(await load(third, '03')).toMatchObject({ status: 201 })
    expect(await load(second, '15')).toMatchObject({ status: 201 })
    const aboard = await carga.request('GET', `/v1/port-calls/${loadPortCallId}/segregation`)
    expect(aboard.body).toMatchObject({ verdict: 'CLEAR', containers: 3 })
  })
})
