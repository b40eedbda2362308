import { randomUUID } from 'node:crypto'
import { encodeSentences } from '@porttrack/ais/encode'
import type { AidToNavigation, UtcReport } from '@porttrack/ais/message'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { keepAll } from './policy.ts'
import { listStatement, nearestStatement, trackStatement } from '../src/targets/target.store.ts'
import { passage, sentence, voyage } from './sentences.ts'

type Sql = <Row>(text: string, values?: unknown[]) => Promise<Row[]>

let service: TestService<{ database: { sql: Sql } }>
const begin = Date.UTC(2026, 9, 1, 12)

const post = (lines: readonly string[]) =>
  service.request('POST', '/v1/ais', {
    headers: { 'content-type': 'text/plain' },
    body: lines.join('\n'),
  })
const get = (path: string, headers: Record<string, string> = {}) =>
  service.request('GET', path, { as: { roles: ['viewer'] }, headers })
const mmsis = (body: { items: { mmsi: string }[] }) => body.items.map(({ mmsi }) => mmsi)

const base: UtcReport = {
  type: 4,
  repeat: 0,
  mmsi: '002241000',
  utc: '2026-10-01T12:00:00Z',
  accuracy: true,
  lat: 36.12,
  lon: -5.44,
  fixType: 1,
  raim: false,
}
const buoy: AidToNavigation = {
  type: 21,
  repeat: 0,
  mmsi: '992241001',
  aidType: 1,
  name: 'BUOY 7',
  accuracy: true,
  lat: 36.05,
  lon: -5.4,
  dimensions: null,
  fixType: 1,
  second: 0,
  positioning: 'normal',
  offPosition: false,
  raim: false,
  virtual: false,
}

beforeAll(async () => {
  service = await startTestService(rutas, { env: keepAll })
  await post([
    sentence({ mmsi: '224200001', lat: 36.1, lon: -5.4, speed: 12.3 }, { time: begin }),
    sentence({ mmsi: '224200002', lat: 36.9, lon: -5.9 }, { time: begin }),
    sentence({ mmsi: '512200003', lat: -40, lon: 179.9 }, { time: begin }),
    sentence({ mmsi: '512200004', lat: -40, lon: -179.9 }, { time: begin }),
    ...encodeSentences(voyage({ mmsi: '224200001', name: 'ALPHA' }), { time: begin }),
    ...encodeSentences(voyage({ mmsi: '224200002', name: 'ALPS 100%', imo: '9074720' }), {
      time: begin,
    }),
    ...encodeSentences(base, { time: begin }),
    ...encodeSentences(buoy, { time: begin }),
  ])
})
afterAll(() => service[Symbol.asyncDispose]())

