import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
let vesselId: string
beforeAll(async () => {
  barcos = await startBarcos()
  vesselId = (await barcos.registerVessel()).id
})
afterAll(() => barcos[Symbol.asyncDispose]())

const record = (id: string, body: object, by: Parameters<typeof barcos.post>[2] = {}) =>
  barcos.post(`/v1/port-calls/${id}/timestamps`, body, by)
const asAgent = { as: agent }
const timeline = async (id: string, query = '') =>
  (await barcos.request('GET', `/v1/port-calls/${id}/timeline${query}`)).body

const stamp = (service: `${string} ${string}`, time: string, classifier = 'ACT') => {
  const [portCallServiceTypeCode, portCallServiceEventTypeCode] = service.split(' ')
  return {
    portCallServiceTypeCode,
    portCallServiceEventTypeCode,
    classifierCode: classifier,
    serviceDateTime: `2026-11-01T${time}:00Z`,
  }
}

describe('recording a timestamp', () => {
  it('keeps what a person said and tells of it', async () => {
    const { id } = await barcos.announce(vesselId)
    const made = await record(
      id,
      {
        ...stamp('BERTH ARRI', '10:00'),
        portCallPhaseTypeCode: 'INBD',
        locationName: 'Muelle Juan Carlos I',
        remark: 'second line ashore',
      },
      asAgent,
    )
    expect(made).toMatchObject({ status: 201 })
    expect(made.body).toEqual({
      id: expect.any(String),
      portCallId: id,
      portCallServiceId: expect.any(String),
      replyTo: null,
      portCallServiceTypeCode: 'BERTH',
      portCallServiceEventTypeCode: 'ARRI',
      portCallPhaseTypeCode: 'INBD',
      classifierCode: 'ACT',
      serviceDateTime: '2026-11-01T10:00:00.000Z',
      serviceLocation: {
        UNLocationCode: 'ESALG',
        facilityCode: null,
        facilityCodeListProvider: null,
        locationName: 'Muelle Juan Carlos I',
        geoCoordinate: null,
      },
      requestedLocation: null,
      delayReasonCodes: [],
      isFYI: false,
      source: 'PERSON',
      party: 'SHIP',
      reportedVessel: { vesselIMONumber: null, MMSINumber: null, name: null },
      breaches: [],
      remark: 'second line ashore',
      recordedBy: 'acme-agent',
      recordedAt: expect.any(String),
      attachedBy: null,
      attachedAt: null,
    })
    const event = (await barcos.events()).find(({ subject }) => subject === made.body.id)
    expect(event).toMatchObject({
      type: 'barcos.timestamp.recorded',
      data: { portCallId: id, portCallServiceTypeCode: 'BERTH', source: 'PERSON' },
    })
  })

  it('names every breach of the matrix', async () => {
    const { id } = await barcos.announce(vesselId)
    const breaches = async (body: object) => {
      const answer = await record(id, body, asAgent)
      expect(answer).toMatchObject({ status: 422, body: { code: 'TIMESTAMP_REFUSED' } })
      return answer.body.errors
    }
    expect(
      await breaches({
        ...stamp('ANCHORAGE ARRI', '10:00', 'REQ'),
        portCallPhaseTypeCode: 'INBD',
      }),
    ).toEqual([
      {
        pointer: '#/portCallServiceEventTypeCode',
        code: 'EVENT_TYPE_OF_SERVICE',
        detail: 'must be STRT or CMPL for ANCHORAGE',
      },
      {
        pointer: '#/portCallPhaseTypeCode',
        code: 'PHASE_OF_SERVICE',
        detail: 'must be left out: ANCHORAGE has no phase',
      },
      {
        pointer: '#/classifierCode',
        code: 'SIDE_OF_SERVICE',
        detail: 'REQ ANCHORAGE comes only from PORT',
      },
    ])
    expect(await breaches(stamp('SEA_PASSAGE STRT', '10:00', 'EST'))).toEqual([
      {
        pointer: '#/classifierCode',
        code: 'CLASSIFIER_OF_SERVICE',
        detail: 'must be ACT for SEA_PASSAGE',
      },
    ])
    const moves = await record(id, stamp('MOVES ARRI', '10:00'))
    expect(moves.body.errors).toEqual([
      {
        pointer: '#/portCallServiceTypeCode',
        code: 'SERVICE_HAS_TIMESTAMPS',
        detail: 'MOVES has no timestamp',
      },
    ])
    const future = new Date(Date.now() + 3_600_000).toISOString()
    expect(
      await breaches({ ...stamp('BERTH ARRI', '10:00'), serviceDateTime: future }),
    ).toMatchObject([{ pointer: '#/serviceDateTime' }])
    expect((await timeline(id)).items).toHaveLength(1)
  })

  it('keeps the order of a berth stay, and begins anew after a shift', async () => {
    const { id } = await barcos.announce(vesselId)
    const steps: [`${string} ${string}`, string][] = [
      ['BERTH ARRI', '10:00'],
      ['ALL_FAST ARRI', '10:20'],
      ['BERTH DEPA', '15:00'],
    ]
    for (const [service, time] of steps) {
      expect(await record(id, stamp(service, time), asAgent)).toMatchObject({ status: 201 })
    }
    const late = await record(id, stamp('VESSEL_READY_TO_SAIL ARRI', '15:30'), asAgent)
    expect(late.body.errors).toEqual([
      {
        pointer: '#/serviceDateTime',
        code: 'ORDER_OF_STAY',
        detail: 'must not be after BERTH DEPA at 2026-11-01T15:00:00.000Z',
      },
    ])
    for (const [service, time] of [
      ['VESSEL_READY_TO_SAIL ARRI', '14:30'],
      ['BERTH ARRI', '16:00'],
      ['ALL_FAST ARRI', '16:10'],
    ] as const) {
      expect(await record(id, stamp(service, time), asAgent)).toMatchObject({ status: 201 })
    }
  })

  it('lets not both of two that contradict each other pass', async () => {
    const { id } = await barcos.announce(vesselId)
    const answers = await Promise.all([
      record(id, stamp('BERTH DEPA', '10:00'), asAgent),
      record(id, stamp('VESSEL_READY_TO_SAIL ARRI', '11:00'), asAgent),
    ])
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['201', '422'])
  })

  it('happens once however often it is sent with one key', async () => {
    const { id } = await barcos.announce(vesselId)
    const headers = { 'idempotency-key': 'stamp' }
    const body = stamp('BERTH DEPA', '09:00', 'PLN')
    const first = await record(id, body, { as: agent, headers })
    expect(await record(id, body, { as: agent, headers })).toMatchObject({
      status: 201,
      body: first.body,
    })
    expect((await timeline(id)).items).toHaveLength(2)
  })

  it('refuses hostile bodies with the place of the fault', async () => {
    const { id } = await barcos.announce(vesselId)
    const plain = stamp('BERTH ARRI', '10:00')
    const faults: [object, string][] = [
      [{ ...plain, source: 'AIS' }, '#/source'],
      [{ ...plain, portCallId: id }, '#/portCallId'],
      [{ ...plain, portCallServiceTypeCode: 'TELEPORT' }, '#/portCallServiceTypeCode'],
      [{ ...plain, serviceDateTime: '2026-11-31T10:00:00Z' }, '#/serviceDateTime'],
      [{ ...plain, remark: 'a\0' }, '#/remark'],
      [{ ...plain, remark: 'x'.repeat(501) }, '#/remark'],
    ]
    for (const [body, pointer] of faults) {
      const answer = await record(id, body, asAgent)
      expect({ pointer, status: answer.status }).toEqual({ pointer, status: 400 })
      expect(answer.body.errors).toMatchObject([{ pointer }])
    }
  })

  it('is for those who may', async () => {
    const { id } = await barcos.announce(vesselId)
    const body = stamp('BERTH ARRI', '10:00', 'EST')
    expect(await record(id, body, { as: { roles: ['viewer'] } })).toMatchObject({ status: 403 })
    expect(await record(id, body, { as: otherAgent })).toMatchObject({ status: 404 })
    const carrier = {
      kind: 'machine',
      scopes: ['barcos/write'],
      org: 'acme',
      subject: 'line',
    } as const
    expect(await record(id, body, { as: carrier })).toMatchObject({
      status: 201,
      body: { source: 'SYSTEM', recordedBy: 'line' },
    })
  })
})

