import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { berthPlanStore } from '../src/berth-plan/berth-plan.store.ts'
import { beginStay, endStay } from '../src/reservations/stay.store.ts'
import { hour, makeBerth, makeCall, mustReserve, planner, reserve } from './quay.ts'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos({ env: { PORT_TIME_ZONES: '*=Europe/Madrid ESLPA=Atlantic/Canary' } })
})
afterAll(() => barcos[Symbol.asyncDispose]())

const get = (path: string, as: Identity = planner, headers = {}) =>
  barcos.request('GET', `/v1${path}`, { as, headers })
const planOf = async (query: string, as: Identity = planner) => {
  const answer = await get(`/berth-plan?${query}`, as)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}
const at = (UNLocationCode: string) => ({
  berth: (given: object = {}) => makeBerth(barcos, { unLocationCode: UNLocationCode, ...given }),
  call: (given: object = {}, vessel: object = {}) =>
    makeCall(barcos, { vessel, call: { UNLocationCode, ...given } }),
})
const block = (berthId: string, given: object = {}) =>
  barcos.opened.database.client.berthOccupancy.create({
    data: {
      id: uuidv7(),
      kind: 'BLOCK',
      berthId,
      fromMetre: 900,
      toMetre: 1_000,
      startsAt: hour(0),
      endsAt: hour(24),
      reason: 'crane repair',
      createdBy: 'office',
      ...given,
    },
  })

