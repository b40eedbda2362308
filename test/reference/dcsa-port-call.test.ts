import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barcos } from '../../services/barcos/src/service.ts'
import { dcsaStandard } from './dcsa-standard.ts'

/** DCSA's own description of Port Call 2.0, below `REFERENCE_DIR`. */
const { expectValid, parametersOf, directory, version } = dcsaStandard('port-call-v2.0.0.yaml')
const example = JSON.parse(
  readFileSync(join(directory, 'port-call-post-example.json'), 'utf8'),
) as { events: Event[] }

type Parameter = { name: string; in: string }
type Event = Record<string, unknown> & { eventID: string; portCall?: { isOmitted?: boolean } }

let service: TestService<object>
const carrier: Identity = {
  kind: 'machine',
  subject: 'carrier-system',
  scopes: ['barcos/read', 'barcos/write'],
  org: 'acme',
}
const path = '/dcsa/port-call/v2/events'

const post = (body: unknown, headers: Record<string, string> = {}) =>
  service.request('POST', path, { as: carrier, body, headers })
const get = (query = '') => service.request('GET', `${path}${query}`, { as: carrier })

const made = async (url: string, body: object): Promise<{ id: string }> => {
  const answer = await service.request('POST', url, { body })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body as { id: string }
}

let portCallID: string
beforeAll(async () => {
  service = await startTestService(barcos, {
    env: {
      RUTAS_URL: 'http://127.0.0.1:9',
      CARGA_URL: 'http://127.0.0.1:9',
      PERSONAL_URL: 'http://127.0.0.1:9',
      BACKGROUND: 'off',
    },
  })
  const vessel = await made('/v1/vessels', {
    name: 'King of the Seas',
    vesselIMONumber: '9321483',
    MMSINumber: '278111222',
    callSign: 'NCVV',
    type: 'CONT',
    lengthOverall: 245.45,
    beam: 37.33,
  })
  const call = await made('/v1/port-calls', {
    vesselId: vessel.id,
    agentOrganization: 'acme',
    UNLocationCode: 'NLAMS',
    purposes: ['LOADING'],
    portVisitReference: 'NLAMS1234589',
    universalServiceReference: 'SR12345A',
    universalImportVoyageReference: '2301W',
    universalExportVoyageReference: '2302E',
  })
  portCallID = call.id
})
afterAll(() => service?.[Symbol.asyncDispose]())

/** What a path of our answers' form leads to in a message. */
const valueAt = (message: unknown, jsonPath: string): unknown =>
  [...jsonPath.matchAll(/\.(\w+)|\[(\d+)\]/g)].reduce<unknown>(
    (value, [, name, index]) =>
      (value as Record<string, unknown> | undefined)?.[name ?? index ?? ''],
    message,
  )

describe('the message of DCSA’s conformance material', () => {
  it('is one of the standard’s', () => expectValid('PostEventsRequest', example))

  it('is taken unchanged, recorded on its call, and answered with what it breaks', async () => {
    const answer = await post(example, { 'api-version': version })
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'api-version': '2.0.0', 'content-type': 'application/json; charset=utf-8' },
    })
    expectValid('PostEventsResponse', answer.body)
    const paths = answer.body.feedbackElements.map(
      ({ propertyPath }: { propertyPath: string }) => propertyPath,
    )
    expect(paths.toSorted()).toEqual([
      '$.events[0].movesForecasts',
      '$.events[0].portCallService.portCallServiceEventTypeCode',
      '$.events[0].replyToEventID',
    ])
    for (const each of paths) expect(valueAt(example, each)).toBeDefined()
    const { body } = await service.request('GET', `/v1/port-calls/${portCallID}/timeline`)
    expect(body.items).toContainEqual(
      expect.objectContaining({
        effective: false,
        timestamp: expect.objectContaining({
          source: 'SYSTEM',
          serviceDateTime: '2025-01-23T01:23:45.000Z',
          breaches: ['EVENT_TYPE_OF_SERVICE'],
          remark: 'Port closed due to strike',
        }),
      }),
    )
  })

  it('is recognised when it is sent again', async () => {
    const answer = await post(example)
    expectValid('PostEventsResponse', answer.body)
    expect(answer.body.feedbackElements).toMatchObject([{ severity: 'INFO' }])
  })
})