describe('the timeline of a call', () => {
  it('is in the order of time, whatever the order of recording, and marks what counts', async () => {
    const { id } = await barcos.announce(vesselId)
    const carrier = { kind: 'machine', scopes: ['barcos/write'], org: 'acme' } as const
    await record(id, stamp('BERTH ARRI', '12:00', 'EST'), asAgent)
    await record(id, stamp('PILOT_BOARDING_PLACE ARRI', '08:00', 'PLN'), asAgent)
    await record(id, stamp('BERTH ARRI', '11:00', 'EST'), asAgent)
    await record(id, stamp('BERTH ARRI', '10:30', 'EST'), { as: carrier })
    const { items, next } = await timeline(id)
    expect(next).toBeNull()
    type Entry = { kind: string; time: string; effective: boolean | null; source: string }
    const rows = items.map(({ kind, time, effective, source }: Entry) => [
      kind,
      time.slice(11, 16),
      source,
      effective,
    ])
    expect(rows.slice(0, 4)).toEqual([
      ['TIMESTAMP', '08:00', 'PERSON', true],
      ['TIMESTAMP', '10:30', 'SYSTEM', false],
      ['TIMESTAMP', '11:00', 'PERSON', true],
      ['TIMESTAMP', '12:00', 'PERSON', false],
    ])
    expect(items.at(-1)).toMatchObject({ kind: 'DECISION', decision: { action: 'announce' } })
  })

  it('is paged, each entry once and in order', async () => {
    const { id } = await barcos.announce(vesselId)
    for (const minute of ['01', '02', '03', '03', '04']) {
      await record(id, stamp('BERTH ARRI', `10:${minute}`, 'EST'), asAgent)
    }
    const whole = await timeline(id)
    const found: object[] = []
    let cursor = ''
    for (;;) {
      const { items, next } = await timeline(id, `?limit=2${cursor}`)
      found.push(...items)
      if (next === null) break
      cursor = `&cursor=${next}`
    }
    expect(found).toEqual(whole.items)
    expect(found).toHaveLength(6)
    const other = await barcos.announce(vesselId)
    const stolen = await barcos.request(
      'GET',
      `/v1/port-calls/${other.id}/timeline?cursor=${(await timeline(id, '?limit=1')).next}`,
    )
    expect(stolen).toMatchObject({ status: 400, body: { code: 'CURSOR_INVALID' } })
  })
})
