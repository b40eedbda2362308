import { randomUUID } from 'node:crypto'
import { encodeSentences } from '@porttrack/ais/encode'
import { startFeed } from '@porttrack/shared/testing/start-feed'
import { startTestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { rutas } from '../src/service.ts'
import { type Journey, journeyOf } from '../src/voyages/journey.ts'
import { readHistory } from '../src/voyages/voyage-journal.store.ts'
import { keepAll } from './policy.ts'
import { passage, voyage as statics } from './sentences.ts'

/** Two cores are shared with other suites. */
const patience = { timeout: 40_000 }

const hour = 3_600_000
const day = 24 * hour
/** When the voyages of this suite begin: they lie behind, so that what is seen is not of the future. */
const begin = Date.now() - 6 * day
const at = (hours: number) => new Date(begin + hours * hour).toISOString()

const issuer = new TokenIssuer()
const open = () => startTestService(rutas, { issuer, env: { ...keepAll, BARCOS_URL: barcos.url } })
let barcos: Awaited<ReturnType<typeof startFeed>>
let service: Awaited<ReturnType<typeof open>>

beforeAll(async () => {
  barcos = await startFeed('barcos', { issuer, reader: 'rutas' })
  service = await open()
  const ring = [
    [10, 50],
    [10.2, 50],
    [10.2, 50.2],
    [10, 50.2],
    [10, 50],
  ]
  const area = {
    name: 'Port area',
    kind: 'port-area',
    UNLocationCode: 'ESALG',
    geometry: { type: 'Polygon', coordinates: [ring] },
  }
  const far = ring.map(([lon = 0, lat = 0]) => [lon + 1, lat])
  const other = {
    ...area,
    UNLocationCode: 'PTSIE',
    geometry: { type: 'Polygon', coordinates: [far] },
  }
  for (const zone of [area, other]) {
    await service.request('POST', '/v1/zones', { body: zone })
  }
  // Zones are followed from the first event behind the start.
  await vi.waitFor(async () => {
    const reader = `SELECT FROM kit.feed_cursor WHERE source = 'rutas voyages'`
    const [found] = await service.opened.database.sql(reader)
    if (!found) throw new Error('zones are not followed yet')
  }, patience)
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await barcos[Symbol.asyncDispose]()
})

let ships = 0
const nextShip = () => {
  ships += 1
  return String(224_700_000 + ships)
}

const calls = [
  { UNLocationCode: 'ESALG', plannedArrival: at(-12), plannedDeparture: at(0) },
  { UNLocationCode: 'PTSIE', plannedArrival: at(48), plannedDeparture: at(60) },
  { UNLocationCode: 'NLRTM', plannedArrival: at(96) },
]
const schedule = async (MMSINumber: string, given: object = {}) => {
  const body = { MMSINumber, carrierVoyageNumber: '001W', calls, ...given }
  const answer = await service.request('POST', '/v1/voyages', { body })
  expect(answer.status, answer.text).toBe(201)
  return answer.body
}
const read = async (id: string) => (await service.request('GET', `/v1/voyages/${id}`)).body
const report = (id: string, event: string, transportCallReference: string, time: string) =>
  service.request('POST', `/v1/voyages/${id}/reports`, {
    body: { event, transportCallReference, time },
  })
const ingest = async (lines: readonly string[]) => {
  const answer = await service.request('POST', '/v1/ais', {
    headers: { 'content-type': 'text/plain' },
    body: lines.join('\n'),
  })
  expect(answer).toMatchObject({ status: 200, body: { rejectedCount: 0 } })
}
/** Sails through the zone of a port: 10° E is Algeciras', 11° E that of Sines. */
const passThrough = (mmsi: string, lon: number, hours: number) =>
  ingest(
    passage({
      mmsi,
      from: { lat: 50.1, lon: lon - 0.2 },
      to: { lat: 50.1, lon: lon + 0.4 },
      begin: begin + hours * hour,
      count: 40,
      everySeconds: 180,
    }),
  )
const feed = async (subject: string) => {
  const { body } = await service.request('GET', '/v1/feed?limit=1000', { as: { roles: ['admin'] } })
  return body.events.filter((event: { subject: string }) => event.subject === subject)
}

describe('the resource', () => {
  it('is scheduled, read, changed and removed', async () => {
    const mmsi = nextShip()
    const body = { MMSINumber: mmsi, carrierVoyageNumber: '017E', calls }
    const made = await service.request('POST', '/v1/voyages', { body })
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"' } })
    const path = `/v1/voyages/${made.body.id}`
    expect(made.headers.location).toBe(path)
    expect(made.body).toMatchObject({
      MMSINumber: mmsi,
      vesselIMONumber: null,
      state: 'PLANNED',
      traceId: made.body.id.replaceAll('-', ''),
      deviations: [],
      eta: null,
    })
    expect(made.body.calls).toMatchObject([
      { transportCallReference: 'ESALG-1', state: 'EXPECTED', plannedDeparture: at(0) },
      { transportCallReference: 'PTSIE-1', plannedArrival: at(48) },
      { transportCallReference: 'NLRTM-1', plannedDeparture: null },
    ])
    const put = (headers: Record<string, string>, given: object = {}) =>
      service.request('PUT', path, { headers, body: { ...body, ...given } })
    expect((await put({})).status).toBe(428)
    const changed = await put({ 'if-match': '"1"' }, { calls: [calls[0], calls[2]] })
    expect(changed).toMatchObject({ status: 200, body: { version: 2 } })
    expect(changed.body.calls).toHaveLength(2)
    expect((await put({ 'if-match': '"1"' })).status).toBe(412)
    const remove = (version: string) =>
      service.request('DELETE', path, { headers: { 'if-match': version } })
    expect((await remove('"1"')).status).toBe(412)
    expect((await remove('"2"')).status).toBe(204)
    expect((await service.request('GET', path)).status).toBe(404)
  })

  it('names every fault of a schedule', async () => {
    const answer = await service.request('POST', '/v1/voyages', {
      body: {
        carrierVoyageNumber: '1',
        calls: [
          { UNLocationCode: 'ESALG' },
          { UNLocationCode: 'PTSIE', plannedArrival: at(10), plannedDeparture: at(5) },
          { UNLocationCode: 'ZZRTM', transportCallReference: 'PTSIE-1' },
        ],
      },
    })
    expect(answer.status).toBe(422)
    expect(answer.body.code).toBe('VOYAGE_INVALID')
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '#/calls/0/plannedDeparture',
      '#/calls/1/plannedDeparture',
      '#/calls/2/UNLocationCode',
      '#/calls/2/plannedArrival',
      '#/calls/2/transportCallReference',
      '#/vesselIMONumber',
    ])
  })

  it('tells once what is wrong with a call', async () => {
    const wrong = calls.map((call, n) => (n === 1 ? { ...call, statusCode: 'SKIP' } : call))
    const answer = await service.request('POST', '/v1/voyages', {
      body: { MMSINumber: nextShip(), carrierVoyageNumber: '1', calls: wrong },
    })
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    expect(answer.body.errors).toEqual([
      {
        pointer: '#/calls/1/statusCode',
        detail: 'must be one of OMIT, BLNK, ADHO, PHOT, PHIN, SLID, ROTC or CUTR',
      },
    ])
  })

  it.each([
    ['9074728', 'es', 'no es un número IMO: su último dígito no se corresponde con los demás'],
    ['0000000', 'en', 'must be the number of a ship, not zeros'],
  ])('is of no ship whose IMO number is %s', async (vesselIMONumber, language, detail) => {
    const answer = await service.request('POST', '/v1/voyages', {
      headers: { 'accept-language': language },
      body: { vesselIMONumber, carrierVoyageNumber: '1', calls },
    })
    expect(answer).toMatchObject({ status: 422, body: { code: 'VOYAGE_INVALID' } })
    expect(answer.body.errors).toEqual([{ pointer: '#/vesselIMONumber', detail }])
  })

  it('is called off once, with a reason', async () => {
    const { id } = await schedule(nextShip())
    const cancel = () =>
      service.request('POST', `/v1/voyages/${id}/cancel`, { body: { reason: 'blank sailing' } })
    expect(await cancel()).toMatchObject({ status: 200, body: { state: 'CANCELLED' } })
    expect(await cancel()).toMatchObject({ status: 409, body: { code: 'VOYAGE_ENDED' } })
    const put = await service.request('PUT', `/v1/voyages/${id}`, {
      headers: { 'if-match': '*' },
      body: { MMSINumber: '224700000', carrierVoyageNumber: '1', calls },
    })
    expect(put).toMatchObject({ status: 409, body: { code: 'VOYAGE_ENDED' } })
    expect(await report(id, 'ARRIVAL', 'ESALG-1', at(0))).toMatchObject({ status: 409 })
  })

  it('is listed by ship and state, page by page, and by port', async () => {
    const mmsi = nextShip()
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) ids.push((await schedule(mmsi)).id)
    const seen: string[] = []
    let cursor = ''
    do {
      const path = `/v1/voyages?MMSINumber=${mmsi}&state=PLANNED&limit=2${cursor}`
      const { body } = await service.request('GET', path)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.next === null ? '' : `&cursor=${body.next}`
    } while (cursor !== '')
    expect(seen).toEqual(ids)
    const path = `/v1/transport-calls?UNLocationCode=NLRTM&from=${at(90)}&to=${at(100)}&limit=200`
    const { body } = await service.request('GET', path)
    const own = body.items.filter(({ MMSINumber }: { MMSINumber: string }) => MMSINumber === mmsi)
    expect(own).toHaveLength(5)
    expect(own[0]).toMatchObject({ voyageId: ids[0], expectedAt: at(96), voyageState: 'PLANNED' })
  })
})

