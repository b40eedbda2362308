import { randomUUID } from 'node:crypto'
import type { Role } from '@porttrack/shared/auth/access'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce, bookTruck, declareVgm, event, freshReference, newVgm } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

const visits = '/v1/container-visits'
let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga()
})
afterAll(() => carga[Symbol.asyncDispose]())

const as = (role: Role, org?: string): { as: Identity } => ({
  as: { roles: [role], ...(org === undefined ? {} : { org }) },
})
const post = (path: string, body?: object, by: { as?: Identity } = {}) =>
  carga.request('POST', path, { ...by, ...(body === undefined ? {} : { body }) })
const record = (id: string, code: string, time: string) =>
  post(`${visits}/${id}/events`, event(code, time))
const check = async (id: string, purpose: 'loading' | 'leaving') =>
  (await carga.request('GET', `${visits}/${id}/${purpose}-check`)).body
const codesOf = (body: { unmet?: { code: string }[]; errors?: { code: string }[] }) =>
  (body.unmet ?? body.errors ?? []).map(({ code }) => code)

/** An export in the yard with everything that loading needs. */
const ready = async (change: Record<string, unknown> = {}) => {
  const id = await announce(carga, change)
  await declareVgm(carga, id)
  await record(id, 'GTIN', '10:00')
  await record(id, 'YARD', '11:00')
  return id
}

describe('a container that is to be loaded', () => {
  it('may be, once every condition is met', async () => {
    const id = await ready()
    expect(await check(id, 'loading')).toMatchObject({
      containerVisitId: id,
      allowed: true,
      unmet: [],
      knowledge: { asOf: null, ageSeconds: null },
    })
    expect(await record(id, 'LOAD', '12:00')).toMatchObject({ status: 201 })
  })

  it('is refused with everything that is missing, in the check and by the load', async () => {
    const portCallId = await carga.knownCall({ state: 'ARRIVED' })
    await carga.request('PUT', `/v1/port-calls/${portCallId}/cut-offs`, {
      headers: { 'if-match': '"1"' },
      body: { FCO: '2026-01-01T09:00:00Z', VCO: '2026-01-01T09:00:00Z', DGC: null },
    })
    const id = await announce(carga, { loadPortCallId: portCallId, seals: [] })
    const hold = { authority: 'TERMINAL', reason: 'damaged door' }
    await post(`${visits}/${id}/holds`, hold, as('terminal-planner'))
    await record(id, 'GTIN', '10:00')
    const { allowed, unmet } = await check(id, 'loading')
    expect(allowed).toBe(false)
    expect(unmet).toEqual([
      { code: 'IN_YARD', detail: 'it is GATED_IN and not in the yard' },
      {
        code: 'CALL_AT_BERTH',
        detail: 'the port call is ARRIVED (barcos has never been read to the end)',
      },
      { code: 'VGM_VALID', detail: 'it has no verified gross mass' },
      { code: 'SEAL_PRESENT', detail: 'a laden export has no seal' },
      { code: 'NO_HOLD', detail: 'the terminal (TERMINAL) holds it: damaged door' },
      {
        code: 'CUT_OFF_MET',
        detail: 'full container delivery (FCO) was due by 2026-01-01T09:00:00.000Z',
      },
      {
        code: 'CUT_OFF_MET',
        detail: 'verified gross mass (VCO) was due by 2026-01-01T09:00:00.000Z',
      },
    ])
    await record(id, 'YARD', '11:00')
    const refused = await record(id, 'LOAD', '12:00')
    expect(refused).toMatchObject({ status: 409 })
    expect(codesOf(refused.body)).toEqual(codesOf({ unmet }).slice(1))
  })

  it('needs no mass and no seal when it is empty', async () => {
    const id = await announce(carga, { isEmpty: true, seals: [] })
    await record(id, 'GTIN', '10:00')
    await record(id, 'YARD', '11:00')
    expect(await check(id, 'loading')).toMatchObject({ allowed: true })
  })

  it('may be reported as loaded after its ship has sailed, if it was before', async () => {
    const portCallId = await carga.knownCall({ state: 'DEPARTED' })
    const id = await ready({ loadPortCallId: portCallId })
    expect(codesOf(await check(id, 'loading'))).toEqual(['CALL_AT_BERTH'])
    expect(await record(id, 'LOAD', '12:00')).toMatchObject({ status: 201 })
  })

  it('is judged with all that leave by its call, a page at a time', async () => {
    const portCallId = await carga.knownCall()
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) ids.push(await announce(carga, { loadPortCallId: portCallId }))
    await announce(carga)
    const seen: string[] = []
    let query = '?limit=2'
    for (;;) {
      const { body } = await carga.request(
        'GET',
        `/v1/port-calls/${portCallId}/loading-checks${query}`,
      )
      seen.push(...body.items.map((each: { containerVisitId: string }) => each.containerVisitId))
      expect(codesOf(body.items[0])).toEqual(['IN_YARD', 'VGM_VALID'])
      if (body.next === null) break
      query = `?limit=2&cursor=${body.next}`
    }
    expect(seen).toEqual(ids)
    expect(
      await carga.request('GET', `/v1/port-calls/${randomUUID()}/loading-checks`),
    ).toMatchObject({ status: 404 })
  })
})

