import { encodeSentences } from '@porttrack/ais/encode'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { keepAll } from './policy.ts'
import { sentence, voyage } from './sentences.ts'

let service: TestService<unknown>
const begin = Date.UTC(2026, 9, 1, 12)

const get = (path: string, headers: Record<string, string> = {}) =>
  service.request('GET', path, { as: { roles: ['viewer'] }, headers })

beforeAll(async () => {
  service = await startTestService(rutas, { env: keepAll })
  const lines = [
    sentence({ mmsi: '224200001', lat: 35.97, lon: -5.3, speed: 16 }, { time: begin }),
    sentence({ mmsi: '224200002', lat: 36.12, lon: -5.43, speed: 0.1 }, { time: begin }),
    sentence({ mmsi: '224200003', lat: 35.97, lon: -5.3, speed: 16 }, { time: begin }),
    ...encodeSentences(
      voyage({
        mmsi: '224200001',
        destination: 'ES ALG>NL RTM',
        eta: { month: 10, day: 5, hour: 12, minute: 0 },
      }),
      { time: begin },
    ),
    ...encodeSentences(voyage({ mmsi: '224200004', destination: 'FISHING' }), { time: begin }),
  ]
  await service.request('POST', '/v1/ais', {
    headers: { 'content-type': 'text/plain' },
    body: lines.join('\n'),
  })
})
afterAll(() => service[Symbol.asyncDispose]())

describe('GET /v1/sea-routes', () => {
  it('gives the way, its legs and its passages', async () => {
    const { status, body, headers } = await get('/v1/sea-routes?from=SGSIN&to=NLRTM')
    expect(status).toBe(200)
    expect(headers['vary']).toContain('accept-language')
    expect(body.from).toMatchObject({ UNLocationCode: 'SGSIN' })
    expect(body.passages).toContainEqual({ code: 'suez', name: 'Suez Canal' })
    expect(body.legs.some((leg: { speedLimit: number | null }) => leg.speedLimit !== null)).toBe(
      true,
    )
    const spanish = await get('/v1/sea-routes?from=SGSIN&to=NLRTM', { 'accept-language': 'es' })
    expect(spanish.body.passages).toContainEqual({ code: 'suez', name: 'canal de Suez' })
  })

  it('takes positions, and passages to close and open', async () => {
    const address = '/v1/sea-routes?from=103.9,1.2&to=NLRTM&closed=suez&closed=panama'
    const { body } = await get(address)
    expect(body.from).toMatchObject({ UNLocationCode: null, position: { lat: 1.2, lon: 103.9 } })
    expect(body.closed).toEqual(expect.arrayContaining(['suez', 'panama']))
    expect(body.distance).toBeGreaterThan(11_000)
  })

  it('draws it as GeoJSON', async () => {
    const { body, headers } = await get('/v1/sea-routes?from=USLAX&to=JPTYO&format=geojson')
    expect(headers['content-type']).toContain('application/geo+json')
    expect(body).toMatchObject({ type: 'Feature', geometry: { type: 'MultiLineString' } })
  })

  it('refuses what it cannot find', async () => {
    expect((await get('/v1/sea-routes?from=ESALG')).status).toBe(400)
    expect((await get('/v1/sea-routes?from=ESALG&to=NLRTM&closed=rubicon')).status).toBe(400)
    const malformed = await get('/v1/sea-routes?from=here&to=NLRTM')
    expect(malformed).toMatchObject({ status: 400, body: { errors: [{ pointer: '?from' }] } })
    const nowhere = await get('/v1/sea-routes?from=ESALG&to=ZZRTM')
    expect(nowhere).toMatchObject({
      status: 400,
      body: {
        code: 'VALIDATION_FAILED',
        errors: [{ pointer: '?to', detail: 'names the country ZZ, which ISO 3166 does not know' }],
      },
    })
    const inland = await get('/v1/sea-routes?from=ESALG&to=-3.7,40.4')
    expect(inland).toMatchObject({
      status: 422,
      body: { code: 'NOT_AT_SEA', errors: [{ pointer: '?to' }] },
    })
    const unknown = await get('/v1/sea-routes?from=ESXXX&to=NLRTM', { 'accept-language': 'es' })
    expect(unknown.body).toMatchObject({
      code: 'PORT_POSITION_UNKNOWN',
      errors: [{ detail: 'no se conoce la posición de ESXXX: indique longitud,latitud' }],
    })
    const shut = await get('/v1/sea-routes?from=ROCND&to=NLRTM&closed=dardanelles')
    expect(shut).toMatchObject({ status: 422, body: { code: 'NO_WAY_BY_SEA' } })
  })
})