describe('what AIS sees', () => {
  it('moves the voyage, and is told', async () => {
    const mmsi = nextShip()
    const { id } = await schedule(mmsi)
    await passThrough(mmsi, 10, 0)
    await expect.poll(() => read(id), patience).toMatchObject({ state: 'UNDERWAY' })
    await passThrough(mmsi, 11, 47)
    await expect.poll(async () => (await read(id)).calls[1].state, patience).toBe('DEPARTED')
    const voyage = await read(id)
    expect(voyage.calls[1]).toMatchObject({ arrivalSource: 'ZONE', departureSource: 'ZONE' })
    expect(Date.parse(voyage.calls[1].arrivedAt)).toBeGreaterThan(begin + 47 * hour)
    const types = (await feed(id)).map(({ type }: { type: string }) => type)
    expect(types[0]).toBe('rutas.voyage.scheduled')
    expect(types).toContain('rutas.voyage.state-changed')
    expect(types).toContain('rutas.transport-call.changed')
  })

  it('finds the ship by her IMO number, and learns her MMSI', async () => {
    const mmsi = nextShip()
    const imo = '9321483'
    const body = { vesselIMONumber: imo, carrierVoyageNumber: '2', calls }
    const { id } = (await service.request('POST', '/v1/voyages', { body })).body
    await ingest(encodeSentences(statics({ mmsi, imo, name: 'IMO SHIP' }), { time: begin - hour }))
    await passThrough(mmsi, 10, 0)
    await expect
      .poll(() => read(id), patience)
      .toMatchObject({ state: 'UNDERWAY', MMSINumber: mmsi })
  })

  it('tells of a call that the ship has passed by', async () => {
    const mmsi = nextShip()
    const { id } = await schedule(mmsi, {
      calls: [
        { UNLocationCode: 'MAPTM', plannedDeparture: at(-40) },
        { UNLocationCode: 'ESALG', plannedArrival: at(0), plannedDeparture: at(10) },
        { UNLocationCode: 'PTSIE', plannedArrival: at(48) },
      ],
    })
    await passThrough(mmsi, 11, 47)
    await expect
      .poll(() => read(id), patience)
      .toMatchObject({
        calls: [{ state: 'PASSED' }, { state: 'SKIPPED' }, { state: 'DEPARTED' }],
        state: 'COMPLETED',
        deviations: [{ kind: 'SKIPPED_CALL', transportCallReference: 'ESALG-1' }],
      })
    expect(await feed(id)).toContainEqual(
      expect.objectContaining({
        type: 'rutas.voyage.deviated',
        data: expect.objectContaining({ kind: 'SKIPPED_CALL', voyageId: id }),
      }),
    )
  })
})

