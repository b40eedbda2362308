import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
let vesselId: string
beforeAll(async () => {
  barcos = await startBarcos()
  vesselId = (await barcos.registerVessel({ name: 'Caller' })).id
})
afterAll(() => barcos[Symbol.asyncDispose]())

const announcement = (given: object = {}) => ({
  vesselId,
  UNLocationCode: 'ESALG',
  purposes: ['LOADING'],
  ...given,
})
/** Posts a decision; `path` is the call's id and the action. */
const decide = (path: string, body?: object, by: Parameters<typeof barcos.post>[2] = {}) =>
  barcos.post(`/v1/port-calls/${path}`, body, by)
const office = { roles: ['harbour-master'] as const, subject: 'office' }
const asAgent = { as: agent }
const asOffice = { as: office }

describe('announcing a port call', () => {
  it('makes it ANNOUNCED for the agent’s own organisation', async () => {
    const made = await barcos.post(
      '/v1/port-calls',
      announcement({
        previousPort: 'MAPTM',
        nextPort: 'NLRTM',
        eta: '2026-12-01T10:00:00+01:00',
        etd: '2026-12-02T04:30:00Z',
        declaredArrivalDraft: 12.4,
        declaredDepartureDraft: 13.1,
        portVisitReference: 'NLAMS1234589',
        carrierServiceCode: 'FE1',
        universalServiceReference: 'SR12345A',
        carrierExportVoyageNumber: '2104S',
        universalImportVoyageReference: '2103N',
      }),
      asAgent,
    )
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"' } })
    expect(made.body).toEqual({
      id: expect.any(String),
      vesselId,
      vessel: {
        name: 'Caller',
        vesselIMONumber: expect.any(String),
        MMSINumber: expect.any(String),
      },
      agentOrganization: 'acme',
      carrierOrganization: null,
      terminalOrganization: null,
      UNLocationCode: 'ESALG',
      purposes: ['LOADING'],
      previousPort: 'MAPTM',
      nextPort: 'NLRTM',
      eta: '2026-12-01T09:00:00.000Z',
      etd: '2026-12-02T04:30:00.000Z',
      declaredArrivalDraft: 12.4,
      declaredDepartureDraft: 13.1,
      portVisitReference: 'NLAMS1234589',
      carrierServiceCode: 'FE1',
      carrierServiceName: null,
      universalServiceReference: 'SR12345A',
      carrierImportVoyageNumber: null,
      carrierExportVoyageNumber: '2104S',
      universalImportVoyageReference: '2103N',
      universalExportVoyageReference: null,
      state: 'ANNOUNCED',
      departureAuthorizedAt: null,
      version: 1,
      announcedAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    const read = await barcos.request('GET', String(made.headers.location), { as: agent })
    expect(read).toMatchObject({ status: 200, body: made.body, headers: { etag: '"1"' } })
    const event = (await barcos.events()).find(({ subject }) => subject === made.body.id)
    expect(event).toMatchObject({
      type: 'barcos.port-call.announced',
      data: {
        portCallId: made.body.id,
        vesselId,
        vesselName: 'Caller',
        UNLocationCode: 'ESALG',
        eta: '2026-12-01T09:00:00.000Z',
        state: 'ANNOUNCED',
      },
    })
  })

  it('is for one’s own organisation only, unless one is the port', async () => {
    const forOthers = announcement({ agentOrganization: 'globex' })
    expect(await barcos.post('/v1/port-calls', forOthers, asAgent)).toMatchObject({ status: 403 })
    const machine = { kind: 'machine', scopes: ['barcos/write'], org: 'acme' } as const
    expect(await barcos.post('/v1/port-calls', forOthers, { as: machine })).toMatchObject({
      status: 403,
    })
    const homeless = { roles: ['agent'] as const }
    expect(await barcos.post('/v1/port-calls', announcement(), { as: homeless })).toMatchObject({
      status: 403,
    })
    expect(await barcos.post('/v1/port-calls', forOthers, asOffice)).toMatchObject({
      status: 201,
      body: { agentOrganization: 'globex' },
    })
    expect(await barcos.post('/v1/port-calls', announcement(), asOffice)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/agentOrganization', detail: 'is needed' }] },
    })
  })

  it('names every broken rule at once', async () => {
    const answer = await barcos.post(
      '/v1/port-calls',
      announcement({
        vesselId: '0192f3a0-0000-7000-8000-000000000000',
        UNLocationCode: 'ZZALG',
        nextPort: 'QQAAA',
        eta: '2026-12-02T00:00:00Z',
        etd: '2026-12-01T00:00:00Z',
      }),
      asAgent,
    )
    expect(answer).toMatchObject({ status: 422, body: { code: 'PORT_CALL_INVALID' } })
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).join(' ')).toBe(
      '#/vesselId #/UNLocationCode #/nextPort #/etd',
    )
  })

  it('refuses hostile bodies with the place of the fault', async () => {
    const faults: [object, string][] = [
      [{ UNLocationCode: 'ESAL1' }, '#/UNLocationCode'],
      [{ UNLocationCode: 'esalg' }, '#/UNLocationCode'],
      [{ eta: '2026-02-30T00:00:00Z' }, '#/eta'],
      [{ eta: '2026-12-01T00:00:00' }, '#/eta'],
      [{ eta: '2016-12-31T23:59:60Z' }, '#/eta'],
      [{ eta: '0000-01-01T00:00:00Z' }, '#/eta'],
      [{ purposes: [] }, '#/purposes'],
      [{ purposes: ['LOADING', 'LOADING'] }, '#/purposes'],
      [{ purposes: ['PIRACY'] }, '#/purposes/0'],
      [{ declaredArrivalDraft: -1 }, '#/declaredArrivalDraft'],
      [{ agentOrganization: 'Acme; DROP' }, '#/agentOrganization'],
      [{ vesselId: 'x' }, '#/vesselId'],
      [{ state: 'APPROVED' }, '#/state'],
      [{ nextPort: 'NL\0RT' }, '#/nextPort'],
      [{ portVisitReference: ' NLAMS1' }, '#/portVisitReference'],
      [{ portVisitReference: 'x'.repeat(51) }, '#/portVisitReference'],
      [{ carrierServiceCode: 'LONGER THAN IT' }, '#/carrierServiceCode'],
      [{ universalServiceReference: 'SR1234A' }, '#/universalServiceReference'],
      [{ universalImportVoyageReference: '2103X' }, '#/universalImportVoyageReference'],
      [{ carrierExportVoyageNumber: null }, '#/carrierExportVoyageNumber'],
    ]
    for (const [fault, pointer] of faults) {
      const answer = await barcos.post('/v1/port-calls', announcement(fault), asAgent)
      expect({ fault, status: answer.status }).toEqual({ fault, status: 400 })
      expect(answer.body.errors).toMatchObject([{ pointer }])
    }
  })

  it('is refused for a scrapped ship', async () => {
    const { id } = await barcos.registerVessel()
    await barcos.post(`/v1/vessels/${id}/scrap`, { reason: 'broken up' })
    expect(
      await barcos.post('/v1/port-calls', announcement({ vesselId: id }), asAgent),
    ).toMatchObject({ status: 409, body: { code: 'VESSEL_SCRAPPED' } })
  })

  it('happens once however often it is sent with one key', async () => {
    const body = announcement({ UNLocationCode: 'ESVLC' })
    const headers = { 'idempotency-key': 'announce-once' }
    const first = await barcos.post('/v1/port-calls', body, { as: agent, headers })
    const second = await barcos.post('/v1/port-calls', body, { as: agent, headers })
    expect(second).toMatchObject({ status: 201, body: first.body })
    expect(second.headers).toMatchObject({
      'idempotency-replayed': 'true',
      location: first.headers.location,
    })
    const parallel = { 'idempotency-key': 'announce-parallel' }
    await Promise.all(
      Array.from({ length: 10 }, () =>
        barcos.post('/v1/port-calls', announcement({ UNLocationCode: 'ESBCN' }), {
          as: agent,
          headers: parallel,
        }),
      ),
    )
    for (const port of ['ESVLC', 'ESBCN']) {
      const { body: page } = await barcos.request('GET', `/v1/port-calls?UNLocationCode=${port}`)
      expect(page.items).toHaveLength(1)
    }
    const announced = (await barcos.events()).filter(
      ({ type, data }) => type === 'barcos.port-call.announced' && data.UNLocationCode === 'ESBCN',
    )
    expect(announced).toHaveLength(1)
  })
})

