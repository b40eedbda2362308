import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { rutas } from '../src/service.ts'
import { keepAll } from './policy.ts'
import { sentence } from './sentences.ts'

type Rutas = TestService<{
  database: { sql: (text: string, values?: unknown[]) => Promise<unknown> }
  liveChanges: { trim: () => Promise<void> }
}>
type ServerSentEvent = { id: string; event: string; data: string }

const begin = Date.UTC(2026, 9, 1, 12)
const patient = { timeout: 20_000, interval: 50 }
const issuer = new TokenIssuer()
let one: Rutas
let two: Rutas

beforeAll(async () => {
  one = await startTestService(rutas, { issuer, env: keepAll })
  two = await startTestService(rutas, { issuer, env: keepAll, databaseUrl: one.databaseUrl })
})
afterAll(async () => {
  await two.close()
  await one[Symbol.asyncDispose]()
})

const at = (mmsi: string, { n = 0, lat = 36, lon = -5 }) =>
  sentence({ mmsi, lat: lat + n / 2_000, lon }, { time: begin + n * 31_000 })
const post = async (lines: readonly string[], to = one) => {
  const headers = { 'content-type': 'text/plain' }
  const answer = await to.request('POST', '/v1/ais', { headers, body: lines.join('\n') })
  expect(answer.body).toMatchObject({ stored: lines.length })
}

const connect = async (
  query: string,
  { from = two, headers = {} }: { from?: Rutas; headers?: Record<string, string> } = {},
): Promise<IncomingMessage> => {
  const authorization = `Bearer ${issuer.gatewayToken('rutas', { roles: ['viewer'] })}`
  const out = get(`${from.url}/v1/live${query}`, { headers: { authorization, ...headers } })
  const [answer] = (await once(out, 'response')) as [IncomingMessage]
  answer.on('error', () => undefined)
  onTestFinished(() => void answer.destroy())
  return answer
}

/** A reader of the live stream that has been told where it stands. */
const listen = async (query: string, options: Parameters<typeof connect>[1] = {}) => {
  const answer = await connect(query, options)
  const events: ServerSentEvent[] = []
  let lastEventId = ''
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = Object.fromEntries(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      text = text.slice(end + 2)
      lastEventId = fields['id'] ?? lastEventId
      if (fields['data'] !== undefined)
        events.push({ id: lastEventId, ...fields } as ServerSentEvent)
    }
  })
  await expect.poll(() => lastEventId, patient).not.toBe('')
  const changes = () =>
    events.filter(({ event }) => event === 'changes').map(({ data }) => JSON.parse(data))
  return {
    answer,
    events,
    lastEventId: () => lastEventId,
    lats: (): number[] =>
      changes().flatMap(({ positions }) =>
        positions.map((each: { position: { lat: number } }) => each.position.lat),
      ),
    zoneEvents: () => changes().flatMap(({ zoneEvents }) => zoneEvents),
    cut: () => answer.destroy(),
  }
}