describe('GET /v1/targets/:mmsi/eta', () => {
  it('reckons from the last fix to the declared destination, and compares', async () => {
    const { status, body } = await get('/v1/targets/224200001/eta?requested=2026-10-05T03:00:00Z')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      positionAt: '2026-10-01T12:00:00.000Z',
      destination: { UNLocationCode: 'NLRTM' },
      speed: 16,
      // Some 1,380 nautical miles at 16 knots.
      arrival: expect.stringMatching(/^2026-10-05T0/),
      declared: { time: '2026-10-05T12:00:00.000Z', punctuality: 'EARLY' },
      requested: { time: '2026-10-05T03:00:00.000Z' },
    })
    expect(body.declared.differenceMinutes).toBeLessThan(-180)
    const minutes = (Date.parse(body.arrival) - Date.parse(body.requested.time)) / 60_000
    expect(body.requested.differenceMinutes).toBe(minutes)
    expect(body.reasons.map(({ code }: { code: string }) => code)).toEqual([
      'POSITION',
      'POSITION_OLD',
      'DESTINATION_DECLARED',
      'DISTANCE',
      'SPEED_OVER_GROUND',
    ])
  })

  it('takes another destination, speed and passages', async () => {
    const address = '/v1/targets/224200001/eta?to=SGSIN&speed=20'
    const usual = await get(address, { 'accept-language': 'es' })
    const canal = usual.body.reasons.find(({ code }: { code: string }) => code === 'CANAL_SPEED')
    expect(canal.detail).toMatch(/^\d+\.\d h más por la velocidad/)
    const round = await get(`${address}&closed=suez`)
    expect(Date.parse(round.body.arrival)).toBeGreaterThan(Date.parse(usual.body.arrival))
    expect(round.body.reasons).toContainEqual({
      code: 'PASSAGES_CLOSED',
      detail: 'keeps out of: Suez Canal',
    })
    expect(round.body.declared.punctuality).toBe('LATE')
  })

  it('estimates nothing for a ship that lies still, unless a speed is given', async () => {
    const { body } = await get('/v1/targets/224200002/eta?to=NLRTM')
    expect(body).toMatchObject({ arrival: null, speed: null, declared: null })
    expect(body.reasons).toContainEqual({
      code: 'NOT_UNDER_WAY',
      detail: '0.1 knots over ground: the ship is not on its way',
    })
    expect((await get('/v1/targets/224200002/eta?to=NLRTM&speed=12')).body.arrival).not.toBeNull()
  })

  it('refuses without a destination, a position or a target', async () => {
    const silent = await get('/v1/targets/224200003/eta')
    expect(silent).toMatchObject({
      status: 422,
      body: {
        code: 'DESTINATION_UNKNOWN',
        errors: [{ detail: 'is needed, since the ship declares no destination' }],
      },
    })
    const unheard = await get('/v1/targets/224200004/eta?to=NLRTM')
    expect(unheard).toMatchObject({ status: 409, body: { code: 'POSITION_UNKNOWN' } })
    expect((await get('/v1/targets/224299999/eta?to=NLRTM')).status).toBe(404)
    expect((await get('/v1/targets/224200001/eta?speed=0')).status).toBe(400)
  })
})
