import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announce, bookTruck, declareVgm, event } from './boxes.ts'
import { startCarga, type TestCarga } from './start-carga.ts'

let carga: TestCarga
beforeAll(async () => {
  carga = await startCarga()
})
afterAll(() => carga[Symbol.asyncDispose]())

const record = (id: string, code: string, time: string) =>
  carga.request('POST', `/v1/container-visits/${id}/events`, { body: event(code, time) })
const figures = async (from = '2026-01-01T00:00:00Z', to = '2026-01-02T00:00:00Z') =>
  carga.request('GET', `/v1/figures?UNLocationCode=ESALG&from=${from}&to=${to}`)

describe('figures', () => {
  it('count what stands in the window, and nothing that was taken back', async () => {
    const empty = (await figures()).body
    expect(empty).toMatchObject({ moves: 0, movesPerHour: null, meanDwellSeconds: null, turns: 0 })
    const exported = async (load: string) => {
      const id = await announce(carga)
      await declareVgm(carga, id)
      await record(id, 'GTIN', '08:00')
      await record(id, 'YARD', '09:00')
      return { id, loaded: await record(id, 'LOAD', load) }
    }
    await exported('10:00')
    await exported('10:30')
    const { id, loaded } = await exported('12:00')
    const imported = await announce(carga, { flow: 'IMPORT' })
    await record(imported, 'DISC', '14:00')
    expect((await figures()).body).toMatchObject({
      moves: 4,
      workedHours: 3,
      movesPerHour: 1.3333,
      dwellContainers: 3,
      meanDwellSeconds: (2 + 2.5 + 4) * 1_200,
      yardTaken: 0,
      yardSlots: 12_000,
    })
    const events = `/v1/container-visits/${id}/events`
    await carga.request('POST', `${events}/${loaded.body.id}/retract`, { body: { reason: 'no' } })
    const after = (await figures()).body
    expect(after).toMatchObject({ moves: 3, dwellContainers: 2, yardTaken: 1 })
    expect(after.yardOccupancy).toBeCloseTo(1 / 12_000, 4)
    expect((await figures('2026-01-01T10:15:00Z', '2026-01-01T10:45:00Z')).body.moves).toBe(1)
  })

  it('have the turn time of trucks that left', async () => {
    const id = await announce(carga)
    const { id: appointment } = await bookTruck(carga, id)
    const path = `/v1/container-visits/${id}/gate-appointments/${appointment}`
    for (const action of ['arrive', 'complete']) {
      await carga.request('POST', `${path}/${action}`, { body: {} })
    }
    await carga.opened.database.sql(
      `UPDATE gate_appointment SET arrived_at = completed_at - interval '30 minutes'
       WHERE id = $1::uuid`,
      [appointment],
    )
    const now = Date.now()
    const iso = (ms: number) => new Date(ms).toISOString()
    expect((await figures(iso(now - 3_600_000), iso(now + 60_000))).body).toMatchObject({
      turns: 1,
      meanTurnSeconds: 1_800,
    })
  })

  it('are of a window that ends after it begins, within a year', async () => {
    for (const to of ['2026-01-01T00:00:00Z', '2027-02-01T00:00:00Z']) {
      expect(await figures('2026-01-01T00:00:00Z', to)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '?to' }] },
      })
    }
  })
})

it('the same are gauges, once a minute', async () => {
  const { databaseUrl, issuer } = carga
  const background = await startCarga({
    databaseUrl,
    issuer,
    env: { BACKGROUND: 'on' },
  })
  try {
    const text = async () => (await fetch(`${background.managementUrl}/metrics`)).text()
    await expect
      .poll(text, { timeout: 20_000 })
      .toMatch(/^carga_yard_occupancy_ratio\{un_location_code="ESALG",block="C"\} 0\.000/m)
    expect(await text()).toMatch(/^carga_gate_turn_mean_seconds\{window="24h"\} 1800$/m)
    expect(await text()).toMatch(/^carga_moves_last_hour 0$/m)
  } finally {
    await background.close()
  }
})
