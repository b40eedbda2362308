import { randomUUID } from 'node:crypto'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce, event, freshReference, newVisit } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

const path = '/dcsa/tnt/v3/events'
const carrier: Identity = {
  kind: 'machine',
  subject: 'carrier-system',
  scopes: ['carga/read', 'carga/write'],
  org: 'acme',
}
const other: Identity = { ...carrier, subject: 'other-system', org: 'globex' }
let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga()
})
afterAll(() => carga[Symbol.asyncDispose]())

type Options = { as?: Identity; headers?: Record<string, string> }
const post = (events: unknown, { as = carrier, headers = {} }: Options = {}) =>
  carga.request('POST', path, { as, headers, body: { events } })
const get = (query = '', as: Identity = carrier) => carga.request('GET', `${path}${query}`, { as })
const stateOf = async (id: string) =>
  (await carga.request('GET', `/v1/container-visits/${id}`)).body.state

/** A visit of acme's, and its container. */
const visit = async (change: Record<string, unknown> = {}) => {
  const equipmentReference = freshReference()
  const id = await announce(carga, { equipmentReference, carrierOrganization: 'acme', ...change })
  return { id, equipmentReference }
}

/** An actual equipment event of 1 January 2026. */
const sent = (equipmentReference: string, code: string, change: object = {}) => ({
  eventID: randomUUID(),
  eventUpdatedDateTime: '2026-01-02T00:00:00Z',
  eventDateTime: '2026-01-01T10:00:00Z',
  eventLocation: { UNLocationCode: 'ESALG' },
  eventClassification: {
    eventTypeCode: 'EQUIPMENT',
    eventClassifierCode: 'ACT',
    equipmentEventTypeCode: code,
  },
  equipmentDetails: { equipmentReference },
  ...change,
})

const messagesOf = ({ body }: { body: { feedbackElements?: { message: string }[] } }) =>
  (body.feedbackElements ?? []).map(({ message }) => message)