describe('the berth plan', () => {
  it('shows every berth of the port with what is planned on the local day', async () => {
    const { berth, call } = at('ESBIO')
    const bollards = [0, 100, 250, 400].map((metre, n) => ({ number: `${n + 1}`, metre }))
    const [busy, empty] = [await berth({ code: 'A1', bollards }), await berth({ code: 'A2' })]
    const ours = await call({}, { name: 'Bilbao Star' })
    const made = await mustReserve(barcos, ours.id, {
      berthId: busy.id,
      fromMetre: 110,
      sideAlongside: 'PORT',
    })
    const { id: blockId } = await block(busy.id)
    // On the local day before, and on the one after.
    await block(busy.id, { startsAt: hour(-30), endsAt: hour(-1) })
    await block(busy.id, { startsAt: hour(23), endsAt: hour(30) })
    await barcos.opened.database.transaction((unit) =>
      beginStay(unit, made.id, { at: new Date(hour(1)) }),
    )

    const plan = await planOf('UNLocationCode=ESBIO&date=2046-12-01')
    expect(plan).toEqual({
      UNLocationCode: 'ESBIO',
      timeZone: 'Europe/Madrid',
      date: '2046-12-01',
      days: 1,
      from: '2046-11-30T23:00:00.000Z',
      to: '2046-12-01T23:00:00.000Z',
      fromLocal: '2046-12-01T00:00:00+01:00[Europe/Madrid]',
      toLocal: '2046-12-02T00:00:00+01:00[Europe/Madrid]',
      berths: [
        {
          id: busy.id,
          code: 'A1',
          name: busy.name,
          state: 'OPEN',
          stateReason: null,
          quayLength: 1_000,
          depth: 20,
          reservations: [
            {
              id: made.id,
              portCallId: ours.id,
              portCallState: 'ANNOUNCED',
              vesselName: 'Bilbao Star',
              vesselIMONumber: expect.stringMatching(/^\d{7}$/),
              lengthOverall: 200,
              fromMetre: 110,
              toMetre: 310,
              fromBollard: '2',
              toBollard: '4',
              startsAt: hour(0),
              endsAt: hour(24),
              startsAtLocal: '2046-12-01T01:00:00+01:00[Europe/Madrid]',
              endsAtLocal: '2046-12-02T01:00:00+01:00[Europe/Madrid]',
              sideAlongside: 'PORT',
              alongsideFrom: hour(1),
              alongsideTo: null,
              alongsideFromLocal: '2046-12-01T02:00:00+01:00[Europe/Madrid]',
              alongsideToLocal: null,
              misfits: [],
              overdue: false,
              version: 2,
              updatedAt: expect.any(String),
            },
          ],
          blocks: [
            {
              id: blockId,
              reason: 'crane repair',
              fromMetre: 900,
              toMetre: 1_000,
              fromBollard: '4',
              toBollard: null,
              startsAt: hour(0),
              endsAt: hour(24),
              startsAtLocal: expect.any(String),
              endsAtLocal: expect.any(String),
              version: 1,
              updatedAt: expect.any(String),
            },
          ],
        },
        {
          id: empty.id,
          code: 'A2',
          name: empty.name,
          state: 'OPEN',
          stateReason: null,
          quayLength: 1_000,
          depth: 20,
          reservations: [],
          blocks: [],
        },
      ],
    })
    await barcos.opened.database.transaction((unit) => endStay(unit, made.id, new Date(hour(9))))
    const [later] = (await planOf('UNLocationCode=ESBIO&date=2046-12-01')).berths
    expect(later.reservations[0]).toMatchObject({
      endsAt: hour(9),
      alongsideTo: hour(9),
      alongsideToLocal: '2046-12-01T10:00:00+01:00[Europe/Madrid]',
    })
  })

  it('has days of 23 and 25 hours when the port’s clocks change', async () => {
    const hoursOf = async (query: string) => {
      const { from, to } = await planOf(query)
      return (Date.parse(to) - Date.parse(from)) / 3_600_000
    }
    expect(await hoursOf('UNLocationCode=ESALG&date=2026-03-29')).toBe(23)
    expect(await hoursOf('UNLocationCode=ESALG&date=2026-10-25')).toBe(25)
    expect(await hoursOf('UNLocationCode=ESALG&date=2026-10-24&days=7')).toBe(7 * 24 + 1)
    const canary = await planOf('UNLocationCode=ESLPA&date=2026-10-25')
    expect(canary).toMatchObject({
      timeZone: 'Atlantic/Canary',
      from: '2026-10-24T23:00:00.000Z',
      to: '2026-10-26T00:00:00.000Z',
    })
    const { berth, call } = at('ESLPA')
    const quay = await berth()
    const ship = await call()
    const twice = { startsAt: '2026-10-25T00:30:00Z', endsAt: '2026-10-25T01:30:00Z' }
    await mustReserve(barcos, ship.id, { berthId: quay.id, ...twice })
    const [planned] = (await planOf('UNLocationCode=ESLPA&date=2026-10-25')).berths
    expect(planned.reservations[0]).toMatchObject({
      startsAtLocal: '2026-10-25T01:30:00+01:00[Atlantic/Canary]',
      endsAtLocal: '2026-10-25T01:30:00+00:00[Atlantic/Canary]',
    })
  })

  it('begins today on the port’s calendar unless a day is named', async () => {
    const { date, days } = await planOf('UNLocationCode=ESALG')
    expect(days).toBe(1)
    const here = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Madrid' })
    expect([here.format(Date.now() - 60_000), here.format()]).toContain(date)
  })

  it('shows an agent the ships of its own organisation, and of others the metres', async () => {
    const { berth, call } = at('ESVLC')
    const quay = await berth()
    const [own, others] = [
      await call({}, { name: 'Ours' }),
      await call({ agentOrganization: 'globex' }, { name: 'Theirs' }),
    ]
    for (const { id } of [own, others]) await mustReserve(barcos, id, { berthId: quay.id })
    const seenBy = async (as: Identity) => {
      const { berths } = await planOf('UNLocationCode=ESVLC&date=2046-12-01', as)
      return berths[0].reservations.map((each: Record<string, unknown>) => [
        each['vesselName'],
        each['portCallId'],
        each['fromMetre'],
      ])
    }
    expect(await seenBy(agent)).toEqual([
      ['Ours', own.id, 20],
      [null, null, 240],
    ])
    expect(await seenBy(otherAgent)).toEqual([
      [null, null, 20],
      ['Theirs', others.id, 240],
    ])
    expect(await seenBy({ roles: ['viewer'] })).toEqual([
      ['Ours', own.id, 20],
      ['Theirs', others.id, 240],
    ])
    const text = await get('/berth-plan?UNLocationCode=ESVLC&date=2046-12-01', agent, {
      accept: 'text/calendar',
    })
    expect(text.text).toContain('Ours')
    expect(text.text).not.toContain('Theirs')
  })

  it('comes as a table and as a calendar too', async () => {
    const { berth, call } = at('ESTAR')
    const [quay, other] = [await berth({ code: 'T1', name: 'Norte' }), await berth({ code: 'T2' })]
    const ship = await call({}, { name: '=cmd()' })
    const { id } = await mustReserve(barcos, ship.id, { berthId: quay.id })
    await block(quay.id, { startsAt: hour(-2), reason: 'dredging' })
    const path = '/berth-plan?UNLocationCode=ESTAR&date=2046-12-01&days=2'

    const table = await get(path, planner, { accept: 'text/csv' })
    expect(table.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="berth-plan-ESTAR-2046-12-01.csv"',
      vary: 'accept',
    })
    const lines = table.text.trimEnd().split('\r\n')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatch(/^berthCode,berthName,berthState,kind,vesselName,/)
    expect(lines[1]).toMatch(/^T1,Norte,OPEN,BLOCK,,,,900,1000,.*dredging/)
    expect(lines[2]).toMatch(
      /^T1,Norte,OPEN,RESERVATION,'=cmd\(\),\d{7},ANNOUNCED,20,220,.*2046-12-01T01:00:00\+01:00\[Europe\/Madrid\]/,
    )
    expect(lines[3]).toBe(`T2,${other.name},OPEN${','.repeat(19)}`)

    const calendar = async () => {
      const { headers, text } = await get(path, planner, {
        accept: 'text/calendar',
        'accept-language': 'es',
      })
      expect(headers).toMatchObject({
        'content-type': 'text/calendar; charset=utf-8',
        'content-language': 'es',
      })
      return text.replaceAll('\r\n ', '')
    }
    const first = await calendar()
    expect(first.match(/BEGIN:VEVENT/g)).toHaveLength(2)
    expect(first).toContain(`UID:${id}@barcos.porttrack\r\nSEQUENCE:1\r\n`)
    expect(first).toContain('DTSTART:20461201T000000Z\r\nDTEND:20461202T000000Z')
    expect(first).toContain('SUMMARY:Bloqueado: T1')
    expect(await calendar()).toBe(first)
    await barcos.request('PUT', `/v1/reservations/${id}`, {
      as: planner,
      body: { berthId: quay.id, startsAt: hour(0), endsAt: hour(20) },
      headers: { 'if-match': '"1"' },
    })
    const second = await calendar()
    expect(second).toContain(`UID:${id}@barcos.porttrack\r\nSEQUENCE:2\r\n`)
    expect(second).toContain('DTEND:20461201T200000Z')

    expect(await get(path, planner, { accept: 'image/png' })).toMatchObject({ status: 406 })
  })

  it('refuses days that do not exist, too many of them, and no port', async () => {
    const queries = [
      'UNLocationCode=ESALG&date=2026-02-30',
      'UNLocationCode=ESALG&days=15',
      'UNLocationCode=Algeciras',
      'date=2046-12-01',
    ]
    for (const query of queries) {
      expect(await get(`/berth-plan?${query}`)).toMatchObject({ status: 400 })
    }
    expect(
      await barcos.request('GET', '/v1/berth-plan?UNLocationCode=ESALG', {
        as: { kind: 'machine', scopes: ['rutas/read'] },
      }),
    ).toMatchObject({ status: 403 })
  })

  it('takes two statements however much is planned, by indexes and without what lies before', async () => {
    const { berth, call } = at('ESCAR')
    for (let n = 0; n < 12; n++) {
      const quay = await berth()
      await mustReserve(barcos, (await call()).id, { berthId: quay.id })
    }
    const { database } = barcos.opened
    // Years of history, beside which a day is little.
    await database.sql(
      `INSERT INTO berth_occupancy
         (id, kind, berth_id, from_metre, to_metre, starts_at, ends_at, reason, created_by)
       SELECT gen_random_uuid(), 'BLOCK', b.id, 900, 950,
              timestamptz '2026-11-01' - n * interval '1 day',
              timestamptz '2026-11-01' - n * interval '1 day' + interval '8 hours', 'works', 'office'
       FROM berth b, generate_series(1, 400) AS n WHERE b.un_location_code = 'ESCAR'`,
    )
    await database.sql('ANALYZE berth_occupancy')
    const asked: [string, readonly unknown[] | undefined][] = []
    const counting: typeof database.sql = (text, values) => {
      asked.push([text, values])
      return database.sql(text, values)
    }
    const plans = berthPlanStore({
      database: { ...database, sql: counting },
      margins: { gap: 15, gapShare: 0.1, underKeel: 0, underKeelShare: 0.1, overhead: 1, tide: 0 },
      timeZoneAt: () => 'Europe/Madrid',
    })
    const plan = await plans.plan(
      { UNLocationCode: 'ESCAR', date: '2046-12-01', days: 7 },
      { visibility: 'all', now: new Date() },
    )
    expect(plan.berths.map(({ reservations }) => reservations.length)).toEqual(Array(12).fill(1))
    expect(asked).toHaveLength(2)
    const [, [text, values] = ['', []]] = asked
    const [explained] = await database.sql<{ 'QUERY PLAN': unknown }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    )
    const steps = stepsOf(explained?.['QUERY PLAN'])
    const occupancies = steps.filter((step) => step['Relation Name'] === 'berth_occupancy')
    expect(occupancies.map((step) => step['Node Type'])).not.toContain('Seq Scan')
    const skipped = occupancies.map((step) => Number(step['Rows Removed by Filter'] ?? 0))
    expect(Math.max(...skipped)).toBe(0)
    expect(steps.map((step) => step['Index Name'])).toContain(
      'berth_occupancy_ships_clear_of_blocks',
    )
  })
})

