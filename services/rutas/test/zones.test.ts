import { encodeSentences } from '@porttrack/ais/encode'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { staysStatement } from '../src/zones/stay.store.ts'
import { keepAll } from './policy.ts'
import { passage, sentence, voyage } from './sentences.ts'

type Sql = <Row>(text: string, values?: unknown[]) => Promise<Row[]>

let service: TestService<object>
const begin = Date.UTC(2026, 9, 1, 12)
const admin = { roles: ['admin'] as const }

beforeAll(async () => {
  service = await startTestService(rutas, { env: keepAll })
})
afterAll(() => service[Symbol.asyncDispose]())

const box = (west: number, south: number, east: number, north: number) => ({
  type: 'Polygon',
  coordinates: [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ],
})
const draw = async (zone: object) => {
  const answer = await service.request('POST', '/v1/zones', { body: zone })
  expect(answer.status).toBe(201)
  return answer.body
}
const post = async (lines: readonly string[]) => {
  const answer = await service.request('POST', '/v1/ais', {
    headers: { 'content-type': 'text/plain' },
    body: lines.join('\n'),
  })
  expect(answer).toMatchObject({ status: 200, body: { rejectedCount: 0 } })
}
const told = async (mmsi: string) => {
  const { body } = await service.request('GET', '/v1/feed?limit=1000', { as: admin })
  return body.events.filter(({ subject }: { subject: string }) => subject === mmsi)
}
const typesOf = (events: { type: string }[]) => events.map(({ type }) => type)

