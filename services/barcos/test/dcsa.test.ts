import { randomUUID } from 'node:crypto'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventAbout, path, system } from './dcsa-events.ts'
import { agent, nextIdentity, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const otherSystem: Identity = { ...system, subject: 'globex-system', org: 'globex' }
const office: Identity = { roles: ['harbour-master'] }

type By = { as?: Identity | null; headers?: Record<string, string> }

const send = (events: unknown, { as = system, headers = {} }: By = {}) =>
  barcos.request('POST', path, { as, headers, body: { events } })

const read = async (query = '', as: Identity = office) =>
  barcos.request('GET', `${path}${query}`, { as })

/** A ship with a call of acme's at ESALG. */
const announced = async (given: object = {}) => {
  const identity = nextIdentity()
  const vessel = await barcos.registerVessel({
    name: `Ship ${identity.vesselIMONumber}`,
    ...identity,
  })
  const call = await barcos.announce(vessel.id, given)
  return { call, vessel, identity }
}

type Announced = Awaited<ReturnType<typeof announced>>

const timestampsOf = async ({ call }: Announced) => {
  const { body } = await barcos.request('GET', `/v1/port-calls/${call.id}/timeline?limit=200`)
  const entries: {
    timestamp: { id: string; party: string | null; breaches: string[] } | null
    effective: boolean
  }[] = body.items
  return entries.flatMap(({ timestamp, effective }) =>
    timestamp ? [{ ...timestamp, effective }] : [],
  )
}

const eventsOf = async ({ call }: Announced, as?: Identity) =>
  (await read(`?portCallID=${call.id}`, as)).body.events

describe('an event that is sent', () => {
  it('is recorded on the open call of its ship, and told again', async () => {
    const about = await announced()
    const event = eventAbout(about, {
      isFYI: true,
      terminalCall: { terminalCallReference: 'T-1', sequenceNumber: 2 },
      timestamp: {
        classifierCode: 'EST',
        serviceDateTime: '2027-01-10T09:00:00+01:00',
        delayReasonCodes: ['STR'],
        remark: 'Port closed due to strike',
      },
    })
    const answer = await send([event])
    expect(answer).toMatchObject({ status: 200, headers: { 'api-version': '2.0.0' }, body: {} })
    expect(answer.body).toEqual({})
    expect(await timestampsOf(about)).toMatchObject([
      {
        portCallServiceTypeCode: 'BERTH',
        classifierCode: 'EST',
        serviceDateTime: '2027-01-10T08:00:00.000Z',
        source: 'SYSTEM',
        recordedBy: 'acme-system',
        party: 'SHIP',
        delayReasonCodes: ['STR'],
        remark: 'Port closed due to strike',
        breaches: [],
        effective: true,
      },
    ])
    const [told] = await eventsOf(about)
    expect(told).toEqual({
      eventID: event.eventID,
      eventUpdatedDateTime: '2026-11-20T10:00:00.000Z',
      isFYI: true,
      portCall: { portCallID: about.call.id, UNLocationCode: 'ESALG', isOmitted: false },
      terminalCall: { terminalCallReference: 'T-1', sequenceNumber: 2 },
      portCallService: {
        portCallServiceID: expect.any(String),
        portCallServiceTypeCode: 'BERTH',
        portCallServiceEventTypeCode: 'ARRI',
        portCallPhaseTypeCode: 'INBD',
        facilityTypeCode: 'BRTH',
        serviceLocation: { UNLocationCode: 'ESALG' },
        isCanceled: false,
        isDeclined: false,
      },
      vessel: {
        vesselIMONumber: about.identity.vesselIMONumber,
        vesselMMSINumber: about.identity.MMSINumber,
        vesselName: about.vessel.name,
      },
      timestamp: {
        classifierCode: 'EST',
        serviceDateTime: '2027-01-10T08:00:00.000Z',
        delayReasonCodes: ['STR'],
        remark: 'Port closed due to strike',
      },
    })
  })
})

describe('the call of an event', () => {
  it('is the one whose id it names, else the one with its reference', async () => {
    const about = await announced()
    const elsewhere = { vessel: { vesselMMSINumber: '224999999' } }
    const byId = eventAbout(about, {
      ...elsewhere,
      portCall: { portCallID: about.call.id, UNLocationCode: 'ESBCN' },
    })
    const { body } = await send([byId])
    expect(body.feedbackElements).toEqual([
      {
        severity: 'WARN',
        message: 'differs from the port call’s, which is ESALG',
        propertyPath: '$.events[0].portCall.UNLocationCode',
      },
      {
        severity: 'WARN',
        message: `differs from the port call’s, which is ${about.identity.MMSINumber}`,
        propertyPath: '$.events[0].vessel.vesselMMSINumber',
      },
    ])
    const referred = await announced({ portVisitReference: 'ALG-2027-7' })
    await send([
      eventAbout(about, { ...elsewhere, portCall: { portVisitReference: 'ALG-2027-7' } }),
    ])
    expect(await timestampsOf(about)).toHaveLength(1)
    expect(await timestampsOf(referred)).toHaveLength(1)
  })

  it('of what has happened belongs to the call that the ship is in port for, not to its next one', async () => {
    const about = await announced()
    for (const action of ['approve', 'arrive']) {
      const answer = await barcos.post(`/v1/port-calls/${about.call.id}/${action}`, undefined, {
        as: office,
      })
      if (answer.status !== 200) throw new Error(answer.text)
    }
    // The next one's declared arrival is nearer in time to what is told.
    const happened = new Date(Date.now() - 3_600_000).toISOString()
    const next = await barcos.announce(about.vessel.id, { eta: happened })
    const actual = { classifierCode: 'ACT', serviceDateTime: happened }
    const { body } = await send([eventAbout(about, { timestamp: actual })])
    expect(body.feedbackElements ?? []).toEqual([])
    expect(await timestampsOf(about)).toHaveLength(1)
    expect(await timestampsOf({ ...about, call: next })).toEqual([])
  })

  it('unknown leaves an orphan, which the port attaches later', async () => {
    const identity = nextIdentity()
    const event = eventAbout({ identity })
    const answer = await send([event])
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.body.feedbackElements).toEqual([
      {
        severity: 'WARN',
        message: 'belongs to no open port call that is known: kept, to be attached by the port',
        propertyPath: '$.events[0].portCall',
      },
    ])
    const orphans = await barcos.request(
      'GET',
      `/v1/timestamps?orphan=true&vesselIMONumber=${identity.vesselIMONumber}`,
    )
    expect(orphans.body.items).toMatchObject([
      {
        source: 'SYSTEM',
        portCallId: null,
        reportedVessel: { vesselIMONumber: identity.vesselIMONumber },
        serviceLocation: { UNLocationCode: 'ESALG' },
      },
    ])
    const [orphan] = orphans.body.items
    const told = (await barcos.events()).find(({ subject }) => subject === orphan.id)
    expect(told).toMatchObject({ type: 'barcos.timestamp.recorded', data: { portCallId: null } })
    const mine = `?vesselIMONumber=${identity.vesselIMONumber}`
    expect((await read(mine)).body.events).toEqual([])
    // Its sender sees that it is kept, and nobody else does.
    expect((await read(mine, system)).body.events).toMatchObject([
      { eventID: event.eventID, timestamp: event.timestamp },
    ])
    expect((await read(`${mine}&classifierCode=ACT`, system)).body.events).toEqual([])
    expect((await read(mine, otherSystem)).body.events).toEqual([])
    const vessel = await barcos.registerVessel(identity)
    const call = await barcos.announce(vessel.id)
    const attached = await barcos.post(`/v1/timestamps/${orphan.id}/attachment`, {
      portCallId: call.id,
    })
    expect(attached.status).toBeLessThan(300)
    expect((await read(mine, system)).body.events).toHaveLength(1)
    expect((await read(mine)).body.events).toMatchObject([
      { eventID: event.eventID, portCall: { portCallID: call.id } },
    ])
  })

  it('of another organisation is as if it were not there', async () => {
    const about = await announced()
    const theirs = eventAbout(about, { portCall: { portCallID: about.call.id } })
    for (const event of [theirs, eventAbout(about, { portCall: { UNLocationCode: 'ESALG' } })]) {
      const answer = await send([event], { as: otherSystem })
      expect(answer.body.feedbackElements).toMatchObject([
        { severity: 'WARN', propertyPath: '$.events[0].portCall' },
      ])
      expect(answer.text).not.toContain(about.call.id)
    }
    expect(await timestampsOf(about)).toEqual([])
    await send([eventAbout(about)])
    // What its own organisation has sent, as it was sent, and nothing of the call.
    for (const as of [otherAgent, otherSystem]) {
      expect(await eventsOf(about, as)).toMatchObject([{ eventID: theirs.eventID }])
    }
    expect(await eventsOf(about, agent)).toHaveLength(1)
    expect(await eventsOf(about, system)).toHaveLength(1)
  })

  it('that has ended takes no more', async () => {
    const about = await announced()
    await barcos.post(`/v1/port-calls/${about.call.id}/cancel`, { reason: 'engine' })
    const answer = await send([
      eventAbout(about, { portCall: { portCallID: about.call.id, UNLocationCode: 'ESALG' } }),
    ])
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.body.feedbackElements).toMatchObject([
      { severity: 'ERROR', propertyPath: '$.events[0].portCall' },
    ])
    expect(await timestampsOf(about)).toEqual([])
  })
})