describe('an event that is sent', () => {
  it('moves the visit of its container, and is told again as it was sent', async () => {
    const { id, equipmentReference } = await visit()
    const given = sent(equipmentReference, 'GTIN', {
      eventRouting: { originatingParty: { partyCode: 'ACME' } },
    })
    const answer = await post([given])
    expect(answer).toMatchObject({ status: 200, headers: { 'api-version': '3.0.0' } })
    expect(answer.body).toEqual({})
    expect(await stateOf(id)).toBe('GATED_IN')
    const { body } = await get(`?equipmentReference=${equipmentReference}`)
    expect(body.events).toEqual([given])
  })

  it('changes nothing when it comes again, and replaces when it was updated', async () => {
    const { id, equipmentReference } = await visit()
    const given = sent(equipmentReference, 'GTIN')
    await post([given])
    expect(messagesOf(await post([given]))).toEqual([
      'is not later than what is known: nothing was changed',
    ])
    const newer = {
      ...given,
      eventDateTime: '2026-01-01T11:00:00Z',
      eventUpdatedDateTime: '2026-01-03T00:00:00Z',
    }
    expect((await post([newer])).body).toEqual({})
    const { body } = await carga.request('GET', `/v1/container-visits/${id}/events`)
    expect(body.items.map(({ status }: { status: string }) => status)).toEqual([
      'UPDATED',
      'STANDS',
    ])
    expect((await get(`?equipmentReference=${equipmentReference}`)).body.events).toEqual([newer])
  })

  it('is void once it is retracted, and the state is computed anew', async () => {
    const { id, equipmentReference } = await visit()
    const given = sent(equipmentReference, 'GTIN')
    await post([given])
    const void_ = {
      eventID: given.eventID,
      isRetracted: true,
      eventUpdatedDateTime: '2026-01-04T00:00:00Z',
    }
    expect((await post([void_])).body).toEqual({})
    expect(await stateOf(id)).toBe('ADVISED')
    const { body } = await get(`?equipmentReference=${equipmentReference}`)
    expect(body.events).toMatchObject([{ eventID: given.eventID, isRetracted: true }])
    const again = { ...given, eventUpdatedDateTime: '2026-01-05T00:00:00Z' }
    expect(messagesOf(await post([again]))).toEqual([
      'was retracted before: the event is kept only',
    ])
  })

  it('may come before what it follows: the state is the same in the end', async () => {
    const { id, equipmentReference } = await visit({ flow: 'IMPORT' })
    const gateOut = sent(equipmentReference, 'GTOT', { eventDateTime: '2026-01-01T15:00:00Z' })
    expect(messagesOf(await post([gateOut]))).toEqual([
      'DISC is missing before GTOT',
      'YARD is missing before GTOT',
      'CUSR is missing before GTOT',
      'RELS is missing before GTOT',
      'no truck has an appointment to fetch it',
    ])
    expect(await stateOf(id)).toBe('ON_BOARD')
    const release = sent(equipmentReference, '', {
      eventDateTime: '2026-01-01T13:00:00Z',
      eventClassification: {
        eventTypeCode: 'SHIPMENT',
        eventClassifierCode: 'ACT',
        shipmentEventTypeCode: 'RELS',
      },
    })
    await post([
      sent(equipmentReference, 'CUSR', { eventDateTime: '2026-01-01T12:00:00Z' }),
      release,
      sent(equipmentReference, 'DISC'),
    ])
    expect(await stateOf(id)).toBe('DISCHARGED')
    const set = await carga.request('POST', `/v1/container-visits/${id}/events`, {
      body: event('YARD', '11:00'),
    })
    expect(set.status).toBe(201)
    expect(await stateOf(id)).toBe('GATED_OUT')
  })

  it('is kept, and its sender told, when there is no visit for it', async () => {
    const equipmentReference = freshReference()
    const given = sent(equipmentReference, 'GTIN')
    expect((await post([given])).body.feedbackElements).toEqual([
      {
        severity: 'WARN',
        message: 'has no visit that you may write to at this place: the event is kept only',
        propertyPath: '$.events[0].equipmentDetails.equipmentReference',
      },
    ])
    const query = `?equipmentReference=${equipmentReference}`
    expect((await get(query)).body.events).toEqual([given])
    expect((await get(query, other)).body.events).toEqual([])
    expect((await get(query, { roles: ['terminal-planner'] })).body.events).toEqual([given])
  })

  it('is recorded when its container’s visit is announced after it, and not on another’s', async () => {
    const equipmentReference = freshReference()
    const at = (time: string) => ({ eventDateTime: `2026-01-01T${time}:00Z` })
    await post([
      sent(equipmentReference, 'DISC', at('10:00')),
      sent(equipmentReference, 'CUSR', at('09:00')),
      sent(equipmentReference, 'INSP', { eventLocation: { UNLocationCode: 'NLRTM' } }),
    ])
    for (const as of [other, { roles: ['agent'] } satisfies Identity]) {
      await post([sent(equipmentReference, 'STUF')], { as })
    }
    const path = '/v1/container-visits'
    const body = newVisit({ flow: 'IMPORT', equipmentReference, carrierOrganization: 'acme' })
    const made = await carga.request('POST', path, { body })
    expect(made).toMatchObject({ status: 201, body: { state: 'DISCHARGED' } })
    const { body: events } = await carga.request('GET', `${path}/${made.body.id}/events`)
    expect(events.items.map(({ eventCode }: { eventCode: string }) => eventCode)).toEqual([
      'CUSR',
      'DISC',
    ])
    expect(events.items[0]).toMatchObject({ recordedBy: 'acme', obstacles: [] })
  })

  it('finds its visit or is found by it when both come at once', async () => {
    const references = Array.from({ length: 20 }, () => freshReference())
    const ids = await Promise.all(
      references.map(async (equipmentReference) => {
        const [id] = await Promise.all([
          announce(carga, { flow: 'IMPORT', equipmentReference, carrierOrganization: 'acme' }),
          post([sent(equipmentReference, 'DISC')]),
        ])
        return id
      }),
    )
    expect(await Promise.all(ids.map(stateOf))).toEqual(ids.map(() => 'DISCHARGED'))
  })

  it('is of the next stay when it tells of a move after the end of the last', async () => {
    const { id, equipmentReference } = await visit({ flow: 'TRANSSHIPMENT' })
    await post([sent(equipmentReference, 'DISC')])
    await carga.request('POST', `/v1/container-visits/${id}/events`, {
      body: event('YARD', '11:00'),
    })
    await post([sent(equipmentReference, 'LOAD', { eventDateTime: '2026-01-01T12:00:00Z' })])
    expect(await stateOf(id)).toBe('LOADED')
    const next = sent(equipmentReference, 'DISC', {
      eventDateTime: '2026-02-01T10:00:00Z',
    })
    expect(messagesOf(await post([next]))).toEqual([
      'has no visit that you may write to at this place: the event is kept only',
    ])
    const again = await announce(carga, {
      flow: 'IMPORT',
      equipmentReference,
      carrierOrganization: 'acme',
    })
    expect(await stateOf(again)).toBe('DISCHARGED')
  })

  it('writes to no visit of another organisation, and shows it to none', async () => {
    const { id, equipmentReference } = await visit()
    await post([sent(equipmentReference, 'GTIN')], { as: other })
    expect(await stateOf(id)).toBe('ADVISED')
    await post([sent(equipmentReference, 'GTIN')])
    const query = `?equipmentReference=${equipmentReference}`
    expect((await get(query)).body.events).toHaveLength(1)
    expect((await get(query, other)).body.events).toHaveLength(1)
  })

  it('does not stop others by its faults, each of which is told', async () => {
    const { id, equipmentReference } = await visit()
    const good = sent(equipmentReference, 'GTIN')
    const future = new Date(Date.now() + 3_600_000).toISOString()
    const { eventID: _, ...nameless } = good
    const answer = await post([
      { ...sent(equipmentReference, 'GTIN'), eventDateTime: 'noon' },
      nameless,
      sent(equipmentReference, 'GONE'),
      sent(equipmentReference, 'GTIN', { eventDateTime: future }),
      sent(equipmentReference, 'GTIN', { eventClassification: { eventTypeCode: 'FUN' } }),
      good,
    ])
    expect(answer.status).toBe(200)
    const paths = answer.body.feedbackElements.map(
      ({ severity, propertyPath }: Record<string, string>) => `${severity} ${propertyPath}`,
    )
    expect(paths).toEqual([
      'ERROR $.events[0].eventDateTime',
      'ERROR $.events[1].eventID',
      'WARN $.events[2].eventClassification.equipmentEventTypeCode',
      'WARN $.events[3].eventDateTime',
      'WARN $.events[4].eventClassification.eventTypeCode',
    ])
    expect(await stateOf(id)).toBe('GATED_IN')
    expect(await post([nameless])).toMatchObject({ status: 400 })
    expect(await post('events')).toMatchObject({ status: 400 })
    expect(await post(Array(201).fill(good))).toMatchObject({ status: 413 })
    expect(await post([{ ...good, eventID: 'a\0b' }])).toMatchObject({ status: 400 })
  })

  it('has its effect once, when it is sent many times at once', async () => {
    const { id, equipmentReference } = await visit()
    const events = [sent(equipmentReference, 'GTIN'), sent(equipmentReference, 'INSP')]
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => post(n % 2 === 0 ? events : events.toReversed())),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    const { body } = await carga.request('GET', `/v1/container-visits/${id}/events`)
    expect(body.items).toHaveLength(2)
  })
})