describe('the resource', () => {
  const quay = {
    name: 'Muelle 1',
    kind: 'berth',
    geometry: box(10, 50, 10.01, 50.01),
    UNLocationCode: 'ESALG',
    facilityCode: 'APMT',
  }

  it('is drawn, read, listed, changed and removed', async () => {
    const made = await service.request('POST', '/v1/zones', { body: quay })
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"' } })
    const path = `/v1/zones/${made.body.id}`
    expect(made.headers.location).toBe(path)
    expect((await service.request('GET', path)).body).toEqual({
      ...quay,
      id: made.body.id,
      radiusMetres: null,
      stillMinutes: 5,
      dwellMinutes: null,
      speedLimitKnots: null,
      version: 1,
      createdAt: expect.any(String),
      changedAt: expect.any(String),
    })
    const unchanged = await service.request('GET', path, { headers: { 'if-none-match': '"1"' } })
    expect(unchanged.status).toBe(304)

    const circle = {
      ...quay,
      geometry: { type: 'Point', coordinates: [10, 50] },
      radiusMetres: 500,
      stillMinutes: 10,
    }
    const put = (headers: Record<string, string>) =>
      service.request('PUT', path, { body: circle, headers })
    expect((await put({})).status).toBe(428)
    expect(await put({ 'if-match': '"1"' })).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { ...circle, version: 2 },
    })
    expect((await put({ 'if-match': '"1"' })).status).toBe(412)

    const list = await service.request('GET', '/v1/zones?kind=berth&UNLocationCode=ESALG')
    expect(list.body.items).toMatchObject([{ id: made.body.id }])
    expect((await service.request('GET', '/v1/zones?kind=custom')).body.items).toEqual([])

    const remove = (headers: Record<string, string>) => service.request('DELETE', path, { headers })
    expect((await remove({})).status).toBe(428)
    expect((await remove({ 'if-match': '"1"' })).status).toBe(412)
    expect((await remove({ 'if-match': '"2"' })).status).toBe(204)
    expect((await remove({ 'if-match': '"2"' })).status).toBe(404)
    expect((await service.request('GET', path)).status).toBe(404)
  })

  it('pages in order', async () => {
    const ids: string[] = []
    for (let n = 0; n < 5; n++) ids.push((await draw({ ...quay, UNLocationCode: 'NLRTM' })).id)
    const seen: string[] = []
    let cursor = ''
    for (;;) {
      const { body } = await service.request(
        'GET',
        `/v1/zones?UNLocationCode=NLRTM&limit=2${cursor}`,
      )
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      if (body.next === null) break
      cursor = `&cursor=${body.next}`
    }
    expect(seen).toEqual(ids)
  })

  it('is made once for a repeated request', async () => {
    const request = {
      body: { ...quay, UNLocationCode: 'DEHAM' },
      headers: { 'idempotency-key': 'k' },
    }
    const first = await service.request('POST', '/v1/zones', request)
    const again = await service.request('POST', '/v1/zones', request)
    expect(again.body).toEqual(first.body)
    expect(again.headers['idempotency-replayed']).toBe('true')
  })

  it.each([
    [
      'an open ring',
      {
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 1],
            ],
          ],
        },
      },
      '#/geometry/coordinates/0',
    ],
    [
      'a line',
      {
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 1],
              [2, 2],
              [0, 0],
            ],
          ],
        },
      },
      '#/geometry/coordinates/0',
    ],
    [
      'a ring that crosses itself',
      {
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [179, 0],
              [-178, 1],
              [-179, 0],
              [179, 1],
              [179, 0],
            ],
          ],
        },
      },
      '#/geometry/coordinates/0',
    ],
    [
      'a hole outside',
      {
        geometry: {
          type: 'Polygon',
          coordinates: [box(0, 0, 1, 1).coordinates[0], box(2, 2, 3, 3).coordinates[0]],
        },
      },
      '#/geometry/coordinates/1',
    ],
    [
      'a hole that crosses the ring around it',
      {
        geometry: {
          type: 'Polygon',
          coordinates: [box(0, 0, 1, 1).coordinates[0], box(0.5, 0.5, 2, 2).coordinates[0]],
        },
      },
      '#/geometry/coordinates/1',
    ],
    [
      'a place off the globe',
      {
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 0],
              [1, 91],
              [0, 0],
            ],
          ],
        },
      },
      '#/geometry/coordinates/0/2/1',
    ],
    [
      'a circle without a radius',
      { geometry: { type: 'Point', coordinates: [0, 0] } },
      '#/radiusMetres',
    ],
    ['a polygon with a radius', { radiusMetres: 5 }, '#/radiusMetres'],
    [
      'too many vertices',
      { geometry: { type: 'Polygon', coordinates: [circle(600), circle(600)] } },
      '#/geometry/coordinates',
    ],
    ['a wrong UN/LOCODE', { UNLocationCode: 'ESAL1' }, '#/UNLocationCode'],
    ['a port of no country', { UNLocationCode: 'ZZALG' }, '#/UNLocationCode'],
    ['a long facility code', { facilityCode: 'TOOLONG' }, '#/facilityCode'],
    ['an unknown kind', { kind: 'dock' }, '#/kind'],
    ['an unknown property', { colour: 'red' }, '#/colour'],
  ])('refuses %s and says where', async (_, change, pointer) => {
    const answer = await service.request('POST', '/v1/zones', { body: { ...quay, ...change } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    const pointers = answer.body.errors.map((each: { pointer: string }) => each.pointer)
    expect(pointers).toContain(pointer)
  })

  it('may have a hole that touches its border, over the antimeridian too', async () => {
    const hole = [
      [-179.5, 0],
      [-179.2, 0.5],
      [179.8, 0.5],
      [-179.5, 0],
    ]
    const outer = box(179, 0, -179, 1).coordinates[0]
    const { status } = await service.request('POST', '/v1/zones', {
      body: { ...quay, geometry: { type: 'Polygon', coordinates: [outer, hole] } },
    })
    expect(status).toBe(201)
  })

  it('is drawn only by those who plan', async () => {
    for (const [role, status] of [
      ['admin', 201],
      ['berth-planner', 201],
      ['viewer', 403],
      ['agent', 403],
    ] as const) {
      const answer = await service.request('POST', '/v1/zones', {
        as: { roles: [role] },
        body: quay,
      })
      expect(answer.status).toBe(status)
    }
    expect((await service.request('GET', '/v1/zones', { as: { roles: ['agent'] } })).status).toBe(
      200,
    )
  })
})