describe('targets', () => {
  it('show what is known of a ship', async () => {
    const { status, body } = await get('/v1/targets/224200001')
    expect(status).toBe(200)
    expect(body).toEqual({
      mmsi: '224200001',
      mmsiKind: 'ship',
      kind: 'vessel',
      stationClass: 'A',
      state: 'ACTIVE',
      name: 'ALPHA',
      nameConfirmed: false,
      callSign: 'ABCD',
      imo: '9074729',
      imoValid: true,
      shipType: 70,
      category: 'cargo',
      position: { lat: expect.closeTo(36.1, 6), lon: expect.closeTo(-5.4, 6) },
      speed: 12.3,
      course: 90,
      heading: 90,
      navigationStatus: 0,
      dimensions: { bow: 100, stern: 50, port: 10, starboard: 15 },
      draught: 8.5,
      destination: 'ALGECIRAS',
      declaredEta: { month: 3, day: 4, hour: 5, minute: 6 },
      eta: '2027-03-04T05:06:00.000Z',
      lastSeen: '2026-10-01T12:00:00.000Z',
      receivedAt: expect.any(String),
    })
    expect((await get('/v1/targets/224200002')).body).toMatchObject({ imo: null, imoValid: false })
    expect((await get('/v1/targets/002241000')).body).toMatchObject({ kind: 'base-station' })
    expect((await get('/v1/targets/992241001')).body).toMatchObject({
      kind: 'aid-to-navigation',
      name: 'BUOY 7',
    })
    expect(await get('/v1/targets/999999999')).toMatchObject({ status: 404 })
    expect(await get('/v1/targets/12')).toMatchObject({ status: 400 })
  })

  it('confirm a name when two messages agree', async () => {
    const mmsi = '224200009'
    const hear = (name: string, minutes: number) =>
      post(encodeSentences(voyage({ mmsi, name }), { time: begin + minutes * 60_000 }))
    const named = async () => (await get(`/v1/targets/${mmsi}`)).body
    await hear('FIRST', 0)
    expect(await named()).toMatchObject({ name: 'FIRST', nameConfirmed: false })
    await hear('FIRST', 6)
    expect(await named()).toMatchObject({ name: 'FIRST', nameConfirmed: true })
    await hear('SECOND', 12)
    expect(await named()).toMatchObject({ name: 'FIRST', nameConfirmed: true })
    await hear('SECOND', 18)
    expect(await named()).toMatchObject({ name: 'SECOND', nameConfirmed: true })
    await hear('FIRST', 3)
    expect(await named()).toMatchObject({ name: 'SECOND', nameConfirmed: true })
  })

  it('are found by box, over the antimeridian too', async () => {
    const inBox = async (bbox: string) => mmsis((await get(`/v1/targets?bbox=${bbox}`)).body)
    expect(await inBox('-5.5,36,-5.3,36.2')).toEqual(['002241000', '224200001', '992241001'])
    expect(await inBox('179,-41,-179,-39')).toEqual(['512200003', '512200004'])
    expect(await inBox('-180,-90,180,90')).toHaveLength(6)
    const wrong = await get('/v1/targets?bbox=-181,50,0,40')
    expect(wrong).toMatchObject({
      status: 400,
      body: {
        errors: [
          { pointer: '?bbox', detail: 'west must be from -180 to 180' },
          { pointer: '?bbox', detail: 'south must not be over north' },
        ],
      },
    })
  })

  it('are found near a place, the nearest first, over the antimeridian too', async () => {
    const near = async (query: string) => (await get(`/v1/targets/nearest?${query}`)).body
    const strait = await near('to=-5.4,36.1&withinNauticalMiles=100')
    expect(
      strait.items.map(({ mmsi, distance }: { mmsi: string; distance: number }) => [
        mmsi,
        distance,
      ]),
    ).toEqual([
      ['224200001', 0],
      ['002241000', expect.closeTo(2.29, 1)],
      ['992241001', expect.closeTo(3, 1)],
      ['224200002', expect.closeTo(53.8, 1)],
    ])
    expect(mmsis(await near('to=-5.4,36.1&withinNauticalMiles=3.1&kind=vessel'))).toEqual([
      '224200001',
    ])
    expect(mmsis(await near('to=-179.95,-40'))).toEqual(['512200004', '512200003'])
    expect(mmsis(await near('to=179.95,-40&withinNauticalMiles=4'))).toEqual(['512200003'])
    expect(mmsis(await near('to=0,90&withinNauticalMiles=1000'))).toEqual([])
    const first = await near('to=-5.4,36.1&limit=2')
    const rest = await near(`to=-5.4,36.1&limit=2&cursor=${encodeURIComponent(first.next)}`)
    expect([...mmsis(first), ...mmsis(rest)]).toEqual(['224200001', '002241000', '992241001'])
    expect(await get('/v1/targets/nearest?to=here')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '?to' }] },
    })
    expect((await get('/v1/targets/nearest?to=0,0&withinNauticalMiles=0')).status).toBe(400)
  })

  it('are filtered by kind, state and the beginning of their name', async () => {
    const list = async (query: string) => mmsis((await get(`/v1/targets?${query}`)).body)
    expect(await list('kind=base-station')).toEqual(['002241000'])
    expect(await list('name=alp')).toEqual(['224200001', '224200002'])
    expect(await list(`name=${encodeURIComponent('ALPS 100%')}`)).toEqual(['224200002'])
    expect(await list('name=%25')).toEqual([])
    expect(await list('state=LOST')).toEqual([])
    await service.opened.database.sql(
      `UPDATE target SET received_at = now() - interval '11 minutes' WHERE mmsi = 512200003`,
    )
    await service.opened.database.sql(
      `UPDATE target SET received_at = now() - interval '61 minutes' WHERE mmsi = 512200004`,
    )
    expect(await list('state=STALE')).toEqual(['512200003'])
    expect(await list('state=LOST')).toEqual(['512200004'])
    expect((await get('/v1/targets/512200004')).body.state).toBe('LOST')
    expect(await list('state=ACTIVE&kind=vessel')).toEqual(
      expect.not.arrayContaining(['512200003', '512200004']),
    )
    const wrong = await get('/v1/targets?state=GONE&mood=good')
    const pointers = wrong.body.errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(new Set(pointers)).toEqual(new Set(['?state', '?mood']))
  })

  it('are pages with a link to the next', async () => {
    const seen: string[] = []
    let path = '/v1/targets?limit=2'
    for (let page = 0; page < 10; page++) {
      const { body, headers } = await get(path)
      seen.push(...mmsis(body))
      const link = /^<(.*)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1]
      if (body.next === null) {
        expect(link).toBeUndefined()
        break
      }
      path = `/v1/targets${link}`
    }
    expect(seen).toEqual(seen.toSorted())
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeGreaterThanOrEqual(6)
  })

  it('come as GeoJSON when asked for', async () => {
    const accept = { accept: 'application/geo+json' }
    for (const answer of [
      await get('/v1/targets?name=ALPHA', accept),
      await get('/v1/targets?name=ALPHA&format=geojson'),
    ]) {
      expect(answer.headers['content-type']).toMatch(/^application\/geo\+json/)
      expect(answer.body).toMatchObject({
        type: 'FeatureCollection',
        features: [
          {
            type: 'Feature',
            id: '224200001',
            geometry: { type: 'Point', coordinates: [expect.closeTo(-5.4), expect.closeTo(36.1)] },
            properties: { name: 'ALPHA', speed: 12.3 },
          },
        ],
        next: null,
      })
      expect(answer.body.features[0].properties).not.toHaveProperty('position')
    }
  })
})