type Step = Record<string, unknown>

/** All steps of an explained statement. */
const stepsOf = (explained: unknown): Step[] => {
  if (Array.isArray(explained)) return explained.flatMap(stepsOf)
  if (explained === null || typeof explained !== 'object') return []
  const step = explained as Step
  return [step, ...Object.values(step).flatMap(stepsOf)]
}

describe('berth suggestions', () => {
  const suggest = async (callId: string, query = '', headers = {}, as: Identity = planner) =>
    get(`/port-calls/${callId}/berth-suggestions?${query}`, as, headers)

  it('are the soonest windows of each berth, with every reason where there is none', async () => {
    const { berth, call } = at('ESMLN')
    const bollards = [0, 10, 240].map((metre, n) => ({ number: `${n + 1}`, metre }))
    const [free, taken, shallow, closed, blocked] = [
      await berth({ code: 'M1', quayLength: 700 }),
      await berth({ code: 'M2', quayLength: 240, bollards }),
      await berth({ code: 'M3', depth: 9 }),
      await berth({ code: 'M4', state: 'CLOSED', quayLength: 180 }),
      await berth({ code: 'M5' }),
    ]
    const first = await call()
    await mustReserve(barcos, first.id, { berthId: taken.id, endsAt: hour(10) })
    await block(blocked.id, { fromMetre: 0, startsAt: hour(-24), endsAt: hour(24 * 30) })
    const ship = await call({ eta: hour(4), etd: hour(12) })
    const window = `from=${hour(4)}&until=${hour(48)}`
    const answer = await suggest(ship.id, window, { 'accept-language': 'es' })
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.body).toMatchObject({ from: hour(4), until: hour(48), hours: 8 })
    expect(answer.body.items).toEqual([
      expect.objectContaining({
        berthId: free.id,
        berthCode: 'M1',
        fromMetre: 20,
        toMetre: 220,
        fromBollard: null,
        startsAt: hour(4),
        endsAt: hour(12),
        leftover: 460,
        freeUntil: null,
      }),
      expect.objectContaining({
        berthCode: 'M2',
        fromMetre: 20,
        fromBollard: '2',
        toBollard: '3',
        startsAt: hour(10),
        endsAt: hour(18),
        startsAtLocal: '2046-12-01T11:00:00+01:00[Europe/Madrid]',
        leftover: 0,
      }),
    ])
    expect(answer.body.excluded).toEqual([
      {
        berthId: shallow.id,
        berthCode: 'M3',
        berthName: shallow.name,
        reasons: [
          {
            code: 'DRAFT_WITHIN_DEPTH',
            detail:
              'cala 10 m y necesita 11 m con el resguardo bajo la quilla; hay 9 m con una marea de 0 m: faltan 2 m',
          },
        ],
      },
      {
        berthId: closed.id,
        berthCode: 'M4',
        berthName: closed.name,
        reasons: [
          { code: 'BERTH_OPEN', detail: 'el atraque está cerrado' },
          {
            code: 'LENGTH_FITS_QUAY',
            detail: 'necesita 240 m con los resguardos y el muelle tiene 180 m: faltan 60 m',
          },
        ],
      },
      {
        berthId: blocked.id,
        berthCode: 'M5',
        berthName: blocked.name,
        reasons: [
          {
            code: 'FREE_IN_TIME',
            detail: expect.stringMatching(
              /^en ningún tramo hay metros libres suficientes durante 8 h antes de 2046-12-03T01:00/,
            ),
          },
        ],
      },
    ])
    const limited = await suggest(ship.id, `${window}&limit=1&reefers=2`)
    expect(limited.body.items).toEqual([])
    expect(limited.body.excluded).toHaveLength(5)
  })

  it('leave out a reservation that would be moved, and mind the call’s others', async () => {
    const { berth, call } = at('ESHUV')
    await berth({ quayLength: 300 })
    const other = await berth({ quayLength: 300 })
    const ship = await call()
    const mine = await mustReserve(barcos, ship.id, { berthId: other.id, endsAt: hour(10) })
    const query = `from=${hour(0)}&until=${hour(48)}&hours=6`
    const startsOf = async (more = '') =>
      (await suggest(ship.id, query + more)).body.items.map(
        ({ startsAt }: { startsAt: string }) => startsAt,
      )
    expect(await startsOf()).toEqual([hour(10), hour(10)])
    expect(await startsOf(`&insteadOf=${mine.id}`)).toEqual([hour(0), hour(0)])
  })

  it('can all be reserved as they are', async () => {
    const { berth, call } = at('ESAGP')
    for (const quayLength of [400, 620, 260]) await berth({ quayLength })
    for (let n = 0; n < 25; n++) {
      const lengthOverall = 90 + ((n * 37) % 130)
      const ship = await call({}, { lengthOverall })
      const query = `from=${hour((n * 5) % 17)}&until=${hour(24 * 30)}&hours=${6 + ((n * 7) % 20)}`
      const { items } = (await suggest(ship.id, query)).body
      const { berthId, fromMetre, toMetre, startsAt, endsAt } = items[n % items.length]
      const made = await reserve(barcos, ship.id, { berthId, fromMetre, toMetre, startsAt, endsAt })
      expect({ n, status: made.status, text: made.text }).toMatchObject({ n, status: 201 })
    }
  })

  it('need a stay, and are an agent’s for its own calls', async () => {
    const { call } = at('ESALG')
    const ship = await call()
    expect(await suggest(ship.id)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '?hours' }] },
    })
    expect(await suggest(ship.id, 'hours=5', {}, agent)).toMatchObject({ status: 200 })
    expect(await suggest(ship.id, 'hours=5', {}, otherAgent)).toMatchObject({ status: 404 })
    expect(await suggest(ship.id, 'hours=0')).toMatchObject({ status: 400 })
  })
})