describe('what ships do at zones', () => {
  it('is told in order: in, still, out, with the crossing’s time and place', async () => {
    const mmsi = '224100001'
    const port = await draw({
      name: 'Port',
      kind: 'port-area',
      geometry: box(-5.5, 36, -5.3, 36.2),
      UNLocationCode: 'ESALG',
    })
    const berth = await draw({
      name: 'Berth',
      kind: 'berth',
      geometry: box(-5.42, 36.09, -5.4, 36.11),
      UNLocationCode: 'ESALG',
      facilityCode: 'APMT',
    })
    await post(encodeSentences(voyage({ mmsi, name: 'EVER TEST' }), { time: begin }))
    // West to east at about 10 knots: 0.00286° of longitude a minute.
    const minute = 60_000
    const arrival = passage({
      mmsi,
      from: { lat: 36.1, lon: -5.6 },
      to: { lat: 36.1, lon: -5.41 },
      begin,
      count: 66,
      everySeconds: 60,
    })
    const stay = Array.from({ length: 8 }, (_, n) =>
      sentence(
        { mmsi, lat: 36.1, lon: -5.41, speed: 0.1, status: 5 },
        { time: begin + (66 + n) * minute },
      ),
    )
    const departure = passage({
      mmsi,
      from: { lat: 36.1, lon: -5.41 },
      to: { lat: 36.1, lon: -5.2 },
      begin: begin + 80 * minute,
      count: 75,
      everySeconds: 60,
    })
    await post(arrival)
    await post(stay)
    await post(departure)

    const events = await told(mmsi)
    expect(
      events.map((event: { type: string; data: { zone: { name: string } } }) => [
        event.type,
        event.data.zone.name,
      ]),
    ).toEqual([
      ['rutas.zone.entered', 'Port'],
      ['rutas.zone.entered', 'Berth'],
      ['rutas.zone.stopped', 'Berth'],
      ['rutas.zone.left', 'Berth'],
      ['rutas.zone.left', 'Port'],
    ])
    const crossing = new Date(begin + (0.1 / 0.19) * 65 * minute).getTime()
    expect(events[0]).toMatchObject({
      source: '/rutas',
      subject: mmsi,
      data: {
        mmsi,
        imo: '9074729',
        name: 'EVER TEST',
        zone: {
          id: port.id,
          name: 'Port',
          kind: 'port-area',
          UNLocationCode: 'ESALG',
          facilityCode: null,
        },
        position: { lat: expect.closeTo(36.1, 4), lon: expect.closeTo(-5.5, 4) },
      },
    })
    expect(events[0].time).toBe(events[0].data.time)
    expect(Math.abs(Date.parse(events[0].time) - crossing)).toBeLessThan(2_000)
    expect(events[2].data.zone).toMatchObject({ id: berth.id, facilityCode: 'APMT' })
    expect(events[2].time).toBe(new Date(begin + 66 * minute).toISOString())
    expect(events[3].data.stoppedAt).toBe(events[2].time)
    expect(events[4].data.stoppedAt).toBeNull()
    expect(events[1].data).not.toHaveProperty('stoppedAt')
  })

  it('is found between two fixes, too', async () => {
    const mmsi = '224100002'
    await draw({
      name: 'Buoy',
      kind: 'pilot-boarding',
      geometry: { type: 'Point', coordinates: [3, 40] },
      radiusMetres: 500,
    })
    await post([
      sentence({ mmsi, lat: 39.98, lon: 3 }, { time: begin }),
      sentence({ mmsi, lat: 40.02, lon: 3 }, { time: begin + 900_000 }),
    ])
    const events = await told(mmsi)
    expect(typesOf(events)).toEqual(['rutas.zone.entered', 'rutas.zone.left'])
    const [entered, left] = events.map(({ time }: { time: string }) => Date.parse(time))
    expect((entered + left) / 2).toBeCloseTo(begin + 450_000, -2)
  })

  it('is told once however often the log is sent', async () => {
    const mmsi = '224100003'
    await draw({ name: 'Once', kind: 'custom', geometry: box(20, 10, 20.1, 10.1) })
    const log = passage({
      mmsi,
      from: { lat: 10.05, lon: 19.99 },
      to: { lat: 10.05, lon: 20.02 },
      begin,
      count: 20,
    })
    await post(log.slice(0, 12))
    await post(log)
    await post(log)
    expect(typesOf(await told(mmsi))).toEqual(['rutas.zone.entered'])
  })

  it('forgets a stay with its zone, and judges a changed one at the next fix', async () => {
    const mmsi = '224100004'
    const at = (minutes: number) =>
      sentence({ mmsi, lat: 1.05, lon: 1.05, speed: 0 }, { time: begin + minutes * 60_000 })
    const zone = await draw({ name: 'Moving', kind: 'custom', geometry: box(1, 1, 1.1, 1.1) })
    const gone = await draw({ name: 'Gone', kind: 'custom', geometry: box(1, 1, 1.1, 1.1) })
    await post([at(0)])
    expect(typesOf(await told(mmsi))).toEqual(['rutas.zone.entered', 'rutas.zone.entered'])
    await service.request('DELETE', `/v1/zones/${gone.id}`, { headers: { 'if-match': '*' } })
    const moved = { name: 'Moving', kind: 'custom', geometry: box(2, 1, 2.1, 1.1) }
    await service.request('PUT', `/v1/zones/${zone.id}`, {
      body: moved,
      headers: { 'if-match': '"1"' },
    })
    await post([at(1)])
    const events = await told(mmsi)
    expect(typesOf(events).slice(2)).toEqual(['rutas.zone.left'])
    expect(events.at(-1)).toMatchObject({
      time: new Date(begin + 60_000).toISOString(),
      data: { zone: { name: 'Moving' } },
    })
  })
})