describe('what people report', () => {
  it('counts more than what was seen, until it is retracted', async () => {
    const mmsi = nextShip()
    const { id } = await schedule(mmsi)
    await passThrough(mmsi, 10, 0)
    await expect.poll(() => read(id), patience).toMatchObject({ state: 'UNDERWAY' })
    const seen = (await read(id)).startedAt
    expect((await report(id, 'DEPARTURE', 'ESALG-1', at(-2))).body.startedAt).toBe(at(-2))
    const { items } = (await service.request('GET', `/v1/voyages/${id}/timeline`)).body
    const given = items.find(({ source, kind }: { source: string; kind: string }) => {
      return source === 'REPORT' && kind === 'DEPARTURE'
    })
    const retract = (entry: string) =>
      service.request('POST', `/v1/voyages/${id}/reports/${entry}/retract`, {
        body: { reason: 'wrong ship' },
      })
    expect((await retract(given.id)).body.startedAt).toBe(seen)
    expect(await retract(given.id)).toMatchObject({
      status: 409,
      body: { code: 'REPORT_NOT_RETRACTABLE' },
    })
    expect((await retract(randomUUID())).status).toBe(404)
  })

  it('is refused for a call that is none, and for a time to come', async () => {
    const { id } = await schedule(nextShip())
    const answer = await report(id, 'ARRIVAL', 'USLAX-1', new Date(Date.now() + day).toISOString())
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/transportCallReference' }, { pointer: '#/time' }] },
    })
  })

  it('cannot remove a voyage on which something has happened', async () => {
    const { id } = await schedule(nextShip())
    await report(id, 'DEPARTURE', 'ESALG-1', at(0))
    const answer = await service.request('DELETE', `/v1/voyages/${id}`, {
      headers: { 'if-match': '*' },
    })
    expect(answer).toMatchObject({ status: 409, body: { code: 'VOYAGE_STARTED' } })
  })

  it('is judged anew when the schedule changes', async () => {
    const mmsi = nextShip()
    const { id } = await schedule(mmsi)
    await report(id, 'DEPARTURE', 'ESALG-1', at(0))
    await report(id, 'ARRIVAL', 'NLRTM-1', at(97))
    expect((await read(id)).calls[1].state).toBe('SKIPPED')
    const omitted = calls.map((call, n) => (n === 1 ? { ...call, statusCode: 'OMIT' } : call))
    const answer = await service.request('PUT', `/v1/voyages/${id}`, {
      headers: { 'if-match': '*' },
      body: { MMSINumber: mmsi, carrierVoyageNumber: '001W', calls: omitted },
    })
    expect(answer.body).toMatchObject({ state: 'IN_PORT', deviations: [] })
    expect(answer.body.calls[1]).toMatchObject({ state: 'OMITTED', statusCode: 'OMIT' })
    expect((await feed(id)).at(-1)).toMatchObject({
      type: 'rutas.voyage.deviation-ended',
      data: { kind: 'SKIPPED_CALL', until: null },
    })
  })
})

