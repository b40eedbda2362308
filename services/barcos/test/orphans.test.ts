import { randomUUID } from 'node:crypto'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordFromAis } from '../src/timestamps/timestamp-recording.store.ts'
import { agent, nextIdentity, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const planner: Identity = { roles: ['berth-planner'], subject: 'planner' }
type Ship = { vesselIMONumber: string | null; MMSINumber: string | null }

/** What AIS saw of a ship, as the feed of rutas brings it. */
const sighted = async (ship: Ship, given: object = {}) => {
  const timestamp = await barcos.opened.database.transaction((unit) =>
    recordFromAis(unit, {
      portCallServiceTypeCode: 'SEA_PASSAGE',
      portCallServiceEventTypeCode: 'CMPL',
      portCallPhaseTypeCode: 'INBD',
      serviceDateTime: '2026-11-01T06:00:00Z',
      serviceLocation: {
        UNLocationCode: 'ESALG',
        facilityCode: null,
        locationName: 'Bahía',
        geoCoordinate: null,
      },
      reportedVessel: { ...ship, name: 'STRANGER' },
      sourceEventId: randomUUID(),
      ...given,
    }),
  )
  return timestamp?.id ?? ''
}
const attach = (id: string, body: object, as = planner) =>
  barcos.post(`/v1/timestamps/${id}/attachment`, body, { as })
const detach = (id: string, as = planner) =>
  barcos.request('DELETE', `/v1/timestamps/${id}/attachment`, { as })
const candidates = async (portCallId: string, as = planner) => {
  const path = `/v1/timestamps?orphan=true&candidateFor=${portCallId}`
  return (await barcos.request('GET', path, { as })).body.items.map(({ id }: { id: string }) => id)
}
const told = async (id: string) => {
  const { body } = await barcos.request('GET', `/v1/port-calls/${id}/timeline`)
  return body.items.flatMap(({ timestamp }: { timestamp: { id: string } | null }) =>
    timestamp ? [timestamp.id] : [],
  )
}

describe('an orphan', () => {
  it('is attached to the call of its ship once that is registered, and who did is kept', async () => {
    const ship = nextIdentity()
    const id = await sighted(ship)
    const vessel = await barcos.registerVessel(ship)
    const call = await barcos.announce(vessel.id, { eta: '2026-11-02T00:00:00Z' })
    expect(await candidates(call.id)).toEqual([id])
    const attached = await attach(id, { portCallId: call.id, reason: 'announced late' })
    expect(attached).toMatchObject({
      status: 200,
      body: {
        portCallId: call.id,
        portCallServiceId: expect.any(String),
        attachedBy: 'planner',
        attachedAt: expect.any(String),
        source: 'AIS',
      },
    })
    expect(await told(call.id)).toEqual([id])
    expect(await candidates(call.id)).toEqual([])
    expect(await attach(id, { portCallId: call.id })).toMatchObject({
      status: 409,
      body: { code: 'TIMESTAMP_ATTACHED' },
    })

    expect(await detach(id)).toMatchObject({
      status: 200,
      body: { portCallId: null, portCallServiceId: null, attachedBy: null },
    })
    expect(await told(call.id)).toEqual([])
    expect(await candidates(call.id)).toEqual([id])
    expect(await detach(id)).toMatchObject({ status: 404 })
    const kept = await barcos.opened.database.sql(
      `SELECT action, reason, decided_by FROM timestamp_attachment
       WHERE timestamp_id = $1::uuid ORDER BY decided_at`,
      [id],
    )
    expect(kept).toEqual([
      { action: 'ATTACH', reason: 'announced late', decided_by: 'planner' },
      { action: 'DETACH', reason: null, decided_by: 'planner' },
    ])
    const events = (await barcos.events()).filter(({ subject }) => subject === id)
    expect(events.map(({ type }) => type)).toEqual([
      'barcos.timestamp.recorded',
      'barcos.timestamp.attached',
      'barcos.timestamp.detached',
    ])
  })

  it('of another ship or place is attached only by force, with a reason', async () => {
    const vessel = await barcos.registerVessel()
    const call = await barcos.announce(vessel.id)
    const id = await sighted(nextIdentity(), {
      serviceLocation: {
        UNLocationCode: 'ESVLC',
        facilityCode: null,
        locationName: null,
        geoCoordinate: null,
      },
    })
    const portCallId = call.id
    expect(await candidates(portCallId)).toEqual([])
    const refused = await attach(id, { portCallId })
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'TIMESTAMP_OF_ANOTHER_CALL',
        errors: [{ code: 'SAME_VESSEL' }, { code: 'SAME_PLACE' }],
      },
    })
    expect(await attach(id, { portCallId, force: true })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/reason', code: 'REASON_GIVEN' }] },
    })
    const forced = { portCallId, force: true, reason: 'transponder was set wrong' }
    expect(await attach(id, forced)).toMatchObject({ status: 200, body: { portCallId } })
  })

  it('is a candidate only near the window of the call', async () => {
    const vessel = await barcos.registerVessel()
    const seen = []
    for (const day of ['01', '08', '12', '20']) {
      seen.push(await sighted(vessel, { serviceDateTime: `2026-11-${day}T06:00:00Z` }))
    }
    const call = await barcos.announce(vessel.id, {
      eta: '2026-11-10T00:00:00Z',
      etd: '2026-11-11T00:00:00Z',
    })
    expect(new Set(await candidates(call.id))).toEqual(new Set(seen.slice(1, 3)))
  })

  it('goes to one call when two attach it at once', async () => {
    const vessel = await barcos.registerVessel()
    const id = await sighted(vessel)
    const calls = [await barcos.announce(vessel.id), await barcos.announce(vessel.id)]
    const answers = await Promise.all(calls.map((call) => attach(id, { portCallId: call.id })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
  })

  it('is the office’s to attach, to a call that has not ended', async () => {
    const vessel = await barcos.registerVessel()
    const id = await sighted(vessel)
    const call = await barcos.announce(vessel.id)
    expect(await attach(id, { portCallId: call.id }, agent)).toMatchObject({ status: 403 })
    expect(await detach(id, agent)).toMatchObject({ status: 403 })
    expect(await candidates(call.id, agent)).toEqual([])
    expect(await attach(id, { portCallId: randomUUID() })).toMatchObject({ status: 404 })
    expect(await attach(randomUUID(), { portCallId: call.id })).toMatchObject({ status: 404 })
    expect(await attach(id, { portCallId: 'that one' })).toMatchObject({ status: 400 })
    const path = `/v1/timestamps?candidateFor=${randomUUID()}`
    expect(await barcos.request('GET', path)).toMatchObject({ status: 404 })
    await barcos.post(`/v1/port-calls/${call.id}/cancel`)
    expect(await attach(id, { portCallId: call.id })).toMatchObject({
      status: 409,
      body: { code: 'PORT_CALL_ENDED' },
    })
  })

  it('is not made of what was recorded on its call', async () => {
    const vessel = await barcos.registerVessel()
    const call = await barcos.announce(vessel.id)
    const { body } = await barcos.post(`/v1/port-calls/${call.id}/timestamps`, {
      portCallServiceTypeCode: 'BERTH',
      portCallServiceEventTypeCode: 'ARRI',
      classifierCode: 'EST',
      serviceDateTime: '2026-11-01T10:00:00Z',
    })
    expect(await detach(body.id)).toMatchObject({
      status: 409,
      body: { code: 'TIMESTAMP_RECORDED_ON_CALL' },
    })
    // What AIS was matched by may be wrong.
    const seen = await sighted(vessel)
    expect(await detach(seen)).toMatchObject({ status: 200, body: { portCallId: null } })
  })
})