describe('deciding about a port call', () => {
  it('keeps who, when and why, and tells of each change', async () => {
    const { id } = await barcos.announce(vesselId, { eta: '2026-12-05T10:00:00Z' })
    const rejected = await decide(`${id}/reject`, { reason: 'no berth' }, asOffice)
    expect(rejected).toMatchObject({
      status: 200,
      body: { state: 'REJECTED', version: 2 },
      headers: { etag: '"2"' },
    })
    const again = { reason: 'a day later', eta: '2026-12-06T10:00:00Z', purposes: ['BUNKERING'] }
    const resubmitted = await decide(`${id}/resubmit`, again, asAgent)
    expect(resubmitted.body).toMatchObject({
      state: 'ANNOUNCED',
      eta: '2026-12-06T10:00:00.000Z',
      purposes: ['BUNKERING'],
    })
    expect(await decide(`${id}/approve`, undefined, asOffice)).toMatchObject({
      status: 200,
      body: { state: 'APPROVED', version: 4 },
    })
    const { body } = await barcos.request('GET', `/v1/port-calls/${id}/timeline`, { as: agent })
    const decisions = body.items.map(
      ({ source, decision }: { source: string; decision: object }) => ({
        source,
        ...decision,
      }),
    )
    expect(decisions).toMatchObject([
      { action: 'announce', from: null, to: 'ANNOUNCED', reason: null, decidedBy: 'tester' },
      { action: 'reject', from: 'ANNOUNCED', reason: 'no berth', decidedBy: 'office' },
      { action: 'resubmit', from: 'REJECTED', reason: 'a day later', decidedBy: 'acme-agent' },
      { action: 'approve', from: 'ANNOUNCED', to: 'APPROVED', reason: null, source: 'PERSON' },
    ])
    const told = (await barcos.events()).filter(({ subject }) => subject === id)
    expect(told.map(({ type, data }) => [type, data.action, data.from, data.to])).toEqual([
      ['barcos.port-call.announced', undefined, undefined, undefined],
      ['barcos.port-call.state-changed', 'reject', 'ANNOUNCED', 'REJECTED'],
      ['barcos.port-call.state-changed', 'resubmit', 'REJECTED', 'ANNOUNCED'],
      ['barcos.port-call.state-changed', 'approve', 'ANNOUNCED', 'APPROVED'],
    ])
  })

  it.each(['cancel', 'omit'])('ends the call for good by %s', async (action) => {
    const { id } = await barcos.announce(vesselId)
    await decide(`${id}/approve`, {}, asOffice)
    const ended = await decide(`${id}/${action}`, { reason: 'charter fell through' }, asAgent)
    expect(ended.body).toMatchObject({ state: action === 'cancel' ? 'CANCELLED' : 'OMITTED' })
    for (const later of ['approve', 'cancel', 'omit', 'resubmit']) {
      const refused = await decide(`${id}/${later}`, undefined, asOffice)
      expect(refused).toMatchObject({ status: 409, body: { code: 'PORT_CALL_ENDED' } })
    }
    const timestamp = {
      portCallServiceTypeCode: 'BERTH',
      portCallServiceEventTypeCode: 'ARRI',
      classifierCode: 'EST',
      serviceDateTime: '2026-12-01T10:00:00Z',
    }
    const late = await barcos.post(`/v1/port-calls/${id}/timestamps`, timestamp, asOffice)
    expect(late).toMatchObject({ status: 409, body: { code: 'PORT_CALL_ENDED' } })
  })

  it('refuses what the state does not allow', async () => {
    const { id } = await barcos.announce(vesselId)
    expect(await decide(`${id}/resubmit`, undefined, asAgent)).toMatchObject({
      status: 409,
      body: { code: 'PORT_CALL_NOT_IN_STATE' },
    })
    await decide(`${id}/approve`, undefined, asOffice)
    expect(await decide(`${id}/approve`, undefined, asOffice)).toMatchObject({ status: 409 })
    expect(await decide(`${id}/reject`, { reason: 'late' }, asOffice)).toMatchObject({
      status: 409,
    })
  })

  it('lets one of several who decide at once succeed', async () => {
    const { id } = await barcos.announce(vesselId)
    const answers = await Promise.all([
      decide(`${id}/approve`, undefined, asOffice),
      decide(`${id}/reject`, { reason: 'full' }, asOffice),
      decide(`${id}/approve`, undefined, asOffice),
    ])
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '409', '409'])
  })

  it('heeds If-Match where it is given', async () => {
    const { id } = await barcos.announce(vesselId)
    expect(
      await decide(`${id}/approve`, undefined, { as: office, headers: { 'if-match': '"9"' } }),
    ).toMatchObject({
      status: 412,
    })
    expect(
      await decide(`${id}/approve`, undefined, { as: office, headers: { 'if-match': '"1"' } }),
    ).toMatchObject({
      status: 200,
    })
  })

  it('needs a reason to reject, and takes no unknown property', async () => {
    const { id } = await barcos.announce(vesselId)
    for (const body of [undefined, {}, { reason: '' }, { reason: '  ' }, { reason: 'a\0b' }]) {
      expect(await decide(`${id}/reject`, body, asOffice)).toMatchObject({ status: 400 })
    }
    expect(await decide(`${id}/approve`, { because: 'x' }, asOffice)).toMatchObject({ status: 400 })
    expect(
      await decide(
        `${id}/resubmit`,
        { vesselId: '0192f3a0-0000-7000-8000-000000000000' },
        asOffice,
      ),
    ).toMatchObject({ status: 400 })
  })

  it('is the port’s for approval and rejection', async () => {
    const { id } = await barcos.announce(vesselId)
    const machine = { kind: 'machine', scopes: ['barcos/write'] } as const
    for (const as of [agent, machine, { roles: ['viewer'] as const }]) {
      expect(await decide(`${id}/approve`, undefined, { as })).toMatchObject({ status: 403 })
      expect(await decide(`${id}/reject`, { reason: 'x' }, { as })).toMatchObject({ status: 403 })
    }
  })
})