describe('events that the port tells', () => {
  it('are those of its own too, as long as DCSA has a code for them', async () => {
    const { id, equipmentReference } = await visit({
      carrierBookingReference: 'BKG-7',
      transportDocumentReference: 'TRD-7',
    })
    const record = (body: object) =>
      carga.request('POST', `/v1/container-visits/${id}/events`, { body })
    const { body: gate } = await record(event('GTIN', '10:00'))
    await record(event('YARD', '11:00'))
    await record(event('DEPA', '12:00', { eventClassifierCode: 'PLN' }))
    const { body } = await get(`?equipmentReference=${equipmentReference}`)
    expect(body.events).toMatchObject([
      {
        eventID: gate.id,
        eventDateTime: '2026-01-01T10:00:00.000Z',
        eventLocation: { UNLocationCode: 'ESALG' },
        eventClassification: {
          eventTypeCode: 'EQUIPMENT',
          eventClassifierCode: 'ACT',
          equipmentEventTypeCode: 'GTIN',
        },
        shipmentDetails: {
          documentReference: { typeCode: 'BKG', reference: 'BKG-7' },
          additionalDocumentReferences: [{ typeCode: 'TRD', reference: 'TRD-7' }],
        },
        equipmentDetails: {
          equipmentReference,
          emptyIndicatorCode: 'LADEN',
          movementType: 'EXPORT',
          seals: [{ number: 'SEAL1' }],
        },
      },
      { eventClassification: { eventTypeCode: 'TRANSPORT', transportEventTypeCode: 'DEPA' } },
    ])
    for (const query of [
      '?carrierBookingReference=BKG-7',
      '?transportDocumentReference=TRD-7',
      `?carrierBookingReference=BKG-7&equipmentReference=${equipmentReference}`,
    ]) {
      expect((await get(query)).body.events).toHaveLength(2)
    }
    expect(
      (await get('?carrierBookingReference=BKG-7&eventTypes=IOT,TRANSPORT')).body.events,
    ).toHaveLength(1)
    expect(
      (await get('?carrierBookingReference=BKG-7&eventUpdatedDateTimeMax=2026-01-01T00:00:00Z'))
        .body.events,
    ).toEqual([])
    await carga.request('POST', `/v1/container-visits/${id}/events/${gate.id}/retract`, {
      body: { reason: 'another container' },
    })
    expect(
      (await get('?carrierBookingReference=BKG-7&eventTypes=EQUIPMENT')).body.events,
    ).toMatchObject([{ eventID: gate.id, isRetracted: true }])
  })

  it('come in pages, whose cursor holds for the same question alone', async () => {
    const { equipmentReference } = await visit()
    await post(
      ['GTIN', 'INSP', 'CUSS', 'CUSI', 'STRP'].map((code) => sent(equipmentReference, code)),
    )
    const query = `?equipmentReference=${equipmentReference}&limit=2`
    const seen: string[] = []
    let page = await get(query)
    for (;;) {
      seen.push(...page.body.events.map(({ eventID }: { eventID: string }) => eventID))
      const cursor = page.headers['next-page-cursor']
      if (cursor === undefined) break
      page = await get(`${query}&cursor=${String(cursor)}`)
    }
    expect(new Set(seen).size).toBe(5)
    const cursor = (await get(query)).headers['next-page-cursor']
    expect(await get(`?limit=2&cursor=${String(cursor)}`)).toMatchObject({
      status: 400,
      body: { feedbackElements: [{ severity: 'ERROR' }] },
    })
  })

  it('are published for webhooks, with whose they are', async () => {
    const { equipmentReference } = await visit()
    const given = sent(equipmentReference, 'GTIN')
    await post([given])
    const { body } = await carga.request('GET', '/v1/feed?limit=1000', { as: { roles: ['admin'] } })
    expect(body.events).toContainEqual(
      expect.objectContaining({
        type: 'carga.tracked-event.recorded',
        data: { carrierOrganization: 'acme', event: given },
      }),
    )
  })
})

describe('errors', () => {
  it('are DCSA’s, whoever refuses', async () => {
    for (const [answer, status] of [
      [await get('?limit=0'), 400],
      [await get('?eventTypes=equipment'), 400],
      [await get('?colour=red'), 400],
      [await get('', { roles: ['viewer'] }), 403],
      [await carga.request('GET', path, { as: null }), 401],
      [await carga.request('DELETE', path, { as: carrier }), 405],
      [await carga.request('GET', `${path}/1`, { as: carrier }), 404],
      [await carga.request('GET', path, { as: carrier, headers: { 'api-version': '2.0.0' } }), 400],
    ] as const) {
      expect(answer).toMatchObject({
        status,
        headers: { 'api-version': '3.0.0' },
        body: { feedbackElements: [{ severity: 'ERROR' }] },
      })
    }
  })
})
