import { startFeed } from '@porttrack/shared/testing/start-feed'
import { TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { zoneEvent } from './rutas.ts'
import { startBarcos, type TestBarcos } from './start-barcos.ts'

/** Two cores are shared with other suites. */
const patience = { timeout: 40_000 }

const issuer = new TokenIssuer()
let rutas: Awaited<ReturnType<typeof startFeed>>
let barcos: TestBarcos
beforeAll(async () => {
  rutas = await startFeed('rutas', { issuer, reader: 'barcos' })
  const env = { AIS_MOVES_STATE: 'true', REQUIRED_CLEARANCES: 'NONE' }
  barcos = await startBarcos({ issuer, rutasUrl: rutas.url, env })
})
afterAll(async () => {
  await barcos[Symbol.asyncDispose]()
  await rutas[Symbol.asyncDispose]()
})

const at = (time: string) => `2026-11-01T${time}:00.000Z`
const take = (id: string, action: string) => barcos.post(`/v1/port-calls/${id}/${action}`)
/** `action source hh:mm` of the decisions on a call, in order. */
const decisionsOf = async (id: string) => {
  const rows = await barcos.opened.database.sql<{
    action: string
    source: string
    occurred_at: Date | null
  }>(
    `SELECT action, source, occurred_at FROM port_call_decision
     WHERE port_call_id = $1::uuid ORDER BY decided_at, id`,
    [id],
  )
  return rows.map(({ action, source, occurred_at: time }) =>
    [action, source, time?.toISOString().slice(11, 16)].filter(Boolean).join(' '),
  )
}
/** How many timestamps a call has: what was published before them was read. */
const readUpTo = (id: string, count: number) =>
  expect
    .poll(async () => {
      const { body } = await barcos.request('GET', `/v1/port-calls/${id}/timeline?limit=200`)
      return body.items.filter(({ kind }: { kind: string }) => kind === 'TIMESTAMP').length
    }, patience)
    .toBe(count)
const berthWith = async (facilityCode: string) => {
  const id = await barcos.berth()
  await barcos.opened.database.sql(
    `UPDATE berth SET facility_code = $2, facility_code_list_provider = 'SMDG'
     WHERE id = $1::uuid`,
    [id, facilityCode],
  )
  return id
}

describe('what AIS sees, where it moves port calls', () => {
  it('takes the ship from the sea to its berths and out again', async () => {
    const ship = await barcos.registerVessel()
    const { id } = await barcos.announce(ship.id)
    await take(id, 'approve')
    const shift = at('10:30')
    await barcos.reserve(id, await berthWith('TTIA'), { startsAt: at('00:00'), endsAt: shift })
    await barcos.reserve(id, await berthWith('APMT'), { startsAt: shift })
    const seen = { ship, stoppedAt: at('09:00') }
    await rutas.publish(
      zoneEvent('entered', 'port-area', { ship, time: at('07:00') }),
      zoneEvent('stopped', 'berth', { ship, time: at('09:00'), facilityCode: 'TTIA' }),
      // The same berth once more, a berth nobody has reserved, and one that leaves without leave.
      zoneEvent('stopped', 'berth', { ship, time: at('09:30'), facilityCode: 'TTIA' }),
      zoneEvent('stopped', 'berth', { ship, time: at('09:40'), facilityCode: null }),
      zoneEvent('left', 'berth', { ...seen, time: at('10:00'), facilityCode: 'TTIA' }),
      zoneEvent('stopped', 'berth', { ship, time: at('11:00'), facilityCode: 'APMT' }),
    )
    await readUpTo(id, 6)
    expect(await decisionsOf(id)).toEqual([
      'announce PERSON',
      'approve PERSON',
      'arrive AIS 07:00',
      'berth AIS 09:00',
      'shift AIS 11:00',
    ])
    for (const step of ['start', 'complete', 'departure-authorization']) await take(id, step)
    await rutas.publish(zoneEvent('left', 'berth', { ...seen, time: at('20:00') }))
    await readUpTo(id, 7)
    const { body } = await barcos.request('GET', `/v1/port-calls/${id}`)
    expect(body.state).toBe('DEPARTED')
    expect((await decisionsOf(id)).at(-1)).toBe('depart AIS 20:00')
    const told = (await barcos.events()).findLast(
      ({ type, subject }) => type === 'barcos.port-call.state-changed' && subject === id,
    )
    expect(told?.data).toMatchObject({ action: 'depart', source: 'AIS', occurredAt: at('20:00') })
  })

  it('moves nothing that may not move, and holds up nothing', async () => {
    const ship = await barcos.registerVessel()
    const { id } = await barcos.announce(ship.id)
    await rutas.publish(
      zoneEvent('entered', 'port-area', { ship, time: at('07:00') }),
      zoneEvent('stopped', 'berth', { ship, time: at('09:00') }),
      zoneEvent('left', 'port-area', { ship, time: at('12:00') }),
    )
    await readUpTo(id, 3)
    expect(await decisionsOf(id)).toEqual(['announce PERSON'])
    await take(id, 'approve')
    await barcos.post(`/v1/port-calls/${id}/arrive`, { occurredAt: at('13:00') })
    await barcos.reserve(id, await barcos.berth())
    await rutas.publish(
      // Older than the step before it.
      zoneEvent('stopped', 'berth', { ship, time: at('12:59') }),
      zoneEvent('left', 'port-area', { ship, time: at('14:00') }),
      zoneEvent('stopped', 'berth', { ship, time: at('15:00') }),
    )
    await readUpTo(id, 7)
    expect((await decisionsOf(id)).slice(2)).toEqual(['arrive PERSON 13:00', 'berth AIS 15:00'])
    expect(await (await fetch(`${barcos.managementUrl}/metrics`)).text()).not.toContain(
      'feed_consumer_failures_total{source="rutas"',
    )
  })
})