describe('whose port calls one sees', () => {
  it('is 404 for another organisation’s, whatever is asked of it', async () => {
    const { id } = await barcos.announce(vesselId)
    const path = `/v1/port-calls/${id}`
    const timestamp = {
      portCallServiceTypeCode: 'BERTH',
      portCallServiceEventTypeCode: 'ARRI',
      classifierCode: 'EST',
      serviceDateTime: '2026-12-01T10:00:00Z',
    }
    for (const as of [
      otherAgent,
      { roles: ['agent'] as const },
      { roles: ['service-provider'] as const, org: 'pilots' },
    ]) {
      expect(await barcos.request('GET', path, { as })).toMatchObject({ status: 404 })
      expect(await barcos.request('GET', `${path}/timeline`, { as })).toMatchObject({ status: 404 })
      expect(await barcos.post(`${path}/timestamps`, timestamp, { as })).toMatchObject({
        status: 404,
      })
    }
    for (const action of ['cancel', 'omit', 'resubmit']) {
      expect(await decide(`${id}/${action}`, undefined, { as: otherAgent })).toMatchObject({
        status: 404,
      })
    }
    const carrier = { kind: 'machine', scopes: ['barcos/read'], org: 'globex' } as const
    expect(await barcos.request('GET', path, { as: carrier })).toMatchObject({ status: 404 })
    expect(await barcos.request('GET', path, { as: agent })).toMatchObject({ status: 200 })
  })

  it('is everyone’s for an agent who is a viewer besides, to look at and no more', async () => {
    const both: Identity = { roles: ['agent', 'viewer'], org: 'globex' }
    const call = await barcos.announce(vesselId)
    const path = `/v1/port-calls/${call.id}`
    expect(await barcos.request('GET', path, { as: both })).toMatchObject({ status: 200 })
    const stamp = {
      portCallServiceTypeCode: 'BERTH',
      portCallServiceEventTypeCode: 'ARRI',
      classifierCode: 'EST',
      serviceDateTime: '2026-12-01T10:00:00Z',
    }
    expect((await barcos.post(`${path}/cancel`, undefined, { as: both })).status).toBe(404)
    expect((await barcos.post(`${path}/timestamps`, stamp, { as: both })).status).toBe(404)
    const forOthers = announcement({ agentOrganization: 'acme' })
    expect((await barcos.post('/v1/port-calls', forOthers, { as: both })).status).toBe(403)
    expect((await barcos.request('GET', path)).body).toMatchObject({ state: 'ANNOUNCED' })
  })

  it('is one’s own in lists', async () => {
    await barcos.announce(vesselId, { agentOrganization: 'globex', UNLocationCode: 'ESCAD' })
    await barcos.announce(vesselId, { agentOrganization: 'acme', UNLocationCode: 'ESCAD' })
    const list = async (as: object) =>
      (await barcos.request('GET', '/v1/port-calls?UNLocationCode=ESCAD', { as })).body.items.map(
        ({ agentOrganization }: { agentOrganization: string }) => agentOrganization,
      )
    expect(await list(agent)).toEqual(['acme'])
    expect(await list(otherAgent)).toEqual(['globex'])
    expect(await list({ roles: ['agent'] })).toEqual([])
    expect((await list({ roles: ['viewer'] })).toSorted()).toEqual(['acme', 'globex'])
    expect(await list({ kind: 'machine', scopes: ['barcos/read'], org: 'globex' })).toEqual([
      'globex',
    ])
  })
})

