import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  // What a departure needs of the authorities is tested with them.
  barcos = await startBarcos({ env: { REQUIRED_CLEARANCES: 'NONE' } })
})
afterAll(() => barcos[Symbol.asyncDispose]())

const office = { roles: ['harbour-master'] as const, subject: 'office' }
const take = (id: string, action: string, body?: object) =>
  barcos.post(`/v1/port-calls/${id}/${action}`, body, { as: office })
const timelineOf = async (id: string) => {
  const { body } = await barcos.request('GET', `/v1/port-calls/${id}/timeline?limit=200`)
  return body.items as {
    kind: string
    time: string
    timestamp: null | Record<string, string & { locationName?: string }>
  }[]
}
/** `SERVICE EVENT PHASE hh:mm` of the actual timestamps of a call. */
const timestampsOf = async (id: string) =>
  (await timelineOf(id)).flatMap(({ timestamp }) =>
    timestamp
      ? [
          [
            timestamp['portCallServiceTypeCode'],
            timestamp['portCallServiceEventTypeCode'],
            timestamp['portCallPhaseTypeCode'],
            timestamp['serviceDateTime']?.slice(11, 16),
          ].join(' '),
        ]
      : [],
  )
const occupancyOf = async (id: string) => {
  const [row] = await barcos.opened.database.sql<Record<string, Date | number | null>>(
    `SELECT alongside_from, alongside_to, ends_at, released_at, version
     FROM berth_occupancy WHERE id = $1::uuid`,
    [id],
  )
  return row
}
const day = (time: string) => `2026-11-10T${time}:00.000Z`

/**
 * A call that the port expects, with a reservation at each of `berths`: the first one until the ship
 * is to shift.
 */
const expectedToShift = async (shiftsAt: string, ...berths: string[]) => {
  const ship = await barcos.registerVessel()
  const call = await barcos.announce(ship.id)
  await take(call.id, 'approve')
  const reservations: string[] = []
  for (const [order, berthId] of berths.entries()) {
    const window = [{ endsAt: shiftsAt }, { startsAt: shiftsAt }][order]
    reservations.push(await barcos.reserve(call.id, berthId, window))
  }
  return { id: call.id as string, ship, reservations }
}

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

const expected = (...berths: string[]) => expectedToShift(inHours(12), ...berths)

