import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inHours, makeBerth, newBerth, reserve } from './reserved-berths.ts'
import { agent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos({ env: { PORT_TIME_ZONES: '*=Europe/Madrid' } })
})
afterAll(() => barcos[Symbol.asyncDispose]())

const newBlock = (given: object = {}) => ({
  startsAt: inHours(1).toISOString(),
  endsAt: inHours(12).toISOString(),
  reason: 'Crane maintenance',
  ...given,
})
const block = (berthId: string, given: object = {}, headers = {}) =>
  barcos.post(`/v1/berths/${berthId}/blocks`, newBlock(given), { headers })
const lift = (berthId: string, id: string, version = '*') =>
  barcos.request('DELETE', `/v1/berths/${berthId}/blocks/${id}`, {
    headers: { 'if-match': version },
  })
const list = async (berthId: string, query = '') =>
  (await barcos.request('GET', `/v1/berths/${berthId}/blocks?${query}`)).body.items
const window = (from: number, to: number) => ({
  startsAt: inHours(from).toISOString(),
  endsAt: inHours(to).toISOString(),
})

describe('blocking metres of a berth', () => {
  it('takes the whole quay, metres, or bollards in either order', async () => {
    const { id } = await makeBerth(barcos)
    const whole = await block(id)
    expect(whole).toMatchObject({
      status: 201,
      headers: { etag: '"1"' },
      body: {
        berthId: id,
        fromMetre: 0,
        toMetre: 400,
        liftedAt: null,
        reason: 'Crane maintenance',
      },
    })
    const read = await barcos.request('GET', String(whole.headers.location))
    expect(read).toMatchObject({ status: 200, body: whole.body })
    expect((await block(id, { fromMetre: 10.5, toMetre: 20 })).body).toMatchObject({
      fromMetre: 10.5,
      toMetre: 20,
    })
    expect((await block(id, { fromBollard: '4', toBollard: '2' })).body).toMatchObject({
      fromMetre: 50,
      toMetre: 100,
    })
  })

  it('is refused off the quay, backwards or in the past, with every fault', async () => {
    const { id } = await makeBerth(barcos)
    const answer = await block(id, { toMetre: 401, endsAt: inHours(-1).toISOString() })
    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: 'BLOCK_INVALID',
        errors: [
          { pointer: '#/toMetre' },
          { pointer: '#/endsAt', detail: 'must be after startsAt' },
        ],
      },
    })
    const over = await barcos.post(
      `/v1/berths/${id}/blocks`,
      newBlock({ ...window(-9, -8), fromBollard: '77', toBollard: '78' }),
      { headers: { 'accept-language': 'es-ES' } },
    )
    expect(over.body).toMatchObject({
      title: 'El bloqueo incumple una regla',
      errors: [
        { pointer: '#/fromBollard', detail: 'el atraque no tiene la bita 77' },
        { pointer: '#/toBollard', detail: 'el atraque no tiene la bita 78' },
        { pointer: '#/endsAt', detail: 'ya ha pasado' },
      ],
    })
    const malformed: [object, string][] = [
      [{ reason: undefined }, '#/reason'],
      [{ startsAt: '2026-02-30T00:00:00Z' }, '#/startsAt'],
      [{ startsAt: '2026-02-28T00:00:00' }, '#/startsAt'],
      [{ fromMetre: -1 }, '#/fromMetre'],
      [{ fromMetre: '0' }, '#/fromMetre'],
      [{ portCallId: randomUUID() }, '#/portCallId'],
    ]
    for (const [given, pointer] of malformed) {
      const refused = await block(id, given)
      expect([given, refused.status, refused.body.errors[0].pointer]).toEqual([given, 400, pointer])
    }
    expect((await block(randomUUID())).status).toBe(404)
    expect(await list(id)).toEqual([])
  })

  it('names the reservations in the way, on the clocks of the port', async () => {
    const { id } = await makeBerth(barcos)
    const startsAt = new Date('2030-07-01T06:00:00Z')
    const endsAt = new Date('2030-07-01T18:00:00Z')
    const reserved = await reserve(barcos, id, { startsAt, endsAt })
    const refused = await barcos.post(
      `/v1/berths/${id}/blocks`,
      newBlock({ startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() }),
      { headers: { 'accept-language': 'es' } },
    )
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'BLOCK_RESERVED',
        title: 'Hay reservas en los metros y el intervalo del bloqueo',
        errors: [{ pointer: '#', code: 'BLOCK_CLEAR_OF_RESERVATIONS' }],
      },
    })
    expect(refused.body.errors[0].detail).toBe(
      'de 0 m a 200 m está reservado para Algeciras Star de 2030-07-01T08:00:00+02:00[Europe/Madrid] a 2030-07-01T20:00:00+02:00[Europe/Madrid]',
    )
    expect(refused.body.errors[0].conflictsWith).toEqual({
      kind: 'RESERVATION',
      ...reserved,
      berthId: id,
      fromMetre: 0,
      toMetre: 200,
      startsAt: startsAt.toISOString(),
      endsAt: endsAt.toISOString(),
    })
  })

  it('stands beside ships in metres and time, the ends being half-open', async () => {
    const { id } = await makeBerth(barcos)
    const [startsAt, endsAt] = [inHours(10), inHours(20)]
    await reserve(barcos, id, { fromMetre: 100, toMetre: 200, startsAt, endsAt })
    const at = (from: Date, to: Date, fromMetre: number, toMetre: number) =>
      block(id, {
        startsAt: from.toISOString(),
        endsAt: to.toISOString(),
        fromMetre,
        toMetre,
      }).then(({ status }) => status)
    expect(await at(startsAt, endsAt, 0, 100)).toBe(201)
    expect(await at(startsAt, endsAt, 200, 300)).toBe(201)
    expect(await at(inHours(5), startsAt, 100, 200)).toBe(201)
    expect(await at(endsAt, inHours(25), 100, 200)).toBe(201)
    expect(await at(startsAt, endsAt, 0, 100.1)).toBe(409)
    expect(await at(new Date(endsAt.getTime() - 1), inHours(25), 100, 200)).toBe(409)
  })

  it('waits for a ship that stays longer than planned, and for none that has gone', async () => {
    const { id } = await makeBerth(barcos)
    await reserve(barcos, id, { ...past(-30, -1), alongsideFrom: inHours(-29) })
    expect((await block(id, window(0, 5))).status).toBe(409)
    expect((await block(id, window(2, 5))).status).toBe(201)
    const { id: other } = await makeBerth(barcos)
    await reserve(barcos, other, { releasedAt: inHours(0) })
    await reserve(barcos, other, {
      ...past(-30, -1),
      alongsideFrom: inHours(-29),
      alongsideTo: inHours(-1),
    })
    expect((await block(other, window(0, 5))).status).toBe(201)
  })

  it('and a reservation cannot both win, whoever comes first', async () => {
    const { id } = await makeBerth(barcos)
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, async (_, n) => {
        const hours = { startsAt: inHours(100 + 20 * n), endsAt: inHours(110 + 20 * n) }
        const [blocked, reserved] = await Promise.allSettled([
          block(id, { startsAt: hours.startsAt.toISOString(), endsAt: hours.endsAt.toISOString() }),
          reserve(barcos, id, hours),
        ])
        const won = blocked.status === 'fulfilled' && blocked.value.status === 201
        if (!won && blocked.status === 'fulfilled') expect(blocked.value.status).toBe(409)
        return [won, reserved.status === 'fulfilled']
      }),
    )
    for (const [blocked, reserved] of outcomes) expect(blocked).toBe(!reserved)
  })

  it('loses to a reservation that is taken up again while it is being made', async () => {
    const { id } = await makeBerth(barcos)
    const reserved = await reserve(barcos, id, { releasedAt: inHours(0) })
    const { database } = barcos.opened
    let answer: ReturnType<typeof block> | undefined
    await database.transaction(async ({ tx }) => {
      // Without holding the berth, so that only the exclusion constraint stands between the two.
      await tx.berthOccupancy.update({ where: { id: reserved.id }, data: { releasedAt: null } })
      answer = block(id)
      await expect.poll(() => database.sql(waiting)).not.toEqual([])
    })
    const refused = await answer
    expect(refused).toMatchObject({ status: 409, body: { code: 'BLOCK_RESERVED' } })
    expect(refused?.body.errors[0].conflictsWith).toMatchObject(reserved)
  })

  it('answers 503 where the database gave it up while it waited for the berth', async () => {
    const { id } = await makeBerth(barcos)
    const { database } = barcos.opened
    let answer: ReturnType<typeof block> | undefined
    await database.transaction(async ({ sql }) => {
      await sql('SELECT 1 FROM berth WHERE id = $1::uuid FOR UPDATE', [id])
      answer = block(id)
      const cancelled = () => database.sql(`SELECT pg_cancel_backend(pid) FROM (${waiting}) AS w`)
      await expect.poll(cancelled).not.toEqual([])
    })
    expect(await answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
  })

  it('repeats its answer to a repeated request', async () => {
    const { id } = await makeBerth(barcos)
    const given = window(1, 2)
    const headers = { 'idempotency-key': `block-${id}` }
    const [first, second] = [await block(id, given, headers), await block(id, given, headers)]
    expect(second).toMatchObject({ status: 201, body: first.body })
    expect(await list(id)).toHaveLength(1)
  })
})

