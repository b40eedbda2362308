import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos({ env: { REQUIRED_CLEARANCES: 'NONE', BERTH_GAP_METRES: '0' } })
})
afterAll(() => barcos[Symbol.asyncDispose]())

const office = { roles: ['harbour-master'] as const, subject: 'office' }
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()
const take = (id: string, action: string, body?: object) =>
  barcos.post(`/v1/port-calls/${id}/${action}`, body, { as: office })
const must = async (id: string, action: string, body?: object) => {
  const answer = await take(id, action, body)
  if (answer.status !== 200) throw new Error(answer.text)
}

/** A ship that has arrived, with 200 m of a berth reserved between hours from now. */
const arrived = async (berthId: string, from: number, to: number) => {
  const ship = await barcos.registerVessel({ lengthOverall: 200, maximumDraft: 8 })
  const call = await barcos.announce(ship.id)
  await must(call.id, 'approve')
  const reservation = await barcos.reserve(call.id, berthId, {
    fromMetre: 0,
    toMetre: 200,
    startsAt: inHours(from),
    endsAt: inHours(to),
  })
  await must(call.id, 'arrive', { occurredAt: inHours(-6) })
  return { id: call.id as string, ship, reservation }
}

const reservationOf = async (id: string) =>
  (await barcos.request('GET', `/v1/reservations/${id}`, { as: office })).body

describe('a ship that lies at a berth longer than planned', () => {
  it('keeps its metres until it leaves, from the next as from who plans', async () => {
    const berthId = await barcos.berth()
    const first = await arrived(berthId, -8, -1)
    await must(first.id, 'berth', { occurredAt: inHours(-5) })
    const next = await arrived(berthId, -1, 10)
    const refused = await take(next.id, 'berth')
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'PORT_CALL_CONDITIONS_UNMET',
        errors: [
          {
            code: 'METRES_CLEAR',
            detail: expect.stringContaining(`is taken by ${first.ship.name}`),
            conflictsWith: { id: first.reservation, portCallId: first.id },
          },
        ],
      },
    })

    const third = await barcos.announce(
      (await barcos.registerVessel({ lengthOverall: 200, maximumDraft: 8 })).id,
    )
    const plan = await barcos.request('GET', '/v1/berth-plan?UNLocationCode=ESALG&days=2', {
      as: office,
    })
    const berth = plan.body.berths.find(({ id }: { id: string }) => id === berthId)
    expect(
      berth.reservations.map((each: { id: string; overdue: boolean }) => [each.id, each.overdue]),
    ).toEqual([
      [first.reservation, true],
      [next.reservation, false],
    ])
    await barcos.request('DELETE', `/v1/reservations/${next.reservation}`, {
      as: office,
      headers: { 'if-match': '*' },
    })
    const asked = {
      berthId,
      fromMetre: 100,
      toMetre: 300,
      startsAt: inHours(0),
      endsAt: inHours(9),
    }
    const path = `/v1/port-calls/${third.id}/reservations`
    const taken = await barcos.post(path, asked, { as: office })
    expect(taken).toMatchObject({
      status: 409,
      body: { code: 'BERTH_TAKEN', errors: [{ conflictsWith: { id: first.reservation } }] },
    })
    const query = `hours=5&from=${inHours(0)}`
    const { body } = await barcos.request(
      'GET',
      `/v1/port-calls/${third.id}/berth-suggestions?${query}`,
      { as: office },
    )
    const there = body.items.find(
      (each: { berthId: string; fromMetre: number }) =>
        each.berthId === berthId && each.fromMetre < 200,
    )
    if (there) expect(Date.parse(there.startsAt)).toBeGreaterThan(Date.now() + 1_800_000)

    await must(first.id, 'start')
    await must(first.id, 'complete')
    await must(first.id, 'departure-authorization')
    await must(first.id, 'depart')
    expect((await barcos.post(path, asked, { as: office })).status).toBe(201)
  })

  it('is one of a hundred whom as many berth at once', async () => {
    const berthId = await barcos.berth()
    // Planned to the same metres one after the other, and all of them there.
    const calls = []
    for (let n = 0; n < 100; n += 1) calls.push(await arrived(berthId, n / 10, (n + 1) / 10))
    const at = Date.now()
    const answers = await Promise.all(calls.map(({ id }) => take(id, 'berth')))
    const berthed = answers.filter(({ status }) => status === 200)
    expect(berthed).toHaveLength(1)
    const codes = answers
      .filter(({ status }) => status === 409)
      .flatMap(({ body }) => body.errors.map(({ code }: { code: string }) => code))
    expect(new Set(codes)).toEqual(new Set(['METRES_CLEAR']))
    const rows = await barcos.opened.database.sql<{ at: Date }>(
      `SELECT alongside_from AS at FROM berth_occupancy
       WHERE berth_id = $1::uuid AND alongside_from IS NOT NULL`,
      [berthId],
    )
    expect(rows).toHaveLength(1)
    expect(Number(rows[0]?.at)).toBeGreaterThan(at - 60_000)
  })

  it('is not joined by another even past the service', async () => {
    const berthId = await barcos.berth()
    const first = await arrived(berthId, -1, 5)
    const other = await arrived(berthId, 5, 9)
    await must(first.id, 'berth')
    await expect(
      barcos.opened.database.sql(
        'UPDATE berth_occupancy SET alongside_from = now() WHERE id = $1::uuid',
        [other.reservation],
      ),
    ).rejects.toThrow(/berth_occupancy_one_ship_at_a_place/)
  })
})

