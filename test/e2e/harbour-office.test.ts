import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startPlatform, type Platform } from '@porttrack/scripts/platform/platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { berthWithBollards } from './announced-call.ts'
import { type Client, clientOf, type Succeeding, succeeding } from './client.ts'

/** What an outside system got by webhook. */
const received: { headers: IncomingHttpHeaders; body: string }[] = []
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += String(chunk)
  })
  request.on('end', () => {
    received.push({ headers: request.headers, body })
    response.writeHead(204).end()
  })
})

let platform: Platform
let call: Client
let ok: Succeeding
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    receiver.listen(0, '127.0.0.1', resolve)
  })
  platform = await startPlatform({
    ports: 'ephemeral',
    environment: { SHED_DELAY_SECONDS: '3600' },
  })
  call = clientOf(platform)
  ok = succeeding(call)
}, 120_000)
afterAll(async () => {
  await platform?.stop()
  receiver.close()
})

const hour = 3_600_000
const at = (hours: number) => new Date(Date.now() + hours * hour).toISOString()
const codesOf = ({ body }: { body: { errors: { code?: string }[] } }) =>
  body.errors.map(({ code }) => code)

describe('a call of a ship, as the harbour master’s office handles it', () => {
  let berthId: string
  let portCallId: string
  let reservationId: string
  let secret: string
  const ships: string[] = []

  const post = (path: string, as: Parameters<Client>[1]['as'], body: unknown = {}) =>
    call(`POST /barcos/v1/${path}`, { as, body })
  const made = (path: string, as: Parameters<Client>[1]['as'], body: unknown = {}) =>
    ok(`POST /barcos/v1/${path}`, { as, body })

  it('has ships from a table, a berth with bollards, and someone outside who listens', async () => {
    const table = [
      'vesselIMONumber,MMSINumber,name,flag,type,lengthOverall,beam,maximumDraft,airDraft,deadweight',
      '9074729,224000101,ESTRELLA,ES,CONT,180,30,10.5,45,25000',
      '9166778,224000102,LUCERO,ES,CONT,200,32,11,48,30000',
    ].join('\n')
    const imported = await call('POST /barcos/v1/vessels/import', {
      as: 'harbour-master',
      body: table,
      headers: { 'content-type': 'text/csv' },
    })
    expect(imported).toMatchObject({ status: 201, body: { imported: 2 } })
    ships.push(...imported.body.vesselIds)

    const berth = await made('berths', 'harbour-master', berthWithBollards)
    berthId = berth.id

    const { port } = receiver.address() as AddressInfo
    const webhook = await made('webhooks', 'admin', {
      url: `http://127.0.0.1:${port}/port`,
      eventTypes: ['barcos.berth.reserved', 'barcos.port-call.state-changed'],
    })
    secret = webhook.secret
  })

  it('is announced by its agent and approved', async () => {
    const announced = await made('port-calls', 'agent', {
      vesselId: ships[0],
      UNLocationCode: 'ESALG',
      purposes: ['CARGO_OPERATIONS'],
      eta: at(6),
      etd: at(30),
      declaredArrivalDraft: 10,
      declaredDepartureDraft: 10.2,
    })
    portCallId = announced.id
    expect(await made(`port-calls/${portCallId}/approve`, 'harbour-master')).toMatchObject({
      state: 'APPROVED',
    })
  })

  it('gets the berth that was suggested, and the other ship is told who lies there', async () => {
    const suggestions = await call(
      `GET /barcos/v1/port-calls/${portCallId}/berth-suggestions?limit=1`,
      { as: 'berth-planner' },
    )
    const [suggested] = suggestions.body.items
    expect(suggested).toMatchObject({ berthId })
    const window = { startsAt: at(6), endsAt: at(30) }
    const reservation = await made(`port-calls/${portCallId}/reservations`, 'berth-planner', {
      berthId,
      fromBollard: '2',
      toBollard: '9',
      ...window,
    })
    reservationId = reservation.id
    expect(reservation).toMatchObject({ fromMetre: 30, fromBollard: '2' })

    const other = await made('port-calls', 'other-agent', {
      vesselId: ships[1],
      UNLocationCode: 'ESALG',
      purposes: ['CARGO_OPERATIONS'],
      eta: at(8),
      declaredArrivalDraft: 11,
      declaredDepartureDraft: 11,
    })
    const refused = await call(`POST /barcos/v1/port-calls/${other.id}/reservations`, {
      as: 'berth-planner',
      body: { berthId, fromMetre: 100, ...window },
      headers: { 'accept-language': 'es' },
    })
    expect(refused.status).toBe(409)
    expect(JSON.stringify(refused.body)).toContain(reservationId)
    expect(refused.headers.get('content-language')).toBe('es')
  })

  it('is in the plan of the day, as JSON, as a table and as a calendar', async () => {
    const date = at(6).slice(0, 10)
    const plan = (accept: string) =>
      call(`GET /barcos/v1/berth-plan?UNLocationCode=ESALG&date=${date}&days=3`, {
        as: 'viewer',
        headers: { accept },
      })
    const { body } = await plan('application/json')
    const berth = body.berths.find(({ id }: { id: string }) => id === berthId)
    expect(berth.reservations).toMatchObject([{ id: reservationId, vesselName: 'ESTRELLA' }])
    expect((await plan('text/csv')).body).toContain('ESTRELLA')
    const calendar = await plan('text/calendar')
    expect(calendar.headers.get('content-type')).toMatch('text/calendar')
    expect(calendar.body).toMatch(/BEGIN:VEVENT[\s\S]*ESTRELLA[\s\S]*END:VEVENT/)
  })

  it('gets its pilot, who sees the call from then on', async () => {
    const seen = () => call(`GET /barcos/v1/port-calls/${portCallId}`, { as: 'service-provider' })
    expect(await seen()).toMatchObject({ status: 404 })
    const order = await made(`port-calls/${portCallId}/service-orders`, 'agent', {
      portCallServiceTypeCode: 'PILOTAGE',
      portCallPhaseTypeCode: 'INBD',
      providerOrganization: 'pilots',
      requestedDateTime: at(5),
    })
    expect(await seen()).toMatchObject({ status: 200 })
    expect(await post(`service-orders/${order.id}/confirm`, 'tug-company')).toMatchObject({
      status: 404,
    })
    for (const action of ['confirm', 'start', 'complete']) {
      await made(`service-orders/${order.id}/${action}`, 'service-provider')
    }
  })

  it('goes through its steps, and does not leave before everything is cleared', async () => {
    for (const step of ['arrive', 'berth', 'start']) {
      await made(`port-calls/${portCallId}/${step}`, 'harbour-master')
    }
    const early = await post(`port-calls/${portCallId}/departure-authorization`, 'harbour-master')
    expect(early.status).toBe(409)
    expect(codesOf(early).length).toBeGreaterThan(1)
    await made(`port-calls/${portCallId}/complete`, 'harbour-master')
    const clearances = await call(`GET /barcos/v1/port-calls/${portCallId}/clearances`, {
      as: 'agent',
    })
    for (const { authority } of clearances.body.items) {
      await ok(`PUT /barcos/v1/port-calls/${portCallId}/clearances/${authority}`, {
        as: 'harbour-master',
        body: { state: 'GRANTED' },
        headers: { 'if-match': '*' },
      })
    }
    await made(`vessels/${ships[0]}/detain`, 'harbour-master', { reason: 'unpaid dues' })
    const held = await post(`port-calls/${portCallId}/departure-authorization`, 'harbour-master')
    expect(codesOf(held)).toEqual(['VESSEL_NOT_DETAINED'])
    await made(`vessels/${ships[0]}/release`, 'harbour-master', { reason: 'dues paid' })
    await made(`port-calls/${portCallId}/departure-authorization`, 'harbour-master')
    for (const step of ['depart', 'close']) {
      await made(`port-calls/${portCallId}/${step}`, 'harbour-master')
    }
    const late = await post(`port-calls/${portCallId}/start`, 'harbour-master')
    expect(late).toMatchObject({ status: 409, body: { code: 'PORT_CALL_ENDED' } })
  })

  it('leaves a statement of facts, and figures', async () => {
    const statement = await call(`GET /barcos/v1/port-calls/${portCallId}/timeline`, {
      as: 'agent',
      headers: { accept: 'application/pdf', 'accept-language': 'es' },
    })
    expect(statement).toMatchObject({ status: 200, body: expect.stringMatching(/^%PDF-/) })
    const day = at(0).slice(0, 10)
    const figures = await call(
      `GET /barcos/v1/figures?UNLocationCode=ESALG&from=${day}&to=${day}`,
      { as: 'harbour-master' },
    )
    expect(figures).toMatchObject({ status: 200 })
  })

  it('is told to a carrier in DCSA’s words, and to no other', async () => {
    const events = (as: 'carrier' | 'other-agent') =>
      call(`GET /barcos/dcsa/port-call/v2/events?portCallID=${portCallId}`, {
        as,
        headers: { 'api-version': '2.0.0' },
      })
    const told = await events('carrier')
    expect(told.headers.get('api-version')).toBe('2.0.0')
    const services = told.body.events.map(
      (event: { portCallService: { portCallServiceTypeCode: string } }) =>
        event.portCallService.portCallServiceTypeCode,
    )
    expect(services).toContain('PILOTAGE')
    expect((await events('other-agent')).body.events).toEqual([])
    const stranger = await fetch(`${platform.gatewayUrl}/barcos/dcsa/port-call/v2/events`)
    expect(stranger.status).toBe(401)
    expect(await stranger.json()).toMatchObject({ feedbackElements: [{ severity: 'ERROR' }] })
  })

  it('was told to the outside system too, signed', async () => {
    await expect
      .poll(() => received.map(({ body }) => JSON.parse(body).type), { timeout: 30_000 })
      .toEqual(expect.arrayContaining(['barcos.berth.reserved', 'barcos.port-call.state-changed']))
    for (const { headers, body } of received) {
      const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
      const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.')
      const signature = createHmac('sha256', key).update(signed).digest('base64')
      expect(headers['webhook-signature']).toBe(`v1,${signature}`)
    }
  })
})
