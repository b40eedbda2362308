import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos({ env: { REQUIRED_CLEARANCES: 'NONE' } })
})
afterAll(() => barcos[Symbol.asyncDispose]())

const office = { roles: ['harbour-master'] as const, subject: 'office' }
const rebuild = (id: string, body?: object, as: object = office) =>
  barcos.post(`/v1/port-calls/${id}/rebuild`, body, { as })
const stateOf = async (id: string) =>
  (await barcos.request('GET', `/v1/port-calls/${id}`)).body.state

/** A call that the port expects, of which `SERVICE EVENT hh:mm` were told. */
const told = async (...timestamps: string[]) => {
  const ship = await barcos.registerVessel()
  const { id } = await barcos.announce(ship.id)
  await barcos.post(`/v1/port-calls/${id}/approve`, undefined, { as: office })
  for (const each of timestamps) {
    const [service, event, time] = each.split(' ')
    const answer = await barcos.post(
      `/v1/port-calls/${id}/timestamps`,
      {
        portCallServiceTypeCode: service,
        portCallServiceEventTypeCode: event,
        classifierCode: 'ACT',
        serviceDateTime: `2026-11-10T${time}:00Z`,
      },
      { as: office },
    )
    if (answer.status !== 201) throw new Error(answer.text)
  }
  return id as string
}
const codesOf = ({ body }: Awaited<ReturnType<typeof rebuild>>) =>
  body.contradictions.map(({ code, action }: Record<string, string | null>) => [code, action])

