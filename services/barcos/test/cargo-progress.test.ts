import { randomUUID } from 'node:crypto'
import { startFeed } from '@porttrack/shared/testing/start-feed'
import { type Identity, TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { parse } from 'csv-parse/sync'
import { extractText, getDocumentProxy } from 'unpdf'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completed, forecast, progressed } from './carga.ts'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

/** Two cores are shared with other suites. */
const patience = { timeout: 40_000 }
const machine = (org?: string): Identity => ({
  kind: 'machine',
  scopes: ['barcos/read'],
  subject: 'system',
  ...(org === undefined ? {} : { org }),
})

const issuer = new TokenIssuer()
let carga: Awaited<ReturnType<typeof startFeed>>
let barcos: TestBarcos
beforeAll(async () => {
  carga = await startFeed('carga', { issuer, reader: 'barcos' })
  barcos = await startBarcos({ issuer, cargaUrl: carga.url })
})
afterAll(async () => {
  await barcos[Symbol.asyncDispose]()
  await carga[Symbol.asyncDispose]()
})

const at = (time: string) => `2026-11-01T${time}:00.000Z`
const newCall = async (): Promise<string> =>
  (await barcos.announce((await barcos.registerVessel()).id)).id
const read = (id: string, as?: Identity) =>
  barcos.request('GET', `/v1/port-calls/${id}/cargo-progress`, as === undefined ? {} : { as })
const listsOf = async (id: string) => (await read(id)).body.lists
const becomes = (id: string, lists: object[]) =>
  expect.poll(() => listsOf(id), patience).toMatchObject(lists)

type Entry = { time: string; kind: string; decision: { action: string; about: string } | null }
/** `ACTION LIST hh:mm` of what the timeline says of cargo. */
const newsOf = async (id: string, as?: Identity): Promise<string[]> => {
  const { body } = await barcos.request(
    'GET',
    `/v1/port-calls/${id}/timeline?limit=200`,
    as === undefined ? {} : { as },
  )
  return (body.items as Entry[]).flatMap(({ kind, time, decision }) =>
    kind === 'CARGO' ? [`${decision?.action} ${decision?.about} ${time.slice(11, 16)}`] : [],
  )
}

