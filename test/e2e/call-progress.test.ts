import { startPlatform, type Platform } from '@porttrack/scripts/platform/platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announceCall } from './announced-call.ts'
import { type Client, clientOf, type Succeeding, succeeding } from './client.ts'
import { ladenContainer } from './containers.ts'

/** Time for what one service tells to be known in another, on a machine that is shared. */
const patience = { timeout: 60_000, interval: 250 }

let platform: Platform
let call: Client
let ok: Succeeding
beforeAll(async () => {
  platform = await startPlatform({
    ports: 'ephemeral',
    // The whole way is between processes that show each other certificates.
    tls: true,
    environment: { SHED_DELAY_SECONDS: '3600' },
  })
  call = clientOf(platform)
  ok = succeeding(call)
}, 180_000)
afterAll(() => platform?.stop())

const hour = 3_600_000
const at = (hours: number) => new Date(Date.now() + hours * hour).toISOString()

describe('a call that is worked', () => {
  let portCallId: string
  const references = ['CSQU3054383', 'APZU4812090'] as const
  const visits: string[] = []

  const progress = async (as: Parameters<Client>[1]['as'] = 'agent') =>
    (await call(`GET /barcos/v1/port-calls/${portCallId}/cargo-progress`, { as })).body
  const crews = async (as: Parameters<Client>[1]['as'] = 'agent') =>
    (await call(`GET /barcos/v1/port-calls/${portCallId}/crews`, { as })).body
  const news = async () => {
    const { body } = await call(`GET /barcos/v1/port-calls/${portCallId}/timeline?limit=200`, {
      as: 'agent',
    })
    type Entry = { kind: string; decision: { action: string; about: string } | null }
    return (body.items as Entry[]).flatMap(({ kind, decision }) =>
      kind === 'CARGO' || kind === 'CREW' ? [`${decision?.action} ${decision?.about}`] : [],
    )
  }
  const move = (visit: string, eventCode: string, hours: number, more: object = {}) =>
    ok(`POST /carga/v1/container-visits/${visit}/events`, {
      as: 'terminal-planner',
      body: { eventCode, eventClassifierCode: 'ACT', eventDateTime: at(hours), ...more },
    })

  it('lies at its berth, as carga knows', async () => {
    const { berth, portCall } = await announceCall(ok, {
      ship: { vesselIMONumber: '9074729', MMSINumber: '224000101', name: 'ESTRELLA' },
      eta: at(-1),
      etd: at(24),
    })
    portCallId = portCall.id
    expect(await progress()).toMatchObject({ lists: [] })
    expect(await crews()).toMatchObject({ items: [] })
    const step = (action: string, body: object = {}) =>
      ok(`POST /barcos/v1/port-calls/${portCallId}/${action}`, { as: 'harbour-master', body })
    await step('approve')
    await ok(`POST /barcos/v1/port-calls/${portCallId}/reservations`, {
      as: 'berth-planner',
      body: { berthId: berth.id, fromMetre: 30, startsAt: at(0), endsAt: at(24) },
    })
    for (const action of ['arrive', 'berth', 'start']) await step(action)
    await expect
      .poll(
        async () =>
          (await call(`GET /carga/v1/port-calls/${portCallId}`, { as: 'viewer' })).body.state,
        patience,
      )
      .toBe('WORKING')
  })

  it('shows how far a load list is, which carga was given', async () => {
    await ok('POST /carga/v1/yards/ESALG/blocks/A', {
      as: 'terminal-planner',
      body: { bays: 10, rows: 2, tiers: 2, plugBays: [] },
    })
    for (const [index, equipmentReference] of references.entries()) {
      const visit = await ok('POST /carga/v1/container-visits', {
        as: 'terminal-planner',
        body: {
          equipmentReference,
          ...ladenContainer,
          flow: 'EXPORT',
          seals: [{ number: `SEAL${index}`, source: 'SHI', type: 'BLT' }],
          loadPortCallId: portCallId,
        },
      })
      visits.push(visit.id)
      await ok(`POST /carga/v1/container-visits/${visit.id}/vgm-declarations`, {
        as: 'terminal-planner',
        body: {
          declarationReference: `VGM-${index}`,
          declarationDateTime: at(-20),
          weight: { value: 20_000, unit: 'KGM' },
          method: 'SM1',
          dateTime: at(-20),
          responsibleParty: 'Acme Shipping',
          authorizedPersonSignatory: 'Jane Doe',
        },
      })
      await move(visit.id, 'GTIN', -4)
      const slot = { block: 'A', bay: String(index + 1), row: '1', tier: '1' }
      await move(visit.id, 'YARD', -3, { position: { yard: slot } })
    }
    await ok(`POST /carga/v1/port-calls/${portCallId}/load-list/import`, {
      as: 'terminal-planner',
      headers: { 'content-type': 'text/csv' },
      body: [
        'equipmentReference,ISOEquipmentCode,isEmpty',
        ...references.map((each) => `${each},22G1,false`),
      ].join('\r\n'),
    })
    await expect
      .poll(() => progress(), patience)
      .toMatchObject({ lists: [{ list: 'LOAD', total: 2, done: 0, size20: 2 }, { total: 0 }] })
    await move(visits[0] ?? '', 'LOAD', -2)
    await expect
      .poll(() => progress(), patience)
      .toMatchObject({ lists: [{ list: 'LOAD', total: 2, done: 1, finishedAt: null }, {}] })
    await move(visits[1] ?? '', 'LOAD', -1)
    await expect
      .poll(() => progress(), patience)
      .toMatchObject({
        lists: [{ list: 'LOAD', done: 2, finishedAt: expect.any(String) }, {}],
        knowledge: { asOf: expect.any(String), ageSeconds: expect.any(Number) },
      })
    expect(await news()).toEqual(['complete LOAD'])
  })

  it('shows who serves it, once personal has confirmed the crew of an order', async () => {
    await ok('POST /personal/v1/gang-templates', {
      as: 'staff-planner',
      body: {
        name: 'Pilots',
        kindOfWork: 'PILOTAGE',
        positions: [{ role: 'PILOT' }],
        serves: { portCallServiceTypeCode: 'PILOTAGE', leadMinutes: 30, durationMinutes: 120 },
      },
    })
    const order = await ok(`POST /barcos/v1/port-calls/${portCallId}/service-orders`, {
      as: 'agent',
      body: {
        portCallServiceTypeCode: 'PILOTAGE',
        portCallPhaseTypeCode: 'OUTB',
        providerOrganization: 'pilots',
        requestedDateTime: at(30),
      },
    })
    await ok(`POST /barcos/v1/service-orders/${order.id}/confirm`, { as: 'service-provider' })
    const demand = async () =>
      (await call(`GET /personal/v1/demand/${order.id}`, { as: 'staff-planner' })).body
    await expect.poll(demand, patience).toMatchObject({ shift: { state: 'DRAFT' } })
    const shiftId: string = (await demand()).shift.id
    const shift = await ok(`GET /personal/v1/shifts/${shiftId}`, { as: 'staff-planner' })
    const employee = await ok('POST /personal/v1/employees', {
      as: 'staff-planner',
      body: {
        personnelNumber: 'P-0001',
        givenName: 'Ermenegilda',
        familyName: 'Zubizarreta',
        organization: 'pilots',
        roles: ['PILOT'],
        skills: [],
        restProfile: 'STCW_MLC',
      },
    })
    const assignment = await ok(`POST /personal/v1/shifts/${shiftId}/assignments`, {
      as: 'staff-planner',
      body: { positionId: shift.positions[0].id, employeeId: employee.id },
    })
    // A draft is nobody's business outside of personal.
    expect((await crews()).items).toEqual([])
    await ok(`POST /personal/v1/shifts/${shiftId}/publish`, { as: 'staff-planner' })
    const seen = {
      shiftId,
      serviceOrderId: order.id,
      kindOfWork: 'PILOTAGE',
      providerOrganization: 'pilots',
      state: 'PUBLISHED',
    }
    const complete = { ...seen, positions: { required: 1, filled: 1 }, isComplete: true }
    await expect.poll(() => crews(), patience).toMatchObject({ items: [complete] })
    const told = await crews('service-provider')
    expect(told).toMatchObject({ items: [complete] })
    expect(JSON.stringify(told)).not.toMatch(new RegExp(`Zubizarreta|${employee.id}`))
    expect(
      await call(`GET /barcos/v1/port-calls/${portCallId}/crews`, { as: 'tug-company' }),
    ).toMatchObject({ status: 404 })

    await ok(`POST /personal/v1/shifts/${shiftId}/assignments/${assignment.id}/withdraw`, {
      as: 'staff-planner',
      body: { reason: 'ill' },
    })
    await expect
      .poll(() => crews(), patience)
      .toMatchObject({ items: [{ positions: { required: 1, filled: 0 }, isComplete: false }] })
    expect(await news()).toEqual([
      'complete LOAD',
      'confirm PILOTAGE pilots',
      'withdraw PILOTAGE pilots',
    ])
  })

  it('says what is known, and how old it is, while carga and personal are away', async () => {
    await platform.process('personal').kill()
    await platform.process('carga').kill()
    const killedAt = Date.now()
    await platform.process('barcos').kill()
    // Whom barcos reads need not be there for it to start.
    await platform.process('barcos').start()
    const known = await progress()
    expect(known).toMatchObject({ lists: [{ list: 'LOAD', done: 2 }, {}] })
    expect(Date.parse(known.knowledge.asOf)).toBeLessThan(killedAt)
    expect(Date.parse((await crews()).knowledge.asOf)).toBeLessThan(killedAt)
    await platform.process('carga').start()
    await platform.process('personal').start()
    await expect
      .poll(async () => Date.parse((await progress()).knowledge.asOf), patience)
      .toBeGreaterThan(killedAt)
  })
})