describe('the live stream', () => {
  it('tells of positions that another replica took in, and of those asked for alone', async () => {
    const mmsi = '224500001'
    const ship = await listen(`?mmsi=${mmsi},224500009`)
    const box = await listen('?bbox=-5.5,35.5,-4.5,36.5')
    const elsewhere = await listen('?bbox=10,10,11,11')
    await post([at('224500002', { lon: -5.2 })])
    await post([at(mmsi, { n: 0, lon: -6 }), at('224500003', { lat: 10.5, lon: 10.5 })])
    await expect.poll(ship.lats, patient).toEqual([expect.closeTo(36, 4)])
    await expect.poll(() => elsewhere.lats().length, patient).toBe(1)
    expect(box.lats()).toHaveLength(1)
    expect(ship.events.map(({ event }) => event)).toEqual(['changes'])
    expect(JSON.parse(ship.events[0]?.data ?? '')).toEqual({
      positions: [
        {
          mmsi,
          kind: 'vessel',
          name: null,
          shipType: null,
          position: { lat: expect.closeTo(36, 4), lon: expect.closeTo(-6, 4) },
          speed: 10,
          course: 90,
          heading: 90,
          navigationStatus: 0,
          time: '2026-10-01T12:00:00.000Z',
        },
      ],
      zoneEvents: [],
    })
  })

  it('tells of a zone: who is in it, and who enters', async () => {
    const mmsi = '224500011'
    const geometry = { type: 'Point', coordinates: [20, 20] }
    const zone = { name: 'Live', kind: 'custom', radiusMetres: 1_000, geometry }
    const { body } = await one.request('POST', '/v1/zones', { body: zone })
    const reader = await listen(`?zone=${body.id}`)
    await post([at(mmsi, { lat: 19.98, lon: 20 })])
    await post([at(mmsi, { n: 40, lat: 19.98, lon: 20 }), at('224500012', { lat: 21, lon: 20 })])
    await expect
      .poll(reader.zoneEvents, patient)
      .toMatchObject([{ type: 'rutas.zone.entered', mmsi, zone: { id: body.id, name: 'Live' } }])
    expect(reader.lats()).toEqual([expect.closeTo(20, 4)])
  })

  it('goes on where it was cut, at another replica, without loss or repetition', async () => {
    const mmsi = '224500021'
    const first = await listen(`?mmsi=${mmsi}`, { from: two })
    for (let n = 0; n < 3; n += 1) await post([at(mmsi, { n })])
    await expect.poll(() => first.lats().length, patient).toBe(3)
    first.cut()
    for (let n = 3; n < 30; n += 1) await post([at(mmsi, { n })], n % 2 === 0 ? one : two)
    const headers = { 'last-event-id': first.lastEventId() }
    const second = await listen(`?mmsi=${mmsi}`, { from: one, headers })
    for (let n = 30; n < 35; n += 1) await post([at(mmsi, { n })])
    await expect.poll(() => second.lats().length, patient).toBe(32)
    expect(second.events.map(({ event }) => event)).toEqual(Array(32).fill('changes'))
    expect(second.lats()).toEqual(second.lats().toSorted((a, b) => a - b))
  })

  it('says that there is a gap when the place is not kept, and goes on from here', async () => {
    const mmsi = '224500031'
    const first = await listen(`?mmsi=${mmsi}`)
    await post([at(mmsi, { n: 0 })])
    await expect.poll(() => first.lats().length, patient).toBe(1)
    await crash()
    for (const id of [first.lastEventId(), '1-1', 'nonsense']) {
      const again = await listen(`?mmsi=${mmsi}`, { headers: { 'last-event-id': id } })
      expect(again.events.map(({ event }) => event)).toEqual(['gap'])
      again.cut()
    }
    const last = await listen(`?mmsi=${mmsi}`, { headers: { 'last-event-id': '1-1' } })
    await post([at(mmsi, { n: 1 })])
    await expect.poll(() => last.lats().length, patient).toBe(1)
  })

  /** What a crash of PostgreSQL leaves of an unlogged table. */
  const crash = () => one.opened.database.sql('TRUNCATE live_change')

  const hour = 3_600_000
  /** Lets an hour pass, in which nothing is heard. @returns ids of before as they now are */
  const quietHour = async () => {
    await one.opened.database.sql('UPDATE live_change SET written = written - $1::bigint', [hour])
    for (const replica of [one, two]) await replica.opened.liveChanges.trim()
    return (id: string) => id.replace(/\d+$/, (written) => String(Number(written) - hour))
  }
  /** What a reader is told that comes back with an id, up to one more message. */
  const resume = async (
    mmsi: string,
    { id, n, from, missed = 1 }: { id: string; n: number; from: Rutas; missed?: number },
  ) => {
    const reader = await listen(`?mmsi=${mmsi}`, { from, headers: { 'last-event-id': id } })
    await post([at(mmsi, { n })])
    await expect.poll(() => reader.lats().length, patient).toBe(missed)
    reader.cut()
    return { told: reader.events.map(({ event }) => event), id: reader.lastEventId() }
  }

  it('knows where a reader stood after an hour without a message, at any replica and after a start', async () => {
    const mmsi = '224500041'
    const first = await listen(`?mmsi=${mmsi}`)
    await post([at(mmsi, { n: 0 })])
    await expect.poll(() => first.lats().length, patient).toBe(1)
    first.cut()
    let aged = await quietHour()
    const { told, id } = await resume(mmsi, { id: aged(first.lastEventId()), n: 1, from: one })
    expect(told).toEqual(['changes'])
    // The one behind is young: nothing that this reader has missed is gone.
    for (const replica of [one, two]) await replica.opened.liveChanges.trim()
    const again = await resume(mmsi, { id: aged(first.lastEventId()), n: 2, from: two, missed: 2 })
    expect(again.told).toEqual(['changes', 'changes'])
    aged = await quietHour()
    const fresh = await startTestService(rutas, {
      issuer,
      env: keepAll,
      databaseUrl: one.databaseUrl,
    })
    const last = await resume(mmsi, { id: aged(again.id), n: 3, from: fresh })
    await fresh.close()
    expect(last.told).toEqual(['changes'])
    const behind = await resume(mmsi, { id: aged(id), n: 4, from: two })
    expect(behind.told[0]).toBe('gap')
  })

  it('knows where a reader stood in a stream of which nothing was kept', async () => {
    const mmsi = '224500051'
    await crash()
    const first = await listen(`?mmsi=${mmsi}`, { from: one })
    expect(first.events).toEqual([])
    first.cut()
    const { told } = await resume(mmsi, { id: first.lastEventId(), n: 0, from: two })
    expect(told).toEqual(['changes'])
  })

  it('drops a reader when the database has lost what was to follow', async () => {
    const readers = [await listen('?mmsi=224500061'), await listen('?mmsi=224500062')]
    await crash()
    for (const { events } of readers) {
      await expect
        .poll(() => events.map(({ event, data }) => ({ event, data })), patient)
        .toEqual([{ event: 'dropped', data: '{"reason":"behind"}' }])
    }
  })

  /** As ingest would write it, without waiting for so much AIS. */
  const write = (count: number, lon: number) => {
    const position = { mmsi: '225000001', position: { lat: 35, lon }, name: 'x'.repeat(250_000) }
    return one.opened.database.sql(
      `INSERT INTO live_change (last_message, written, positions, zone_events)
       SELECT nextval('ais_message_number'), extract(epoch FROM now()) * 1000, $1, '[]'
       FROM generate_series(1, $2::int)`,
      [JSON.stringify([position]), count],
    )
  }

  it('waits for a reader that pauses, and keeps others going', async () => {
    const reader = await listen('?bbox=30,30,35,40')
    reader.answer.pause()
    const quick = await listen('?bbox=30,30,35,40')
    await write(60, 31)
    await expect.poll(() => quick.events.length, patient).toBe(60)
    expect(reader.events.length).toBeLessThan(60)
    reader.answer.resume()
    await expect.poll(() => reader.events.length, patient).toBe(60)
    expect(new Set(reader.events.map(({ id }) => id)).size).toBe(60)
  })

  it('cuts a reader that takes nothing, and says why', async () => {
    const hasty = await startTestService(rutas, {
      issuer,
      databaseUrl: one.databaseUrl,
      env: { LIVE_PATIENCE_SECONDS: '1' },
    })
    const slow = await connect('?bbox=35,30,40,40', { from: hasty })
    slow.pause()
    await write(60, 36)
    const dropped = async () =>
      (await (await fetch(`${hasty.managementUrl}/metrics`)).text())
        .split('\n')
        .find((line) => line.startsWith('rutas_live_dropped_total{'))
    await expect.poll(dropped, patient).toBe('rutas_live_dropped_total{reason="slow"} 1')
    let text = ''
    slow.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    slow.resume()
    await once(slow, 'end')
    expect(text).toMatch(/event: dropped\ndata: \{"reason":"slow"\}\n\n$/)
    await hasty.close()
  })

  it.each([
    ['?bbox=1,2,3', 400],
    ['?mmsi=12', 400],
    ['?zone=00000000-0000-4000-8000-000000000000', 404],
    ['?box=1,2,3,4', 400],
  ])('refuses %s', async (query, status) => {
    const answer = await two.request('GET', `/v1/live${query}`)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  })

  it('ends when the service does', async () => {
    const third = await startTestService(rutas, { issuer, databaseUrl: one.databaseUrl })
    const answer = await connect('', { from: third })
    const ended = once(answer.resume(), 'end')
    await third.close()
    await ended
    expect(answer.complete).toBe(true)
  })
})