describe('a container that is to leave by the gate', () => {
  it('needs customs, the line and no hold, each named', async () => {
    const id = await announce(carga, { flow: 'IMPORT' })
    await post(`${visits}/${id}/holds`, { authority: 'CUSTOMS', reason: 'papers' })
    expect(codesOf(await check(id, 'leaving'))).toEqual([
      'IN_YARD',
      'CUSTOMS_RELEASED',
      'LINE_RELEASED',
      'NO_HOLD',
      'APPOINTMENT',
    ])
    await bookTruck(carga, id)
    for (const [code, time] of [
      ['DISC', '10:00'],
      ['YARD', '11:00'],
      ['CUSR', '12:00'],
      ['RELS', '13:00'],
    ] as const) {
      await record(id, code, time)
    }
    expect(codesOf(await check(id, 'leaving'))).toEqual(['NO_HOLD'])
    expect(await record(id, 'GTOT', '14:00')).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'NO_HOLD', detail: 'customs (CUSTOMS) holds it: papers' }] },
    })
  })
})

describe('holds', () => {
  it('are placed and released by their own authority alone', async () => {
    const id = await announce(carga, { carrierOrganization: 'acme' })
    const path = `${visits}/${id}/holds`
    const hold = { authority: 'LINE', reason: 'freight unpaid' }
    expect(await post(path, hold)).toMatchObject({
      status: 403,
      body: { code: 'HOLD_OF_ANOTHER_AUTHORITY' },
    })
    expect(await post(path, hold, as('agent', 'globex'))).toMatchObject({ status: 404 })
    const placed = await post(path, hold, as('agent', 'acme'))
    expect(placed).toMatchObject({ status: 201, body: { state: 'PLACED', version: 1 } })
    const release = `${path}/${placed.body.id}/release`
    const reason = { reason: 'paid' }
    expect(await post(release, reason, as('terminal-planner'))).toMatchObject({ status: 403 })
    expect(await post(release, {}, as('agent', 'acme'))).toMatchObject({ status: 400 })
    expect(await post(release, reason, as('agent', 'acme'))).toMatchObject({
      status: 200,
      body: { state: 'RELEASED', releaseReason: 'paid', version: 2 },
    })
    expect(await post(release, reason, as('agent', 'acme'))).toMatchObject({
      status: 409,
      body: { code: 'HOLD_RELEASED' },
    })
    const { body } = await carga.request('GET', path)
    expect(body.items).toHaveLength(1)
    expect(await post(`${path}/${randomUUID()}/release`, reason)).toMatchObject({ status: 404 })
  })
})

