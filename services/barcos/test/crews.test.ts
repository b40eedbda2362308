import { randomUUID } from 'node:crypto'
import { startFeed } from '@porttrack/shared/testing/start-feed'
import { type Identity, TokenIssuer } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assignment, crewConfirmed, shiftChanged, shiftOf } from './personal.ts'
import { agent, otherAgent, startBarcos, type TestBarcos } from './start-barcos.ts'

/** Two cores are shared with other suites. */
const patience = { timeout: 40_000 }
const moorers: Identity = { roles: ['service-provider'], org: 'moorers', subject: 'moorer' }
const tugs: Identity = { roles: ['service-provider'], org: 'tugs', subject: 'tug' }

const issuer = new TokenIssuer()
let personal: Awaited<ReturnType<typeof startFeed>>
let barcos: TestBarcos
beforeAll(async () => {
  personal = await startFeed('personal', { issuer, reader: 'barcos' })
  barcos = await startBarcos({ issuer, personalUrl: personal.url })
})
afterAll(async () => {
  await barcos[Symbol.asyncDispose]()
  await personal[Symbol.asyncDispose]()
})

const at = (time: string) => `2026-11-01T${time}:00.000Z`
const newCall = async (): Promise<string> =>
  (await barcos.announce((await barcos.registerVessel()).id)).id
const orderOf = async (portCallId: string, service: string, provider: string): Promise<string> => {
  const { body } = await barcos.post(`/v1/port-calls/${portCallId}/service-orders`, {
    portCallServiceTypeCode: service,
    providerOrganization: provider,
    requestedDateTime: at('09:00'),
  })
  return body.id
}
const read = (id: string, as?: Identity) =>
  barcos.request('GET', `/v1/port-calls/${id}/crews`, as === undefined ? {} : { as })
const crewsOf = async (id: string, as?: Identity) => (await read(id, as)).body.items
const becomes = (id: string, crews: object[]) =>
  expect.poll(() => crewsOf(id), patience).toMatchObject(crews)

type Entry = {
  time: string
  kind: string
  decision: { action: string; about: string; aboutId: string; decidedBy: string } | null
}
const entriesOf = async (id: string, as?: Identity): Promise<Entry[]> => {
  const { body } = await barcos.request(
    'GET',
    `/v1/port-calls/${id}/timeline?limit=200`,
    as === undefined ? {} : { as },
  )
  return (body.items as Entry[]).filter(({ kind }) => kind === 'CREW')
}
/** `ACTION ABOUT hh:mm` of what the timeline says of crews. */
const newsOf = async (id: string, as?: Identity): Promise<string[]> =>
  (await entriesOf(id, as)).map(
    ({ time, decision }) => `${decision?.action} ${decision?.about} ${time.slice(11, 16)}`,
  )

