import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { carga } from '../../services/carga/src/service.ts'
import { dcsaStandard } from './dcsa-standard.ts'

/** DCSA's own description of Track and Trace 3.0, below `REFERENCE_DIR`. */
const { expectValid, parametersOf, directory } = dcsaStandard('track-and-trace-v3.0.0.yaml')
const example = JSON.parse(
  readFileSync(join(directory, 'track-and-trace-response-example.json'), 'utf8'),
) as { events: object[] }

let service: TestService<object>
const carrier: Identity = {
  kind: 'machine',
  subject: 'carrier-system',
  scopes: ['carga/read', 'carga/write'],
  org: 'acme',
}
const path = '/dcsa/tnt/v3/events'
const post = (body: unknown, headers: Record<string, string> = {}) =>
  service.request('POST', path, { as: carrier, body, headers })
const get = (query = '') => service.request('GET', `${path}${query}`, { as: carrier })

beforeAll(async () => {
  service = await startTestService(carga, {
    env: { BARCOS_URL: 'http://127.0.0.1:9', BACKGROUND: 'off' },
  })
  const made = await service.request('POST', '/v1/container-visits', {
    body: {
      equipmentReference: 'APZU4812090',
      ISOEquipmentCode: '45G1',
      tareWeight: 3_900,
      maximumGrossWeight: 30_480,
      isEmpty: false,
      flow: 'EXPORT',
      UNLocationCode: 'ESALG',
      seals: [{ number: 'SEAL1', source: 'SHI', type: 'BLT' }],
      carrierOrganization: 'acme',
      carrierBookingReference: 'ABC709951',
      transportDocumentReference: 'HHL71800000',
    },
  })
  if (made.status !== 201) throw new Error(made.text)
  const events = `/v1/container-visits/${made.body.id}/events`
  for (const eventCode of ['GTIN', 'INSP']) {
    const body = { eventCode, eventClassifierCode: 'ACT', eventDateTime: '2025-01-01T00:00:00Z' }
    await service.request('POST', events, { body })
  }
})
afterAll(() => service?.[Symbol.asyncDispose]())

describe('the message of DCSA’s conformance material', () => {
  it('is one of the standard’s, is taken whole, and told again as it came', async () => {
    expectValid('PostEventsRequest', example)
    const answer = await post(example, { 'api-version': '3.0.0' })
    expect(answer).toMatchObject({ status: 200, headers: { 'api-version': '3.0.0' } })
    expectValid('PostEventsResponse', answer.body)
    // Of its containers, one is named elsewhere than at the port; the rest are no moves of it.
    expect(answer.body.feedbackElements).toMatchObject([
      { severity: 'WARN', propertyPath: '$.events[1].equipmentDetails.equipmentReference' },
      { severity: 'WARN', propertyPath: '$.events[2].equipmentDetails.equipmentReference' },
    ])
    const { body } = await get('?limit=200')
    expect(body.events).toEqual(expect.arrayContaining(example.events))
  })
})

describe('pages of events', () => {
  it('are the standard’s, to the last property, and can be sent as they are', async () => {
    const events: object[] = []
    let query = '?limit=2'
    for (;;) {
      const page = await get(query)
      expectValid('GetEventsResponse', page.body)
      events.push(...page.body.events)
      const cursor = page.headers['next-page-cursor']
      if (cursor === undefined) break
      query = `?limit=2&cursor=${String(cursor)}`
    }
    expect(events).toHaveLength(example.events.length + 2)
    const message = { events: events.map((each) => ({ ...each, eventID: randomUUID() })) }
    expectValid('PostEventsRequest', message)
    expect((await post(message)).status).toBe(200)
  })

  it('may be filtered by each parameter of the standard, and by no other', async () => {
    const { body } = await service.request('GET', '/openapi.json', { as: null })
    const ours = body.paths[path].get.parameters as { name: string; in: string }[]
    const names = ours.flatMap((each) => (each.in === 'query' ? [each.name] : []))
    const parameters = parametersOf('/events')
    expect(names.toSorted()).toEqual(parameters.map(({ name }) => name).toSorted())
    for (const { name, example: value } of parameters) {
      if (name === 'cursor') continue
      const answer = await get(`?${name}=${encodeURIComponent(value)}`)
      expect({ name, status: answer.status }).toEqual({ name, status: 200 })
      expectValid('GetEventsResponse', answer.body)
    }
  })
})

it('answers errors in the standard’s words', async () => {
  for (const [schema, answer, status] of [
    ['GetEventsError', await get('?limit=0'), 400],
    ['GetEventsError', await service.request('GET', path, { as: null }), 401],
    ['GetEventsError', await service.request('DELETE', path), 405],
    ['PostEventsError', await post({ events: [7] }), 400],
    ['PostEventsError', await post('<a/>', { 'content-type': 'application/xml' }), 415],
  ] as const) {
    expect(answer).toMatchObject({ status, headers: { 'api-version': '3.0.0' } })
    expectValid(schema, answer.body)
  }
})