describe('tracks', () => {
  const mmsi = '224200021'
  beforeAll(async () => {
    await post(
      passage({ mmsi, from: { lat: 36, lon: -6 }, to: { lat: 36.1, lon: -6 }, begin, count: 100 }),
    )
  })

  it('give the positions of a stretch of time in order, page by page', async () => {
    const from = new Date(begin + 100_000).toISOString()
    const to = new Date(begin + 600_000).toISOString()
    const seen: string[] = []
    let cursor = ''
    for (;;) {
      const { body } = await get(
        `/v1/targets/${mmsi}/track?from=${from}&to=${to}&limit=15${cursor}`,
      )
      seen.push(...body.items.map(({ time }: { time: string }) => time))
      if (body.next === null) break
      cursor = `&cursor=${body.next}`
    }
    expect(seen).toEqual(
      Array.from({ length: 50 }, (_, n) => new Date(begin + 100_000 + n * 10_000).toISOString()),
    )
  })

  it('come as a line, cut at the antimeridian', async () => {
    const line = await get(`/v1/targets/${mmsi}/track?format=geojson`)
    expect(line.body.features).toMatchObject([
      { geometry: { type: 'LineString' }, properties: { mmsi } },
    ])
    expect(line.body.features[0].geometry.coordinates).toHaveLength(100)
    await post(
      passage({
        mmsi: '224200022',
        from: { lat: 0, lon: 179.99 },
        to: { lat: 0, lon: 180 },
        begin,
        count: 5,
        everySeconds: 60,
      }),
    )
    await post([sentence({ mmsi: '224200022', lat: 0, lon: -179.99 }, { time: begin + 500_000 })])
    const cut = await get(`/v1/targets/224200022/track?format=geojson`)
    expect(cut.body.features[0].geometry).toMatchObject({
      type: 'MultiLineString',
      coordinates: [
        expect.any(Array),
        [
          [-180, expect.closeTo(0)],
          [expect.closeTo(-179.99), 0],
        ],
      ],
    })
  })

  it('are empty for a station that reported no place, and unknown for one never heard', async () => {
    expect(await get('/v1/targets/002241000/track')).toMatchObject({
      status: 200,
      body: { items: [], next: null },
    })
    expect(await get('/v1/targets/224299999/track')).toMatchObject({ status: 404 })
    expect(await get(`/v1/targets/${mmsi}/track?from=yesterday`)).toMatchObject({ status: 400 })
    const reversed = 'from=2026-10-02T00:00:00Z&to=2026-10-01T00:00:00Z'
    for (const part of [
      `targets/${mmsi}/track`,
      `targets/${mmsi}/track-file`,
      `zones/${randomUUID()}/stays`,
    ]) {
      expect(await get(`/v1/${part}?${reversed}`)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '?to', detail: 'must not be before from' }] },
      })
    }
  })
})

