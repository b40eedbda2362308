import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce, declareVgm, event } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga()
})
afterAll(() => carga[Symbol.asyncDispose]())

const at = (bay: number, tier: number, block = 'A') => ({
  yard: { block, bay: String(bay), row: '1', tier: String(tier) },
})
const record = (id: string, code: string, time: string, position?: object) =>
  carga.request('POST', `/v1/container-visits/${id}/events`, {
    body: event(code, time, position === undefined ? {} : { position }),
  })
const inside = async (change: Record<string, unknown> = {}) => {
  const id = await announce(carga, change)
  await declareVgm(carga, id)
  await record(id, 'GTIN', '10:00')
  return id
}
const referenceOf = async (id: string) =>
  (await carga.request('GET', `/v1/container-visits/${id}`)).body.equipmentReference
const faultsOf = ({ body }: { body: { errors: { code: string; detail: string }[] } }) =>
  body.errors.map(({ code, detail }) => `${code}: ${detail}`)

describe('a slot of the yard', () => {
  it('takes one container, of many that are set down there at once', async () => {
    const ids: string[] = []
    for (let n = 0; n < 10; n += 1) ids.push(await inside())
    const answers = await Promise.all(ids.map((id) => record(id, 'YARD', '11:00', at(10, 1))))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    const winner = ids[answers.findIndex(({ status }) => status === 201)] ?? ''
    for (const answer of answers) {
      if (answer.status === 201) continue
      expect(answer.status).toBe(409)
      expect(faultsOf(answer)).toEqual([`SLOT_FREE: ${await referenceOf(winner)} stands there`])
    }
    const written = carga.opened.database.sql(
      `INSERT INTO yard_place (un_location_code, block, bay, "row", tier, container_visit_id, tiers, needs_plug)
       VALUES ('ESALG', 'A', 10, 1, 1, $1::uuid, 4, false)`,
      [ids.find((id) => id !== winner)],
    )
    await expect(written).rejects.toThrow('yard_place_slot')
  })

  it('stands on the ground or on another container, and not above the stack', async () => {
    const [low, high] = [await inside(), await inside()]
    expect(faultsOf(await record(high, 'YARD', '11:00', at(20, 2)))).toEqual([
      'SLOT_SUPPORTED: nothing stands below',
    ])
    expect(await record(low, 'YARD', '11:00', at(20, 1))).toMatchObject({ status: 201 })
    expect(await record(high, 'YARD', '11:00', at(20, 2))).toMatchObject({ status: 201 })
    expect(faultsOf(await record(low, 'YARD', '12:00', at(21, 1)))).toEqual([
      `NOTHING_ABOVE: ${await referenceOf(high)} stands on it`,
    ])
    expect(faultsOf(await record(low, 'LOAD', '12:00'))).toEqual([
      `NOTHING_ABOVE: ${await referenceOf(high)} stands on it`,
    ])
    expect(await record(high, 'LOAD', '12:00')).toMatchObject({ status: 201 })
    expect(await record(low, 'LOAD', '12:30')).toMatchObject({ status: 201 })
    const nowhere = await inside()
    for (const position of [at(20, 5), at(201, 1), at(1, 1, 'Z'), at(1, 0)]) {
      expect(faultsOf(await record(nowhere, 'YARD', '11:00', position))).toEqual([
        'SLOT_EXISTS: the yard has no such slot',
      ])
    }
  })

  it('has a plug for a reefer', async () => {
    const reefer = { ISOEquipmentCode: '22R1', internalSetpointTemperature: -18 }
    const id = await inside(reefer)
    expect(faultsOf(await record(id, 'YARD', '11:00', at(30, 1)))).toEqual([
      'SLOT_HAS_PLUG: the slot has no plug',
    ])
    expect(await record(id, 'YARD', '11:00', at(2, 1))).toMatchObject({ status: 201 })
  })

  it('is taken again when a move is retracted, or the retraction is refused', async () => {
    const [first, second] = [await inside(), await inside()]
    await record(first, 'YARD', '11:00', at(40, 1))
    const moved = await record(first, 'YARD', '12:00', at(41, 1))
    await record(second, 'YARD', '12:00', at(40, 1))
    const path = `/v1/container-visits/${first}/events/${moved.body.id}/retract`
    const answer = await carga.request('POST', path, { body: { reason: 'mistaken' } })
    expect(answer).toMatchObject({ status: 409, body: { code: 'PLACE_REFUSED' } })
    expect(faultsOf(answer)).toEqual([`SLOT_FREE: ${await referenceOf(second)} stands there`])
  })
})

describe('a slot aboard', () => {
  it('takes one container of those that leave by the ship', async () => {
    const position = { vessel: { bay: '01', row: '02', tier: '82' } }
    const [first, second] = [await inside(), await inside()]
    for (const id of [first, second]) await record(id, 'YARD', '11:00')
    expect(await record(first, 'LOAD', '12:00', position)).toMatchObject({ status: 201 })
    expect(faultsOf(await record(second, 'LOAD', '12:00', position))).toEqual([
      `SLOT_FREE: ${await referenceOf(first)} is stowed there`,
    ])
  })
})

describe('blocks', () => {
  it('are laid out once, say how full they are, and are cleared when they are empty', async () => {
    const block = { bays: 2, rows: 3, tiers: 4, plugBays: [1] }
    const path = '/v1/yards/ESALG/blocks'
    const layOut = (code: string, body: object = block, by = {}) =>
      carga.request('POST', `${path}/${code}`, { ...by, body })
    expect(await layOut('NEW', block, { as: { roles: ['gate-clerk'] } })).toMatchObject({
      status: 403,
    })
    expect(await layOut('NEW')).toMatchObject({ status: 201, body: { slots: 24, taken: 0 } })
    expect(await layOut('NEW')).toMatchObject({ status: 409, body: { code: 'YARD_BLOCK_EXISTS' } })
    expect(await layOut('new')).toMatchObject({ status: 400 })
    expect(
      await carga.request('POST', '/v1/yards/ZZALG/blocks/NEW', { body: block }),
    ).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', errors: [{ pointer: '{UNLocationCode}' }] },
    })
    expect(await layOut('N2', { ...block, tiers: 10 })).toMatchObject({ status: 400 })
    const id = await inside()
    await record(id, 'YARD', '11:00', at(1, 1, 'NEW'))
    const { body } = await carga.request('GET', path)
    expect(body.items.find((each: { code: string }) => each.code === 'NEW').taken).toBe(1)
    expect(await carga.request('DELETE', `${path}/NEW`)).toMatchObject({
      status: 409,
      body: { code: 'YARD_BLOCK_IN_USE' },
    })
    await record(id, 'YARD', '12:00')
    expect(await carga.request('DELETE', `${path}/NEW`)).toMatchObject({ status: 204 })
    expect(await carga.request('DELETE', `${path}/NEW`)).toMatchObject({ status: 404 })
  })
})
