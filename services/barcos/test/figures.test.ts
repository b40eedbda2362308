import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { timestampOf } from '../src/timestamps/timestamp.store.ts'
import { effectiveOf } from '../src/timestamps/timestamp.ts'
import { type GivenTimestamp, insertBerth, insertReservation, insertTimestamp } from './rows.ts'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
let vesselId: string
beforeAll(async () => {
  barcos = await startBarcos({ env: { PORT_TIME_ZONES: '*=Europe/Madrid' } })
  vesselId = (await barcos.registerVessel()).id
})
afterAll(() => barcos[Symbol.asyncDispose]())

let ports = 0
/** A port that no other test of this file uses. */
const nextPort = () => {
  ports += 1
  const letter = (index: number) => String.fromCharCode(65 + (index % 26))
  return `ES${letter(ports)}${letter(ports / 26)}A`
}

const berthAt = async (port: string, code = 'A1', quayLength = 400) => {
  const given = { unLocationCode: port, code, quayLength }
  return (await insertBerth(barcos.opened.database.client, given)).id
}

const callAt = async (port: string, given: object = {}) =>
  (await barcos.announce(vesselId, { UNLocationCode: port, ...given })).id as string

type Stay = {
  metres?: [number, number]
  planned: [string, string]
  alongside?: [string, string | null]
  released?: boolean
}

const reserve = (berthId: string, portCallId: string, stay: Stay) => {
  const { metres = [0, 200], planned, alongside = [null, null], released = false } = stay
  return insertReservation(barcos.opened.database.client, {
    berthId,
    portCallId,
    fromMetre: metres[0],
    toMetre: metres[1],
    startsAt: planned[0],
    endsAt: planned[1],
    alongsideFrom: alongside[0],
    alongsideTo: alongside[1],
    releasedAt: released ? '2020-01-01T00:00Z' : null,
  })
}

const tell = (portCallId: string, what: string, time: string, told: Partial<GivenTimestamp> = {}) =>
  insertTimestamp(barcos.opened.database.client, { portCallId, what, time, ...told })

const figures = async (query: string, by: Parameters<TestBarcos['request']>[2] = {}) =>
  barcos.request('GET', `/v1/figures?${query}`, by)
const figuresOf = async (port: string, from: string, to = from) => {
  const answer = await figures(`UNLocationCode=${port}&from=${from}&to=${to}`)
  expect(answer).toMatchObject({ status: 200 })
  return answer.body
}

describe('the occupancy of a berth', () => {
  it('is what ships took of its metres and hours, and what was reserved besides', async () => {
    const port = nextPort()
    const berth = await berthAt(port)
    await reserve(berth, await callAt(port), {
      planned: ['2025-06-10T08:00:00+02:00', '2025-06-10T20:00:00+02:00'],
      alongside: ['2025-06-10T12:00:00+02:00', '2025-06-11T06:00:00+02:00'],
    })
    await reserve(berth, await callAt(port), {
      metres: [200, 400],
      planned: ['2025-06-10T08:00:00+02:00', '2025-06-10T20:00:00+02:00'],
      released: true,
    })
    const { items, total, timeZone } = await figuresOf(port, '2025-06-10', '2025-06-11')
    expect(timeZone).toBe('Europe/Madrid')
    expect(items).toMatchObject([
      {
        date: '2025-06-10',
        berthCode: 'A1',
        metreHoursOffered: 400 * 24,
        metreHoursTaken: 200 * 12,
        metreHoursReserved: 200 * 12,
        occupancy: 0.25,
        reservedOccupancy: 0.25,
      },
      { date: '2025-06-11', metreHoursTaken: 200 * 6, metreHoursReserved: 0, occupancy: 0.125 },
    ])
    expect(total).toMatchObject({ metreHoursTaken: 200 * 18, occupancy: 0.1875 })
  })

  it('knows that the day on which clocks go back has 25 hours', async () => {
    const port = nextPort()
    const berth = await berthAt(port)
    await reserve(berth, await callAt(port), {
      planned: ['2025-10-25T22:00:00Z', '2025-10-26T23:00:00Z'],
      alongside: ['2025-10-25T22:00:00Z', '2025-10-26T23:00:00Z'],
    })
    const { items } = await figuresOf(port, '2025-10-25', '2025-10-27')
    expect(items).toMatchObject([
      { metreHoursOffered: 400 * 24, metreHoursTaken: 0 },
      { metreHoursOffered: 400 * 25, metreHoursTaken: 200 * 25, occupancy: 0.5 },
      { metreHoursOffered: 400 * 24, metreHoursTaken: 0 },
    ])
  })

  it('counts a ship that still lies there until now, and not into the days to come', async () => {
    const port = nextPort()
    const berth = await berthAt(port)
    const day = (days: number) =>
      new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    await reserve(berth, await callAt(port), {
      planned: [`${day(-3)}T00:00:00Z`, `${day(4)}T00:00:00Z`],
      alongside: [`${day(-3)}T00:00:00Z`, null],
    })
    const { items } = await figuresOf(port, day(-2), day(2))
    expect(items[0]).toMatchObject({ occupancy: 0.5, reservedOccupancy: 0.5 })
    expect(items.at(-1)).toMatchObject({ occupancy: 0, reservedOccupancy: 0.5 })
  })
})