describe('what barcos says', () => {
  const portCall = (mmsi: string, given: object = {}) => ({
    portCallId: randomUUID(),
    vesselIMONumber: null,
    MMSINumber: mmsi,
    UNLocationCode: 'PTSIE',
    eta: at(50),
    etd: at(60),
    state: 'ANNOUNCED',
    carrierImportVoyageNumber: null,
    carrierExportVoyageNumber: null,
    ...given,
  })
  const announced = (data: { portCallId: string }) => ({
    type: 'barcos.port-call.announced',
    subject: data.portCallId,
    data,
  })
  const step = (
    { portCallId, MMSINumber }: ReturnType<typeof portCall>,
    action: string,
    occurredAt: string,
  ) => ({
    type: 'barcos.port-call.state-changed',
    subject: portCallId,
    data: {
      portCallId,
      vesselIMONumber: null,
      MMSINumber,
      UNLocationCode: 'PTSIE',
      eta: null,
      etd: null,
      action,
      to: action.toUpperCase(),
      occurredAt,
    },
  })

  it('ties the call, says when the ship is wanted, and moves the voyage', async () => {
    const mmsi = nextShip()
    const { id } = await schedule(mmsi)
    const call = portCall(mmsi)
    await barcos.publish(announced(call), {
      type: 'barcos.timestamp.recorded',
      subject: randomUUID(),
      data: {
        portCallId: call.portCallId,
        portCallServiceTypeCode: 'PILOT_BOARDING_PLACE',
        portCallServiceEventTypeCode: 'ARRI',
        classifierCode: 'REQ',
        serviceDateTime: at(52),
      },
    })
    await expect
      .poll(async () => (await read(id)).calls[1], patience)
      .toMatchObject({ portCallId: call.portCallId, requestedArrival: at(52) })
    await barcos.publish(step(call, 'arrive', at(53)), step(call, 'depart', at(61)))
    await expect
      .poll(async () => (await read(id)).calls[1], patience)
      .toMatchObject({
        state: 'DEPARTED',
        arrivedAt: at(53),
        arrivalSource: 'BARCOS',
        departedAt: at(61),
      })
    expect((await read(id)).deviations).toMatchObject([{ kind: 'LATE', minutes: 300 }])
  })

  it('is remembered for a voyage that is scheduled later', async () => {
    const mmsi = nextShip()
    const call = portCall(mmsi, { eta: null, etd: null, carrierExportVoyageNumber: '001W' })
    await barcos.publish(announced(call))
    await expect
      .poll(
        () => service.opened.database.sql('SELECT FROM port_call WHERE mmsi = $1', [mmsi]),
        patience,
      )
      .toHaveLength(1)
    expect((await schedule(mmsi)).calls[1]).toMatchObject({ portCallId: call.portCallId })
  })

  it('gives up a call, and unties one that is called off', async () => {
    const mmsi = nextShip()
    const { id } = await schedule(mmsi)
    const call = portCall(mmsi)
    await barcos.publish(announced(call), step(call, 'omit', at(20)))
    await expect.poll(async () => (await read(id)).calls[1].state, patience).toBe('OMITTED')
    await barcos.publish(step(call, 'cancel', at(21)))
    await expect.poll(async () => (await read(id)).calls[1].portCallId, patience).toBeNull()
  })

  it('is skipped and counted when it is not as agreed', async () => {
    // What barcos holds is taken as it is, of whatever country: refusing would lose the call.
    await barcos.publish(announced(portCall(nextShip(), { UNLocationCode: 'ZZSIE' })), {
      type: 'barcos.port-call.announced',
      subject: 'x',
      data: { portCallId: 'x' },
    })
    const metrics = async () => (await fetch(`${service.managementUrl}/metrics`)).text()
    await expect
      .poll(metrics, patience)
      .toContain('rutas_malformed_events_total{type="barcos.port-call.announced"} 1')
  })
})