describe('rebuilding a call from its timestamps', () => {
  it('tells what it went through and where the record differs, and changes nothing', async () => {
    const id = await told('BERTH ARRI 10:00', 'SEA_PASSAGE CMPL 08:00')
    const answer = await rebuild(id)
    expect(answer).toMatchObject({
      status: 200,
      body: {
        portCallId: id,
        recordedState: 'APPROVED',
        derivedState: 'ALONGSIDE',
        steps: [
          { action: 'arrive', occurredAt: '2026-11-10T08:00:00.000Z' },
          { action: 'berth', occurredAt: '2026-11-10T10:00:00.000Z' },
        ],
        stays: [{ arrivedAt: '2026-11-10T10:00:00.000Z', departedAt: null }],
        applied: [],
        refused: null,
      },
    })
    expect(codesOf(answer)).toEqual([
      ['STEP_NOT_TAKEN', 'arrive'],
      ['STEP_NOT_TAKEN', 'berth'],
      ['STATE_DIFFERS', null],
    ])
    expect(await stateOf(id)).toBe('APPROVED')
  })

  it('takes the missing steps in order, each as a decision, and once more takes none', async () => {
    const id = await told(
      'SEA_PASSAGE CMPL 08:00',
      'BERTH ARRI 10:00',
      'CARGO_OPERATIONS STRT 11:00',
      'CARGO_OPERATIONS CMPL 18:00',
      'BERTH DEPA 20:00',
    )
    await barcos.reserve(id, await barcos.berth())
    const departure = await barcos.post(
      `/v1/port-calls/${id}/rebuild`,
      { apply: true, reason: 'the desk was closed' },
      { as: office },
    )
    expect(departure.status).toBe(200)
    const applied = departure.body.applied.map(({ action }: { action: string }) => action)
    expect(applied.slice(0, 4)).toEqual(['arrive', 'berth', 'start', 'complete'])
    const { body } = await barcos.request('GET', `/v1/port-calls/${id}/timeline?limit=200`)
    const decisions = body.items.flatMap(
      ({ decision }: { decision: Record<string, string> | null }) => (decision ? [decision] : []),
    )
    expect(decisions.find(({ action }: { action: string }) => action === 'berth')).toMatchObject({
      reason: 'the desk was closed',
      decidedBy: 'office',
    })
    // No timestamp was added to those that tell.
    expect(body.items.filter(({ kind }: { kind: string }) => kind === 'TIMESTAMP')).toHaveLength(5)
    const again = await rebuild(id, { apply: true })
    expect(again.body).toMatchObject({ applied: [], refused: departure.body.refused })
    expect(again.body.recordedState).toBe(departure.body.recordedState)
  })

  it('gives every step its own time, also of a shift and where the windows have gone by', async () => {
    const id = await told(
      'SEA_PASSAGE CMPL 08:00',
      'BERTH ARRI 10:00',
      'BERTH DEPA 12:00',
      'BERTH ARRI 13:00',
      'BERTH DEPA 20:00',
    )
    const at = (time: string) => `2026-11-10T${time}:00.000Z`
    const window = (from: string, to: string) => ({ startsAt: at(from), endsAt: at(to) })
    const reservations = [
      await barcos.reserve(id, await barcos.berth(), window('09:00', '12:30')),
      await barcos.reserve(id, await barcos.berth(), window('12:30', '22:00')),
    ]
    const { body } = await rebuild(id, { apply: true })
    expect(body.applied).toMatchObject([
      { action: 'arrive', occurredAt: at('08:00') },
      { action: 'berth', occurredAt: at('10:00') },
      { action: 'shift', occurredAt: at('13:00'), departedAt: at('12:00') },
    ])
    expect(body.contradictions).not.toContainEqual(
      expect.objectContaining({ code: 'STEP_AT_OTHER_TIME' }),
    )
    const stays = await Promise.all(
      reservations.map(async (each) => {
        const { body: stay } = await barcos.request('GET', `/v1/reservations/${each}`, {
          as: office,
        })
        return [stay.alongsideFrom, stay.alongsideTo]
      }),
    )
    expect(stays).toEqual([
      [at('10:00'), at('12:00')],
      [at('13:00'), at('20:00')],
    ])
    // A call that has worked no cargo yet does not depart; once it has, it does so from that berth.
    for (const step of ['start', 'complete', 'departure-authorization']) {
      await barcos.post(`/v1/port-calls/${id}/${step}`, undefined, { as: office })
    }
    const occurredAt = at('20:30')
    const departed = await barcos.post(
      `/v1/port-calls/${id}/depart`,
      { occurredAt },
      { as: office },
    )
    expect(departed).toMatchObject({ status: 200, body: { state: 'DEPARTED' } })
    const { body: last } = await barcos.request('GET', `/v1/reservations/${reservations[1]}`, {
      as: office,
    })
    expect(last.alongsideTo).toBe(occurredAt)
  })

  it('of a stay that is over is not stopped by a ship that lies there today', async () => {
    const berthId = await barcos.berth()
    const past = await told('SEA_PASSAGE CMPL 08:00', 'BERTH ARRI 10:00', 'BERTH DEPA 20:00')
    const window = { startsAt: '2026-11-10T09:00:00Z', endsAt: '2026-11-10T22:00:00Z' }
    const reservation = await barcos.reserve(past, berthId, window)
    const present = await told('SEA_PASSAGE CMPL 21:00')
    await barcos.reserve(present, berthId, { startsAt: '2026-11-10T22:00:00Z' })
    expect((await rebuild(present, { apply: true })).body.refused).toBeNull()
    const lies = await barcos.post(`/v1/port-calls/${present}/berth`, undefined, { as: office })
    expect(lies).toMatchObject({ status: 200, body: { state: 'ALONGSIDE' } })
    expect((await rebuild(past, { apply: true })).body.applied).toMatchObject([
      { action: 'arrive' },
      { action: 'berth' },
    ])
    const { body } = await barcos.request('GET', `/v1/reservations/${reservation}`, { as: office })
    expect(body).toMatchObject({
      alongsideFrom: '2026-11-10T10:00:00.000Z',
      alongsideTo: '2026-11-10T20:00:00.000Z',
    })
  })

  it('of a ship that is told to lie there still is stopped by one that does', async () => {
    const berthId = await barcos.berth()
    const calls = [await told('BERTH ARRI 10:00'), await told('BERTH ARRI 11:00')] as const
    for (const [index, id] of calls.entries()) {
      await barcos.reserve(id, berthId, {
        startsAt: `2026-11-1${index}T00:00:00Z`,
        endsAt: `2026-11-1${index + 1}T00:00:00Z`,
      })
    }
    expect((await rebuild(calls[0], { apply: true })).body.refused).toBeNull()
    expect((await rebuild(calls[1], { apply: true })).body.refused).toMatchObject({
      conditions: ['METRES_CLEAR'],
    })
  })

  it('ends at the first step that a condition refuses, and keeps those before it', async () => {
    const id = await told('SEA_PASSAGE CMPL 08:00', 'BERTH ARRI 10:00')
    const answer = await rebuild(id, { apply: true })
    expect(answer.body).toMatchObject({
      recordedState: 'ARRIVED',
      applied: [{ action: 'arrive' }],
      refused: {
        step: { action: 'berth' },
        code: 'PORT_CALL_CONDITIONS_UNMET',
        conditions: ['BERTH_RESERVED'],
      },
    })
    expect(await stateOf(id)).toBe('ARRIVED')
    await barcos.reserve(id, await barcos.berth())
    expect((await rebuild(id, { apply: true })).body).toMatchObject({
      recordedState: 'ALONGSIDE',
      applied: [{ action: 'berth' }],
      refused: null,
      contradictions: [],
    })
  })

  it('is applied once when two ask for it at once', async () => {
    const id = await told('SEA_PASSAGE CMPL 08:00')
    const answers = await Promise.all([
      rebuild(id, { apply: true }),
      rebuild(id, { apply: true }),
      rebuild(id, { apply: true }),
    ])
    expect(answers.flatMap(({ body }) => body.applied)).toHaveLength(1)
    expect(await stateOf(id)).toBe('ARRIVED')
  })

  it('is the office’s', async () => {
    const id = await told()
    expect(await rebuild(id, undefined, agent)).toMatchObject({ status: 403 })
    expect(await rebuild(id, { apply: 'yes' })).toMatchObject({ status: 400 })
    expect(await rebuild('0193fa00-0000-7000-8000-000000000000')).toMatchObject({ status: 404 })
  })
})