describe('the same event again', () => {
  it('changes nothing, however often and at once it is sent', async () => {
    const about = await announced()
    const events = [eventAbout(about), eventAbout(about)]
    const answers = await Promise.all([
      send(events),
      send(events.toReversed()),
      send(events),
      send(events.toReversed()),
    ])
    for (const { status } of answers) expect(status).toBe(200)
    const told = answers.flatMap(({ body }) => body.feedbackElements ?? [])
    expect(told).toHaveLength(6)
    for (const element of told) {
      expect(element).toMatchObject({
        severity: 'INFO',
        message: 'was received before: nothing changes',
      })
    }
    expect(await timestampsOf(about)).toHaveLength(2)
    expect(await eventsOf(about)).toHaveLength(2)
  })

  it('updated later replaces what it said', async () => {
    const about = await announced()
    const event = eventAbout(about)
    await send([event])
    const updated = {
      ...event,
      eventUpdatedDateTime: '2026-11-20T11:00:00Z',
      timestamp: { classifierCode: 'EST', serviceDateTime: '2027-01-10T12:00:00Z' },
    }
    expect((await send([updated])).body).toEqual({})
    expect(await timestampsOf(about)).toMatchObject([
      {
        serviceDateTime: '2027-01-10T08:00:00.000Z',
        breaches: ['LATEST_OF_EVENT'],
        effective: false,
      },
      { serviceDateTime: '2027-01-10T12:00:00.000Z', breaches: [], effective: true },
    ])
    expect(await eventsOf(about)).toMatchObject([
      {
        eventID: event.eventID,
        eventUpdatedDateTime: '2026-11-20T11:00:00.000Z',
        timestamp: { serviceDateTime: '2027-01-10T12:00:00.000Z' },
      },
    ])
  })

  it('with other words and no later time is not taken', async () => {
    const about = await announced()
    const event = eventAbout(about)
    await send([event])
    const other = { ...event, timestamp: { ...event.timestamp, classifierCode: 'PLN' } }
    for (const eventUpdatedDateTime of ['2026-11-20T10:00:00Z', '2026-11-19T10:00:00Z']) {
      const { body } = await send([{ ...other, eventUpdatedDateTime }])
      expect(body.feedbackElements).toEqual([
        {
          severity: 'WARN',
          message:
            'is not after 2026-11-20T10:00:00.000Z, the version that is known: nothing changes',
          propertyPath: '$.events[0].eventUpdatedDateTime',
        },
      ])
    }
    expect(await timestampsOf(about)).toMatchObject([{ classifierCode: 'EST' }])
  })

  it('within one message counts once, in its latest version', async () => {
    const about = await announced()
    const event = eventAbout(about)
    const later = {
      ...event,
      eventUpdatedDateTime: '2026-11-20T12:00:00Z',
      timestamp: { classifierCode: 'PLN', serviceDateTime: '2027-01-10T08:00:00Z' },
    }
    const { body } = await send([event, later, event])
    const paths = body.feedbackElements.map(
      ({ propertyPath }: { propertyPath: string }) => propertyPath,
    )
    expect(paths).toEqual(['$.events[0].eventID', '$.events[2].eventID'])
    expect(await timestampsOf(about)).toMatchObject([{ classifierCode: 'PLN' }])
  })

  it('from another organisation is refused, and the first one’s stays', async () => {
    const about = await announced()
    const event = eventAbout(about)
    await send([event])
    const taken = { ...event, eventUpdatedDateTime: '2027-01-01T00:00:00Z', isFYI: true }
    const { body } = await send([taken], { as: otherSystem })
    expect(body.feedbackElements).toMatchObject([
      { severity: 'ERROR', message: 'is the id of another party’s event' },
    ])
    expect(await eventsOf(about)).toMatchObject([{ eventID: event.eventID }])
    expect((await eventsOf(about))[0]).not.toHaveProperty('isFYI')
  })

  it('that the port has told changes nothing', async () => {
    const about = await announced()
    await barcos.post(`/v1/port-calls/${about.call.id}/timestamps`, {
      portCallServiceTypeCode: 'BERTH',
      portCallServiceEventTypeCode: 'ARRI',
      portCallPhaseTypeCode: 'INBD',
      classifierCode: 'EST',
      serviceDateTime: '2027-01-10T07:00:00Z',
    })
    const [told] = await eventsOf(about)
    expect((await send([told])).body.feedbackElements).toMatchObject([{ severity: 'INFO' }])
    expect(await timestampsOf(about)).toHaveLength(1)
  })
})