describe('the history', () => {
  it('is a table for people, and replayed it gives what is stored', async () => {
    const mmsi = nextShip()
    const { id } = await schedule(mmsi)
    await report(id, 'DEPARTURE', 'ESALG-1', at(1))
    await report(id, 'ARRIVAL', 'PTSIE-1', at(55))
    // Told late: the ship had arrived before, and left.
    await report(id, 'ARRIVAL', 'PTSIE-1', at(49))
    await report(id, 'DEPARTURE', 'PTSIE-1', at(62))
    const csv = await service.request('GET', `/v1/voyages/${id}/timeline`, {
      headers: { accept: 'text/csv' },
    })
    expect(csv.headers['content-type']).toContain('text/csv')
    const lines = csv.text.trim().split(/\r?\n/)
    expect(lines[0]).toMatch(/^time,kind,source,transportCallReference,/)
    expect(lines).toHaveLength(6)
    const stored = await read(id)
    const { prisma, journal } = service.opened
    const replayed: Journey = journeyOf(await readHistory(prisma, id), journal.rules)
    expect(replayed.state).toBe(stored.state)
    const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString())
    expect(
      replayed.calls.map((call) => [call.state, iso(call.arrivedAt), iso(call.departedAt)]),
    ).toEqual(
      stored.calls.map((call: Record<string, unknown>) => [
        call['state'],
        call['arrivedAt'],
        call['departedAt'],
      ]),
    )
    expect(stored.calls[1]).toMatchObject({ arrivedAt: at(49), departedAt: at(62) })
  })
})