describe('cut-offs', () => {
  it('are set for who knows the present version, and lifted by null', async () => {
    const path = `/v1/port-calls/${await carga.knownCall()}/cut-offs`
    const times = { FCO: '2026-01-01T09:00:00.000Z', VCO: null, DGC: null }
    const put = (version: string | null, body: object = times, by = {}) =>
      carga.request('PUT', path, {
        ...by,
        body,
        headers: version === null ? {} : { 'if-match': version },
      })
    expect(await put(null)).toMatchObject({ status: 428 })
    expect(await put('"1"', times, as('agent', 'acme'))).toMatchObject({ status: 403 })
    expect(await put('"1"')).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: times })
    expect(await put('"1"')).toMatchObject({ status: 412 })
    expect(await put('"2"', { ...times, FCO: 'noon' })).toMatchObject({ status: 400 })
    await put('"2"', { FCO: null, VCO: null, DGC: null })
    expect((await carga.request('GET', path)).body).toMatchObject({ FCO: null, version: 3 })
    const nowhere = `/v1/port-calls/${randomUUID()}/cut-offs`
    const headers = { 'if-match': '*' }
    expect(await carga.request('PUT', nowhere, { body: times, headers })).toMatchObject({
      status: 404,
    })
  })

  it('may be missed by whom the office lets, with a reason that is kept', async () => {
    const portCallId = await carga.knownCall()
    await carga.request('PUT', `/v1/port-calls/${portCallId}/cut-offs`, {
      headers: { 'if-match': '*' },
      body: { FCO: '2026-01-01T09:00:00Z', VCO: null, DGC: null },
    })
    const id = await ready({ loadPortCallId: portCallId })
    expect(codesOf(await check(id, 'loading'))).toEqual(['CUT_OFF_MET'])
    const path = `${visits}/${id}/cut-off-overrides`
    const given = { code: 'FCO', reason: 'the ship waits' }
    expect(await post(path, given, as('gate-clerk'))).toMatchObject({ status: 403 })
    expect(await post(path, { code: 'FCO' })).toMatchObject({ status: 400 })
    expect(await post(path, given)).toMatchObject({ status: 201, body: { recordedBy: 'tester' } })
    const again = await post(path, { ...given, reason: 'again' })
    expect(again.body.reason).toBe('the ship waits')
    expect(await check(id, 'loading')).toMatchObject({ allowed: true })
    expect((await carga.request('GET', path)).body.items).toHaveLength(1)
  })
})

describe('the verified gross mass', () => {
  it('is more than the tare and at most the maximum, in kilograms and in pounds', async () => {
    const id = await announce(carga)
    const path = `${visits}/${id}/vgm-declarations`
    const cases: [object, number][] = [
      [{ value: 2_200, unit: 'KGM' }, 422],
      [{ value: 30_480.5, unit: 'KGM' }, 422],
      [{ value: 67_198, unit: 'LBR' }, 422],
      [{ value: 67_196, unit: 'LBR' }, 201],
      [{ value: 0, unit: 'KGM' }, 400],
      [{ value: 20, unit: 'TNE' }, 400],
    ]
    for (const [weight, status] of cases) {
      expect({ weight, ...(await post(path, newVgm({ weight }))) }).toMatchObject({
        weight,
        status,
      })
    }
    const { authorizedPersonSignatory: _, ...unsigned } = newVgm()
    expect(await post(path, unsigned)).toMatchObject({ status: 400 })
    const declared = newVgm({ weight: { value: 20_000, unit: 'KGM' } })
    expect(await post(path, declared)).toMatchObject({ status: 201 })
    expect(await post(path, declared)).toMatchObject({
      status: 409,
      body: { code: 'VGM_REFERENCE_USED' },
    })
  })

  it('is the newest that was declared; when that is retracted there is none', async () => {
    const id = await ready()
    const path = `${visits}/${id}/vgm-declarations`
    const newer = await post(path, newVgm({ declarationDateTime: '2026-01-02T00:00:00Z' }))
    await post(path, newVgm({ declarationDateTime: '2025-12-31T00:00:00Z' }))
    const { body } = await carga.request('GET', path)
    expect(body.items.map((each: { counts: boolean }) => each.counts)).toEqual([true, false, false])
    const retract = `${path}/${newer.body.id}/retract`
    expect(await post(retract)).toMatchObject({ status: 200, body: { isRetracted: true } })
    expect(await post(retract)).toMatchObject({ status: 409 })
    expect(codesOf(await check(id, 'loading'))).toEqual(['VGM_VALID'])
  })
})