describe('lifting a block', () => {
  it('frees its metres and keeps that it was there', async () => {
    const { id } = await makeBerth(barcos)
    const { body: made } = await block(id)
    expect((await barcos.request('DELETE', `/v1/berths/${id}/blocks/${made.id}`)).status).toBe(428)
    expect((await lift(id, made.id, '"2"')).status).toBe(412)
    expect((await lift(id, made.id, '"1"')).status).toBe(204)
    expect(await list(id)).toEqual([])
    expect(await list(id, 'lifted=true')).toMatchObject([
      { id: made.id, version: 2, liftedAt: expect.any(String) },
    ])
    expect(await lift(id, made.id)).toMatchObject({
      status: 409,
      body: { code: 'BLOCK_LIFTED' },
    })
    await reserve(barcos, id)
  })

  it('is for blocks of that berth only, and for no reservation', async () => {
    const [{ id }, { id: other }] = [await makeBerth(barcos), await makeBerth(barcos)]
    const { body: made } = await block(id)
    const reserved = await reserve(barcos, other)
    for (const [berth, it] of [
      [other, made.id],
      [other, reserved.id],
      [id, randomUUID()],
    ]) {
      expect((await lift(berth, it)).status).toBe(404)
      expect((await barcos.request('GET', `/v1/berths/${berth}/blocks/${it}`)).status).toBe(404)
    }
  })
})