function circle(count: number): number[][] {
  const ring = Array.from({ length: count - 1 }, (_, n) => [
    Math.cos((2 * Math.PI * n) / (count - 1)),
    Math.sin((2 * Math.PI * n) / (count - 1)),
  ])
  return [...ring, ring[0] ?? []]
}

describe('stays', () => {
  const staysOf = async (id: string, query = '') => {
    const { status, body } = await service.request('GET', `/v1/zones/${id}/stays${query}`)
    expect(status).toBe(200)
    return body
  }
  const names = (body: { items: { mmsi: string }[] }) => body.items.map(({ mmsi }) => mmsi)
  const at = (minute: number) => new Date(begin + minute * 60_000).toISOString()

  it('tell who was in a zone between two times, and who is', async () => {
    const zone = await draw({
      name: 'Roads',
      kind: 'port-area',
      geometry: box(20, 40, 20.1, 40.1),
    })
    const through = (mmsi: string, minute: number, to = 20.2) =>
      passage({
        mmsi,
        from: { lat: 40.05, lon: 19.9 },
        to: { lat: 40.05, lon: to },
        begin: begin + minute * 60_000,
        count: 7,
        everySeconds: 600,
      })
    await post([
      ...through('224500001', 0),
      ...through('224500002', 120),
      ...through('224500003', 240, 20.05),
      ...encodeSentences(voyage({ mmsi: '224500001', name: 'FIRST' }), { time: begin }),
    ])
    const all = await staysOf(zone.id)
    expect(all.next).toBeNull()
    // A third of the way of 60 minutes lies inside.
    const about = (minute: number) => expect.stringContaining(at(minute).slice(0, 16))
    expect(all.items).toEqual([
      {
        mmsi: '224500001',
        name: 'FIRST',
        enteredAt: about(20),
        leftAt: about(40),
        lastSeen: null,
        stoppedAt: null,
      },
      {
        mmsi: '224500002',
        name: null,
        enteredAt: about(140),
        leftAt: about(160),
        lastSeen: null,
        stoppedAt: null,
      },
      {
        mmsi: '224500003',
        name: null,
        enteredAt: about(280),
        leftAt: null,
        lastSeen: at(300),
        stoppedAt: null,
      },
    ])
    const between = (from: number, to: number) => staysOf(zone.id, `?from=${at(from)}&to=${at(to)}`)
    expect(names(await between(0, 19))).toEqual([])
    expect(names(await between(0, 21))).toEqual(['224500001'])
    expect(names(await between(39, 139))).toEqual(['224500001'])
    expect(names(await between(41, 139))).toEqual([])
    expect(names(await between(30, 150))).toEqual(['224500001', '224500002'])
    expect(names(await between(9_000, 9_001))).toEqual(['224500003'])
    const page = await staysOf(zone.id, '?limit=2')
    expect(names(page)).toHaveLength(2)
    const rest = await staysOf(zone.id, `?limit=2&cursor=${encodeURIComponent(page.next)}`)
    expect(names(rest)).toEqual(['224500003'])
  })

  it('are of zones that are there', async () => {
    const { status } = await service.request(
      'GET',
      '/v1/zones/00000000-0000-7000-8000-000000000000/stays',
    )
    expect(status).toBe(404)
  })

  it('are found by an index, however many there have been', async () => {
    const { sql } = (service.opened as { database: { sql: Sql } }).database
    const zone = await draw({ name: 'Busy', kind: 'port-area', geometry: box(30, 40, 30.1, 40.1) })
    await sql(
      `INSERT INTO zone_stay (zone_id, mmsi, entered_at, left_at)
       SELECT $1::uuid, 300000000 + n, now() - n * interval '1 hour',
              now() - n * interval '1 hour' + interval '30 minutes'
       FROM generate_series(1, 20000) AS n`,
      [zone.id],
    )
    await sql('ANALYZE zone_stay')
    const hour = 3_600_000
    for (const [from, to] of [
      [Date.now() - 3 * hour, Date.now() - hour],
      [Date.now() - 19_990 * hour, Date.now() - 19_980 * hour],
    ] as const) {
      const times = [new Date(from).toISOString(), new Date(to).toISOString()]
      const values = [zone.id, ...times, '-infinity', 0, 51]
      const rows = await sql<{ 'QUERY PLAN': string }>(`EXPLAIN ${staysStatement}`, values)
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toMatch(/(?:Index Scan using|Index Scan on) zone_stay_/)
      expect(plan).not.toMatch(/Seq Scan on zone_stay/)
    }
  })
})

