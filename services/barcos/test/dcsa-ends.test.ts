import { randomUUID } from 'node:crypto'
import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventAbout, path, system } from './dcsa-events.ts'
import { agent, nextIdentity, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
beforeAll(async () => {
  barcos = await startBarcos()
})
afterAll(() => barcos[Symbol.asyncDispose]())

const office: Identity = { roles: ['harbour-master'] }
const carrier: Identity = { ...system, subject: 'carrier-system', org: 'ocean' }
const tugs: Identity = { ...system, subject: 'tugs-system', org: 'tugs' }

/** A ship with an approved call of acme's at ESALG, which ocean carries. */
const expected = async () => {
  const identity = nextIdentity()
  const vessel = await barcos.registerVessel(identity)
  const call = await barcos.announce(vessel.id, { carrierOrganization: 'ocean' })
  await barcos.post(`/v1/port-calls/${call.id}/approve`, undefined, { as: office })
  return { identity, id: call.id as string }
}
type Told = { portCallService: { isCanceled: boolean } }
type Reported = { reportedVessel: { MMSINumber: string | null } }
type Expected = Awaited<ReturnType<typeof expected>>

const send = (events: object[], as = carrier) =>
  barcos.request('POST', path, { as, body: { events } })
const read = async (query: string, as = carrier) =>
  (await barcos.request('GET', `${path}?${query}`, { as })).body.events
const stateOf = async ({ id }: Expected) =>
  (await barcos.request('GET', `/v1/port-calls/${id}`, { as: office })).body.state
const omitting = (about: Expected) =>
  eventAbout(about, { portCall: { portCallID: about.id, isOmitted: true }, timestamp: undefined })

const orderTugs = async ({ id }: Expected) => {
  const { body } = await barcos.post(
    `/v1/port-calls/${id}/service-orders`,
    {
      portCallServiceTypeCode: 'TOWAGE',
      portCallPhaseTypeCode: 'INBD',
      providerOrganization: 'tugs',
      requestedDateTime: '2027-01-10T07:00:00Z',
    },
    { as: agent },
  )
  return body.id as string
}
const orderState = async (id: string) =>
  (await barcos.request('GET', `/v1/service-orders/${id}`, { as: office })).body.state
const towage = (about: Expected, given: object) =>
  eventAbout(about, {
    portCall: { portCallID: about.id },
    portCallService: {
      portCallServiceTypeCode: 'TOWAGE',
      portCallServiceEventTypeCode: 'STRT',
      portCallPhaseTypeCode: 'INBD',
      ...given,
    },
    timestamp: undefined,
  })

describe('the end of a call', () => {
  it('is told by its carrier and omits it, with its services', async () => {
    const about = await expected()
    await send([eventAbout(about)])
    expect((await send([omitting(about)])).body).toEqual({})
    expect(await stateOf(about)).toBe('OMITTED')
    const { body: timeline } = await barcos.request('GET', `/v1/port-calls/${about.id}/timeline`, {
      as: office,
    })
    expect(timeline.items).toContainEqual(
      expect.objectContaining({
        decision: expect.objectContaining({ action: 'omit', decidedBy: 'carrier-system' }),
      }),
    )
    // Told once more in other words it is no fault, and nothing else is taken.
    expect((await send([omitting(about)])).body).toEqual({})
    const late = eventAbout(about, { portCall: { portCallID: about.id } })
    expect((await send([late])).body.feedbackElements).toMatchObject([{ severity: 'ERROR' }])
  })

  it('is not told by who does not decide it, nor once the ship is there', async () => {
    const about = await expected()
    await orderTugs(about)
    expect((await send([omitting(about)], tugs)).body.feedbackElements).toContainEqual(
      expect.objectContaining({ severity: 'WARN', propertyPath: '$.events[0].portCall.isOmitted' }),
    )
    await barcos.post(`/v1/port-calls/${about.id}/arrive`, undefined, { as: office })
    expect((await send([omitting(about)])).body.feedbackElements).toContainEqual({
      severity: 'WARN',
      message: 'is kept with the event, and changes nothing: It is ARRIVED',
      propertyPath: '$.events[0].portCall.isOmitted',
    })
    expect(await stateOf(about)).toBe('ARRIVED')
  })

  it('is news to whoever reads, also of a call of which nothing else was told', async () => {
    const about = await expected()
    expect(await read(`portCallID=${about.id}`)).toEqual([])
    await barcos.post(`/v1/port-calls/${about.id}/omit`, { reason: 'strike' })
    const [told, ...others] = await read(`portCallID=${about.id}`)
    expect(others).toEqual([])
    expect(told).toMatchObject({
      portCall: { portCallID: about.id, isOmitted: true },
      vessel: { vesselIMONumber: about.identity.vesselIMONumber },
    })
    expect(told).not.toHaveProperty('timestamp')
    expect(await read(`portCallID=${about.id}&classifierCode=EST`)).toEqual([])
    expect(await read(`portCallID=${about.id}`, { ...system, org: 'globex' })).toEqual([])
  })

  it('comes after what was told before, and has that updated', async () => {
    const about = await expected()
    const estimate = eventAbout(about)
    await send([estimate])
    const first = await barcos.request('GET', `${path}?portCallID=${about.id}&limit=1`, {
      as: carrier,
    })
    expect(first.headers['next-page-cursor']).toBeUndefined()
    await barcos.post(`/v1/port-calls/${about.id}/omit`)
    const told = await read(`portCallID=${about.id}`)
    expect(told).toHaveLength(3)
    expect(told[0]).toMatchObject({ eventID: estimate.eventID, portCall: { isOmitted: true } })
    expect(told.slice(1)).toContainEqual(
      expect.objectContaining({
        portCallService: expect.objectContaining({
          portCallServiceTypeCode: 'BERTH',
          isCanceled: true,
        }),
      }),
    )
    expect(Date.parse(told[0].eventUpdatedDateTime)).toBeGreaterThan(
      Date.parse(estimate.eventUpdatedDateTime),
    )
  })
})

describe('the end of a service', () => {
  it('is told by its provider, and denies the order', async () => {
    const about = await expected()
    const order = await orderTugs(about)
    const cancelled = towage(about, { isCanceled: true })
    expect((await send([cancelled])).body.feedbackElements).toContainEqual(
      expect.objectContaining({ propertyPath: '$.events[0].portCallService.isCanceled' }),
    )
    expect(await orderState(order)).toBe('REQUESTED')
    expect((await send([{ ...cancelled, eventID: randomUUID() }], tugs)).body).toEqual({})
    expect(await orderState(order)).toBe('DENIED')
    expect(await read(`portCallID=${about.id}&portCallServiceTypeCode=TOWAGE`)).toMatchObject([
      { timestamp: { classifierCode: 'REQ' }, portCallService: { isCanceled: true } },
      { portCallService: { portCallServiceEventTypeCode: 'STRT', isCanceled: true } },
      { portCallService: { portCallServiceEventTypeCode: 'CMPL', isCanceled: true } },
    ])
  })

  it('is told by its consumer, and cancels the order', async () => {
    const about = await expected()
    const order = await orderTugs(about)
    await send([towage(about, { isDeclined: true })])
    expect(await orderState(order)).toBe('CANCELLED')
    const again = await send([towage(about, { isDeclined: true })])
    expect(again.body.feedbackElements).toContainEqual(
      expect.objectContaining({
        severity: 'WARN',
        propertyPath: '$.events[0].portCallService.isDeclined',
      }),
    )
  })

  it('that nobody ordered is told as well', async () => {
    const about = await expected()
    await send([eventAbout(about)])
    const portCallService = {
      portCallServiceTypeCode: 'BERTH',
      portCallServiceEventTypeCode: 'ARRI',
      portCallPhaseTypeCode: 'INBD',
      isCanceled: true,
    }
    await send([eventAbout(about, { portCallService })])
    const told = await read(`portCallID=${about.id}&portCallServiceTypeCode=BERTH`)
    expect(told.map(({ portCallService }: Told) => portCallService.isCanceled)).toEqual([
      true,
      true,
      true,
    ])
  })
})

describe('what a call has when it is told of late', () => {
  it('comes on the last pages', async () => {
    const identity = nextIdentity()
    const early = eventAbout({ identity })
    await send([early])
    const about = await expected()
    await send([eventAbout(about)])
    const { body } = await barcos.request('GET', `/v1/timestamps?orphan=true&limit=200`, {
      as: office,
    })
    const orphan = body.items.find(
      ({ reportedVessel }: Reported) => reportedVessel.MMSINumber === identity.MMSINumber,
    )
    const attached = await barcos.post(
      `/v1/timestamps/${orphan.id}/attachment`,
      { portCallId: about.id, force: true, reason: 'another ship was named' },
      { as: office },
    )
    expect(attached.status).toBe(200)
    const told = await read(`portCallID=${about.id}`)
    expect(told.map(({ eventID }: { eventID: string }) => eventID).at(-1)).toBe(early.eventID)
    expect(Date.parse(told.at(-1).eventUpdatedDateTime)).toBeGreaterThan(
      Date.parse(early.eventUpdatedDateTime),
    )
  })
})