describe('a ship that comes before its window', () => {
  it('is berthed within a day of it, if nothing else takes the metres until then', async () => {
    const berthId = await barcos.berth()
    const early = await arrived(berthId, 6, 12)
    const before = await arrived(berthId, 2, 5)
    expect(await take(early.id, 'berth')).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'METRES_CLEAR', conflictsWith: { id: before.reservation } }] },
    })
    await must(before.id, 'berth')
    const farAhead = await arrived(await barcos.berth(), 30, 40)
    expect(await take(farAhead.id, 'berth')).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'BERTH_RESERVED' }] },
    })
  })

  it('takes its metres from then on, and what was agreed stays on record', async () => {
    const berthId = await barcos.berth()
    const ship = await arrived(berthId, 3, 12)
    const agreed = await reservationOf(ship.reservation)
    const at = inHours(-1)
    await must(ship.id, 'berth', { occurredAt: at })
    expect(await reservationOf(ship.reservation)).toMatchObject({
      startsAt: at,
      alongsideFrom: at,
      reservedFrom: agreed.startsAt,
      reservedUntil: agreed.endsAt,
    })
    await must(ship.id, 'start')
    await must(ship.id, 'complete')
    await must(ship.id, 'departure-authorization')
    await must(ship.id, 'depart')
    expect(await reservationOf(ship.reservation)).toMatchObject({
      state: 'LEFT',
      reservedFrom: agreed.startsAt,
      reservedUntil: agreed.endsAt,
    })
  })
})

describe('when a ship lay alongside', () => {
  it('follows the timestamps that are corrected', async () => {
    const ship = await arrived(await barcos.berth(), -8, 5)
    await must(ship.id, 'berth', { occurredAt: inHours(-5) })
    const tell = (event: string, serviceDateTime: string) =>
      barcos.post(
        `/v1/port-calls/${ship.id}/timestamps`,
        {
          portCallServiceTypeCode: 'BERTH',
          portCallServiceEventTypeCode: event,
          portCallPhaseTypeCode: event === 'ARRI' ? 'INBD' : 'OUTB',
          classifierCode: 'ACT',
          serviceDateTime,
        },
        { as: office },
      )
    const arrival = inHours(-4.5)
    expect((await tell('ARRI', arrival)).status).toBe(201)
    expect(await reservationOf(ship.reservation)).toMatchObject({ alongsideFrom: arrival })
    await must(ship.id, 'start')
    await must(ship.id, 'complete')
    await must(ship.id, 'departure-authorization')
    await must(ship.id, 'depart', { occurredAt: inHours(-0.5) })
    const departure = inHours(-0.25)
    expect((await tell('DEPA', departure)).status).toBe(201)
    expect(await reservationOf(ship.reservation)).toMatchObject({
      alongsideFrom: arrival,
      alongsideTo: departure,
    })
  })
})