describe('what breaks a rule', () => {
  it('of the matrix is kept, told with its place, and never counts', async () => {
    const about = await announced()
    const event = eventAbout(about, {
      portCallService: {
        portCallServiceTypeCode: 'BERTH',
        portCallServiceEventTypeCode: 'STRT',
        portCallPhaseTypeCode: 'ALGS',
      },
    })
    const answer = await send([eventAbout(about), event])
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.body.feedbackElements).toEqual([
      {
        severity: 'ERROR',
        message: 'must be ARRI or DEPA for BERTH',
        propertyPath: '$.events[1].portCallService.portCallServiceEventTypeCode',
      },
    ])
    expect(await timestampsOf(about)).toMatchObject([
      { breaches: [], effective: true },
      { breaches: ['EVENT_TYPE_OF_SERVICE'], effective: false },
    ])
    expect(await eventsOf(about)).toHaveLength(1)
  })

  it('is told in Spanish where that is preferred', async () => {
    const about = await announced()
    const event = eventAbout(about, {
      portCallService: { portCallServiceTypeCode: 'BERTH', portCallServiceEventTypeCode: 'CMPL' },
      vessel: { ...eventAbout(about).vessel, lengthOverall: 200 },
    })
    const headers = { 'accept-language': 'es-ES, en;q=0.5' }
    const { body } = await send([event, { eventID: 'x' }], { headers })
    const messages = body.feedbackElements.map(({ message }: { message: string }) => message)
    expect(messages).toEqual([
      'debe ser un UUID como 01981f6e-58c4-7b2a-9d3e-3f1b2c4d5e6f',
      'debe ser MTR o FOT',
      'debe ser ARRI o DEPA para BERTH',
    ])
  })

  it('of one event never loses the others', async () => {
    const about = await announced()
    const good = eventAbout(about)
    const bad: unknown[] = [
      null,
      7,
      [],
      'event',
      {},
      { eventID: 'no uuid' },
      { ...eventAbout(about), eventUpdatedDateTime: '2026-02-30T10:00:00Z' },
      { ...eventAbout(about), timestamp: { classifierCode: 'EST', serviceDateTime: 'soon' } },
      { ...eventAbout(about), timestamp: [] },
      { ...eventAbout(about), timestamp: { remark: 'x'.repeat(501) } },
      { ...eventAbout(about), vessel: { vesselIMONumber: 9_321_483 } },
      { ...eventAbout(about), vessel: { vesselName: 'a\0b' } },
      { ...eventAbout(about), movesForecasts: [{ restowUnits: { totalUnits: 1.5 } }] },
    ]
    const answer = await send([...bad, good])
    expect(answer).toMatchObject({ status: 200 })
    const told = new Set<number>(
      answer.body.feedbackElements.map(({ severity, propertyPath }: Record<string, string>) => {
        expect(severity).toBe('ERROR')
        return Number(/^\$\.events\[(\d+)\]/.exec(propertyPath ?? '')?.[1])
      }),
    )
    expect([...told].toSorted((a, b) => a - b)).toEqual(bad.map((_, index) => index))
    expect(await eventsOf(about)).toMatchObject([{ eventID: good.eventID }])
    const again = await send(bad)
    expect(again).toMatchObject({ status: 400, headers: { 'api-version': '2.0.0' } })
    expect(again.body.feedbackElements.length).toBeGreaterThanOrEqual(bad.length)
  })

  it('with unknown codes or missing parts is kept without a timestamp', async () => {
    const about = await announced()
    const unknown = eventAbout(about, {
      portCallService: {
        portCallServiceTypeCode: 'TELEPORT',
        portCallServiceEventTypeCode: 'ARRI',
      },
      timestamp: { classifierCode: 'EST' },
    })
    const silent = eventAbout(about, { timestamp: undefined })
    const { body } = await send([unknown, silent])
    const told = body.feedbackElements.map(({ severity, propertyPath }: Record<string, string>) => [
      severity,
      propertyPath,
    ])
    expect(told).toEqual([
      ['ERROR', '$.events[0].portCallService.portCallServiceTypeCode'],
      ['ERROR', '$.events[0].timestamp.serviceDateTime'],
      ['WARN', '$.events[1].timestamp'],
    ])
    expect(await timestampsOf(about)).toEqual([])
  })

  it('of properties that the standard does not know is no fault', async () => {
    const about = await announced()
    const event = { ...eventAbout(about, { timestampX: 1 }), extension: { anything: [true] } }
    expect((await send([event])).body).toEqual({})
  })
})

