import { afterAll, beforeAll, expect, it } from 'vitest'
import { announce, declareVgm, event, freshReference } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

/** Two cores are shared with other suites. */
const patience = { timeout: 40_000 }

let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga({ env: { BACKGROUND: 'on' } })
})
afterAll(() => carga[Symbol.asyncDispose]())

const importList = (call: string, references: readonly string[]) =>
  carga.request('POST', `/v1/port-calls/${call}/load-list/import`, {
    headers: { 'content-type': 'text/csv' },
    body: [
      'equipmentReference,ISOEquipmentCode,isEmpty',
      ...references.map((each) => `${each},22G1,false`),
    ].join('\r\n'),
  })

/** What was told last of how far the load list of a call is. */
const lastTold = async (call: string) => {
  const { body } = await carga.request('GET', '/v1/feed?limit=1000', { as: { roles: ['admin'] } })
  const told = (body.events as { type: string; subject: string; data: object }[]).filter(
    ({ type, subject }) => type === 'carga.moves.progressed' && subject === call,
  )
  return told.at(-1)?.data
}
const becomes = (call: string, load: object) =>
  expect
    .poll(() => lastTold(call), patience)
    .toMatchObject({ load, discharge: { total: 0, done: 0 } })

const readyToLoad = async (call: string, equipmentReference: string): Promise<string> => {
  const id = await announce(carga, { equipmentReference, loadPortCallId: call })
  await declareVgm(carga, id)
  for (const [code, time] of [
    ['GTIN', '10:00'],
    ['YARD', '11:00'],
  ] as const) {
    await carga.request('POST', `/v1/container-visits/${id}/events`, { body: event(code, time) })
  }
  return id
}
const load = async (id: string) => {
  const made = await carga.request('POST', `/v1/container-visits/${id}/events`, {
    body: event('LOAD', '12:00'),
  })
  expect(made).toMatchObject({ status: 201 })
  return made.body.id as string
}

it('tells how far a list is when it comes, is worked, corrected and replaced', async () => {
  const call = await carga.knownCall()
  const references = [freshReference(), freshReference()] as const
  await importList(call, references)
  await becomes(call, { total: 2, done: 0 })
  const visits = [
    await readyToLoad(call, references[0]),
    await readyToLoad(call, references[1]),
  ] as const
  // At two cranes at once: neither sees the other's move, and both are counted.
  const [, second] = await Promise.all(visits.map(load))
  await becomes(call, { total: 2, done: 2 })
  const retracted = await carga.request(
    'POST',
    `/v1/container-visits/${visits[1]}/events/${second}/retract`,
    { body: { reason: 'another box' } },
  )
  expect(retracted.status).toBeLessThan(300)
  await becomes(call, { total: 2, done: 1 })
  await importList(call, [references[0]])
  await becomes(call, { total: 1, done: 1 })
})

it('does not tell of moves that are of no call', async () => {
  const call = await carga.knownCall()
  await announce(carga, { flow: 'IMPORT', dischargePortCallId: null })
  const id = await announce(carga, { loadPortCallId: call })
  await carga.request('POST', `/v1/container-visits/${id}/events`, { body: event('GTIN', '10:00') })
  const other = await carga.knownCall()
  await importList(other, [freshReference()])
  await becomes(other, { total: 1, done: 0 })
  expect(await lastTold(call)).toBeUndefined()
})