describe('the blocks of a berth', () => {
  it('are listed by their beginning, those that a window touches, page by page', async () => {
    const { id } = await makeBerth(barcos)
    await reserve(barcos, id, { startsAt: inHours(500), endsAt: inHours(510) })
    for (const start of [30, 10, 20]) await block(id, window(start, start + 5))
    const at = (hours: number) => encodeURIComponent(inHours(hours).toISOString())
    expect(await list(id)).toHaveLength(3)
    expect(await list(id, `from=${at(16)}&to=${at(19)}`)).toEqual([])
    expect(await list(id, `from=${at(14)}&to=${at(21)}`)).toHaveLength(2)
    const first = await barcos.request('GET', `/v1/berths/${id}/blocks?limit=2`)
    expect(first.body.items).toHaveLength(2)
    const cursor = encodeURIComponent(first.body.next)
    const rest = await list(id, `limit=2&cursor=${cursor}`)
    const starts = [...first.body.items, ...rest].map(({ startsAt }) => Date.parse(startsAt))
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    expect(starts).toHaveLength(3)
    const { id: other } = await makeBerth(barcos)
    const elsewhere = `/v1/berths/${other}/blocks?limit=2&cursor=${cursor}`
    expect((await barcos.request('GET', elsewhere)).status).toBe(400)
    expect((await barcos.request('GET', `/v1/berths/${randomUUID()}/blocks`)).status).toBe(404)
  })

  it('are seen by everyone who works with calls, and made by the harbour office', async () => {
    const { id } = await makeBerth(barcos)
    const { body: made } = await block(id)
    const path = `/v1/berths/${id}/blocks`
    expect((await barcos.request('GET', path, { as: agent })).status).toBe(200)
    expect((await barcos.post(path, newBlock(), { as: agent })).status).toBe(403)
    const headers = { 'if-match': '*' }
    const removed = await barcos.request('DELETE', `${path}/${made.id}`, { as: agent, headers })
    expect(removed.status).toBe(403)
  })

  it('are told to others, and so is their lifting', async () => {
    const { id, code } = await makeBerth(barcos, newBerth())
    const { body: made } = await block(id, { fromMetre: 100 })
    await lift(id, made.id)
    const told = (await barcos.events()).filter(({ subject }) => subject === made.id)
    expect(told.map(({ type }) => type)).toEqual(['barcos.berth.blocked', 'barcos.berth.unblocked'])
    expect(told[0]?.data).toMatchObject({
      blockId: made.id,
      berthId: id,
      berthCode: code,
      fromMetre: 100,
      toMetre: 400,
      reason: 'Crane maintenance',
    })
  })
})

/** The connections that wait for what another one holds. */
const waiting = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`

const past = (from: number, to: number) => ({ startsAt: inHours(from), endsAt: inHours(to) })
