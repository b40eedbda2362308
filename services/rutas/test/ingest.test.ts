import { encodeSentences } from '@porttrack/ais/encode'
import { sampleMessages } from '@porttrack/ais/testing/messages'
import { startTestService, type TestService } from '@porttrack/shared/testing/start-service'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rutas } from '../src/service.ts'
import { accepted } from './accepted.ts'
import { keepAll } from './policy.ts'
import { passage, sentence, voyage } from './sentences.ts'

let service: TestService<object>
const machine = { kind: 'machine', scopes: ['rutas/ais.write'] } as const
const text = { 'content-type': 'text/plain' }

const post = (lines: readonly string[] | string, as: object = machine) =>
  service.request('POST', '/v1/ais', {
    as,
    headers: text,
    body: typeof lines === 'string' ? lines : `${lines.join('\n')}\n`,
  })
const postJson = (lines: readonly object[]) =>
  service.request('POST', '/v1/ais', {
    as: machine,
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
const target = async (mmsi: string) => (await service.request('GET', `/v1/targets/${mmsi}`)).body
const track = async (mmsi: string, query = '') =>
  (await service.request('GET', `/v1/targets/${mmsi}/track?limit=1000${query}`)).body.items

const begin = Date.UTC(2026, 9, 1, 12)

beforeAll(async () => {
  service = await startTestService(rutas, { env: { ...keepAll, AIS_BODY_LIMIT_BYTES: '3000000' } })
})
afterAll(() => service[Symbol.asyncDispose]())

describe('taking AIS in', () => {
  it('counts what it took, passed over and refused', async () => {
    const mmsi = '224000001'
    const good = sentence({ mmsi, lat: 36.1, lon: -5.4 }, { time: begin, source: 'rx1' })
    const twin = sentence({ mmsi, lat: 36.1, lon: -5.4 }, { time: begin + 3_000, source: 'rx2' })
    const [first = ''] = encodeSentences(voyage({ mmsi }), { time: begin })
    const broken = good.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
    const { status, body } = await post([
      '$GPGSA,A,3,11,32,14,28,22,03,10,08,17,,,,2.02,1.03,1.74*00',
      '# a comment',
      '',
      good,
      twin,
      broken,
      'nonsense',
      first,
    ])
    expect(status).toBe(200)
    expect(body).toEqual({
      accepted: 2,
      stored: 1,
      duplicates: 1,
      ignored: 3,
      pending: 1,
      rejected: [
        { line: 6, reason: 'bad-checksum', detail: 'the checksum does not match the sentence' },
        { line: 7, reason: 'malformed', detail: expect.any(String) },
      ],
      rejectedCount: 2,
      rejectedByReason: { 'bad-checksum': 1, malformed: 1 },
    })
    expect(await target(mmsi)).toMatchObject({
      mmsi,
      position: { lat: expect.closeTo(36.1, 5), lon: expect.closeTo(-5.4, 5) },
      lastSeen: '2026-10-01T12:00:00.000Z',
      stationClass: 'A',
    })
  })

  it('says in the caller’s language why it refused a line', async () => {
    const foreign = { sentence: '!AIVDM', time: new Date().toISOString(), source: 'ñ' }
    const body = Buffer.from(`${JSON.stringify(foreign)}\n{}\n{"sentence":"nonsense"}\n`)
    const details = async (language: string) => {
      const headers = {
        'content-type': 'application/x-ndjson',
        'accept-language': language,
      }
      const answer = await service.request('POST', '/v1/ais', { body, headers })
      expect(answer.headers.vary).toContain('accept-language')
      return answer.body.rejected.map(({ detail }: { detail: string }) => detail)
    }
    const english = await details('en')
    expect(english).toEqual([
      'the source is not 1 to 64 printable ASCII characters',
      expect.stringContaining('neither a JSON object'),
      'not laid out as an NMEA 0183 sentence',
    ])
    expect(await details('fr')).toEqual(english)
    expect(await details('es-MX, en;q=0.5')).toEqual([
      'la fuente no tiene de 1 a 64 caracteres ASCII imprimibles',
      expect.stringContaining('no es un objeto JSON'),
      'no tiene la forma de una sentencia NMEA 0183',
    ])
  })

  it('stores nothing twice when a whole log is sent again', async () => {
    const log = sampleMessages(3_000, 7).flatMap((message, n) =>
      encodeSentences(message, { time: begin + n * 1_000, sequenceId: n % 10 }),
    )
    const first = await post(log)
    expect(first.body).toMatchObject({ accepted: 3_000, rejectedCount: 0, pending: 0 })
    const again = await post(log)
    expect(again.body).toMatchObject({
      accepted: 3_000,
      stored: 0,
      duplicates: 3_000,
      rejectedCount: 0,
    })
  })

  it('knows a report that a former version has stored, apart from its position', async () => {
    const mmsi = '224000005'
    const time = Date.UTC(2026, 8, 1, 12)
    const report = sentence({ mmsi, lat: 36, lon: -6 }, { time })
    const payload = /,([^,]+),0\*/.exec(report)?.[1]
    const { database } = service.opened as { database: { sql: Sql } }
    await database.sql(`SELECT open_track_day('2026-09-01')::text`)
    await database.sql(
      `INSERT INTO ais_message (time_bucket, payload, id, type, fill_bits, mmsi, time, own_time,
                                received_at)
       VALUES (${time / 30_000}, '${payload}', 1, 1, 0, ${mmsi},
               '2026-09-01T12:00:00Z', true, '2026-09-01T12:00:00Z')`,
    )
    expect((await post([report])).body).toMatchObject({ stored: 0, duplicates: 1 })
  })

  it('joins parts that come in two requests, mixed', async () => {
    const one = encodeSentences(voyage({ mmsi: '224000011', name: 'ONE' }), { sequenceId: 1 })
    const two = encodeSentences(voyage({ mmsi: '224000012', name: 'TWO' }), { sequenceId: 2 })
    const other = { kind: 'machine', scopes: ['rutas/ais.write'], subject: 'another' }
    expect((await post([one[0] ?? '', two[0] ?? ''])).body).toMatchObject({ pending: 2, stored: 0 })
    expect((await post([two[1] ?? ''], other)).body).toMatchObject({ pending: 1, stored: 0 })
    expect((await post([two[1] ?? '', one[1] ?? ''])).body).toMatchObject({ pending: 0, stored: 2 })
    expect(await target('224000011')).toMatchObject({ name: 'ONE', imo: '9074729' })
    expect(await target('224000012')).toMatchObject({ name: 'TWO' })
    const left = service.opened as { database: { sql: Sql } }
    expect(await left.database.sql('SELECT sender FROM ais_pending_part')).not.toContainEqual({
      sender: 'machine:tester',
    })
  })

  it('takes lines of JSON with a time and a source of their own', async () => {
    const mmsi = '224000021'
    const plain = sentence({ mmsi, lat: 36, lon: -6 })
    const tagged = sentence({ mmsi, lat: 36, lon: -6.01 }, { time: begin + 600_000, source: 'tag' })
    const { body } = await postJson([
      { sentence: plain, time: '2026-10-01T14:00:00+02:00', source: 'beside' },
      { sentence: tagged, time: '2026-10-01T12:00:00Z', source: 'beside' },
      { sentence: plain, time: '2026-06-31T12:00:00Z' },
      { sentence: plain, time: '2999-01-01T12:00:00Z' },
      { sentence: plain, source: 'a\u0000b' },
      { sentence: 7 },
      { phrase: plain },
      { sentence: plain, mood: 'good' },
    ])
    expect(body).toMatchObject({ stored: 2, rejectedCount: 6 })
    expect(body.rejectedByReason).toEqual({ 'bad-time': 2, 'bad-source': 1, 'bad-json': 3 })
    expect(await track(mmsi)).toMatchObject([
      { time: '2026-10-01T12:00:00.000Z', source: 'beside' },
      { time: '2026-10-01T12:10:00.000Z', source: 'tag' },
    ])
  })

  it('takes what AIS-catcher posts, and its lines', async () => {
    const mmsi = '224000022'
    const at = (lon: number) => [sentence({ mmsi, lat: 36, lon })]
    const parts = encodeSentences(voyage({ mmsi, name: 'CAUGHT' }), { sequenceId: 5 })
    const unix = begin / 1_000
    const msgs = [
      { class: 'AIS', rxtime: '20261001120000', nmea: at(-6), mmsi, signalpower: -44 },
      { rxuxtime: unix + 600.25, rxtime: '20261001120000', nmea: at(-6.01) },
      { rxuxtime: unix, nmea: parts },
      { rxtime: '20260631120000', nmea: at(-6) },
      { rxuxtime: unix, nmea: [7] },
      { rxuxtime: unix + 10 * 365 * 86_400, nmea: at(-6) },
      'nonsense',
    ]
    const send = (type: string, body: string) =>
      service.request('POST', '/v1/ais', { as: machine, headers: { 'content-type': type }, body })
    const document = { protocol: 'jsonaiscatcher', stationid: 'north', device: {}, msgs }
    const { body } = await send('application/json', JSON.stringify(document))
    expect(body).toMatchObject({ stored: 3, rejectedByReason: { 'bad-json': 3, 'bad-time': 1 } })
    expect(body.rejected.map(({ line }: { line: number }) => line)).toEqual([4, 5, 6, 7])
    expect(await track(mmsi)).toMatchObject([
      { time: '2026-10-01T12:00:00.000Z', source: 'north' },
      { time: '2026-10-01T12:10:00.250Z', source: 'north' },
    ])
    expect(await target(mmsi)).toMatchObject({ name: 'CAUGHT' })
    expect((await postJson(msgs.slice(0, 3) as object[])).body).toMatchObject({ duplicates: 3 })

    for (const wrong of ['', '[]', '{"msgs":7}', '{"msgs":[']) {
      const answer = await send('application/json', wrong)
      expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    }
    const large = await send('application/json', ' '.repeat(2_100_000))
    expect(large.status).toBe(413)
  })

  it('takes the CSV of MarineCadastre, and names the rows that are none', async () => {
    const head =
      'MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass'
    const rows = [
      '224000023,2026-10-01T12:00:00,36.1,-5.4,10.5,359.96,511,"SEA, STAR",IMO9074729,ECAB,70,0,150,25,8.5,71,A',
      '224000023,2026-10-01T12:01:00,36.101,-5.4,10.5,90.1,91,"SEA, STAR",IMO9074729,ECAB,70,0,150,25,8.5,71,A',
      '224000023,2026-10-01T12:07:00,36.12,-5.4,102.3,-12.5,91,"SEA, STAR",IMO9074729,ECAB,70,0,150,25,8.5,71,A',
      '224000024,2026-10-01 12:00:00,36.2,-5.3,,,,BOAT,,,37,,10,4,,,B',
      '224000024,2026-02-30T12:00:00,36.2,-5.3,,,,,,,,,,,,,B',
      '22400002,2026-10-01T12:00:00,36.2,-5.3,,,,,,,,,,,,,B',
      '224000024,2026-10-01T12:00:00,96.2,-5.3,,,,,,,,,,,,,B',
      '224000024,2026-10-01T12:00:00,36.2,-5.3,fast,,,,,,,,,,,,B',
      '224000024,2026-10-01T12:00:00,36.2',
      '224000024,2026-10-01T12:00:61,36.2,-5.3,,,,,,,,,,,,,B',
      '224000024,2099-10-01T12:00:00,36.2,-5.3,,,,,,,,,,,,,B',
    ]
    const send = (lines: readonly string[]) =>
      service.request('POST', '/v1/ais', {
        as: machine,
        headers: { 'content-type': 'text/csv' },
        body: lines.join('\r\n'),
      })
    const { body } = await send([head, ...rows])
    // Four positions; the first ship's static data twice, the second's in two messages.
    expect(body).toMatchObject({
      stored: 8,
      rejectedByReason: { 'bad-row': 4, 'bad-time': 3 },
    })
    expect(body.rejected.map(({ line }: { line: number }) => line)).toEqual([
      6, 7, 8, 9, 10, 11, 12,
    ])
    expect(await track('224000023')).toMatchObject([
      { time: '2026-10-01T12:00:00.000Z', speed: 10.5, course: null, heading: null },
      { time: '2026-10-01T12:01:00.000Z', course: expect.closeTo(90.1, 3), heading: 91 },
      { time: '2026-10-01T12:07:00.000Z', speed: null, course: null },
    ])
    expect(await target('224000023')).toMatchObject({
      name: 'SEA, STAR',
      nameConfirmed: true,
      imo: '9074729',
      callSign: 'ECAB',
      shipType: 70,
      stationClass: 'A',
      dimensions: { bow: 0, stern: 150, port: 0, starboard: 25 },
      draught: expect.closeTo(8.5, 3),
      position: { lat: expect.closeTo(36.12, 5), lon: expect.closeTo(-5.4, 5) },
    })
    expect(await target('224000024')).toMatchObject({ name: 'BOAT', stationClass: 'B' })
    expect((await send([head, ...rows])).body).toMatchObject({ stored: 0, duplicates: 8 })
    expect((await send([`\ufeff${head}`])).body).toMatchObject({ stored: 0 })
    // As it is published from 2025 on.
    const since2025 =
      'mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,draft,cargo,transceiver'
    const former =
      '224000023,2026-10-01 12:00:00,-5.4,36.1,10.5,359.96,511,"SEA, STAR",IMO9074729,ECAB,70,0,150,25,8.5,71,A'
    const new2025 = '224000025,2026-10-01 12:01:00,-5.25,36.3,4,90,91,,,,,,,,,,B'
    expect((await send([since2025, former, new2025])).body).toMatchObject({
      stored: 1,
      duplicates: 2,
      rejectedCount: 0,
    })
    expect(await target('224000025')).toMatchObject({
      position: { lat: expect.closeTo(36.3, 5), lon: expect.closeTo(-5.25, 5) },
      stationClass: 'B',
    })
    for (const wrong of ['MMSI,LAT,LON', `${head},Colour`, `${head},mmsi`, rows[0] ?? '']) {
      const answer = await send([wrong])
      expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    }
  })

  it('gives a message without a time that of its arrival, and keeps every one', async () => {
    const mmsi = '224000031'
    const lines = Array.from({ length: 50 }, (_, n) =>
      sentence({ mmsi, lat: 36 + n / 10_000, lon: -6 }),
    )
    const before = Date.now()
    expect((await post(lines)).body).toMatchObject({ stored: 50 })
    const positions = await track(mmsi)
    expect(positions).toHaveLength(50)
    const lats = positions.map((each: { position: { lat: number } }) => each.position.lat)
    expect(lats).toEqual(lats.toSorted())
    expect(Date.parse(positions[0].time)).toBeGreaterThanOrEqual(before - 1)
  })

  it('keeps well-formed messages of types that are not decoded', async () => {
    const raw = '!AIVDM,1,1,,A,85Mwp`1Kf3aCnsNvBWLi=wQuNhA5t43N`5nCuI=p<IBfVqnMgPGs,0*47'
    const before = await storedTypes()
    expect((await post([raw])).body).toMatchObject({ stored: 1, rejectedCount: 0 })
    expect((await storedTypes()).get(8)).toBe((before.get(8) ?? 0) + 1)
    const { body } = await post([checked('AIVDM,1,1,,A,t000000000,0'), checked('AIVDM,1,1,,A,8,0')])
    expect(body.rejectedByReason).toEqual({ 'unsupported-type': 1, 'bad-length': 1 })
  })

  it('stores no position that is not available', async () => {
    const mmsi = '224000041'
    expect(
      (await post([sentence({ mmsi, lat: null, lon: null }, { time: begin })])).body,
    ).toMatchObject({ stored: 1 })
    expect(await target(mmsi)).toMatchObject({ position: null, lastSeen: null })
    expect(await track(mmsi)).toEqual([])
  })

  it('puts a late fix into the track without moving the ship back', async () => {
    const mmsi = '224000051'
    const at = (lon: number, seconds: number) =>
      sentence({ mmsi, lat: 36, lon }, { time: begin + seconds * 1_000 })
    await post([at(-6, 0), at(-5.98, 600)])
    await post([at(-5.99, 300)])
    expect((await target(mmsi)).position.lon).toBeCloseTo(-5.98, 5)
    const lons = (await track(mmsi)).map((each: { position: { lon: number } }) => each.position.lon)
    expect(lons).toEqual([-6, -5.99, -5.98].map((lon) => expect.closeTo(lon, 5)))
  })

  it('goes on with a target after one report from a clock that is ahead', async () => {
    const mmsi = '224000056'
    const now = Date.now()
    const at = (lon: number, time: number, name: string) => [
      sentence({ mmsi, lat: 36, lon }, { time }),
      ...encodeSentences(voyage({ mmsi, name }), { time }),
    ]
    await post(at(-6, now - 60_000, 'BEFORE'))
    await post(at(-5.999, now + 20 * 3_600_000, 'AHEAD'))
    await post(at(-5.998, now, 'BEFORE'))
    expect(await target(mmsi)).toMatchObject({
      position: { lon: expect.closeTo(-5.998, 5) },
      lastSeen: new Date(now).toISOString(),
      name: 'BEFORE',
    })
    expect(await track(mmsi)).toHaveLength(3)
  })

  it('quarantines a jump until a second fix agrees', async () => {
    const mmsi = '224000061'
    const at = (lon: number, seconds: number) =>
      sentence({ mmsi, lat: 36, lon }, { time: begin + seconds * 1_000 })
    await post([at(-6, 0), at(-4, 60)])
    expect((await target(mmsi)).position.lon).toBeCloseTo(-6, 5)
    expect(await track(mmsi)).toHaveLength(1)
    expect(await track(mmsi, '&quarantined=true')).toMatchObject([
      { quarantined: false },
      { quarantined: true },
    ])
    await post([at(-3.999, 120)])
    expect((await target(mmsi)).position.lon).toBeCloseTo(-3.999, 5)
    expect(await track(mmsi)).toHaveLength(3)
  })

  it('is for receivers, administrators and the harbour master only', async () => {
    const line = sentence({ mmsi: '224000071' }, { time: begin })
    for (const as of [{ roles: ['admin'] }, { roles: ['harbour-master'] }, machine]) {
      expect((await post([line], as)).status).toBe(200)
    }
    for (const as of [{ roles: ['viewer'] }, { kind: 'machine', scopes: ['rutas/read'] }]) {
      expect((await post([line], as)).status).toBe(403)
    }
  })
})

const metric = async (line: string): Promise<number> => {
  const metrics = await (await fetch(`${service.managementUrl}/metrics`)).text()
  const found = metrics.split('\n').find((each) => each.startsWith(`${line} `))
  return Number(found?.split(' ').at(-1) ?? 0)
}

describe('what is counted of odd feeds', () => {
  it('are positions that a station repeats with delay, and stations that are new', async () => {
    const mmsis = ['224000101', '224000102']
    const at = (mmsi: string, seconds: number) =>
      sentence({ mmsi }, { time: begin + seconds * 1_000 })
    const repeater = { ...machine, subject: 'repeater' }
    const before = await metric('rutas_stations_new_total')
    const [first = '', second = ''] = mmsis
    await post([at(first, 0), at(second, 0)], repeater)
    await post([at(first, 90), at(second, 3_600)], repeater)
    expect(await metric('rutas_ais_messages_repeated_total{source="repeater"}')).toBe(1)
    expect(await metric('rutas_stations_new_total')).toBe(before + 2)
  })
})

describe('bad input', () => {
  it('never fails, whatever the bytes', async () => {
    const valid = passage({
      mmsi: '224000081',
      from: { lat: 36, lon: -6 },
      to: { lat: 36.01, lon: -6 },
      begin,
      count: 20,
    }).join('\n')
    const mangled = fc
      .array(fc.tuple(fc.nat(valid.length), fc.string({ unit: 'binary', maxLength: 20 })))
      .map((cuts) => cuts.reduce((all, [at, put]) => all.slice(0, at) + put + all.slice(at), valid))
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes)),
      mangled,
      fc.nat(valid.length).map((length) => valid.slice(0, length)),
    )
    await fc.assert(
      fc.asyncProperty(
        anything,
        fc.constantFrom('text/plain', 'application/x-ndjson'),
        async (body, type) => {
          const headers = { 'content-type': type }
          const answer = await service.request('POST', '/v1/ais', { as: machine, headers, body })
          expect(answer.status).toBe(200)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('names a line of a megabyte and a sentence of nine parts, and loses nothing else', async () => {
    const before = sentence({ mmsi: '224000091' }, { time: begin })
    const after = sentence({ mmsi: '224000092' }, { time: begin })
    const { body } = await post([
      before,
      'x'.repeat(1_000_000),
      checked('AIVDM,9,1,3,A,55R3Vn8,0'),
      checked('AIVDM,10,1,3,A,55R3Vn8,0'),
      after,
    ])
    expect(body).toMatchObject({
      stored: 2,
      pending: 1,
      rejected: [
        { line: 2, reason: 'line-too-long' },
        { line: 4, reason: 'bad-fragment-count' },
      ],
    })
  })

  it('names the first hundred and counts the rest', async () => {
    const { body } = await post(Array.from({ length: 250 }, () => 'nonsense'))
    expect(body.rejected).toHaveLength(100)
    expect(body).toMatchObject({ rejectedCount: 250, rejectedByReason: { malformed: 250 } })
  })

  it('keeps what a receiver puts where it should not', async () => {
    const [first = ''] = encodeSentences(voyage({ mmsi: '224000093' }))
    const odd = first.replace(',A,', ',\0,').replace(/^!(.*)\*..$/, (_, inner) => checked(inner))
    expect((await post([odd])).body).toMatchObject({ pending: 1 })
    expect(await post([odd])).toMatchObject({ status: 200, body: { rejectedCount: 0 } })
    const tagged = `\\${checkedText(`s:a\0b,c:${begin / 1_000}`)}\\${sentence({ mmsi: '224000094' })}`
    expect((await post([tagged])).body).toMatchObject({ stored: 1 })
    expect(await track('224000094')).toMatchObject([{ source: null }])
  })

  it('refuses other media types, and bodies that are too large', async () => {
    const headers = { 'content-type': 'text/xml' }
    expect(
      await service.request('POST', '/v1/ais', { as: machine, headers, body: 'MMSI' }),
    ).toMatchObject({ status: 415 })
    expect(await service.request('POST', '/v1/ais', { as: machine })).toMatchObject({ status: 415 })
    expect(await post('x'.repeat(3_000_001))).toMatchObject({
      status: 413,
      body: { code: 'PAYLOAD_TOO_LARGE' },
    })
  })
})

type Sql = <Row>(text: string) => Promise<Row[]>

const storedTypes = async (): Promise<Map<number, number>> => {
  const { database } = service.opened as { database: { sql: Sql } }
  const rows = await database.sql<{ type: number; count: number }>(
    `SELECT type, count(*)::int AS count FROM ${accepted} GROUP BY type`,
  )
  return new Map(rows.map(({ type, count }) => [type, count]))
}

const checksum = (content: string): string => {
  let sum = 0
  for (const character of content) sum ^= character.charCodeAt(0)
  return sum.toString(16).toUpperCase().padStart(2, '0')
}
const checkedText = (content: string): string => `${content}*${checksum(content)}`
const checked = (content: string): string => `!${checkedText(content)}`
