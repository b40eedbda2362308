import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { normalLongitude } from '../src/geography/geodesy.ts'
import { rutas } from '../src/service.ts'
import { keepAll } from './policy.ts'
import { passage, sentence } from './sentences.ts'

let service: TestService<unknown>
const begin = Date.UTC(2026, 9, 1, 12)
const mmsi = '224200001'

const get = (path: string, headers: Record<string, string> = {}) =>
  service.request('GET', path, { as: { roles: ['viewer'] }, headers })

beforeAll(async () => {
  service = await startTestService(rutas, { env: keepAll })
  const eastwards = Array.from({ length: 1_500 }, (_, n) =>
    sentence(
      { mmsi, lat: 36, lon: normalLongitude(179.7 + (n / 1_500) * 0.75), speed: 10 },
      { time: begin + n * 10_000 },
    ),
  )
  // Nearly six hours later, some ten miles on.
  const northwards = passage({
    mmsi,
    from: { lat: 36, lon: -179.5 },
    to: { lat: 36.1, lon: -179.5 },
    begin: begin + 10 * 3_600_000,
    count: 300,
  })
  const lines = [...eastwards, ...northwards]
  await service.request('POST', '/v1/ais', {
    headers: { 'content-type': 'text/plain' },
    body: lines.join('\n'),
  })
})
afterAll(() => service[Symbol.asyncDispose]())

describe('GET /v1/targets/:mmsi/track-file', () => {
  const path = `/v1/targets/${mmsi}/track-file`

  it('gives the whole track as CSV, each position once and its stretch', async () => {
    const { status, text, headers } = await get(path, { accept: 'text/csv' })
    expect(status).toBe(200)
    expect(headers['content-disposition']).toBe(`attachment; filename="${mmsi}.csv"`)
    const [head, ...rows] = text.trimEnd().split('\r\n')
    expect(head).toBe(
      'time,lat,lon,speed,course,heading,navigationStatus,source,quarantined,stretch',
    )
    expect(rows).toHaveLength(1_800)
    expect(rows[0]).toBe('2026-10-01T12:00:00.000Z,36,179.7,10,90,90,0,,false,0')
    expect(rows.at(-1)).toBe('2026-10-01T22:49:50.000Z,36.1,-179.5,10,90,90,0,,false,1')
  })

  it('gives GeoJSON unless asked otherwise, cut at the antimeridian', async () => {
    const { body, headers } = await get(`${path}?toleranceMetres=50`)
    expect(headers['content-type']).toContain('application/geo+json')
    expect(
      body.features.map(({ geometry }: { geometry: { type: string } }) => geometry.type),
    ).toEqual(['MultiLineString', 'LineString', 'LineString'])
    expect(body.features[0].properties).toMatchObject({ mmsi, stretch: 0 })
    expect(body.features[0].geometry.coordinates.flat()).toHaveLength(4)
    expect(body.features[2].properties).toMatchObject({ stretch: 1 })
  })

  it('gives GPX and KML, between two times', async () => {
    const times = 'from=2026-10-01T12:00:00Z&to=2026-10-01T12:01:00Z'
    const gpx = await get(`${path}?${times}&format=gpx`)
    expect(gpx.headers['content-type']).toContain('application/gpx+xml')
    expect(gpx.text.match(/<trkpt /g)).toHaveLength(6)
    const kml = await get(`${path}?${times}`, { accept: 'application/vnd.google-earth.kml+xml' })
    expect(kml.text.match(/<when>/g)).toHaveLength(6)
  })

  it('refuses what it cannot give', async () => {
    expect((await get(path, { accept: 'image/png' })).status).toBe(406)
    expect((await get(`${path}?format=shp`)).status).toBe(400)
    expect((await get(`${path}?toleranceMetres=-1`)).status).toBe(400)
    expect((await get('/v1/targets/224299999/track-file')).status).toBe(404)
  })
})