describe('searching port calls', () => {
  it('filters by ship, port, state and time, and pages in order with the unknown last', async () => {
    const { id } = await barcos.registerVessel()
    const etas = ['2026-12-03', '2026-12-01', undefined, '2026-12-02', undefined]
    for (const day of etas) {
      await barcos.announce(id, {
        UNLocationCode: 'ESMAD',
        ...(day === undefined ? {} : { eta: `${day}T00:00:00Z` }),
      })
    }
    const all = async (query: string) => {
      const found: { id: string; eta: string | null }[] = []
      let cursor = ''
      for (;;) {
        const { body } = await barcos.request(
          'GET',
          `/v1/port-calls?vesselId=${id}&limit=2&${query}${cursor}`,
        )
        found.push(...body.items)
        if (body.next === null) return found
        cursor = `&cursor=${body.next}`
      }
    }
    const days = (calls: { eta: string | null }[]) => calls.map(({ eta }) => eta?.slice(8, 10))
    const byEta = await all('sort=eta')
    expect(days(byEta)).toEqual(['01', '02', '03', undefined, undefined])
    expect(await all('sort=-eta')).toEqual(byEta.toReversed())
    expect(days(await all('sort=announcedAt'))).toEqual(['03', '01', undefined, '02', undefined])
    const window = 'from=2026-12-01T00:00:01Z&to=2026-12-03T00:00:00Z'
    expect(days(await all(window))).toEqual(['02'])
    expect(await all('UNLocationCode=ESALG')).toEqual([])
    const [first] = byEta
    await decide(`${first?.id}/approve`, undefined, asOffice)
    expect(days(await all('state=APPROVED'))).toEqual(['01'])
    expect(days(await all('state=APPROVED&state=ANNOUNCED'))).toEqual(days(byEta))
    expect(await all('state=CLOSED&state=ARRIVED')).toEqual([])
    for (const query of [
      'state=GONE',
      'state=APPROVED&state=APPROVED',
      'departingTo=x',
      'from=yesterday',
      'UNLocationCode=x',
      'sort=state',
    ]) {
      expect(await barcos.request('GET', `/v1/port-calls?${query}`)).toMatchObject({ status: 400 })
    }
  })

  it('filters by agent, time of departure and reference, and sorts by departure', async () => {
    const { id } = await barcos.registerVessel()
    const made = [
      { agentOrganization: 'acme', etd: '2026-12-04T00:00:00Z', portVisitReference: 'ALG-1' },
      { agentOrganization: 'globex', etd: '2026-12-03T00:00:00Z' },
      { agentOrganization: 'acme' },
    ]
    for (const given of made) await barcos.announce(id, given)
    const found = async (query: string) => {
      const { body } = await barcos.request('GET', `/v1/port-calls?vesselId=${id}&${query}`)
      return body.items.map(({ etd }: { etd: string | null }) => etd?.slice(8, 10))
    }
    expect(await found('sort=etd')).toEqual(['03', '04', undefined])
    expect(await found('sort=-etd&limit=1')).toEqual([undefined])
    expect(await found('agentOrganization=acme&sort=etd')).toEqual(['04', undefined])
    expect(await found('departingFrom=2026-12-03T00:00:01Z')).toEqual(['04'])
    expect(await found('departingTo=2026-12-04T00:00:00Z')).toEqual(['03'])
    expect(await found('portVisitReference=ALG-1')).toEqual(['04'])
    const others = await barcos.request('GET', '/v1/port-calls?agentOrganization=globex', asAgent)
    expect(others.body.items).toEqual([])
  })
})

