import { startPlatform, type Platform } from '@porttrack/scripts/platform/platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf } from './client.ts'
import { fixLine } from './fixes.ts'

const harbour = { type: 'Polygon', coordinates: [ring(36.1, -5.45, 0.05)] }
const ship = { vesselIMONumber: '9074729', MMSINumber: '224123000' }
const ndjson = { 'content-type': 'application/x-ndjson' }

let platform: Platform
let call: Client

beforeAll(async () => {
  platform = await startPlatform({
    ports: 'ephemeral',
    // The whole way is between processes that show each other certificates.
    tls: true,
    environment: { SHED_DELAY_SECONDS: '3600' },
  })
  call = clientOf(platform)
}, 120_000)
afterAll(() => platform?.stop())

describe('a ship that arrives', () => {
  const arrival = Date.now() - 20 * 60_000

  it('is registered and announced, is heard by AIS, and appears on the call’s timeline', async () => {
    const vessel = await call('POST /barcos/v1/vessels', {
      as: 'harbour-master',
      body: { ...ship, name: 'ESTRELLA DEL SUR', flag: 'ES', type: 'CONT', lengthOverall: 180 },
    })
    expect(vessel).toMatchObject({ status: 201 })
    expect(vessel.headers.get('location')).toBe(`/barcos/v1/vessels/${vessel.body.id}`)

    const portCall = await call('POST /barcos/v1/port-calls', {
      as: 'agent',
      body: {
        vesselId: vessel.body.id,
        agentOrganization: 'acme',
        UNLocationCode: 'ESALG',
        purposes: ['CARGO_OPERATIONS'],
        eta: new Date(arrival).toISOString(),
      },
    })
    expect(portCall).toMatchObject({ status: 201, body: { state: 'ANNOUNCED' } })

    const zone = await call('POST /rutas/v1/zones', {
      as: 'harbour-master',
      body: { name: 'Bahía', kind: 'port-area', geometry: harbour, UNLocationCode: 'ESALG' },
    })
    expect(zone).toMatchObject({ status: 201 })

    const lines = Array.from({ length: 20 }, (_, minute) =>
      fixLine({
        mmsi: ship.MMSINumber,
        lat: 36.1,
        lon: -5.36 - minute * 0.004,
        course: 270,
        time: arrival + minute * 60_000,
      }),
    )
    const upload = { as: 'ais-receiver', headers: ndjson, body: lines.join('\n') } as const
    expect(await call('POST /rutas/v1/ais', upload)).toMatchObject({
      status: 200,
      body: { accepted: 20, stored: 20, duplicates: 0, rejected: [] },
    })
    expect(await call('POST /rutas/v1/ais', upload)).toMatchObject({
      body: { accepted: 20, stored: 0, duplicates: 20 },
    })

    const timeline = () =>
      call(`GET /barcos/v1/port-calls/${portCall.body.id}/timeline`, { as: 'agent' })
    await expect
      .poll(async () => (await timeline()).body.items)
      .toContainEqual(
        expect.objectContaining({
          kind: 'TIMESTAMP',
          source: 'AIS',
          effective: true,
          timestamp: expect.objectContaining({
            portCallServiceTypeCode: 'SEA_PASSAGE',
            portCallServiceEventTypeCode: 'CMPL',
            classifierCode: 'ACT',
          }),
        }),
      )
    const hidden = await call(`GET /barcos/v1/port-calls/${portCall.body.id}/timeline`, {
      as: 'other-agent',
    })
    expect(hidden).toMatchObject({ status: 404 })
  })

  it('is seen on the map, alone and with its track', async () => {
    const targets = await call('GET /rutas/v1/targets?bbox=-6,36,-5,37', { as: 'viewer' })
    expect(targets.body.items).toMatchObject([{ mmsi: ship.MMSINumber, state: expect.any(String) }])
    expect(
      (await call('GET /rutas/v1/targets?bbox=10,36,11,37', { as: 'viewer' })).body.items,
    ).toEqual([])
    const geo = await call('GET /rutas/v1/targets?bbox=-6,36,-5,37', {
      as: 'viewer',
      headers: { accept: 'application/geo+json' },
    })
    expect(geo.body).toMatchObject({ type: 'FeatureCollection', features: [{ type: 'Feature' }] })
    const one = await call(`GET /rutas/v1/targets/${ship.MMSINumber}`, { as: 'viewer' })
    expect(one).toMatchObject({ status: 200, body: { speed: 10, course: 270 } })
    const from = new Date(arrival + 5 * 60_000).toISOString()
    const to = new Date(arrival + 10 * 60_000).toISOString()
    const track = await call(
      `GET /rutas/v1/targets/${ship.MMSINumber}/track?from=${from}&to=${to}`,
      { as: 'viewer' },
    )
    expect(track.body.items).toHaveLength(5)
  })
})

describe('the gateway', () => {
  it('joins what the services say of themselves', async () => {
    const response = await fetch(`${platform.gatewayUrl}/openapi.json`)
    const { openapi, paths } = (await response.json()) as { openapi: string; paths: object }
    expect(openapi).toBe('3.1.0')
    const services = new Set(Object.keys(paths).flatMap((path) => path.split('/')[1] || []))
    expect(services).toEqual(new Set(['barcos', 'carga', 'rutas', 'personal']))
  })

  it('refuses a token that nobody signed, and says so to nobody without one', async () => {
    const get = (authorization?: string) =>
      fetch(`${platform.gatewayUrl}/barcos/v1/vessels`, {
        headers: authorization === undefined ? {} : { authorization },
      })
    for (const authorization of [undefined, 'Bearer x.y.z', 'Bearer', 'Basic eDp5']) {
      const response = await get(authorization)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
      expect(response.headers.get('content-type')).toMatch('application/problem+json')
    }
  })

  it('answers 503 for a service that is down and goes on with the others', async () => {
    await platform.process('carga').kill()
    const down = await call('GET /carga/v1/container-visits', { as: 'admin' })
    expect(down).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
    expect(down.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await call('GET /personal/v1/employees', { as: 'admin' })).toMatchObject({ status: 200 })
    await platform.process('carga').start()
    expect(await call('GET /carga/v1/container-visits', { as: 'admin' })).toMatchObject({
      status: 200,
    })
  })
})

describe('the database', () => {
  it('may go and come back: 503 meanwhile, alive throughout, and nothing to restart', async () => {
    const vessels = () => call('GET /barcos/v1/vessels', { as: 'viewer' })
    const health = (what: 'live' | 'ready') =>
      fetch(`${platform.managementUrl('barcos')}/health/${what}`).then(({ status }) => status)
    expect(await vessels()).toMatchObject({ status: 200 })
    await platform.process('postgres').kill()
    const refused = await vessels()
    expect(refused).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await health('live')).toBe(200)
    expect(await health('ready')).toBe(503)
    await platform.process('postgres').start()
    await expect.poll(async () => (await vessels()).status).toBe(200)
    expect(await health('ready')).toBe(200)
  })
})

/** A square of `size` degrees around a point, as a closed ring. */
function ring(lat: number, lon: number, size: number): [number, number][] {
  const [south, north, west, east] = [lat - size, lat + size, lon - size, lon + size]
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}