describe('the steps of a call', () => {
  it('lead from the sea to a berth, to another and out again, with their times kept', async () => {
    const [first, second] = [await barcos.berth(), await barcos.berth()]
    const { id, reservations } = await expectedToShift(day('12:30'), first, second)
    const [at, then] = reservations as [string, string]
    const steps: [string, object, string][] = [
      ['arrive', { occurredAt: day('06:00'), reason: 'VTS' }, 'ARRIVED'],
      ['berth', { occurredAt: day('08:00') }, 'ALONGSIDE'],
      ['start', { occurredAt: day('09:00') }, 'WORKING'],
      ['shift', { occurredAt: day('12:00'), arrivedAt: day('13:00') }, 'ALONGSIDE'],
      ['start', { occurredAt: day('14:00') }, 'WORKING'],
      ['complete', { occurredAt: day('18:00') }, 'COMPLETED'],
      ['departure-authorization', {}, 'COMPLETED'],
      ['depart', { occurredAt: day('20:00') }, 'DEPARTED'],
      ['close', { reason: 'paid' }, 'CLOSED'],
    ]
    for (const [action, body, state] of steps) {
      const taken = await take(id, action, body)
      expect({ action, status: taken.status, text: taken.text }).toMatchObject({ status: 200 })
      expect(taken.body.state).toBe(state)
    }
    expect(await timestampsOf(id)).toEqual([
      'SEA_PASSAGE CMPL INBD 06:00',
      'BERTH ARRI INBD 08:00',
      'CARGO_OPERATIONS STRT ALGS 09:00',
      'BERTH DEPA SHIF 12:00',
      'BERTH ARRI SHIF 13:00',
      'CARGO_OPERATIONS STRT ALGS 14:00',
      'CARGO_OPERATIONS CMPL ALGS 18:00',
      'BERTH DEPA OUTB 20:00',
    ])
    expect(await occupancyOf(at)).toMatchObject({
      alongside_from: new Date(day('08:00')),
      alongside_to: new Date(day('12:00')),
      ends_at: new Date(day('12:00')),
      released_at: null,
    })
    expect(await occupancyOf(then)).toMatchObject({
      alongside_from: new Date(day('13:00')),
      alongside_to: new Date(day('20:00')),
      ends_at: new Date(day('20:00')),
    })
    // Decisions stand on the timeline where they happened, beside the timestamps that they are.
    const order = (await timelineOf(id)).map(({ kind, time }) => `${kind} ${time.slice(11, 16)}`)
    expect(order.slice(0, 3)).toEqual(['DECISION 06:00', 'TIMESTAMP 06:00', 'DECISION 08:00'])
    const kept = await barcos.opened.database.sql<Record<string, unknown>>(
      `SELECT action, reason, decided_by, occurred_at FROM port_call_decision
       WHERE port_call_id = $1::uuid AND action IN ('arrive', 'close') ORDER BY decided_at`,
      [id],
    )
    expect(kept).toEqual([
      {
        action: 'arrive',
        reason: 'VTS',
        decided_by: 'office',
        occurred_at: new Date(day('06:00')),
      },
      { action: 'close', reason: 'paid', decided_by: 'office', occurred_at: null },
    ])
    const told = (await barcos.events()).filter(
      ({ type, subject }) => type === 'barcos.port-call.state-changed' && subject === id,
    )
    expect(told.map(({ data }) => [data.action, data.berthId, data.source])).toEqual([
      ['approve', null, 'PERSON'],
      ['arrive', null, 'PERSON'],
      ['berth', first, 'PERSON'],
      ['start', first, 'PERSON'],
      ['shift', second, 'PERSON'],
      ['start', second, 'PERSON'],
      ['complete', second, 'PERSON'],
      ['depart', second, 'PERSON'],
      ['close', null, 'PERSON'],
    ])
  })

  it('are counted from what was reported, or from now, where no time comes with them', async () => {
    const { id, reservations } = await expected(await barcos.berth(), await barcos.berth())
    const [at, then] = reservations as [string, string]
    await take(id, 'arrive')
    const arrival = {
      portCallServiceTypeCode: 'BERTH',
      portCallServiceEventTypeCode: 'ARRI',
      classifierCode: 'ACT',
      serviceDateTime: day('07:30'),
    }
    await barcos.post(`/v1/port-calls/${id}/timestamps`, arrival, { as: office })
    await take(id, 'berth')
    expect(await occupancyOf(at)).toMatchObject({ alongside_from: new Date(day('07:30')) })
    const before = Date.now()
    expect(await take(id, 'shift')).toMatchObject({ status: 200 })
    const left = await occupancyOf(at)
    expect(Number(left?.['alongside_to'])).toBeGreaterThanOrEqual(before)
    expect((await occupancyOf(then))?.['alongside_from']).toBeInstanceOf(Date)
    expect(await timestampsOf(id)).toEqual(['BERTH ARRI  07:30'])
  })

  it('take a ship that only anchors from arrival to sea, and give back its berth', async () => {
    const { id, reservations } = await expected(await barcos.berth())
    await take(id, 'arrive', { occurredAt: day('06:00') })
    await take(id, 'departure-authorization')
    expect(await take(id, 'depart', { occurredAt: day('09:00') })).toMatchObject({
      status: 200,
      body: { state: 'DEPARTED' },
    })
    expect(await timestampsOf(id)).toEqual([
      'SEA_PASSAGE CMPL INBD 06:00',
      'SEA_PASSAGE STRT OUTB 09:00',
    ])
    expect((await occupancyOf(reservations[0] ?? ''))?.['released_at']).toBeInstanceOf(Date)
  })

  it.each(['cancel', 'omit'])('give back every berth at %s', async (action) => {
    const { id, reservations } = await expected(await barcos.berth(), await barcos.berth())
    await take(id, action)
    for (const reservation of reservations) {
      expect(await occupancyOf(reservation)).toMatchObject({
        released_at: expect.any(Date),
        version: 2,
      })
    }
  })
})