describe('a reply', () => {
  it('names the event that it answers, from whichever side that came', async () => {
    const about = await announced()
    const estimate = eventAbout(about)
    await send([estimate])
    const [told] = await eventsOf(about)
    const request = eventAbout(about, {
      replyToEventID: told.eventID,
      timestamp: { classifierCode: 'REQ', serviceDateTime: '2027-01-10T10:00:00Z' },
    })
    const portSystem: Identity = { ...system, subject: 'port-system' }
    delete portSystem.org
    expect((await send([request], { as: portSystem })).body).toEqual({})
    const plan = eventAbout(about, {
      replyToEventID: request.eventID.toUpperCase(),
      timestamp: { classifierCode: 'PLN', serviceDateTime: '2027-01-10T10:00:00Z' },
    })
    expect((await send([plan])).body).toEqual({})
    expect(await eventsOf(about)).toMatchObject([
      { eventID: estimate.eventID, timestamp: { classifierCode: 'EST' } },
      { eventID: request.eventID, replyToEventID: estimate.eventID },
      { eventID: plan.eventID, replyToEventID: request.eventID },
    ])
    const late = eventAbout(about, {
      replyToEventID: request.eventID,
      timestamp: { classifierCode: 'PLN', serviceDateTime: '2027-01-10T11:00:00Z' },
    })
    expect((await send([late])).body.feedbackElements).toMatchObject([
      { severity: 'ERROR', propertyPath: '$.events[0].timestamp.serviceDateTime' },
    ])
  })

  it('to nothing that is known, or to itself, is taken as none', async () => {
    const about = await announced()
    const event = eventAbout(about)
    const { body } = await send([
      { ...event, replyToEventID: event.eventID },
      eventAbout(about, { replyToEventID: randomUUID() }),
    ])
    expect(body.feedbackElements).toMatchObject([
      { severity: 'WARN', propertyPath: '$.events[0].replyToEventID' },
      { severity: 'WARN', propertyPath: '$.events[1].replyToEventID' },
    ])
    expect(await timestampsOf(about)).toMatchObject([{ effective: false }, { effective: true }])
  })
})