describe('the stays of a ship that shifts', () => {
  const shifting = async () => {
    const ship = await arrived(await barcos.berth(), -8, 1)
    const second = await barcos.reserve(ship.id, await barcos.berth(), {
      startsAt: inHours(1),
      endsAt: inHours(9),
    })
    return { ...ship, second }
  }
  const lay = async (id: string) => {
    const { alongsideFrom, alongsideTo } = await reservationOf(id)
    return [alongsideFrom, alongsideTo]
  }

  it('are not mixed up where the shift was told without times', async () => {
    const { id, reservation, second } = await shifting()
    const at = inHours(-5)
    await must(id, 'berth', { occurredAt: at })
    await must(id, 'shift')
    const before = await lay(reservation)
    expect(before[0]).toBe(at)
    await must(id, 'start')
    await must(id, 'complete')
    await must(id, 'departure-authorization')
    const left = new Date(Date.now() + 1_000).toISOString()
    await must(id, 'depart', { occurredAt: left })
    expect(await lay(reservation)).toEqual(before)
    expect((await lay(second))[1]).toBe(left)
  })

  it('are not mixed up where the arrival was told without a time', async () => {
    const { id, reservation, second } = await shifting()
    await must(id, 'berth')
    const [from] = await lay(reservation)
    const [left, come] = [1_000, 2_000].map((ms) => new Date(Date.parse(from) + ms).toISOString())
    await must(id, 'shift', { occurredAt: left, arrivedAt: come })
    expect(await lay(reservation)).toEqual([from, left])
    expect(await lay(second)).toEqual([come, null])
  })

  it('are refused, and nothing fails, where the ship would take metres that another had then', async () => {
    const berthId = await barcos.berth()
    const gone = await arrived(berthId, -8, 1)
    await must(gone.id, 'berth', { occurredAt: inHours(-5) })
    const next = await arrived(berthId, 1, 9)
    await must(gone.id, 'start')
    await must(gone.id, 'complete')
    await must(gone.id, 'departure-authorization')
    await must(gone.id, 'depart')
    // Before the other had left, as was told.
    expect(await take(next.id, 'berth', { occurredAt: inHours(-1) })).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'METRES_CLEAR' }] },
    })
    await must(next.id, 'berth')
  })
})

describe('a ship that has come to be too deep for its berth', () => {
  it('is marked in the plan and is not berthed there', async () => {
    const berthId = await barcos.berth()
    const { id, reservation } = await arrived(berthId, -1, 9)
    const amended = await barcos.request('PATCH', `/v1/port-calls/${id}`, {
      as: office,
      headers: { 'if-match': '*' },
      body: { declaredDepartureDraft: 15.5 },
    })
    expect(amended.status).toBe(200)
    const plan = await barcos.request('GET', '/v1/berth-plan?UNLocationCode=ESALG', { as: office })
    const planned = plan.body.berths
      .find((each: { id: string }) => each.id === berthId)
      .reservations.find((each: { id: string }) => each.id === reservation)
    expect(planned.misfits).toEqual(['DRAFT_WITHIN_DEPTH'])
    expect(await take(id, 'berth')).toMatchObject({
      status: 409,
      body: {
        errors: [
          { code: 'SHIP_STILL_FITS', detail: expect.stringMatching(/^draws 15.5 m and needs/) },
        ],
      },
    })
  })
})

describe('a vessel in port', () => {
  it('is not scrapped until its call has ended', async () => {
    const { ship, id } = await arrived(await barcos.berth(), -1, 5)
    const scrap = () =>
      barcos.post(
        `/v1/vessels/${ship.id}/scrap`,
        { reason: 'lost' },
        {
          as: office,
          headers: { 'if-match': '*' },
        },
      )
    expect(await scrap()).toMatchObject({
      status: 409,
      body: { code: 'VESSEL_IN_PORT', errors: [{ conflictsWith: { portCallId: id } }] },
    })
    await must(id, 'departure-authorization')
    await must(id, 'depart')
    expect((await scrap()).status).toBe(200)
  })
})

