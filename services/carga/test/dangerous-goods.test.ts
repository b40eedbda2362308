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

/** A container with accepted goods of a class that has come in by the gate. */
const inside = async (hazardClass: string, change: Record<string, unknown> = {}) => {
  const id = await announce(carga, change)
  await declareVgm(carga, id)
  const declared = await post(`${visits}/${id}/dangerous-goods`, goods(hazardClass))
  await post(`${visits}/${id}/dangerous-goods/${declared.body.id}/accept`, {})
  await post(`${visits}/${id}/events`, event('GTIN', '10:00'))
  return id
}

/** Sets a container down in a bay of block A. */
const setDown = (id: string, bay: number, change: object = {}, by: object = {}) => {
  const position = { yard: { block: 'A', bay: String(bay), row: '1', tier: '1' } }
  return post(`${visits}/${id}/events`, event('YARD', '11:00', { position, ...change }), by)
}
const override = { reason: 'moved within the hour' }

/** A container with accepted goods of a class that stands in a bay of block A, whatever is near. */
const standing = async (hazardClass: string, bay: number, change: Record<string, unknown> = {}) => {
  const id = await inside(hazardClass, change)
  const set = await setDown(id, bay, { override })
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

  it('keeps a container from a slot of the yard, unless one who may overrides it', async () => {
    await standing('3', 100)
    const oxidizer = await inside('5.1')
    const refused = await setDown(oxidizer, 101)
    expect(refused).toMatchObject({
      status: 409,
      body: { errors: [{ pointer: '#/position', code: 'SLOT_SEGREGATED' }] },
    })
    expect(refused.body.errors[0].detail).toMatch(
      /\(3\) and \S+ \(5\.1\), 0\.44 m apart: level 2 needs 6 m \(IMDG 7\.2\.4\)/,
    )
    const clerk = { as: { roles: ['gate-clerk'] } }
    expect(await setDown(oxidizer, 101, { override }, clerk)).toMatchObject({ status: 403 })
    expect(await setDown(oxidizer, 101, { override: { reason: ' ' } })).toMatchObject({
      status: 400,
    })
    expect(
      await post(`${visits}/${oxidizer}/events`, event('INSP', '11:00', { override })),
    ).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/override' }] } })
    expect(await check(oxidizer)).toMatchObject({ verdict: 'CLEAR', containers: 0 })
    const set = await setDown(oxidizer, 101, { override })
    expect(set).toMatchObject({ status: 201, body: { override, recordedBy: 'tester' } })
    expect(set.body.warnings).toEqual([refused.body.errors[0].detail])
    expect(await check(oxidizer)).toMatchObject({ verdict: 'FORBIDDEN' })
    const kept = await carga.request('GET', `${visits}/${oxidizer}/events/${set.body.id}`, {
      headers: { 'accept-language': 'es' },
    })
    expect(kept.body).toMatchObject({ override })
    expect(kept.body.warnings[0]).toContain('el nivel 2 exige 6 m')
  })

  it('lets a container stand where lists must be consulted, and says so', async () => {
    await standing('3', 120)
    const acid = await inside('8')
    const set = await setDown(acid, 121)
    expect(set).toMatchObject({ status: 201, body: { override: null } })
    expect(set.body.warnings).toHaveLength(1)
    expect(set.body.warnings[0]).toMatch(/the goods lists must be consulted/)
  })

  it('lets one of two that are set down beside each other at once stand', async () => {
    const [first, second] = [await inside('3'), await inside('5.1')]
    const answers = await Promise.all([setDown(first, 140), setDown(second, 141)])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
  })

  it('is asked of the slots that a load list plans', async () => {
    const loadPortCallId = await carga.knownCall()
    const references: string[] = []
    const ids: string[] = []
    for (const [hazardClass, bay] of [
      ['3', 150],
      ['5.1', 160],
      ['5.1', 170],
    ] as const) {
      const id = await standing(hazardClass, bay, { loadPortCallId })
      ids.push(id)
      const { body } = await carga.request('GET', `${visits}/${id}`)
      references.push(body.equipmentReference)
    }
    const lines = references.map(
      (reference, n) => `${reference},22G1,false,20000,ESALG,NLRTM,${['1', '3', '31'][n]},1,82,`,
    )
    const imported = await carga.request(
      'POST',
      `/v1/port-calls/${loadPortCallId}/load-list/import`,
      {
        headers: { 'content-type': 'text/csv' },
        body: [
          'equipmentReference,ISOEquipmentCode,isEmpty,grossWeight,portOfLoading,portOfDischarge,bay,row,tier,internalSetpointTemperature',
          ...lines,
        ].join('\r\n'),
      },
    )
    expect(imported).toMatchObject({ status: 201 })
    const unmet = async (id: string) =>
      (await carga.request('GET', `${visits}/${id}/loading-check`)).body.unmet.filter(
        ({ code }: { code: string }) => code === 'SEGREGATED',
      )
    const [near, beside, far] = ids as [string, string, string]
    expect(await unmet(near)).toHaveLength(1)
    expect((await unmet(beside))[0].detail).toContain('level 2 needs 6 m')
    expect(await unmet(far)).toEqual([])
    const checks = await carga.request('GET', `/v1/port-calls/${loadPortCallId}/loading-checks`)
    expect(
      checks.body.items.filter(({ unmet: of }: { unmet: { code: string }[] }) =>
        of.some(({ code }) => code === 'SEGREGATED'),
      ),
    ).toHaveLength(2)
    // Without a slot of its own the planned one counts.
    const load = (id: string) => post(`${visits}/${id}/events`, event('LOAD', '12:00'))
    expect(await load(near)).toMatchObject({ status: 201 })
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