describe('moves forecasts', () => {
  const forecasts = [
    {
      carrierCode: 'MAEU',
      carrierCodeListProvider: 'SMDG',
      restowUnits: { totalUnits: 4 },
      loadUnits: { totalUnits: { totalUnits: 120 }, ladenUnits: { size20Units: 30 } },
    },
    { dischargeUnits: { totalUnits: { size40Units: 80 } } },
  ]
  const moves = (about: Announced, movesForecasts: object[] = forecasts, given: object = {}) => ({
    ...eventAbout(about, {
      portCallService: { portCallServiceTypeCode: 'MOVES', portCallServiceEventTypeCode: 'ARRI' },
      timestamp: undefined,
      ...given,
    }),
    movesForecasts,
  })

  it('are told with the call as they were sent, and replaced by later ones', async () => {
    const about = await announced()
    const event = moves(about)
    expect((await send([event, eventAbout(about)])).body).toEqual({})
    const told = await eventsOf(about)
    expect(told).toHaveLength(2)
    const { body } = await read(`?portCallID=${about.call.id}&portCallServiceTypeCode=MOVES`)
    expect(body.events).toMatchObject([
      { eventID: event.eventID, movesForecasts: event.movesForecasts },
    ])
    expect(body.events[0]).not.toHaveProperty('timestamp')
    const later = moves(about, [{ restowUnits: { totalUnits: 5 } }], {
      eventID: event.eventID,
      eventUpdatedDateTime: '2026-11-21T00:00:00Z',
    })
    await send([later])
    const again = await read(`?portCallID=${about.call.id}&portCallServiceTypeCode=MOVES`)
    expect(again.body.events).toMatchObject([{ movesForecasts: later.movesForecasts }])
  })

  it('are told what is wrong with them', async () => {
    const about = await announced()
    const { body } = await send([
      moves(about, []),
      moves(about, [{}, {}, { carrierCode: 'MAEU' }, { carrierCode: 'MAEU' }], {
        timestamp: { classifierCode: 'EST', serviceDateTime: '2027-01-10T08:00:00Z' },
      }),
      eventAbout(about, { movesForecasts: [{}] }),
    ])
    const paths = body.feedbackElements.map(
      ({ propertyPath }: { propertyPath: string }) => propertyPath,
    )
    expect(paths).toEqual([
      '$.events[0].movesForecasts',
      '$.events[1].timestamp',
      '$.events[1].movesForecasts[1]',
      '$.events[1].movesForecasts[2].carrierCodeListProvider',
      '$.events[1].movesForecasts[3].carrierCode',
      '$.events[1].movesForecasts[3].carrierCodeListProvider',
      '$.events[2].movesForecasts',
    ])
  })
})