describe('the history of a call', () => {
  it('tells of clearances, orders and reservations beside its steps, each to whom it concerns', async () => {
    await using own = await startBarcos({ env: { REQUIRED_CLEARANCES: 'CUSTOMS' } })
    const ship = await own.registerVessel({ lengthOverall: 200, maximumDraft: 8, beam: 30 })
    const { id } = await own.announce(ship.id)
    const post = async (path: string, body?: object) => {
      const answer = await own.post(`/v1/${path}`, body, {
        as: office,
        headers: { 'if-match': '*' },
      })
      if (answer.status >= 400) throw new Error(answer.text)
      return answer.body
    }
    await post(`port-calls/${id}/approve`)
    const berthId = await own.berth()
    const window = { startsAt: inHours(1), endsAt: inHours(9) }
    const reservation = await post(`port-calls/${id}/reservations`, {
      berthId,
      fromMetre: 100,
      ...window,
    })
    const moved = await own.request('PUT', `/v1/reservations/${reservation.id}`, {
      as: office,
      headers: { 'if-match': '*' },
      body: { berthId, fromMetre: 150, ...window },
    })
    expect(moved.status).toBe(200)
    for (const providerOrganization of ['tugs', 'towers']) {
      await post(`port-calls/${id}/service-orders`, {
        portCallServiceTypeCode: 'TOWAGE',
        portCallPhaseTypeCode: 'INBD',
        providerOrganization,
        requestedDateTime: inHours(1),
      })
    }
    const refused = await own.request('PUT', `/v1/port-calls/${id}/clearances/CUSTOMS`, {
      as: office,
      headers: { 'if-match': '*' },
      body: { state: 'REFUSED', reason: 'papers are missing' },
    })
    expect(refused.status).toBe(200)

    type Entry = { kind: string; decision: Record<string, unknown> | null }
    const history = async (as: object) => {
      const { body } = await own.request('GET', `/v1/port-calls/${id}/timeline?limit=200`, { as })
      return (body.items as Entry[]).flatMap(({ kind, decision }) =>
        decision && kind !== 'DECISION' ? [[kind, decision['action'], decision['about']]] : [],
      )
    }
    const all = await history(office)
    expect(all).toEqual([
      ['RESERVATION', 'reserve', expect.any(String)],
      ['RESERVATION', 'move', expect.any(String)],
      ['SERVICE_ORDER', 'request', 'TOWAGE tugs'],
      ['SERVICE_ORDER', 'request', 'TOWAGE towers'],
      ['CLEARANCE', 'refuse', 'CUSTOMS'],
    ])
    const tugs = await history({ roles: ['service-provider'], org: 'tugs' })
    expect(tugs).toEqual(all.filter(([, , about]) => about !== 'TOWAGE towers'))
    // Whoever serves the call sees that it is refused, not why, and nothing of the other tugs'.
    const provider = { roles: ['service-provider'], org: 'tugs' } as const
    const seen = (path: string, as: object = provider) =>
      own.request('GET', `/v1/port-calls/${id}/${path}`, { as })
    const clearances = await seen('clearances')
    expect(clearances.body.items).toMatchObject([
      { authority: 'CUSTOMS', state: 'REFUSED', reason: null, history: [{ reason: null }] },
    ])
    expect((await seen('timeline?limit=200')).text).not.toMatch(/papers|towers/)
    const services = (as?: object) =>
      seen('services?limit=200', as).then(({ body }) => body.items.length as number)
    expect([await services(), await services(office)]).toEqual([2, 4])
    for (const path of ['/v1/timestamps?limit=200', `/dcsa/port-call/v2/events?portCallID=${id}`]) {
      const told = async (as: object) => {
        const { body } = await own.request('GET', path, { as })
        return (body.items ?? body.events).length as number
      }
      expect([path, await told(provider), await told({ roles: ['agent'], org: 'acme' })]).toEqual([
        path,
        1,
        2,
      ])
    }
    const { text } = await own.request('GET', `/v1/port-calls/${id}/timeline`, {
      as: office,
      headers: { accept: 'text/csv' },
    })
    expect(text).toMatch(/CLEARANCE,.*CUSTOMS,refuse,PENDING,REFUSED,papers are missing/)
  })
})
