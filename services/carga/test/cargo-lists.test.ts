import { randomUUID } from 'node:crypto'
import { withClient } from '@porttrack/shared/database/session'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce, declareVgm, event, freshReference } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga()
})
afterAll(() => carga[Symbol.asyncDispose]())

const listOf = (call: string, list = 'load-list') => `/v1/port-calls/${call}/${list}`
const head =
  'equipmentReference,ISOEquipmentCode,isEmpty,grossWeight,portOfLoading,portOfDischarge,bay,row,tier,internalSetpointTemperature'
const csv = (...lines: string[]) => [head, ...lines].join('\r\n')
const send = (path: string, type: string, body: string, as?: Identity) =>
  carga.request('POST', path, {
    headers: { 'content-type': type },
    body,
    ...(as === undefined ? {} : { as }),
  })
const importCsv = (call: string, body: string, list?: string, as?: Identity) =>
  send(`${listOf(call, list)}/import`, 'text/csv', body, as)
const read = (call: string, accept = 'application/json', list?: string) =>
  carga.request('GET', listOf(call, list), { headers: { accept } })
const progressOf = async (call: string) =>
  (await carga.request('GET', `/v1/port-calls/${call}/cargo-progress`)).body.lists
const told = async (type: string, call: string) => {
  const { body } = await carga.request('GET', '/v1/feed?limit=1000', { as: { roles: ['admin'] } })
  return body.events.filter(
    (each: { type: string; subject: string }) => each.type === type && each.subject === call,
  )
}