describe('a message', () => {
  it('that is no list of events is refused with what is wrong', async () => {
    for (const [body, element] of [
      [{}, { message: 'is missing', propertyPath: '$.events' }],
      [{ events: {} }, { message: 'must be a list', propertyPath: '$.events' }],
      [[], { message: 'must be an object', propertyPath: '$' }],
    ] as const) {
      const answer = await barcos.request('POST', path, { as: system, body })
      expect(answer).toMatchObject({ status: 400, headers: { 'api-version': '2.0.0' } })
      expect(answer.body).toEqual({ feedbackElements: [{ severity: 'ERROR', ...element }] })
    }
    expect(await send([])).toMatchObject({ status: 200, body: {} })
  })

  it('of too many events is refused before any is looked at', async () => {
    const answer = await send(Array.from({ length: 201 }, () => null))
    expect(answer).toMatchObject({ status: 413 })
    expect(answer.body.feedbackElements).toEqual([
      { severity: 'ERROR', message: 'At most 200 events are taken in one message' },
    ])
  })

  it('is carried out once with one Idempotency-Key', async () => {
    const about = await announced()
    const events = [eventAbout(about, { movesForecasts: [{}] })]
    const headers = { 'idempotency-key': randomUUID() }
    const first = await send(events, { headers })
    const again = await send(events, { headers })
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-replayed': 'true' } })
    expect(again.body).toEqual(first.body)
  })

  it('goes back the way it came when parties talk through a proxy', async () => {
    const headers = {
      'request-sending-party': 'Carrier-123',
      'request-receiving-party': 'Port-1',
    }
    const answer = await send([], { headers })
    expect(answer.headers).toMatchObject({
      'response-sending-party': 'Port-1',
      'response-receiving-party': 'Carrier-123',
    })
  })

  it('is for those who take part in calls', async () => {
    for (const [as, status] of [
      [null, 401],
      [{ roles: ['viewer'] }, 403],
      [{ roles: ['gate-clerk'] }, 403],
      [{ kind: 'machine', scopes: ['barcos/read'] }, 403],
      [{ roles: ['service-provider'], org: 'tugs' }, 200],
      [{ roles: ['terminal-planner'] }, 200],
      [{ roles: ['agent'], org: 'acme' }, 200],
    ] as const) {
      const answer = await send([], { as: as as Identity | null })
      expect(answer).toMatchObject({ status, headers: { 'api-version': '2.0.0' } })
      if (status !== 200) expect(answer.body.feedbackElements).toHaveLength(1)
    }
    expect(await read('', { kind: 'machine', scopes: ['barcos/write'] })).toMatchObject({
      status: 403,
    })
  })
})