describe('DCSA VGM', () => {
  const path = '/dcsa/vgm/v1/vgm-declarations'
  const shipper: Identity = {
    kind: 'machine',
    subject: 'shipper-system',
    scopes: ['carga/read', 'carga/write'],
    org: 'acme',
  }
  const other: Identity = { ...shipper, subject: 'other-system', org: 'globex' }
  const send = (VGMDeclarations: unknown, by = shipper) =>
    carga.request('POST', path, { as: by, body: { VGMDeclarations } })
  const read = async (query: string, by = shipper) =>
    (await carga.request('GET', `${path}${query}`, { as: by })).body.VGMDeclarations
  const declaration = (equipmentReference: string, change: object = {}) => ({
    declarationReference: randomUUID(),
    declarationDateTime: '2026-01-01T00:00:00Z',
    VGM: {
      weight: { value: 20_000, unit: 'KGM' },
      method: 'SM1',
      dateTime: '2026-01-01T00:00:00Z',
    },
    equipmentDetails: { equipmentReference },
    responsibleParty: { partyName: 'Acme Shipping' },
    authorizedPersonSignatory: 'Jane Doe',
    ...change,
  })

  it('lets a container be loaded, also when it comes before the container is known', async () => {
    const equipmentReference = freshReference()
    const given = declaration(equipmentReference, {
      declarationDateTime: new Date().toISOString(),
    })
    expect((await send([given])).body.feedbackElements).toMatchObject([
      {
        severity: 'INFO',
        propertyPath: '$.VGMDeclarations[0].equipmentDetails.equipmentReference',
      },
    ])
    const id = await announce(carga, { equipmentReference, carrierOrganization: 'acme' })
    expect(codesOf(await check(id, 'loading'))).toEqual(['IN_YARD'])
    expect(await read(`?equipmentReference=${equipmentReference}`)).toEqual([given])
    expect(await read(`?equipmentReference=${equipmentReference}`, other)).toEqual([])
  })

  it('is replaced by a later one with its reference, and void when it is retracted', async () => {
    const equipmentReference = freshReference()
    const id = await announce(carga, { equipmentReference, carrierOrganization: 'acme' })
    const given = declaration(equipmentReference)
    expect((await send([given])).body).toEqual({})
    expect((await send([given])).body.feedbackElements).toMatchObject([{ severity: 'INFO' }])
    const later = {
      ...given,
      declarationDateTime: '2026-01-02T00:00:00Z',
      VGM: { ...given.VGM, weight: { value: 31_000, unit: 'KGM' } },
    }
    expect((await send([later])).body.feedbackElements).toMatchObject([
      { severity: 'WARN', propertyPath: '$.VGMDeclarations[0].VGM.weight.value' },
    ])
    expect(codesOf(await check(id, 'loading'))).toEqual(['IN_YARD', 'VGM_VALID'])
    const { declarationReference } = given
    const void_ = { declarationReference, isRetracted: true }
    expect((await send([void_])).body).toEqual({})
    expect(await read(`?equipmentReference=${equipmentReference}`)).toMatchObject([
      { declarationReference, isRetracted: true, VGM: { weight: { value: 31_000 } } },
    ])
  })

  it('tells what is missing, and stops nothing but the loading', async () => {
    const equipmentReference = freshReference()
    const id = await announce(carga, { equipmentReference, carrierOrganization: 'acme' })
    const { declarationReference: _, ...nameless } = declaration(equipmentReference)
    const answer = await send([
      declaration(equipmentReference, {
        VGM: { weight: { value: 20_000 }, method: 'SM3' },
        responsibleParty: undefined,
        authorizedPersonSignatory: undefined,
      }),
      nameless,
      { ...declaration(equipmentReference), declarationDateTime: 'noon' },
    ])
    expect(answer.status).toBe(200)
    const paths = answer.body.feedbackElements.map(
      ({ severity, propertyPath }: Record<string, string>) => `${severity} ${propertyPath}`,
    )
    expect(paths.toSorted()).toEqual([
      'ERROR $.VGMDeclarations[1].declarationReference',
      'ERROR $.VGMDeclarations[2].declarationDateTime',
      'WARN $.VGMDeclarations[0].VGM.dateTime',
      'WARN $.VGMDeclarations[0].VGM.method',
      'WARN $.VGMDeclarations[0].VGM.weight.unit',
      'WARN $.VGMDeclarations[0].authorizedPersonSignatory',
      'WARN $.VGMDeclarations[0].responsibleParty',
    ])
    expect(codesOf(await check(id, 'loading'))).toContain('VGM_VALID')
  })

  it('answers errors in DCSA’s words', async () => {
    for (const [answer, status] of [
      [await carga.request('GET', `${path}?limit=0`, { as: shipper }), 400],
      [await carga.request('GET', path, { as: null }), 401],
      [await send('none'), 400],
    ] as const) {
      expect(answer).toMatchObject({
        status,
        headers: { 'api-version': '1.0.0' },
        body: { feedbackElements: [{ severity: 'ERROR' }] },
      })
    }
  })
})