describe('a load list', () => {
  it('comes as a table, ties its containers to the call, and tells how many moves are to come', async () => {
    const call = await carga.knownCall()
    const reference = freshReference()
    const id = await announce(carga, { equipmentReference: reference, loadPortCallId: null })
    const other = freshReference()
    const lines = [
      `${reference},22G1,false,20000,ESALG,NLRTM,001,02,82,`,
      `${other},45R1,false,,ESALG,NLRTM,,,,-18.5`,
    ]
    expect(await importCsv(call, csv(...lines))).toMatchObject({
      status: 201,
      body: { imported: 2 },
    })
    const { body } = await read(call)
    expect(
      body.items.find(
        (each: { equipmentReference: string }) => each.equipmentReference === reference,
      ),
    ).toMatchObject({
      bay: '001',
      isDone: false,
      containerVisitId: id,
    })
    const visit = await carga.request('GET', `/v1/container-visits/${id}`)
    expect(visit.body.loadPortCallId).toBe(call)
    const sizes = { total: 2, size20: 1, size40: 1, size45: 0, laden: 2, reefers: 1 }
    expect(await told('carga.moves.forecast', call)).toMatchObject([
      { data: { portCallId: call, load: sizes, discharge: { total: 0 } } },
    ])
    const table = await read(call, 'text/csv')
    expect(table.text.trim().split('\r\n').toSorted()).toEqual(
      csv(...lines)
        .split('\r\n')
        .toSorted(),
    )
    // What is exported can be imported; it replaces the list.
    expect(await importCsv(call, table.text)).toMatchObject({ status: 201, body: { imported: 2 } })
    expect(await importCsv(call, csv(lines[1] ?? ''))).toMatchObject({ body: { imported: 1 } })
    expect(await progressOf(call)).toMatchObject([
      { list: 'LOAD', total: 1, done: 0, announced: 0 },
      { list: 'DISCHARGE', total: 0 },
    ])
  })

  it('goes out and comes in as an order and as a plan of UN/EDIFACT', async () => {
    const call = await carga.knownCall()
    await importCsv(call, csv(`${freshReference()},22G1,true,2300,ESALG,SGSIN,013,00,02,`))
    const order = await read(call, 'application/edifact')
    expect(order.text).toContain("UNH+1+COPRAR:D:00B:UN:SMDG21'")
    const plan = await carga.request('GET', `${listOf(call)}/stowage-plan`)
    expect(plan.text).toContain("LOC+147+0130002::5'")
    const again = await carga.knownCall()
    const path = `${listOf(again)}/import-message`
    expect(await send(path, 'application/edifact', plan.text)).toMatchObject({
      status: 201,
      body: { imported: 1 },
    })
    const kept = async (id: string) =>
      (await read(id)).body.items.map((item: object) => ({ ...item, isDone: null }))
    expect(await kept(again)).toEqual(await kept(call))
    expect(await send(path, 'application/edifact', order.text)).toMatchObject({ status: 201 })
    const wrong = `${listOf(again, 'discharge-list')}/import-message`
    expect(await send(wrong, 'application/edifact', order.text)).toMatchObject({
      status: 422,
      body: { errors: [{ detail: 'must be an order of document name 43, not 45' }] },
    })
    expect(await send(path, 'application/edifact', 'nonsense')).toMatchObject({ status: 422 })
    expect(await send(path, 'text/plain', order.text)).toMatchObject({ status: 415 })
  })

  it('is refused whole, with row and column of each fault', async () => {
    const call = await carga.knownCall()
    const good = freshReference()
    const answer = await importCsv(
      call,
      csv(
        `${good},22G1,false,,,,,,,`,
        `${good},22G1,false,,,,,,,`,
        'HLXU1234567,22G1,false,,,,,,,',
        `${freshReference()},22G1,maybe,,,,,,,`,
        `${freshReference()},22G1,false,,,,001,,,`,
        `${freshReference()},22G1,false,,XX999,,,,,`,
      ),
    )
    expect(answer).toMatchObject({ status: 422, body: { code: 'CARGO_LIST_NOT_IMPORTED' } })
    const places = answer.body.errors.map(
      ({ row, column }: { row: number; column: string }) => `${row} ${column}`,
    )
    expect(places).toEqual([
      '3 equipmentReference',
      '4 equipmentReference',
      '5 isEmpty',
      '6 bay',
      '7 portOfLoading',
    ])
    expect((await read(call)).body.items).toEqual([])
    for (const [id, status] of [
      [randomUUID(), 404],
      ['no-id', 400],
    ] as const) {
      const refused = await importCsv(id, csv(`${good},22G1,false,,,,,,,`))
      expect({ id, status: refused.status }).toEqual({ id, status })
    }
  })

  it('is for the call’s own parties', async () => {
    const call = await carga.knownCall({ agentOrganization: 'acme' })
    const line = csv(`${freshReference()},22G1,false,,,,,,,`)
    const agent = (org: string): Identity => ({ roles: ['agent'], org })
    expect(await importCsv(call, line, undefined, agent('globex'))).toMatchObject({ status: 404 })
    expect(await importCsv(call, line, undefined, agent('acme'))).toMatchObject({ status: 201 })
    expect(await importCsv(call, line, undefined, { roles: ['viewer'] })).toMatchObject({
      status: 403,
    })
  })

  it('tells once that it is done when its last containers are moved at once', async () => {
    const call = await carga.knownCall()
    const references = [freshReference(), freshReference()]
    const lines = references.map((each) => `${each},22G1,false,,,,,,,`)
    await importCsv(call, csv(...lines), 'discharge-list')
    const ids: string[] = []
    for (const equipmentReference of references) {
      const aboard = { flow: 'IMPORT', loadPortCallId: null, dischargePortCallId: call }
      ids.push(await announce(carga, { equipmentReference, ...aboard }))
    }
    const body = event('DISC', '12:00')
    // Both have counted, or wait for the other to, before either can tell what it has counted.
    const moved = await withClient(carga.databaseUrl, async (admin) => {
      await admin.query('BEGIN')
      await admin.query('LOCK TABLE kit.outbox IN SHARE MODE')
      const moves = ids.map((id) =>
        carga.request('POST', `/v1/container-visits/${id}/events`, { body }),
      )
      const waiting = `SELECT count(DISTINCT pid)::int AS moves FROM pg_locks
        WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
      await expect.poll(async () => (await admin.query(waiting)).rows).toEqual([{ moves: 2 }])
      await admin.query('COMMIT')
      return Promise.all(moves)
    })
    expect(moved.map(({ status }) => status)).toEqual([201, 201])
    expect(await told('carga.cargo-list.completed', call)).toMatchObject([
      { data: { list: 'DISCHARGE', total: 2 } },
    ])
  })

  it('is done when its last container is, and tells so', async () => {
    const call = await carga.knownCall()
    const references = [freshReference(), freshReference()]
    await importCsv(call, csv(...references.map((each) => `${each},22G1,false,,,,,,,`)))
    for (const equipmentReference of references) {
      const id = await announce(carga, { equipmentReference, loadPortCallId: call })
      await declareVgm(carga, id)
      for (const [code, time] of [
        ['GTIN', '10:00'],
        ['YARD', '11:00'],
        ['LOAD', '12:00'],
      ] as const) {
        await carga.request('POST', `/v1/container-visits/${id}/events`, {
          body: event(code, time),
        })
      }
    }
    expect(await progressOf(call)).toMatchObject([{ list: 'LOAD', total: 2, done: 2 }, {}])
    expect(await told('carga.cargo-list.completed', call)).toMatchObject([
      { data: { list: 'LOAD', total: 2 } },
    ])
  })
})