describe('who serves a call', () => {
  it('is seen shift by shift: what is needed, how many are confirmed, and how old that is', async () => {
    const id = await newCall()
    const order = await orderOf(id, 'MOORING', 'moorers')
    const shift = shiftOf(id, { serviceOrderId: order })
    const provider = 'moorers'
    const [first, second] = [randomUUID(), randomUUID()]
    await personal.publish(
      shiftChanged(shift, 'PUBLISHED', { provider, positions: 2, time: at('06:00') }),
      assignment('confirmed', shift, { id: first, time: at('06:00') }),
    )
    const seen = {
      shiftId: shift.shiftId,
      serviceOrderId: order,
      kindOfWork: 'MOORING',
      providerOrganization: provider,
      startsAt: shift.startsAt,
      endsAt: shift.endsAt,
      state: 'PUBLISHED',
    }
    await becomes(id, [{ ...seen, positions: { required: 2, filled: 1 }, isComplete: false }])
    expect(await newsOf(id)).toEqual([])
    await personal.publish(
      assignment('confirmed', shift, { id: second, time: at('06:30') }),
      crewConfirmed(shift, 2, { provider, time: at('06:30') }),
    )
    await becomes(id, [{ ...seen, positions: { required: 2, filled: 2 }, isComplete: true }])
    expect(await entriesOf(id, agent)).toMatchObject([
      {
        time: at('06:30'),
        source: 'SYSTEM',
        decision: {
          action: 'confirm',
          about: 'MOORING moorers',
          aboutId: shift.shiftId,
          decidedBy: 'personal',
        },
      },
    ])
    const { body } = await read(id, agent)
    expect(body.knowledge).toEqual({ asOf: expect.any(String), ageSeconds: expect.any(Number) })
    const csv = await barcos.request('GET', `/v1/port-calls/${id}/timeline`, {
      headers: { accept: 'text/csv' },
    })
    expect(csv.text).toMatch(/,CREW,SYSTEM,.*,MOORING moorers,confirm,/)
  })

  it('is unknown where personal has never been reached', async () => {
    await using alone = await startBarcos()
    const call = await alone.announce((await alone.registerVessel()).id)
    expect(await alone.request('GET', `/v1/port-calls/${call.id}/crews`)).toMatchObject({
      status: 200,
      body: { items: [], knowledge: { asOf: null, ageSeconds: null } },
    })
  })

  it('changes when somebody is withdrawn, replaced, or the shift is given up', async () => {
    const id = await newCall()
    const shift = shiftOf(id)
    const ids = [randomUUID(), randomUUID(), randomUUID()] as const
    await personal.publish(
      shiftChanged(shift, 'PUBLISHED', { positions: 2, time: at('06:00') }),
      assignment('confirmed', shift, { id: ids[0], time: at('06:00') }),
      assignment('confirmed', shift, { id: ids[1], time: at('06:00') }),
      crewConfirmed(shift, 2, { time: at('06:00') }),
      assignment('withdrawn', shift, { id: ids[0], time: at('07:00') }),
    )
    await becomes(id, [{ positions: { required: 2, filled: 1 }, isComplete: false }])
    await personal.publish(
      assignment('confirmed', shift, { id: ids[2], time: at('07:30') }),
      crewConfirmed(shift, 2, { time: at('07:30') }),
    )
    await becomes(id, [{ positions: { required: 2, filled: 2 }, isComplete: true }])
    await personal.publish(
      assignment('withdrawn', shift, { id: ids[1], time: at('08:00') }),
      assignment('withdrawn', shift, { id: ids[2], time: at('08:00') }),
      shiftChanged(shift, 'CANCELLED', { positions: 2, time: at('08:00') }),
    )
    await becomes(id, [{ state: 'CANCELLED', positions: { filled: 0 }, isComplete: false }])
    // A crew is withdrawn once, however many were in it.
    expect(await newsOf(id)).toEqual([
      'confirm MOORING 06:00',
      'withdraw MOORING 07:00',
      'confirm MOORING 07:30',
      'withdraw MOORING 08:00',
    ])
  })

  it('is the same in whichever order it is told, and when it is told again', async () => {
    const id = await newCall()
    const [shift, last] = [shiftOf(id), shiftOf(id, { startsAt: at('11:00') })]
    const [stays, leaves] = [randomUUID(), randomUUID()]
    const events = [
      shiftChanged(shift, 'PUBLISHED', { provider: 'moorers', positions: 2 }),
      assignment('confirmed', shift, { id: stays }),
      assignment('confirmed', shift, { id: leaves }),
      assignment('withdrawn', shift, { id: leaves }),
      shiftChanged(shift, 'RUNNING', { provider: 'moorers', positions: 2 }),
      shiftChanged(shift, 'CLOSED', { provider: 'moorers', positions: 2 }),
    ]
    const expected = {
      shiftId: shift.shiftId,
      providerOrganization: 'moorers',
      state: 'CLOSED',
      positions: { required: 2, filled: 1 },
    }
    await personal.publish(...events.toReversed(), ...events, shiftChanged(last, 'PUBLISHED'))
    // One that does not tell how many it needs is not known to be complete.
    const unknown = { positions: { required: null, filled: 0 }, isComplete: null }
    await becomes(id, [expected, { shiftId: last.shiftId, ...unknown }])

    await barcos.opened.database.sql(`DELETE FROM kit.feed_cursor WHERE source = 'personal'`)
    await personal.publish(shiftChanged(last, 'RUNNING', { positions: 0 }))
    await becomes(id, [expected, { state: 'RUNNING', isComplete: true }])
    expect(await newsOf(id)).toEqual([])
  })

  it('is told once, across a restart, beside another replica and when the feed is read anew', async () => {
    const id = await newCall()
    const { databaseUrl, opened } = barcos
    const first = await startBarcos({ issuer, personalUrl: personal.url, databaseUrl })
    const shifts = Array.from({ length: 60 }, () => shiftOf(id))
    const eventsOf = (of: typeof shifts) =>
      of.flatMap((shift) => {
        const assigned = randomUUID()
        return [
          shiftChanged(shift, 'PUBLISHED', { positions: 1 }),
          assignment('confirmed', shift, { id: assigned }),
          crewConfirmed(shift, 1),
          assignment('withdrawn', shift, { id: assigned }),
        ]
      })
    await personal.publish(...eventsOf(shifts.slice(0, 30)))
    // Ended in the midst of it, while the other instance reads the same feed.
    await first.close()
    await personal.publish(...eventsOf(shifts.slice(30)))
    const count = async () => (await newsOf(id)).length
    await expect.poll(count, patience).toBe(120)
    await opened.database.sql(`DELETE FROM kit.feed_cursor WHERE source = 'personal'`)
    const behind = shiftOf(await newCall())
    await personal.publish(shiftChanged(behind, 'PUBLISHED', { positions: 1 }))
    await becomes(behind.portCallId ?? '', [{ shiftId: behind.shiftId }])
    expect(await count()).toBe(120)
  })

  it('is for the parties of the call, and for each provider what is its own', async () => {
    const id = await newCall()
    const mooring = shiftOf(id, { serviceOrderId: await orderOf(id, 'MOORING', 'moorers') })
    const towage = shiftOf(id, {
      serviceOrderId: await orderOf(id, 'TOWAGE', 'tugs'),
      kindOfWork: 'TOWAGE',
      startsAt: at('09:00'),
    })
    const ofPort = shiftOf(id, { kindOfWork: 'GATE', startsAt: at('10:00') })
    await personal.publish(
      ...[mooring, towage, ofPort].flatMap((shift) => {
        const provider = { MOORING: 'moorers', TOWAGE: 'tugs' }[shift.kindOfWork] ?? null
        return [
          shiftChanged(shift, 'PUBLISHED', { provider, positions: 1 }),
          assignment('confirmed', shift, { id: randomUUID() }),
          crewConfirmed(shift, 1, { provider }),
        ]
      }),
    )
    await becomes(
      id,
      [mooring, towage, ofPort].map(({ shiftId }) => ({ shiftId })),
    )
    const kindsSeen = async (as?: Identity) => {
      const crews: { kindOfWork: string }[] = await crewsOf(id, as)
      return crews.map(({ kindOfWork }) => kindOfWork)
    }
    const all = ['MOORING', 'TOWAGE', 'GATE']
    expect(await Promise.all([kindsSeen(), kindsSeen(agent)])).toEqual([all, all])
    expect(await kindsSeen(moorers)).toEqual(['MOORING'])
    expect(await kindsSeen(tugs)).toEqual(['TOWAGE'])
    expect(await newsOf(id, agent)).toHaveLength(3)
    expect((await newsOf(id, tugs)).map((news) => news.slice(0, 19))).toEqual([
      'confirm TOWAGE tugs',
    ])
    expect((await read(id, otherAgent)).status).toBe(404)
    const stranger: Identity = { roles: ['service-provider'], org: 'pilots' }
    expect((await read(id, stranger)).status).toBe(404)
    expect((await read(id, { roles: ['gate-clerk'] })).status).toBe(200)
  })

  it('waits for a call that is not known here, and passes by what serves none', async () => {
    const id = await newCall()
    await barcos.post(`/v1/port-calls/${id}/cancel`, { reason: 'engine trouble' })
    const [unknown, none, own] = [shiftOf(randomUUID()), shiftOf(null), shiftOf(id)]
    await personal.publish(
      shiftChanged(unknown, 'PUBLISHED', { positions: 1 }),
      shiftChanged(none, 'PUBLISHED', { positions: 1 }),
      assignment('confirmed', none, { id: randomUUID() }),
      crewConfirmed(none, 1),
      shiftChanged(own, 'PUBLISHED', { positions: 1 }),
    )
    await becomes(id, [{ shiftId: own.shiftId }])
    expect((await read(unknown.portCallId ?? '')).status).toBe(404)
    const kept = await barcos.opened.database.sql<{ id: string }>(
      'SELECT id::text FROM crew_shift WHERE id = ANY($1::uuid[])',
      [[unknown.shiftId, none.shiftId]],
    )
    expect(kept).toEqual([{ id: unknown.shiftId }])
  })

  it('names nobody, in no table, so that there is nothing to erase', async () => {
    const id = await newCall()
    const shift = shiftOf(id)
    const employeeId = randomUUID()
    const assigned = randomUUID()
    await personal.publish(
      shiftChanged(shift, 'PUBLISHED', { positions: 1 }),
      assignment('confirmed', shift, { id: assigned, employeeId }),
      crewConfirmed(shift, 1),
      assignment('withdrawn', shift, { id: assigned, employeeId }),
    )
    await becomes(id, [{ positions: { required: 1, filled: 0 } }])
    const { sql } = barcos.opened.database
    const tables = await sql<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    )
    expect(tables.length).toBeGreaterThan(20)
    for (const { name } of tables) {
      const found = await sql(`SELECT 1 FROM ${name} AS each WHERE each::text LIKE $1`, [
        `%${employeeId}%`,
      ])
      expect([name, found.length]).toEqual([name, 0])
    }
    expect(JSON.stringify(barcos.logs())).not.toContain(employeeId)
  })

  it('is skipped and counted when it is not as agreed, and what follows goes on', async () => {
    const id = await newCall()
    const shift = shiftOf(id)
    const good = shiftChanged(shift, 'PUBLISHED', { positions: 3 })
    const bad = [
      {},
      { ...good.data, state: 'DRAFT' },
      { ...good.data, positions: -1 },
      { ...good.data, startsAt: 'soon' },
      { ...good.data, kindOfWork: 7 },
      { ...good.data, portCallId: 'x' },
    ]
    await personal.publish(...bad.map((data) => ({ ...good, data })), good)
    await becomes(id, [{ positions: { required: 3, filled: 0 } }])
    const metrics = await (await fetch(`${barcos.managementUrl}/metrics`)).text()
    expect(metrics).toContain(
      `barcos_malformed_events_total{type="personal.shift.changed"} ${bad.length}`,
    )
  })
})