describe('lines', () => {
  const bar = {
    name: 'Bar of the port',
    kind: 'custom',
    geometry: {
      type: 'LineString',
      coordinates: [
        [40, 40],
        [40, 40.1],
      ],
    },
  }

  it('tell who crosses them, and which way', async () => {
    const line = await draw(bar)
    const mmsi = '224600001'
    const from = { lat: 40.05, lon: 39.9 }
    const to = { lat: 40.05, lon: 40.1 }
    await post(passage({ mmsi, from, to, begin, count: 7, everySeconds: 600 }))
    await post(
      passage({ mmsi, from: to, to: from, begin: begin + 7_200_000, count: 7, everySeconds: 600 }),
    )
    const events = await told(mmsi)
    expect(typesOf(events)).toEqual(['rutas.zone.crossed', 'rutas.zone.crossed'])
    expect(events[0].data).toMatchObject({
      zone: { id: line.id, name: 'Bar of the port' },
      towards: 'RIGHT',
      time: new Date(begin + 1_800_000).toISOString(),
      position: { lat: 40.05, lon: expect.closeTo(40, 4) },
    })
    expect(events[1].data).toMatchObject({ towards: 'LEFT' })
    const { body } = await service.request('GET', `/v1/zones/${line.id}/stays`)
    expect(body).toEqual({ items: [], next: null })
  })

  it('remember between batches which side a ship came from', async () => {
    await draw({
      ...bar,
      geometry: {
        ...bar.geometry,
        coordinates: [
          [50, 40],
          [50, 40.1],
        ],
      },
    })
    const mmsi = '224600002'
    const at = (lon: number, minute: number) =>
      sentence({ mmsi, lat: 40.05, lon, speed: 1 }, { time: begin + minute * 60_000 })
    await post([at(49.999, 0)])
    await post([at(50.0002, 10)])
    expect(await told(mmsi)).toEqual([])
    await post([at(50.002, 20)])
    expect(typesOf(await told(mmsi))).toEqual(['rutas.zone.crossed'])
  })

  it('are refused with a radius, another kind, or no length', async () => {
    const refused = async (change: object) => {
      const { status, body } = await service.request('POST', '/v1/zones', {
        body: { ...bar, ...change },
      })
      expect(status).toBe(400)
      return body.errors.map(({ pointer }: { pointer: string }) => pointer)
    }
    expect(await refused({ radiusMetres: 10, kind: 'berth' })).toEqual(['#/radiusMetres', '#/kind'])
    const still = {
      type: 'LineString',
      coordinates: [
        [1, 1],
        [1, 1],
      ],
    }
    expect(await refused({ geometry: still })).toEqual(['#/geometry/coordinates'])
    const beyond = {
      type: 'LineString',
      coordinates: [
        [1, 1],
        [181, 1],
      ],
    }
    expect(await refused({ geometry: beyond })).toEqual(['#/geometry/coordinates/1/0'])
  })
})

describe('zones that watch', () => {
  it('tell who stays long and who is too fast, also when they are told batch by batch', async () => {
    const watch = { dwellMinutes: 30, speedLimitKnots: 8.5 }
    const area = box(60, 40, 60.1, 40.1)
    const zone = await draw({ name: 'Channel', kind: 'custom', geometry: area, ...watch })
    expect(zone).toMatchObject(watch)
    const mmsi = '224700001'
    for (const [minute, speed] of [
      [0, 5],
      [10, 9],
      [20, 9],
      [30, 8.2],
      [40, 9],
    ] as const) {
      const lon = 60.05 + minute / 10_000
      await post([sentence({ mmsi, lat: 40.05, lon, speed }, { time: begin + minute * 60_000 })])
    }
    const events = await told(mmsi)
    expect(typesOf(events)).toEqual([
      'rutas.zone.entered',
      'rutas.zone.speed-exceeded',
      'rutas.zone.dwelt',
    ])
    expect(events[1].data).toMatchObject({ speed: 9, speedLimitKnots: 8.5 })
    const refused = { name: 'X', kind: 'custom', geometry: area, speedLimitKnots: 0 }
    expect((await service.request('POST', '/v1/zones', { body: refused })).status).toBe(400)
  })
})