describe('the list of events', () => {
  it('is filtered by every parameter of the standard', async () => {
    const about = await announced({
      portVisitReference: 'ALG-1',
      carrierServiceName: 'Great Lion Service',
      carrierServiceCode: 'FE1',
      universalServiceReference: 'SR12345A',
      carrierImportVoyageNumber: '2103S',
      carrierExportVoyageNumber: '2104N',
      universalImportVoyageReference: '2301W',
      universalExportVoyageReference: '2302E',
    })
    const other = await announced()
    const terminalCallID = randomUUID()
    await send([
      eventAbout(about, { terminalCall: { terminalCallID, terminalCallReference: '15063401' } }),
      eventAbout(other),
      eventAbout(other, {
        timestamp: { classifierCode: 'PLN', serviceDateTime: '2031-01-01T00:00:00Z' },
      }),
    ])
    const [told] = await eventsOf(about)
    const [timestamp] = await timestampsOf(about)
    const filters: Record<string, string> = {
      portVisitReference: 'ALG-1',
      carrierServiceName: 'Great Lion Service',
      carrierServiceCode: 'FE1',
      universalServiceReference: 'SR12345A',
      terminalCallReference: '15063401',
      carrierImportVoyageNumber: '2103S',
      universalImportVoyageReference: '2301W',
      carrierExportVoyageNumber: '2104N',
      universalExportVoyageReference: '2302E',
      vesselIMONumber: `IMO ${about.identity.vesselIMONumber}`,
      vesselName: about.vessel.name.toLowerCase(),
      vesselMMSINumber: about.identity.MMSINumber,
      portCallID: about.call.id,
      terminalCallID,
      portCallServiceID: told.portCallService.portCallServiceID,
      timestampID: String(timestamp?.id),
    }
    for (const [name, value] of Object.entries(filters)) {
      const { body } = await read(`?${name}=${encodeURIComponent(value)}`)
      const ids = body.events.map(({ eventID }: { eventID: string }) => eventID)
      expect({ name, ids }).toEqual({ name, ids: [told.eventID] })
    }
    expect((await read('?eventTimestampMin=2031-01-01T00:00:00Z')).body.events).toHaveLength(1)
    expect((await read('?eventTimestampMin=2031-01-01T00:00:01Z')).body.events).toEqual([])
    const plans = `?portCallID=${other.call.id}&classifierCode=PLN`
    expect((await read(plans)).body.events).toMatchObject([
      { timestamp: { classifierCode: 'PLN' } },
    ])
    const until = `?portCallID=${other.call.id}&eventTimestampMax=2030-12-31T23:59:59Z`
    expect((await read(until)).body.events).toMatchObject([
      { timestamp: { classifierCode: 'EST' } },
    ])
    const berth = `?portCallID=${other.call.id}&portCallServiceTypeCode=BERTH&UNLocationCode=ESALG`
    expect((await read(berth)).body.events).toHaveLength(2)
    expect((await read('?UNLocationCode=NLAMS')).body.events).toEqual([])
    expect((await read('?vesselIMONumber=12345678')).body.events).toEqual([])
  })

  it('finds a carrier’s names as they came with the event where the call has none', async () => {
    const about = await announced()
    const terminalCall = {
      carrierServiceName: 'Only Here',
      serviceCodeOrReference: { carrierServiceCode: 'XX9' },
      importVoyageNumberOrReference: { universalVoyageReference: '9901N' },
    }
    await send([eventAbout(about, { terminalCall })])
    for (const filter of [
      'carrierServiceName=Only%20Here',
      'carrierServiceCode=XX9',
      'universalImportVoyageReference=9901N',
    ]) {
      expect((await read(`?${filter}`)).body.events).toMatchObject([{ terminalCall }])
    }
  })

  it('comes in pages that miss and repeat nothing while events arrive', async () => {
    const about = await announced()
    const first = Array.from({ length: 7 }, () => eventAbout(about))
    await send(first)
    await send([
      eventAbout(about, {
        portCallService: { portCallServiceTypeCode: 'MOVES', portCallServiceEventTypeCode: 'ARRI' },
        timestamp: undefined,
        movesForecasts: [{}],
      }),
    ])
    const seen: string[] = []
    let query = `?portCallID=${about.call.id}&limit=3`
    for (let pages = 0; pages < 10; pages += 1) {
      const page = await read(query)
      expect(page).toMatchObject({ status: 200, headers: { 'api-version': '2.0.0' } })
      seen.push(...page.body.events.map(({ eventID }: { eventID: string }) => eventID))
      const cursor = page.headers['next-page-cursor']
      if (cursor === undefined) break
      if (pages === 0) await send([eventAbout(about), eventAbout(about)])
      query = `?portCallID=${about.call.id}&limit=3&cursor=${String(cursor)}`
    }
    expect(seen).toHaveLength(10)
    expect(new Set(seen).size).toBe(10)
    expect(seen.slice(0, 7).toSorted()).toEqual(first.map(({ eventID }) => eventID).toSorted())
  })

  it('refuses a cursor that is forged or of other filters, and what is no filter', async () => {
    const about = await announced()
    await send([eventAbout(about), eventAbout(about)])
    const { headers } = await read(`?portCallID=${about.call.id}&limit=1`)
    const cursor = String(headers['next-page-cursor'])
    for (const query of [
      `?portCallID=${about.call.id}&classifierCode=EST&cursor=${cursor}`,
      `?portCallID=${about.call.id}&cursor=${cursor.slice(0, -2)}`,
      `?portCallID=${about.call.id}&cursor=a.b`,
      '?limit=0',
      '?limit=-1',
      '?limit=many',
      '?eventTimestampMin=yesterday',
      '?eventTimestampMin=2026-02-30T00:00:00Z',
      '?portCallID=7',
      '?classifierCode=MAYBE',
      '?portCallServiceTypeCode=TELEPORT',
      '?vessel=x',
      '?UNLocationCode=',
    ]) {
      const answer = await read(query)
      expect({ query, status: answer.status }).toEqual({ query, status: 400 })
      expect(answer.body.feedbackElements).toMatchObject([{ severity: 'ERROR' }])
      expect(answer.headers).toMatchObject({ 'api-version': '2.0.0' })
    }
    expect((await read('?limit=1000000')).status).toBe(200)
    expect((await read('?limit=0')).body.feedbackElements).toEqual([
      { severity: 'ERROR', message: 'limit: must be at least 1' },
    ])
  })

  it('has what AIS and people have said as well', async () => {
    const about = await announced()
    const time = '2026-11-01T10:00:00.000Z'
    await barcos.post(`/v1/port-calls/${about.call.id}/timestamps`, {
      portCallServiceTypeCode: 'SEA_PASSAGE',
      portCallServiceEventTypeCode: 'CMPL',
      portCallPhaseTypeCode: 'INBD',
      classifierCode: 'ACT',
      serviceDateTime: time,
      locationName: 'Bahía de Algeciras',
    })
    const [timestamp] = await timestampsOf(about)
    expect(await eventsOf(about)).toMatchObject([
      {
        eventID: timestamp?.id,
        portCallService: {
          portCallServiceTypeCode: 'SEA_PASSAGE',
          serviceLocation: { locationName: 'Bahía de Algeciras', UNLocationCode: 'ESALG' },
        },
        timestamp: { classifierCode: 'ACT', serviceDateTime: time },
      },
    ])
  })
})