describe('the conditions of a step', () => {
  const codesOf = ({ body }: Awaited<ReturnType<typeof take>>) =>
    body.errors.map(({ code }: { code: string }) => code)

  it('ask for a berth, another one to shift to, and an open one', async () => {
    const berth = await barcos.berth()
    const { id } = await expected()
    await take(id, 'arrive')
    const refused = await take(id, 'berth')
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'PORT_CALL_CONDITIONS_UNMET' },
    })
    expect(codesOf(refused)).toEqual(['BERTH_RESERVED'])
    const reservation = await barcos.reserve(id, berth)
    await barcos.opened.database.sql(
      `UPDATE berth SET state = 'CLOSED', name = 'Norte 1' WHERE id = $1::uuid`,
      [berth],
    )
    const closed = await barcos.request('POST', `/v1/port-calls/${id}/berth`, {
      as: office,
      headers: { 'accept-language': 'es' },
    })
    expect(closed.body.errors).toEqual([
      { pointer: '#', code: 'BERTH_OPEN', detail: 'el atraque Norte 1 está cerrado' },
    ])
    await barcos.opened.database.sql(`UPDATE berth SET state = 'OPEN' WHERE id = $1::uuid`, [berth])
    expect(await take(id, 'berth', { reservationId: reservation })).toMatchObject({ status: 200 })
    expect(codesOf(await take(id, 'shift'))).toEqual(['BERTH_RESERVED_ELSEWHERE'])
    const sameBerth = await barcos.reserve(id, berth, {
      startsAt: '2030-01-01T00:00:00Z',
      endsAt: '2031-01-01T00:00:00Z',
    })
    for (const body of [undefined, { reservationId: sameBerth }]) {
      expect(codesOf(await take(id, 'shift', body))).toEqual(['BERTH_RESERVED_ELSEWHERE'])
    }
  })

  it('do not take another call’s reservation, nor one whose time has gone by', async () => {
    const other = await expected(await barcos.berth())
    const { id } = await expected()
    await take(id, 'arrive')
    const foreign = await take(id, 'berth', { reservationId: other.reservations[0] })
    expect(codesOf(foreign)).toEqual(['BERTH_RESERVED'])
    await barcos.reserve(id, await barcos.berth(), {
      startsAt: '2020-01-01T00:00:00Z',
      endsAt: '2020-01-02T00:00:00Z',
    })
    expect(codesOf(await take(id, 'berth'))).toEqual(['BERTH_RESERVED'])
  })

  it('let no scrapped vessel go on, and no detained one leave', async () => {
    const { id, ship } = await expected()
    const become = (state: string) =>
      barcos.opened.database.sql('UPDATE vessel SET state = $2 WHERE id = $1::uuid', [
        ship.id,
        state,
      ])
    await become('SCRAPPED')
    expect(codesOf(await take(id, 'arrive'))).toEqual(['VESSEL_NOT_SCRAPPED'])
    await become('DETAINED')
    expect(await take(id, 'arrive')).toMatchObject({ status: 200 })
    expect(codesOf(await take(id, 'depart'))).toEqual([
      'VESSEL_NOT_DETAINED',
      'DEPARTURE_AUTHORIZED',
    ])
    await become('SCRAPPED')
    expect(codesOf(await take(id, 'depart'))).toEqual([
      'VESSEL_NOT_SCRAPPED',
      'DEPARTURE_AUTHORIZED',
    ])
  })

  it('put each step behind the one before it, and none in the future', async () => {
    const { id } = await expected(await barcos.berth())
    const future = new Date(Date.now() + 120_000).toISOString()
    expect(await take(id, 'arrive', { occurredAt: future })).toMatchObject({
      status: 422,
      body: { code: 'PORT_CALL_INVALID', errors: [{ pointer: '#/occurredAt' }] },
    })
    await take(id, 'arrive', { occurredAt: day('06:00') })
    expect(await take(id, 'berth', { occurredAt: day('05:59') })).toMatchObject({
      status: 422,
      body: {
        errors: [
          {
            pointer: '#/occurredAt',
            detail: `must not be before the step before it, at ${day('06:00')}`,
          },
        ],
      },
    })
    const fast = {
      portCallServiceTypeCode: 'ALL_FAST',
      portCallServiceEventTypeCode: 'ARRI',
      classifierCode: 'ACT',
      serviceDateTime: day('07:00'),
    }
    await barcos.post(`/v1/port-calls/${id}/timestamps`, fast, { as: office })
    expect(await take(id, 'berth', { occurredAt: day('07:30') })).toMatchObject({
      status: 422,
      body: { code: 'TIMESTAMP_REFUSED', errors: [{ pointer: '#/occurredAt' }] },
    })
    expect(await barcos.request('GET', `/v1/port-calls/${id}`)).toMatchObject({
      body: { state: 'ARRIVED' },
    })
    const wrong = { occurredAt: 'yesterday', arrivedAt: day('01:00') }
    expect(await take(id, 'berth', wrong)).toMatchObject({ status: 400 })
  })

  it('are the port’s to meet: no agent and no machine takes a step', async () => {
    const { id } = await expected()
    const machine = { kind: 'machine', scopes: ['barcos/write'] } as const
    const steps = ['arrive', 'berth', 'shift', 'start', 'complete', 'depart', 'close']
    for (const as of [agent, machine, { roles: ['viewer'] as const }]) {
      for (const step of steps) {
        expect(await barcos.post(`/v1/port-calls/${id}/${step}`, {}, { as })).toMatchObject({
          status: 403,
        })
      }
    }
    const terminal = { as: { roles: ['terminal-planner'] as const } }
    expect(await barcos.post(`/v1/port-calls/${id}/start`, {}, terminal)).toMatchObject({
      status: 409,
    })
  })
})
