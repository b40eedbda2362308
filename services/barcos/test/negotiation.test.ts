import type { Identity } from '@porttrack/shared/testing/token-issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, startBarcos, type TestBarcos } from './start-barcos.ts'

let barcos: TestBarcos
let vesselId: string
beforeAll(async () => {
  barcos = await startBarcos()
  vesselId = (await barcos.registerVessel()).id
})
afterAll(() => barcos[Symbol.asyncDispose]())

const terminal: Identity = { roles: ['terminal-planner'], subject: 'terminal' }
const office: Identity = { roles: ['harbour-master'], subject: 'office' }

const berthArrival = (classifierCode: string, time: string, given: object = {}) => ({
  portCallServiceTypeCode: 'BERTH',
  portCallServiceEventTypeCode: 'ARRI',
  portCallPhaseTypeCode: 'INBD',
  classifierCode,
  serviceDateTime: `2026-11-01T${time}:00Z`,
  ...given,
})
const say = (id: string, body: object, as: Identity, headers: Record<string, string> = {}) =>
  barcos.post(`/v1/port-calls/${id}/timestamps`, body, { as, headers })
const servicesOf = async (id: string) =>
  (await barcos.request('GET', `/v1/port-calls/${id}/services`, { as: agent })).body.items

describe('the negotiation of a berth', () => {
  it('goes from the ship’s estimate by the terminal’s request to the plan and what happened', async () => {
    const { id } = await barcos.announce(vesselId)
    const state = async () => {
      const [service] = await servicesOf(id)
      return [service.negotiation.state, service.negotiation.awaits]
    }
    const estimate = await say(id, berthArrival('EST', '10:00'), agent)
    expect(estimate).toMatchObject({ status: 201, body: { party: 'SHIP', replyTo: null } })
    expect(await state()).toEqual(['ESTIMATED', 'CONSUMER'])

    const request = await say(
      id,
      berthArrival('REQ', '12:00', {
        replyTo: estimate.body.id,
        delayReasonCodes: ['STR'],
        requestedLocation: {
          UNLocationCode: 'ESALG',
          facility: { facilityCode: 'TTIA', facilityCodeListProvider: 'SMDG' },
        },
      }),
      terminal,
    )
    expect(request).toMatchObject({
      status: 201,
      body: {
        party: 'TERMINAL',
        replyTo: estimate.body.id,
        delayReasonCodes: ['STR'],
        requestedLocation: { UNLocationCode: 'ESALG', facility: { facilityCode: 'TTIA' } },
      },
    })
    expect(await state()).toEqual(['REQUESTED', 'PROVIDER'])

    const replyTo = request.body.id
    expect(await say(id, berthArrival('PLN', '12:30', { replyTo }), agent)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/serviceDateTime', code: 'REPLY_TO_REQUEST_AGREES' }] },
    })
    const { portCallPhaseTypeCode: _, ...unphased } = berthArrival('PLN', '12:00', { replyTo })
    expect(await say(id, unphased, agent)).toMatchObject({
      status: 201,
      body: { portCallPhaseTypeCode: 'INBD' },
    })
    expect(await state()).toEqual(['PLANNED', null])

    await say(id, berthArrival('ACT', '12:05'), agent)
    const services = await servicesOf(id)
    expect(services).toMatchObject([
      {
        portCallServiceTypeCode: 'BERTH',
        occurrence: 1,
        providers: ['SHIP'],
        consumers: ['PORT', 'TERMINAL'],
        negotiation: {
          state: 'DONE',
          awaits: null,
          serviceDateTime: '2026-11-01T12:05:00.000Z',
        },
      },
    ])
    const classifiers = services[0].effective.map(
      ({ classifierCode }: { classifierCode: string }) => classifierCode,
    )
    expect(classifiers).toEqual(['EST', 'REQ', 'PLN', 'ACT'])
  })

  it('refuses the wrong side, in the caller’s language', async () => {
    const { id } = await barcos.announce(vesselId)
    for (const [classifier, as] of [
      ['REQ', agent],
      ['EST', terminal],
      ['PLN', terminal],
      ['ACT', terminal],
    ] as const) {
      const answer = await say(id, berthArrival(classifier, '10:00'), as)
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ code: 'SIDE_OF_SERVICE' }] } })
    }
    const spanish = await say(id, berthArrival('REQ', '10:00'), agent, { 'accept-language': 'es' })
    expect(spanish.body).toMatchObject({
      title: 'La marca de tiempo incumple las reglas de los servicios de escala',
      errors: [{ detail: 'REQ BERTH solo lo comunica PORT o TERMINAL' }],
    })
  })

  it('lets the office speak for either side, and asks which when it says one', async () => {
    const { id } = await barcos.announce(vesselId)
    const party = async (classifier: string, given: object = {}) => {
      const { status, body } = await say(id, berthArrival(classifier, '10:00', given), office)
      return status === 201 ? body.party : body.errors[0].pointer
    }
    expect(await party('EST')).toBe('SHIP')
    expect(await party('REQ')).toBe('PORT')
    expect(await party('REQ', { onBehalfOf: 'TERMINAL' })).toBe('TERMINAL')
    expect(await party('REQ', { onBehalfOf: 'SHIP' })).toBe('#/onBehalfOf')
    expect(await party('EST', { onBehalfOf: 'PORT' })).toBe('#/onBehalfOf')
    const agentAsPort = await say(id, berthArrival('EST', '10:00', { onBehalfOf: 'PORT' }), agent)
    expect(agentAsPort.status).toBe(422)
  })

  it('takes replies within one service of one call only, and another location only with REQ', async () => {
    const { id } = await barcos.announce(vesselId)
    const other = await barcos.announce(vesselId)
    const elsewhere = await say(other.id, berthArrival('EST', '10:00'), agent)
    const faults = async (body: object, as = agent) => {
      const answer = await say(id, body, as)
      expect(answer.status).toBe(422)
      return answer.body.errors.map(({ pointer, code }: Record<string, string>) => [pointer, code])
    }
    const same = ['#/replyTo', 'REPLY_TO_SAME_SERVICE']
    for (const replyTo of [elsewhere.body.id, '0193fa00-0000-7000-8000-000000000000']) {
      expect(await faults(berthArrival('PLN', '10:00', { replyTo }))).toEqual([same])
    }
    const requestedLocation = { UNLocationCode: 'ESALG' }
    expect(await faults(berthArrival('EST', '10:00', { requestedLocation }))).toEqual([
      ['#/requestedLocation', 'LOCATION_ONLY_REQUESTED'],
    ])
    const nowhere = { requestedLocation: { UNLocationCode: 'ZZALG' } }
    expect(await faults(berthArrival('REQ', '10:00', nowhere), office)).toEqual([
      ['#/requestedLocation/UNLocationCode', 'LOCATION_ONLY_REQUESTED'],
    ])
    const shapes: [object, string][] = [
      [{ requestedLocation: {} }, '#/requestedLocation/UNLocationCode'],
      [{ delayReasonCodes: ['LATE'] }, '#/delayReasonCodes/0'],
      [{ delayReasonCodes: 'STR' }, '#/delayReasonCodes'],
      [{ replyTo: 'the last one' }, '#/replyTo'],
      [{ onBehalfOf: 'EVERYONE' }, '#/onBehalfOf'],
      [{ breaches: [] }, '#/breaches'],
    ]
    for (const [body, pointer] of shapes) {
      const answer = await say(id, berthArrival('EST', '10:00', body), agent)
      expect({ status: answer.status, pointer: answer.body.errors?.[0].pointer }).toEqual({
        status: 400,
        pointer,
      })
    }
    expect(await servicesOf(id)).toEqual([])
  })

  it('is one of a new service after the ship has shifted', async () => {
    const { id } = await barcos.announce(vesselId)
    const departure = { portCallServiceEventTypeCode: 'DEPA' }
    await say(id, berthArrival('ACT', '10:00'), agent)
    await say(id, berthArrival('ACT', '15:00', departure), agent)
    await say(id, berthArrival('ACT', '16:00'), agent)
    await say(id, berthArrival('EST', '20:00', departure), agent)
    const rows = (await servicesOf(id)).map(
      (each: {
        portCallServiceEventTypeCode: string
        occurrence: number
        negotiation: { state: string }
      }) => [each.portCallServiceEventTypeCode, each.occurrence, each.negotiation.state],
    )
    expect(rows).toEqual([
      ['ARRI', 1, 'DONE'],
      ['DEPA', 1, 'DONE'],
      ['ARRI', 2, 'DONE'],
      ['DEPA', 2, 'ESTIMATED'],
    ])
  })

  it('makes one service however many speak at once', async () => {
    const { id } = await barcos.announce(vesselId)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => say(id, berthArrival('EST', `1${n}:00`), agent)),
    )
    expect(answers.every(({ status }) => status === 201)).toBe(true)
    const ids = answers.map(({ body }) => body.portCallServiceId)
    expect(new Set(ids).size).toBe(1)
    expect(await servicesOf(id)).toHaveLength(1)
  })

  it('is paged, and not shown to those whose call it is not', async () => {
    const { id } = await barcos.announce(vesselId)
    await say(id, berthArrival('EST', '10:00'), agent)
    await say(id, berthArrival('EST', '20:00', { portCallServiceEventTypeCode: 'DEPA' }), agent)
    const path = `/v1/port-calls/${id}/services`
    const first = await barcos.request('GET', `${path}?limit=1`)
    const second = await barcos.request('GET', `${path}?limit=1&cursor=${first.body.next}`)
    expect([...first.body.items, ...second.body.items]).toEqual(await servicesOf(id))
    expect(second.body.next).toBeNull()
    const stranger: Identity = { roles: ['agent'], org: 'globex' }
    expect(await barcos.request('GET', path, { as: stranger })).toMatchObject({ status: 404 })
  })
})