describe('reads', () => {
  const plan = async (text: string, values: unknown[]) => {
    const { sql } = service.opened.database
    const rows = await sql<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values)
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  }

  it('walk an index', async () => {
    const { sql } = service.opened.database
    await sql(`INSERT INTO target (mmsi, kind, fix_time, fix_own_time, lat, lon, cell, received_at)
               SELECT 300000000 + n, 'vessel', now(), true, (n % 120) - 60, (n % 340) - 170,
                      360 * ((n % 120) + 30) + (n % 340) + 10, now()
               FROM generate_series(1, 20000) AS n`)
    await sql(`SELECT open_track_day(current_date - n) FROM generate_series(-1, 6) AS n`)
    await sql(`INSERT INTO position (mmsi, time, message_id, lat, lon)
               SELECT 300000000 + n / 2000, now() - n * interval '10 seconds', n, 0, 0
               FROM generate_series(1, 40000) AS n`)
    await sql('ANALYZE')
    const clock = { now: Date.now(), rules: { staleAfter: 600_000, lostAfter: 3_600_000 } }
    const common = { clock, after: null, limit: 51 }
    const box = { west: -5.5, south: 36, east: -5.3, north: 36.2 }
    const inBox = listStatement({}, { ...common, box })
    expect(await plan(inBox.text, inBox.values)).toMatch(/target_cell_mmsi_idx/)
    const near = nearestStatement(
      { to: '-5.4,36.1' },
      { ...common, place: { lat: 36.1, lon: -5.4 }, withinMetres: 20_000 },
    )
    expect(await plan(near.text, near.values)).toMatch(/target_cell_mmsi_idx/)
    const all = listStatement({}, { ...common, box: null, after: [300000100] })
    expect(await plan(all.text, all.values)).toMatch(/Index Scan using target_pkey/)
    const track = [300000001, '-infinity', 'infinity', '-infinity', -1, false, 201]
    const whole = await plan(trackStatement, track)
    expect(whole).toMatch(/Index Scan using position_\d{8}_pkey/)
    expect(whole).not.toMatch(/Seq Scan|Sort/)
    // A page after the first looks at no day before the last position read.
    const yesterday = new Date(Date.now() - 86_400_000).toISOString()
    const on = [300000001, '-infinity', new Date().toISOString(), yesterday, 7, false, 201]
    const days = (await plan(trackStatement, on)).match(/ on position_\d{8}/g)
    expect(days).toHaveLength(2)
  })
})