describe('amending a port call', () => {
  const amend = (
    call: { id: string },
    body: object,
    by: { as?: Identity; version?: string } = {},
  ) =>
    barcos.request('PATCH', `/v1/port-calls/${call.id}`, {
      as: by.as ?? agent,
      body,
      headers: by.version === '' ? {} : { 'if-match': by.version ?? '"1"' },
    })

  it('changes what is declared, keeps what it was, and tells of it', async () => {
    const call = await barcos.announce(vesselId, {
      eta: '2026-12-01T10:00:00Z',
      etd: '2026-12-02T10:00:00Z',
      nextPort: 'NLRTM',
    })
    const amended = await amend(call, {
      eta: '2026-12-01T12:00:00+01:00',
      nextPort: null,
      purposes: ['BUNKERING'],
      portVisitReference: 'ALG-77',
      etd: '2026-12-02T10:00:00Z',
    })
    expect(amended).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: {
        eta: '2026-12-01T11:00:00.000Z',
        etd: '2026-12-02T10:00:00.000Z',
        nextPort: null,
        purposes: ['BUNKERING'],
        portVisitReference: 'ALG-77',
        state: 'ANNOUNCED',
      },
    })
    const [kept] = await barcos.opened.database.sql<Record<string, unknown>>(
      `SELECT action, from_state, to_state, decided_by, changes FROM port_call_decision
       WHERE port_call_id = $1::uuid AND action = 'amend'`,
      [call.id],
    )
    expect(kept).toEqual({
      action: 'amend',
      from_state: 'ANNOUNCED',
      to_state: 'ANNOUNCED',
      decided_by: 'acme-agent',
      changes: {
        eta: { from: '2026-12-01T10:00:00.000Z', to: '2026-12-01T11:00:00.000Z' },
        nextPort: { from: 'NLRTM', to: null },
        purposes: { from: ['DISCHARGING', 'LOADING'], to: ['BUNKERING'] },
        portVisitReference: { from: null, to: 'ALG-77' },
      },
    })
    const { body: timeline } = await barcos.request('GET', `/v1/port-calls/${call.id}/timeline`)
    expect(timeline.items.at(-1).decision).toMatchObject({
      action: 'amend',
      changes: { nextPort: { from: 'NLRTM', to: null } },
    })
    const told = (await barcos.events()).findLast(({ subject }) => subject === call.id)
    expect(told).toMatchObject({
      type: 'barcos.port-call.amended',
      data: {
        portVisitReference: 'ALG-77',
        nextPort: null,
        changed: ['purposes', 'nextPort', 'eta', 'portVisitReference'],
      },
    })
  })

  it('is nothing where nothing differs', async () => {
    const call = await barcos.announce(vesselId, { eta: '2026-12-01T10:00:00Z' })
    expect(await amend(call, { eta: '2026-12-01T11:00:00+01:00', etd: null })).toMatchObject({
      status: 200,
      body: { version: 1 },
    })
    expect(await amend(call, {})).toMatchObject({ status: 400 })
  })

  it('names the version it is meant for, and every broken rule', async () => {
    const call = await barcos.announce(vesselId, { eta: '2026-12-01T10:00:00Z' })
    expect(await amend(call, { nextPort: 'NLRTM' }, { version: '' })).toMatchObject({ status: 428 })
    expect(await amend(call, { nextPort: 'NLRTM' }, { version: '"2"' })).toMatchObject({
      status: 412,
    })
    const broken = await amend(call, { etd: '2026-12-01T09:00:00Z', previousPort: 'QQAAA' })
    expect(broken).toMatchObject({ status: 422, body: { code: 'PORT_CALL_INVALID' } })
    expect(broken.body.errors).toMatchObject([{ pointer: '#/previousPort' }, { pointer: '#/etd' }])
    expect(await amend(call, { vesselId })).toMatchObject({ status: 400 })
    expect(await amend(call, { eta: 'soon' })).toMatchObject({ status: 400 })
    expect(await amend(call, { nextPort: 'NLRTM' }, { as: otherAgent })).toMatchObject({
      status: 404,
    })
    expect(await amend(call, { nextPort: 'NLRTM' }, { as: { roles: ['viewer'] } })).toMatchObject({
      status: 403,
    })
  })

  it('is of what is still to come once the ship has arrived', async () => {
    const call = await barcos.announce(vesselId)
    await decide(`${call.id}/approve`, undefined, asOffice)
    expect(await amend(call, { nextPort: 'NLRTM' }, { version: '"2"' })).toMatchObject({
      status: 200,
    })
    await decide(`${call.id}/arrive`, undefined, asOffice)
    expect(await amend(call, { previousPort: 'MAPTM' }, { version: '*' })).toMatchObject({
      status: 409,
      body: {
        code: 'PORT_CALL_NOT_IN_STATE',
        detail: 'It is ARRIVED, while this needs ANNOUNCED or APPROVED',
      },
    })
    const later = { nextPort: 'MAPTM', declaredDepartureDraft: 9.5 }
    expect(await amend(call, later, { version: '*' })).toMatchObject({ status: 200, body: later })
  })
})