describe('the figures of calls', () => {
  /** Comes, waits at anchor, lies at `berth`, works and leaves: all on 10 June 2025. */
  const passThrough = async (port: string, berth: string | null, given: object = {}) => {
    const id = await callAt(port, given)
    await tell(id, 'SEA_PASSAGE CMPL', '2025-06-10T02:00:00Z')
    await tell(id, 'ANCHORAGE STRT', '2025-06-10T03:00:00Z')
    await tell(id, 'BERTH ARRI', '2025-06-10T06:00:00Z')
    await tell(id, 'CARGO_OPERATIONS CMPL', '2025-06-10T16:00:00Z')
    await tell(id, 'BERTH DEPA', '2025-06-10T18:00:00Z')
    if (berth !== null) {
      const stay: [string, string] = ['2025-06-10T06:00:00Z', '2025-06-10T18:00:00Z']
      await reserve(berth, id, { planned: stay, alongside: stay })
    }
    return id
  }

  it('say how long ships waited and lay idle, and whether they were on time', async () => {
    const port = nextPort()
    const berth = await berthAt(port)
    await passThrough(port, berth, { eta: '2025-06-10T05:10:00Z' })
    const late = await callAt(port, { eta: '2025-06-10T05:10:00Z' })
    await tell(late, 'SEA_PASSAGE CMPL', '2025-06-10T05:00:00Z')
    await tell(late, 'BERTH ARRI', '2025-06-10T06:00:00Z', { classifier: 'PLN' })
    await tell(late, 'BERTH ARRI', '2025-06-10T09:00:00Z')
    const { items, total } = await figuresOf(port, '2025-06-10')
    expect(items).toMatchObject([
      {
        berthCode: 'A1',
        callsBerthed: 1,
        callsDeparted: 1,
        meanWaitingSeconds: 3 * 3_600,
        meanIdleSeconds: 2 * 3_600,
        dueCalls: 1,
        onTimeCalls: 1,
      },
      {
        berthCode: null,
        callsBerthed: 1,
        callsDeparted: 0,
        meanWaitingSeconds: 4 * 3_600,
        meanIdleSeconds: null,
        dueCalls: 1,
        onTimeCalls: 0,
      },
    ])
    expect(total).toMatchObject({ callsBerthed: 2, meanWaitingSeconds: 12_600, onTimeRatio: 0.5 })
  })

  it('believe a person rather than AIS, and of one source what was said last', async () => {
    const port = nextPort()
    const id = await passThrough(port, await berthAt(port))
    await tell(id, 'BERTH ARRI', '2025-06-10T07:30:00Z', {
      source: 'AIS',
      recordedAt: '2025-06-12T00:00:00Z',
    })
    expect((await figuresOf(port, '2025-06-10')).total.meanWaitingSeconds).toBe(3 * 3_600)
    await tell(id, 'BERTH ARRI', '2025-06-10T07:00:00Z', { recordedAt: '2025-06-12T00:00:00Z' })
    expect((await figuresOf(port, '2025-06-10')).total.meanWaitingSeconds).toBe(4 * 3_600)
  })

  it('pass over shifts: waiting ends at the first berth, idling begins at the last', async () => {
    const port = nextPort()
    const first = await berthAt(port, 'A1')
    const second = await berthAt(port, 'B2')
    const id = await passThrough(port, first)
    await tell(id, 'BERTH ARRI', '2025-06-11T04:00:00Z', { phase: 'SHIF' })
    await tell(id, 'CARGO_OPERATIONS CMPL', '2025-06-11T10:00:00Z')
    await tell(id, 'BERTH DEPA', '2025-06-11T11:00:00Z', { phase: 'OUTB' })
    const stay: [string, string] = ['2025-06-11T04:00:00Z', '2025-06-11T11:00:00Z']
    await reserve(second, id, { planned: stay, alongside: stay })
    const { items } = await figuresOf(port, '2025-06-10', '2025-06-11')
    expect(
      items.map(({ date, berthCode, ...row }: Record<string, unknown>) => [
        String(date).slice(8),
        berthCode,
        row['callsBerthed'],
        row['callsDeparted'],
        row['meanWaitingSeconds'],
        row['meanIdleSeconds'],
      ]),
    ).toEqual([
      ['10', 'A1', 1, 0, 3 * 3_600, null],
      ['10', 'B2', 0, 0, null, null],
      ['11', 'A1', 0, 0, null, null],
      ['11', 'B2', 0, 1, null, 3_600],
    ])
  })

  it('count a ship on the local day on which it came', async () => {
    const port = nextPort()
    await berthAt(port)
    const id = await callAt(port)
    // Half past midnight of the 11th in Madrid.
    await tell(id, 'BERTH ARRI', '2025-06-10T22:30:00Z')
    expect((await figuresOf(port, '2025-06-10')).total.callsBerthed).toBe(0)
    expect((await figuresOf(port, '2025-06-11')).total.callsBerthed).toBe(1)
  })

  it('are an agent’s own, and of one agent where asked for', async () => {
    const port = nextPort()
    const berth = await berthAt(port)
    await passThrough(port, berth)
    const query = `UNLocationCode=${port}&from=2025-06-10&to=2025-06-10`
    const own = await figures(query, { as: agent })
    expect(own.body.total).toMatchObject({ callsBerthed: 1, occupancy: 0.25 })
    for (const answer of [
      await figures(query, { as: otherAgent }),
      await figures(`${query}&agentOrganization=globex`),
      await figures(`${query}&agentOrganization=acme`, { as: otherAgent }),
    ]) {
      expect(answer.body.total).toMatchObject({ callsBerthed: 0, occupancy: 0 })
    }
    const roles = ['viewer', 'terminal-planner', 'gate-clerk', 'service-provider'] as const
    const statuses = await Promise.all(
      roles.map(async (role) => (await figures(query, { as: { roles: [role], org: 'x' } })).status),
    )
    expect(statuses).toEqual([200, 200, 403, 403])
  })

  it('come as a table', async () => {
    const port = nextPort()
    const berth = await berthAt(port)
    await passThrough(port, berth)
    const answer = await figures(`UNLocationCode=${port}&from=2025-06-10&to=2025-06-11`, {
      headers: { accept: 'text/csv' },
    })
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="figures-${port}-2025-06-10-2025-06-11.csv"`,
    })
    const rows: Record<string, string>[] = parse(answer.text, { columns: true })
    expect(rows).toMatchObject([
      { date: '2025-06-10', berthCode: 'A1', occupancy: '0.25', meanWaitingSeconds: '10800' },
      { date: '2025-06-11', occupancy: '0', meanWaitingSeconds: '' },
    ])
  })

  it('name what is wrong with what was asked', async () => {
    const faults = async (query: string) => {
      const { status, body } = await figures(query, { headers: { 'accept-language': 'es' } })
      expect(status).toBe(400)
      return body.errors.map(({ pointer }: { pointer: string }) => pointer)
    }
    expect(await faults('from=2025-06-10&to=2025-06-10')).toEqual(['?UNLocationCode'])
    expect(await faults('UNLocationCode=ESALG&from=2025-06-31&to=2025-07-01')).toEqual(['?from'])
    expect(await faults('UNLocationCode=ESALG&from=2025-06-02&to=2025-06-01')).toEqual(['?to'])
    expect(await faults('UNLocationCode=ESALG&from=2020-01-01&to=2025-06-01')).toEqual(['?to'])
    const other = await figures('UNLocationCode=ESALG&from=2025-06-01&to=2025-06-01', {
      headers: { accept: 'application/pdf' },
    })
    expect(other).toMatchObject({ status: 406, body: { code: 'NOT_ACCEPTABLE' } })
  })
})

describe('the timestamps that figures count', () => {
  const minute = 60_000
  const begin = Date.parse('2025-03-03T02:00:00Z')
  /** Who tells of an event, how far AIS is off, and whether it lost the ship from sight after it. */
  const telling = fc.record({
    by: fc.constantFrom(['PERSON'], ['AIS'], ['PERSON', 'AIS'], ['SYSTEM', 'AIS']),
    off: fc.integer({ min: -5, max: 5 }),
    lost: fc.boolean(),
  })
  type Telling = { by: readonly string[]; off: number; lost: boolean }
  const twice = (min: number) =>
    fc.array(fc.tuple(telling, telling), { minLength: min, maxLength: 3 })
  const voyage = fc.record({ anchored: twice(0), berthed: twice(1), atOnce: fc.boolean() })

  it('are those that count for the call', async () => {
    const { client } = barcos.opened.database
    await fc.assert(
      fc.asyncProperty(voyage, async ({ anchored, berthed, atOnce }) => {
        const port = nextPort()
        await berthAt(port)
        const id = await callAt(port)
        let hour = 0
        const tellOf = async (what: string, { by, off }: Omit<Telling, 'lost'>) => {
          for (const source of by) {
            const time = begin + hour * 60 * minute + (source === 'AIS' ? off * minute : 0)
            await tell(id, what, new Date(time).toISOString(), { source })
          }
          hour += 1
        }
        const tellSpan = async (
          [from, to]: readonly [string, string],
          [began, ended]: [Telling, Telling],
        ) => {
          await tellOf(from, began)
          if (began.lost) {
            await tellOf(to, { by: ['AIS'], off: 0 })
            await tellOf(from, { by: ['AIS'], off: 0 })
          }
          await tellOf(to, ended)
        }
        for (const each of anchored) {
          await tellSpan(['ANCHORAGE STRT', 'ANCHORAGE CMPL'], each)
          // To the minute, a ship may anchor anew as it weighs anchor.
          if (atOnce) hour -= 1
        }
        if (atOnce && anchored.length > 0) hour += 1
        for (const each of berthed) await tellSpan(['BERTH ARRI', 'BERTH DEPA'], each)

        const rows = await client.portCallTimestamp.findMany({ where: { portCallId: id } })
        const counting = effectiveOf(rows.map(timestampOf))
        const timesOf = (service: string, event: string) =>
          counting
            .filter(
              (each) =>
                each.portCallServiceTypeCode === service &&
                each.portCallServiceEventTypeCode === event,
            )
            .map(({ serviceDateTime }) => Date.parse(serviceDateTime))
        const arrival = Math.min(...timesOf('BERTH', 'ARRI'))
        const waits = timesOf('ANCHORAGE', 'STRT')
        const { total } = await figuresOf(port, '2025-03-01', '2025-03-08')
        expect(total.callsBerthed).toBe(1)
        expect(total.meanWaitingSeconds).toBe(
          waits.length === 0 ? null : (arrival - Math.min(...waits)) / 1_000,
        )
      }),
      { numRuns: 25 },
    )
  })
})