describe('a call with a carrier and a terminal', () => {
  const carrier: Identity = { ...system, subject: 'line-system', org: 'line' }
  const terminal: Identity = { ...system, subject: 'quay-system', org: 'quay' }

  it('is agreed between their two systems', async () => {
    const about = await announced({ carrierOrganization: 'line', terminalOrganization: 'quay' })
    const arrival = (classifierCode: string, given: object = {}) =>
      eventAbout(about, {
        ...given,
        timestamp: { classifierCode, serviceDateTime: '2027-01-10T08:00:00Z' },
      })
    const estimate = arrival('EST')
    const request = arrival('REQ', { replyToEventID: estimate.eventID })
    const plan = arrival('PLN', { replyToEventID: request.eventID })
    expect((await send([estimate], { as: carrier })).body).toEqual({})
    expect((await send([request], { as: terminal })).body).toEqual({})
    expect((await send([plan], { as: carrier })).body).toEqual({})
    for (const as of [carrier, terminal]) {
      expect(
        (await eventsOf(about, as)).map(({ eventID }: { eventID: string }) => eventID),
      ).toEqual([estimate, request, plan].map(({ eventID }) => eventID))
    }
    expect((await timestampsOf(about)).map((each) => [each.party, each.breaches])).toEqual([
      ['SHIP', []],
      ['TERMINAL', []],
      ['SHIP', []],
    ])
    const told = (await barcos.events()).filter(({ data }) => data.portCallId === about.call.id)
    expect(told.length).toBeGreaterThan(3)
    for (const { data } of told) {
      expect(data).toMatchObject({ carrierOrganization: 'line', terminalOrganization: 'quay' })
    }
  })

  it('is theirs to see and its agent’s to change, until another is named', async () => {
    const about = await announced({ carrierOrganization: 'line', terminalOrganization: 'quay' })
    const one = `/v1/port-calls/${about.call.id}`
    expect(await barcos.request('GET', one, { as: carrier })).toMatchObject({ status: 200 })
    const refused = await barcos.post(`${one}/cancel`, { reason: 'mine' }, { as: terminal })
    expect(refused.status).toBe(403)
    const amended = await barcos.request('PATCH', one, {
      headers: { 'if-match': '*' },
      body: { carrierOrganization: 'other-line', terminalOrganization: null },
    })
    expect(amended).toMatchObject({ status: 200, body: { terminalOrganization: null } })
    for (const as of [carrier, terminal]) {
      expect(await barcos.request('GET', one, { as })).toMatchObject({ status: 404 })
    }
  })
})