describe('pages of events', () => {
  it('are the standard’s, to the last property', async () => {
    const [event] = example.events
    const berth = {
      ...event,
      portCallService: {
        ...(event?.['portCallService'] as object),
        portCallServiceEventTypeCode: 'ARRI',
        portCallPhaseTypeCode: 'INBD',
      },
      replyToEventID: undefined,
      movesForecasts: undefined,
    }
    const moves = {
      ...event,
      portCallService: { portCallServiceTypeCode: 'MOVES', portCallServiceEventTypeCode: 'ARRI' },
      replyToEventID: undefined,
      timestamp: undefined,
    }
    const message = JSON.parse(
      JSON.stringify({
        events: [berth, moves, berth].map((each) => ({ ...each, eventID: randomUUID() })),
      }),
    ) as object
    expectValid('PostEventsRequest', message)
    const answer = await post(message)
    expect(answer).toMatchObject({ status: 200, body: {} })
    expectValid('PostEventsResponse', answer.body)
    await made(`/v1/port-calls/${portCallID}/timestamps`, {
      portCallServiceTypeCode: 'SEA_PASSAGE',
      portCallServiceEventTypeCode: 'CMPL',
      portCallPhaseTypeCode: 'INBD',
      classifierCode: 'ACT',
      serviceDateTime: '2025-01-22T20:00:00Z',
    })

    const events: Event[] = []
    let query = '?limit=2'
    for (;;) {
      const page = await get(query)
      expect(page).toMatchObject({ status: 200, headers: { 'api-version': '2.0.0' } })
      expectValid('GetEventsResponse', page.body)
      events.push(...page.body.events)
      const cursor = page.headers['next-page-cursor']
      if (cursor === undefined) break
      query = `?limit=2&cursor=${String(cursor)}`
    }
    expect(events).toHaveLength(4)
    expect(events.filter(({ movesForecasts }) => movesForecasts !== undefined)).toHaveLength(1)
    // What we tell can be sent to whoever takes the standard's messages, ourselves included.
    expectValid('PostEventsRequest', { events })
    expect((await post({ events })).status).toBe(200)
  })

  it('may be filtered by each parameter of the standard, and by no other', async () => {
    const { body } = await service.request('GET', '/openapi.json', { as: null })
    const namesIn = (parameters: Parameter[]) =>
      parameters.flatMap((each) => (each.in === 'query' ? [each.name] : [])).toSorted()
    const ours = body.paths[path].get.parameters as Parameter[]
    expect(namesIn(ours)).toEqual(namesIn(parametersOf('/events')))
  })

  it('take every example value of the standard’s parameters', async () => {
    for (const { name, example: value } of parametersOf('/events')) {
      if (name === 'cursor') continue
      const answer = await get(`?${name}=${encodeURIComponent(value)}`)
      expect({ name, status: answer.status }).toEqual({ name, status: 200 })
      expectValid('GetEventsResponse', answer.body)
    }
  })
})

describe('the end of a call', () => {
  it('is sent and told in the standard’s words', async () => {
    const omission = {
      events: [
        {
          eventID: randomUUID(),
          eventUpdatedDateTime: new Date().toISOString(),
          portCall: { portCallID, isOmitted: true },
        },
      ],
    }
    expectValid('PostEventsRequest', omission)
    expect(await post(omission)).toMatchObject({ status: 200, body: {} })
    const { body } = await get(`?portCallID=${portCallID}`)
    expectValid('GetEventsResponse', body)
    const told = body.events as Event[]
    expect(told.every(({ portCall }) => portCall?.isOmitted === true)).toBe(true)
    expect(told.filter(({ timestamp }) => timestamp === undefined)).not.toEqual([])
  })
})

describe('errors', () => {
  it('of reading are the standard’s', async () => {
    for (const [answer, status] of [
      [await get('?limit=0'), 400],
      [await get('?cursor=forged'), 400],
      [await service.request('GET', path, { as: null }), 401],
      [await service.request('GET', path, { as: { roles: ['viewer'] } }), 403],
      [await service.request('GET', `${path}/1`), 404],
      [await service.request('DELETE', path), 405],
      [
        await service.request('GET', path, { as: carrier, headers: { 'api-version': '1.2.0' } }),
        400,
      ],
    ] as const) {
      expect(answer).toMatchObject({ status, headers: { 'api-version': '2.0.0' } })
      expectValid('GetEventsError', answer.body)
      expect(answer.body.feedbackElements).toMatchObject([{ severity: 'ERROR' }])
    }
  })

  it('of sending are the standard’s', async () => {
    for (const [answer, status] of [
      [await post('{"events":', { 'content-type': 'application/json' }), 400],
      [await post({ events: [{ eventID: 'x' }, 7] }), 400],
      [await post('<events/>', { 'content-type': 'application/xml' }), 415],
      [await post({ events: [], filler: 'x'.repeat(1_100_000) }), 413],
      [await service.request('POST', path, { as: null, body: example }), 401],
    ] as const) {
      expect(answer).toMatchObject({ status, headers: { 'api-version': '2.0.0' } })
      expectValid('PostEventsError', answer.body)
      expect(answer.body.feedbackElements[0]).toMatchObject({ severity: 'ERROR' })
    }
  })
})

it('logs no error', () => {
  expect(service.logs().filter((line) => line['log.level'] === 'error')).toEqual([])
})