describe('the cargo of a call', () => {
  it('is known by what carga forecasts and tells done, with the age of the knowledge', async () => {
    const id = await newCall()
    await carga.publish(forecast(id, { load: 3, discharge: 2, time: at('08:00') }))
    await becomes(id, [
      { list: 'LOAD', total: 3, done: null, size20: 3, laden: 3, reefers: 0, finishedAt: null },
      { list: 'DISCHARGE', total: 2, done: null },
    ])
    await carga.publish(
      progressed(id, { load: [0, 3], discharge: [2, 2], time: at('09:00') }),
      progressed(id, { load: [2, 3], discharge: [2, 2], time: at('10:00') }),
    )
    await becomes(id, [
      { list: 'LOAD', total: 3, done: 2, size20: 3, finishedAt: null, toldAt: at('10:00') },
      { list: 'DISCHARGE', total: 2, done: 2, finishedAt: at('09:00') },
    ])
    const { status, body } = await read(id, agent)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      portCallId: id,
      knowledge: { asOf: expect.any(String), ageSeconds: expect.any(Number) },
    })
    await barcos.opened.database.sql(
      `UPDATE kit.feed_cursor SET read_at = now() - interval '1 hour' WHERE source = 'carga'`,
    )
    expect((await read(id)).body.knowledge.ageSeconds).toBeGreaterThanOrEqual(3_600)
  })

  it('is unknown and not zero where carga has never been reached', async () => {
    await using alone = await startBarcos()
    const call = await alone.announce((await alone.registerVessel()).id)
    expect(await alone.request('GET', `/v1/port-calls/${call.id}/cargo-progress`)).toMatchObject({
      status: 200,
      body: { lists: [], knowledge: { asOf: null, ageSeconds: null } },
    })
  })

  it('that is finished stands on the timeline, the table and the statement of facts', async () => {
    const id = await newCall()
    await carga.publish(
      forecast(id, { load: 2, time: at('08:00') }),
      progressed(id, { load: [1, 2], time: at('09:00') }),
      completed(id, 2, at('10:00')),
      progressed(id, { load: [2, 2], time: at('10:01') }),
      // Told again, it is no news.
      progressed(id, { load: [2, 2], time: at('10:05') }),
      completed(id, 2, at('10:06')),
    )
    await expect.poll(() => newsOf(id, agent), patience).toEqual(['complete LOAD 10:00'])
    await becomes(id, [{ list: 'LOAD', done: 2, toldAt: at('10:05') }, {}])
    const timeline = `/v1/port-calls/${id}/timeline`
    const { body } = await barcos.request('GET', timeline)
    expect(body.items.find(({ kind }: Entry) => kind === 'CARGO')).toMatchObject({
      source: 'SYSTEM',
      decision: { action: 'complete', about: 'LOAD', decidedBy: 'carga' },
      timestamp: null,
      effective: null,
    })
    const csv = await barcos.request('GET', timeline, { headers: { accept: 'text/csv' } })
    const rows: Record<string, string>[] = parse(csv.text, { columns: true, bom: true })
    expect(rows.filter(({ kind }) => kind === 'CARGO')).toMatchObject([
      { time: at('10:00'), action: 'complete', about: 'LOAD', by: 'carga' },
    ])
    const answer = await fetch(`${barcos.url}${timeline}`, {
      headers: {
        authorization: `Bearer ${issuer.gatewayToken('barcos', { roles: ['harbour-master'] })}`,
        accept: 'application/pdf',
        'accept-language': 'es',
      },
    })
    const pdf = await getDocumentProxy(new Uint8Array(await answer.arrayBuffer()))
    const { text } = await extractText(pdf, { mergePages: true })
    expect(text).toContain('Lista de carga completada')
    expect(text).toContain('carga: 2 movimientos')
  })

  it('goes on when a move is retracted or the list grows, and is finished again', async () => {
    const id = await newCall()
    await carga.publish(
      forecast(id, { load: 2, time: at('08:00') }),
      progressed(id, { load: [2, 2], time: at('10:00') }),
      progressed(id, { load: [1, 2], time: at('11:00') }),
      progressed(id, { load: [2, 2], time: at('12:00') }),
      forecast(id, { load: 3, time: at('13:00') }),
      progressed(id, { load: [2, 3], time: at('13:01') }),
    )
    await becomes(id, [{ list: 'LOAD', total: 3, done: 2, size20: 3, finishedAt: null }, {}])
    expect(await newsOf(id)).toEqual([
      'complete LOAD 10:00',
      'reopen LOAD 11:00',
      'complete LOAD 12:00',
      'reopen LOAD 13:01',
    ])
    // How much of another list is done is not known before it is told.
    await carga.publish(forecast(id, { load: 9, time: at('14:00') }))
    await becomes(id, [{ list: 'LOAD', total: 9, done: null }, {}])
  })

  it('is not set back by what is told late, twice or anew', async () => {
    const id = await newCall()
    const events = [
      forecast(id, { load: 5, time: at('08:00') }),
      progressed(id, { load: [4, 5], time: at('10:00') }),
      completed(id, 5, at('11:00')),
      progressed(id, { load: [5, 5], time: at('11:01') }),
      progressed(id, { load: [4, 5], time: at('12:00') }),
    ]
    await carga.publish(...events)
    const whole = [{ list: 'LOAD', total: 5, done: 4, finishedAt: null, toldAt: at('12:00') }, {}]
    await becomes(id, whole)
    const other = await newCall()
    await carga.publish(...events.toReversed(), ...events, forecast(other, { load: 1 }))
    await becomes(other, [{ list: 'LOAD', total: 1 }, {}])
    expect(await listsOf(id)).toMatchObject(whole)

    await barcos.opened.database.sql(`DELETE FROM kit.feed_cursor WHERE source = 'carga'`)
    await carga.publish(forecast(other, { load: 2 }))
    await becomes(other, [{ list: 'LOAD', total: 2 }, {}])
    expect(await listsOf(id)).toMatchObject(whole)
    expect(await newsOf(id)).toEqual(['complete LOAD 11:00', 'reopen LOAD 12:00'])
  })

  it('has its effect once across a restart, beside another replica', async () => {
    const id = await newCall()
    const { databaseUrl } = barcos
    const first = await startBarcos({ issuer, cargaUrl: carga.url, databaseUrl })
    const rounds = Array.from({ length: 120 }, (_, n) => [
      progressed(id, {
        load: [2, 2],
        time: new Date(Date.parse(at('08:00')) + n * 60_000).toISOString(),
      }),
      progressed(id, {
        load: [1, 2],
        time: new Date(Date.parse(at('08:00')) + n * 60_000 + 30_000).toISOString(),
      }),
    ])
    await carga.publish(...rounds.slice(0, 70).flat())
    // Ended in the midst of it, while the other instance reads the same feed.
    await first.close()
    await carga.publish(...rounds.slice(70).flat())
    await expect.poll(async () => (await newsOf(id)).length, patience).toBeGreaterThan(199)
    const [row] = await barcos.opened.database.sql<{ all: number; times: number }>(
      `SELECT count(*)::int AS all, count(DISTINCT happened_at)::int AS times
       FROM port_call_news WHERE port_call_id = $1::uuid`,
      [id],
    )
    await expect.poll(() => listsOf(id), patience).toMatchObject([{ done: 1 }, {}])
    expect(row).toEqual({ all: row?.times, times: row?.times })
  })

  it('of a call that is not known here waits for it, and goes on after a call has ended', async () => {
    const unknown = randomUUID()
    const id = await newCall()
    await barcos.post(`/v1/port-calls/${id}/cancel`, { reason: 'engine trouble' })
    await carga.publish(
      forecast(unknown, { load: 1 }),
      completed(unknown, 1),
      forecast(id, { load: 1 }),
      progressed(id, { load: [1, 1] }),
    )
    await becomes(id, [{ list: 'LOAD', done: 1, finishedAt: expect.any(String) }, {}])
    expect((await read(unknown)).status).toBe(404)
    expect(await barcos.request('GET', `/v1/port-calls/${id}`)).toMatchObject({
      body: { state: 'CANCELLED' },
    })
  })

  it('is for the parties of the call alone', async () => {
    const id = await newCall()
    await barcos.post(`/v1/port-calls/${id}/service-orders`, {
      portCallServiceTypeCode: 'MOORING',
      providerOrganization: 'moorers',
      requestedDateTime: at('07:00'),
    })
    await carga.publish(completed(id, 4))
    await becomes(id, [{ list: 'LOAD', done: 4 }])
    const provider: Identity = { roles: ['service-provider'], org: 'moorers' }
    const statuses = await Promise.all(
      [
        agent,
        machine(),
        machine('acme'),
        otherAgent,
        machine('moorers'),
        machine('globex'),
        provider,
      ].map(async (as) => (await read(id, as)).status),
    )
    expect(statuses).toEqual([200, 200, 200, 404, 404, 404, 403])
    expect(await newsOf(id, agent)).toHaveLength(1)
    expect(await newsOf(id, provider)).toEqual([])
  })

  it('is skipped, counted and logged when it is not as agreed, and what follows goes on', async () => {
    const id = await newCall()
    const good = progressed(id, { load: [1, 7] })
    const bad = [
      {},
      { ...good.data, portCallId: 'x' },
      { ...good.data, load: null },
      { ...good.data, load: { total: -1, done: 0 } },
      { ...good.data, load: { total: 1, done: 1e12 } },
      { ...good.data, discharge: { total: 1, done: '1' } },
      [good.data],
    ]
    await carga.publish(...bad.map((data) => ({ ...good, data })), good)
    await becomes(id, [{ list: 'LOAD', total: 7, done: 1 }, {}])
    const metrics = await (await fetch(`${barcos.managementUrl}/metrics`)).text()
    expect(metrics).toContain(
      `barcos_malformed_events_total{type="carga.moves.progressed"} ${bad.length}`,
    )
    expect(metrics).not.toContain('feed_consumer_failures_total{source="carga"')
  })
})
